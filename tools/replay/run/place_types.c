/* SPDX-License-Identifier: MIT */
/* Fits pageblock types to pagetypeinfo; see place_types.h. */
#include "place_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TYPES REPLAY_FREE_TYPES
#define ORDERS REPLAY_FREE_ORDERS
#define BLOCK_PAGES (1u << PCPMM_PAGEBLOCK_ORDER)

/* The free blocks that begin in a pageblock, by order. */
struct content {
	uint16_t nr[ORDERS];
};

struct fit {
	struct pcpmm_machine *machine;
	const struct replay_zone *zone;
	const uint8_t *known; /* may be NULL */
	struct content *contents; /* by pageblock, from first on */
	uint8_t *done; /* has a type */
	uint64_t first, nr; /* pageblocks of the zone */
	int64_t lacks[TYPES][ORDERS]; /* blocks, of the lists' lengths */
	int64_t pageblocks[TYPES]; /* still to be given */
	struct place_types *out;
};

/* Blocks of types that cannot be restored count as movable. */
static bool read_lengths(struct fit *fit, const struct pcpmm_dump *dump)
{
	struct pcpmm_dump_zone zone;
	struct pcpmm_dump_type info;
	bool any = false;

	for (unsigned int i = 0; !pcpmm_dump_zone(dump, i, &zone); i++) {
		if (zone.nid != fit->zone->node ||
			zone.type != (int)fit->zone->index)
			continue;
		for (unsigned int t = 0; t < PCPMM_NR_MIGRATETYPES; t++) {
			unsigned int as = t < TYPES ? t : PCPMM_MIGRATE_MOVABLE;

			if (pcpmm_dump_type(
				    dump, i, (enum pcpmm_migratetype)t, &info))
				continue;
			any = true;
			fit->pageblocks[as] += (int64_t)info.pageblocks;
			for (unsigned int o = 0; o < ORDERS; o++)
				fit->lacks[as][o] +=
					info.capped & 1u << o
						? INT32_MAX
						: (int64_t)info.nr_free[o];
		}
	}
	return any;
}

/* Any frame of the pageblock that is the zone's. */
static uint64_t frame_of(const struct fit *fit, uint64_t at)
{
	uint64_t pfn = (fit->first + at) << PCPMM_PAGEBLOCK_ORDER;

	return pfn < fit->zone->start_pfn ? fit->zone->start_pfn : pfn;
}

static unsigned int type_of(const struct fit *fit, uint64_t at)
{
	struct pcpmm_page_info info;

	if (pcpmm_page_inspect(fit->machine, frame_of(fit, at), &info) ||
		(unsigned int)info.block_type >= TYPES)
		return PCPMM_MIGRATE_MOVABLE;
	return (unsigned int)info.block_type;
}

static bool is_empty(const struct content *content)
{
	static const struct content none;

	return !memcmp(content, &none, sizeof(none));
}

/* Pages of @content in blocks that the lists of @type do not lack. */
static int64_t too_much(
	const struct fit *fit, const struct content *content, unsigned int type)
{
	int64_t pages = 0;

	for (unsigned int o = 0; o < ORDERS; o++) {
		int64_t lacks =
			fit->lacks[type][o] > 0 ? fit->lacks[type][o] : 0;

		if (content->nr[o] > lacks)
			pages += (content->nr[o] - lacks) << o;
	}
	return pages;
}

/* Pages of @content, each by the part that @type has of what its list lacks. */
static double likely(
	const struct fit *fit, const struct content *content, unsigned int type)
{
	double sum = 0;

	for (unsigned int o = 0; o < ORDERS; o++) {
		double all = 0, mine = 0;

		for (unsigned int t = 0; t < TYPES; t++) {
			double lacks = fit->lacks[t][o] > 0
					       ? (double)fit->lacks[t][o]
					       : 0;

			all += lacks;
			if (t == type)
				mine = lacks;
		}
		if (all > 0)
			sum += (double)((uint32_t)content->nr[o] << o) * mine /
			       all;
	}
	return sum;
}

