/* SPDX-License-Identifier: MIT */
/*
 * One field of a line, key=value: what both parse_trace_events.c and
 * parse_probes.c need to read it.
 */
#ifndef REPLAY_FIELD_H
#define REPLAY_FIELD_H

#include "parse.h"
#include "scan.h"

#define KEY(text) text, sizeof(text) - 1

static inline enum replay_verdict field_broken(
	struct replay_parsed *parsed, const char *what)
{
	parsed->what = what;
	return REPLAY_LINE_BROKEN;
}

/* The number must end where the field ends: "pfn=12x4" is no number. */
static inline bool field_ends(const struct scan *scan)
{
	return scan->at == scan->end || *scan->at == ' ' || *scan->at == ',' ||
	       *scan->at == '\t';
}

static inline bool field_u64(
	struct scan *scan, const char *key, size_t length, uint64_t *value)
{
	return scan_key(scan, key, length) && scan_unsigned(scan, value) &&
	       field_ends(scan);
}

static inline bool field_u32(
	struct scan *scan, const char *key, size_t length, uint32_t *value)
{
	uint64_t v;

	if (!field_u64(scan, key, length, &v) || v > UINT32_MAX)
		return false;
	*value = (uint32_t)v;
	return true;
}

static inline bool field_i32(
	struct scan *scan, const char *key, size_t length, int32_t *value)
{
	bool minus;
	uint64_t v;

	if (!scan_key(scan, key, length))
		return false;
	minus = scan->at < scan->end && *scan->at == '-';
	scan->at += minus;
	if (!scan_unsigned(scan, &v) || !field_ends(scan) ||
		(minus && v > INT32_MAX))
		return false;
	/* Registers printed as hex may carry rubbish above bit 31. */
	*value = minus ? -(int32_t)(uint32_t)v : (int32_t)(uint32_t)v;
	return true;
}

/* The number of an event that needs one only. */
static inline enum replay_verdict field_one_i32(struct scan *scan,
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

#endif
