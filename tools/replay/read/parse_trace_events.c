/* SPDX-License-Identifier: MIT */
/*
 * The fields of the kernel's own trace events (mm_page_alloc, ...) and of the
 * lines that the recorder writes between them.
 */
#include "field.h"
#include "gfp.h"
#include "parse_fields.h"

/*
 * Where struct pages begin, once: "page=ffd400000029b600 pfn=0xa6d8". Hashed
 * addresses ("%p") have no such base: they are not multiples of the struct's size, or
 * below the kernel's half.
 */
static void note_pages(
	struct replay_parser *parser, struct scan scan, uint64_t pfn)
{
	uint64_t page;

	if (!scan_key(&scan, KEY("page=")) || !scan_bare_hex(&scan, &page) ||
		page % REPLAY_PAGE_STRUCT || !(page >> 63))
		return;
	parser->pages = page - pfn * REPLAY_PAGE_STRUCT;
	parser->pages_known = true;
}

static enum replay_verdict field_pfn_order(struct replay_parser *parser,
	struct scan *scan, struct replay_parsed *parsed,
	enum replay_event_kind kind)
{
	const struct scan start = *scan;
	uint64_t pfn, order;

	parsed->event.kind = (uint8_t)kind;
	if (!field_u64(scan, KEY("pfn="), &pfn))
		return field_broken(parsed, "pfn= missing or not a number");
	if (pfn >= REPLAY_PFN_END)
		return field_broken(parsed, "pfn= is beyond 15 TiB");
	if (!parser->pages_known && pfn)
		note_pages(parser, start, pfn);
	if (!field_u64(scan, KEY("order="), &order))
		return field_broken(parsed, "order= missing or not a number");
	if (order > REPLAY_ORDER_MAX)
		return field_broken(parsed, "order= is too large");
	parsed->event.pfn = (uint32_t)pfn;
	parsed->event.order = (int8_t)order;
	return REPLAY_LINE_EVENT;
}

static enum replay_verdict field_pfn_order_mt(struct replay_parser *parser,
	struct scan *scan, struct replay_parsed *parsed,
	enum replay_event_kind kind)
{
	enum replay_verdict verdict =
		field_pfn_order(parser, scan, parsed, kind);
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
		field_pfn_order_mt(parser, scan, parsed, REPLAY_EV_ALLOC);
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
	/* Kernels print nothing with hash-ptr off; the type is still known. */
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
	return field_pfn_order(parser, scan, parsed, REPLAY_EV_FREE);
}

REPLAY_FIELD(batched)
{
	return field_pfn_order(parser, scan, parsed, REPLAY_EV_BATCHED);
}

REPLAY_FIELD(locked)
{
	return field_pfn_order_mt(parser, scan, parsed, REPLAY_EV_LOCKED);
}

REPLAY_FIELD(drained)
{
	return field_pfn_order_mt(parser, scan, parsed, REPLAY_EV_DRAINED);
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
	else if (field_contains(scan, "before-kpageflags end"))
		parsed->event.arg = REPLAY_MARK_FRAMES_END;
	else if (field_contains(scan, "before-snapshot end"))
		parsed->event.arg = REPLAY_MARK_BEFORE_END;
	else if (field_contains(scan, "after-snapshot begin"))
		parsed->event.arg = REPLAY_MARK_AFTER_BEGIN;
	else if (field_contains(scan, "after-snapshot end"))
		parsed->event.arg = REPLAY_MARK_AFTER_END;
	else
		parsed->event.arg = REPLAY_MARK_OTHER;
	return REPLAY_LINE_EVENT;
}
