/* SPDX-License-Identifier: MIT */
/*
 * Deferred folding: who moves diffs up, and when. pcpmm_config.fold says how.
 *
 *   local    The shepherd looks at each CPU every stat_interval; where it finds
 *            a diff and no pending work it queues vmstat_update on that CPU. The
 *            work folds, counts down remote nodes' lists, and as long as it
 *            changes something comes back after another interval (mainline).
 *   remote   The shepherd folds every CPU from where it runs; nothing is ever
 *            queued (2023 series, v8).
 *   both     Both at once, for study.
 *
 * Threads only when asked for: without pcpmm_shepherd_start() a program folds
 * by pcpmm_vmstat_fold() and nobody else does.
 */
#ifndef PCPMM_FOLD_H
#define PCPMM_FOLD_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

/*
 * Start the machine's deferred work: with a local fold one worker a CPU, and
 * if @interval_ms > 0 a thread that makes a pass every so often, on an idle
 * CPU that is not nohz_full if there is one (0: passes are made when asked for; then
 * time is the program's). PCPMM_INTERVAL_SYSCTL: vm.stat_interval.
 * 0, -EBUSY (started already), -EAGAIN, -ENOMEM. At rest, or from a thread that
 * is on none of the CPUs.
 */
#define PCPMM_INTERVAL_SYSCTL (~0u)
PCPMM_API int pcpmm_shepherd_start(
	struct pcpmm_machine *machine, unsigned int interval_ms);

/* Wait for what is queued and end. Also done by pcpmm_machine_destroy(). */
PCPMM_API void pcpmm_shepherd_stop(struct pcpmm_machine *machine);

/*
 * One pass by CPU @on, as if the interval had gone by: work that waits for it
 * is queued, CPUs are looked at, or folded. Does not wait for the workers.
 * Number of CPUs that had something; -EPERM, -EINVAL (interrupts off; local
 * fold and not started).
 */
PCPMM_API int pcpmm_shepherd_pass(struct pcpmm_cpu *on);

/*
 * /proc/sys/vm/stat_refresh: fold every online CPU now. Local: a work item on
 * each, and wait for all, for ever if a FIFO task has one of the CPUs; remote:
 * from here. With pcpmm_config.refresh_drain all lists are drained before, by
 * the rules of pcpmm_drain_all_pages(). Number of global counters that are
 * negative afterwards (but for nr_zone_write_pending, nr_free_cma and
 * nr_writeback, which may be); -EPERM, -EINVAL as above.
 */
PCPMM_API int pcpmm_vmstat_refresh(struct pcpmm_cpu *on);

/* Sums since creation; each is one word, racy to each other. */
struct pcpmm_fold_stats {
	uint64_t passes;
	uint64_t works; /* queued by the shepherd */
	uint64_t requeues; /* works that found changes and come back */
	uint64_t quiet; /* folded at idle entry */
	uint64_t remote; /* CPUs folded from afar */
	uint64_t skipped; /* isolated CPUs passed by */
	uint64_t refreshes;
	uint64_t changes; /* counters that moved up */
	uint64_t pages; /* given back by remote nodes' lists */
	uint64_t time_ns; /* in passes and refreshes */
};
PCPMM_API void pcpmm_fold_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_fold_stats *stats);

/*
 * Hold open the window between the load and the store of an unlocked counter
 * update: @fn(cpu, arg) is called there. One instruction on x86-64, but two
 * accesses on the bus: what a remote fold does in between is lost (KF D.1, R2).
 * NULL closes it. 0; -EPERM without allow_unsound; -EINVAL for lock_cmpxchg and
 * irqoff accounts, which have none. At rest only.
 */
PCPMM_API int pcpmm_vmstat_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg);

/* Fold CPU @id's diffs from CPU @on (cpu_vm_stats_fold of the 2023 series).
 * Number of changes; -EPERM, -EINVAL (no such CPU, or fold is local). */
PCPMM_API int pcpmm_vmstat_fold_remote(struct pcpmm_cpu *on, unsigned int id);

PCPMM_END_DECLS

#endif
