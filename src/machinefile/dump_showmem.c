/* SPDX-License-Identifier: MIT */
/*
 * Read what show_mem() prints into the kernel log: of the OOM killer, of a failed
 * allocation, of SysRq-m. It has sizes, marks, reserves and free blocks of each
 * populated zone, but no places and, since 4.2, no single lists: zones are laid
 * one behind the other, and their listed pages are put on CPU 0. Each line may
 * have anything in front, as logs do. Of several reports the last counts.
 */
#include "arch/bits.h"
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define KBYTES_MAX (1ULL << 40)
#define ZONE_ALIGN 1024 /* pages: blocks of the largest order */

struct reader {
	struct pcpmm_dump *dump;
	struct text *text;
	struct dump_zone *zone; /* of the line before; NULL: none */
	unsigned int page_kbytes; /* 0: no list of blocks so far */
	bool lists; /* lines of CPUs: not only sums */
};

bool dump_is_showmem(const char *text, size_t length)
{
	return memmem(text, length, " free:", 6) &&
	       memmem(text, length, "kB min:", 7) &&
	       !memmem(text, length, "pages free", 10);
}

/* The text up to the end of the line has @what; its place, or NULL. */
static const char *find(const struct text *text, const char *what)
{
	return memmem(
		text->at, (size_t)(text->end - text->at), what, strlen(what));
}

/*
 * "Node 0 DMA32" that ends at @end, or "DMA32" of a kernel without NUMA: 0,
 * -ENOENT no zone, -EINVAL with the text's error.
 */
static int take_head(struct reader *reader, const char *end, unsigned int *nid,
	char name[12])
{
	struct text *text = reader->text;
	const char *start = end;
	const char *node;
	uint64_t number = 0;

	while (start > text->line && isalnum((unsigned char)start[-1]))
		start--;
	if (end - start > 11 || end == start)
		return -ENOENT;
	memcpy(name, start, (size_t)(end - start));
	name[end - start] = '\0';
	if (dump_zone_type(name) == -2)
		return -ENOENT;
	*nid = 0;
	node = find(text, "Node ");
	if (!node || node > start)
		return 0;
	text->at = node + strlen("Node ");
	if (!text_number(text, PCPMM_NODES_MAX - 1, &number))
		return text_error(text, "node number 0..%d expected",
			PCPMM_NODES_MAX - 1);
	*nid = (unsigned int)number;
	return 0;
}

static int add_zone(struct reader *reader, unsigned int nid, const char *name)
{
	reader->zone = dump_find_zone(reader->dump, nid, name);
	if (!reader->zone)
		reader->zone = dump_add_zone(reader->dump, nid, name);
	return reader->zone ? 0 : -ENOMEM;
}

/* " key:123kB" on the rest of the line. 0, -ENOENT not there, -EINVAL. */
static int take_kbytes(struct reader *reader, const char *key, uint64_t *value)
{
	struct text *text = reader->text;
	const char *start = text->at;
	const char *at = find(text, key);

	if (!at)
		return -ENOENT;
	text->at = at + strlen(key);
	if (!text_number(text, KBYTES_MAX, value))
		return text_number_error(text, "kB");
	text->at = start;
	return 0;
}

static int add_cpu(struct reader *reader, unsigned int cpu, int32_t count,
	int32_t high, int32_t batch)
{
	struct pcpmm_dump_pageset *set =
		dump_add_pageset(reader->dump, reader->zone, cpu);

	if (!set)
		return -ENOMEM;
	set->count = count;
	set->high = high;
	set->batch = batch;
	return 0;
}

/* "... free:10908kB min:6192kB ... managed:2673676kB ... free_pcp:4140kB" */
static int read_sizes(struct reader *reader)
{
	struct pcpmm_dump_zone *info = &reader->zone->info;
	const struct {
		const char *key;
		uint64_t *value;
		bool needed;
	} keys[] = {
		{" free:", &info->free, true},
		{" boost:", &info->boost, false},
		{" min:", &info->min, true},
		{" low:", &info->low, true},
		{" high:", &info->high, true},
		{" present:", &info->present, true},
		{" managed:", &info->managed, false},
		{" free_pcp:", &reader->zone->listed, false},
	};
	unsigned int i;
	int err;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		err = take_kbytes(reader, keys[i].key, keys[i].value);
		if (err == -EINVAL)
			return err;
		if (err && keys[i].needed)
			return text_error(reader->text,
				"'%s' expected in the line of a zone",
				keys[i].key + 1);
		info->has_managed |= !err && keys[i].value == &info->managed;
		info->has_boost |= !err && keys[i].value == &info->boost;
	}
	if (info->min < info->boost || info->managed > info->present)
		return text_error(reader->text,
			"impossible zone: boost <= min and managed <= present "
			"is not so");
	reader->zone->seen |= DUMP_SEEN_ALL;
	return 0;
}

