/* SPDX-License-Identifier: MIT */
/*
 * Put a machine into a recorded state: create it with PCPMM_BOOT_HELD, then
 * say which frames were free, which were on which CPU's list, and which
 * values the kernel had computed. At rest only. Each call conserves pages, and
 * pcpmm_validate() succeeds after it.
 *
 * All return 0, -EINVAL (no such frame, type, zone or CPU) or -EBUSY (a frame
 * is not in the state that the call needs).
 */
#ifndef PCPMM_RESTORE_H
#define PCPMM_RESTORE_H

#include <pcpmm/rules.h>

PCPMM_BEGIN_DECLS

/*
 * Set the type of the pageblock of @pfn; its free pages change lists. One of
 * HIGHATOMIC is a part of the high-atomic reserve.
 */
PCPMM_API int pcpmm_restore_block_type(struct pcpmm_machine *machine,
	uint64_t pfn, enum pcpmm_migratetype type);

/* Held frames become one free block at the tail of its list; no merging. */
PCPMM_API int pcpmm_restore_free(
	struct pcpmm_machine *machine, uint64_t pfn, unsigned int order);

/* Held frames become one block at the tail of @cpu's list of @type. */
PCPMM_API int pcpmm_restore_pcp(struct pcpmm_machine *machine, unsigned int cpu,
	uint64_t pfn, unsigned int order, enum pcpmm_migratetype type);

/* Held frames become one held block of @order, to be freed as such. */
PCPMM_API int pcpmm_restore_held(
	struct pcpmm_machine *machine, uint64_t pfn, unsigned int order);

/*
 * Make a list hold exactly @blocks blocks: the surplus goes from its tail to
 * the buddy, what is missing comes from the buddy (-ENOMEM if there is none).
 */
PCPMM_API int pcpmm_restore_pcp_list(struct pcpmm_machine *machine,
	unsigned int cpu, unsigned int nid, unsigned int zone_type,
	unsigned int order, enum pcpmm_migratetype type, unsigned int blocks);

/*
 * Which blocks are on a list: the first frames of up to @max blocks, the next one
 * to be allocated first. Returns how many blocks the list has, which may be more
 * than @max; -EOPNOTSUPP where the drain strategy keeps its lists in another form.
 */
PCPMM_API int pcpmm_restore_pcp_frames(struct pcpmm_machine *machine,
	unsigned int cpu, unsigned int nid, unsigned int zone_type,
	unsigned int order, enum pcpmm_migratetype type, uint32_t *frames,
	unsigned int max);

/* A zone's values in the kernel; the next recalculation overwrites them. */
struct pcpmm_zone_values {
	uint64_t min, low, high; /* pages, without boost */
	uint64_t boost; /* pages */
	uint64_t protection[PCPMM_NR_ZONES]; /* lowmem_reserve, pages */
};
PCPMM_API int pcpmm_restore_zone(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type,
	const struct pcpmm_zone_values *values);

/* One CPU's pageset of one zone: high and batch in pages, free_factor 0..6;
 * -1 leaves free_factor alone, and from 6.7 there is none. */
PCPMM_API int pcpmm_restore_pageset(struct pcpmm_machine *machine,
	unsigned int cpu, unsigned int nid, unsigned int zone_type, int high,
	int batch, int free_factor);

/*
 * The same with all that the rules remember (pcpmm/rules.h). The bounds of high are
 * the zone's: those of the last call hold for all CPUs. PCPMM_PCP_FREE_HIGH_BATCH is
 * the machine's (cpu_cache_kbytes), and is ignored.
 */
PCPMM_API int pcpmm_restore_pcp_state(struct pcpmm_machine *machine,
	unsigned int cpu, unsigned int nid, unsigned int zone_type,
	const struct pcpmm_pcp_state *state);

/* From 6.7: whether an allocation has found the zone below its high watermark. */
PCPMM_API int pcpmm_restore_below_high(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, int below);

/* Whether kswapd is balancing the zone (ZONE_RECLAIM_ACTIVE). */
PCPMM_API int pcpmm_restore_reclaim_active(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, int active);

PCPMM_END_DECLS

#endif
