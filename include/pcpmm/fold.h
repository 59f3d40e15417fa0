/* SPDX-License-Identifier: MIT */
/*
 * Deferred folding: which thread adds a CPU's diffs to the shared counters, and
 * when. pcpmm_config.fold is one of:
 *
 *   local    The shepherd checks each CPU every stat_interval. If the CPU has
 *            a diff and no pending work item, the shepherd queues vmstat_update
 *            on that CPU. The work item folds, counts down remote nodes' lists,
 *            and runs again after another interval if it changed something
 *            (mainline).
 *   remote   The shepherd folds every CPU from its own CPU; no work item is
 *            ever queued (2023 series, v8).
 *   both     Both at once, for study.
 *
 * The library starts no thread by itself: without pcpmm_shepherd_start() only
 * the program's own calls fold, such as pcpmm_vmstat_fold().
 */
#ifndef PCPMM_FOLD_H
#define PCPMM_FOLD_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

/*
 * Start the machine's shepherd: the workers of pcpmm/workqueue.h unless the fold
 * is remote or they run already, and a thread, if @interval_ms > 0, that makes a
 * pass every @interval_ms on an idle CPU that is not nohz_full, if there is one.
 * @interval_ms 0: the program makes the passes and thereby decides how time
 * goes by. PCPMM_INTERVAL_SYSCTL: the interval is vm.stat_interval. 0, -EBUSY
 * (started already), -EAGAIN, -ENOMEM. At rest, or from a thread that is on
 * none of the CPUs.
 */
#define PCPMM_INTERVAL_SYSCTL (~0u)
#define PCPMM_INTERVAL_TICKS (~0u - 1)
PCPMM_API int pcpmm_shepherd_start(
	struct pcpmm_machine *machine, unsigned int interval_ms);

/* Wait for queued work items and end. pcpmm_machine_destroy() does it, too. */
PCPMM_API void pcpmm_shepherd_stop(struct pcpmm_machine *machine);

/*
 * One pass by CPU @on, as if the interval had gone by: with a local fold it
 * queues the work items that are due and those of CPUs with diffs, with a
 * remote fold it folds the CPUs. It does not wait for the workers. Number of
 * work items queued and of CPUs with changes; -EPERM, -EINVAL (interrupts off;
 * local fold and not started).
 */
PCPMM_API int pcpmm_shepherd_pass(struct pcpmm_cpu *on);

/*
 * /proc/sys/vm/stat_refresh: fold every online CPU now. Local: queue a work
 * item on each CPU and wait for all of them, for ever if a FIFO task has one of
 * the CPUs. Remote: fold them from @on. With pcpmm_config.refresh_drain all
 * lists are drained before, by the rules of pcpmm_drain_all_pages(). Number of
 * global counters that are negative afterwards (without nr_zone_write_pending,
 * nr_free_cma and nr_writeback, which may be negative); -EPERM, -EINVAL as
 * above. With layout 5.10, 0, or -EINVAL if any counter of the zones is negative: it
 * was folded all the same.
 */
PCPMM_API int pcpmm_vmstat_refresh(struct pcpmm_cpu *on);

/*
 * Sums since creation. Each field is read as one atomic 64-bit load; two fields
 * may be of different moments.
 */
struct pcpmm_fold_stats {
	uint64_t passes;
	uint64_t works; /* work items queued, by passes and refreshes */
	uint64_t requeues; /* work items that found changes and run again */
	uint64_t quiet; /* folds at idle entry */
	uint64_t remote; /* folds of a CPU by another one */
	uint64_t skipped; /* isolated CPUs that a pass left out */
	uint64_t refreshes;
	uint64_t changes; /* counters that a fold changed */
	uint64_t pages; /* given back from remote nodes' lists */
	uint64_t time_ns; /* in passes and refreshes */
	/* Reader fold_when_low: checks that found the counter below low, and the
	 * interrupts that they sent. */
	uint64_t low_checks;
	uint64_t low_ipis;
};
PCPMM_API void pcpmm_fold_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_fold_stats *stats);

/*
 * Call @fn(cpu, arg) between the load and the store of each unlocked counter
 * update. The update is one instruction on x86-64 (cmpxchg without LOCK), but
 * two memory accesses. Its store overwrites the effect of a remote fold in
 * between, as in v1 of "fold per-CPU vmstats remotely" (linux-mm, February
 * 2023). @fn NULL: no call, and the update is one instruction again. 0; -EPERM
 * without allow_unsound; -EINVAL for the accounts lock_cmpxchg and irqoff,
 * which never call @fn. At rest only.
 */
PCPMM_API int pcpmm_vmstat_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg);

/* Fold CPU @id's diffs from CPU @on (cpu_vm_stats_fold of the 2023 series).
 * Number of changes; -EPERM, -EINVAL (no such CPU, or fold is local). */
PCPMM_API int pcpmm_vmstat_fold_remote(struct pcpmm_cpu *on, unsigned int id);

PCPMM_END_DECLS

#endif
