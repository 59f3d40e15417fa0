/* SPDX-License-Identifier: MIT */
/*
 * A list after a wrong prediction of an allocation, in step mode: it is put into the
 * state that the recording shows.
 */
#include "causal_internal.h"

/* The page @pfn leaves the simulation's books, wherever it is. */
static void remove_elsewhere(struct causal *causal, uint32_t pfn)
{
	uint32_t frame = names_frame(causal, pfn);
	struct causal_slot *slot;
	long at;
	int list;

	if (frame == NO_FRAME)
		return;
	if (list_of_home(causal, frame, &slot, &list)) {
		list_names(causal, slot, list);
		at = vec_find(&causal->names[list], pfn);
		if (at >= 0) {
			vec_remove(&causal->names[list], (size_t)at);
			list_set(causal, slot, list);
			causal->run->adjusted.taken_unseen++;
		}
	}
	if (causal->frame[pfn] != NO_FRAME)
		names_forget(causal, causal->frame[pfn], 0);
}

/* What the refill left on the list: all but the page that was allocated. */
static void refilled_names(struct causal *causal, int list,
	const struct causal_refill *recorded, uint32_t allocated)
{
	causal->names[list].nr = 0;
	for (size_t i = 0; i < recorded->pfns.nr; i++)
		if (recorded->pfns.at[i] != allocated)
			vec_push(causal, &causal->names[list],
				recorded->pfns.at[i]);
}

/* A refill of which the simulation knew nothing: what it had was taken unseen. */
static uint32_t mend_missed(struct causal *causal, struct causal_slot *slot,
	int list, const struct causal_refill *recorded, uint32_t pfn)
{
	uint32_t first;

	causal->run->adjusted.taken_unseen +=
		list_length(causal, slot, list) + 1;
	causal->run->adjusted.lists_set++;
	list_take_all(causal, slot, list);
	first = list_pop(causal, slot, list, 1);
	if (first == NO_FRAME)
		return NO_FRAME;
	did_collect(causal, &causal->cpus[slot->cpu]);
	refill_name(causal, slot, list, &first, 1, recorded);
	refilled_names(causal, list, recorded, pfn);
	list_set(causal, slot, list);
	causal->home[first] = 0;
	return first;
}

/* The zone had nothing to refill from: the blocks come from memory in use. */
static void mend_empty(struct causal *causal, const struct causal_slot *slot,
	int list, const struct causal_refill *recorded, uint32_t pfn)
{
	unsigned nr;

	for (size_t i = 1; i < recorded->pfns.nr; i++)
		names_fresh_listed(causal, slot, list);
	nr = list_length(causal, slot, list);
	refilled_names(causal, list, recorded, pfn);
	if (causal->names[list].nr > nr)
		causal->names[list].nr = nr;
	list_set(causal, slot, list);
	causal->run->adjusted.lists_set++;
}

static void mend_false(
	struct causal *causal, struct causal_slot *slot, int list)
{
	list_clear(causal, slot, list);
	slot->known &= (uint16_t) ~(1u << list);
	causal->run->adjusted.lists_forgotten++;
}

/* A refill of another size: the list gets the recorded one. */
static void mend_size(struct causal *causal, const struct causal_slot *slot,
	int list, const struct causal_refill *recorded, uint32_t pfn)
{
	refilled_names(causal, list, recorded, pfn);
	list_set(causal, slot, list);
	if (slot->known & (1u << list))
		causal->run->adjusted.lists_set++;
	else
		causal->run->adjusted.lists_learned++;
}

uint32_t mend_refill(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, uint32_t frame, long got,
	const struct causal_refill *recorded)
{
	bool known = slot->known & (1u << list);
	bool other = recorded && got >= 0 && (size_t)got != recorded->pfns.nr;

	if (frame == NO_FRAME) {
		if (causal->step && recorded)
			mend_empty(causal, slot, list, recorded, event->pfn);
		return NO_FRAME;
	}
	/* What a list of unknown content holds is learned. */
	if (other && (causal->step || !known)) {
		mend_size(causal, slot, list, recorded, event->pfn);
	} else if (causal->step && known && recorded && got < 0) {
		return mend_missed(causal, slot, list, recorded, event->pfn);
	} else if (causal->step && known && !recorded && got >= 0) {
		mend_false(causal, slot, list);
		names_forget(causal, frame, list_order(causal, list));
		remove_elsewhere(causal, event->pfn);
	}
	return frame;
}

void mend_page(struct causal *causal, const struct causal_slot *slot, int list,
	uint32_t frame, uint32_t pfn)
{
	uint32_t old = causal->name[frame];

	remove_elsewhere(causal, pfn);
	causal->run->adjusted.renamed++;
	names_forget(causal, frame, list_order(causal, list));
	list_names(causal, slot, list);
	vec_insert(causal, &causal->names[list], 0, old);
	list_set(causal, slot, list);
}
