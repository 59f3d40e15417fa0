/* SPDX-License-Identifier: MIT */
/*
 * Lines that come late. An allocation is printed after the page has left its list:
 * interrupts and other tasks come between, and the task may go on on another CPU. A free
 * is printed before the page enters its list, so an interrupt's pages may enter before
 * it. Where the page is that an allocation's line names tells what happened:
 *
 *   on another CPU's list     that CPU allocated it
 *   below the top             the pages above have left, and their lines are to come;
 *                             many of them: they have entered, although freed later
 *   taken, late               this is the line of a page that has left
 *   taken, bulk               a bulk allocation, which names no page, took another one
 *
 * What the machine said, by the line's CPU and the top of the list, is scored, and was
 * wrong. Then the allocation, which the line says took place, is done where it was. No
 * count is set to a recorded one; both runs do this.
 */
#include "causal_internal.h"

/* So many pages are allocated and not yet printed, by tasks that share a CPU. */
#define LATE_MOST 4
/* And by bulk allocations that have no probe. */
#define LATE_MOST_UNSEEN 64

/* @pfn comes to lie on top of the list that it is on. */
static void lift(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t pfn)
{
	struct causal_vec *names = &causal->names[list];
	long at;

	list_names(causal, slot, list);
	at = vec_find(names, pfn);
	if (at <= 0)
		return;
	vec_remove(names, (size_t)at);
	vec_insert(causal, names, 0, pfn);
	list_set(causal, slot, list);
}

/* --- the line of a page that has left ------------------------------------------ */

static bool starts_refill(struct causal *causal,
	const struct replay_event *event, unsigned cpu, int list)
{
	const struct causal_refill *refill =
		record_refill_of(&causal->cpus[cpu], event->zone, list);

	return refill && refill->pfns.at[0] == event->pfn;
}

/* @how the page left its list; of its list's pages, one less is to come. */
static bool has_left(struct causal *causal, const struct replay_event *event,
	uint32_t frame, uint32_t how, int list)
{
	struct causal_slot *slot;
	int was;

	if (!list_that_was_home(causal, frame, how, &slot, &was) ||
		slot->zone != event->zone || was != list)
		return false;
	if (how == HOME_BULK && !slot->late[list])
		return false;
	slot->late[list] -= slot->late[list] > 0;
	return true;
}

bool late_line(
	struct causal *causal, const struct replay_event *event, int list)
{
	uint32_t frame = names_frame(causal, event->pfn);

	if (frame == NO_FRAME ||
		starts_refill(causal, event, event->cpu, list) ||
		(!has_left(causal, event, frame, HOME_LATE, list) &&
			!has_left(causal, event, frame, HOME_BULK, list)))
		return false;
	causal->home[frame] = 0;
	causal->run->adjusted.late++;
	causal->run->score.pfn_alloc.n++;
	score_log(causal, event->line, "pfn_alloc",
		slot_of(causal, event->cpu, event->zone), -1, event->pfn);
	return true;
}

/* --- another CPU ------------------------------------------------------------------ */

struct causal_slot *late_elsewhere(struct causal *causal,
	const struct replay_event *event, struct causal_slot *slot, int list)
{
	uint32_t frame = names_frame(causal, event->pfn), top;
	struct causal_slot *from;
	bool any;
	int on;

	if (frame == NO_FRAME || starts_refill(causal, event, slot->cpu, list))
		return NULL;
	if (!list_of_home(causal, frame, &from, &on) &&
		!list_that_was_home(causal, frame, HOME_BULK, &from, &on))
		return NULL;
	if (from == slot || from->zone != slot->zone || on != list)
		return NULL;
	any = list_top(causal, slot, list, &top);
	slot->used |= (uint16_t)(1u << list);
	refill_score(causal, event->line, slot, list, any ? -1 : 0, NULL);
	score_alloc(causal, event, slot, top);
	causal->run->adjusted.migrated++;
	lift(causal, from, list, event->pfn);
	return from;
}

/* --- not on top ------------------------------------------------------------------- */

/* The @nr pages above it may have left. A frame without a name has no line to come. */
static bool may_have_left(
	const struct causal *causal, const struct causal_vec *names, long nr)
{
	bool no_unseen = causal->trace->has_bulk ||
			 causal->rules == PCPMM_LIST_RULES_5_10;

	for (long i = 0; i < nr; i++)
		if (names->at[i] == NO_NAME)
			return false;
	return nr <= (no_unseen ? LATE_MOST : LATE_MOST_UNSEEN);
}

static void take_late(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, long nr)
{
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)event->mt, false);

	for (; nr; nr--) {
		uint32_t frame = alloc_frame(
			causal, &causal->cpus[slot->cpu], event, &choice);

		if (frame == NO_FRAME)
			return;
		causal->home[frame] = HOME_LATE | list_home(causal, slot, list);
		slot->late[list]++;
	}
	causal->run->adjusted.above++;
}

/*
 * The @nr pages above it were freed in an interrupt, before it entered the list. If one
 * of these told the count first, it told it without this page.
 */
static void came_later(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, long nr)
{
	const struct causal_vec *names = &causal->names[list];
	bool told = false;

	for (long i = 0; i < nr; i++)
		told |= names->at[i] == slot->learned_by;
	if (told && slot->learned_by != NO_NAME) {
		slot->learned_by = NO_NAME;
		unknown_set_count(causal, slot,
			pageset_of(causal, slot).count + (1 << event->order));
	}
	lift(causal, slot, list, event->pfn);
	causal->run->adjusted.lifted++;
}

bool late_above(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list)
{
	uint32_t frame = names_frame(causal, event->pfn), top;
	struct causal_slot *where;
	long at;
	int on;

	if (frame == NO_FRAME || !list_of_home(causal, frame, &where, &on) ||
		where != slot || on != list ||
		record_refill_of(&causal->cpus[slot->cpu], event->zone, list) ||
		!list_top(causal, slot, list, &top) || top == event->pfn)
		return false;
	list_names(causal, slot, list);
	at = vec_find(&causal->names[list], event->pfn);
	if (at < 1)
		return false;
	score_alloc(causal, event, slot, top);
	if (may_have_left(causal, &causal->names[list], at))
		take_late(causal, event, slot, list, at);
	else
		came_later(causal, event, slot, list, at);
	return true;
}
