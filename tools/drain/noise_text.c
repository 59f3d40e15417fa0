/* SPDX-License-Identifier: MIT */
/*
 * `pcpmm noise` for people: durations of interruptions in the layout of
 * `rtla osnoise hist`, and their causes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "report.h"
#include "scene.h"

static void print_head(const struct noise_report *report, FILE *out)
{
	const struct arena *arena = report->arena;
	unsigned int s = (unsigned int)(arena->seconds + 0.5);

	fputs("# pcpmm noise histogram\n", out);
	scene_text(arena->settings, out);
	fprintf(out, "# %s: %" PRIu64 " drains%s\n", arena_name(arena),
		arena->acts, arena->starved ? ", then one starved" : "");
	fputs("# Time unit is microseconds (us)\n", out);
	fprintf(out, "# Duration: %3u %02u:%02u:%02u\n", s / 86400,
		s / 3600 % 24, s / 60 % 60, s % 60);
	fputs("Index", out);
	for (unsigned int i = 0; i < arena->nr_victims; i++)
		fprintf(out, "   CPU-%03u", arena->victims[i].id);
	fputc('\n', out);
}

static void print_bins(const struct noise_report *report,
	const struct noise_bins *bins, FILE *out)
{
	unsigned int nr = report->arena->nr_victims;

	for (unsigned int entry = 0; entry < report->entries; entry++) {
		bool any = false;

		for (unsigned int i = 0; i < nr; i++)
			any = any || bins[i].count[entry];
		if (!any)
			continue;
		fprintf(out, "%-5u", entry * report->bucket_us);
		for (unsigned int i = 0; i < nr; i++)
			fprintf(out, "%10" PRIu64, bins[i].count[entry]);
		fputc('\n', out);
	}
	fputs("over:", out);
	for (unsigned int i = 0; i < nr; i++)
		fprintf(out, "%10" PRIu64, bins[i].over);
	fputc('\n', out);
}

enum foot { FOOT_COUNT, FOOT_MIN, FOOT_AVG, FOOT_MAX, NR_FEET };

static void print_foot(const struct pcpmm_histogram *histogram, enum foot foot,
	int width, FILE *out)
{
	if (foot == FOOT_COUNT)
		fprintf(out, "%*" PRIu64, width, histogram->count);
	else if (!histogram->count)
		fprintf(out, "%*s", width, "-");
	else if (foot == FOOT_AVG)
		fprintf(out, "%*.2f", width,
			(double)histogram->sum / 1e3 /
				(double)histogram->count);
	else
		fprintf(out, "%*" PRIu64, width,
			(foot == FOOT_MIN ? histogram->min : histogram->max) /
				1000);
}

static void print_feet(const struct arena *arena, FILE *out)
{
	static const char *const names[NR_FEET] = {
		"count:", "min:", "avg:", "max:"};

	for (unsigned int foot = 0; foot < NR_FEET; foot++) {
		fprintf(out, "%-6s", names[foot]);
		/* The label takes a column of the first number's width. */
		for (unsigned int i = 0; i < arena->nr_victims; i++)
			print_foot(&arena->victims[i].histogram, foot,
				i ? 10 : 9, out);
		fputc('\n', out);
	}
}

static void print_cause(
	const struct arena_victim *victim, unsigned int cause, FILE *out)
{
	const struct pcpmm_noise *noise = &victim->noise;
	bool timed = cause != PCPMM_NOISE_GRACE_PERIOD &&
		     cause != PCPMM_NOISE_PCP_LOCK;

	if (!noise->count[cause])
		return;
	fprintf(out, "CPU-%03u   %-13s %9" PRIu64, victim->id,
		pcpmm_noise_cause_name(cause), noise->count[cause]);
	if (timed)
		fprintf(out, " %13.1f %9.1f\n",
			(double)noise->time_ns[cause] / 1e3,
			(double)noise->max_ns[cause] / 1e3);
	else
		fprintf(out, " %13s %9s\n", "-", "-");
}

static void print_causes(const struct arena *arena, FILE *out)
{
	fprintf(out, "\n%-9s %-13s %9s %13s %9s\n", "CPU", "cause", "count",
		"total us", "max us");
	for (unsigned int i = 0; i < arena->nr_victims; i++) {
		const struct arena_victim *victim = &arena->victims[i];
		const struct pcpmm_noise *noise = &victim->noise;

		for (unsigned int cause = 0; cause < PCPMM_NR_NOISE_CAUSES;
			cause++)
			print_cause(victim, cause, out);
		if (noise->idle_count)
			fprintf(out,
				"CPU-%03u   %-13s %9" PRIu64 " %13.1f %9s\n",
				victim->id, "(was idle)", noise->idle_count,
				(double)noise->idle_ns / 1e3, "-");
		if (!arena_interruptions(noise) && !noise->idle_count &&
			!noise->count[PCPMM_NOISE_PCP_LOCK])
			fprintf(out, "CPU-%03u   %-13s %9u %13s %9s\n",
				victim->id, "(nothing)", 0, "-", "-");
	}
}

int noise_report_text(const struct noise_report *report, FILE *out)
{
	const struct arena *arena = report->arena;
	struct noise_bins bins[ARENA_CPUS_MAX] = {{0}};
	uint64_t *counts = calloc(
		(size_t)arena->nr_victims * report->entries, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	for (unsigned int i = 0; i < arena->nr_victims; i++) {
		bins[i].count = counts + (size_t)i * report->entries;
		noise_bins_add(&bins[i], report, &arena->victims[i].histogram);
	}
	print_head(report, out);
	print_bins(report, bins, out);
	print_feet(arena, out);
	print_causes(arena, out);
	free(counts);
	return 0;
}
