/* SPDX-License-Identifier: MIT */
/* Pieces on and off their lists, split and merged; see pieces.h. */
#include "pcplist/pieces.h"

#include "arch/bits.h"

static void grow(
	struct pcp_slot *slot, unsigned int order, unsigned int type, int by)
{
	uint32_t *nr = &pieces_of(slot)->nr[type][order];

	atomic_store_relaxed_u32(nr, *nr + (uint32_t)by);
	pcp_add_count(&slot->own, by * (1 << order));
}

/* page->piece of another owner's block is that owner's: it is 0 and stays so. */
static void mark(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	struct zone *zone = slot->zone;
	struct pcpmm_page *page = &zone->memmap[pfn];

	frame_set_head(page, FRAME_HEAD(FRAME_PCP, order, type, zone->id));
	if (block_is_owned_by(pieces_of(slot)->owners, pfn, slot->cpu))
		page->piece = 1;
	grow(slot, order, type, 1);
}

void pieces_add(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	mark(slot, pfn, order, type);
	frame_list_add_head(
		slot->zone->memmap, &pieces_of(slot)->list[type][order], pfn);
}

void pieces_append(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	mark(slot, pfn, order, type);
	frame_list_add_tail(
		slot->zone->memmap, &pieces_of(slot)->list[type][order], pfn);
}

/* Off its list. The frame keeps state, order and type. */
static void del(struct pcp_slot *slot, uint32_t pfn)
{
	struct pcpmm_page *page = &slot->zone->memmap[pfn];
	unsigned int order = frame_order(page), type = frame_type(page);

	frame_list_del(
		slot->zone->memmap, &pieces_of(slot)->list[type][order], pfn);
	if (page->piece)
		page->piece = 0;
	grow(slot, order, type, -1);
}

/* The least order from @order up of which there is a piece; PIECE_ORDERS: none. */
static unsigned int smallest_fit(
	const struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	const struct frame_list *lists = pieces_of(slot)->list[type];

	while (order < PIECE_ORDERS && !lists[order].first)
		order++;
	return order;
}

bool pieces_fit(
	const struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	return smallest_fit(slot, order, type) < PIECE_ORDERS;
}

uint32_t pieces_take(
	struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	unsigned int fit = smallest_fit(slot, order, type);
	struct zone *zone = slot->zone;
	uint32_t pfn;

	if (fit == PIECE_ORDERS)
		return 0;
	pfn = pieces_of(slot)->list[type][fit].first;
	del(slot, pfn);
	for (; fit > order; fit--)
		pieces_add(slot, pfn + (1u << (fit - 1)), fit - 1, type);
	frame_set_head(&zone->memmap[pfn],
		FRAME_HEAD(FRAME_PCP, order, type, zone->id));
	return pfn;
}

/* The oldest piece of @order of the first type that has one; 0: none has. */
static uint32_t take_oldest(struct pcp_slot *slot, unsigned int order)
{
	for (unsigned int type = 0; type < PIECE_TYPES; type++) {
		const struct frame_list *list =
			&pieces_of(slot)->list[type][order];
		uint32_t pfn = list->last;

		if (!list->first)
			continue;
		del(slot, pfn);
		return pfn;
	}
	return 0;
}

uint32_t pieces_take_for_zone(struct pcp_slot *slot, unsigned int pages)
{
	unsigned int most = MIN(highest_bit(pages), PAGEBLOCK_ORDER);
	uint32_t pfn = 0;

	for (unsigned int order = most + 1; !pfn && order-- > 0;)
		pfn = take_oldest(slot, order);
	for (unsigned int type = 0; !pfn && type < PIECE_TYPES; type++)
		pfn = pieces_take(slot, most, type);
	return pfn;
}

/* --- merging -------------------------------------------------------------- */

/* Racy unless the frame is a piece here: see pieces.h. */
static bool is_piece(const struct zone *zone, uint32_t pfn, uint32_t head)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];

	return frame_head(page) == head && page->piece;
}

static void merge_pair(struct pcp_slot *slot, uint32_t pfn, uint32_t buddy,
	unsigned int order, unsigned int type)
{
	struct pcpmm_page *memmap = slot->zone->memmap;

	del(slot, pfn);
	del(slot, buddy);
	frame_set_head(&memmap[pfn | buddy], FRAME_HEAD(FRAME_NONE, 0, 0, 0));
	pieces_append(slot, pfn & buddy, order + 1, type);
	pieces_count(&pieces_of(slot)->stats.merges, 1);
}

static void merge_list(
	struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	struct zone *zone = slot->zone;
	const uint32_t head = FRAME_HEAD(FRAME_PCP, order, type, zone->id);
	uint32_t next;

	for (uint32_t pfn = pieces_of(slot)->list[type][order].first; pfn;
		pfn = next) {
		uint32_t buddy = pfn ^ (1u << order);

		next = zone->memmap[pfn].next;
		if (!zone->memmap[pfn].piece || !is_piece(zone, buddy, head))
			continue;
		if (next == buddy)
			next = zone->memmap[buddy].next;
		merge_pair(slot, pfn, buddy, order, type);
	}
}

void pieces_merge(struct pcp_slot *slot)
{
	for (unsigned int type = 0; type < PIECE_TYPES; type++)
		for (unsigned int order = 0; order < PAGEBLOCK_ORDER; order++)
			merge_list(slot, order, type);
}
