/* SPDX-License-Identifier: MIT */
/*
 * Lines to events; see parse.h.
 *
 * A line is `comm-pid [cpu] flags time: event: fields`. comm may hold any
 * character, so the line is entered at "[cpu]" followed by something that
 * ends in a time stamp, and not at its beginning.
 */
#include <string.h>

#include "parse.h"
#include "parse_fields.h"
#include "scan.h"

typedef enum replay_verdict parse_fn(
	struct replay_parser *, struct scan *, struct replay_parsed *);

struct parse_event {
	const char *name;
	parse_fn *fn; /* NULL: known, of no use */
};

#define PARSE_OTHER NULL

/* The most frequent first: the table is searched from its start. */
static const struct parse_event parse_events[] = {
	{"mm_page_free", replay_field_free},
	{"mm_page_alloc", replay_field_alloc},
	{"mm_page_free_batched", replay_field_batched},
	{"mm_page_alloc_zone_locked", replay_field_locked},
	{"mm_page_pcpu_drain", replay_field_drained},
	{"refill", replay_field_refill},
	{"refill_ret", replay_field_refill_ret},
	{"free_bulk", replay_field_free_bulk},
	{"bulk_alloc", replay_field_bulk},
	{"bulk_alloc_ret", replay_field_bulk_ret},
	{"vmstat_refresh", replay_field_refresh},
	{"vmstat_refresh_ret", replay_field_refresh_ret},
	{"mm_page_alloc_extfrag", replay_field_extfrag},
	{"free_one", replay_field_free_one},
	{"free_pages_ok", replay_field_free_ok},
	{"drain_pz", replay_field_drain_pz},
	{"drain_all", replay_field_drain_all},
	{"drain_all_ret", replay_field_drain_all_ret},
	{"drain_remote", replay_field_drain_remote},
	{"pageset_set", replay_field_pageset},
	{"mm_vmscan_kswapd_wake", replay_field_kswapd_wake},
	{"mm_vmscan_kswapd_sleep", replay_field_kswapd_sleep},
	{"tracing_mark_write", replay_field_mark},
	{"mm_page_free_direct", replay_field_free},
	{"mm_pagevec_free", replay_field_batched},
	{"set_threshold", PARSE_OTHER},
	{"decay", replay_field_decay},
	{"decay_ret", PARSE_OTHER},
	{"mark_victim", PARSE_OTHER},
	{"print", PARSE_OTHER},
	{"bprint", PARSE_OTHER},
	{"kmalloc", PARSE_OTHER},
	{"kfree", PARSE_OTHER},
	{"kmalloc_node", PARSE_OTHER},
	{"kmem_cache_alloc", PARSE_OTHER},
	{"kmem_cache_alloc_node", PARSE_OTHER},
	{"kmem_cache_free", PARSE_OTHER},
	{"rss_stat", PARSE_OTHER},
	{"pcp_refill", PARSE_OTHER}, /* libpcpmm's own; see trace.h */
	{"pcp_free_bulk", PARSE_OTHER},
	{"skip_task_reaping", PARSE_OTHER},
	{"oom_score_adj_update", PARSE_OTHER},
	{"reclaim_retry_zone", PARSE_OTHER},
	{"compact_retry", PARSE_OTHER},
	{"wake_reaper", PARSE_OTHER},
	{"start_task_reaping", PARSE_OTHER},
	{"finish_task_reaping", PARSE_OTHER},
};

static bool parse_starts(const char *text, size_t length, const char *with)
{
	size_t n = strlen(with);

	return length >= n && !memcmp(text, with, n);
}

/* Whole families that a replay has no use for, by the start of the name. */
static bool parse_other_family(const char *name, size_t length)
{
	return parse_starts(name, length, "mm_vmscan_") ||
	       parse_starts(name, length, "mm_compaction_") ||
	       parse_starts(name, length, "mm_shrink_") ||
	       parse_starts(name, length, "mm_lru_") ||
	       parse_starts(name, length, "mm_filemap_") ||
	       parse_starts(name, length, "mm_migrate_") ||
	       parse_starts(name, length, "mm_khugepaged_") ||
	       parse_starts(name, length, "sched_") ||
	       parse_starts(name, length, "irq_") ||
	       parse_starts(name, length, "softirq_") ||
	       parse_starts(name, length, "sys_");
}

