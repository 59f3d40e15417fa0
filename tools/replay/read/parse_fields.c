/* SPDX-License-Identifier: MIT */
/* The fields of each event; see parse_fields.h and KF G.1. */
#include "gfp.h"
#include "parse_fields.h"

#define KEY(text) text, sizeof(text) - 1

static enum replay_verdict field_broken(
	struct replay_parsed *parsed, const char *what)
{
	parsed->what = what;
	return REPLAY_LINE_BROKEN;
}

/* The number must end where the field ends: "pfn=12x4" is no number. */
static bool field_ends(const struct scan *scan)
{
	return scan->at == scan->end || *scan->at == ' ' || *scan->at == ',' ||
	       *scan->at == '\t';
}

static bool field_u64(
	struct scan *scan, const char *key, size_t length, uint64_t *value)
{
	return scan_key(scan, key, length) && scan_unsigned(scan, value) &&
	       field_ends(scan);
}

static bool field_u32(
	struct scan *scan, const char *key, size_t length, uint32_t *value)
{
	uint64_t v;

	if (!field_u64(scan, key, length, &v) || v > UINT32_MAX)
		return false;
	*value = (uint32_t)v;
	return true;
}

static bool field_i32(
	struct scan *scan, const char *key, size_t length, int32_t *value)
{
	bool minus;
	uint64_t v;

	if (!scan_key(scan, key, length))
		return false;
	minus = scan->at < scan->end && *scan->at == '-';
	scan->at += minus;
	if (!scan_unsigned(scan, &v) || !field_ends(scan))
		return false;
	/* Registers printed as hex may carry rubbish above bit 31. */
	*value = minus ? -(int32_t)(uint32_t)v : (int32_t)(uint32_t)v;
	return true;
}

static enum replay_verdict field_pfn_order(struct scan *scan,
	struct replay_parsed *parsed, enum replay_event_kind kind)
{
	uint64_t pfn, order;

	parsed->event.kind = (uint8_t)kind;
	if (!field_u64(scan, KEY("pfn="), &pfn))
		return field_broken(parsed, "pfn= missing or not a number");
	if (pfn >= REPLAY_PFN_END)
		return field_broken(parsed, "pfn= is beyond 15 TiB");
	if (!field_u64(scan, KEY("order="), &order))
		return field_broken(parsed, "order= missing or not a number");
	if (order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= is too large");
	parsed->event.pfn = (uint32_t)pfn;
	parsed->event.order = (int8_t)order;
	return REPLAY_LINE_EVENT;
}

static enum replay_verdict field_pfn_order_mt(struct scan *scan,
	struct replay_parsed *parsed, enum replay_event_kind kind)
{
	enum replay_verdict verdict = field_pfn_order(scan, parsed, kind);
	int32_t mt;

	if (verdict != REPLAY_LINE_EVENT)
		return verdict;
	if (!field_i32(scan, KEY("migratetype="), &mt))
		return field_broken(
			parsed, "migratetype= missing or not a number");
	parsed->event.mt = mt < 0 || mt > 15 ? REPLAY_NO_MT : (uint8_t)mt;
	return verdict;
}

static uint32_t field_gfp_text(
	struct replay_parser *parser, const char *text, uint32_t length)
{
	uint32_t hash = length, slot;
	uint64_t unknown = 0;

