/* SPDX-License-Identifier: MIT */
/*
 * Read /proc/buddyinfo and /proc/pagetypeinfo: free blocks by order, also by
 * migratetype, and pageblocks by type.
 */
#include "dump.h"

#include <errno.h>
#include <string.h>

/* Most blocks of one order that a zone can have: one per page. */
#define BLOCKS_MAX (1ULL << 34)

/* Take "Node N, zone NAME" and find the zone in the zoneinfo read before. */
static int take_known_zone(
	struct pcpmm_dump *dump, struct text *text, struct dump_zone **zone)
{
	unsigned int nid;
	char name[12];
	int err;

	err = dump_take_zone(text, &nid, name);
	if (err)
		return err;
	*zone = dump_find_zone(dump, nid, name);
	if (!*zone)
		return text_error(text,
			"node %u, zone %s is not in the zoneinfo", nid, name);
	return 0;
}

/* Free blocks of each order; ">" before a number: there are more. */
static int take_orders(struct text *text, uint64_t *nr_free, uint32_t *capped)
{
	unsigned int order;

	for (order = 0; order < PCPMM_NR_ORDERS; order++) {
		if (capped && text_take(text, ">"))
			*capped |= 1u << order;
		if (!text_number(text, BLOCKS_MAX, &nr_free[order]))
			return text_error(text,
				"number of free blocks of order %u expected",
				order);
	}
	if (!text_at_end(text))
		return text_error(text, "more than %d orders: not supported",
			PCPMM_NR_ORDERS);
	return 0;
}

int dump_read_buddyinfo(struct pcpmm_dump *dump, struct text *text)
{
	struct dump_zone *zone = NULL;
	bool any = false;
	int err;

	while (text_line(text)) {
		if (text_at_end(text))
			continue;
		err = take_known_zone(dump, text, &zone);
		if (err == -ENOENT)
			err = text_error(text,
				"not a buddyinfo: \"Node 0, zone ...\" "
				"expected");
		else if (!err && zone->has_buddy)
			err = text_error(text, "this zone is there twice");
		else if (!err)
			err = take_orders(text, zone->buddy, NULL);
		if (err)
			return err;
		zone->has_buddy = true;
		any = true;
	}
	if (!any)
		return text_error(text, "not a buddyinfo: no zone in it");
	return 0;
}

static int take_type(struct text *text, unsigned int *type)
{
	unsigned int i;
	const char *word;
	size_t length;

	length = text_word(text, &word);
	for (i = 0; i < PCPMM_NR_MIGRATETYPES; i++) {
		const char *name = pcpmm_migratetype_name(i);

		if (strlen(name) == length && !memcmp(name, word, length)) {
			*type = i;
			return 0;
		}
	}
	text->at = word;
	return text_error(text, "name of a migratetype expected");
}

/* Names of the columns, after "Number of blocks type". */
static int take_columns(
	struct text *text, unsigned int *types, unsigned int *nr)
{
	int err;

	for (*nr = 0; !text_at_end(text); (*nr)++) {
		if (*nr == PCPMM_NR_MIGRATETYPES)
			return text_error(text, "too many migratetypes");
		err = take_type(text, &types[*nr]);
		if (err)
			return err;
	}
	return 0;
}

static int read_free_row(struct pcpmm_dump_type *types, struct text *text)
{
	unsigned int type = 0;
	int err;

	err = take_type(text, &type);
	if (err)
		return err;
	return take_orders(text, types[type].nr_free, &types[type].capped);
}

static int read_blocks_row(struct pcpmm_dump_type *types, struct text *text,
	const unsigned int *columns, unsigned int nr)
{
	unsigned int i;

	if (!nr)
		return text_error(text, "row before its header");
	for (i = 0; i < nr; i++) {
		if (!text_number(
			    text, BLOCKS_MAX, &types[columns[i]].pageblocks))
			return text_error(
				text, "number of pageblocks expected");
	}
	return 0;
}

static int read_header(struct text *text)
{
	uint64_t order;

	if (text_take(text, "Page block order:")) {
		if (!text_number(text, 64, &order) ||
			order != PCPMM_PAGEBLOCK_ORDER)
			return text_error(text,
				"pageblocks of order %d expected",
				PCPMM_PAGEBLOCK_ORDER);
		return 0;
	}
	if (text_take(text, "Pages per block:") ||
		text_take(text, "Free pages count per migrate type at order"))
		return 0;
	return -ENOENT;
}

int dump_read_pagetypeinfo(struct pcpmm_dump *dump, struct text *text)
{
	unsigned int columns[PCPMM_NR_MIGRATETYPES];
	unsigned int nr_columns = 0;
	struct dump_zone *zone = NULL;
	bool any = false;
	int err;

	while (text_line(text)) {
		if (text_at_end(text))
			continue;
		err = read_header(text);
		if (!err)
			continue;
		if (err == -EINVAL)
			return err;
		/* Printed with page owner tracking only: ignore the rest. */
		if (text_take(text, "Number of mixed blocks"))
			break;
		if (text_take(text, "Number of blocks type")) {
			err = take_columns(text, columns, &nr_columns);
			if (err)
				return err;
			continue;
		}
		err = take_known_zone(dump, text, &zone);
		if (err == -ENOENT)
			return text_error(text, "not a line of pagetypeinfo");
		if (err)
			return err;
		zone->has_types = true;
		any = true;
		if (text_take(text, ", type"))
			err = read_free_row(zone->types, text);
		else
			err = read_blocks_row(
				zone->types, text, columns, nr_columns);
		if (err)
			return err;
	}
	if (!any || !nr_columns)
		return text_error(text, "pagetypeinfo cut short");
	return 0;
}
