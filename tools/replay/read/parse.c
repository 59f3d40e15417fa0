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
	{"commit", replay_field_commit},
	{"drain_pz", replay_field_drain_pz},
	{"drain_pages", replay_field_drain_pz},
	{"drain_wq", replay_field_drain_wq},
	{"drain_wq_ret", PARSE_OTHER},
	{"drain_all_call", PARSE_OTHER},
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
	       parse_starts(name, length, "mm_setup_per_zone_") ||
	       parse_starts(name, length, "mm_calculate_") ||
	       parse_starts(name, length, "sched_") ||
	       parse_starts(name, length, "irq_") ||
	       parse_starts(name, length, "softirq_") ||
	       parse_starts(name, length, "sys_");
}

/*
 * "123.456789:", or "123:" of the counter clock. *time: in nanoseconds, or the
 * counter.
 */
static bool parse_timestamp(struct scan *scan, uint64_t *time)
{
	const char *p = scan->at;
	uint64_t value = 0;
	int digits = 0;

	for (; p < scan->end && scan_is_digit(*p); p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (p == scan->at)
		return false;
	if (p < scan->end && *p == '.') {
		for (p++; p < scan->end && scan_is_digit(*p); p++) {
			if (digits++ < 9)
				value = value * 10 + (uint64_t)(*p - '0');
		}
		for (; digits < 9; digits++)
			value *= 10;
	}
	if (p == scan->end || *p != ':')
		return false;
	scan->at = p + 1;
	*time = value;
	return true;
}

/* From behind "[cpu]" to the name of the event. */
static bool parse_to_name(struct scan *scan, uint64_t *time)
{
	/* Flags, and the delay or latency columns some formats add. */
	for (int tokens = 0; tokens < 4; tokens++) {
		scan_spaces(scan);
		if (parse_timestamp(scan, time)) {
			scan_spaces(scan);
			return scan->at < scan->end;
		}
		scan_token(scan);
	}
	return false;
}

static bool parse_head(
	struct scan *scan, struct replay_event *event, uint64_t *time)
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
			if (parse_to_name(scan, time))
				break;
		}
		from = open + 1;
	}
	event->cpu = (uint16_t)(cpu < UINT16_MAX ? cpu : UINT16_MAX);
	return true;
}

/* Digits that end before @end; the first of them, or @end if there are none. */
static const char *digits_before(const char *start, const char *end)
{
	while (end > start && scan_is_digit(end[-1]))
		end--;
	return end;
}

static const char *spaces_before(const char *start, const char *end)
{
	while (end > start && end[-1] == ' ')
		end--;
	return end;
}

/* The CPU in front of the flags, "12d..2.", of a line in latency format. */
static bool parse_latency_cpu(
	const char *start, const char *end, uint16_t *cpu_out)
{
	const char *token = end, *p;
	unsigned cpu = 0;

	while (token > start && token[-1] != ' ')
		token--;
	for (p = token; p < end && scan_is_digit(*p) && cpu < REPLAY_CPUS_MAX;
		p++)
		cpu = cpu * 10 + (unsigned)(*p - '0');
	if (p == token || token == start || end - p < 4 || end - p > 7)
		return false;
	*cpu_out = (uint16_t)(cpu < UINT16_MAX ? cpu : UINT16_MAX);
	return true;
}

/*
 * "bash-1994    1d..2. 12345us+: mm_page_alloc: ...", found by the time with its
 * unit; the mark behind it says how long the step took. A kernel log has its own
 * time in front.
 */
static bool parse_latency_head(
	struct scan *scan, struct replay_event *event, uint64_t *time)
{
	const char *start = scan->at, *unit = start, *p, *digits;

	for (; (size_t)(scan->end - unit) > 3; unit++) {
		unit = memchr(unit, 'u', (size_t)(scan->end - unit));
		if (!unit)
			return false;
		digits = digits_before(start, unit);
		if (scan->end - unit < 4 || unit[1] != 's' || digits == unit)
			continue;
		for (p = unit + 2; p < scan->end && strchr(" +!#*@$", *p); p++)
			;
		if (p == scan->end || *p != ':' ||
			!parse_latency_cpu(start, spaces_before(start, digits),
				&event->cpu))
			continue;
		for (*time = 0; digits < unit; digits++)
			*time = *time * 10 + (uint64_t)(*digits - '0');
		*time *= 1000;
		scan->at = p + 1;
		scan_spaces(scan);
		return true;
	}
	return false;
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

/* "[   99.123458] " of the kernel log, maybe with "<4>" in front. */
static void skip_log_time(struct scan *scan)
{
	const char *p;

	scan_spaces(scan);
	p = scan->at;
	if (scan->end - p > 3 && p[0] == '<' && scan_is_digit(p[1]) &&
		p[2] == '>')
		p += 3;
	if (p == scan->end || *p != '[')
		return;
	for (p++;
		p < scan->end && (scan_is_digit(*p) || *p == ' ' || *p == '.');
		p++)
		;
	if (p == scan->end || *p != ']')
		return;
	scan->at = p + 1;
	scan_spaces(scan);
}

/* Lines that are no event: headers, stacks, what trace-cmd prints. */
static enum replay_verdict parse_no_event(
	struct scan *scan, struct replay_parsed *parsed)
{
	uint64_t n = 0;
	const char *p, *start;

