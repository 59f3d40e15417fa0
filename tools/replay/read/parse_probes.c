/* SPDX-License-Identifier: MIT */
/*
 * The fields of the kprobes (free_bulk, refill, ...), whose names and formats
 * docs/replay.md defines.
 */
#include "field.h"
#include "parse_fields.h"

/* zone="DMA32" (kprobe string) or zone=DMA32. */
static uint8_t field_zone_name(struct scan *scan)
{
	static const char *const names[REPLAY_ZONE_NAMES] = {
		"DMA", "DMA32", "Normal", "Movable", "Device", "HighMem"};
	const char *start;
	size_t length;

	if (!scan_key(scan, KEY("zone=")))
		return REPLAY_ZONE_NAMES;
	if (scan->at < scan->end && *scan->at == '"')
		scan->at++;
	start = scan->at;
	while (scan->at < scan->end && *scan->at != '"' && *scan->at != ' ')
		scan->at++;
	length = (size_t)(scan->at - start);
	if (scan->at < scan->end && *scan->at == '"')
		scan->at++;
	for (uint8_t i = 0; i < REPLAY_ZONE_NAMES; i++) {
		if (strlen(names[i]) == length &&
			!memcmp(names[i], start, length))
			return i;
	}
	return REPLAY_ZONE_NAMES;
}

static void field_probe_begin(
	struct replay_parsed *parsed, enum replay_event_kind kind)
{
	parsed->probe = (struct replay_probe){
		.n = -1,
		.count = -1,
		.high = -1,
		.batch = -1,
		.zflags = UINT64_MAX,
		.free_factor = -1,
		.pindex = -1,
		.high_min = -1,
		.high_max = -1,
		.alloc_factor = -1,
		.free_count = -1,
		.flags = -1,
	};
	parsed->has_probe = true;
	parsed->event.kind = (uint8_t)kind;
}

static int16_t field_i16(struct scan *scan, const char *key, size_t length)
{
	int32_t value;

	return field_i32(scan, key, length, &value) ? (int16_t)value : -1;
}

/* count=, high= and what follows, in the order of the recipes of docs/replay.md. */
static void field_state(struct scan *scan, struct replay_probe *probe)
{
	field_i32(scan, KEY("high="), &probe->high);
	field_i32(scan, KEY("high_min="), &probe->high_min);
	field_i32(scan, KEY("high_max="), &probe->high_max);
	field_i32(scan, KEY("batch="), &probe->batch);
	probe->free_factor = field_i16(scan, KEY("ff="));
	probe->flags = field_i16(scan, KEY("flags="));
	probe->alloc_factor = field_i16(scan, KEY("af="));
	probe->free_count = field_i16(scan, KEY("fc="));
	field_u64(scan, KEY("zflags="), &probe->zflags);
	field_u64(scan, KEY("zp="), &probe->zp);
}

