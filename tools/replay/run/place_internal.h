/* SPDX-License-Identifier: MIT */
/* Shared by the files of placing. */
#ifndef REPLAY_PLACE_INTERNAL_H
#define REPLAY_PLACE_INTERNAL_H

#include "place.h"

#define PAGEBLOCK_PAGES (1u << PCPMM_PAGEBLOCK_ORDER)

/* Use of a frame while the machine is being filled. */
enum frame_use {
	USE_NOBODY,
	USE_NAMED, /* the trace names it later; not for made-up pages */
	USE_PLACED,
};

struct place {
	struct pcpmm_machine *machine;
	struct pcpmm_dump *dump;
	const struct replay_result *result;
	struct replay_place_stats *stats;
	uint8_t *use; /* [pfn] */
	uint8_t *block_known; /* [pfn >> 9]: type known from the trace */
	uint32_t *whole; /* [dump's zone * PCPMM_NR_MIGRATETYPES + type] */
	uint64_t end_pfn;
};

/* Create the machine with the recorded values; no page is placed. */
struct pcpmm_machine *place_machine(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_error *err);

/* The same of a configuration that @change has changed; 0 or -errno with a message. */
struct pcpmm_machine *place_machine_changed(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	int (*change)(struct pcpmm_config *config, const void *arg,
		struct replay_error *err),
	const void *arg, struct replay_error *err);

/* Without a dump: free all pages that the trace does not name. */
void place_all_free(struct place *place);

/* An aligned block of unused frames below @below; 0: none. */
uint64_t place_find(const struct place *place, const struct replay_zone *zone,
	unsigned int order, uint64_t below);
void place_mark(struct place *place, uint64_t pfn, unsigned int order,
	enum frame_use use);

#endif
