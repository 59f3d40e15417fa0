/* SPDX-License-Identifier: MIT */
/*
 * failure-report-2010: the report that a user of a large machine saw.
 *
 * History. IBM, 2010, beta tests on large machines: allocations fail, and the
 * report of the failure says that the zone has free pages, more than min, while
 * the line of its free blocks adds up to 0kB (Mel Gorman, linux-mm, 16 August
 * 2010). "free:" is the counter; the sum of blocks is counted under the zone's
 * lock. The difference is what CPUs have not folded yet. The per-CPU lines, which
 * the report had up to 4.1, say where reclaimed pages are: on lists of CPUs that
 * did not ask for a page. Merged in 2.6.36: aa45484031dd (drift mark),
 * 9ee493ce0a60 (drain and try again).
 *
 * Scene. See empty_zone.h. The program is told about failed requests, and prints
 * the report as 2.6.36 and as 6.1 would.
 *
 * Asserted. 2.6.35: the request fails; by the report the zone is above min, and
 * none of its pages is on a free list; the difference is that of all diffs; the
 * per-CPU lines add up to the reclaimed pages, none of them on the CPU that asked;
 * 6.1's report has their sum, but not the CPUs. After a drain the report shows
 * them on the free lists. 2.6.36: the same request has its page, and there is no
 * report.
 */
#include "empty_zone.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define KB_PER_PAGE 4

/* What a reader takes from a report; kB, but for `used`, pages. */
struct reading {
	uint64_t free, min, total, free_pcp, local_pcp;
	unsigned int cpus_with_pages, cpus;
	uint64_t used, used_here; /* on all CPUs' lists, on CPU 0's */
};

struct report {
	struct story *story;
	unsigned int told;
	struct reading old, new; /* of 2.6.36, of 6.1 */
};

/* --- reading a report ------------------------------------------------------- */

