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
	};
	parsed->has_probe = true;
	parsed->event.kind = (uint8_t)kind;
}

REPLAY_FIELD(free_bulk)
{
	struct replay_probe *probe = &parsed->probe;
	int32_t value;

	(void)parser;
	field_probe_begin(parsed, REPLAY_EV_FREE_BULK);
	probe->zone_name = field_zone_name(scan);
	if (!field_i32(scan, KEY("n="), &probe->n))
		return field_broken(parsed, "n= missing or not a number");
	field_u64(scan, KEY("pcp="), &probe->pcp);
	if (field_i32(scan, KEY("pindex="), &value))
		probe->pindex = (int16_t)value;
	if (!field_i32(scan, KEY("count="), &probe->count))
		return field_broken(parsed, "count= missing or not a number");
	field_i32(scan, KEY("high="), &probe->high);
	parsed->has_high_min = field_i32(scan, KEY("high_min="), &value);
	field_i32(scan, KEY("batch="), &probe->batch);
	if (field_i32(scan, KEY("ff="), &value))
		probe->free_factor = (int16_t)value;
	field_u64(scan, KEY("zflags="), &probe->zflags);
	field_u64(scan, KEY("zp="), &probe->zp);
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(refill)
{
	uint32_t order, n, mt;

	(void)parser;
	parsed->event.kind = REPLAY_EV_REFILL;
	parsed->event.pfn = field_zone_name(scan);
	if (!field_u32(scan, KEY("order="), &order) || order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= missing or not a number");
	if (!field_u32(scan, KEY("n="), &n))
		return field_broken(parsed, "n= missing or not a number");
	if (!field_u32(scan, KEY("mt="), &mt))
		return field_broken(parsed, "mt= missing or not a number");
	parsed->event.order = (int8_t)order;
	parsed->event.arg = n;
	parsed->event.mt = (uint8_t)(mt & 0x0f);
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(refill_ret)
{
	(void)parser;
	return field_one_i32(scan, parsed, REPLAY_EV_REFILL_RET, KEY("got="));
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

/* Arguments of free_one_page(): a=zone b=page c=pfn d=order. */
REPLAY_FIELD(free_one)
{
	uint64_t pfn, order;

	(void)parser;
	parsed->event.kind = REPLAY_EV_FREE_ONE;
	if (!field_u64(scan, KEY("c="), &pfn) || pfn >= REPLAY_PFN_END)
		return field_broken(parsed, "c= missing or not a pfn");
	if (!field_u64(scan, KEY("d="), &order) || order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "d= missing or not an order");
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

/* __zone_set_pageset_high_and_batch(zone, a=high, b=batch). */
REPLAY_FIELD(pageset)
{
	(void)parser;
	field_probe_begin(parsed, REPLAY_EV_PAGESET);
	parsed->probe.zone_name = field_zone_name(scan);
	if (!field_i32(scan, KEY("a="), &parsed->probe.high) ||
		!field_i32(scan, KEY("b="), &parsed->probe.batch))
		return field_broken(parsed, "a field is missing or no number");
	return REPLAY_LINE_EVENT;
}

REPLAY_FIELD(decay)
{
	(void)parser;
	(void)scan;
	parsed->event.kind = REPLAY_EV_DECAY;
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
