/* SPDX-License-Identifier: MIT */
/*
 * /proc files in the kernel's layout: Linux 6.1 without CMA, as Debian builds
 * it. All reads are racy: two lines of a file may be of different moments.
 */
#include <errno.h>
#include <inttypes.h>
#include <pcpmm/proc.h>
#include <pcpmm/psi.h>
#include <string.h>

#include "machine/machine.h"
#include "machine/numa.h"
#include "view/counts.h"
#include "zone/buddy.h"

#define PAGETYPE_COUNT_MAX 100000 /* pagetypeinfo stops counting there */

static void for_each_zone_of(struct pcpmm_machine *machine, unsigned int nid,
	bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *), FILE *out)
{
	struct node *node = &machine->nodes[nid];

	for (struct zone *zone = node->zones; zone;
		zone = node_next_zone(node, zone))
		if (!populated || zone_populated(zone))
			print(machine, zone, out);
}

static void for_each_zone(struct pcpmm_machine *machine, bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *), FILE *out)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		for_each_zone_of(machine, nid, populated, print, out);
}

/* --- zoneinfo --------------------------------------------------------- */

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

	fputs("\n  per-node stats", out);
	for (int i = 0; i < NR_NODE_ITEMS; i++)
		fprintf(out, "\n      %-12s %" PRIu64, vmstat_node_names[i],
			vmstat_read(stat, i));
}

static void print_pagesets(
	struct pcpmm_machine *machine, const struct zone *zone, FILE *out)
{
	fputs("\n  pagesets", out);
	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		const struct pcp_slot *slot = &machine->cpus[i].slots[zone->id];

		if (!machine_cpu_online(machine, i))
			continue;
		fprintf(out,
			"\n    cpu: %u"
			"\n              count: %d"
			"\n              high:  %d"
			"\n              batch: %d"
			"\n  vm stats threshold: %d",
			i, pcp_count(slot),
			atomic_load_relaxed_s32(&slot->high),
			atomic_load_relaxed_s32(&slot->batch),
			vmstat_threshold(&zone->stat, i));
	}
}

static void print_sizes(const struct zone *zone, FILE *out)
{
	uint64_t free = zone_populated(zone)
				? vmstat_read(&zone->stat, NR_FREE_PAGES)
				: 0;

	fprintf(out,
		"\n  pages free     %" PRIu64 "\n        boost    %" PRIu64
		"\n        min      %" PRIu64 "\n        low      %" PRIu64
		"\n        high     %" PRIu64 "\n        spanned  %" PRIu64
		"\n        present  %" PRIu64 "\n        managed  %" PRIu64
		"\n        cma      0",
		free, atomic_load_relaxed_u64(&zone->boost),
		zone_mark_pages(zone, MARK_MIN),
		zone_mark_pages(zone, MARK_LOW),
		zone_mark_pages(zone, MARK_HIGH), zone->spanned, zone->present,
		zone->managed);
	fprintf(out, "\n        protection: (%" PRIu64,
		atomic_load_relaxed_u64(&zone->lowmem_reserve[0]));
	for (unsigned int i = 1; i < NODE_ZONES; i++)
		fprintf(out, ", %" PRIu64,
			atomic_load_relaxed_u64(&zone->lowmem_reserve[i]));
	fputc(')', out);
}

static void print_zoneinfo_zone(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	fprintf(out, "Node %u, zone %8s", zone->nid,
		pcpmm_zone_name(zone->type));
	if (is_first_populated(machine, zone))
		print_node_stats(machine, zone, out);
	print_sizes(zone, out);
	if (!zone_populated(zone)) {
		fputc('\n', out);
		return;
	}
	for (int i = 0; i < NR_ZONE_ITEMS; i++)
		fprintf(out, "\n      %-12s %" PRIu64, vmstat_zone_names[i],
			vmstat_read(&zone->stat, i));
	for (int i = 0; i < NR_NUMA_ITEMS; i++)
		fprintf(out, "\n      %-12s %" PRIu64, vmstat_numa_names[i],
			numa_read(machine, zone, i));
	print_pagesets(machine, zone, out);
	fprintf(out,
		"\n  node_unreclaimable:  %d\n  start_pfn:           %" PRIu64
		"\n",
		reclaim_is_hopeless(&machine->reclaim.nodes[zone->nid]),
		zone->start_pfn);
}

