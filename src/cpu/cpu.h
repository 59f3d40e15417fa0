/* SPDX-License-Identifier: MIT */
/*
 * A CPU: the task that runs on it, its soft interrupt mask, its preemption
 * count and the interrupts that wait for it.
 *
 * Masking is a word in memory, not a signal mask: 0.7 ns against 300 ns. An
 * interrupt that finds the CPU masked stays queued; the code that unmasks takes
 * it. calls.c has the queue, sched.c the choice of the running task, entry.c
 * what happens when interrupts are on again.
 *
 * Who writes what:
 *   owner, may             under the run lock; any thread may read them, and
 *                          learns only whether it is the owner itself
 *   irq_off, in_irq,       the owner's thread alone; an interrupt on it
 *   preempt_off, held,     leaves them as it found them, and may set missed.
 *   memalloc, missed,      irq_off is read racily by grace periods, behind a
 *   thread                 membarrier
 *   need_resched           the owner's thread, and the thread that grants it
 *                          the CPU
 *   calls                  any thread pushes, the owner takes all
 *   spent                  the owner pushes, any thread takes all
 *   curr, waiting, tid,    under the run lock; tid is read racily by a thread
 *                          that kicks: see calls.c
 *   nr_displaced           the owner's thread, under the run lock; it alone
 *                          reads it
 *   claimed                by compare-and-exchange
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <pcpmm/alloc.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/atomic.h"
#include "arch/compiler.h"
#include "arch/thread.h"
#include "cpu/task.h"

struct event_ring;
struct noise;
struct pcpmm_cpu;
struct psi_cpu;
struct rcu_record;

/*
 * irq_off counts two things: masks of this CPU, and spin locks that it holds
 * and that interrupts take, too. A soft mask holds off the interrupts of one
 * CPU, but a signal brings those of all CPUs that its thread runs as: while
 * such a lock is held, none of them may run.
 */
#define IRQ_MASKED 0x1u
#define IRQ_LOCKED 0x10000u

struct spinlock {
	uint32_t word; /* 0 free, 1 taken; atomic operations only */
};

/* A function of the program that is raised for a CPU, and its node. */
typedef void program_fn(struct pcpmm_cpu *cpu, void *arg);
struct raised_call {
	struct call call;
	struct cpu *cpu; /* gets the node back when fn begins */
	program_fn *fn;
	void *arg;
};

/* Where a non-maskable interrupt can be made to come. */
enum nmi_place {
	NMI_IN_PCP, /* inside the guard of a list */
	NMI_IN_ZONE, /* under the zone lock, between a look at a list and its use */
	NR_NMI_PLACES
};
struct nmi {
	struct call call; /* NMI_IN_PCP: in cpu->inject */
	program_fn *fn; /* NULL: none comes */
	void *arg;
};

/* The time lock's holder writes; serving is read racily, under the run lock. */
struct starvation {
	uint64_t since; /* jiffies: the period's begin; NEVER: none starves */
	uint64_t opened; /* jiffies: the window's begin, while serving */
	uint8_t serving; /* normal tasks go before FIFO tasks */
};

struct cpu {
	struct pcpmm_door door; /* first: what the public header calls */
	uint64_t may; /* see cpu_may() */
	uint64_t owner; /* thread of the running task, 0: idle */
	struct call *calls; /* newest first */
	struct call *inject; /* taken inside the next guard section */
	uint32_t trace_mask; /* events to record */
	uint32_t need_resched; /* a waiting task may go first */

	/* Another cache line: written by every section. */
	cacheline_aligned uint32_t
		irq_off; /* nesting: IRQ_MASKED, IRQ_LOCKED */
	uint32_t preempt_off; /* nesting */
	uint32_t in_irq; /* nesting */
	uint32_t held; /* lock ranks held, one bit each */
	uint32_t memalloc; /* PF_MEMALLOC: reclaims, may use the reserves */
	uint32_t missed; /* a signal came while it was IRQ_LOCKED */
	struct event_ring *ring; /* NULL: not tracing */
	struct thread *thread; /* of the running task */
	struct rcu_record *rcu_record; /* of flavour epoch; else NULL */
	uint32_t id;
	uint32_t nid; /* its node; constant */

