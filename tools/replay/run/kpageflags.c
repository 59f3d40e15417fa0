/* SPDX-License-Identifier: MIT */
/* Reading free frames, and comparing their blocks with buddyinfo. */
#include "kpageflags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ------------------------------------------------------------ */

struct kpageflags {
	const struct pcpmm_dump *dump;
	struct replay_free_frames *free;
	uint64_t pfn; /* of the block that is wrong */
	int order;
};

/* One past the last frame of all zones. */
static uint64_t end_of_zones(const struct pcpmm_dump *dump)
{
	struct pcpmm_dump_zone zone;
	uint64_t end = 0;

	for (unsigned int i = 0; !pcpmm_dump_zone(dump, i, &zone); i++)
		if (zone.present && zone.type >= 0 &&
			zone.start_pfn + zone.spanned > end)
			end = zone.start_pfn + zone.spanned;
	return end;
}

/* The end of a zone that has frame @pfn; 0: none has. */
static uint64_t zone_end(const struct pcpmm_dump *dump, uint64_t pfn)
{
	struct pcpmm_dump_zone zone;

	for (unsigned int i = 0; !pcpmm_dump_zone(dump, i, &zone); i++)
		if (zone.present && zone.type >= 0 && pfn >= zone.start_pfn &&
			pfn - zone.start_pfn < zone.spanned)
			return zone.start_pfn + zone.spanned;
	return 0;
}

static bool in_zones(const struct pcpmm_dump *dump, uint64_t pfn, uint64_t end)
{
	do
		pfn = zone_end(dump, pfn);
	while (pfn && pfn < end);
	return pfn >= end;
}

static int take_block(void *arg, uint64_t pfn, int order)
{
	struct kpageflags *file = arg;
	struct record_frames *frames = &file->free->read;
	uint64_t end = pfn + (UINT64_C(1) << (order < 0 ? 0 : order));

	file->pfn = pfn;
	file->order = order < 0 ? 0 : order;
	file->free->heads |= order < 0;
	if (end > frames->end || !in_zones(file->dump, pfn, end))
		return -ERANGE;
	for (; pfn < end; pfn++) {
		if (record_frames_is_free(frames, pfn))
			return -EEXIST;
		record_frames_set_free(frames, pfn);
	}
	return 0;
}

static int fail(const struct kpageflags *file, const char *name,
	unsigned int line, int why, struct replay_error *err)
{
	if (why == -EINVAL)
		return replay_fail(err, why,
			"%s:%u: not a line of such a file, or a block that is "
			"not aligned or ends behind 'end'",
			name, line);
	return replay_fail(err, -EINVAL,
		"%s:%u: the block of order %d at frame %llx %s", name, line,
		file->order, (unsigned long long)file->pfn,
		why == -EEXIST ? "overlaps another one"
			       : "lies outside all zones of zoneinfo");
}

int replay_kpageflags_parse(const struct pcpmm_dump *dump, const char *name,
	const char *text, size_t length, struct replay_free_frames *free_frames,
	struct replay_error *err)
{
	struct kpageflags file = {.dump = dump, .free = free_frames};
	uint64_t end = end_of_zones(dump);
	char *copy = malloc(length + 1);
	unsigned int line = 0;
	int ret = copy ? 0 : -ENOMEM;

	*free_frames = (struct replay_free_frames){0};
	if (!ret && end > UINT32_MAX)
		ret = replay_fail(err, -EFBIG,
			"%s: the zones end behind frame %x", name, UINT32_MAX);
	if (!ret)
		ret = record_frames_init(&free_frames->read, end);
	if (!ret) {
		if (length)
			memcpy(copy, text, length);
		copy[length] = '\0';
		ret = record_frames_parse(copy, take_block, &file, &line);
		if (!ret && strlen(copy) < length)
			ret = -EINVAL; /* a zero byte */
		if (ret)
			ret = fail(&file, name, line ? line : 1, ret, err);
	}
	free(copy);
	free_frames->known = !ret && !free_frames->heads;
	if (ret)
		replay_free_fini(free_frames);
	return ret;
}

/* --- comparing ---------------------------------------------------------- */

static uint64_t differ(const struct pcpmm_dump *dump,
	const struct replay_zone *zone,
	const uint64_t blocks[REPLAY_FREE_ORDERS], bool *known)
{
	uint64_t told[PCPMM_NR_ORDERS], moved = 0;
	struct pcpmm_dump_zone info;

	for (unsigned int i = 0; !pcpmm_dump_zone(dump, i, &info); i++) {
		if (info.nid != zone->node || info.type != (int)zone->index ||
			pcpmm_dump_buddy(dump, i, told))
			continue;
		*known = true;
		for (unsigned int o = 0; o < REPLAY_FREE_ORDERS; o++)
			moved += (told[o] > blocks[o] ? told[o] - blocks[o]
						      : blocks[o] - told[o])
				 << o;
	}
	return moved;
}

int replay_kpageflags_compare(struct replay_free_frames *free_frames,
	const struct pcpmm_dump *dump, const struct replay_zone *zones,
	size_t nr_zones)
{
	struct replay_buddy *blocks;
	size_t nr;
	int ret = replay_free_blocks(
		&free_frames->read, zones, nr_zones, &blocks, &nr);

	if (ret)
		return ret;
	for (size_t zone = 0; zone < nr_zones; zone++) {
		uint64_t have[REPLAY_FREE_ORDERS] = {0};

		for (size_t i = 0; i < nr; i++)
			have[blocks[i].order] += blocks[i].zone == zone;
		free_frames->moved += differ(
			dump, &zones[zone], have, &free_frames->compared);
	}
	free(blocks);
	return 0;
}

const char *replay_free_memory_from(const struct pcpmm_dump *dump,
	const struct replay_free_frames *free_frames)
{
	uint64_t blocks[PCPMM_NR_ORDERS];
	struct pcpmm_dump_type type;
	bool buddy = false, types = false;

	if (!dump)
		return NULL;
	if (free_frames->known)
		return "kpageflags";
	for (unsigned int i = 0; i < pcpmm_dump_nr_zones(dump); i++) {
		types |=
			!pcpmm_dump_type(dump, i, PCPMM_MIGRATE_MOVABLE, &type);
		buddy |= !pcpmm_dump_buddy(dump, i, blocks);
	}
	return types ? "pagetypeinfo" : buddy ? "buddyinfo" : "zoneinfo";
}
