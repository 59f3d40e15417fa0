/* SPDX-License-Identifier: MIT */
/* Reports on the cost of drains, as text and as JSON. */
#ifndef DRAIN_REPORT_H
#define DRAIN_REPORT_H

#include <stdio.h>

#include "../arena/arena.h"
#include "../arena/owner.h"

/* A row of `pcpmm drain`. */
struct drain_row {
	const struct arena *arena;
	struct owner_cost owner;
};

struct drain_report {
	const struct arena_settings *settings;
	const struct drain_row *rows;
	unsigned int nr_rows;
};

void drain_report_text(const struct drain_report *report, FILE *out);
/* 0 or -errno; "-" is stdout. */
int drain_report_json(const struct drain_report *report, const char *path);

/* The output of `pcpmm drain --memory`: the arenas' machines do not run. */
void memory_report_text(const struct drain_report *report, FILE *out);
int memory_report_json(const struct drain_report *report, const char *path);

/* The output of `pcpmm noise`. */
struct noise_report {
	const struct arena *arena; /* all its victims are shown */
	unsigned int bucket_us;
	unsigned int entries; /* buckets */
};

/* Interruptions of a victim by duration, in buckets of equal width. */
struct noise_bins {
	uint64_t *count; /* [entries] */
	uint64_t over; /* longer than the last bucket */
};

/* Add @histogram to @bins; each value is exact to about 3 %. */
void noise_bins_add(struct noise_bins *bins, const struct noise_report *report,
	const struct pcpmm_histogram *histogram);

/* 0 or -errno. */
int noise_report_text(const struct noise_report *report, FILE *out);
int noise_report_json(const struct noise_report *report, const char *path);

#endif
