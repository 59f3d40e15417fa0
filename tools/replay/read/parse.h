/* SPDX-License-Identifier: MIT */
/*
 * One line of text to one event.
 *
 * Understands ftrace text with and without the column of irq flags, with
 * or without fields that came and went, its latency format (also as dumped to the
 * kernel log on an oops), trace-cmd report, perf script, and events as comments of
 * the function_graph tracer; lines that are quoted; event names since 2009;
 * and the kprobes of docs/replay.md (free_bulk, refill, bulk_alloc, ...).
 */
#ifndef REPLAY_PARSE_H
#define REPLAY_PARSE_H

#include <stddef.h>

#include "event.h"

enum replay_verdict {
	REPLAY_LINE_EVENT, /* parsed.event is filled in */
	REPLAY_LINE_OTHER, /* known, but nothing to replay */
	REPLAY_LINE_LOST, /* parsed.event.arg events are missing here */
	REPLAY_LINE_UNKNOWN,
	REPLAY_LINE_BROKEN, /* a known event; see parsed.what, .column */
};

struct replay_parsed {
	struct replay_event event;
	struct replay_probe probe;
	bool has_probe;
	bool has_high_min; /* free_bulk as on 6.12 */
	uint64_t time; /* of the event, in units of its clock's text; 0: none */
	const char *what; /* BROKEN: what is wrong */
	unsigned column; /* BROKEN: from 1 */
};

#define REPLAY_GFP_CACHE 64
#define REPLAY_PAGE_STRUCT 64 /* bytes of a struct page, on 64 bit */
#define REPLAY_GFP_TEXT_MAX 192

/* State over lines: gfp texts repeat, so their bits are remembered. */
struct replay_parser {
	uint64_t unknown_gfp;
	uint64_t pages; /* address of the struct page of frame 0 */
	bool pages_known; /* from a line with page= and pfn= */
	/* By CPU: the page (+ 1) of a mm_page_free_direct just before; else 0. */
	uint32_t direct[REPLAY_CPUS_MAX];
	struct {
		uint32_t length, bits, unknown;
		char text[REPLAY_GFP_TEXT_MAX];
	} cache[REPLAY_GFP_CACHE];
};

enum replay_verdict replay_parse_line(struct replay_parser *parser,
	const char *text, size_t length, struct replay_parsed *parsed);

#endif
