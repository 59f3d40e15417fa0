/* SPDX-License-Identifier: MIT */
/*
 * A machine in the state in which a recording begins.
 *
 * Known pages are placed in their own frames: frames held before the trace,
 * each CPU's lists in order, free blocks in the order of their first use; and
 * every pageblock that the trace touches has its type. Pages that are only
 * known by number (the rest of the free blocks, of the types, of the lists) are
 * placed in frames that the trace never names, where they can not collide with
 * it.
 */
#ifndef REPLAY_PLACE_H
#define REPLAY_PLACE_H

#include <pcpmm/pcpmm.h>

#include "../infer/infer.h"
#include "../read/error.h"
#include "place_types.h"

/*
 * CPUs of the trace, 0..@cpus-1, that were offline in the state come online; one of
 * the first @among CPUs, which is online, does that.
 */
int replay_place_online(struct pcpmm_machine *machine, unsigned int among,
	unsigned int cpus, struct replay_error *err);

struct replay_place_stats {
	uint64_t held_blocks; /* freed in the trace without an allocation */
	uint64_t pcp_blocks; /* on lists */
	uint64_t pcp_made_up; /* of these: never seen, only counted */
	uint64_t free_seen; /* free pages in the frames of the trace */
	uint64_t free_listed; /* free pages by kpageflags alone */
	uint64_t free_made_up; /* free pages known by number only */
	uint64_t free_absent; /* recorded as free, but cannot have been there */
	uint64_t free_missing; /* recorded as free, no free frame found */
	uint64_t clashes; /* blocks on frames that were already taken */
	struct place_types types; /* with kpageflags */
};

/*
 * The machine; @dump may be NULL: then zones are as inferred, and every page is
 * free unless the trace shows otherwise. NULL after a message in @err.
 */
struct pcpmm_machine *replay_place(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_place_stats *stats, struct replay_error *err);

/* Zones of a dump as the inference wants them; free() both. 0 or -ENOMEM. */
int replay_place_input(const struct pcpmm_dump *dump,
	struct replay_zone **zones, size_t *nr_zones, struct replay_pcp **pcps,
	size_t *nr_pcps);

#endif
