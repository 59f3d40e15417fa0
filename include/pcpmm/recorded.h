/* SPDX-License-Identifier: MIT */
/*
 * Allocations and frees that a kernel has already decided: for a caller that
 * repeats a recording and knows from it which zone served a request, which
 * list a page entered, and whether the lists were bypassed.
 *
 * The lists, the buddy and the counters work as always; only the zone, the type
 * and whether the list's lock was free are the caller's choice. Watermarks are
 * not checked. Own CPU only; misuse is refused and counted as in pcpmm/alloc.h.
 */
#ifndef PCPMM_RECORDED_H
#define PCPMM_RECORDED_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

struct pcpmm_choice {
	unsigned int nid;
	enum pcpmm_zone_type zone_type;
	enum pcpmm_migratetype type; /* of the list; 0..2 for allocations */
	int direct; /* not 0: the buddy, without the per-CPU lists */
};

/*
 * What a request of this CPU would choose now, before it is made: the first zone of
 * node @nid's zonelist that is above its low mark, else above what the slow path
 * asks for, else the first zone (__alloc_pages(), without reclaim); the list's type;
 * direct 0. Looks only: no counter is folded, no kswapd woken. Own CPU.
 * 0, -EINVAL (flags, order or node that no request has), -EPERM.
 */
PCPMM_API int pcpmm_recorded_choice(struct pcpmm_cpu *cpu, unsigned int nid,
	uint32_t gfp, unsigned int order, struct pcpmm_choice *choice);

/* A block of 2^@order pages; NULL: the zone has none, or misuse. */
PCPMM_API struct pcpmm_page *pcpmm_recorded_alloc(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int order);

/* Up to @nr single pages in one section of the list. Number stored. */
PCPMM_API unsigned int pcpmm_recorded_alloc_bulk(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int nr,
	struct pcpmm_page **pages);

/*
 * Free onto the list of choice->type, whatever the type of the page's own
 * pageblock, which stands in for the recorded one. The zone is the page's own.
 * 0, -EINVAL, -EPERM.
 */
PCPMM_API int pcpmm_recorded_free(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, unsigned int order,
	const struct pcpmm_choice *choice);

PCPMM_END_DECLS

#endif
