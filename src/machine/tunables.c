/* SPDX-License-Identifier: MIT */
/*
 * Values that follow from zone sizes, CPUs and sysctls, and when the kernel
 * recomputes them: at boot, when a sysctl is written (or, for the reserves,
 * read), and when a CPU comes or goes. In between they stay as they were, even
 * if the machine changes: dumps of real machines show that.
 *
 * An instance of a zone type is a zone to all of these formulas: it has its share of
 * the marks by its managed pages, a drift mark and lists of its own. High is its
 * low mark over the CPUs of the node, as every CPU may use it.
 */
#include "machine/tunables.h"

#include "arch/mutant.h"
#include "pcplist/sizing.h"
#include "vmstat/threshold.h"
#include "zone/gate.h"
#include "zone/sizing.h"

/* The formulas' inputs for every populated zone of the machine. */
struct sizes {
	struct zone_size_in zones[ZONES_MAX]; /* by id */
	unsigned int nr;
};

/* Late pages of a type are in its first instances. */
static void gather(struct pcpmm_machine *machine, const uint64_t *late_pages,
	struct sizes *sizes)
{
	uint64_t late = 0;

	sizes->nr = machine->zones.nr;
	for (unsigned int i = 0; i < sizes->nr; i++) {
		const struct zone *zone = machine->zones.zone[i];
		uint64_t here;

		if (late_pages && !zone->instance)
			late = late_pages[zone->nid * NODE_ZONES + zone->type];
		here = MIN(late, zone->managed);
		late -= here;
		sizes->zones[i] = (struct zone_size_in){
			.managed = zone->managed - here,
			.high = zone_mark_pages(zone, MARK_HIGH),
			.populated = true,
			.movable = zone->type == PCPMM_ZONE_MOVABLE,
		};
	}
}

static enum zone_wmark_rule wmark_rule(const struct pcpmm_machine *machine)
{
	static const enum zone_wmark_rule rules[PCPMM_NR_MARKS] = {
		[PCPMM_MARKS_SCALE_FACTOR] = ZONE_WMARK_SCALE_FACTOR,
		[PCPMM_MARKS_QUARTER] = ZONE_WMARK_QUARTER,
		[PCPMM_MARKS_NOT_MOVABLE] = ZONE_WMARK_NOT_MOVABLE,
	};

	return rules[machine->config.marks];
}

static void set_zone_marks(struct zone *zone, const struct zone_wmarks *wmarks)
{
	zone_set_boost(zone, 0);
	zone_set_mark(zone, MARK_MIN, wmarks->min);
	zone_set_mark(zone, MARK_LOW, wmarks->low);
	zone_set_mark(zone, MARK_HIGH, wmarks->high);
}

/* From 6.6 on a Movable zone without pages has marks of 32 pages, for show. */
static void set_empty_marks(struct pcpmm_machine *machine, int scale_factor)
{
	const struct zone_size_in size = {.movable = true};
	struct zone_wmarks wmarks;

	zone_watermarks(
		&size, 0, 0, wmark_rule(machine), scale_factor, &wmarks);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++) {
		struct zone *zone =
			machine_zone(machine, nid, PCPMM_ZONE_MOVABLE);

		if (!zone_populated(zone))
			set_zone_marks(zone, &wmarks);
	}
}

static void set_marks_for(struct pcpmm_machine *machine,
	const struct sizes *sizes, uint64_t min_free_kbytes, int scale_factor)
{
	uint64_t lowmem =
		zone_lowmem_pages(sizes->zones, sizes->nr, wmark_rule(machine));

	for (unsigned int i = 0; i < sizes->nr; i++) {
		struct zone_wmarks wmarks;

		zone_watermarks(&sizes->zones[i], min_free_kbytes, lowmem,
			wmark_rule(machine), scale_factor, &wmarks);
		set_zone_marks(machine->zones.zone[i], &wmarks);
	}
	set_empty_marks(machine, scale_factor);
}

static void set_marks(struct pcpmm_machine *machine, const struct sizes *sizes)
{
	const struct pcpmm_sysctls *sysctl = &machine->config.sysctl;

	set_marks_for(machine, sizes, (uint64_t)sysctl->min_free_kbytes,
		sysctl->watermark_scale_factor);
}