static void print_zoneinfo(struct pcpmm_machine *machine, FILE *out)
{
	for_each_zone(machine, false, print_zoneinfo_zone, out);
}

/* --- buddyinfo, pagetypeinfo ------------------------------------------ */

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

static void print_buddyinfo(struct pcpmm_machine *machine, FILE *out)
{
	for_each_zone(machine, true, print_buddyinfo_zone, out);
}

static void print_free_types(
	struct pcpmm_machine *machine, struct zone *zone, FILE *out)
{
	(void)machine;
	for (unsigned int type = 0; type < NR_TYPES; type++) {
		if (type == PCPMM_MIGRATE_CMA)
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

	(void)machine;
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
		if (type != PCPMM_MIGRATE_CMA)
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
	for_each_zone_of(machine, nid, true, print_free_types, out);
	fprintf(out, "\n%-23s", "Number of blocks type ");
	for (unsigned int type = 0; type < NR_TYPES; type++)
		if (type != PCPMM_MIGRATE_CMA)
			fprintf(out, "%12s ", pcpmm_migratetype_name(type));
	fputc('\n', out);
	for_each_zone_of(machine, nid, true, print_block_types, out);
}

static void print_pagetypeinfo(struct pcpmm_machine *machine, FILE *out)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		if (has_memory(machine, nid))
			print_pagetypeinfo_node(machine, nid, out);
}

/* --- vmstat ----------------------------------------------------------- */

/*
 * Events of parts of the kernel that are not simulated: compaction, huge page
 * faults, mlock, ... Their lines are printed for parsers, always with 0.
 */
static const char *const foreign_events[] = {
	"numa_pte_updates",
	"numa_huge_pte_updates",
	"numa_hint_faults",
	"numa_hint_faults_local",
	"numa_pages_migrated",
	"pgmigrate_success",
	"pgmigrate_fail",
	"thp_migration_success",
	"thp_migration_fail",
	"thp_migration_split",
	"compact_migrate_scanned",
	"compact_free_scanned",
	"compact_isolated",
	"compact_stall",
	"compact_fail",
	"compact_success",
	"compact_daemon_wake",
	"compact_daemon_migrate_scanned",
	"compact_daemon_free_scanned",
	"htlb_buddy_alloc_success",
	"htlb_buddy_alloc_fail",
	"unevictable_pgs_culled",
	"unevictable_pgs_scanned",
	"unevictable_pgs_rescued",
	"unevictable_pgs_mlocked",
	"unevictable_pgs_munlocked",
	"unevictable_pgs_cleared",
	"unevictable_pgs_stranded",
	"thp_fault_alloc",
	"thp_fault_fallback",
	"thp_fault_fallback_charge",
	"thp_collapse_alloc",
	"thp_collapse_alloc_failed",
	"thp_file_alloc",
	"thp_file_fallback",
	"thp_file_fallback_charge",
	"thp_file_mapped",
	"thp_split_page",
	"thp_split_page_failed",
	"thp_deferred_split_page",
	"thp_split_pmd",
	"thp_scan_exceed_none_pte",
	"thp_scan_exceed_swap_pte",
	"thp_scan_exceed_share_pte",
	"thp_split_pud",
	"thp_zero_page_alloc",
	"thp_zero_page_alloc_failed",
	"thp_swpout",
	"thp_swpout_fallback",
	"balloon_inflate",
	"balloon_deflate",
	"balloon_migrate",
	"swap_ra",
	"swap_ra_hit",
	"ksm_swpin_copy",
	"cow_ksm",
	"zswpin",
	"zswpout",
	"direct_map_level2_splits",
	"direct_map_level3_splits",
};

