/* SPDX-License-Identifier: MIT */
/*
 * Read /proc/zoneinfo, of any kernel from 2.6.16 on.
 *
 * Kernels differ in the lines that they print, not in the form of a line, so
 * the reader knows the lines that it needs and takes every other "name number"
 * as a counter. Lines that only some kernels print also tell which kernels this
 * can be (dump_evidence.c). mmtests and similar collectors write "time: ..." before each
 * snapshot; the last snapshot counts.
 */
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 64 TiB, the most that x86 can have: keeps every product within 64 bits. */
#define PAGES_MAX (1ULL << 34)

enum section {
	SECTION_NONE, /* before the first zone */
	SECTION_NODE, /* per-node stats */
	SECTION_ZONE, /* sizes and counters of the zone */
	SECTION_PAGESETS, /* and the lines after them */
};

struct reader {
	struct pcpmm_dump *dump;
	struct text *text;
	struct dump_zone *zone; /* of the current line */
	enum section section;
	unsigned int set_seen; /* lines of the current CPU's list, by index */
	unsigned int list; /* 0: hot, or the only one; 1: cold */
};

int dump_zone_type(const char *name)
{
	int type;

	for (type = 0; type < PCPMM_NR_ZONES; type++) {
		if (strcmp(name, pcpmm_zone_name((unsigned int)type)) == 0)
			return type;
	}
	return strcmp(name, "HighMem") == 0 ? -1 : -2;
}

/* After the last line of a zone: were all required lines there? */
static int finish_zone(struct reader *reader)
{
	static const char *const names[] = {
		"pages free", "min", "low", "high", "spanned", "present"};
	const struct dump_zone *zone = reader->zone;
	const struct pcpmm_dump_zone *info;
	unsigned int i;

	if (!zone)
		return 0;
	info = &zone->info;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(zone->seen & (1u << i)))
			return text_error(reader->text,
				"zoneinfo cut short: no '%s' line in node %u, "
				"zone %s",
				names[i], info->nid, info->name);
	}
	if (info->present > info->spanned || info->managed > info->present)
		return text_error(reader->text,
			"impossible zone above (node %u, zone %s): managed <= "
			"present <= spanned is not so",
			info->nid, info->name);
	if (info->present && !(zone->seen & DUMP_SEEN_START_PFN))
		return text_error(reader->text,
			"zoneinfo cut short: no 'start_pfn' line in node %u, "
			"zone %s",
			info->nid, info->name);
	return 0;
}

void dump_forget_zones(struct pcpmm_dump *dump)
{
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++)
		free(dump->zones[i].pagesets);
	dump->nr_zones = 0;
	dump->nr_counters = 0;
	dump_forget_lines(dump);
	memset(dump->online, 0, sizeof(dump->online));
}

static int start_zone(struct reader *reader, unsigned int nid, const char *name)
{
	struct pcpmm_dump *dump = reader->dump;
	int type = dump_zone_type(name);
	int err;

	if (type == -2)
		return text_error(reader->text, "unknown zone '%s'", name);
	if (!text_at_end(reader->text))
		return text_error(reader->text, "end of line expected");
	err = finish_zone(reader);
	if (err)
		return err;
	if (dump_find_zone(dump, nid, name))
		return text_error(reader->text,
			"node %u, zone %s is there twice%s", nid, name,
			type == PCPMM_ZONE_NORMAL || type == PCPMM_ZONE_MOVABLE
				? "; several instances of a type are not read"
				: "");
	reader->zone = dump_add_zone(dump, nid, name);
	if (!reader->zone)
		return -ENOMEM;
	reader->section = SECTION_ZONE;
	return 0;
}

/* "(0, 1955, 1955, 1955, 1955)" */
static int read_protection(struct reader *reader)
{
	struct pcpmm_dump_zone *info = &reader->zone->info;
	struct text *text = reader->text;
	uint64_t pages;

	info->nr_protection = 0;
	if (!text_take(text, "("))
		return text_error(text, "\"(\" expected");
	do {
		if (info->nr_protection == PCPMM_DUMP_PROTECTION_MAX)
			return text_error(text, "more than %d zones",
				PCPMM_DUMP_PROTECTION_MAX);
		if (!text_number(text, PAGES_MAX, &pages))
			return text_number_error(text, "pages");
		info->protection[info->nr_protection++] = pages;
	} while (text_take(text, ","));
	if (!text_take(text, ")"))
		return text_error(text, "\")\" expected");
	reader->zone->seen |= DUMP_SEEN_PROTECTION;
	return 0;
}

