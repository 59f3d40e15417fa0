/* SPDX-License-Identifier: MIT */
/*
 * The scene of livelock-2010 and of failure-report-2010: 64 CPUs, 4 GiB. Each CPU
 * has taken as many pages as its diff can hold, and the buddy is empty; the
 * counter is still above min. CPU 0 asks for a page, and reclaims. The pages on
 * the LRU are dirty: a pass of reclaim starts their writeback. When that ends, the
 * CPU that takes the disk's interrupt frees 32 pages, another CPU after each pass.
 */
#ifndef STORIES_EMPTY_ZONE_H
#define STORIES_EMPTY_ZONE_H

#include "story.h"

#define EMPTY_ZONE_CPUS 64

/* The caller fills the members before the empty line, and leaves the rest zero. */
struct empty_zone {
	struct story *story;
	const char *name; /* of the act */

	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	struct pcpmm_page **cache;
	unsigned int nr_cache, passes;
	uint64_t reclaimed, least_counter, most_free; /* of all passes */
};

/* Build it, and enter CPU 0. @adjust: other axes than the preset's; NULL: none. */
struct pcpmm_cpu *empty_zone_set_up(
	struct empty_zone *zone, void (*adjust)(struct pcpmm_config *config));

/* The request of CPU 0: a page, GFP_KERNEL; NULL: none. */
struct pcpmm_page *empty_zone_ask(
	struct empty_zone *zone, struct pcpmm_cpu *cpu);

/* Free all, and leave CPU 0. */
void empty_zone_clean_up(struct empty_zone *zone, struct pcpmm_cpu *cpu);

#endif
