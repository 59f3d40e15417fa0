/* SPDX-License-Identifier: MIT */
/* Frames that the trace never names. */
#include "place_internal.h"

static bool is_nobodys(
	const struct place *place, uint64_t pfn, unsigned int order)
{
	const uint8_t *use = place->use + pfn;

	for (unsigned int i = 0; i < 1u << order; i++)
		if (use[i] != USE_NOBODY)
			return false;
	return true;
}

uint64_t place_find(const struct place *place, const struct replay_zone *zone,
	unsigned int order, uint64_t below)
{
	uint64_t size = 1ull << order;
	uint64_t pfn = below & ~(size - 1);

	while (pfn >= zone->start_pfn + size) {
		pfn -= size;
		if (is_nobodys(place, pfn, order))
			return pfn;
	}
	return 0;
}

void place_all_free(struct place *place)
{
	for (size_t i = 0; i < place->result->nr_zones; i++) {
		const struct replay_zone *zone = &place->result->zones[i];

		for (unsigned int order = PCPMM_NR_ORDERS; order-- > 0;) {
			uint64_t pfn =
				(uint64_t)zone->start_pfn + zone->spanned;

			while ((pfn = place_find(place, zone, order, pfn))) {
				if (pcpmm_restore_free(
					    place->machine, pfn, order))
					break;
				place_mark(place, pfn, order, USE_PLACED);
				place->stats->free_made_up += 1ull << order;
			}
		}
	}
}
