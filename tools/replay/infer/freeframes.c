/* SPDX-License-Identifier: MIT */
/* Free frames of a file as they were at the first line, and the blocks they make. */
#include "freeframes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../read/grow.h"

#define ORDER_MAX (REPLAY_FREE_ORDERS - 1)

/* Index of the mark's event; the number of events: there is none. */
static size_t mark_of(const struct replay_trace *trace)
{
	size_t i = 0;

	while (i < trace->nr_events &&
		(trace->events[i].kind != REPLAY_EV_MARK ||
			trace->events[i].arg != REPLAY_MARK_FRAMES_END))
		i++;
	return i;
}

/* The frames of a line that are not @seen yet were free, or were not. */
static void was(struct replay_free_frames *free, struct record_frames *seen,
	uint32_t pfn, unsigned order, bool in_buddy)
{
	struct record_frames *start = &free->start;

	for (uint64_t at = pfn; at < pfn + (UINT64_C(1) << order); at++) {
		if (at >= seen->end || record_frames_is_free(seen, at))
			continue;
		record_frames_set_free(seen, at);
		free->taken_back +=
			record_frames_is_free(start, at) != in_buddy;
		if (in_buddy)
			record_frames_set_free(start, at);
		else
			record_frames_set_used(start, at);
	}
}

static void take_back(struct replay_free_frames *free,
	struct record_frames *seen, const struct replay_event *event)
{
	unsigned order = (unsigned)event->order;

	switch (event->kind) {
	case REPLAY_EV_EXTFRAG:
		order = event->arg & REPLAY_EXTFRAG_ORDER_MASK;
		if (order <= ORDER_MAX)
			was(free, seen, event->pfn, order, true);
		break;
	case REPLAY_EV_LOCKED:
		was(free, seen, event->pfn, order, true);
		break;
	case REPLAY_EV_ALLOC:
		if (event->pfn == REPLAY_NO_PFN)
			break;
		/* fall through */
	case REPLAY_EV_FREE:
	case REPLAY_EV_BATCHED:
	case REPLAY_EV_DRAINED:
		was(free, seen, event->pfn, order, false);
		break;
	default:
		break;
	}
}

int replay_free_rewind(
	struct replay_free_frames *free, const struct replay_trace *trace)
{
	size_t words = (size_t)(free->read.end / 64 + 1);
	size_t mark = mark_of(trace);
	struct record_frames seen;

	if (record_frames_init(&free->start, free->read.end))
		return -ENOMEM;
	memcpy(free->start.free, free->read.free,
		words * sizeof(*free->start.free));
	if (mark == trace->nr_events)
		return 0;
	if (record_frames_init(&seen, free->read.end))
		return -ENOMEM;
	free->mark = trace->events[mark].line;
	for (size_t i = 0; i < mark; i++)
		take_back(free, &seen, &trace->events[i]);
	record_frames_fini(&seen);
	return 0;
}

void replay_free_fini(struct replay_free_frames *free)
{
	record_frames_fini(&free->read);
	record_frames_fini(&free->start);
}

struct block_list {
	struct replay_buddy *at;
	size_t nr, cap;
};

/* The largest block at @pfn, of a run to @end, whose frames are of one zone. */
static unsigned order_at(const struct replay_zone *zones, size_t nr_zones,
	uint64_t pfn, uint64_t end, uint16_t zone)
{
	unsigned order = record_frames_largest(pfn, end, ORDER_MAX);

	while (order && replay_zone_of(zones, nr_zones,
				(uint32_t)(pfn + (1u << order) - 1)) != zone)
		order--;
	return order;
}

int replay_free_blocks(const struct record_frames *frames,
	const struct replay_zone *zones, size_t nr_zones,
	struct replay_buddy **blocks, size_t *nr)
{
	struct block_list list = {0};
	uint64_t pfn = 0, end;

	*blocks = NULL;
	*nr = 0;
	while ((pfn = record_frames_run_start(frames, pfn)) < frames->end) {
		end = record_frames_run_end(frames, pfn);
		while (pfn < end) {
			uint16_t zone =
				replay_zone_of(zones, nr_zones, (uint32_t)pfn);
			unsigned order =
				order_at(zones, nr_zones, pfn, end, zone);

			if (zone == REPLAY_NO_ZONE) {
				pfn += UINT64_C(1) << order;
				continue;
			}
			if (GROW(list.at, list.nr, list.cap)) {
				free(list.at);
				return -ENOMEM;
			}
			list.at[list.nr++] = (struct replay_buddy){
				.pfn = (uint32_t)pfn,
				.zone = zone,
				.order = (int8_t)order,
				.mt = 1,
				.unused = true,
			};
			pfn += UINT64_C(1) << order;
		}
	}
	*blocks = list.at;
	*nr = list.nr;
	return 0;
}
