/* SPDX-License-Identifier: MIT */
/* Pieces back to the zone; see piece_spill.h. */
#include "pcplist/piece_spill.h"

#include "pcplist/bulk.h"
#include "zone/buddy.h"

/* Under the zone lock. */
static void free_piece(struct cpu *by, struct block_owners *owners,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	buddy_free(by, owners->zone, pfn, order, type);
	block_returned(owners, pfn);
}

static unsigned int free_pieces(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	struct zone *zone = slot->zone;
	unsigned int freed = 0;

	while (freed < pages) {
		uint32_t pfn = pieces_take_for_zone(slot, pages - freed);
		const struct pcpmm_page *page = &zone->memmap[pfn];
		unsigned int order = frame_order(page);

		if (event_enabled(by, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))
			pcp_record_drain(by, zone, page);
		free_piece(by, pieces_of(slot)->owners, pfn, order,
			frame_type(page));
		freed += 1u << order;
	}
	return freed;
}

unsigned int pieces_give_back(
	struct cpu *by, struct pcp_slot *slot, int pages, bool spill)
{
	const int count = slot->own.count;
	struct zone *zone = slot->zone;
	unsigned int freed;

	pieces_merge(slot);
	zone_lock_irqsave(by, zone);
	freed = free_pieces(by, slot, (unsigned int)MIN(pages, count));
	if (spill)
		pcp_count_hold(zone, freed);
	zone_unlock_irqrestore(by, zone);
	pieces_count(&pieces_of(slot)->stats.returned_pages, freed);
	if (event_enabled(by, PCPMM_EVENT_PCP_FREE_BULK))
		pcp_record_bulk(by, slot, pages, count, freed);
	return freed;
}

void pieces_free_to_zone(struct cpu *by, struct block_owners *owners,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	zone_lock_irqsave(by, owners->zone);
	free_piece(by, owners, pfn, order, type);
	zone_unlock_irqrestore(by, owners->zone);
}
