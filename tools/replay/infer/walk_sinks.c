/* SPDX-License-Identifier: MIT */
/*
 * Where the two walks differ.
 *
 * The first walk begins with open lists: they hold an unknown number of pages
 * of before the trace. A page that leaves a list without having entered it is
 * one of these, and the first walk notes it. The second walk begins with
 * lists that hold all of them, so its counts can be held against the marks.
 */
#include "../read/grow.h"
#include "infer_internal.h"

/* --- the first walk -------------------------------------------------------- */

/* The page was on the list before the trace. */
static void first_left_list(struct infer *infer, uint32_t slot, int list,
	uint32_t at, unsigned fate)
{
	const struct init_page page = {
		.slot = slot,
		.pfn = infer_event(infer, at)->pfn,
		.next = at,
		.list = (uint8_t)list,
		.fate = (uint8_t)fate,
	};

	if (initial_add(infer, page))
		shadow_count(infer, slot, -(1 << replay_list_order(list)));
}

/* The page was held before the trace, or a bulk allocation took it. */
static void first_freed_unseen(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	struct replay_result *out = infer->out;

	if (walk_bulk_resolve(infer, at))
		return;
	if (GROW(out->held, out->nr_held, infer->held_cap)) {
		infer->no_memory = true;
		return;
	}
	out->held[out->nr_held++] = (struct replay_held){
		.pfn = event->pfn,
		.zone = event->zone,
		.order = event->order,
		.mt = event->mt,
	};
}

/* The count lacks the pages of before: it cannot be held against a mark. */
static void first_before_free(struct infer *infer, uint32_t at)
{
	(void)infer;
	(void)at;
}

/*
 * slot->high and slot->batch stay those of the start, for the result: the
 * second walk follows the changes.
 */
static void first_marks(
	struct infer *infer, uint16_t zone, const struct replay_probe *probe)
{
	(void)infer;
	(void)zone;
	(void)probe;
}

/*
 * The recorder read zoneinfo between these two lines. initial.c looks for
 * the moment, in the log of all counts in between.
 */
static void first_note(struct infer *infer, const struct replay_event *event)
{
	if (event->arg == REPLAY_MARK_BEFORE_BEGIN) {
		infer->logging = true;
		for (uint32_t i = 0; i < infer->nr_slots; i++)
			shadow_count(infer, i, 0);
	} else if (event->arg == REPLAY_MARK_BEFORE_END) {
		infer->logging = false;
	}
}

const struct walk_sink walk_first = {
	.left_list = first_left_list,
	.freed_unseen = first_freed_unseen,
	.before_free = first_before_free,
	.after_free = spill_after_free,
	.marks = first_marks,
	.note = first_note,
};

/* --- the second walk ------------------------------------------------------- */

/* The lists hold all pages of before, and this one is not among them. */
static void second_left_list(struct infer *infer, uint32_t slot, int list,
	uint32_t at, unsigned fate)
{
	(void)slot;
	(void)list;
	(void)at;
	(void)fate;
	infer->out->stats.astray++;
}

/*
 * All pages that were held before are known by now. This page is a part of a
 * block that the first walk split and this one does not; its free needs no
 * allocation.
 */
static void second_freed_unseen(struct infer *infer, uint32_t at)
{
	(void)infer;
	(void)at;
}

/* Each list's count at the start is settled by now. */
static void second_after_free(struct infer *infer, uint32_t at, bool freed)
{
	(void)infer;
	(void)at;
	(void)freed;
}

/* A count is held against the marks that are in force. */
static void second_marks(
	struct infer *infer, uint16_t zone, const struct replay_probe *probe)
{
	struct shadow_slot *slot;

	for (unsigned cpu = 0; cpu < infer->trace->cpus; cpu++) {
		slot = &infer->slots[infer_slot_index(infer, cpu, zone)];
		slot->high = probe->high;
		slot->batch = probe->batch;
	}
}

/* The moment at which zoneinfo was read has been found. */
static void second_note(struct infer *infer, const struct replay_event *event)
{
	(void)infer;
	(void)event;
}

const struct walk_sink walk_second = {
	.left_list = second_left_list,
	.freed_unseen = second_freed_unseen,
	.before_free = spill_before_free,
	.after_free = second_after_free,
	.marks = second_marks,
	.note = second_note,
};
