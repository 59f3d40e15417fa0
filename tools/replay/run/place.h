/* SPDX-License-Identifier: MIT */
/*
 * A machine in the state in which a recording begins.
 *
 * What is known goes where it was: frames held before the trace, each CPU's
 * lists in order, free blocks in the order of their first use, the type of
 * every pageblock that the trace touches. What is only known by number (the
 * rest of the free blocks, of the types, of the lists) is put into frames that
 * the trace never names, so that it can not be in the way.
 */
#ifndef REPLAY_PLACE_H
#define REPLAY_PLACE_H

#include <pcpmm/pcpmm.h>

#include "../infer/infer.h"
#include "../read/error.h"

struct replay_place_stats {
	uint64_t held_blocks; /* freed in the trace without an allocation */
	uint64_t pcp_blocks; /* on lists */
	uint64_t pcp_made_up; /* of these: never seen, only counted */
	uint64_t free_seen; /* free pages put where the trace found them */
	uint64_t free_made_up; /* free pages known by number only */
	uint64_t free_missing; /* recorded as free, no free frame found */
	uint64_t clashes; /* blocks that lie on frames already placed */
};

/*
 * The machine; @dump may be NULL (zones as inferred, everything free that the
 * trace does not show otherwise). NULL with a message.
 */
struct pcpmm_machine *replay_place(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_place_stats *stats, struct replay_error *err);

/* Zones of a dump as the inference wants them; free() both. 0 or -ENOMEM. */
int replay_place_input(const struct pcpmm_dump *dump,
	struct replay_zone **zones, size_t *nr_zones, struct replay_pcp **pcps,
	size_t *nr_pcps);

#endif
