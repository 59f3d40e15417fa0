/* SPDX-License-Identifier: MIT */
/* The four phases of a refill; see piece_refill.h. */
#include "pcplist/piece_refill.h"

#include "arch/mutant.h"
#include "pcplist/bulk.h"
#include "zone/buddy.h"
#include "zone/rmqueue.h"

#define FALLBACK_MAX 256u /* blocks: what fits on a stack */

struct refill {
	struct pcp_slot *slot;
	unsigned int order, type, alloc_flags;
	unsigned int nr; /* blocks of order, by the rules */
	unsigned int pages; /* the same in pages */
	unsigned int got; /* pages */
};

static bool fits(const struct refill *refill)
{
	return pieces_fit(refill->slot, refill->order, refill->type);
}

static bool has_room(const struct pcp_slot *slot)
{
	return slot->own.count + (int)PAGEBLOCK_PAGES <=
	       pcp_spill_at(slot, slot->own.count);
}

/* --- phase 0 -------------------------------------------------------------- */

/* A free block that may be listed. Others, of HIGHATOMIC say, stay in the zone. */
static bool is_recoverable(const struct pcpmm_page *page)
{
	return frame_type(page) < PIECE_TYPES &&
	       frame_order(page) <= PAGEBLOCK_ORDER;
}

/*
 * The free pages of an owned block; it leaves owned_blocks if none is left behind.
 * The order of what is not free is racy; no free block can hide behind it, since
 * frees to the zone and to these lists wait. Pages.
 */
static unsigned int recover_block(
	struct refill *refill, struct block_owners *owners, size_t index)
{
	struct pcp_slot *slot = refill->slot;
	struct zone *zone = slot->zone;
	uint64_t pfn = block_start(owners, index), end = pfn + PAGEBLOCK_PAGES;
	unsigned int pages = 0;
	bool left = false;

	while (pfn < end) {
		const struct pcpmm_page *page = &zone->memmap[pfn];
		unsigned int order = frame_order(page); /* NONE: 0 */

		if (frame_state(page) == FRAME_BUDDY && is_recoverable(page)) {
			buddy_remove(zone, (uint32_t)pfn);
			pieces_add(slot, (uint32_t)pfn, order, refill->type);
			pages += 1u << order;
		} else if (frame_state(page) == FRAME_BUDDY) {
			left = true;
		}
		pfn += 1UL << order;
	}
	if (!left)
		block_unlist(owners, index);
	return pages;
}

static void recover_blocks(struct refill *refill)
{
	struct pieces *pieces = pieces_of(refill->slot);
	struct block_owners *owners = pieces->owners;
	uint32_t next;

	for (uint32_t at = pieces->owned.first;
		at && refill->got < refill->pages && has_room(refill->slot);
		at = next) {
		size_t index = at - 1;

		next = owners->blocks[index].next;
		if (zone_block_type(owners->zone, block_start(owners, index)) !=
				refill->type &&
			!MUTANT(BUDDY_RECOVERS_ANY_TYPE))
			continue;
		pieces_count(&pieces->stats.recovers, 1);
		refill->got += recover_block(refill, owners, index);
	}
}

/*
 * The first look is racy: a block that another CPU's free lists at this moment is
 * found by the next refill.
 */
static void recover(struct refill *refill)
{
	struct pcp_slot *slot = refill->slot;
	struct pieces *pieces = pieces_of(slot);

	if (!atomic_load_relaxed_u32(&pieces->owned.nr_listed) ||
		!has_room(slot))
		return;
	zone_lock_irqsave(slot->cpu, slot->zone);
	recover_blocks(refill);
	if (refill->got)
		__zone_taken(slot->cpu, slot->zone, refill->got,
			refill->alloc_flags);
	zone_unlock_irqrestore(slot->cpu, slot->zone);
	pieces_count(&pieces->stats.recovered_pages, refill->got);
	if (refill->got)
		pieces_merge(slot);
}

/* --- phases 1 and 2 ------------------------------------------------------- */

