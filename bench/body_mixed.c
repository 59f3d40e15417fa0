/* SPDX-License-Identifier: MIT */
/*
 * Blocks of orders 0 to 4; each replaces a random one of 256 live blocks. The
 * sequence is drawn beforehand, so that drawing it is not measured.
 */
#include "bench.h"
#include "clock.h"

#define SLOTS 256

void mixed_prepare(struct lane *lane, struct rng *rng)
{
	for (unsigned int i = 0; i < STEPS_MAX; i++)
		lane->steps[i] = (struct step){
			.slot = (uint16_t)rng_below(rng, SLOTS),
			.order = (uint16_t)rng_below(rng, 5),
		};
	for (unsigned int i = 0; i < SLOTS; i++)
		lane->pages[i] = NULL;
}

/* The first turn of a slot frees nothing; the warm-up has all first turns. */
bool mixed_chunk(struct lane *lane, struct sample *sample)
{
	const struct contestant *who = lane->who;
	uint64_t start = time_ns();

	for (unsigned int i = 0; i < STEPS_MAX; i++) {
		struct step step = lane->steps[i];
		struct pcpmm_page **slot = &lane->pages[step.slot];

		if (*slot && who->free(lane->cpu, *slot,
				     lane->slot_order[step.slot]))
			return false;
		*slot = who->alloc(lane->cpu, PCPMM_GFP_KERNEL, step.order);
		if (!*slot)
			return false;
		lane->slot_order[step.slot] = (uint8_t)step.order;
	}
	*sample = (struct sample){
		.alloc_ns = time_ns() - start, .pairs = STEPS_MAX};
	return true;
}

void mixed_finish(struct lane *lane)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		if (!lane->pages[i])
			continue;
		if (lane->who->free(
			    lane->cpu, lane->pages[i], lane->slot_order[i]))
			lane->failed = true;
		lane->pages[i] = NULL;
	}
}
