/* SPDX-License-Identifier: MIT */
/*
 * Read /proc/buddyinfo and /proc/pagetypeinfo: free blocks by order, also by
 * migratetype, and pageblocks by type.
 *
 * The simulated machine has blocks of orders 0 to 10 and pageblocks of order 9.
 * Kernels have others by configuration and size of page, so a larger block counts
 * as several of the largest order, and pageblocks are counted in pages.
 */
#include "dump.h"

#include <errno.h>
#include <string.h>

/* Most blocks of one order that a zone can have: one per page. */
#define BLOCKS_MAX (1ULL << 34)

#define ORDERS_LEAST 7 /* that a kernel can print */

/* What one pagetypeinfo has, beside its numbers. */
struct tables {
	struct pcpmm_dump *dump;
	struct text *text;
	unsigned int orders; /* of the first row; 0: before it */
	unsigned int columns[PCPMM_NR_MIGRATETYPES + 1];
	unsigned int nr_columns;
};

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

unsigned int dump_add_blocks(
	uint64_t nr_free[PCPMM_NR_ORDERS], unsigned int order, uint64_t blocks)
{
	unsigned int top = PCPMM_NR_ORDERS - 1;
	unsigned int as = order > top ? top : order;

	nr_free[as] += blocks << (order - as);
	return as;
}

/*
 * Free blocks of each order, to the end of the line; ">" before a number: there
 * are more. All rows of a file have as many orders as the first.
 */
static int take_orders(struct text *text, unsigned int *orders,
	uint64_t *nr_free, uint32_t *capped)
{
	unsigned int order;

	for (order = 0; !text_at_end(text) || order < ORDERS_LEAST; order++) {
		bool more = capped && text_take(text, ">");
		unsigned int as;
		uint64_t blocks;

		if (order == DUMP_ORDERS_MAX)
			return text_error(text,
				"more than %d orders: no kernel has them",
				DUMP_ORDERS_MAX);
		if (text_at_end(text))
			break;
		if (!text_number(text, BLOCKS_MAX, &blocks))
			return text_number_error(text, "free blocks");
		as = dump_add_blocks(nr_free, order, blocks);
		if (more)
			*capped |= 1u << as;
	}
	if (order < ORDERS_LEAST || (*orders && order != *orders))
		return text_error(text,
			"number of free blocks of order %u expected", order);
	*orders = order;
	return 0;
}

int dump_read_buddyinfo(struct pcpmm_dump *dump, struct text *text)
{
	struct dump_zone *zone = NULL;
	unsigned int orders = 0;
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
			err = take_orders(text, &orders, zone->buddy, NULL);
		if (err)
			return err;
		zone->has_buddy = true;
		any = true;
	}
	if (!any)
		return text_error(text, "not a buddyinfo: no zone in it");
	dump->buddy_orders = orders;
	return 0;
}

/* To 4.3 a part was kept in blocks of type Reserve, as HighAtomic is since. */
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
	if (length == strlen("Reserve") && !memcmp("Reserve", word, length)) {
		*type = PCPMM_MIGRATE_HIGHATOMIC;
		return 0;
	}
	text->at = word;
	return text_error(text, "name of a migratetype expected");
}

/* Names of the columns, after "Number of blocks type". */
static int take_columns(struct tables *tables)
{
	struct text *text = tables->text;
	unsigned int nr;
	int err;

	for (nr = 0; !text_at_end(text); nr++) {
		if (nr == PCPMM_NR_MIGRATETYPES)
			return text_error(text, "too many migratetypes");
		err = take_type(text, &tables->columns[nr]);
		if (err)
			return err;
	}
	tables->nr_columns = nr;
	return 0;
}

static int read_free_row(struct tables *tables, struct dump_zone *zone)
{
	struct text *text = tables->text;
	unsigned int type = 0;
	int err;

	err = take_type(text, &type);
	if (err)
		return err;
	if (zone->types_seen & (1u << type))
		return text_error(text, "this type is there twice");
	zone->types_seen |= 1u << type;
	return take_orders(text, &tables->orders, zone->types[type].nr_free,
		&zone->types[type].capped);
}

/* @blocks of the dump's pageblock order, as pageblocks of this library. */
static uint64_t to_pageblocks(const struct pcpmm_dump *dump, uint64_t blocks)
{
	unsigned int order = dump->pageblock_order;

	if (order >= PCPMM_PAGEBLOCK_ORDER)
		return blocks << (order - PCPMM_PAGEBLOCK_ORDER);
	return blocks >> (PCPMM_PAGEBLOCK_ORDER - order);
}

static int read_blocks_row(struct tables *tables, struct dump_zone *zone)
{
	struct text *text = tables->text;
	uint64_t blocks;
	unsigned int i;

	if (!tables->nr_columns)
		return text_error(text, "row before its header");
	if (zone->blocks_seen)
		return text_error(text, "this zone is there twice");
	zone->blocks_seen = true;
	for (i = 0; i < tables->nr_columns; i++) {
		if (!text_number(text, BLOCKS_MAX, &blocks))
			return text_number_error(text, "pageblocks");
		zone->types[tables->columns[i]].pageblocks +=
			to_pageblocks(tables->dump, blocks);
	}
	return 0;
}

static int read_header(struct tables *tables)
{
	struct text *text = tables->text;
	uint64_t number;

	if (text_take(text, "Page block order:")) {
		if (!text_number(text, DUMP_ORDERS_MAX - 1, &number))
			return text_error(text,
				"order 0..%d of a pageblock expected",
				DUMP_ORDERS_MAX - 1);
		tables->dump->pageblock_order = (unsigned int)number;
		return 0;
	}
	if (text_take(text, "Pages per block:")) {
		if (!text_number(text, BLOCKS_MAX, &number))
			return text_number_error(text, "pages");
		if (number != 1ULL << tables->dump->pageblock_order)
			return text_error(text,
				"%llu pages are no block of order %u",
				(unsigned long long)number,
				tables->dump->pageblock_order);
		return 0;
	}
	if (text_take(text, "Free pages count per migrate type at order"))
		return 0;
	if (text_take(text, "Number of blocks type"))
		return take_columns(tables);
	return -ENOENT;
}

static int read_row(struct tables *tables)
{
	struct text *text = tables->text;
	struct dump_zone *zone = NULL;
	int err;

	err = take_known_zone(tables->dump, text, &zone);
	if (err == -ENOENT)
		return text_error(text, "not a line of pagetypeinfo");
	if (err)
		return err;
	zone->has_types = true;
	return text_take(text, ", type") ? read_free_row(tables, zone)
					 : read_blocks_row(tables, zone);
}

int dump_read_pagetypeinfo(struct pcpmm_dump *dump, struct text *text)
{
	struct tables tables = {.dump = dump, .text = text};
	bool any = false;
	int err;

	dump->pageblock_order = PCPMM_PAGEBLOCK_ORDER;
	while (text_line(text)) {
		if (text_at_end(text))
			continue;
		/* Printed with page owner tracking only: ignore the rest. */
		if (text_take(text, "Number of mixed blocks"))
			break;
		err = read_header(&tables);
		if (err == -ENOENT) {
			err = read_row(&tables);
			any = true;
		}
		if (err)
			return err;
	}
	if (!any || !tables.nr_columns)
		return text_error(text, "pagetypeinfo cut short");
	dump->type_orders = tables.orders;
	return 0;
}