/* "123.456789:", or "123:" of the counter clock. */
static bool parse_timestamp(struct scan *scan)
{
	const char *p = scan->at;

	while (p < scan->end && scan_is_digit(*p))
		p++;
	if (p == scan->at)
		return false;
	if (p < scan->end && *p == '.') {
		p++;
		while (p < scan->end && scan_is_digit(*p))
			p++;
	}
	if (p == scan->end || *p != ':')
		return false;
	scan->at = p + 1;
	return true;
}

/* From behind "[cpu]" to the name of the event. */
static bool parse_to_name(struct scan *scan)
{
	/* Flags, and the delay or latency columns some formats add. */
	for (int tokens = 0; tokens < 4; tokens++) {
		scan_spaces(scan);
		if (parse_timestamp(scan)) {
			scan_spaces(scan);
			return scan->at < scan->end;
		}
		scan_token(scan);
	}
	return false;
}

static bool parse_head(struct scan *scan, struct replay_event *event)
{
	const char *from = scan->at, *open, *p;
	unsigned cpu;

	for (;;) {
		open = memchr(from, '[', (size_t)(scan->end - from));
		if (!open)
			return false;
		cpu = 0;
		for (p = open + 1; p < scan->end && scan_is_digit(*p) &&
				   cpu < REPLAY_CPUS_MAX;
			p++)
			cpu = cpu * 10 + (unsigned)(*p - '0');
		if (p > open + 1 && p < scan->end && *p == ']') {
			scan->at = p + 1;
			if (parse_to_name(scan))
				break;
		}
		from = open + 1;
	}
	event->cpu = (uint16_t)(cpu < UINT16_MAX ? cpu : UINT16_MAX);
	return true;
}

/* " 24)   comm-1 |   /" "* mm_page_alloc: ... *" "/", maybe after a time. */
static bool parse_graph_head(struct scan *scan, struct replay_event *event)
{
	const char *p;
	uint64_t cpu;

	scan_spaces(scan);
	if (!scan_unsigned(scan, &cpu))
		return false;
	if (scan->at < scan->end && *scan->at == '.') {
		p = memchr(scan->at, '|', (size_t)(scan->end - scan->at));
		if (!p)
			return false;
		scan->at = p + 1;
		scan_spaces(scan);
		if (!scan_unsigned(scan, &cpu))
			return false;
	}
	if (scan->at == scan->end || *scan->at != ')')
		return false;
	event->cpu = (uint16_t)(cpu < UINT16_MAX ? cpu : UINT16_MAX);
	for (p = scan->at; p + 2 < scan->end; p++) {
		if (p[0] == '/' && p[1] == '*')
			break;
	}
	scan->at = p + 2 < scan->end ? p + 2 : scan->end;
	scan_spaces(scan);
	while (scan->end > scan->at &&
		(scan->end[-1] == ' ' || scan->end[-1] == '/' ||
			scan->end[-1] == '*'))
		scan->end--;
	return true;
}

/* Lines that are no event: headers, stacks, what trace-cmd prints. */
static enum replay_verdict parse_no_event(
	struct scan *scan, struct replay_parsed *parsed)
{
	uint64_t n = 0;
	const char *p, *start;

