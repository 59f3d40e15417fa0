/* SPDX-License-Identifier: MIT */
/*
 * CPUs are threads: a pthread that has entered a CPU is that CPU until it
 * leaves. One thread at a time per CPU; a thread may be several CPUs, one call
 * at a time. Handles are explicit, nothing is looked up on the hot path.
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
 * is on it, ENODEV it is offline.
 */
PCPMM_API struct pcpmm_cpu *pcpmm_cpu_enter(
	struct pcpmm_machine *machine, unsigned int id);

/*
 * Stop being @cpu; takes pending interrupts first. Errors: -EPERM this
 * thread is not on it, -EBUSY interrupts or preemption still disabled, or
 * called from within reclaim (pcpmm/reclaim.h).
 */
PCPMM_API int pcpmm_cpu_leave(struct pcpmm_cpu *cpu);

/* A thread that is a CPU, started by pcpmm_cpu_run(). */
struct pcpmm_cpu_thread;

/*
 * Start a thread, pin it to host CPU @host_cpu (-1: leave it to the host),
 * enter CPU @id and call @fn(cpu, arg). Errors: NULL with errno (as enter;
 * EAGAIN no thread; EINVAL the host has no such CPU).
 */
PCPMM_API struct pcpmm_cpu_thread *pcpmm_cpu_run(struct pcpmm_machine *machine,
	unsigned int id, int host_cpu, void (*fn)(struct pcpmm_cpu *, void *),
	void *arg);

/* Wait for the thread's @fn to return, leave the CPU, free the handle. */
PCPMM_API void pcpmm_cpu_join(struct pcpmm_cpu_thread *thread);

PCPMM_API unsigned int pcpmm_cpu_id(const struct pcpmm_cpu *cpu);
PCPMM_API unsigned int pcpmm_cpu_node(const struct pcpmm_cpu *cpu);
PCPMM_API struct pcpmm_machine *pcpmm_cpu_machine(struct pcpmm_cpu *cpu);

/*
 * Mask and unmask interrupts on the own CPU; nests. Interrupts that arrive
 * while masked run when the last enable returns. -EPERM for another thread's
 * CPU, -EINVAL for an enable without a disable.
 */
PCPMM_API int pcpmm_irq_disable(struct pcpmm_cpu *cpu);
PCPMM_API int pcpmm_irq_enable(struct pcpmm_cpu *cpu);

/*
 * Run @fn(cpu, arg) in interrupt context on @cpu: at once if the caller is on
 * it with interrupts enabled; else, with PCPMM_IPI_SIGNAL, as soon as its
 * thread has them enabled; with PCPMM_IPI_POLLED when that next enables them
 * or polls. On an idle CPU: when a thread next comes to it.
 * The library's calls are allowed inside @fn, but for those that wait (drains,
 * hotplug, sysctls). By signal, @fn runs in a signal handler. Any thread may
 * raise; from inside an interrupt a few can be on their way to a CPU at once.
 * Errors: -ENOMEM (so also that), -EINVAL, -ENODEV (offline).
 */
PCPMM_API int pcpmm_irq_raise(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/* Take pending interrupts now (a safe point). Number taken, or -EPERM. */
PCPMM_API int pcpmm_cpu_poll(struct pcpmm_cpu *cpu);

/*
 * Ask that @fn(cpu, arg) be called in interrupt context at the next moment
 * this CPU holds its pcp lock: what an interrupt that re-enters the allocator
 * meets. One shot. Own CPU only: -EPERM otherwise.
 */
PCPMM_API int pcpmm_irq_inject(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg);

/*
 * --- What runs on a CPU --------------------------------------------------
 *
 * The thread on a CPU is a task: normal, or FIFO of a priority. It decides who
 * else gets the CPU. IPIs are taken whenever interrupts are on. A work item's
 * worker (a normal task) takes the CPU over from a normal task, never from a
 * FIFO one; a FIFO kthread from tasks of lower priority than its own. Meanwhile
 * the thread stands still; it does not notice.
 *
 * Where the library would sleep (a drain that waits for workers, a mutex, a
 * grace period) it gives the CPU up, FIFO or not, as the kernel does.
 */

/*
 * Priority 1..99: run FIFO from now on; 0: as a normal task. Own CPU only, not
 * in an interrupt. 0, -EPERM, -EINVAL. Leaving the CPU ends it.
 */
PCPMM_API int pcpmm_cpu_set_fifo(struct pcpmm_cpu *cpu, unsigned int priority);

/*
 * Nothing to run: keep the CPU but let others use it until exit, which waits
 * for them. The library's calls are refused meanwhile (-EPERM). A stopped tick
 * changes who folds counters. 0, -EPERM, -EBUSY (as leave), -EINVAL (exit
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
	bool tick_stopped; /* idle_enter said so */
	unsigned int fifo; /* priority of the task on it; 0: normal */
	bool calls_pending; /* interrupts wait */
};
/* Any thread; racy. */
PCPMM_API void pcpmm_cpu_state_read(
	const struct pcpmm_cpu *cpu, struct pcpmm_cpu_state *state);

/*
 * CPU hotplug. Nobody may be on the CPU that goes. Offline drains its lists,
 * folds its diffs and events into @on (a CPU that the caller is on), then
 * updates pagesets and thresholds; online updates them too, with the kernel's
 * quirks (see docs/caveats.md). With the drain strategy kthread a CPU's worker
 * ends and begins here; if it can not be created the CPU is online without.
 * Errors: -EPERM, -EBUSY in use, -EINVAL already so, or the last online CPU,
 * or @on has interrupts off or is in one.
 */
PCPMM_API int pcpmm_cpu_offline(struct pcpmm_cpu *on, unsigned int id);
PCPMM_API int pcpmm_cpu_online(struct pcpmm_cpu *on, unsigned int id);
PCPMM_API bool pcpmm_cpu_is_online(const struct pcpmm_cpu *cpu);

PCPMM_END_DECLS

#endif
