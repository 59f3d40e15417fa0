/* SPDX-License-Identifier: MIT */
/*
 * pressure-worse-2012: under pressure the counters' error grows.
 *
 * History. Since 2.6.37 (88f5acf88ae6) thresholds are chosen, while kswapd is
 * awake, so that the diffs of all CPUs together are at most low - min. That may
 * be more than the usual thresholds allow. On a laptop with 3.7-rc6 (Lenovo
 * X220, 4 CPUs, 4 GB, December 2012, a zoneinfo sent because kswapd did not
 * come to rest) the threshold is 125 in zone Normal, where 18 is usual; in DMA
 * 4 instead of 6; DMA32 keeps its usual 36, as it has no drift mark. The cause:
 * thresholds and drift marks are computed when CPUs come up, from the marks of
 * that moment (min_free_kbytes about 8000); later khugepaged raised
 * min_free_kbytes to 67584, low - min grew, and the drift marks stayed.
 *
 * Scene. That machine: its zones, marks by the rule of 3.7, CPUs that come up
 * after boot, min_free_kbytes raised, all memory taken, so that kswapd is
 * awake. Then each CPU frees as many pages as its diff can hold.
 *
 * Asserted. Marks and thresholds are those of the dump, zone by zone. With
 * thresholds under pressure the error of Normal's counter is several times the
 * error under 2.6.36's rule, which does not change thresholds; it is still at
 * most low - min, as promised.
 */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>

#define DMA PCPMM_ZONE_DMA
#define DMA32 PCPMM_ZONE_DMA32
#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 4
#define ORDER 2
#define BLOCK (1 << ORDER)

struct pressure {
	struct story *story;
	const char *name;
	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	struct pcpmm_page *normal[CPUS][256]; /* blocks of ORDER to free */
};

static struct pcpmm_zone_truth truth_of(
	const struct pressure *pressure, unsigned int type)
{
	return scene_truth(pressure->machine, 0, type);
}

/* --- the machine -------------------------------------------------------------- */

static void as_of_3_7(struct pcpmm_config *config)
{
	config->marks = PCPMM_MARKS_QUARTER;
	config->wmark_check = PCPMM_WMARK_CHECK_HALVING;
	config->thp = PCPMM_THP_NEVER;
}

static void as_of_2_6_36(struct pcpmm_config *config)
{
	as_of_3_7(config);
	config->reader = PCPMM_READER_DRIFT_SNAPSHOT;
}

/* Take the blocks of Normal that each CPU will free, then all other pages. */
static void take_all(struct pressure *pressure, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page;

	pcpmm_pcp_disable(cpu, 0, NORMAL);
	for (unsigned int id = 0; id < CPUS; id++)
		for (unsigned int i = 0; i < 256; i++) {
			page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, ORDER);
			if (!page)
				story_give_up(pressure->story, EXIT_FAILURE,
					"no block of order %d", ORDER);
			pressure->normal[id][i] = page;
		}
	for (unsigned int order = PCPMM_ORDER_MAX + 1; order-- > 0;)
		while (scene_hoard_take(pressure->story, cpu, &pressure->hoard,
			PCPMM_GFP_KERNEL, order))
			;
}

static struct pcpmm_cpu *set_up(
	struct pressure *pressure, void (*adjust)(struct pcpmm_config *))
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[DMA] = 3911, [DMA32] = 874976, [NORMAL] = 122472},
		.offline_from = 1,
		.adjust = adjust};
	struct story *story = pressure->story;
	struct pcpmm_cpu *cpu;
	int ret;

	story_act(story, "%s", pressure->name);
	pressure->machine = scene_build(story, &scene);
	cpu = scene_enter(story, pressure->machine, 0);
	for (unsigned int id = 1; id < CPUS; id++)
		pcpmm_cpu_online(cpu, id);
	story_say(story, STORY_NOBODY,
		"booted: Normal's min and low are %d apart, %d CPUs hide %d",
		(int)(truth_of(pressure, NORMAL).low -
			truth_of(pressure, NORMAL).min),
		CPUS, CPUS * truth_of(pressure, NORMAL).stat_threshold);
	ret = pcpmm_sysctl_set(
		pressure->machine, "vm.min_free_kbytes", "67584");
	if (ret || pcpmm_kswapd_start(pressure->machine, 0))
		story_give_up(story, EXIT_FAILURE, "can not be set up");
	story_say(story, STORY_NOBODY,
		"khugepaged: min_free_kbytes 67584; now %d apart",
		(int)(truth_of(pressure, NORMAL).low -
			truth_of(pressure, NORMAL).min));
	return cpu;
}

static void clean_up(struct pressure *pressure, struct pcpmm_cpu *cpu)
{
	for (unsigned int id = 0; id < CPUS; id++)
		for (unsigned int i = 0; i < 256; i++)
			if (pressure->normal[id][i])
				pcpmm_free_pages(
					cpu, pressure->normal[id][i], ORDER);
	scene_hoard_end(cpu, &pressure->hoard);
	pcpmm_pcp_enable(cpu, 0, NORMAL);
	pcpmm_kswapd_stop(pressure->machine);
	scene_leave(pressure->story, cpu);
	scene_end(pressure->story, pressure->machine, pressure->name);
}

