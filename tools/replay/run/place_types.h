/* SPDX-License-Identifier: MIT */
/*
 * Pageblock types where free memory is known by place.
 *
 * No file tells the type of each pageblock; pagetypeinfo has numbers: pageblocks of a
 * type, and the length of each list of free blocks. A free block is on the list of
 * its pageblock's type, so the types are chosen such that the lists get these
 * lengths, as nearly as one pass over the pageblocks does it. That is a guess.
 */
#ifndef REPLAY_PLACE_TYPES_H
#define REPLAY_PLACE_TYPES_H

#include <pcpmm/pcpmm.h>

#include "../infer/infer.h"

struct place_types {
	uint64_t
		guessed; /* pageblocks with free memory whose type is a guess */
	uint64_t
		other_pages; /* in blocks that pagetypeinfo's lists do not have */
};

/*
 * Before free memory is placed in @machine. @known, [pfn >> 9], may be NULL: not 0, the
 * type is set already. Without pagetypeinfo all other pageblocks stay as they are. 0 or
 * -ENOMEM.
 */
int place_fit_types(struct pcpmm_machine *machine,
	const struct pcpmm_dump *dump, const struct replay_zone *zones,
	size_t nr_zones, const struct replay_buddy *blocks, size_t nr,
	const uint8_t *known, struct place_types *out);

#endif