	for (uint32_t i = 0; i < length; i += 5)
		hash = hash * 31 + (unsigned char)text[i];
	slot = (hash ^ hash >> 6 ^ hash >> 12) % REPLAY_GFP_CACHE;
	if (parser->cache[slot].length != length ||
		memcmp(parser->cache[slot].text, text, length)) {
		parser->cache[slot].bits =
			replay_gfp_parse(text, length, &unknown);
		parser->cache[slot].unknown = (uint32_t)unknown;
		parser->cache[slot].length = length;
		memcpy(parser->cache[slot].text, text, length);
	}
	parser->unknown_gfp += parser->cache[slot].unknown;
	return parser->cache[slot].bits;
}

REPLAY_FIELD(alloc)
{
	enum replay_verdict verdict =
		field_pfn_order_mt(scan, parsed, REPLAY_EV_ALLOC);
	const char *start;
	size_t length;

	if (verdict != REPLAY_LINE_EVENT)
		return verdict;
	if (!parsed->event.pfn)
		parsed->event.pfn = REPLAY_NO_PFN;
	if (!scan_key(scan, KEY("gfp_flags=")))
		return field_broken(parsed, "gfp_flags= missing");
	start = scan->at;
	scan_token(scan);
	length = (size_t)(scan->at - start);
	/* Empty: what kernels print with hash-ptr off. The type is left. */
	if (!length) {
		parsed->event.gfp = parsed->event.mt == 1 ? REPLAY_GFP_MOVABLE
				    : parsed->event.mt == 2
					    ? REPLAY_GFP_RECLAIMABLE
					    : 0;
	} else if (length <= REPLAY_GFP_TEXT_MAX) {
		parsed->event.gfp =
			field_gfp_text(parser, start, (uint32_t)length);
	} else {
		parsed->event.gfp =
			replay_gfp_parse(start, length, &parser->unknown_gfp);
	}
	return verdict;
}

REPLAY_FIELD(free)
{
	(void)parser;
	return field_pfn_order(scan, parsed, REPLAY_EV_FREE);
}

REPLAY_FIELD(batched)
{
	(void)parser;
	return field_pfn_order(scan, parsed, REPLAY_EV_BATCHED);
}

REPLAY_FIELD(locked)
{
	(void)parser;
	return field_pfn_order_mt(scan, parsed, REPLAY_EV_LOCKED);
}

REPLAY_FIELD(drained)
{
	(void)parser;
	return field_pfn_order_mt(scan, parsed, REPLAY_EV_DRAINED);
}

REPLAY_FIELD(extfrag)
{
	uint64_t pfn, fallback;
	uint32_t order, mt, from = 0, owns = 0;

	(void)parser;
	if (!field_u64(scan, KEY("pfn="), &pfn) || pfn >= REPLAY_PFN_END ||
		!field_u32(scan, KEY("alloc_order="), &order) ||
		!field_u64(scan, KEY("fallback_order="), &fallback) ||
		!field_u32(scan, KEY("alloc_migratetype="), &mt))
		return field_broken(parsed, "a field is missing or no number");
	field_u32(scan, KEY("fallback_migratetype="), &from);
	field_u32(scan, KEY("change_ownership="), &owns);
	parsed->event.kind = REPLAY_EV_EXTFRAG;
	parsed->event.pfn = (uint32_t)pfn;
	parsed->event.order = (int8_t)(order & 0x1f);
	parsed->event.mt = (uint8_t)(mt & 0x0f);
	parsed->event.arg = (uint32_t)(fallback & REPLAY_EXTFRAG_ORDER_MASK) |
			    (owns ? REPLAY_EXTFRAG_OWNS : 0);
	parsed->event.gfp = from;
	return REPLAY_LINE_EVENT;
}

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

static enum replay_verdict field_one_i32(struct scan *scan,
	struct replay_parsed *parsed, enum replay_event_kind kind,
	const char *key, size_t length)
{
	int32_t value;

	parsed->event.kind = (uint8_t)kind;
	if (!field_i32(scan, key, length, &value))
		return field_broken(parsed, "a field is missing or no number");
	parsed->event.arg = value < 0 ? 0 : (uint32_t)value;
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

REPLAY_FIELD(kswapd_wake)
{
	(void)parser;
	return field_one_i32(scan, parsed, REPLAY_EV_KSWAPD_WAKE, KEY("nid="));
}

REPLAY_FIELD(kswapd_sleep)
{
	(void)parser;
	return field_one_i32(scan, parsed, REPLAY_EV_KSWAPD_SLEEP, KEY("nid="));
}

static bool field_contains(const struct scan *scan, const char *what)
{
	size_t length = strlen(what);

	for (const char *p = scan->at; (size_t)(scan->end - p) >= length; p++) {
		if (*p == *what && !memcmp(p, what, length))
			return true;
	}
	return false;
}

REPLAY_FIELD(mark)
{
	(void)parser;
	parsed->event.kind = REPLAY_EV_MARK;
	if (field_contains(scan, "before-snapshot begin"))
		parsed->event.arg = REPLAY_MARK_BEFORE_BEGIN;
	else if (field_contains(scan, "before-snapshot end"))
		parsed->event.arg = REPLAY_MARK_BEFORE_END;
	else
		parsed->event.arg = REPLAY_MARK_OTHER;
	return REPLAY_LINE_EVENT;
}
