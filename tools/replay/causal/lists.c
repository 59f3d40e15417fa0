/* SPDX-License-Identifier: MIT */
/*
 * Lists read and set by names: a repair says which names a list should have, and
 * the frames, of which only the number matters, follow.
 */
#include "causal_internal.h"

static int read_frames(const struct causal *causal,
	const struct causal_slot *slot, int list, uint32_t *frames,
	unsigned max)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];

	return pcpmm_restore_pcp_frames(causal->machine, slot->cpu, zone->node,
		zone->index, list_order(causal, list), list_type(causal, list),
		frames, max);
}

unsigned list_length(
	struct causal *causal, const struct causal_slot *slot, int list)
{
	int nr = read_frames(causal, slot, list, NULL, 0);

	return nr < 0 ? 0 : (unsigned)nr;
}

bool list_top(struct causal *causal, const struct causal_slot *slot, int list,
	uint32_t *pfn)
{
	uint32_t frame;
	bool any = read_frames(causal, slot, list, &frame, 1) > 0;

	*pfn = any ? causal->name[frame] : NO_NAME;
	return any;
}

void list_frames(
	struct causal *causal, const struct causal_slot *slot, int list)
{
	struct causal_vec *frames = &causal->frames;
	int nr;

	while ((nr = read_frames(causal, slot, list, frames->at,
			(unsigned)frames->cap)) > (int)frames->cap &&
		!causal->no_memory)
		for (frames->nr = frames->cap;
			(int)frames->nr < nr && !causal->no_memory;)
			vec_push(causal, frames, 0);
	frames->nr = nr < 0 || causal->no_memory ? 0 : (size_t)nr;
}

void list_names(struct causal *causal, const struct causal_slot *slot, int list)
{
	struct causal_vec *names = &causal->names[list];

	list_frames(causal, slot, list);
	names->nr = 0;
	for (size_t i = 0; i < causal->frames.nr; i++) {
		uint32_t frame = causal->frames.at[i];
		uint32_t name = causal->name[frame];

		/* Out of date: another frame has it by now. */
		if (name != NO_NAME && causal->frame[name] != frame)
			name = NO_NAME;
		vec_push(causal, names, name);
	}
}

void list_set(struct causal *causal, const struct causal_slot *slot, int list)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];
	const struct causal_vec *names = &causal->names[list];
	unsigned order = list_order(causal, list);

	list_frames(causal, slot, list);
	for (size_t i = 0; i < causal->frames.nr; i++) {
		names_forget(causal, causal->frames.at[i], order);
		causal->home[causal->frames.at[i]] = 0;
	}
	/* No memory: the list is as long as it can be. */
	pcpmm_restore_pcp_list(causal->machine, slot->cpu, zone->node,
		zone->index, order, list_type(causal, list),
		(unsigned)names->nr);
	list_frames(causal, slot, list);
	for (size_t i = 0; i < causal->frames.nr; i++) {
		uint32_t frame = causal->frames.at[i];

		causal->home[frame] = list_home(causal, slot, list);
		if (i < names->nr && names->at[i] != NO_NAME)
			names_bind(causal, frame, names->at[i], order);
		else
			names_forget(causal, frame, order);
	}
}

void list_clear(struct causal *causal, const struct causal_slot *slot, int list)
{
	causal->names[list].nr = 0;
	list_set(causal, slot, list);
}

uint32_t list_pop(struct causal *causal, const struct causal_slot *slot,
	int list, unsigned nr)
{
	struct causal_cpu *cpu = &causal->cpus[slot->cpu];
	struct pcpmm_choice choice =
		choice_of(causal, slot->zone, list_type(causal, list), false);
	unsigned order = list_order(causal, list);
	struct pcpmm_pcp_state state = pageset_of(causal, slot).state;
	struct pcpmm_page *page = NULL;
	uint32_t frame = NO_FRAME;

	for (; nr; nr--) {
		if (order)
			page = pcpmm_recorded_alloc(
				cpu->cpu, &choice, PCPMM_GFP_KERNEL, order);
		else if (!pcpmm_recorded_alloc_bulk(
				 cpu->cpu, &choice, PCPMM_GFP_KERNEL, 1, &page))
			page = NULL;
		if (!page)
			break;
		frame = (uint32_t)pcpmm_page_to_pfn(causal->machine, page);
		causal->home[frame] = HOME_LATE | list_home(causal, slot, list);
		if (!order && causal->name[frame] == NO_NAME && nr > 1)
			vec_push(causal, &causal->spare[slot->zone], frame);
	}
	if (order)
		pageset_set(causal, slot, &state);
	return nr ? NO_FRAME : frame;
}

void list_take(struct causal *causal, const struct causal_slot *slot, int list)
{
	struct causal_vec *taken = &causal->taken;
	uint32_t last;

	for (size_t i = taken->nr; i-- > 0;)
		vec_insert(causal, &causal->names[list], 0, taken->at[i]);
	list_set(causal, slot, list);
	if (!taken->nr)
		return;
	last = list_pop(causal, slot, list, (unsigned)taken->nr);
	if (last != NO_FRAME && causal->name[last] == NO_NAME &&
		!list_order(causal, list))
		vec_push(causal, &causal->spare[slot->zone], last);
	taken->nr = 0;
}

bool list_take_one(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t pfn)
{
	long at;

	list_names(causal, slot, list);
	at = vec_find(&causal->names[list], pfn);
	if (at < 0)
		return false;
	vec_remove(&causal->names[list], (size_t)at);
	causal->taken.nr = 0;
	vec_push(causal, &causal->taken, pfn);
	list_take(causal, slot, list);
	return true;
}

void list_take_all(
	struct causal *causal, const struct causal_slot *slot, int list)
{
	causal->taken.nr = 0;
	list_names(causal, slot, list);
	for (size_t i = 0; i < causal->names[list].nr; i++)
		vec_push(causal, &causal->taken, causal->names[list].at[i]);
	causal->names[list].nr = 0;
	list_take(causal, slot, list);
}
