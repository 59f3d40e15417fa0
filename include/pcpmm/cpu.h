/* SPDX-License-Identifier: MIT */
/*
 * CPUs are threads: a pthread that has entered a CPU is that CPU until it
 * leaves. One thread at a time per CPU; a thread may be several CPUs, and each
 * of its calls names one of them. Handles are explicit, so the hot path looks
 * nothing up.
 */
#ifndef PCPMM_CPU_H
#define PCPMM_CPU_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

/* CPU @id's handle, for reading; NULL when there is none. Any thread. */
PCPMM_API struct pcpmm_cpu *pcpmm_cpu_get(
	struct pcpmm_machine *machine, unsigned int id);

/*
 * Become CPU @id. NULL with errno: EINVAL no such CPU, EBUSY another thread
 * is on the CPU, ENODEV the CPU is offline; ENOMEM or EAGAIN at the first CPU
 * of a thread: no memory for what the library keeps of the thread, or no key
 * of thread-specific data is left in the process.
 */
PCPMM_API struct pcpmm_cpu *pcpmm_cpu_enter(
	struct pcpmm_machine *machine, unsigned int id);

/*
 * Leave @cpu, after its pending interrupts have run. Errors: -EPERM this
 * thread is not on @cpu, -EBUSY interrupts or preemption still disabled, or
 * called from within reclaim (pcpmm/reclaim.h) or a work item.
 */
PCPMM_API int pcpmm_cpu_leave(struct pcpmm_cpu *cpu);

/* A thread on a CPU, started by pcpmm_cpu_run(). */
struct pcpmm_cpu_thread;

/*
 * Start a thread, pin it to host CPU @host_cpu (-1: leave it to the host),
 * enter CPU @id and call @fn(cpu, arg). Errors: NULL with errno (as enter;
 * EAGAIN no thread; EINVAL the host has no such CPU).
 */
PCPMM_API struct pcpmm_cpu_thread *pcpmm_cpu_run(struct pcpmm_machine *machine,
	unsigned int id, int host_cpu, void (*fn)(struct pcpmm_cpu *, void *),
	void *arg);

/* Wait until @fn has returned and the thread has left; free the handle. */
PCPMM_API void pcpmm_cpu_join(struct pcpmm_cpu_thread *thread);

PCPMM_API unsigned int pcpmm_cpu_id(const struct pcpmm_cpu *cpu);
PCPMM_API unsigned int pcpmm_cpu_node(const struct pcpmm_cpu *cpu);
PCPMM_API struct pcpmm_machine *pcpmm_cpu_machine(struct pcpmm_cpu *cpu);

/*
 * Mask and unmask interrupts on the own CPU. Calls nest; interrupts that arrive
 * while masked run inside the last enable. -EPERM for another thread's CPU,
 * -EINVAL for an enable without a disable.
 */
PCPMM_API int pcpmm_irq_disable(struct pcpmm_cpu *cpu);
PCPMM_API int pcpmm_irq_enable(struct pcpmm_cpu *cpu);

/*
 * Run @fn(cpu, arg) in interrupt context on @cpu:
 *
 *   at once, if the caller is on @cpu with interrupts enabled;
 *   with PCPMM_IPI_SIGNAL, as soon as @cpu's thread has interrupts enabled;
 *   with PCPMM_IPI_POLLED, when that thread next enables interrupts or polls;
 *   on an idle CPU, when a thread next takes the CPU.
 *
 * @fn may call the library, except for calls that wait (drains, hotplug,
 * sysctls). With PCPMM_IPI_SIGNAL it runs in a signal handler. Any thread may
 * raise. Errors: -EINVAL (no @fn), -ENODEV (offline), -ENOMEM. An interrupt
 * that raises another one can not allocate memory: it uses one of a few nodes
 * that @cpu has, and -ENOMEM says that all of them are in use.
 */
