/* SPDX-License-Identifier: MIT */
/* See drain_game.h. */
#include <pcpmm/alloc.h>

#include <errno.h>

#include "drain_game.h"
#include "foreign.h"

#define PAIRS_PER_LOOK 16

static void configure(struct pcpmm_config *config, unsigned int choice)
{
	config->drain = choice;
}

/* The pages stay on the list: below high nothing spills. */
static void fill(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	unsigned int nr = 0;

	(void)round;
	while (nr < victim->arena->settings->fill_pages) {
		victim->pages[nr] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (!victim->pages[nr]) {
			arena_fail(victim->arena, -ENOMEM);
			break;
		}
		nr++;
	}
	while (nr)
		arena_fail(victim->arena,
			pcpmm_free_pages(cpu, victim->pages[--nr], 0));
}

static void work(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	(void)round;
	for (unsigned int i = 0; i < PAIRS_PER_LOOK; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		if (!page)
			arena_fail(victim->arena, -ENOMEM);
		else
			arena_fail(
				victim->arena, pcpmm_free_pages(cpu, page, 0));
	}
}

static int drain(struct arena *arena, struct pcpmm_cpu *cpu)
{
	(void)arena;
	return pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
}

const struct arena_game drain_game = {
	.what = "a drain",
	.name = pcpmm_drain_name,
	.configure = configure,
	.start = foreign_start,
	.stop = foreign_stop,
	.prepare = fill,
	.work = work,
	.before = foreign_queue,
	.act = drain,
	.after = foreign_flush,
};