void tunables_update_routes(struct pcpmm_machine *machine)
{
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		for (unsigned int i = 0; i < NR_ROUTES; i++) {
			struct route *route = &machine->cpus[id].routes[i];
			const struct zone *zone = route->slot->zone;

			atomic_store_relaxed_s64(&route->reserve,
				(int64_t)atomic_load_relaxed_u64(
					&zone->lowmem_reserve[route->highest]));
		}
}

/* Pages of a node's zones by type: of all instances together. */
static void sum_types(struct pcpmm_machine *machine, const struct sizes *sizes,
	unsigned int nid, uint64_t managed[NODE_ZONES])
{
	for (unsigned int i = 0; i < NODE_ZONES; i++)
		managed[i] = 0;
	for (unsigned int i = 0; i < sizes->nr; i++) {
		const struct zone *zone = machine->zones.zone[i];

		if (zone->nid == nid)
			managed[zone->type] += sizes->zones[i].managed;
	}
}

/*
 * A zone keeps its share of what its type keeps, by managed pages: @own of those
 * of @managed[type]. So a type that is split keeps what it would keep whole, and
 * nothing from requests for the type itself: a sibling is no higher zone.
 */
static void set_reserve(const struct pcpmm_machine *machine, struct zone *zone,
	const uint64_t managed[NODE_ZONES], uint64_t own)
{
	const int32_t *ratio = machine->config.sysctl.lowmem_reserve_ratio;
	uint64_t reserve[NODE_ZONES], all = managed[zone->type];

	zone_lowmem_reserve(managed, NODE_ZONES, zone->type, ratio, reserve);
	if (MUTANT(SIBLINGS_ARE_HIGHER) && zone->sibling)
		reserve[zone->type] = zone->sibling->managed / 32;
	for (unsigned int i = 0; i < NODE_ZONES; i++)
		atomic_store_relaxed_u64(&zone->lowmem_reserve[i],
			all ? mult_frac(reserve[i], own, all) : 0);
}

static void set_reserves(
	struct pcpmm_machine *machine, const struct sizes *sizes)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++) {
		struct node *node = &machine->nodes[nid];
		uint64_t managed[NODE_ZONES];

		sum_types(machine, sizes, nid, managed);
		for (struct zone *zone = node->zones; zone;
			zone = node_next_zone(node, zone))
			set_reserve(machine, zone, managed,
				zone_populated(zone)
					? sizes->zones[zone->id].managed
					: 0);
	}
	tunables_update_routes(machine);
}

/* The kernel has one of the two; the other one is 0. */
static unsigned int fraction(const struct pcpmm_sysctls *sysctl)
{
	return (unsigned int)(sysctl->percpu_pagelist_high_fraction
				      ? sysctl->percpu_pagelist_high_fraction
				      : sysctl->percpu_pagelist_fraction);
}

/* Batch first, then high, for every possible CPU. */
static void size_pagesets(struct pcpmm_machine *machine, struct zone *zone,
	uint64_t managed, unsigned int onlining)
{
	unsigned int cpus =
		pcp_high_cpus(machine->nodes[zone->nid].nr_cpus_online,
			smp_nr_online(&machine->smp), onlining);
	const struct pcp_size_in in = {
		.managed = managed,
		.low = zone_mark_pages(zone, MARK_LOW),
		.fraction = fraction(&machine->config.sysctl),
		.cpus = cpus,
	};
	struct pcp_size size;

	zone->pcp_rules->size(&in, &size);
	zone->pageset_batch = size.batch;
	zone->pageset_high = size.high;
	zone->pageset_high_min = size.high_min;
	zone->pageset_high_max = size.high_max;
	zone->small_lists =
		machine->config.cpu_cache_kbytes / (PCPMM_PAGE_SIZE / 1024) >
		3 * (unsigned int)size.batch;
	if (zone->pcp_disabled)
		return;
	pcp_set_bounds(zone, size.high_min, size.high_max);
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		pcp_resize(&machine->cpus[i].slots[zone->id], size.high,
			size.batch);
}

static void size_all_pagesets(struct pcpmm_machine *machine,
	const struct sizes *sizes, unsigned int onlining)
{
	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		struct zone *zone = machine->zones.zone[i];

		size_pagesets(machine, zone, sizes->zones[zone->id].managed,
			onlining);
	}
}

void tunables_update_pagesets(
	struct pcpmm_machine *machine, unsigned int onlining)
{
	struct sizes sizes;

	gather(machine, NULL, &sizes);
	size_all_pagesets(machine, &sizes, onlining);
}

