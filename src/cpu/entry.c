/* SPDX-License-Identifier: MIT */
/*
 * Interrupt context: how a CPU takes its queued calls, and what it does on the
 * way out. The inline functions of entry.h call this file when there is something
 * to do; it lies above calls.c, runq.c, rcu.c and noise.c.
 */
#include "cpu/entry.h"

#include "arch/clock.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "cpu/runq.h"

/* --- letting others go first --------------------------------------------- */

static enum pcpmm_noise_cause cause_of(enum task_kind kind)
{
	return kind == TASK_KTHREAD ? PCPMM_NOISE_KTHREAD : PCPMM_NOISE_KWORKER;
}

/*
 * Wait until the CPU is granted to @task again. A thread that is inside a
 * section of another one of its CPUs stays a reader meanwhile.
 */
static void wait_turn(struct thread *self, struct task *task)
{
	bool reading = entry_nr_masked() != 0;

	self->reading += reading;
	runq_wait_granted(task);
	self->reading -= reading;
	atomic_fence_seq_cst(); /* [kick.look], for the next poll */
}

/* Interrupts and preemption on, not in an interrupt. */
static void preempt(struct cpu *cpu)
{
	struct thread *self = cpu->thread;
	struct task *task = cpu->curr;
	uint64_t start = clock_now_ns();
	bool preempted;
	enum task_kind by;

	preempted = runq_preempt(self, cpu, &by);
	entry_missed(self);
	if (!preempted)
		return;
	wait_turn(self, task);
	if (task->kind != TASK_USER)
		return;
	irq_save(cpu);
	noise_add(cpu, cause_of(by), clock_now_ns() - start);
	irq_restore(cpu);
}

/* --- one CPU -------------------------------------------------------------- */

/* The raiser may reuse a node as soon as its function begins. */
static unsigned int run_list(struct cpu *cpu, struct call *newest)
{
	struct call *call = call_oldest_first(newest);
	unsigned int nr = 0;

	while (call) {
		struct call *next = call->next;
		void *arg = call->arg;

		call->fn(cpu, arg);
		call = next;
		nr++;
	}
	return nr;
}

static void irq_enter(struct cpu *cpu)
{
	irq_mask(cpu);
	cpu->in_irq++;
	cpu->thread->in_irq++;
}

/* The callers look for calls that came before the mask ended. */
static void irq_exit(struct cpu *cpu)
{
	cpu->thread->in_irq--;
	cpu->in_irq--;
	irq_unmask(cpu);
}

/* A look at the waiting tasks is not noise; a task that then goes first is. */
static bool counts_as_noise(const struct call *call)
{
	while (call && call->quiet)
		call = call->next;
	return call != NULL;
}

/* Masked before the queue is taken, so that later calls run later. */
static unsigned int take_once(struct cpu *cpu)
{
	uint64_t start = clock_now_ns();
	bool counts, was_offline;
	struct call *newest;
	unsigned int nr;

	irq_enter(cpu);
	was_offline = rcu_interrupt_enter(cpu->thread);
	newest = call_take(&cpu->calls);
	counts = counts_as_noise(newest);
	nr = run_list(cpu, newest);
	if (counts && cpu_runs_user(cpu))
		noise_add(cpu, PCPMM_NOISE_IPI, clock_now_ns() - start);
	else if (counts)
		noise_add_idle(cpu, clock_now_ns() - start);
	rcu_interrupt_exit(was_offline);
	irq_exit(cpu);
	return nr;
}

unsigned int cpu_take_calls(struct cpu *cpu)
{
	unsigned int nr = 0;

	do {
		while (cpu_has_calls(cpu))
			nr += take_once(cpu);
		if (!cpu->need_resched || cpu->preempt_off)
			break;
		preempt(cpu);
	} while (cpu_has_calls(cpu));
	return nr;
}

void cpu_run_nmi(struct cpu *cpu, program_fn *fn, void *arg)
{
	irq_enter(cpu);
	cpu->in_nmi++;
	cpu_update_may(cpu, cpu->owner);
	fn(cpu_public(cpu), arg);
	cpu->in_nmi--;
	cpu_update_may(cpu, cpu->owner);
	irq_exit(cpu);
}

void cpu_take_nmi(struct cpu *cpu, enum nmi_place place)
{
	struct nmi nmi = cpu->nmi[place];

	cpu->nmi[place].fn = NULL;
	cpu_run_nmi(cpu, nmi.fn, nmi.arg);
}

void cpu_resched(struct cpu *cpu)
{
	if (cpu->preempt_off)
		return;
	if (cpu->irq_off) {
		runq_resched_later(cpu);
		return;
	}
	preempt(cpu);
	cpu_poll(cpu);
}

void cpu_take_missed(struct cpu *cpu)
{
	cpu->missed = 0;
	compiler_barrier();
	entry_signal();
}

/* Take the call that stands for an NMI out of @newest, and run it. */
static struct call *take_nmi_of(struct cpu *cpu, struct call *newest)
{
	struct call *nmi = &cpu->nmi[NMI_IN_PCP].call;
	struct call **at = &newest;

	while (*at && *at != nmi)
		at = &(*at)->next;
	if (!*at)
		return newest;
	*at = nmi->next;
	cpu_take_nmi(cpu, NMI_IN_PCP);
	return newest;
}

/* With interrupts off, injected calls join the queue until they are on. */
void cpu_take_inject(struct cpu *cpu)
{
	bool now = !cpu->irq_off;
	struct call *newest;

	irq_enter(cpu);
	newest = cpu->inject;
	cpu->inject = NULL;
	cpu_update_may(cpu, cpu->owner);
	newest = take_nmi_of(cpu, newest);
	if (now)
		run_list(cpu, newest);
	irq_exit(cpu);
	if (now) {
		cpu_poll(cpu); /* calls that came while these ran */
		return;
	}
	newest = call_oldest_first(newest);
	while (newest) {
		struct call *next = newest->next;

		call_push(&cpu->calls, newest);
		newest = next;
	}
}

/* --- all CPUs of a thread --------------------------------------------------- */

/*
 * [sched.look] acquire, pairs with [sched.owner]: the CPU may be granted before
 * its thread has woken, and an interrupt may look at it then.
 */
static bool was_handed_over(const struct cpu *cpu)
{
	return atomic_load_acquire_u64(&cpu->owner) == arch_self();
}

unsigned int entry_nr_masked(void)
{
	const struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;
	unsigned int nr = 0;

	for (; task; task = task->next_mine)
		nr += was_handed_over(task->cpu) && task->cpu->irq_off;
	return nr;
}

/* A CPU as which this thread holds a lock that interrupts take; NULL. */
static struct cpu *lock_holder(const struct thread *self)
{
	for (struct task *task = self->tasks; task; task = task->next_mine)
		if (was_handed_over(task->cpu) &&
			task->cpu->irq_off >= IRQ_LOCKED)
			return task->cpu;
	return NULL;
}

void entry_poll_all(const struct thread *self)
{
	for (struct task *task = self->tasks; task; task = task->next_mine)
		if (was_handed_over(task->cpu))
			cpu_poll(task->cpu);
}

void entry_signal(void)
{
	struct thread *self = thread_current();
	struct cpu *holder;

	if (!self)
		return;
	if (self->held_off) {
		self->missed = 1;
		return;
	}
	holder = lock_holder(self);
	if (holder)
		holder->missed = 1;
	else
		entry_poll_all(self);
}

void entry_missed(struct thread *self)
{
	if (self->held_off || !self->missed)
		return;
	self->missed = 0;
	entry_signal();
}