	skip_log_time(scan);
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
		parse_starts(start, (size_t)(scan->end - start),
			"Dumping ftrace buffer") ||
		parse_starts(start, (size_t)(scan->end - start),
			"(ftrace buffer empty)") ||
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

	/* Its lines come behind it, each with "=>". */
	if (parse_starts(name, length, "<stack"))
		return REPLAY_LINE_OTHER;
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

/*
 * In 2.6.31 to 2.6.33, and distributions of that time, a free of order 0 has two
 * lines, from __free_pages() and from the free of a single page. The second one
 * directly follows on its CPU, where no page can be freed twice in a row.
 */
static bool is_second_direct(struct replay_parser *parser,
	const struct replay_event *event, const char *name, size_t length)
{
	uint32_t *last = &parser->direct[event->cpu];
	bool direct = event->kind == REPLAY_EV_FREE && !event->order &&
		      parse_starts(name, length, "mm_page_free_direct");
	bool second = direct && *last == event->pfn + 1;

	*last = direct && !second ? event->pfn + 1 : 0;
	return second;
}

/* "> > " in front of a line that a mail quotes. */
static size_t quote_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && (text[n] == ' ' || text[n] == '>'))
		n++;
	while (n && text[n - 1] != '>')
		n--;
	return n;
}

static bool parse_is_kswapd(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && text[i] == ' ')
		i++;
	return parse_starts(text + i, length - i, "kswapd");
}

/* To the name of the event, in any of the formats; EVENT: there is one. */
static enum replay_verdict parse_any_head(
	struct scan *scan, struct replay_parsed *parsed)
{
	const struct scan start = *scan;

	if (parse_head(scan, &parsed->event, &parsed->time))
		return REPLAY_LINE_EVENT;
	*scan = start;
	if (parse_graph_head(scan, &parsed->event))
		return scan->at == scan->end ? REPLAY_LINE_OTHER
					     : REPLAY_LINE_EVENT;
	*scan = start;
	if (parse_latency_head(scan, &parsed->event, &parsed->time))
		return REPLAY_LINE_EVENT;
	*scan = start;
	return parse_no_event(scan, parsed);
}

enum replay_verdict replay_parse_line(struct replay_parser *parser,
	const char *text, size_t length, struct replay_parsed *parsed)
{
	const size_t quoted = quote_length(text, length);
	struct scan scan;
	enum replay_verdict verdict;
	const char *name;

	text += quoted;
	length -= quoted;
	scan = (struct scan){text, text + length, text};
	parsed->time = 0;

	memset(&parsed->event, 0, sizeof(parsed->event));
	parsed->event.pfn = REPLAY_NO_PFN;
	parsed->event.mt = REPLAY_NO_MT;
	parsed->event.zone = REPLAY_NO_ZONE;
	parsed->has_probe = false;
	parsed->has_high_min = false;
	if (!length || *text == '#')
		return REPLAY_LINE_OTHER;
	verdict = parse_any_head(&scan, parsed);
	if (verdict != REPLAY_LINE_EVENT)
		return verdict;
	name = scan.at;
	verdict = parse_event(parser, &scan, parsed);
	if (verdict == REPLAY_LINE_EVENT &&
		parsed->event.cpu >= REPLAY_CPUS_MAX) {
		parsed->what = "CPU number too large";
		parsed->column = (unsigned)quoted + 1;
		return REPLAY_LINE_BROKEN;
	}
	if (verdict == REPLAY_LINE_EVENT &&
		is_second_direct(parser, &parsed->event, name,
			(size_t)(scan.end - name)))
		return REPLAY_LINE_OTHER;
	if (verdict == REPLAY_LINE_EVENT && parse_is_kswapd(text, length))
		parsed->event.flags |= REPLAY_EV_BY_KSWAPD;
	if (verdict == REPLAY_LINE_BROKEN && memmem(text, length, "pfn=3D", 6))
		parsed->what = "text of a mail as quoted-printable (=3D): "
			       "decode it first";
	if (verdict == REPLAY_LINE_BROKEN)
		parsed->column = (unsigned)(scan.at - text + (long)quoted) + 1;
	return verdict;
}
