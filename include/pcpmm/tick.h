/* SPDX-License-Identifier: MIT */
/*
 * The time of a machine, in ticks, and the tick of each CPU.
 *
 * Time stands still until a program lets it go by: by hand, with
 * pcpmm_tick_advance(); by a pass of the shepherd, which is one vm.stat_interval
 * (pcpmm/fold.h); or by a thread of the library, pcpmm_tick_start().
 *
 * Every CPU has a tick, which runs or is stopped (tick_stopped of
 * pcpmm_cpu_state_read()):
 *
 *   it stops     when the CPU goes idle and says that it may,
 *                pcpmm_cpu_idle_enter(cpu, true); and on a nohz_full CPU that
 *                runs one task, at its next tick
 *   it restarts  at idle exit, but not on a nohz_full CPU that runs one task;
 *                and on a nohz_full CPU on which a second task waits, unless a
 *                FIFO task has the CPU
 *
 * The timekeeper, the first CPU online that is not nohz_full, keeps its tick at
 * idle if any CPU is nohz_full. While a tick runs, the timers of its CPU expire;
 * while it is stopped, deferrable timers do not: among them those of the work
 * items that fold counters. The moment at which a tick stops is the one at which
 * quiet_vmstat() folds (pcpmm_config.fold_quiet).
 *
 * Only a nohz_full CPU with a task is interrupted by its tick here, until the
 * tick stops. The timers of all other CPUs are run in their place.
 * (tick_nohz_stop_tick(), tick_nohz_full_update_tick(), Linux 6.1.)
 */
#ifndef PCPMM_TICK_H
#define PCPMM_TICK_H

#include <pcpmm/types.h>
#include <stdbool.h>
#include <stdint.h>

PCPMM_BEGIN_DECLS

#define PCPMM_HZ 250 /* ticks a second */

/* Ticks that have gone by since creation. Any thread. */
PCPMM_API uint64_t pcpmm_jiffies(const struct pcpmm_machine *machine);

/*
 * @ticks go by: timers expire, and CPUs take their ticks. A thread that is on
 * CPUs takes theirs before this returns; another thread's CPU takes its tick
 * when it takes interrupts. Any thread, also one that is on no CPU; several
 * threads at once take turns. 0; -EBUSY: a thread of the library drives the time.
 */
PCPMM_API int pcpmm_tick_advance(struct pcpmm_machine *machine, uint64_t ticks);

/*
 * Start a thread that lets a tick go by every @tick_us microseconds, 1 to
 * 1000000; 4000 is real time. 0, -EINVAL, -EBUSY (there is one already),
 * -EAGAIN, -ENOMEM. Any thread.
 */
PCPMM_API int pcpmm_tick_start(
	struct pcpmm_machine *machine, unsigned int tick_us);
/* End it. pcpmm_machine_destroy() does it, too. */
PCPMM_API void pcpmm_tick_stop(struct pcpmm_machine *machine);

/*
 * The task on @cpu returns to user mode. On a nohz_full CPU with a stopped tick
 * that folds its counters, with fold_quiet = dirty or user_return. With lru_drain =
 * user_return a nohz_full CPU's LRU batch goes to the lists. 0; -EPERM; -EBUSY:
 * interrupts or preemption are off.
 */
PCPMM_API int pcpmm_cpu_user_return(struct pcpmm_cpu *cpu);

/*
 * Make CPU @id nohz_full, or not, while it runs, as a cpuset does from 7.0 on.
 * With pcpmm_config.isolation_flush the call then waits for the work items that
 * were queued to the CPU; a work item whose timer runs still comes, until it finds
 * nothing to fold. Behind a FIFO task on CPU @id that takes as long as the task.
 * 0; -EPERM, -EINVAL (no such CPU; interrupts or preemption off; no other online
 * CPU would be left that is not nohz_full). The caller is on @on.
 */
PCPMM_API int pcpmm_cpu_isolate(
	struct pcpmm_cpu *on, unsigned int id, bool isolated);

PCPMM_END_DECLS

#endif
