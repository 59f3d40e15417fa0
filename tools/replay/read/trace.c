/* SPDX-License-Identifier: MIT */
/* Reads and parses whole traces; see trace.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "parse.h"
#include "reader.h"
#include "trace.h"

#define TRACE_PROGRESS_LINES 65536

/* Everything one pass over the files needs. */
struct trace_reading {
	struct replay_trace *trace;
	struct replay_reader *reader;
	struct replay_parser parser;
	struct replay_parsed parsed;
	uint64_t time; /* of the last event */
	char first[256]; /* the first event's line, or its start; "" before */
	uint32_t first_line;
	const char *path; /* of the last event */
};

static void trace_note(struct replay_trace *trace, uint8_t kind)
{
	switch (kind) {
	case REPLAY_EV_FREE_BULK:
		trace->has_free_bulk = true;
		break;
	case REPLAY_EV_REFILL:
		trace->has_refill = true;
		break;
	case REPLAY_EV_BULK_RET:
		trace->has_bulk = true;
		break;
	case REPLAY_EV_DRAIN_PZ:
		trace->has_drain_pz = true;
		break;
	case REPLAY_EV_FREE_ONE:
		trace->has_free_one = true;
		break;
	default:
		break;
	}
	switch (kind) {
	case REPLAY_EV_FREE_BULK:
	case REPLAY_EV_REFILL ... REPLAY_EV_PAGESET:
		trace->stats.probes++;
		break;
	default:
		break;
	}
}

static int trace_add(struct trace_reading *reading)
{
	struct replay_trace *trace = reading->trace;
	struct replay_parsed *parsed = &reading->parsed;
	struct replay_event *event = &parsed->event;

	if (trace->nr_events >= UINT32_MAX - 1)
		return -EFBIG;
	if (GROW(trace->events, trace->nr_events, trace->events_cap))
		return -ENOMEM;
	if (parsed->has_probe) {
		if (GROW(trace->probes, trace->nr_probes, trace->probes_cap))
			return -ENOMEM;
		if (event->kind == REPLAY_EV_REFILL)
			event->gfp = (uint32_t)trace->nr_probes;
		else
			event->arg = (uint32_t)trace->nr_probes;
		trace->probes[trace->nr_probes++] = parsed->probe;
	}
	event->line = (uint32_t)trace->stats.lines;
	trace->events[trace->nr_events++] = *event;
	if (event->cpu >= trace->cpus)
		trace->cpus = (uint16_t)(event->cpu + 1);
	if (event->kind == REPLAY_EV_DRAIN_PZ && event->arg >= trace->cpus)
		trace->cpus = (uint16_t)(event->arg + 1);
	trace->has_6_12 |= parsed->has_high_min;
	trace_note(trace, event->kind);
	return 0;
}

static int trace_broken(const struct trace_reading *reading,
	const struct replay_line *line, struct replay_error *err)
{
	const char *path = replay_reader_path(reading->reader);
	unsigned long long number = replay_reader_line_number(reading->reader);

	if (line->cut)
		return replay_fail(err, -EINVAL,
			"%s:%llu:%zu: the trace is truncated in this line",
			path, number, line->length + 1);
	return replay_fail(err, -EINVAL, "%s:%llu:%u: %s", path, number,
		reading->parsed.column, reading->parsed.what);
}

/*
 * Events are taken in the order of the text: parts in the wrong order are
 * noticed where the time goes back. If it goes back to the first event, the
 * same trace is there twice, and every page in it would be used twice.
 */
static int trace_time(struct trace_reading *reading,
	const struct replay_line *line, struct replay_error *err)
{
	struct replay_trace_stats *stats = &reading->trace->stats;
	size_t length = strnlen(line->text, sizeof(reading->first) - 1);
	uint64_t before = reading->time;
	bool part;

	if (!reading->parsed.time)
		return 0;
	reading->time = reading->parsed.time;
	if (!reading->first[0]) {
		memcpy(reading->first, line->text, length);
		reading->first_line = (uint32_t)stats->lines;
		reading->path = replay_reader_path(reading->reader);
		return 0;
	}
	part = replay_reader_path(reading->reader) != reading->path;
	reading->path = replay_reader_path(reading->reader);
	if (reading->time >= before && !part)
		return 0;
	if (!strncmp(reading->first, line->text, sizeof(reading->first) - 1))
		return replay_fail(err, -EINVAL,
			"%s:%llu:1: the same trace twice: this is line %u "
			"again",
			replay_reader_path(reading->reader),
			(unsigned long long)replay_reader_line_number(
				reading->reader),
			reading->first_line);
	if (reading->time < before && !stats->back_lines++)
		stats->first_back_line = (uint32_t)stats->lines;
	return 0;
}