	scan_spaces(scan);
	start = scan->at;
	if (start == scan->end || *start == '#')
		return REPLAY_LINE_OTHER;
	if (parse_starts(start, (size_t)(scan->end - start), "CPU:")) {
		p = memchr(start, '[', (size_t)(scan->end - start));
		if (p && parse_starts(p, (size_t)(scan->end - p), "[LOST ")) {
			scan->at = p + 6;
			scan_unsigned(scan, &n);
			parsed->event.arg = (uint32_t)n;
			return REPLAY_LINE_LOST;
		}
	}
	if (parse_starts(start, (size_t)(scan->end - start), "cpus=") ||
		parse_starts(start, (size_t)(scan->end - start), "CPU ") ||
		parse_starts(start, (size_t)(scan->end - start), "CPU:") ||
		parse_starts(start, (size_t)(scan->end - start), "version =") ||
		parse_starts(start, (size_t)(scan->end - start), "---") ||
		parse_starts(start, (size_t)(scan->end - start), "=> "))
		return REPLAY_LINE_OTHER;
	/* A line of a call stack: an address, then a symbol. */
	if (*start == '0' && start + 1 < scan->end && start[1] == 'x')
		start += 2;
	for (p = start; p < scan->end && scan_hex_digit(*p) >= 0; p++)
		;
	if (p - start >= 6 && p < scan->end && *p == ' ')
		return REPLAY_LINE_OTHER;
	return REPLAY_LINE_UNKNOWN;
}

/* The name, without the group that perf puts before it ("kmem:"). */
static size_t parse_name(struct scan *scan, const char **name)
{
	const char *start = scan->at, *p = start;

	for (; p < scan->end && *p != ' '; p++) {
		if (*p != ':')
			continue;
		if (p + 1 == scan->end || p[1] == ' ' || p[1] == '\t')
			break;
		start = p + 1;
	}
	*name = start;
	scan->at = p < scan->end && *p == ':' ? p + 1 : p;
	scan->fields = scan->at;
	return (size_t)(p - start);
}

static enum replay_verdict parse_event(struct replay_parser *parser,
	struct scan *scan, struct replay_parsed *parsed)
{
	const size_t count = sizeof(parse_events) / sizeof(parse_events[0]);
	const char *name;
	size_t length = parse_name(scan, &name);

	for (size_t i = 0; i < count; i++) {
		if (strncmp(parse_events[i].name, name, length) ||
			parse_events[i].name[length])
			continue;
		if (!parse_events[i].fn)
			return REPLAY_LINE_OTHER;
		return parse_events[i].fn(parser, scan, parsed);
	}
	return parse_other_family(name, length) ? REPLAY_LINE_OTHER
						: REPLAY_LINE_UNKNOWN;
}

static bool parse_is_kswapd(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && text[i] == ' ')
		i++;
	return parse_starts(text + i, length - i, "kswapd");
}

enum replay_verdict replay_parse_line(struct replay_parser *parser,
	const char *text, size_t length, struct replay_parsed *parsed)
{
	struct scan scan = {text, text + length, text};
	enum replay_verdict verdict;

	memset(&parsed->event, 0, sizeof(parsed->event));
	parsed->event.pfn = REPLAY_NO_PFN;
	parsed->event.mt = REPLAY_NO_MT;
	parsed->event.zone = REPLAY_NO_ZONE;
	parsed->has_probe = false;
	parsed->has_high_min = false;
	if (!length || *text == '#')
		return REPLAY_LINE_OTHER;
	if (!parse_head(&scan, &parsed->event)) {
		scan = (struct scan){text, text + length, text};
		if (!parse_graph_head(&scan, &parsed->event)) {
			scan = (struct scan){text, text + length, text};
			return parse_no_event(&scan, parsed);
		}
		if (scan.at == scan.end)
			return REPLAY_LINE_OTHER;
	}
	verdict = parse_event(parser, &scan, parsed);
	if (verdict == REPLAY_LINE_EVENT &&
		parsed->event.cpu >= REPLAY_CPUS_MAX) {
		parsed->what = "CPU number too large";
		parsed->column = 1;
		return REPLAY_LINE_BROKEN;
	}
	if (verdict == REPLAY_LINE_EVENT && parse_is_kswapd(text, length))
		parsed->event.flags |= REPLAY_EV_BY_KSWAPD;
	if (verdict == REPLAY_LINE_BROKEN)
		parsed->column = (unsigned)(scan.at - text) + 1;
	return verdict;
}