static void print_vmstat(struct pcpmm_machine *machine, FILE *out)
{
	for (int i = 0; i < NR_ZONE_ITEMS; i++)
		fprintf(out, "%s %" PRIu64 "\n", vmstat_zone_names[i],
			vmstat_read(&machine->zone_sum, i));
	for (int i = 0; i < NR_NUMA_ITEMS; i++) {
		uint64_t sum = 0;

		for (unsigned int z = 0; z < machine->zones.nr; z++)
			sum += numa_read(machine, machine->zones.zone[z], i);
		fprintf(out, "%s %" PRIu64 "\n", vmstat_numa_names[i], sum);
	}
	for (int i = 0; i < NR_NODE_ITEMS; i++)
		fprintf(out, "%s %" PRIu64 "\n", vmstat_node_names[i],
			vmstat_read(&machine->node_sum, i));
	/* Writeback is not simulated: no memory is dirtyable. */
	fputs("nr_dirty_threshold 0\nnr_dirty_background_threshold 0\n", out);
	for (int i = 0; i < NR_VM_EVENTS; i++)
		fprintf(out, "%s %" PRIu64 "\n", vmstat_event_names[i],
			events_read(machine, i));
	for (size_t i = 0; i < ARRAY_SIZE(foreign_events); i++)
		fprintf(out, "%s 0\n", foreign_events[i]);
	for (int i = 0; drain_event_names[i]; i++) {
		uint64_t value;

		if (!drain_event_read(machine, drain_event_names[i], &value))
			fprintf(out, "%s %" PRIu64 "\n", drain_event_names[i],
				value);
	}
	fputs("nr_unstable 0\n", out);
}

/* --- interrupts ------------------------------------------------------- */

/* Of /proc/interrupts, the one row that drains raise: function calls. */
static void print_interrupts(struct pcpmm_machine *machine, FILE *out)
{
	fprintf(out, "%11s", "");
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		if (machine_cpu_online(machine, i))
			fprintf(out, "CPU%-8u", i);
	fputs("\nCAL: ", out);
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		if (machine_cpu_online(machine, i))
			fprintf(out, "%10" PRIu64 " ",
				pcp_cal(&machine->pcps, i));
	fputs("  Function call interrupts\n", out);
}

/* --- pressure --------------------------------------------------------- */

static void print_pressure_line(
	const char *name, const struct pcpmm_psi_line *line, FILE *out)
{
	fprintf(out, "%s avg10=%.2f avg60=%.2f avg300=%.2f total=%" PRIu64 "\n",
		name, line->avg10, line->avg60, line->avg300, line->total);
}

static int print_pressure(struct pcpmm_machine *machine, FILE *out)
{
	struct pcpmm_psi psi;
	int ret = pcpmm_psi_read(machine, &psi);

	if (ret)
		return ret;
	print_pressure_line("some", &psi.some, out);
	print_pressure_line("full", &psi.full, out);
	return ferror(out) ? -EIO : 0;
}

int pcpmm_proc_print(struct pcpmm_machine *machine, const char *name, FILE *out)
{
	static const struct {
		const char *name;
		void (*print)(struct pcpmm_machine *machine, FILE *out);
	} files[] = {
		{"zoneinfo", print_zoneinfo},
		{"vmstat", print_vmstat},
		{"buddyinfo", print_buddyinfo},
		{"pagetypeinfo", print_pagetypeinfo},
		{"interrupts", print_interrupts},
	};

	if (!strcmp(name, "pressure/memory"))
		return print_pressure(machine, out);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(files[i].name, name)) {
			files[i].print(machine, out);
			return ferror(out) ? -EIO : 0;
		}
	return -ENOENT;
}
