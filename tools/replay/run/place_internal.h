/* SPDX-License-Identifier: MIT */
/* What the parts of placing share. */
#ifndef REPLAY_PLACE_INTERNAL_H
#define REPLAY_PLACE_INTERNAL_H

#include "place.h"

#define PAGEBLOCK_PAGES (1u << PCPMM_PAGEBLOCK_ORDER)

/* Who has a frame, while the machine is being filled. */
enum frame_use {
	USE_NOBODY,
	USE_NAMED, /* somewhere in the trace; not to be made up */
	USE_PLACED,
};

struct place {
	struct pcpmm_machine *machine;
	struct pcpmm_dump *dump;
	const struct replay_result *result;
	struct replay_place_stats *stats;
	uint8_t *use; /* [pfn] */
	uint8_t *block_known; /* [pfn >> 9]: the trace told its type */
	uint64_t end_pfn;
};

/* Created and with the recorded values; nothing placed. */
struct pcpmm_machine *place_machine(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_error *err);

/* Free pages where there is no dump: all that the trace does not name. */
void place_all_free(struct place *place);

/* An aligned block of unused frames below @below; 0: none. */
uint64_t place_find(const struct place *place, const struct replay_zone *zone,
	unsigned int order, uint64_t below);
void place_mark(struct place *place, uint64_t pfn, unsigned int order,
	enum frame_use use);

#endif
