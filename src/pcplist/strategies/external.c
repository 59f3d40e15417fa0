/* SPDX-License-Identifier: MIT */
/*
 * external: a guard and a drain from outside the library (pcpmm/strategy.h).
 *
 * Owner pays: the program's guard, and two calls through pointers
 * (guard_external.h).
 * Interrupted, and progress: as the program's drain does and promises.
 */
#include <errno.h>
#include <pcpmm/strategy.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "pcplist/guard_external.h"
#include "pcplist/owner.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"
#include "pcplist/bulk.h"

struct external {
	struct external_slot *outside; /* [cpu][zone], each slot's private */
	struct pcpmm_pcp_slot **slots; /* of one drain */
	bool begun; /* its init was called */
};

/* --- public functions of a slot --------------------------------------- */

static struct pcp_slot *slot_of(const struct pcpmm_pcp_slot *slot)
{
	return (struct pcp_slot *)slot;
}

void *pcpmm_slot_private(struct pcpmm_pcp_slot *slot)
{
	struct external_slot *outside = slot_of(slot)->private;

	return outside->memory;
}

struct pcpmm_cpu *pcpmm_slot_cpu(struct pcpmm_pcp_slot *slot)
{
	return cpu_public(slot_of(slot)->cpu);
}

unsigned int pcpmm_slot_count(const struct pcpmm_pcp_slot *slot)
{
	return (unsigned int)pcp_count(slot_of(slot));
}

unsigned int pcpmm_slot_free(
	struct pcpmm_cpu *by, struct pcpmm_pcp_slot *opaque, unsigned int pages)
{
	struct cpu *cpu = cpu_of(by);
	struct pcp_slot *slot = slot_of(opaque);
	unsigned int count = (unsigned int)slot->own.count;

	if (!cpu_is_mine(cpu) || !count || !pages)
		return 0;
	return pcp_free_bulk(
		cpu, slot, &slot->own, (int)MIN(pages, count), PCP_DRAIN);
}

/* --- draining --------------------------------------------------------- */

/* The program's drain is called only if there is a CPU to visit. */
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
		cpu_public(drain->by), state->slots, nr, set->external->arg);
}

static int external_init(struct pcp_set *set)
{
	const struct pcpmm_strategy *strategy = set->external;
	size_t nr = (size_t)set->smp->nr * set->nr_zones;
	struct external *state = calloc(1, sizeof(*state));
	struct external_slot *at;

	set->state = state;
	if (!state)
		return -ENOMEM;
	state->outside = at = memory_alloc_aligned(nr * sizeof(*at));
	state->slots = calloc(nr, sizeof(state->slots[0]));
	if (!at || !state->slots)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			at->enter = strategy->enter;
			at->leave = strategy->leave;
			set->slots[cpu][i].private = at++;
		}
	state->begun = true;
	return strategy->init ? strategy->init(strategy->arg) : 0;
}

static void external_fini(struct pcp_set *set)
{
	struct external *state = set->state;

	if (!state)
		return;
	if (state->begun && set->external->fini)
		set->external->fini(set->external->arg);
	free(state->outside);
	free(state->slots);
	free(state);
}

static void external_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	const struct pcp_slot *slot = set->slots[0];

	memory->here.list = sizeof(slot->private) +
			    sizeof(struct external_slot) +
			    sizeof(struct pcpmm_pcp_slot *);
	memory->here.machine = pcp_mask_size(set) + sizeof(struct external);
	memory->kernel_known = false;
}

const struct pcp_drain_ops external_ops = {
	.name = "external",
	.owner = &external_owner,
	.drain_mask = external_drain_mask,
	.memory = external_memory,
	.init = external_init,
	.fini = external_fini,
};
