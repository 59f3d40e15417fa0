/* SPDX-License-Identifier: MIT */
/*
 * Allocate and free page blocks, as alloc_pages() and __free_pages() do.
 *
 * Every call names the CPU it runs on; the calling thread must have entered
 * it. A call by another thread is refused and counted (pcpmm_misuse_read).
 */
#ifndef PCPMM_ALLOC_H
#define PCPMM_ALLOC_H

#include <pcpmm/types.h>
#ifdef PCPMM_INLINE_GUARD
#include <pcpmm/inline.h>
#endif

PCPMM_BEGIN_DECLS

/*
 * How a struct pcpmm_cpu begins: the two hot functions, compiled for the drain
 * strategy of its machine. pcpmm_alloc_pages() and pcpmm_free_pages() below call
 * them through the handle, which is one call less than through the library's
 * procedure linkage table. A program that does not use this header (dlopen, other
 * languages), or takes the address of one of the two, gets the exported function,
 * which does the same.
 */
struct pcpmm_door {
	struct pcpmm_page *(*alloc_pages)(
		struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
	int (*free_pages)(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
		unsigned int order);
};

/*
 * A block of 2^@order pages, order 0..10, from the zones that @gfp allows,
 * nearest node first. NULL: no memory within the watermarks, or misuse.
 */
PCPMM_API struct pcpmm_page *pcpmm_alloc_pages(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);

/* The same, preferring node @nid to the CPU's own. */
PCPMM_API struct pcpmm_page *pcpmm_alloc_pages_node(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order);

/*
 * Store up to @nr single pages in @pages (whose old contents are ignored), under
 * one hold of the list, if a zone of the preferred node stays above its low mark
 * without them; else one page, as pcpmm_alloc_pages() finds it. Number stored.
 */
PCPMM_API unsigned int pcpmm_alloc_pages_bulk(struct pcpmm_cpu *cpu,
	uint32_t gfp, unsigned int nr, struct pcpmm_page **pages);

/*
 * Give back a block with the order it was allocated with. 0, -EINVAL (double
 * free, wrong order, foreign page) or -EPERM (wrong thread). A call with an
 * error is refused and counted, and changes nothing. Two threads that free one page
 * at the same moment: pcpmm_config.free_check.
 */
PCPMM_API int pcpmm_free_pages(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

/*
 * Give back @nr single pages, up to 32 of them under one hold of a zone's list
 * (free_unref_page_list). Number of pages refused as misuse.
 */
PCPMM_API unsigned int pcpmm_free_pages_batch(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr);

/*
 * Split a held block of @order into 2^(@order - @new_order) held blocks of
 * @new_order, each to be freed by itself (split_page). 0, -EINVAL or -EPERM as
 * pcpmm_free_pages().
 */
PCPMM_API int pcpmm_split_pages(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	unsigned int order, unsigned int new_order);

/* Frame number of a page, which must come from this library. */
PCPMM_API uint64_t pcpmm_page_to_pfn(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page);

/* Page of a managed frame; NULL otherwise. Any thread. */
PCPMM_API struct pcpmm_page *pcpmm_pfn_to_page(
	struct pcpmm_machine *machine, uint64_t pfn);

/* The page's memory; NULL without backing. Valid while the machine lives. */
PCPMM_API void *pcpmm_page_address(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page);

/* State of a frame. */
enum pcpmm_page_state {
	PCPMM_PAGE_NONE, /* hole or reserved */
	PCPMM_PAGE_BUDDY, /* in a free block */
	PCPMM_PAGE_PCP, /* on a per-CPU list */
	PCPMM_PAGE_HELD, /* allocated */
	PCPMM_PAGE_LRU, /* allocated, and reclaim may free it */
	PCPMM_PAGE_DEFERRED, /* freed, and waits for the zone lock: pcpmm/nolock.h */
};

struct pcpmm_page_info {
	enum pcpmm_page_state state;
	unsigned int order; /* of the block that contains the frame */
	unsigned int nid;
	enum pcpmm_zone_type zone_type;
	enum pcpmm_migratetype block_type; /* of its pageblock */
	unsigned int zone_instance; /* of zone_type on its node; 0: the first */
};

/* State of one frame; racy, exact at rest. 0, or -EINVAL. Any thread. */
PCPMM_API int pcpmm_page_inspect(const struct pcpmm_machine *machine,
	uint64_t pfn, struct pcpmm_page_info *info);

#ifdef PCPMM_INLINE
PCPMM_INLINE struct pcpmm_page *pcpmm_alloc_pages(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	const struct pcpmm_door *door = (const struct pcpmm_door *)cpu;

#ifdef PCPMM_INLINE_GUARD
	if (door->alloc_pages == PCPMM_HOT(alloc, PCPMM_INLINE_GUARD))
		return PCPMM_HOT(alloc, PCPMM_INLINE_GUARD)(cpu, gfp, order);
#endif
	return door->alloc_pages(cpu, gfp, order);
}

PCPMM_INLINE int pcpmm_free_pages(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	const struct pcpmm_door *door = (const struct pcpmm_door *)cpu;

#ifdef PCPMM_INLINE_GUARD
	if (door->free_pages == PCPMM_HOT(free, PCPMM_INLINE_GUARD))
		return PCPMM_HOT(free, PCPMM_INLINE_GUARD)(cpu, page, order);
#endif
	return door->free_pages(cpu, page, order);
}
#endif

PCPMM_END_DECLS

#endif
