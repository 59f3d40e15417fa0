/* SPDX-License-Identifier: MIT */
/* The equations of pieces.h and block_owner.h, at rest; and lists as reported. */
#include "pcplist/piece_check.h"

#include "pcplist/piece_spill.h"
#include "pcplist/set.h"

static bool wrong(struct pcp_fault *fault, const char *what, uint64_t pfn)
{
	*fault = (struct pcp_fault){what, pfn};
	return false;
}

/* --- pieces --------------------------------------------------------------- */

/* One list: each piece says where it is; *@nr of them. */
static bool check_list(const struct pcp_slot *slot, unsigned int order,
	unsigned int type, uint32_t *nr, struct pcp_fault *fault)
{
	const struct zone *zone = slot->zone;
	const struct pieces *pieces = pieces_of(slot);
	const struct frame_list *list = &pieces->list[type][order];
	const uint32_t head = FRAME_HEAD(FRAME_PCP, order, type, zone->id);
	uint32_t prev = 0;

	/* No further than its length says: the list may be a circle. */
	for (uint32_t pfn = list->first; pfn && *nr <= pieces->nr[type][order];
		prev = pfn, pfn = zone->memmap[pfn].next, ++*nr) {
		const struct pcpmm_page *page = &zone->memmap[pfn];

		if (frame_head(page) != head || (prev && page->prev != prev))
			return wrong(fault,
				"on a list of pieces, but does not say so",
				pfn);
		if (page->piece !=
			block_is_owned_by(pieces->owners, pfn, slot->cpu))
			return wrong(fault,
				"may merge, or not, unlike its block's owner",
				pfn);
	}
	if (*nr == pieces->nr[type][order] && (!*nr || list->last == prev))
		return true;
	return wrong(fault, "last of a list of another length", prev);
}

static bool check_pieces(
	const struct pcp_slot *slot, int64_t *pages, struct pcp_fault *fault)
{
	for (unsigned int type = 0; type < PIECE_TYPES; type++)
		for (unsigned int order = 0; order < PIECE_ORDERS; order++) {
			uint32_t nr = 0;

			if (!check_list(slot, order, type, &nr, fault))
				return false;
			*pages += (int64_t)nr << order;
		}
	return true;
}

/* --- owned blocks --------------------------------------------------------- */

/* Each is this CPU's, says that it is listed, and no other number of them does. */
static bool check_listed(const struct pcp_slot *slot, struct pcp_fault *fault)
{
	const struct block_owners *owners = pieces_of(slot)->owners;
	const struct owned_blocks *owned = &pieces_of(slot)->owned;
	uint32_t nr = 0, prev = 0;

	for (uint32_t at = owned->first; at && nr <= owned->nr_listed;
		prev = at, at = owners->blocks[at - 1].next, nr++) {
		const struct block_owner *block = &owners->blocks[at - 1];

		if (block->owner != slot->cpu->id + 1 || !block->listed ||
			block->prev != prev)
			return wrong(fault,
				"its block is on owned_blocks of another CPU",
				block_start(owners, at - 1));
	}
	return nr == owned->nr_listed ||
	       wrong(fault, "owned_blocks has another length", 0);
}

static bool has_free(const struct zone *zone, uint64_t start)
{
	for (uint64_t pfn = start; pfn < start + PAGEBLOCK_PAGES; pfn++)
		if (frame_state(&zone->memmap[pfn]) == FRAME_BUDDY)
			return true;
	return false;
}

/* A block of this CPU. */
static bool check_block(
	const struct pcp_slot *slot, size_t index, struct pcp_fault *fault)
{
	const struct block_owners *owners = pieces_of(slot)->owners;
	uint64_t start = block_start(owners, index);

	if (block_is_whole(owners->zone, start))
		return wrong(fault, "its block is free, but owned", start);
	if (!owners->blocks[index].listed && has_free(owners->zone, start))
		return wrong(fault,
			"its block has free pages in the zone, but is not on "
			"owned_blocks",
			start);
	return true;
}

static bool check_blocks(const struct pcp_set *set, const struct pcp_slot *slot,
	struct pcp_fault *fault)
{
	const struct block_owners *owners = pieces_of(slot)->owners;
	const struct owned_blocks *owned = &pieces_of(slot)->owned;
	uint32_t nr = 0, listed = 0;

	if (owned->nr && !pcp_cpu_online(set, slot->cpu->id))
		return wrong(fault, "a CPU that is offline owns blocks", 0);
	for (size_t i = 0; i < owners->nr && nr < owned->nr; i++) {
		if (owners->blocks[i].owner != slot->cpu->id + 1)
			continue;
		nr++;
		listed += owners->blocks[i].listed;
		if (!check_block(slot, i, fault))
			return false;
	}
	if (nr == owned->nr && listed == owned->nr_listed)
		return true;
	return wrong(fault, "another number of owned blocks", 0);
}

static bool check(const struct pcp_set *set, const struct pcp_slot *slot,
	int64_t *pages, struct pcp_fault *fault)
{
	return check_pieces(slot, pages, fault) && check_listed(slot, fault) &&
	       check_blocks(set, slot, fault);
}

/* --- as reported and restored ---------------------------------------------------------- */

static unsigned int nr_of(
	const struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	return atomic_load_relaxed_u32(&pieces_of(slot)->nr[type][order]);
}

/* The list of order 9 for types that are not MOVABLE has those of both. */
static unsigned int length(const struct pcp_slot *slot, unsigned int list)
{
	const struct pcp_rules *rules = slot->zone->pcp_rules;
	unsigned int listed = rules->list_order(list), sum = 0;

	for (unsigned int type = 0; type < PIECE_TYPES; type++)
		for (unsigned int order = 0; order < PIECE_ORDERS; order++) {
			int of = rules->list_of(order, type);

			if (of < 0)
				of = rules->list_of(PCPMM_COSTLY_ORDER, type);
			if (of == (int)list)
				sum += nr_of(slot, order, type)
				       << (order - listed);
		}
	return sum;
}

static bool give(struct cpu *by, struct pcp_slot *slot, unsigned int order,
	unsigned int type)
{
	uint32_t pfn = pieces_take(slot, order, type);

	if (pfn)
		pieces_free_to_zone(
			by, pieces_of(slot)->owners, pfn, order, type);
	return pfn != 0;
}

const struct pcp_lists_ops pieces_lists = {
	.orders = (1u << PIECE_ORDERS) - 1,
	.check = check,
	.length = length,
	.put = pieces_append,
	.give = give,
};