PCPMM_API int pcpmm_irq_raise(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/* Run pending interrupts now (a safe point). Number run, or -EPERM. */
PCPMM_API int pcpmm_cpu_poll(struct pcpmm_cpu *cpu);

/*
 * Run @fn(cpu, arg) in interrupt context when this CPU next holds its pcp
 * lock, as an interrupt that re-enters the allocator would. One shot. Own CPU
 * only. 0, -EPERM, -EINVAL (no @fn), -ENOMEM.
 */
PCPMM_API int pcpmm_irq_inject(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/*
 * --- Non-maskable interrupts -------------------------------------------------
 *
 * An NMI comes whatever is masked, and inside any lock: the function finds the
 * locks taken that the interrupted code holds. It may allocate and free by
 * pcpmm/nolock.h, and read; other calls as this CPU are refused (-EPERM).
 */

/* Run @fn(cpu, arg) as an NMI, now. Own CPU only. 0, -EPERM, -EINVAL (no @fn). */
PCPMM_API int pcpmm_nmi_run(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/* Where an NMI comes. */
enum pcpmm_nmi_place {
	/* Inside a section of the CPU's lists. */
	PCPMM_NMI_IN_PCP,
	/* Under a zone lock, where a request takes a block of another migratetype:
	 * the block is chosen and not taken yet. */
	PCPMM_NMI_IN_ZONE,
};

/*
 * The same when this CPU is next at @place. One shot. Own CPU only. 0, -EPERM,
 * -EINVAL (no @fn, or no such place), -EBUSY (one will come there already).
 */
PCPMM_API int pcpmm_nmi_inject(struct pcpmm_cpu *cpu,
	enum pcpmm_nmi_place place, void (*fn)(struct pcpmm_cpu *, void *),
	void *arg);

/*
 * --- What runs on a CPU --------------------------------------------------
 *
 * The thread on a CPU is a task, normal or FIFO with a priority. That decides
 * which other tasks get the CPU:
 *
 *   an IPI runs whenever interrupts are on;
 *   a work item's worker, a normal task, takes the CPU over from a normal task,
 *   never from a FIFO task;
 *   a FIFO kthread takes it over from any task of lower priority.
 *
 * The displaced thread does not run meanwhile, and does not notice.
 *
 * A task that sleeps inside the library (in a drain that waits for workers, on
 * a mutex, for a grace period) releases its CPU, FIFO or not, as in the kernel.
 */

/*
 * Priority 1..99: a FIFO task from now on; 0: a normal task. A thread that
 * leaves the CPU loses the priority. Own CPU only, not in an interrupt or a work
 * item.
 * 0, -EPERM, -EINVAL.
 */
PCPMM_API int pcpmm_cpu_set_fifo(struct pcpmm_cpu *cpu, unsigned int priority);

/*
 * Idle: the thread keeps the CPU, and other tasks may run on it until exit,
 * which waits for them. Between the two the library refuses the thread's calls
 * as this CPU (-EPERM). If the tick is stopped, the CPU may fold its counters
 * itself (pcpmm_config.fold_quiet). 0, -EPERM, -EBUSY (as leave), -EINVAL (exit
 * without enter).
 */
PCPMM_API int pcpmm_cpu_idle_enter(struct pcpmm_cpu *cpu, bool tick_stopped);
PCPMM_API int pcpmm_cpu_idle_exit(struct pcpmm_cpu *cpu);

/* Mark a CPU isolated, or not (nohz_full=). Any thread. */
PCPMM_API void pcpmm_cpu_set_nohz_full(struct pcpmm_cpu *cpu, bool nohz_full);

struct pcpmm_cpu_state {
	bool online;
	bool nohz_full;
	bool idle; /* no thread on it, or idle_enter */
	bool tick_stopped; /* see pcpmm/tick.h */
	unsigned int fifo; /* priority of the task on it; 0: normal */
	bool calls_pending; /* interrupts are pending */
	unsigned int waiting; /* tasks that wait for the CPU */
};
/* Any thread; racy. */
PCPMM_API void pcpmm_cpu_state_read(
	const struct pcpmm_cpu *cpu, struct pcpmm_cpu_state *state);

/*
 * CPU hotplug, by a caller that is on the CPU @on. Offline drains the lists of
 * CPU @id, folds its diffs and its events into @on, then updates pagesets and
 * thresholds. Online updates them too, with the kernel's quirks (see
 * docs/caveats.md). With the drain strategy kthread, offline ends the CPU's
 * worker, and online creates one; if that fails, the CPU is online without a
 * worker. Errors: -EPERM; -EBUSY: a thread is on CPU @id, or a work item
 * of the program is queued or runs there; -EINVAL: the CPU is
 * offline or online already, or is the last online CPU, or the caller has
 * interrupts off or is in an interrupt.
 */
PCPMM_API int pcpmm_cpu_offline(struct pcpmm_cpu *on, unsigned int id);
PCPMM_API int pcpmm_cpu_online(struct pcpmm_cpu *on, unsigned int id);
PCPMM_API bool pcpmm_cpu_is_online(const struct pcpmm_cpu *cpu);

PCPMM_END_DECLS

#endif
