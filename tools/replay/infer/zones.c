/* SPDX-License-Identifier: MIT */
/*
 * Which zone a page frame belongs to.
 *
 * With a state the zones come from /proc/zoneinfo. Without one the zones that
 * x86-64 has at least are made up: DMA below 16 MiB, DMA32 below 4 GiB, Normal
 * above, all on node 0.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "infer_internal.h"

#define ZONES_DMA_END 4096u
#define ZONES_DMA32_END (1u << 20)

static const struct replay_zone zones_made_up[] = {
	{.name = "DMA",
		.index = REPLAY_ZONE_DMA,
		.start_pfn = 1,
		.spanned = ZONES_DMA_END - 1},
	{.name = "DMA32",
		.index = REPLAY_ZONE_DMA32,
		.start_pfn = ZONES_DMA_END,
		.spanned = ZONES_DMA32_END - ZONES_DMA_END},
	{.name = "Normal",
		.index = REPLAY_ZONE_NORMAL,
		.start_pfn = ZONES_DMA32_END,
		.spanned = UINT32_MAX - ZONES_DMA32_END},
};

/* The first frame behind all that events name, in whole blocks of order 10. */
static uint64_t end_of_frames(const struct replay_trace *trace)
{
	uint64_t end = 0;

	for (size_t i = 0; i < trace->nr_events; i++) {
		const struct replay_event *event = &trace->events[i];

		if (event->kind < REPLAY_EV_ALLOC ||
			event->kind > REPLAY_EV_DRAINED ||
			event->pfn == REPLAY_NO_PFN)
			continue;
		if (event->pfn >= end)
			end = (uint64_t)event->pfn + 1;
	}
	return (end + 1023) & ~1023ull;
}

/* Made-up zones reach as far as the trace does; zones behind it go. */
static void clip_zones(struct replay_result *out, uint64_t end)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->nr_zones; i++) {
		struct replay_zone zone = out->zones[i];

		if (zone.start_pfn >= end && kept)
			continue;
		if (zone.start_pfn + (uint64_t)zone.spanned > end &&
			end > zone.start_pfn)
			zone.spanned = (uint32_t)(end - zone.start_pfn);
		out->zones[kept++] = zone;
	}
	out->nr_zones = kept;
}

int infer_zones_init(struct infer *infer)
{
	const struct replay_zone *zones = infer->in->zones;
	size_t count = infer->in->nr_zones;

	if (!count) {
		zones = zones_made_up;
		count = sizeof(zones_made_up) / sizeof(zones_made_up[0]);
	}
	if (count >= REPLAY_NO_ZONE)
		return replay_fail(infer->err, -EINVAL, "too many zones");
	infer->out->zones = malloc(count * sizeof(*zones));
	if (!infer->out->zones)
		return -ENOMEM;
	memcpy(infer->out->zones, zones, count * sizeof(*zones));
	infer->out->nr_zones = count;
	if (zones == zones_made_up)
		clip_zones(infer->out, end_of_frames(infer->trace));
	return 0;
}

/*
 * Spans of two nodes overlap where memory is interleaved; the smaller span
 * is then the one that lies inside the other.
 */
uint16_t replay_zone_of(
	const struct replay_zone *zone, size_t nr_zones, uint32_t pfn)
{
	uint32_t spanned = UINT32_MAX;
	uint16_t found = REPLAY_NO_ZONE;

	for (size_t i = 0; i < nr_zones; i++) {
		if (pfn < zone[i].start_pfn ||
			pfn - zone[i].start_pfn >= zone[i].spanned)
			continue;
		if (zone[i].spanned < spanned || found == REPLAY_NO_ZONE) {
			spanned = zone[i].spanned;
			found = (uint16_t)i;
		}
	}
	return found;
}

uint16_t infer_zone_of(const struct infer *infer, uint32_t pfn)
{
	return replay_zone_of(infer->out->zones, infer->out->nr_zones, pfn);
}

/* The nth populated zone of that name; `node` narrows it, if not ~0. */
uint16_t infer_zone_named(
	const struct infer *infer, unsigned name, unsigned nth, unsigned node)
{
	const struct replay_zone *zone = infer->out->zones;

	for (size_t i = 0; i < infer->out->nr_zones; i++) {
		if (zone[i].index != name || !zone[i].spanned)
			continue;
		if (node != ~0u && zone[i].node != node)
			continue;
		if (!nth--)
			return (uint16_t)i;
	}
	return REPLAY_NO_ZONE;
}

uint64_t replay_end_pfn(const struct replay_result *result)
{
	uint64_t end = 1;

	for (size_t i = 0; i < result->nr_zones; i++) {
		uint64_t zone_end = (uint64_t)result->zones[i].start_pfn +
				    result->zones[i].spanned;

		end = zone_end > end ? zone_end : end;
	}
	return end;
}