	/* Cold. */
	struct call *spent; /* nodes of cpu_raise(), to use again */
	struct raised_call reserve[4]; /* the first of them */
	struct spinlock run_lock; /* innermost; no rank */
	uint32_t tid; /* thread to signal, 0: no task runs */
	int ipi_signal; /* 0: interrupts are polled for */
	uint8_t rcu; /* enum pcpmm_rcu: the flavour of its readers */
	uint8_t nohz_full; /* any thread, relaxed: a property, not a state */
	uint8_t tick_stopped; /* relaxed; service/tick.c says who writes */
	uint8_t stat_dirty; /* owner and who takes it down; read racily */
	uint64_t tick_next; /* jiffies that a stopped tick waits for; owner */
	struct call tick; /* its interrupt, while tick_queued */
	uint32_t tick_queued;
	uint32_t claimed; /* 1: some thread has entered it */
	struct task *curr; /* NULL: idle */
	struct task *waiting; /* longest first */
	uint32_t nr_waiting; /* of them; run lock, read racily */
	uint32_t nr_waiting_normal; /* likewise: those that are not FIFO */
	struct starvation starvation; /* of normal tasks; cpu/starvation.h */
	uint32_t nr_displaced; /* of those: preempted, perhaps in a section */
	struct task user; /* of the thread that claimed it */
	struct resched resched;
	uint32_t in_nmi; /* nesting; the owner's thread alone */
	struct nmi
		nmi[NR_NMI_PLACES]; /* its next one at each place; likewise */
	struct noise *noise; /* NULL: not accounted */
	struct psi_cpu *psi; /* run lock; NULL: psi is off */
};

static force_inline bool cpu_is_mine(const struct cpu *cpu)
{
	return atomic_load_relaxed_u64(&cpu->owner) == arch_self();
}

/*
 * The hot paths ask one word whether this thread is on the CPU and nothing is
 * unusual there: may is the owner, or 0 while events are recorded, an injected
 * interrupt waits for a guard section, or an NMI runs. Whoever changes one of these calls
 * cpu_update_may(): the thread that changes the owner, under the run lock; the
 * owner's thread; or any thread while no call runs on the CPU.
 */
static force_inline bool cpu_may(const struct cpu *cpu)
{
	return atomic_load_relaxed_u64(&cpu->may) == arch_self();
}

static inline bool cpu_is_unusual(const struct cpu *cpu)
{
	return cpu->trace_mask || cpu->inject || cpu->in_nmi;
}

/* An interrupt that comes in between and injects makes this look again. */
static inline void cpu_update_may(struct cpu *cpu, uint64_t owner)
{
	bool unusual;

	do {
		unusual = cpu_is_unusual(cpu);
		atomic_store_relaxed_u64(&cpu->may, unusual ? 0 : owner);
		compiler_barrier();
	} while (unusual != cpu_is_unusual(cpu));
}

/* Racy: the CPU may get or lose an owner at any moment. */
static inline bool cpu_is_idle(const struct cpu *cpu)
{
	return !atomic_load_relaxed_u64(&cpu->owner);
}

/*
 * The CPU as the program knows it: struct pcpmm_cpu begins with struct cpu, so
 * the two have one address.
 */
static force_inline struct pcpmm_cpu *cpu_public(struct cpu *cpu)
{
	return (struct pcpmm_cpu *)cpu;
}

static force_inline struct cpu *cpu_of(struct pcpmm_cpu *cpu)
{
	return (struct cpu *)cpu;
}

void calls_init(struct cpu *cpu);
/* Free calls that were never taken. */
void calls_fini(struct cpu *cpu);

/* Priority of the user's task; 0: normal, or no thread has entered. Racy. */
static inline uint32_t cpu_task_prio(const struct cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->claimed)
		       ? atomic_load_relaxed_u32(&cpu->user.prio)
		       : 0;
}

/* The user's task is running, so that an interruption disturbs it. */
static inline bool cpu_runs_user(const struct cpu *cpu)
{
	return cpu->curr == &cpu->user;
}

/* --- calls.c ---------------------------------------------------------- */

/*
 * Queue @call. true: the queue was empty, so an interrupt was sent. Any
 * thread; the node must stay until fn has begun.
 */
bool cpu_queue_call(struct cpu *cpu, struct call *call);
/*
 * Queue a function of the program, in a node that is provided here. -ENOMEM: no
 * memory; or, inside an interrupt, where no node is allocated: all nodes are in
 * use. Any thread.
 */
int cpu_raise(struct cpu *cpu, program_fn *fn, void *arg);
/* Likewise for the next guard section. Owner, who polls afterwards. */
int cpu_inject(struct cpu *cpu, program_fn *fn, void *arg);
/* An NMI at the next such place. Owner. -EBUSY: one will come there already. */
int cpu_inject_nmi(
	struct cpu *cpu, enum nmi_place place, program_fn *fn, void *arg);

/* --- masks ------------------------------------------------------------- */

/*
 * A call is queued. A stale false is fine: the next safe point or unmask looks
 * again.
 */
static force_inline bool cpu_has_calls(const struct cpu *cpu)
{
	return !atomic_is_null_relaxed((void *const *)&cpu->calls);
}

static force_inline void irq_mask(struct cpu *cpu)
{
	own_add_u32(&cpu->irq_off, IRQ_MASKED);
	compiler_barrier();
}

/* Takes nothing: the caller polls. */
static force_inline void irq_unmask(struct cpu *cpu)
{
	compiler_barrier();
	own_add_u32(&cpu->irq_off, -IRQ_MASKED);
	compiler_barrier();
}

#endif