void tunables_update_marks(struct pcpmm_machine *machine)
{
	struct sizes sizes;

	gather(machine, NULL, &sizes);
	set_marks(machine, &sizes);
	size_all_pagesets(machine, &sizes, 0);
}

void tunables_update_reserves(struct pcpmm_machine *machine)
{
	struct sizes sizes;

	gather(machine, NULL, &sizes);
	set_reserves(machine, &sizes);
}

/*
 * A zone's threshold from its size; a node's is the largest of its zones'.
 * A drift mark is set where CPUs may hide more pages than lie between min and
 * low, and is never cleared: see tunables_boot().
 */
void tunables_update_thresholds(struct pcpmm_machine *machine)
{
	int of_node[PCPMM_NODES_MAX] = {0};

	if (machine->config.up != PCPMM_UP_NO)
		return; /* thresholds stay 0, and no zone has a drift mark */
	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		struct zone *zone = machine->zones.zone[i];
		int threshold = vmstat_normal_threshold(
			zone->managed, smp_nr_online(&machine->smp));
		uint64_t drift_mark =
			vmstat_drift_mark(zone_mark_pages(zone, MARK_MIN),
				zone_mark_pages(zone, MARK_LOW),
				zone_mark_pages(zone, MARK_HIGH), threshold,
				smp_nr_online(&machine->smp));

		of_node[zone->nid] = MAX(of_node[zone->nid], threshold);
		vmstat_set_thresholds(&zone->stat, threshold);
		if (drift_mark)
			atomic_store_relaxed_u64(
				&zone->stat.drift_mark, drift_mark);
	}
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_set_thresholds(&machine->nodes[nid].stat, of_node[nid]);
}

/* vm.watermark_scale_factor until somebody writes it. */
#define BOOT_SCALE_FACTOR 10

static uint64_t boot_min_free_kbytes(const struct pcpmm_machine *machine,
	const struct sizes *sizes, enum zone_boot_path path)
{
	struct zone_boot_rules rules = zone_boot_rules_4k;
	struct sizes scratch = *sizes;

	rules.wmark_rule = wmark_rule(machine);
	/* 5.10 does not look again once khugepaged has decided to stay away. */
	if (path == ZONE_BOOT_THP_NEVER &&
		machine->config.zone_rules == PCPMM_ZONE_RULES_5_10)
		path = ZONE_BOOT_SMALL;
	return zone_boot_min_free_kbytes(
		scratch.zones, scratch.nr, path, &rules, BOOT_SCALE_FACTOR);
}

/*
 * init_per_zone_wmark_min(): the first marks, by the square root, and drift marks
 * computed with them. Later marks, by khugepaged or a sysctl, leave these alone.
 */
static void boot_first_marks(
	struct pcpmm_machine *machine, const struct sizes *sizes)
{
	set_marks_for(machine, sizes,
		boot_min_free_kbytes(machine, sizes, ZONE_BOOT_SMALL),
		BOOT_SCALE_FACTOR);
	tunables_update_thresholds(machine);
}

/*
 * Secondary CPUs come up while all marks are still 0. To 6.12 each refreshes the
 * thresholds, so on SMP every zone gets a drift mark that nothing ever clears
 * (measured on 6.1); later one refresh at the end of boot is for all of them.
 * Marks are computed in between, from the pages that are managed by then.
 */
void tunables_boot(struct pcpmm_machine *machine, enum pcpmm_thp thp,
	const uint64_t *late_pages)
{
	bool late =
		machine->config.boot_drift_mark == PCPMM_BOOT_DRIFT_MARK_LATE;
	int64_t *min_free_kbytes = &machine->config.sysctl.min_free_kbytes;
	struct sizes sizes;

	if (smp_nr_online(&machine->smp) > 1 && !late)
		tunables_update_thresholds(machine);
	gather(machine, late_pages, &sizes);
	boot_first_marks(machine, &sizes);
	if (*min_free_kbytes < 0)
		*min_free_kbytes =
			(int64_t)boot_min_free_kbytes(machine, &sizes,
				zone_boot_path(sizes.zones, sizes.nr,
					thp == PCPMM_THP_ALWAYS,
					zone_boot_rules_4k.page_kbytes));
	set_marks(machine, &sizes);
	set_reserves(machine, &sizes);
	size_all_pagesets(machine, &sizes, 0);
	if (late)
		tunables_update_thresholds(machine);
}
