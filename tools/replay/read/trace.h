/* SPDX-License-Identifier: MIT */
/*
 * A whole trace in memory: every file read, every line parsed.
 */
#ifndef REPLAY_TRACE_H
#define REPLAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "event.h"

struct replay_trace_stats {
	uint64_t lines;
	uint64_t unknown_lines; /* neither an event nor anything known */
	uint64_t other_lines; /* known, but of no use to a replay */
	uint64_t lost_events; /* "CPU:2 [LOST 31 EVENTS]" */
	uint64_t unknown_gfp; /* flag names of other eras, left out */
	uint64_t probes; /* lines of kprobes */
	uint64_t back_lines; /* events earlier than the one before */
	uint32_t first_unknown_line; /* 0: none */
	uint32_t first_back_line; /* 0: none */
};

struct replay_trace {
	struct replay_event *events;
	size_t nr_events, events_cap;
	struct replay_probe *probes;
	size_t nr_probes, probes_cap;
	uint16_t cpus; /* highest CPU seen + 1 */
	bool has_free_bulk, has_refill, has_bulk, has_drain_pz;
	bool has_free_one, has_6_12; /* 6.12: high_min in free_bulk */
	struct replay_trace_stats stats;
};

/* Called now and then while reading; `total` is 0 if it is not known. */
typedef void replay_progress_fn(
	void *arg, uint64_t done, uint64_t total, uint64_t lines);

/*
 * Reads the parts in order. 0, or -errno with a message that names file,
 * line and column, and nothing left to free.
 */
int replay_trace_read(struct replay_trace *trace, const char *const *paths,
	size_t nr_paths, replay_progress_fn *progress, void *arg,
	struct replay_error *err);
void replay_trace_free(struct replay_trace *trace);
/* The events of @trace once more, to mark up; the caller frees them. NULL: no memory. */
struct replay_event *replay_trace_copy_events(const struct replay_trace *trace);

#endif
