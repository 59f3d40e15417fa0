/* SPDX-License-Identifier: MIT */
/*
 * sticky-drift-mark: a drift mark that is set once and never cleared.
 *
 * History. Mel Gorman, 2.6.36 (aa45484031dd): the free counter of a zone may be
 * wrong by online CPUs times threshold. Where that is more than low - min, the
 * zone gets a drift mark, high plus that error; below it careful readers add
 * each CPU's diff. Thresholds and mark are computed when a CPU comes or goes;
 * where the error is tolerable nothing is stored, so an old mark stays. And on
 * a machine of several CPUs there is always one: CPUs come up while all
 * watermarks are still 0, when no error is tolerable (seen on 6.1). kswapd,
 * which lowers the thresholds while it works (88f5acf88ae6), does so for every
 * zone with a drift mark.
 *
 * Scene. A zone that needs a mark, and then, with a larger min_free_kbytes, no
 * longer does; a zone that never needed one; a node of zones of two sizes.
 *
 * Asserted. Each zone has its drift mark where the formula for the current
 * watermarks gives none. The node's threshold, measured by adding one page at a
 * time, is the largest of its zones'.
 */
#include "table.h"

#include <string.h>

#define DMA PCPMM_ZONE_DMA
#define NORMAL PCPMM_ZONE_NORMAL
#define LIMIT 1000 /* more than any threshold */

/* The drift mark by the formula and the current watermarks; 0: tolerable. */
static uint64_t formula(const struct pcpmm_zone_truth *truth, unsigned int cpus)
{
	uint64_t drift = (uint64_t)cpus * (uint64_t)truth->stat_threshold;

	return drift > truth->low - truth->min ? truth->high + drift : 0;
}

struct marks {
	uint64_t kernel; /* the drift mark that is set */
	uint64_t formula; /* the one that a reset would set; 0: none */
	uint64_t min;
};

static struct marks look(struct story *story, struct pcpmm_machine *machine,
	unsigned int cpus, const char *when)
{
	struct pcpmm_zone_truth truth = scene_truth(machine, 0, NORMAL);
	struct marks marks;

	marks = (struct marks){
		truth.drift_mark, formula(&truth, cpus), truth.min};
	story_say(story, STORY_NOBODY,
		"%-34s low - min %4d, error %4d: mark %4d, formula %4d", when,
		(int)(truth.low - truth.min), (int)cpus * truth.stat_threshold,
		(int)marks.kernel, (int)marks.formula);
	return marks;
}

static void set(struct story *story, struct pcpmm_machine *machine,
	const char *name, const char *value)
{
	int ret = pcpmm_sysctl_set(machine, name, value);

	if (ret)
		story_give_up(
			story, 1, "%s = %s: %s", name, value, strerror(-ret));
}

/* Last CPU offline and online: thresholds and mark are computed twice. */
static void replug(struct story *story, struct pcpmm_machine *machine)
{
	unsigned int last = pcpmm_nr_cpus(machine) - 1;
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);

	if (pcpmm_cpu_offline(cpu, last) || pcpmm_cpu_online(cpu, last))
		story_give_up(story, 1, "CPU %u does not go and come", last);
	scene_leave(story, cpu);
}

static void needed_once(struct story *story)
{
	const struct scene scene = {.cpus = 8,
		.pages = {[NORMAL] = 65536},
		.min_free_kbytes = 2048};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct marks first, now;

	story_act(story, "a mark that was needed: 8 CPUs, 256 MiB");
	first = look(story, machine, 8, "at boot");
	story_claim(story, first.kernel && first.kernel == first.formula,
		"8 CPUs: the mark is needed, and is what the formula says");
	set(story, machine, "vm.min_free_kbytes", "8192");
	look(story, machine, 8, "min_free_kbytes 8192");
	replug(story, machine);
	now = look(story, machine, 8, "a CPU went and came");
	story_claim(story, !now.formula && now.kernel == first.kernel,
		"8 CPUs: no longer needed, computed again, and still %d",
		(int)now.kernel);
	story_claim(story, now.kernel < now.min,
		"8 CPUs: below min by now, where it can save nobody");
	set(story, machine, "vm.min_free_kbytes", "2048");
	set(story, machine, "vm.watermark_scale_factor", "200");
	replug(story, machine);
	now = look(story, machine, 8, "2048, watermark_scale_factor 200");
	story_claim(story, !now.formula && now.kernel == first.kernel,
		"8 CPUs: the same with watermark_scale_factor 200");
	scene_end(story, machine, "8 CPUs");
}

static void never_needed(struct story *story, unsigned int cpus)
{
	const struct scene scene = {.cpus = cpus,
		.pages = {[NORMAL] = 16384},
		.min_free_kbytes = 1024};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	char name[32];
	struct marks marks;

	snprintf(name, sizeof(name), "%u CPU%s", cpus, cpus > 1 ? "s" : "");
	story_act(story, "never needed: %s, 64 MiB", name);
	marks = look(story, machine, cpus, "at boot");
	if (cpus > 1)
		story_claim(story, marks.kernel && !marks.formula,
			"%s: not needed, and yet set, while marks were 0",
			name);
	else
		story_claim(story, !marks.kernel && !marks.formula,
			"%s: none came up later, and there is none", name);
	scene_end(story, machine, name);
}

/* --- the node's threshold ------------------------------------------------ */

/* Largest diff that @cpu keeps: adds one page at a time, then subtracts all. */
static int threshold(struct story *story, struct pcpmm_cpu *cpu, int zone_type,
	const char *item)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	uint64_t shared = 0;
	int added = 0;

	while (!shared && added < LIMIT) {
		if (pcpmm_stat_mod(cpu, 0, zone_type, item, 1))
			story_give_up(story, 1, "%s does not count", item);
		added++;
		pcpmm_zone_stat_read(machine, 0, zone_type, item, &shared);
	}
	pcpmm_stat_mod(cpu, 0, zone_type, item, -added);
	return added - 1;
}

static void largest_zone(struct story *story)
{
	const struct scene scene = {
		.cpus = 4, .pages = {[DMA] = 4096, [NORMAL] = 262144}};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	int dma = threshold(story, cpu, DMA, "nr_mlock");
	int normal = threshold(story, cpu, NORMAL, "nr_mlock");
	int node = threshold(story, cpu, -1, "nr_mapped");

	story_act(story, "a node's threshold: DMA of 16 MiB, Normal of 1 GiB");
	story_say(story, 0, "keeps %d of DMA, %d of Normal, %d of the node",
		dma, normal, node);
	story_claim(story, dma > 0 && dma < normal,
		"thresholds: the larger zone has the larger one");
	story_claim(story, node == normal,
		"thresholds: the node has the largest of its zones'");
	scene_leave(story, cpu);
	scene_end(story, machine, "thresholds");
}

int story_sticky_drift_mark(struct story *story)
{
	needed_once(story);
	never_needed(story, 4);
	never_needed(story, 1);
	largest_zone(story);
	return story_verdict(story);
}