/* The number behind @name in @line; 0 without it. */
static uint64_t figure(const char *line, const char *name)
{
	const char *at = strstr(line, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void read_line(const char *line, struct reading *reading)
{
	unsigned int id;
	int used;

	if (sscanf(line, "CPU %u: hi: %*d, btch: %*d usd: %d", &id, &used) ==
		2) {
		reading->cpus++;
		reading->cpus_with_pages += used > 0;
		reading->used += (uint64_t)used;
		if (!id)
			reading->used_here = (uint64_t)used;
	} else if (!strncmp(line, "Node 0 Normal free:", 19)) {
		reading->free = figure(line, "free:");
		reading->min = figure(line, " min:");
		reading->free_pcp = figure(line, "free_pcp:");
		reading->local_pcp = figure(line, "local_pcp:");
	} else if (!strncmp(line, "Node 0 Normal: ", 15)) {
		reading->total = figure(line, "= ");
	}
}

/* Show a report, but for lists without pages, and the lines about RAM and swap. */
static bool is_shown(const char *line)
{
	if (!strncmp(line, "CPU ", 4))
		return !strstr(line, "usd:   0");
	return !strstr(line, "wap") && !strstr(line, "hugepages") &&
	       !strstr(line, " pages ");
}

static struct reading print_and_read(struct story *story, struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure,
	enum pcpmm_report_layout layout)
{
	char *text = NULL, *rest;
	struct reading reading = {0};
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out || pcpmm_alloc_report_print(cpu, failure, layout, out) ||
		fclose(out))
		story_give_up(story, EXIT_FAILURE, "no report");
	for (char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		read_line(line, &reading);
		if (is_shown(line))
			story_quote(story, line);
	}
	free(text);
	return reading;
}

static void told(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg)
{
	struct report *report = arg;
	struct pcpmm_alloc_failure named = *failure;

	named.comm = "cp";
	report->told++;
	story_say(report->story, 0, "no page; 2.6.36 reports:");
	report->old =
		print_and_read(report->story, cpu, &named, PCPMM_REPORT_2_6_36);
	story_say(report->story, 0, "6.1 would report:");
	report->new =
		print_and_read(report->story, cpu, &named, PCPMM_REPORT_6_1);
}

static void tell(struct empty_zone *zone, struct report *report)
{
	if (pcpmm_alloc_failed_set(zone->machine, told, report,
		    PCPMM_ALLOC_FAILED_BURST, PCPMM_ALLOC_FAILED_INTERVAL_MS))
		story_give_up(zone->story, EXIT_FAILURE, "nobody is told");
}

/* --- 2.6.35 ----------------------------------------------------------------- */

static void as_2_6_35(struct pcpmm_config *config)
{
	config->drain_retry = false;
	config->reader = PCPMM_READER_RAW;
}

static void claim_contradiction(
	struct empty_zone *zone, const struct report *report)
{
	struct pcpmm_zone_truth truth = scene_truth(zone->machine, 0, NORMAL);
	const struct reading *old = &report->old;
	struct story *story = zone->story;

	story_claim(story, old->free > old->min && old->min,
		"2.6.35: by the report %d kB are free, and min is %d kB",
		(int)old->free, (int)old->min);
	story_claim(story, !old->total && old->free,
		"2.6.35: by the same report the free blocks add up to 0 kB");
	story_claim(story,
		(int64_t)(old->free - old->total) ==
			(truth.nr_free_pages - truth.snapshot) * KB_PER_PAGE,
		"2.6.35: the difference is %d pages, which CPUs have not "
		"folded",
		(int)(old->free - old->total) / KB_PER_PAGE);
	story_claim(story,
		old->cpus == EMPTY_ZONE_CPUS && old->used == zone->reclaimed &&
			zone->reclaimed && !old->used_here,
		"2.6.35: its per-CPU lines have all %d pages reclaimed, on %u "
		"CPUs, none on CPU 0",
		(int)old->used, old->cpus_with_pages);
}

static void claim_today(const struct report *report)
{
	const struct reading *new = &report->new;

	story_claim(report->story, new->free == report->old.free && !new->total,
		"6.1's report: the same contradiction");
	story_claim(report->story,
		!new->cpus && !new->local_pcp &&new->free_pcp ==
				      report->old.used *KB_PER_PAGE,
		"6.1's report: free_pcp %d kB is their sum, and no line says "
		"which CPUs",
		(int)new->free_pcp);
}

/* The reader of the report drains by hand. */
static void drain_by_hand(struct empty_zone *zone, struct pcpmm_cpu *cpu)
{
	const struct pcpmm_alloc_failure failure = {
		.gfp = PCPMM_GFP_KERNEL, .comm = "cp"};
	struct reading after;

	if (pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, 0))
		story_give_up(zone->story, EXIT_FAILURE, "no drain");
	story_say(zone->story, 0, "all lists are drained; now it would be:");
	after = print_and_read(zone->story, cpu, &failure, PCPMM_REPORT_2_6_36);
	story_claim(zone->story,
		after.total == zone->reclaimed * KB_PER_PAGE && !after.used,
		"2.6.35, drained by hand: the blocks add up to %d kB",
		(int)after.total);
}

static void fails(struct story *story)
{
	struct empty_zone zone = {.story = story, .name = "2.6.35"};
	struct report report = {.story = story};
	struct pcpmm_cpu *cpu = empty_zone_set_up(&zone, as_2_6_35);
	struct pcpmm_page *page;

	tell(&zone, &report);
	page = empty_zone_ask(&zone, cpu);
	story_claim(story, !page && report.told == 1,
		"2.6.35: the request fails after %u passes, with one report",
		zone.passes);
	claim_contradiction(&zone, &report);
	claim_today(&report);
	drain_by_hand(&zone, cpu);
	empty_zone_clean_up(&zone, cpu);
}

/* --- 2.6.36 ----------------------------------------------------------------- */

static void as_2_6_36(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_DRIFT_SNAPSHOT;
}

static void succeeds(struct story *story)
{
	struct empty_zone zone = {.story = story, .name = "2.6.36"};
	struct report report = {.story = story};
	struct pcpmm_cpu *cpu = empty_zone_set_up(&zone, as_2_6_36);
	struct pcpmm_page *page;

	tell(&zone, &report);
	page = empty_zone_ask(&zone, cpu);
	story_claim(story, page && !report.told,
		"2.6.36: the request has its page after %u pass, and there is "
		"no report",
		zone.passes);
	if (page)
		pcpmm_free_pages(cpu, page, 0);
	empty_zone_clean_up(&zone, cpu);
}

int story_failure_report_2010(struct story *story)
{
	fails(story);
	succeeds(story);
	return story_verdict(story);
}
