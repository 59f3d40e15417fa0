/* SPDX-License-Identifier: MIT */
/* Claims, releases, and the lists of owned blocks; see block_owner.h. */
#include "pcplist/block_owner.h"

#include "arch/mutant.h"
#include "pcplist/pieces.h"

static struct pieces *pieces_of_owner(
	const struct block_owners *owners, uint32_t owner)
{
	return pieces_of(&owners->slots[owner - 1][owners->zone->id]);
}

static struct owned_blocks *owned_of(
	const struct block_owners *owners, uint32_t owner)
{
	return &pieces_of_owner(owners, owner)->owned;
}

static void set_listed(struct owned_blocks *owned, struct block_owner *block,
	bool listed, int32_t by)
{
	block->listed = listed;
	atomic_store_relaxed_u32(
		&owned->nr_listed, owned->nr_listed + (uint32_t)by);
}

static void list(struct block_owners *owners, size_t index)
{
	struct block_owner *block = &owners->blocks[index];
	struct owned_blocks *owned = owned_of(owners, block->owner);

	if (block->listed)
		return;
	block->prev = 0;
	block->next = owned->first;
	if (owned->first)
		owners->blocks[owned->first - 1].prev = (uint32_t)index + 1;
	owned->first = (uint32_t)index + 1;
	set_listed(owned, block, true, 1);
}

void block_unlist(struct block_owners *owners, size_t index)
{
	struct block_owner *block = &owners->blocks[index];
	struct owned_blocks *owned;

	if (!block->listed)
		return;
	owned = owned_of(owners, block->owner);
	if (block->prev)
		owners->blocks[block->prev - 1].next = block->next;
	else
		owned->first = block->next;
	if (block->next)
		owners->blocks[block->next - 1].prev = block->prev;
	set_listed(owned, block, false, -1);
}

static void release(struct block_owners *owners, size_t index)
{
	struct block_owner *block = &owners->blocks[index];
	struct owned_blocks *owned = owned_of(owners, block->owner);

	block_unlist(owners, index);
	owned->nr--;
	pieces_count(&pieces_of_owner(owners, block->owner)->stats.releases, 1);
	atomic_store_relaxed_u32(&block->owner, 0);
}

void block_claim(struct pcp_slot *slot, uint64_t pfn)
{
	struct block_owners *owners = pieces_of(slot)->owners;
	size_t index = zone_block_index(owners->zone, pfn);
	struct block_owner *block = &owners->blocks[index];

	if (block->owner)
		release(owners, index);
	atomic_store_relaxed_u32(&block->owner, slot->cpu->id + 1);
	pieces_of(slot)->owned.nr++;
}

bool block_is_whole(const struct zone *zone, uint64_t pfn)
{
	for (unsigned int order = PAGEBLOCK_ORDER; order < NR_ORDERS; order++) {
		const struct pcpmm_page *head =
			&zone->memmap[round_down_pow2(pfn, 1UL << order)];

		if (frame_heads(head, FRAME_BUDDY, order) &&
			frame_zone(head) == zone->id)
			return true;
	}
	return false;
}

void block_returned(struct block_owners *owners, uint64_t pfn)
{
	size_t index = zone_block_index(owners->zone, pfn);

	if (!owners->blocks[index].owner)
		return;
	if (block_is_whole(owners->zone, pfn))
		release(owners, index);
	else if (!MUTANT(BUDDY_NOT_LISTED_AGAIN))
		list(owners, index);
}

void block_release_all(struct pcp_slot *slot)
{
	struct block_owners *owners = pieces_of(slot)->owners;
	struct owned_blocks *owned = &pieces_of(slot)->owned;

	for (size_t i = 0; i < owners->nr && owned->nr; i++)
		if (owners->blocks[i].owner == slot->cpu->id + 1)
			release(owners, i);
}
