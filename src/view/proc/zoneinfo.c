/* SPDX-License-Identifier: MIT */
/* /proc/zoneinfo, with the lines and columns of each kernel. */
#include <inttypes.h>
#include <string.h>

#include "machine/counters.h"
#include "machine/numa.h"
#include "view/proc/proc.h"
#include "vmstat/names.h"

/* What a kernel prints, beside its counters. */
struct lines {
	bool boost, promo, cma; /* sizes of a zone */
	bool bounds; /* high_min and high_max of a CPU's lists */
	bool highatomic; /* what is reserved, what is free of it */
	const char *blanks; /* before the values of a CPU's lists */
};

static const struct lines *lines_of(const struct pcpmm_machine *machine)
{
	static const struct lines kernels[PCPMM_NR_LAYOUTS] = {
		[PCPMM_LAYOUT_5_10] = {.blanks = ""},
		[PCPMM_LAYOUT_6_1] = {true, .cma = true, .blanks = ""},
		[PCPMM_LAYOUT_6_12] = {true, true, true, .blanks = ""},
		[PCPMM_LAYOUT_6_18] = {true, true, true, true, .blanks = "   "},
		[PCPMM_LAYOUT_7_3] = {true, true, true, true, true, "   "},
	};

	return &kernels[machine->config.layout];
}

static bool is_first_populated(
	struct pcpmm_machine *machine, const struct zone *zone)
{
	for (unsigned int i = 0; i < zone->type; i++)
		if (zone_populated(machine_zone(machine, zone->nid, i)))
			return false;
	return zone_populated(zone) && !zone->instance;
}

static void print_node_stats(
	struct pcpmm_machine *machine, const struct zone *zone, FILE *out)
{
	const struct vmstat *stat = &machine->nodes[zone->nid].stat;
	const char *const *name = machine->counters.names->node;

	fputs("\n  per-node stats", out);
	for (; *name; name++) {
		int item = counters_item(&machine->counters, false, *name);

		fprintf(out, "\n      %-12s %" PRIu64, *name,
			item < 0 ? 0 : vmstat_read(stat, item));
	}
}

static void print_pagesets(
	struct pcpmm_machine *machine, const struct zone *zone, FILE *out)
{
	const struct lines *has = lines_of(machine);

	fputs("\n  pagesets", out);
	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		const struct pcp_slot *slot = &machine->cpus[i].slots[zone->id];

		if (!machine_cpu_online(machine, i))
			continue;
		fprintf(out,
			"\n    cpu: %u"
			"\n              count: %s%d"
			"\n              high:  %s%d"
			"\n              batch: %s%d",
			i, has->blanks, pcp_count(slot), has->blanks,
			atomic_load_relaxed_s32(&slot->high), has->blanks,
			atomic_load_relaxed_s32(&slot->batch));
		if (has->bounds)
			fprintf(out,
				"\n              high_min: %d"
				"\n              high_max: %d",
				atomic_load_relaxed_s32(&zone->high_min),
				atomic_load_relaxed_s32(&zone->high_max));
		fprintf(out, "\n  vm stats threshold: %d",
			vmstat_threshold(&zone->stat, i));
	}
}

/* The marks are as far from each other as high is from low. */
static uint64_t promo(const struct zone *zone)
{
	uint64_t high = zone_mark_pages(zone, MARK_HIGH);

	return high + (high - MIN(high, zone_mark_pages(zone, MARK_LOW)));
}

static void print_size(const char *name, uint64_t pages, FILE *out)
{
	fprintf(out, "\n        %-8s %" PRIu64, name, pages);
}

static void print_sizes(
	struct pcpmm_machine *machine, const struct zone *zone, FILE *out)
{
	const struct lines *has = lines_of(machine);

	fprintf(out, "\n  pages free     %" PRIu64,
		zone_populated(zone) ? vmstat_read(&zone->stat, NR_FREE_PAGES)
				     : 0);
	if (has->boost)
		print_size("boost", atomic_load_relaxed_u64(&zone->boost), out);
	print_size("min", zone_mark_pages(zone, MARK_MIN), out);
	print_size("low", zone_mark_pages(zone, MARK_LOW), out);
	print_size("high", zone_mark_pages(zone, MARK_HIGH), out);
	if (has->promo)
		print_size("promo", promo(zone), out);
	print_size("spanned", zone->spanned, out);
	print_size("present", zone->present, out);
	print_size("managed", zone->managed, out);
	if (has->cma)
		print_size("cma", 0, out);
	fprintf(out, "\n        protection: (%" PRIu64,
		atomic_load_relaxed_u64(&zone->lowmem_reserve[0]));
	for (unsigned int i = 1; i < NODE_ZONES; i++)
		fprintf(out, ", %" PRIu64,
			atomic_load_relaxed_u64(&zone->lowmem_reserve[i]));
	fputc(')', out);
}

/* An item that nothing counts is 0. */
static uint64_t zone_item(const struct pcpmm_machine *machine,
	const struct zone *zone, const char *name)
{
	int item = counters_item(&machine->counters, true, name);

	if (item >= 0)
		return vmstat_read(&zone->stat, item);
	return !strcmp(name, PROC_FREE_BLOCKS) ? proc_free_block_pages(zone)
					       : 0;
}

static uint64_t free_highatomic(const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += atomic_load_relaxed_u64(
				 &zone->free_area[order]
					  .list[PCPMM_MIGRATE_HIGHATOMIC]
					  .nr)
			 << order;
	return pages;
}

static void print_tail(
	struct pcpmm_machine *machine, const struct zone *zone, FILE *out)
{
	fprintf(out,
		"\n  node_unreclaimable:  %d\n  start_pfn:           %" PRIu64
		"\n",
		reclaim_is_hopeless(&machine->reclaim.nodes[zone->nid]),
		zone->start_pfn);
	if (lines_of(machine)->highatomic)
		fprintf(out,
			"  reserved_highatomic: %" PRIu64
			"\n  free_highatomic:     %" PRIu64 "\n",
			atomic_load_relaxed_u64(&zone->nr_reserved_highatomic),
			free_highatomic(zone));
}

static void print_zone(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	const char *const *name = machine->counters.names->zone;

	fprintf(out, "Node %u, zone %8s", zone->nid,
		pcpmm_zone_name(zone->type));
	if (is_first_populated(machine, zone))
		print_node_stats(machine, zone, out);
	print_sizes(machine, zone, out);
	if (!zone_populated(zone)) {
		fputc('\n', out);
		return;
	}
	for (; *name; name++)
		fprintf(out, "\n      %-12s %" PRIu64, *name,
			zone_item(machine, zone, *name));
	for (int i = 0; i < NR_NUMA_ITEMS; i++)
		fprintf(out, "\n      %-12s %" PRIu64, vmstat_numa_names[i],
			numa_read(machine, zone, i));
	print_pagesets(machine, zone, out);
	print_tail(machine, zone, out);
}

void proc_zoneinfo(struct pcpmm_machine *machine, FILE *out)
{
	proc_each_zone(machine, false, print_zone, out);
}
