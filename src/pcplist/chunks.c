/* SPDX-License-Identifier: MIT */
/* A spill that gives the list's lock up between two chunks; see chunks.h. */
#include "pcplist/chunks.h"

#include "arch/mutant.h"
#include "pcplist/core.h"

/* The lock is lost. The counts are sums of all CPUs: relaxed adds. */
static void give_up(struct zone *zone, int left)
{
	atomic_add_relaxed_u64(&zone->spills.given_up, 1);
	atomic_add_relaxed_u64(&zone->spills.pages_left, (uint64_t)left);
}

/* The rest of a spill whose first @done pages are with the zone. */
static int rest_of(struct pcp_slot *slot, int count, int pages, int done)
{
	int high = atomic_load_relaxed_s32(&slot->high);

	if (MUTANT(CHUNKS_AMOUNT_AGAIN))
		return pcp_freed(slot, MAX(count, high), 0);
	return pages - done;
}

/*
 * A block larger than a chunk is not split, but counts as a chunk only: as in
 * the kernel, a spill of n pages from lists of order 9 takes n / batch blocks, if
 * there are as many.
 */
bool pcp_free_chunks(const struct pcp_guard *guard, struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int freed)
{
	const struct pcp_chunks *chunks = slot->zone->spill_chunks;
	const int batch = atomic_load_relaxed_s32(&slot->batch);
	struct cpu *cpu = slot->cpu;

	for (;;) {
		int chunk = MIN(pages, batch);

		pcp_free_bulk(cpu, slot, pcp, chunk, freed);
		pages = rest_of(slot, pcp->count, pages, chunk);
		if (pages <= 0 || (!pcp->count && !MUTANT(CHUNKS_OF_NOTHING)))
			return true;
		guard->leave(cpu, slot, pcp);
		cpu_poll(cpu);
		if (unlikely(chunks->window != NULL))
			chunks->window(cpu_public(cpu), chunks->window_arg);
		pcp = pcp_enter(guard, slot);
		if (unlikely(!pcp)) {
			give_up(slot->zone, pages);
			return MUTANT(CHUNKS_LOSS_UNTOLD);
		}
	}
}
