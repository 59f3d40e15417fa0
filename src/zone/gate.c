/* SPDX-License-Identifier: MIT */
/* The terms of a zone's gate, and what each change of one adds to it. */
#include "zone/gate.h"

#include "arch/mutant.h"

void zone_gate_init(struct zone *zone)
{
	vmstat_follow(&zone->stat, NR_FREE_PAGES, &zone->gate);
}

static enum zone_mark gate_mark(const struct zone *zone)
{
	return zone_flags(zone) & ZONE_LISTS_TUNED ? MARK_HIGH : MARK_LOW;
}

int64_t zone_gate_expected(const struct zone *zone)
{
	int64_t gate = vmstat_read_raw(&zone->stat, NR_FREE_PAGES);

	gate -= (int64_t)(zone_mark_pages(zone, gate_mark(zone)) +
			  zone->unusable_highatomic);
	for (uint32_t bit = 1; bit <= GATE_FLAGS; bit <<= 1)
		if (zone_flags(zone) & GATE_FLAGS & bit)
			gate -= GATE_SHUT;
	return gate;
}

static void add(struct zone *zone, int64_t amount)
{
	if (amount)
		atomic_add_relaxed_s64(&zone->gate, amount);
}

/* --- flags ---------------------------------------------------------------- */

void zone_set_flag(struct zone *zone, uint32_t flag)
{
	uint32_t old = zone_flags(zone);

	do {
		if (old & flag)
			return;
	} while (!atomic_cmpxchg_relaxed_u32(&zone->flags, &old, old | flag));
	if (flag & GATE_FLAGS)
		add(zone, -GATE_SHUT);
}

bool zone_clear_flag(struct zone *zone, uint32_t flag)
{
	uint32_t old = zone_flags(zone);

	do {
		if (!(old & flag))
			return false;
	} while (!atomic_cmpxchg_relaxed_u32(&zone->flags, &old, old & ~flag));
	if (flag & GATE_FLAGS)
		add(zone, GATE_SHUT);
	return true;
}

/* --- pages ---------------------------------------------------------------- */

/* How many pages the gate gains by the term's new value. */
static int64_t gain(uint64_t *term, uint64_t pages)
{
	return (int64_t)(atomic_xchg_relaxed_u64(term, pages) - pages);
}

void zone_set_mark(struct zone *zone, enum zone_mark mark, uint64_t pages)
{
	int64_t by = gain(&zone->mark[mark], pages);

	if (mark == gate_mark(zone))
		add(zone, by);
}

void zone_set_boost(struct zone *zone, uint64_t pages)
{
	int64_t by = gain(&zone->boost, pages);

	if (!MUTANT(GATE_WITHOUT_BOOST))
		add(zone, by);
}

void zone_set_highatomic(struct zone *zone, uint64_t pages)
{
	atomic_store_relaxed_u64(&zone->nr_reserved_highatomic, pages);
	if (!zone->rules->hides_free_reserve || MUTANT(RESERVED_HIDDEN))
		add(zone, gain(&zone->unusable_highatomic, pages));
}

void zone_add_free_highatomic(struct zone *zone, int64_t pages)
{
	if (zone->rules->hides_free_reserve)
		add(zone, gain(&zone->unusable_highatomic,
				  zone->unusable_highatomic + (uint64_t)pages));
}