/* "505*4kB (UM) 357*8kB (H) ... = 10236kB"; the first size is that of a page. */
static int read_blocks(struct reader *reader)
{
	struct dump_zone *zone = reader->zone;
	struct text *text = reader->text;
	uint64_t blocks, kbytes;
	unsigned int order;

	memset(zone->buddy, 0, sizeof(zone->buddy));
	for (order = 0; !text_take(text, "="); order++) {
		if (!text_number(text, KBYTES_MAX, &blocks) ||
			!text_take(text, "*") ||
			!text_number(text, KBYTES_MAX, &kbytes) ||
			!text_take(text, "kB"))
			return text_error(text, "\"N*SIZEkB\" expected");
		if (!order && !reader->page_kbytes && kbytes >= 4 &&
			kbytes <= 64)
			reader->page_kbytes = (unsigned int)kbytes;
		if (order == DUMP_ORDERS_MAX ||
			kbytes != (uint64_t)reader->page_kbytes << order)
			return text_error(
				text, "no size of blocks of order %u", order);
		dump_add_blocks(zone->buddy, order, blocks);
		if (text_take(text, "("))
			while (text->at < text->end && *text->at++ != ')')
				;
	}
	zone->has_buddy = true;
	if (order > reader->dump->buddy_orders)
		reader->dump->buddy_orders = order;
	return 0;
}

static int read_reserve(struct reader *reader)
{
	struct pcpmm_dump_zone *info = &reader->zone->info;
	struct text *text = reader->text;

	info->nr_protection = 0;
	while (!text_at_end(text)) {
		if (info->nr_protection == PCPMM_DUMP_PROTECTION_MAX)
			return text_error(text, "more than %d zones",
				PCPMM_DUMP_PROTECTION_MAX);
		if (!text_number(text, 1ULL << 34,
			    &info->protection[info->nr_protection++]))
			return text_number_error(text, "pages");
	}
	return 0;
}

/* "CPU    0: hi:  186, btch:  31 usd:  12", to 4.1. */
static int read_cpu(struct reader *reader)
{
	struct text *text = reader->text;
	uint64_t cpu, high, batch, count;

	if (!text_number(text, PCPMM_CPUS_MAX - 1, &cpu) ||
		!text_take(text, ": hi:"))
		return 0; /* the CPU that reports */
	if (!text_number(text, INT32_MAX, &high) ||
		!text_take(text, ", btch:") ||
		!text_number(text, INT32_MAX, &batch) ||
		!text_take(text, "usd:") ||
		!text_number(text, INT32_MAX, &count))
		return text_error(text, "\"hi: N, btch: N usd: N\" expected");
	reader->lists = true;
	return add_cpu(reader, (unsigned int)cpu, (int32_t)count, (int32_t)high,
		(int32_t)batch);
}

/* A line that is about @reader->zone, which the line before named. */
static int read_of_zone(struct reader *reader)
{
	struct text *text = reader->text;
	const char *at = find(text, "lowmem_reserve[]:");

	if (at) {
		text->at = at + strlen("lowmem_reserve[]:");
		return read_reserve(reader);
	}
	at = find(text, "CPU ");
	if (!at || !find(text, "btch:"))
		return 0;
	text->at = at + strlen("CPU ");
	return read_cpu(reader);
}

static int read_line(struct reader *reader)
{
	struct text *text = reader->text;
	const char *free_at = find(text, " free:");
	const char *lists = find(text, " per-cpu:");
	const char *star = find(text, "*");
	const char *blocks =
		star ? memrchr(text->line, ':', (size_t)(star - text->line))
		     : NULL;
	const char *end = free_at ? free_at : lists ? lists : blocks;
	unsigned int nid;
	char name[12];
	int err;

	if (!end)
		return reader->zone ? read_of_zone(reader) : 0;
	err = take_head(reader, end, &nid, name);
	if (err)
		return err == -ENOENT ? 0 : err;
	/* The next report of the log. */
	if (free_at && dump_find_zone(reader->dump, nid, name) &&
		dump_find_zone(reader->dump, nid, name)->seen)
		dump_forget_zones(reader->dump);
	err = add_zone(reader, nid, name);
	text->at = end;
	if (!err && free_at)
		return read_sizes(reader);
	text->at = end + 1;
	return !err && !lists ? read_blocks(reader) : err;
}

/* From kB to pages, and a place for the zone behind those before it. */
static int finish_zone(
	struct reader *reader, struct dump_zone *zone, uint64_t *next)
{
	const unsigned int kbytes = reader->page_kbytes;
	struct pcpmm_dump_zone *info = &zone->info;
	uint64_t *const sizes[] = {&info->free, &info->boost, &info->min,
		&info->low, &info->high, &info->present, &info->managed,
		&zone->listed};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		*sizes[i] /= kbytes;
	info->spanned = info->present;
	info->start_pfn = *next;
	*next = round_up_pow2(*next + info->spanned, ZONE_ALIGN);
	reader->zone = zone;
	if (zone->info.nr_pagesets || !info->present)
		return 0;
	return add_cpu(reader, 0,
		zone->listed < INT32_MAX ? (int32_t)zone->listed : INT32_MAX,
		-1, -1);
}

int dump_read_showmem(struct pcpmm_dump *dump, struct text *text)
{
	struct reader reader = {.dump = dump, .text = text};
	uint64_t next = ZONE_ALIGN;
	unsigned int i;
	int err;

	while (text_line(text)) {
		err = read_line(&reader);
		if (err)
			return err;
	}
	if (!reader.page_kbytes)
		reader.page_kbytes = 4;
	for (i = 0; i < dump->nr_zones; i++) {
		if (!dump->zones[i].seen)
			return text_error(text,
				"report cut short: no sizes of node %u, zone "
				"%s",
				dump->zones[i].info.nid,
				dump->zones[i].info.name);
		err = finish_zone(&reader, &dump->zones[i], &next);
		if (err)
			return err;
	}
	if (!dump->nr_zones)
		return text_error(text, "no zone in the show_mem text");
	dump->page_kbytes = reader.page_kbytes;
	dump->showmem = true;
	return 0;
}
