/* SPDX-License-Identifier: MIT */
/* /proc/buddyinfo and /proc/pagetypeinfo: free blocks and pageblocks. */
#include <inttypes.h>

#include "view/proc/proc.h"
#include "zone/buddy.h"

#define PAGETYPE_COUNT_MAX 100000 /* pagetypeinfo stops counting there */

uint64_t proc_free_block_pages(const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int order = PAGEBLOCK_ORDER; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			if (type != PCPMM_MIGRATE_ISOLATE)
				pages += atomic_load_relaxed_u64(
						 &zone->free_area[order]
							  .list[type]
							  .nr)
					 << order;
	return pages;
}

/* Of the five kernels Debian builds 7.3 alone with CMA. */
static bool prints_type(const struct pcpmm_machine *machine, unsigned int type)
{
	return type != PCPMM_MIGRATE_CMA ||
	       machine->config.layout == PCPMM_LAYOUT_7_3;
}

static void print_buddyinfo_zone(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	(void)machine;
	fprintf(out, "Node %u, zone %8s ", zone->nid,
		pcpmm_zone_name(zone->type));
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		fprintf(out, "%6" PRIu64 " ", buddy_nr_free(zone, order));
	fputc('\n', out);
}

void proc_buddyinfo(struct pcpmm_machine *machine, FILE *out)
{
	proc_each_zone(machine, true, print_buddyinfo_zone, out);
}

static void print_free_types(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	for (unsigned int type = 0; type < NR_TYPES; type++) {
		if (!prints_type(machine, type))
			continue;
		fprintf(out, "Node %4u, zone %8s, type %12s ", zone->nid,
			pcpmm_zone_name(zone->type),
			pcpmm_migratetype_name(type));
		for (unsigned int order = 0; order < NR_ORDERS; order++) {
			uint64_t nr = atomic_load_relaxed_u64(
				&zone->free_area[order].list[type].nr);

			fprintf(out, "%s%6" PRIu64 " ",
				nr >= PAGETYPE_COUNT_MAX ? ">" : "",
				MIN(nr, (uint64_t)PAGETYPE_COUNT_MAX));
		}
		fputc('\n', out);
	}
}

static void print_block_types(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	uint64_t count[NR_TYPES] = {0};
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t blocks = 0, present;

	for (uint64_t pfn = zone->start_pfn; pfn < end;
		pfn = round_down_pow2(pfn, PAGEBLOCK_PAGES) + PAGEBLOCK_PAGES) {
		count[zone_block_type(zone, pfn)]++;
		blocks++;
	}
	/* The kernel skips the pageblocks of holes; here they are movable. */
	present = (zone->present + PAGEBLOCK_PAGES - 1) >> PAGEBLOCK_ORDER;
	if (blocks > present)
		count[PCPMM_MIGRATE_MOVABLE] -=
			MIN(blocks - present, count[PCPMM_MIGRATE_MOVABLE]);
	fprintf(out, "Node %u, zone %8s ", zone->nid,
		pcpmm_zone_name(zone->type));
	for (unsigned int type = 0; type < NR_TYPES; type++)
		if (prints_type(machine, type))
			fprintf(out, "%12" PRIu64 " ", count[type]);
	fputc('\n', out);
}

static bool has_memory(struct pcpmm_machine *machine, unsigned int nid)
{
	for (unsigned int i = 0; i < NODE_ZONES; i++)
		if (zone_populated(machine_zone(machine, nid, i)))
			return true;
	return false;
}

/* Each node with memory has headings of its own. */
static void print_pagetypeinfo_node(
	struct pcpmm_machine *machine, unsigned int nid, FILE *out)
{
	fprintf(out, "Page block order: %d\nPages per block:  %lu\n\n",
		PAGEBLOCK_ORDER, PAGEBLOCK_PAGES);
	fprintf(out, "%-43s ", "Free pages count per migrate type at order");
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		fprintf(out, "%6u ", order);
	fputc('\n', out);
	proc_each_zone_of(machine, nid, true, print_free_types, out);
	fprintf(out, "\n%-23s", "Number of blocks type ");
	for (unsigned int type = 0; type < NR_TYPES; type++)
		if (prints_type(machine, type))
			fprintf(out, "%12s ", pcpmm_migratetype_name(type));
	fputc('\n', out);
	proc_each_zone_of(machine, nid, true, print_block_types, out);
}

void proc_pagetypeinfo(struct pcpmm_machine *machine, FILE *out)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		if (has_memory(machine, nid))
			print_pagetypeinfo_node(machine, nid, out);
}
