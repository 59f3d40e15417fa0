/* SPDX-License-Identifier: MIT */
/*
 * A page freed into a pageblock of which no line has told the type goes to a list by
 * guess. An allocation shows that the guess was wrong: it takes such a page from
 * another list, or it passes over such pages on top of its own list. The machine has
 * predicted wrongly then, which is scored; after that the guessed pages of the block
 * change the list, and later frees into the block go by the corrected guess. Nothing
 * but the guess is corrected: both runs do it, as both do not simulate pageblocks.
 */
#include "causal_internal.h"

#define BLOCK_PAGES (1u << PCPMM_PAGEBLOCK_ORDER)
#define NO_TYPE 0xff
#define GUESSED 1u /* bit of a stamp; the rest: 1 + the event of the free */

unsigned guess_type(const struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	unsigned type = causal->guess[event->pfn >> PCPMM_PAGEBLOCK_ORDER];

	return event->flags & REPLAY_EV_MT_SURE || type == NO_TYPE ? event->mt
								   : type;
}

void guess_freed(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];

	causal->freed[event->pfn] = (at + 1) << 1;
	if (!(event->flags & REPLAY_EV_MT_SURE))
		causal->freed[event->pfn] |= GUESSED;
}

void guess_refilled(struct causal *causal, uint32_t pfn)
{
	if (pfn < causal->end)
		causal->freed[pfn] = 0;
}

static bool is_guess(const struct causal *causal, uint32_t pfn)
{
	return pfn < causal->end && causal->freed[pfn] & GUESSED;
}

/* A list's pages lie in the order of their frees, the newest first. */
static size_t place_of(const struct causal *causal,
	const struct causal_vec *names, uint32_t pfn)
{
	size_t at = 0;

	while (at < names->nr && names->at[at] < causal->end &&
		causal->freed[names->at[at]] > causal->freed[pfn])
		at++;
	return at;
}

/* It is in use now, as a frame that stands for nothing: the buddy is as it was. */
static bool take_off(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t pfn)
{
	unsigned order = list_order(causal, list);
	uint32_t frame;

	if (!list_take_one(causal, slot, list, pfn))
		return false;
	frame = names_frame(causal, pfn);
	if (frame == NO_FRAME)
		return true;
	names_forget(causal, frame, order);
	if (!order)
		vec_push(causal, &causal->spare[slot->zone], frame);
	return true;
}

/* In place of a page in use; if there is none, of a free one. */
static void put_on(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t pfn)
{
	struct causal_vec *names = &causal->names[list];
	bool fresh = names_fresh_listed(causal, slot, list);

	list_names(causal, slot, list);
	if (fresh)
		vec_remove(names, names->nr - 1);
	vec_insert(causal, names, place_of(causal, names, pfn), pfn);
	list_set(causal, slot, list);
}

static bool relist_page(struct causal *causal, uint32_t pfn, unsigned type)
{
	uint32_t frame = names_frame(causal, pfn);
	struct causal_slot *slot;
	int from, to;

	if (frame == NO_FRAME || !list_of_home(causal, frame, &slot, &from))
		return false;
	to = pcpmm_pcp_list_of(causal->rules, list_order(causal, from), type);
	if (to < 0 || to == from || !take_off(causal, slot, from, pfn))
		return false;
	put_on(causal, slot, to, pfn);
	slot->used |= (uint16_t)(1u << to);
	return true;
}

static void relist_block(struct causal *causal, uint32_t pfn, unsigned type)
{
	uint32_t first = pfn & ~(BLOCK_PAGES - 1);

	causal->guess[pfn >> PCPMM_PAGEBLOCK_ORDER] = (uint8_t)type;
	for (uint32_t i = first; i < first + BLOCK_PAGES; i++)
		if (is_guess(causal, i) && relist_page(causal, i, type))
			causal->run->adjusted.guesses++;
}

/* The allocated page lies on another list of the same pageset, by a guess. */
static bool on_other_list(struct causal *causal,
	const struct replay_event *event, const struct causal_slot *slot,
	int list)
{
	uint32_t frame = names_frame(causal, event->pfn);
	struct causal_slot *where;
	int other;

	return frame != NO_FRAME && is_guess(causal, event->pfn) &&
	       list_of_home(causal, frame, &where, &other) && where == slot &&
	       other != list &&
	       list_order(causal, other) == (unsigned)event->order;
}

/* Guessed pages on top that the allocation, or its refill, passes over; 0: none. */
static size_t passed_over(struct causal *causal,
	const struct replay_event *event, const struct causal_slot *slot,
	int list, bool refilled)
{
	const struct causal_vec *names = &causal->names[list];
	uint32_t top;
	size_t nr = 0;

	if (!list_top(causal, slot, list, &top) || !is_guess(causal, top))
		return 0;
	list_names(causal, slot, list);
	while (nr < names->nr && names->at[nr] != event->pfn &&
		is_guess(causal, names->at[nr]))
		nr++;
	if (refilled)
		return nr == names->nr ? nr : 0;
	return nr < names->nr && names->at[nr] == event->pfn ? nr : 0;
}

/* The type to try after @type was shown to be wrong: the commonest first. */
static int next_type(unsigned type)
{
	if (type == PCPMM_MIGRATE_MOVABLE)
		return PCPMM_MIGRATE_UNMOVABLE;
	if (type == PCPMM_MIGRATE_UNMOVABLE)
		return PCPMM_MIGRATE_RECLAIMABLE;
	return -1;
}

/* Bulk allocations that no probe shows pass over pages, too. */
static bool tells(const struct causal *causal)
{
	return causal->trace->has_bulk ||
	       causal->rules == PCPMM_LIST_RULES_5_10;
}

bool guess_shown(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, int list, bool refilled,
	struct guess_prediction *predicted)
{
	bool shown = false;
	unsigned type = list_type(causal, list);
	int next = next_type(type);
	size_t nr;

	if (!tells(causal))
		return false;
	predicted->refill = !list_top(causal, slot, list, &predicted->pfn);
	if (!refilled && on_other_list(causal, event, slot, list)) {
		relist_block(causal, event->pfn, type);
		shown = true;
	}
	/* Each round takes at least one page off the list. */
	while (next >= 0 &&
		(nr = passed_over(causal, event, slot, list, refilled))) {
		uint32_t pfn = causal->names[list].at[0], top;

		relist_block(causal, pfn, (unsigned)next);
		shown = true;
		if (list_top(causal, slot, list, &top) && top == pfn)
			break;
	}
	return shown;
}
