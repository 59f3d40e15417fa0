/* SPDX-License-Identifier: MIT */
/* What the kernel says it has lost, in the text of its statistics. */
#ifndef RECORD_STATS_H
#define RECORD_STATS_H

#include <stdint.h>

/* per_cpu/cpuN/stats of an instance. */
struct record_stats {
	uint64_t entries;
	uint64_t overrun; /* old events that were overwritten */
	uint64_t commit_overrun; /* events lost in a nested interrupt */
	uint64_t dropped; /* new events for which there was no room */
};

/* 0; -EINVAL: a line is missing. */
int record_stats_parse(const char *text, struct record_stats *stats);

/* Events lost. */
uint64_t record_stats_lost(const struct record_stats *stats);

/*
 * Hits that @event missed, by the text of kprobe_profile; the last line of
 * that name counts. 0: none, or no such event.
 */
uint64_t record_stats_missed(const char *profile, const char *event);

#endif