static int start_pageset(struct reader *reader)
{
	struct dump_zone *zone = reader->zone;
	struct pcpmm_dump *dump = reader->dump;
	uint64_t cpu, list;

	if (!text_number(reader->text, PCPMM_CPUS_MAX - 1, &cpu))
		return text_error(reader->text, "CPU number 0..%d expected",
			PCPMM_CPUS_MAX - 1);
	reader->set_seen = 0;
	reader->list = 0;
	if (text_take(reader->text, "pcp:")) {
		dump_saw(dump, "cpu: N pcp: N");
		if (!text_number(reader->text, 1, &list))
			return text_error(reader->text, "list 0 (hot) or 1 "
							"(cold) expected");
		reader->list = (unsigned int)list;
	}
	if (reader->list && zone->info.nr_pagesets &&
		zone->pagesets[zone->info.nr_pagesets - 1].cpu == cpu)
		return 0;
	if (zone->info.nr_pagesets &&
		zone->pagesets[zone->info.nr_pagesets - 1].cpu >= cpu)
		return text_error(reader->text, "CPUs are not in order");
	return dump_add_pageset(dump, zone, (unsigned int)cpu) ? 0 : -ENOMEM;
}

/* A CPU's value; the cold list of 2.6.24 and older adds to the hot one's. */
static void keep_pageset_value(const struct reader *reader,
	struct pcpmm_dump_pageset *set, int32_t *field, int32_t value)
{
	if (!reader->list)
		*field = value;
	else if (field == &set->count)
		set->count = value < INT32_MAX - set->count ? set->count + value
							    : INT32_MAX;
}

/* One line of a CPU's pageset; -ENOENT if it is none. */
static int read_pageset(struct reader *reader)
{
	struct dump_zone *zone = reader->zone;
	struct text *text = reader->text;
	struct pcpmm_dump_pageset *set;
	int32_t low;
	uint64_t value;
	unsigned int i;

	if (text_take(text, "cpu:"))
		return start_pageset(reader);
	if (!zone->info.nr_pagesets)
		return -ENOENT;
	set = &zone->pagesets[zone->info.nr_pagesets - 1];
	const struct {
		const char *name;
		int32_t *field;
	} lines[] = {
		{"count:", &set->count},
		{"low:", &low}, /* of a list, to 2.6.16: always 0 */
		{"high:", &set->high},
		{"batch:", &set->batch},
		{"high_min:", &set->high_min},
		{"high_max:", &set->high_max},
		{"vm stats threshold:", &set->stat_threshold},
	};

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (text_take(text, lines[i].name))
			break;
	}
	if (i == sizeof(lines) / sizeof(lines[0]))
		return -ENOENT;
	dump_saw(reader->dump, lines[i].name);
	if (reader->set_seen & (1u << i))
		return text_error(text, "second '%s' line of CPU %u",
			lines[i].name, set->cpu);
	reader->set_seen |= 1u << i;
	if (!text_number(text, INT32_MAX, &value))
		return text_number_error(text, "");
	keep_pageset_value(reader, set, lines[i].field, (int32_t)value);
	return 0;
}

/* Where a zone's "name number" line goes, and its DUMP_SEEN_* bit. */
static uint64_t *find_size(
	struct dump_zone *zone, const char *name, unsigned int *seen)
{
	const struct {
		const char *name;
		uint64_t *field;
		unsigned int seen;
	} sizes[] = {
		{"min", &zone->info.min, DUMP_SEEN_MIN},
		{"low", &zone->info.low, DUMP_SEEN_LOW},
		{"high", &zone->info.high, DUMP_SEEN_HIGH},
		{"boost", &zone->info.boost, DUMP_SEEN_BOOST},
		{"promo", &zone->info.promo, DUMP_SEEN_PROMO},
		{"spanned", &zone->info.spanned, DUMP_SEEN_SPANNED},
		{"present", &zone->info.present, DUMP_SEEN_PRESENT},
		{"managed", &zone->info.managed, DUMP_SEEN_MANAGED},
		{"cma", &zone->info.cma, DUMP_SEEN_CMA},
		{"start_pfn", &zone->info.start_pfn, DUMP_SEEN_START_PFN},
	};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (strcmp(name, sizes[i].name) != 0)
			continue;
		*seen = sizes[i].seen;
		zone->info.has_managed |= sizes[i].field == &zone->info.managed;
		zone->info.has_boost |= sizes[i].field == &zone->info.boost;
		zone->info.has_promo |= sizes[i].field == &zone->info.promo;
		return sizes[i].field;
	}
	return NULL;
}

static int add_counter(struct reader *reader, const char *name, uint64_t value)
{
	struct pcpmm_dump *dump = reader->dump;
	struct dump_counter *counter;
	int err;

	err = dump_grow((void **)&dump->counters, &dump->counters_size,
		dump->nr_counters, sizeof(*dump->counters));
	if (err)
		return err;
	counter = &dump->counters[dump->nr_counters++];
	counter->zone = reader->section == SECTION_NODE
				? -1
				: (int)(reader->zone - dump->zones);
	counter->nid = reader->zone->info.nid;
	counter->value = value;
	snprintf(counter->name, sizeof(counter->name), "%s", name);
	return 0;
}

