/* SPDX-License-Identifier: MIT */
/*
 * external: a guard and a drain from outside the library (pcpmm/strategy.h).
 *
 * The owner's paths are the same; its guard is called through pointers, which
 * is what it costs to come from outside.
 */
#include <errno.h>
#include <pcpmm/strategy.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "pcplist/core.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

struct external {
	char *private; /* [cpu][zone] lines */
	struct pcpmm_pcp_slot **slots; /* of one drain */
	bool begun; /* its init was called */
};

/* --- the guard -------------------------------------------------------- */

static force_inline struct pcp_lists *enter(struct pcp_slot *slot)
{
	if (likely(slot->strategy->enter(slot->external)))
		return &slot->own;
	return NULL;
}

static force_inline void leave(struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	slot->strategy->leave(slot->external);
}

static const struct pcp_guard guard = {.enter = enter, .leave = leave};

static uint32_t external_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard, slot, order, type, alloc_flags);
}

static unsigned int external_alloc_bulk(struct pcp_slot *slot,
	unsigned int type, unsigned int alloc_flags, unsigned int nr,
	struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(&guard, slot, type, alloc_flags, nr, pages);
}

static bool external_free(struct pcp_slot *slot, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	return pcp_core_free(&guard, slot, pfn, order, type);
}

static unsigned int external_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard, slot, pages, nr);
}

static unsigned int external_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	return pcp_core_drain_own(&guard, by, slot, pages);
}

/* --- draining --------------------------------------------------------- */

/* The program's drain is not called for nothing. */
static void external_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct external *state = set->state;
	struct pcp_cursor at = {0};
	struct pcp_slot *slot;
	unsigned int nr = 0;

	if (!drain->visited)
		return;
	while ((slot = pcp_next_slot(set, drain, &at)))
		state->slots[nr++] = (struct pcpmm_pcp_slot *)slot;
	drain->pages = set->external->drain(
		drain->by->context, state->slots, nr, set->external->arg);
}

static int external_init(struct pcp_set *set)
{
	size_t nr = (size_t)set->nr_cpus * set->nr_zones;
	struct external *state = calloc(1, sizeof(*state));
	char *at;

	set->state = state;
	if (!state)
		return -ENOMEM;
	state->private = at = memory_alloc_aligned(nr * PCPMM_SLOT_PRIVATE_MAX);
	state->slots = calloc(nr, sizeof(state->slots[0]));
	if (!at || !state->slots)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			set->slots[cpu][i].external = at;
			set->slots[cpu][i].strategy = set->external;
			at += PCPMM_SLOT_PRIVATE_MAX;
		}
	state->begun = true;
	return set->external->init ? set->external->init(set->external->arg)
				   : 0;
}

static void external_fini(struct pcp_set *set)
{
	struct external *state = set->state;

	if (!state)
		return;
	if (state->begun && set->external->fini)
		set->external->fini(set->external->arg);
	free(state->private);
	free(state->slots);
	free(state);
}

const struct pcp_drain_ops external_ops = {
	.name = "external",
	.alloc = external_alloc,
	.alloc_bulk = external_alloc_bulk,
	.free = external_free,
	.free_batch = external_free_batch,
	.drain_own = external_drain_own,
	.drain_mask = external_drain_mask,
	.init = external_init,
	.fini = external_fini,
};