REPLAY_FIELD(free_bulk)
{
	struct replay_probe *probe = &parsed->probe;

	(void)parser;
	field_probe_begin(parsed, REPLAY_EV_FREE_BULK);
	probe->zone_name = field_zone_name(scan);
	if (!field_i32(scan, KEY("n="), &probe->n))
		return field_broken(parsed, "n= missing or not a number");
	field_u64(scan, KEY("pcp="), &probe->pcp);
	probe->pindex = field_i16(scan, KEY("pindex="));
	if (!field_i32(scan, KEY("count="), &probe->count))
		return field_broken(parsed, "count= missing or not a number");
	field_state(scan, probe);
	parsed->has_high_min = probe->high_min >= 0;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(refill)
{
	uint32_t order = 0, n, mt;
	uint64_t pcp;

	(void)parser;
	parsed->event.kind = REPLAY_EV_REFILL;
	parsed->event.pfn = field_zone_name(scan);
	/* To 5.12 lists have single pages, and no order is printed. */
	if (scan_has_key(scan, KEY("order=")) &&
		(!field_u32(scan, KEY("order="), &order) ||
			order > REPLAY_ORDER_MAX))
		return field_broken(parsed, "order= is not an order");
	if (!field_u32(scan, KEY("n="), &n))
		return field_broken(parsed, "n= missing or not a number");
	if (!field_u32(scan, KEY("mt="), &mt))
		return field_broken(parsed, "mt= missing or not a number");
	parsed->event.order = (int8_t)order;
	parsed->event.arg = n;
	parsed->event.mt = (uint8_t)(mt & 0x0f);
	parsed->event.gfp = REPLAY_NO_PROBE;
	if (!field_u64(scan, KEY("pcp="), &pcp))
		return REPLAY_LINE_EVENT;
	field_probe_begin(parsed, REPLAY_EV_REFILL);
	parsed->probe.zone_name = (uint8_t)parsed->event.pfn;
	parsed->probe.pcp = pcp;
	parsed->probe.n = (int32_t)n;
	if (!field_i32(scan, KEY("count="), &parsed->probe.count))
		return field_broken(parsed, "count= missing or not a number");
	field_state(scan, &parsed->probe);
	return REPLAY_LINE_EVENT;
}

/* "(__alloc_pages_bulk+0x4be/0x6b0 <- rmqueue_bulk)": who had asked for it. */
static bool returns_to_bulk(const struct scan *scan)
{
	static const char name[] = "alloc_pages_bulk";

	return memmem(scan->fields, (size_t)(scan->end - scan->fields), name,
		sizeof(name) - 1);
}

/* Blocks, or from 6.18 pages of blocks of an order. */
REPLAY_FIELD(refill_ret)
{
	uint32_t pages, order;

	(void)parser;
	parsed->event.gfp = returns_to_bulk(scan);
	if (!scan_has_key(scan, KEY("gotpages=")))
		return field_one_i32(
			scan, parsed, REPLAY_EV_REFILL_RET, KEY("got="));
	parsed->event.kind = REPLAY_EV_REFILL_RET;
	if (!field_u32(scan, KEY("gotpages="), &pages))
		return field_broken(parsed, "gotpages= is not a number");
	if (!field_u32(scan, KEY("order="), &order) || order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= missing or not an order");
	parsed->event.arg = pages >> order;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(bulk)
{
	uint32_t gfp;
	int32_t nid = -1;

	(void)parser;
	if (!field_u32(scan, KEY("gfp="), &gfp))
		return field_broken(parsed, "gfp= missing or not a number");
	parsed->event.gfp = gfp;
	field_i32(scan, KEY("nid="), &nid);
	if (nid >= 0)
		parsed->event.pfn = (uint32_t)nid;
	return field_one_i32(scan, parsed, REPLAY_EV_BULK, KEY("nr="));
}

REPLAY_FIELD(bulk_ret)
{
	(void)parser;
	return field_one_i32(scan, parsed, REPLAY_EV_BULK_RET, KEY("got="));
}

/* Arguments of free_one_page(), by name or as a=zone b=page c=pfn d=order. */
REPLAY_FIELD(free_one)
{
	uint64_t pfn, order;

	(void)parser;
	parsed->event.kind = REPLAY_EV_FREE_ONE;
	if (scan_has_key(scan, KEY("pfn="))) {
		if (!field_u64(scan, KEY("pfn="), &pfn) ||
			pfn >= REPLAY_PFN_END)
			return field_broken(parsed, "pfn= is not a pfn");
		if (!field_u64(scan, KEY("order="), &order) ||
			order > REPLAY_ORDER_MAX)
			return field_broken(parsed, "order= is not an order");
	} else {
		if (!field_u64(scan, KEY("c="), &pfn) || pfn >= REPLAY_PFN_END)
			return field_broken(parsed, "c= missing or not a pfn");
		if (!field_u64(scan, KEY("d="), &order) ||
			order > REPLAY_ORDER_MAX)
			return field_broken(
				parsed, "d= missing or not an order");
	}
	parsed->event.pfn = (uint32_t)pfn;
	parsed->event.order = (int8_t)order;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(free_ok)
{
	uint32_t order;

	(void)parser;
	parsed->event.kind = REPLAY_EV_FREE_OK;
	if (!field_u32(scan, KEY("order="), &order) || order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= missing or not a number");
	parsed->event.order = (int8_t)order;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(drain_pz)
{
	uint32_t cpu;

	(void)parser;
	parsed->event.kind = REPLAY_EV_DRAIN_PZ;
	if (!field_u32(scan, KEY("cpu="), &cpu) || cpu >= REPLAY_CPUS_MAX)
		return field_broken(parsed, "cpu= missing or not a number");
	parsed->event.arg = cpu;
	return REPLAY_LINE_EVENT;
}

/* drain_local_pages_wq(), to 5.19: the worker's own CPU. */
REPLAY_FIELD(drain_wq)
{
	(void)parser;
	(void)scan;
	parsed->event.kind = REPLAY_EV_DRAIN_PZ;
	parsed->event.arg = parsed->event.cpu;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(drain_all)
{
	(void)parser;
	(void)scan;
	parsed->event.kind = REPLAY_EV_DRAIN_ALL;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(drain_all_ret)
{
	(void)parser;
	(void)scan;
	parsed->event.kind = REPLAY_EV_DRAIN_ALL_RET;
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(drain_remote)
{
	(void)parser;
	field_probe_begin(parsed, REPLAY_EV_DRAIN_REMOTE);
	parsed->probe.zone_name = field_zone_name(scan);
	if (!field_i32(scan, KEY("count="), &parsed->probe.count))
		return field_broken(parsed, "count= missing or not a number");
	field_i32(scan, KEY("batch="), &parsed->probe.batch);
	return REPLAY_LINE_EVENT;
}

/*
 * __zone_set_pageset_high_and_batch(zone, a=high, b=batch), from 6.7 with bounds; to
 * 5.13 a function that does not say what it sets.
 */
REPLAY_FIELD(pageset)
{
	(void)parser;
	if (scan_has_key(scan, KEY("pset=")))
		return REPLAY_LINE_OTHER;
	field_probe_begin(parsed, REPLAY_EV_PAGESET);
	parsed->probe.zone_name = field_zone_name(scan);
	if (scan_has_key(scan, KEY("high_min="))) {
		if (!field_i32(
			    scan, KEY("high_min="), &parsed->probe.high_min) ||
			!field_i32(scan, KEY("high_max="),
				&parsed->probe.high_max) ||
			!field_i32(scan, KEY("batch="), &parsed->probe.batch))
			return field_broken(
				parsed, "a field is missing or no number");
		return REPLAY_LINE_EVENT;
	}
	if (!field_i32(scan, KEY("a="), &parsed->probe.high) ||
		!field_i32(scan, KEY("b="), &parsed->probe.batch))
		return field_broken(parsed, "a field is missing or no number");
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(decay)
{
	(void)parser;
	field_probe_begin(parsed, REPLAY_EV_DECAY);
	parsed->probe.zone_name = field_zone_name(scan);
	if (!field_i32(scan, KEY("count="), &parsed->probe.count))
		return field_broken(parsed, "count= missing or not a number");
	field_state(scan, &parsed->probe);
	return REPLAY_LINE_EVENT;
}

#define FPI_PREPARED 8 /* 7.x: each of the block's pages was freed before */

/*
 * A free that enters its list. Its page has a line of its own, but for blocks that
 * the kernel made of freed pages; those are named by the address of their page.
 */
REPLAY_FIELD(commit)
{
	uint64_t page, pfn, order, fpi;
	uint32_t mt;

	if (!scan_has_key(scan, KEY("fpi=")))
		return REPLAY_LINE_OTHER;
	if (!field_u64(scan, KEY("page="), &page))
		return field_broken(parsed, "page= missing or not a number");
	if (!field_u32(scan, KEY("mt="), &mt))
		return field_broken(parsed, "mt= missing or not a number");
	if (!field_u64(scan, KEY("order="), &order) || order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= missing or not an order");
	if (!field_u64(scan, KEY("fpi="), &fpi))
		return field_broken(parsed, "fpi= missing or not a number");
	if (!(fpi & FPI_PREPARED) || !order)
		return REPLAY_LINE_OTHER;
	if (!parser->pages_known)
		return field_broken(parsed,
			"page= of a block, and no line before has both page= "
			"and pfn=");
	pfn = (page - parser->pages) / REPLAY_PAGE_STRUCT;
	if (pfn >= REPLAY_PFN_END)
		return field_broken(parsed, "page= is no page");
	parsed->event.kind = REPLAY_EV_COMMIT;
	parsed->event.pfn = (uint32_t)pfn;
	parsed->event.order = (int8_t)order;
	parsed->event.mt = (uint8_t)(mt & 0x0f);
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(refresh)
{
	(void)parser;
	return field_one_i32(
		scan, parsed, REPLAY_EV_REFRESH, KEY("do_pagesets="));
}

REPLAY_FIELD(refresh_ret)
{
	(void)parser;
	(void)scan;
	parsed->event.kind = REPLAY_EV_REFRESH_RET;
	return REPLAY_LINE_EVENT;
}