/* "(a: 27 i: 24)": what 2.6.16..2.6.27 scanned of each list. */
static int skip_scanned_lists(struct text *text)
{
	uint64_t number;

	if (!text_take(text, "(a:"))
		return 0;
	if (text_number(text, UINT64_MAX, &number) && text_take(text, "i:") &&
		text_number(text, UINT64_MAX, &number) && text_take(text, ")"))
		return 0;
	return text_error(text, "\"(a: N i: N)\" cut short");
}

/* One of the zone's sizes, each of which is there once. */
static int read_size(struct reader *reader, const char *name, uint64_t *field,
	unsigned int seen)
{
	struct dump_zone *zone = reader->zone;
	struct text *text = reader->text;
	const char *start;

	if (zone->seen & seen)
		return text_error(text, "second '%s' line of node %u, zone %s",
			name, zone->info.nid, zone->info.name);
	zone->seen |= seen;
	text_at_end(text);
	start = text->at;
	if (!text_number(text, PAGES_MAX, field))
		return text_number_error(text, "pages");
	if (field == &zone->info.min && *field < zone->info.boost) {
		text->at = start;
		return text_error(text,
			"impossible: min contains the boost "
			"of %llu pages",
			(unsigned long long)zone->info.boost);
	}
	return 0;
}

/*
 * "name number" or "name: number". From 4.17 to 4.19 one counter has no name:
 * its number stands alone and is left out.
 */
static int read_value(struct reader *reader)
{
	char name[sizeof(((struct dump_counter *)NULL)->name)];
	struct text *text = reader->text;
	uint64_t *field = NULL;
	unsigned int seen = 0;
	const char *word;
	uint64_t value;
	size_t length, i;
	int err;

	if (reader->section != SECTION_PAGESETS &&
		text_number(text, UINT64_MAX, &value)) {
		dump_saw(reader->dump, "");
		return 0;
	}
	length = text_word(text, &word);
	if (length && word[length - 1] == ':')
		length--;
	for (i = 0; i < length; i++) {
		if (!isalnum((unsigned char)word[i]) && word[i] != '_')
			break;
	}
	if (!length || i < length || length >= sizeof(name)) {
		text->at = word;
		return text_error(text, "not a line of zoneinfo");
	}
	memcpy(name, word, length);
	name[length] = '\0';
	dump_saw(reader->dump, name);
	if (reader->section != SECTION_NODE)
		field = find_size(reader->zone, name, &seen);
	if (field)
		return read_size(reader, name, field, seen);
	if (text_at_end(text) ||
		(!isdigit((unsigned char)*text->at) && *text->at != '-'))
		return text_error(text, "number expected after '%s'", name);
	if (!text_number(text, UINT64_MAX, &value))
		return text_number_error(text, "");
	err = skip_scanned_lists(text);
	return err ? err : add_counter(reader, name, value);
}

static int read_line(struct reader *reader)
{
	struct text *text = reader->text;
	int err;

	if (text_take(text, "per-node stats")) {
		dump_saw(reader->dump, "per-node stats");
		reader->section = SECTION_NODE;
		return 0;
	}
	if (text_take(text, "pages free")) {
		reader->section = SECTION_ZONE;
		return read_size(reader, "pages free", &reader->zone->info.free,
			DUMP_SEEN_FREE);
	}
	if (text_take(text, "protection:"))
		return read_protection(reader);
	if (text_take(text, "pagesets")) {
		reader->section = SECTION_PAGESETS;
		return 0;
	}
	if (reader->section == SECTION_PAGESETS) {
		err = read_pageset(reader);
		if (err != -ENOENT)
			return err;
	}
	return read_value(reader);
}

int dump_read_zoneinfo(struct pcpmm_dump *dump, struct text *text)
{
	struct reader reader = {.dump = dump, .text = text};
	unsigned int nid;
	char name[12];
	int err;

	while (text_line(text)) {
		if (text_at_end(text))
			continue;
		if (text_take(text, "time:")) {
			err = finish_zone(&reader);
			if (err)
				return err;
			reader.zone = NULL;
			dump_forget_zones(dump);
			continue;
		}
		err = dump_take_zone(text, &nid, name);
		if (!err)
			err = start_zone(&reader, nid, name);
		else if (err == -ENOENT && !reader.zone)
			err = text_error(text, "not a zoneinfo: \"Node 0, zone "
					       "...\" expected");
		else if (err == -ENOENT)
			err = read_line(&reader);
		if (err)
			return err;
		if (!text_at_end(text))
			return text_error(text, "end of line expected");
	}
	if (!dump->nr_zones)
		return text_error(text, "not a zoneinfo: no zone in it");
	return finish_zone(&reader);
}