static int trace_line(struct trace_reading *reading,
	const struct replay_line *line, struct replay_error *err)
{
	struct replay_trace_stats *stats = &reading->trace->stats;

	stats->lines++;
	switch (replay_parse_line(
		&reading->parser, line->text, line->length, &reading->parsed)) {
	case REPLAY_LINE_EVENT:
		if (trace_time(reading, line, err))
			return -EINVAL;
		switch (trace_add(reading)) {
		case 0:
			return 0;
		case -EFBIG:
			return replay_fail(err, -EFBIG, "%s: too many events",
				replay_reader_path(reading->reader));
		default:
			return replay_fail(err, -ENOMEM, "out of memory");
		}
	case REPLAY_LINE_OTHER:
		stats->other_lines++;
		return 0;
	case REPLAY_LINE_LOST:
		stats->lost_events += reading->parsed.event.arg;
		return 0;
	case REPLAY_LINE_UNKNOWN:
		if (line->cut)
			return trace_broken(reading, line, err);
		if (!stats->unknown_lines++)
			stats->first_unknown_line = (uint32_t)stats->lines;
		return 0;
	default:
		return trace_broken(reading, line, err);
	}
}

static int trace_lines(struct trace_reading *reading,
	replay_progress_fn *progress, void *arg, struct replay_error *err)
{
	uint64_t lines;
	struct replay_line line;
	int ret;

	for (;;) {
		ret = replay_reader_next(reading->reader, &line, err);
		if (ret <= 0)
			break;
		ret = trace_line(reading, &line, err);
		if (ret)
			return ret;
		lines = reading->trace->stats.lines;
		if (progress && lines % TRACE_PROGRESS_LINES == 0)
			progress(arg, replay_reader_bytes_done(reading->reader),
				replay_reader_bytes_total(reading->reader),
				lines);
	}
	return ret;
}

/* What the arrays have grown by for nothing goes back: it is up to a half. */
static void trace_fit(struct replay_trace *trace)
{
	void *fit = realloc(trace->events,
		(trace->nr_events + 1) * sizeof(*trace->events));

	if (fit) {
		trace->events = fit;
		trace->events_cap = trace->nr_events + 1;
	}
}

int replay_trace_read(struct replay_trace *trace, const char *const *paths,
	size_t nr_paths, replay_progress_fn *progress, void *arg,
	struct replay_error *err)
{
	struct trace_reading *reading;
	int ret;

	memset(trace, 0, sizeof(*trace));
	reading = calloc(1, sizeof(*reading));
	if (!reading)
		return replay_fail(err, -ENOMEM, "out of memory");
	reading->trace = trace;
	ret = replay_reader_open(&reading->reader, paths, nr_paths, err);
	if (!ret) {
		ret = trace_lines(reading, progress, arg, err);
		trace->stats.unknown_gfp = reading->parser.unknown_gfp;
		replay_reader_close(reading->reader);
	}
	free(reading);
	if (!ret && !trace->nr_events)
		ret = replay_fail(err, -EINVAL,
			"%s: no page allocation event in %llu lines; is this "
			"an ftrace, trace-cmd or perf script text?",
			paths[0], (unsigned long long)trace->stats.lines);
	if (ret)
		replay_trace_free(trace);
	else
		trace_fit(trace);
	return ret;
}

void replay_trace_free(struct replay_trace *trace)
{
	free(trace->events);
	free(trace->probes);
	memset(trace, 0, sizeof(*trace));
}

struct replay_event *replay_trace_copy_events(const struct replay_trace *trace)
{
	size_t size = trace->nr_events * sizeof(*trace->events);
	struct replay_event *events = malloc(size + 1);

	if (events)
		memcpy(events, trace->events, size);
	return events;
}
