/* SPDX-License-Identifier: MIT */
/*
 * Emptying per-CPU lists, the own ones and those of other CPUs.
 *
 * How another CPU's lists are reached is the machine's drain strategy
 * (struct pcpmm_config, docs/strategies.md); who is drained, and what happens
 * when two drain at once, is the same for all (Linux 4.11 to 6.12).
 */
#ifndef PCPMM_DRAIN_H
#define PCPMM_DRAIN_H

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
 * 0, -EBUSY, -EPERM (the thread is not on @cpu), -EINVAL (no such zone; @cpu
 * has interrupts off or is in one).
 */
PCPMM_API int pcpmm_drain_all_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, bool force);

/*
 * Drain CPU @id's lists of one zone from CPU @on, as drain_pages_zone()
 * does; @pages > 0: at most so many and in one call of the bulk free, as
 * drain_zone_pages() does for a remote node's pageset. Waits for no other
 * drain. 0, -EPERM, -EINVAL.
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
	uint64_t pages; /* given back */
	uint64_t time_ns; /* inside drains, waiting for the turn excluded */
	uint64_t time_max_ns; /* the longest */
};

PCPMM_API void pcpmm_drain_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_stats *stats);

PCPMM_END_DECLS

#endif