static unsigned int choose(const struct fit *fit, const struct content *content)
{
	unsigned int best = PCPMM_MIGRATE_MOVABLE;

	for (unsigned int t = 0; t < TYPES; t++) {
		int64_t more = too_much(fit, content, t);
		int64_t least = too_much(fit, content, best);

		if (fit->pageblocks[t] <= 0)
			continue;
		if (more < least ||
			(more == least && likely(fit, content, t) >
						  likely(fit, content, best)))
			best = t;
	}
	return best;
}

/* Pageblock @at is of @type, and so is all that is free in it. */
static void is_of(struct fit *fit, uint64_t at, unsigned int type)
{
	const struct content *content = &fit->contents[at];

	fit->done[at] = 1;
	fit->out->other_pages += (uint64_t)too_much(fit, content, type);
	fit->pageblocks[type]--;
	for (unsigned int o = 0; o < ORDERS; o++)
		fit->lacks[type][o] -= content->nr[o];
}

static void become(struct fit *fit, uint64_t at, unsigned int type)
{
	pcpmm_restore_block_type(
		fit->machine, frame_of(fit, at), (enum pcpmm_migratetype)type);
	is_of(fit, at, type);
}

static void fit_known(struct fit *fit)
{
	for (uint64_t at = 0; fit->known && at < fit->nr; at++)
		if (fit->known[fit->first + at])
			is_of(fit, at, type_of(fit, at));
}

/* A block of the largest order has two pageblocks of its type. */
static void fit_free(struct fit *fit)
{
	for (uint64_t at = 0; at < fit->nr; at++) {
		const struct content *content = &fit->contents[at];
		unsigned int type;

		if (is_empty(content))
			continue;
		type = fit->done[at] ? type_of(fit, at) : choose(fit, content);
		if (!fit->done[at]) {
			become(fit, at, type);
			fit->out->guessed++;
		}
		if (content->nr[ORDERS - 1] && at + 1 < fit->nr &&
			!fit->done[at + 1])
			become(fit, at + 1, type);
	}
}

/* Pageblocks that have nothing free: from the zone's start, as boot makes them. */
static void fit_full(struct fit *fit)
{
	uint64_t at = 0;

	for (unsigned int type = 0; type < TYPES; type++) {
		if (type == PCPMM_MIGRATE_MOVABLE)
			continue;
		for (; at < fit->nr && fit->pageblocks[type] > 0; at++)
			if (!fit->done[at])
				become(fit, at, type);
	}
}

static int fit_zone(struct fit *fit, const struct replay_buddy *blocks,
	size_t nr, uint16_t zone)
{
	uint64_t end = (uint64_t)fit->zone->start_pfn + fit->zone->spanned;

	fit->first = fit->zone->start_pfn >> PCPMM_PAGEBLOCK_ORDER;
	fit->nr =
		((end + BLOCK_PAGES - 1) >> PCPMM_PAGEBLOCK_ORDER) - fit->first;
	fit->contents = calloc(fit->nr + 1, sizeof(*fit->contents));
	fit->done = calloc(fit->nr + 1, 1);
	if (fit->contents && fit->done) {
		for (size_t i = 0; i < nr; i++)
			if (blocks[i].zone == zone)
				fit->contents[(blocks[i].pfn >>
						      PCPMM_PAGEBLOCK_ORDER) -
					      fit->first]
					.nr[blocks[i].order]++;
		fit_known(fit);
		fit_free(fit);
		fit_full(fit);
	}
	free(fit->contents);
	free(fit->done);
	return fit->contents && fit->done ? 0 : -ENOMEM;
}

int place_fit_types(struct pcpmm_machine *machine,
	const struct pcpmm_dump *dump, const struct replay_zone *zones,
	size_t nr_zones, const struct replay_buddy *blocks, size_t nr,
	const uint8_t *known, struct place_types *out)
{
	int ret = 0;

	*out = (struct place_types){0};
	for (size_t i = 0; !ret && i < nr_zones; i++) {
		struct fit fit = {
			.machine = machine,
			.zone = &zones[i],
			.known = known,
			.out = out,
		};

		if (read_lengths(&fit, dump))
			ret = fit_zone(&fit, blocks, nr, (uint16_t)i);
	}
	return ret;
}
