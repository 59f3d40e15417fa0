/* SPDX-License-Identifier: MIT */
/*
 * Emptying per-CPU lists, the own ones and those of other CPUs.
 *
 * How another CPU's lists are reached is the machine's drain strategy
 * (struct pcpmm_config, docs/strategies.md). Who is drained, and what happens
 * when two drain at once, is the same for all strategies since Linux 4.11;
 * the IPI strategies before that know no mutex, and ipi_all no mask.
 *
 * Drains wait, so they are refused with interrupts off and inside one. They
 * may wait for ever, as in the kernel: a worker behind a FIFO task, an IPI by
 * mailbox to a CPU that does not call in.
 */
#ifndef PCPMM_DRAIN_H
#define PCPMM_DRAIN_H

#include <pcpmm/histogram.h>
#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

#define PCPMM_DRAIN_ALL_ZONES (-1)

/*
 * Give the pages of all online CPUs' lists back to the buddy: of one zone, or
 * with @zone_type PCPMM_DRAIN_ALL_ZONES of all zones (@nid is not looked at).
 *
 * One drain at a time. A drain of all zones that finds another under way
 * returns -EBUSY at once with nothing drained: somebody is at it. A drain of
 * one zone waits for its turn.
 *
 * Only CPUs that are seen to hold pages are visited, unless @force: the look
 * is racy, a CPU that gets its first page meanwhile may be missed. Pages that
 * an owner frees during the drain are not chased.
 *
 * 0, -EBUSY, -EPERM (the thread is not on @cpu), -EINVAL (no such zone; the
 * thread has interrupts off on one of its CPUs, or is in one), -EDEADLK (this
 * thread is inside a drain already, and would wait for itself).
 */
PCPMM_API int pcpmm_drain_all_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, bool force);

/*
 * Drain CPU @id's lists of one zone from CPU @on, as drain_pages_zone()
 * does, by the machine's strategy; @pages > 0: at most so many and in one call
 * of the bulk free, as drain_zone_pages() does for a remote node's pageset;
 * only pcp_lock can do that to another CPU. 0, -EPERM, -EINVAL, -EDEADLK as
 * above, -EOPNOTSUPP (so many pages, by this strategy).
 */
PCPMM_API int pcpmm_drain_pages_zone(struct pcpmm_cpu *on, unsigned int id,
	unsigned int nid, unsigned int zone_type, unsigned int pages);

/* The own CPU's lists of one zone, or of all. 0, -EPERM, -EINVAL. */
PCPMM_API int pcpmm_drain_local_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type);

/*
 * Keep a zone's pages off all lists until enabled again: every list gets high
 * 0 and batch 1, then a forced drain empties what is there. From its return on
 * a free spills at once, so no page stays on a list (ec6e8c7e0314). Sysctls
 * that size lists meanwhile take effect when enabled.
 *
 * disable: 0, -EBUSY (disabled already), -EPERM, -EINVAL. enable: 0, -EINVAL
 * (not disabled), -EPERM.
 */
PCPMM_API int pcpmm_pcp_disable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type);
PCPMM_API int pcpmm_pcp_enable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type);

/* Sums since creation; each is one word, racy to each other. */
struct pcpmm_drain_stats {
	/* The two counters of 2012 (Ben-Yossef), never merged: drains, and
	 * drains in which fewer than half of the online CPUs had pages. */
	uint64_t pcp_global_drain;
	uint64_t pcp_global_ipi_saved;
	uint64_t busy; /* returned at once: another was under way */
	uint64_t cpus_visited;
	uint64_t cpus_interrupted; /* of those: a task was running there */
	uint64_t ipis; /* sent; a call that finds others waiting needs none */
	uint64_t works; /* queued, to workers of either kind */
	uint64_t grace_periods;
	uint64_t misses; /* kthread_posted: the caller's CPU instead */
	uint64_t pages; /* given back */
	uint64_t time_ns; /* inside drains, waiting for the turn excluded */
	uint64_t time_max_ns; /* the longest */
};

PCPMM_API void pcpmm_drain_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_stats *stats);

/* Time of each drain, waiting for the turn excluded. Any thread; racy. */
PCPMM_API void pcpmm_drain_histogram(
	const struct pcpmm_machine *machine, struct pcpmm_histogram *histogram);

PCPMM_END_DECLS

#endif