/* A whole block becomes one piece; it is split outside the zone lock. */
static void claim(struct refill *refill)
{
	struct pcp_slot *slot = refill->slot;

	while (refill->got < refill->pages && has_room(slot)) {
		uint32_t pfn = buddy_take(
			slot->cpu, slot->zone, PAGEBLOCK_ORDER, refill->type);

		if (!pfn)
			break;
		block_claim(slot, pfn);
		pieces_add(slot, pfn, PAGEBLOCK_ORDER, refill->type);
		refill->got += PAGEBLOCK_PAGES;
		pieces_count(&pieces_of(slot)->stats.claims, 1);
	}
}

/* The order of the next chunk, if none above @most may be had. */
static unsigned int chunk_order(
	const struct refill *refill, unsigned int pages, unsigned int most)
{
	unsigned int order = MIN(highest_bit(refill->pages - pages), most);

	return MAX(order, refill->order + 1);
}

static void take_chunks(struct refill *refill)
{
	struct pcp_slot *slot = refill->slot;
	unsigned int most = PAGEBLOCK_ORDER - 1, pages = 0;

	while (most > refill->order && pages < refill->pages) {
		unsigned int order = chunk_order(refill, pages, most);
		uint32_t pfn =
			buddy_take(slot->cpu, slot->zone, order, refill->type);

		if (!pfn) {
			most = order - 1;
			continue;
		}
		pieces_add(slot, pfn, order, refill->type);
		pages += 1u << order;
		pieces_count(&pieces_of(slot)->stats.chunks, 1);
	}
	pieces_count(&pieces_of(slot)->stats.chunk_pages, pages);
	refill->got += pages;
}

static void take_larger(struct refill *refill)
{
	struct pcp_slot *slot = refill->slot;
	unsigned int before = refill->got;

	zone_lock_irqsave(slot->cpu, slot->zone);
	claim(refill);
	if (!fits(refill) && refill->nr > 1)
		take_chunks(refill);
	if (refill->got > before)
		__zone_taken(slot->cpu, slot->zone, refill->got - before,
			refill->alloc_flags);
	zone_unlock_irqrestore(slot->cpu, slot->zone);
}

/* --- phase 3 -------------------------------------------------------------- */

/* The buffer has room for all: never called. */
static void no_more(struct pfn_sink *sink)
{
	(void)sink;
}

static void fallback(struct refill *refill)
{
	struct pcp_slot *slot = refill->slot;
	uint32_t pfns[FALLBACK_MAX];
	struct pfn_sink sink = {pfns + FALLBACK_MAX, FALLBACK_MAX, no_more};
	unsigned int got = zone_rmqueue_bulk(slot->cpu, slot->zone,
		refill->order, MIN(refill->nr, FALLBACK_MAX), refill->type,
		refill->alloc_flags, &sink);

	for (unsigned int i = 1; i <= got; i++)
		pieces_append(slot, pfns[FALLBACK_MAX - i], refill->order,
			refill->type);
	refill->got += got << refill->order;
	pieces_count(&pieces_of(slot)->stats.fallback_pages,
		(uint64_t)got << refill->order);
}

bool pieces_refill(struct pcp_slot *slot, unsigned int order, unsigned int type,
	unsigned int alloc_flags)
{
	struct pcpmm_pcp_state state = pcp_state_of(slot);
	const int nr = slot->zone->pcp_rules->refill(
		&state, slot->own.count, order, zone_flags(slot->zone));
	struct refill refill = {.slot = slot,
		.order = order,
		.type = type,
		.alloc_flags = alloc_flags,
		.nr = (unsigned int)nr,
		.pages = (unsigned int)nr << order};

	recover(&refill);
	if (!fits(&refill))
		take_larger(&refill);
	if (!fits(&refill))
		fallback(&refill);
	if (event_enabled(slot->cpu, PCPMM_EVENT_PCP_REFILL))
		pcp_record_refill(slot->cpu, slot->zone, order, type, nr,
			refill.got >> order);
	return fits(&refill);
}
