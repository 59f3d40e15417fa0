/* SPDX-License-Identifier: MIT */
/* Pageblock types, and the words of pageblocks. */
#include "zone/pageblock.h"

#include "arch/mutant.h"
#include "zone/gate.h"

/* No frame of the pageblock belongs to another zone. */
static bool is_all_of(const struct zone *zone, uint64_t pfn)
{
	uint64_t start = round_down_pow2(pfn, PAGEBLOCK_PAGES);

	return !zone->has_inner && zone_contains(zone, start) &&
	       zone_contains(zone, start + PAGEBLOCK_PAGES - 1);
}

void zone_set_block_type(
	struct zone *zone, uint64_t pfn, enum pcpmm_migratetype type)
{
	atomic_store_relaxed_u8(
		&zone->block_type[zone_block_index(zone, pfn)], (uint8_t)type);
	if (type == PCPMM_MIGRATE_CMA)
		zone_set_flag(zone, ZONE_HAS_CMA);
	if (is_all_of(zone, pfn) && !MUTANT(WORD_KEEPS_TYPE))
		atomic_store_relaxed_u64(block_word_at(zone->memmap, pfn),
			zone->block_word[type]);
}

/* The look without the lock is racy: at worst it is taken for nothing. */
void zone_fill_block_word(struct cpu *cpu, struct zone *zone, uint64_t pfn)
{
	uint64_t *word = block_word_at(zone->memmap, pfn);

	if (!zone->block_word[zone_block_type(zone, pfn)] ||
		!is_all_of(zone, pfn))
		return;
	zone_lock_irqsave(cpu, zone);
	atomic_store_relaxed_u64(
		word, zone->block_word[zone_block_type(zone, pfn)]);
	zone_unlock_irqrestore(cpu, zone);
}
