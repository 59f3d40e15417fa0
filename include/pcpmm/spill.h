/* SPDX-License-Identifier: MIT */
/*
 * Spills: what a free gives back to the zone when a CPU's list is at its mark,
 * and for how long the list's section lasts meanwhile.
 *
 * With the axis spill_hold at chunks ("mm/page_alloc: Batch page freeing in
 * free_frozen_page_commit", Joshua Hahn, v4 of 13 Oct 2025, in Linux 6.19) a
 * spill gives at most batch pages back, leaves the section, and enters it again
 * for the next ones; if another CPU has the list's lock by then, the spill gives
 * up.
 */
#ifndef PCPMM_SPILL_H
#define PCPMM_SPILL_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

/*
 * Sums over all CPUs and zones since creation; of frees only, drains are not in
 * them. A batched free may spill several times in one section: each counts as a
 * hold of its own.
 */
struct pcpmm_spill_stats {
	uint64_t holds; /* spills, or chunks of spills, that gave pages back */
	uint64_t pages; /* given back */
	uint64_t hold_max; /* pages, in one of the holds */
	uint64_t given_up; /* chunks: spills that lost the list's lock */
	uint64_t pages_left; /* pages that those spills did not give back */
};

/* Each field exact at rest, racy (never torn) otherwise. Any thread. */
PCPMM_API void pcpmm_spill_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_spill_stats *stats);

/*
 * Call @fn(cpu, arg) between two chunks of each spill, on the thread of the CPU
 * that frees, while no lock is held: there another CPU can take the list's lock.
 * @fn may wait for another thread, or raise an interrupt on @cpu. @fn NULL: no
 * call. At rest only. 0; -EINVAL: the machine has not drain pcp_lock with spill_hold chunks.
 */
PCPMM_API int pcpmm_spill_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg);

PCPMM_END_DECLS

#endif