/* --- thresholds ------------------------------------------------------------------ */

static void say_thresholds(const struct pressure *pressure, const char *when)
{
	story_say(pressure->story, STORY_NOBODY,
		"%s: thresholds DMA %d, DMA32 %d, Normal %d", when,
		truth_of(pressure, DMA).stat_threshold,
		truth_of(pressure, DMA32).stat_threshold,
		truth_of(pressure, NORMAL).stat_threshold);
}

static bool thresholds_are(
	const struct pressure *pressure, int dma, int dma32, int normal)
{
	return truth_of(pressure, DMA).stat_threshold == dma &&
	       truth_of(pressure, DMA32).stat_threshold == dma32 &&
	       truth_of(pressure, NORMAL).stat_threshold == normal;
}

static bool marks_are(const struct pressure *pressure, unsigned int type,
	uint64_t min, uint64_t low, uint64_t high)
{
	struct pcpmm_zone_truth truth = truth_of(pressure, type);

	return truth.min == min && truth.low == low && truth.high == high;
}

/* Every zone is below low: kswapd is woken, reclaims nothing, stays awake. */
static void wake_kswapd(struct pressure *pressure, struct pcpmm_cpu *cpu)
{
	struct pcpmm_kswapd_state state = {0};

	take_all(pressure, cpu);
	pcpmm_kswapd_run(cpu, 0);
	pcpmm_kswapd_read(pressure->machine, 0, &state);
	if (!state.awake)
		story_give_up(
			pressure->story, EXIT_FAILURE, "kswapd is not awake");
	say_thresholds(pressure, "kswapd awake");
}

/* --- the counter's error -------------------------------------------------- */

/* CPU @id frees pages as long as its diff holds them all. */
static void free_and_hide(struct pressure *pressure, unsigned int id)
{
	struct pcpmm_machine *machine = pressure->machine;
	struct pcpmm_cpu *cpu = id ? scene_enter(pressure->story, machine, id)
				   : pcpmm_cpu_get(machine, 0);
	int left = truth_of(pressure, NORMAL).stat_threshold / BLOCK;

	for (unsigned int i = 0; i < 256 && left; i++, left--) {
		pcpmm_free_pages(cpu, pressure->normal[id][i], ORDER);
		pressure->normal[id][i] = NULL;
	}
	if (id)
		scene_leave(pressure->story, cpu);
}

/* Pages by which the counter is wrong at the end. */
static int64_t error_of(struct pressure *pressure, struct pcpmm_cpu *cpu)
{
	struct pcpmm_zone_truth truth;

	pcpmm_vmstat_fold(cpu, 0);
	for (unsigned int id = 0; id < CPUS; id++)
		free_and_hide(pressure, id);
	truth = truth_of(pressure, NORMAL);
	story_say(pressure->story, STORY_NOBODY,
		"Normal: counter %" PRId64 ", truth %" PRIu64
		"; low - min is %d",
		truth.nr_free_pages, truth.free, (int)(truth.low - truth.min));
	return (int64_t)truth.free - truth.nr_free_pages;
}

static int64_t play(struct story *story, const char *name,
	void (*adjust)(struct pcpmm_config *), bool pressure_rule)
{
	struct pressure *pressure = calloc(1, sizeof(*pressure));
	struct pcpmm_cpu *cpu;
	int64_t error;

	if (!pressure)
		story_give_up(story, EXIT_FAILURE, "no memory");
	pressure->story = story;
	pressure->name = name;
	cpu = set_up(pressure, adjust);
	say_thresholds(pressure, "kswapd asleep");
	story_claim(story,
		marks_are(pressure, DMA, 65, 81, 97) &&
			marks_are(pressure, DMA32, 14763, 18453, 22144) &&
			marks_are(pressure, NORMAL, 2066, 2582, 3099),
		"%s: the marks of the dump, in all three zones", name);
	story_claim(story, thresholds_are(pressure, 6, 36, 18),
		"%s: asleep: thresholds 6, 36 and 18", name);
	wake_kswapd(pressure, cpu);
	if (pressure_rule)
		story_claim(story, thresholds_are(pressure, 4, 36, 125),
			"%s: awake: 4, 36 and 125, as in the dump", name);
	else
		story_claim(story, thresholds_are(pressure, 6, 36, 18),
			"%s: awake: as they were", name);
	error = error_of(pressure, cpu);
	story_claim(story,
		error > 0 && error <= CPUS * (int64_t)truth_of(pressure, NORMAL)
						      .stat_threshold,
		"%s: the counter is off by %d pages", name, (int)error);
	story_claim(story,
		error <= (int64_t)(truth_of(pressure, NORMAL).low -
				   truth_of(pressure, NORMAL).min),
		"%s: which is no more than low - min", name);
	clean_up(pressure, cpu);
	free(pressure);
	return error;
}

int story_pressure_worse_2012(struct story *story)
{
	int64_t before = play(story, "2.6.36", as_of_2_6_36, false);
	int64_t after = play(story, "2.6.37 to 3.7", as_of_3_7, true);

	story_claim(story, after >= 6 * before,
		"under pressure the counter is off by %d times as much",
		before ? (int)(after / before) : 0);
	return story_verdict(story);
}
