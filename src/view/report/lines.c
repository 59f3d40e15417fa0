/* SPDX-License-Identifier: MIT */
/*
 * A report's lines of counters: the fields that a layout names, and where each
 * has its figure from.
 *
 * The machine's figures are pages, those of nodes and zones kB. Counters are
 * shared values, without the diffs of CPUs: "free" is what watermark checks
 * believe, not what is on the free lists (buddy.c).
 */
#include <inttypes.h>
#include <string.h>

#include "view/report/report.h"
#include "zone/watermark.h"

#define KB_PER_PAGE (PCPMM_PAGE_SIZE / 1024)

/* What a line is about; `zone` only in a zone's line. */
struct subject {
	const struct report *report;
	unsigned int nid;
	struct zone *zone;
};

enum form {
	PAGES, /* "name:<pages>", or "name:<kB>kB" of a node or a zone */
	KB, /* is kB already */
	PLAIN, /* a number without unit */
	ANSWER, /* "name yes" or "name no" */
};

struct field {
	const char *name;
	uint64_t (*read)(const struct subject *subject, int item);
	int item;
	enum form form;
};

/* --- figures ---------------------------------------------------------------- */

/* Of a part of the kernel that is not simulated. */
static uint64_t none(const struct subject *subject, int item)
{
	(void)subject, (void)item;
	return 0;
}

static uint64_t all_zones_item(const struct subject *subject, int item)
{
	return vmstat_read(&subject->report->machine->zone_sum, item);
}

static uint64_t all_nodes_item(const struct subject *subject, int item)
{
	return vmstat_read(&subject->report->machine->node_sum, item);
}

/* In 5.10 page tables are a zone's. */
static bool counts_by_zone(const struct subject *subject)
{
	return subject->report->machine->counters.zone[NR_ZONE_PAGETABLE];
}

static uint64_t all_pagetables(const struct subject *subject, int item)
{
	return counts_by_zone(subject)
		       ? all_zones_item(subject, NR_ZONE_PAGETABLE)
		       : all_nodes_item(subject, item);
}

static uint64_t node_item(const struct subject *subject, int item)
{
	return vmstat_read(
		&subject->report->machine->nodes[subject->nid].stat, item);
}

static uint64_t zone_item(const struct subject *subject, int item)
{
	return vmstat_read(&subject->zone->stat, item);
}

/*
 * Older kernels counted by zone what the library counts by node: the node's last
 * zone shows it, so that the sum over zones is right.
 */
static uint64_t last_zone_item(const struct subject *subject, int item)
{
	const struct reclaim_node *node =
		&subject->report->machine->reclaim.nodes[subject->nid];

	if (!node->nr_zones || node->zones[node->nr_zones - 1] != subject->zone)
		return 0;
	return node_item(subject, item);
}

static uint64_t zone_pagetables(const struct subject *subject, int item)
{
	return counts_by_zone(subject) ? zone_item(subject, NR_ZONE_PAGETABLE)
				       : last_zone_item(subject, item);
}

/* 2.6.36 printed what its watermark checks read: aa45484031dd. */
static uint64_t zone_free(const struct subject *subject, int item)
{
	if (subject->report->layout->believed)
		return (uint64_t)zone_free_believed(subject->zone);
	return zone_item(subject, item);
}

static uint64_t zone_boost(const struct subject *subject, int item)
{
	(void)item;
	return atomic_load_relaxed_u64(&subject->zone->boost);
}

static uint64_t zone_mark(const struct subject *subject, int mark)
{
	return zone_mark_pages(subject->zone, (enum zone_mark)mark);
}

static uint64_t zone_present(const struct subject *subject, int item)
{
	(void)item;
	return subject->zone->present;
}

static uint64_t zone_managed_pages(const struct subject *subject, int item)
{
	(void)item;
	return subject->zone->managed;
}

static uint64_t reserved_highatomic(const struct subject *subject, int item)
{
	(void)item;
	return atomic_load_relaxed_u64(&subject->zone->nr_reserved_highatomic);
}

static uint64_t free_highatomic(const struct subject *subject, int item)
{
	uint64_t pages = 0;

	(void)item;
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		const struct free_list *list =
			&subject->zone->free_area[order]
				 .list[PCPMM_MIGRATE_HIGHATOMIC];

		pages += atomic_load_relaxed_u64(&list->nr) << order;
	}
	return pages;
}

static uint64_t on_lists(const struct report *report, const struct zone *zone)
{
	const struct pcpmm_machine *machine = report->machine;
	uint64_t pages = 0;

	for (unsigned int id = 0; id < machine->smp.nr; id++)
		if (machine_cpu_online(machine, id))
			pages += (uint64_t)pcp_count(
				&machine->cpus[id].slots[zone->id]);
	return pages;
}

/* All online CPUs; racy, as each of them changes its count. */
static uint64_t free_pcp(const struct subject *subject, int item)
{
	(void)item;
	return on_lists(subject->report, subject->zone);
}

static uint64_t local_pcp(const struct subject *subject, int item)
{
	(void)item;
	return (uint64_t)pcp_count(
		&subject->report->cpu->slots[subject->zone->id]);
}

/* Of the zones that the report shows. */
static uint64_t all_free_pcp(const struct subject *subject, int item)
{
	const struct report *report = subject->report;
	uint64_t pages = 0;

	(void)item;
	for (unsigned int z = 0; z < report->machine->zones.nr; z++)
		if (report_shows_zone(report, report->machine->zones.zone[z]))
			pages += on_lists(
				report, report->machine->zones.zone[z]);
	return pages;
}

static uint64_t all_unreclaimable(const struct subject *subject, int item)
{
	(void)item;
	return reclaim_is_hopeless(
		&subject->report->machine->reclaim.nodes[subject->nid]);
}

/* --- fields ------------------------------------------------------------------- */

/* clang-format off */
static const struct field global_fields[] = {
	{"active_anon", all_nodes_item, NR_ACTIVE_ANON, PAGES},
	{"inactive_anon", all_nodes_item, NR_INACTIVE_ANON, PAGES},
	{"isolated_anon", all_nodes_item, NR_ISOLATED_ANON, PAGES},
	{"active_file", all_nodes_item, NR_ACTIVE_FILE, PAGES},
	{"inactive_file", all_nodes_item, NR_INACTIVE_FILE, PAGES},
	{"isolated_file", all_nodes_item, NR_ISOLATED_FILE, PAGES},
	{"unevictable", all_nodes_item, NR_UNEVICTABLE, PAGES},
	{"dirty", all_nodes_item, NR_FILE_DIRTY, PAGES},
	{"writeback", all_nodes_item, NR_WRITEBACK, PAGES},
	{"unstable", none, 0, PAGES},
	{"slab_reclaimable", all_nodes_item, NR_SLAB_RECLAIMABLE, PAGES},
	{"slab_unreclaimable", all_nodes_item, NR_SLAB_UNRECLAIMABLE, PAGES},
	{"mapped", all_nodes_item, NR_FILE_MAPPED, PAGES},
	{"shmem", all_nodes_item, NR_SHMEM, PAGES},
	{"pagetables", all_pagetables, NR_PAGETABLE, PAGES},
	{"sec_pagetables", all_nodes_item, NR_SECONDARY_PAGETABLE, PAGES},
	{"bounce", all_zones_item, NR_BOUNCE, PAGES},
	{"kernel_misc_reclaimable", all_nodes_item, NR_KERNEL_MISC_RECLAIMABLE,
		PAGES},
	{"free", all_zones_item, NR_FREE_PAGES, PAGES},
	{"free_pcp", all_free_pcp, 0, PAGES},
	{"free_cma", all_zones_item, NR_FREE_CMA_PAGES, PAGES},
	{NULL, NULL, 0, PAGES},
};

static const struct field node_fields[] = {
	{"active_anon", node_item, NR_ACTIVE_ANON, PAGES},
	{"inactive_anon", node_item, NR_INACTIVE_ANON, PAGES},
	{"active_file", node_item, NR_ACTIVE_FILE, PAGES},
	{"inactive_file", node_item, NR_INACTIVE_FILE, PAGES},
	{"unevictable", node_item, NR_UNEVICTABLE, PAGES},
	{"isolated(anon)", node_item, NR_ISOLATED_ANON, PAGES},
	{"isolated(file)", node_item, NR_ISOLATED_FILE, PAGES},
	{"mapped", node_item, NR_FILE_MAPPED, PAGES},
	{"dirty", node_item, NR_FILE_DIRTY, PAGES},
	{"writeback", node_item, NR_WRITEBACK, PAGES},
	{"shmem", node_item, NR_SHMEM, PAGES},
	{"shmem_thp", node_item, NR_SHMEM_THPS, PAGES},
	{"shmem_pmdmapped", node_item, NR_SHMEM_PMDMAPPED, PAGES},
	{"anon_thp", node_item, NR_ANON_THPS, PAGES},
	{"writeback_tmp", node_item, NR_WRITEBACK_TEMP, PAGES},
	{"unstable", none, 0, PAGES},
	{"kernel_stack", node_item, NR_KERNEL_STACK_KB, KB},
	{"pagetables", node_item, NR_PAGETABLE, PAGES},
	{"sec_pagetables", node_item, NR_SECONDARY_PAGETABLE, PAGES},
	{"all_unreclaimable?", all_unreclaimable, 0, ANSWER},
	{"Balloon", none, 0, PAGES},
	{"gpu_active", none, 0, PAGES},
	{"gpu_reclaim", none, 0, PAGES},
	{NULL, NULL, 0, PAGES},
};

static const struct field zone_fields[] = {
	{"free", zone_free, NR_FREE_PAGES, PAGES},
	{"boost", zone_boost, 0, PAGES},
	{"min", zone_mark, MARK_MIN, PAGES},
	{"low", zone_mark, MARK_LOW, PAGES},
	{"high", zone_mark, MARK_HIGH, PAGES},
	{"reserved_highatomic", reserved_highatomic, 0, PAGES},
	{"free_highatomic", free_highatomic, 0, PAGES},
	{"active_anon", zone_item, NR_ZONE_ACTIVE_ANON, PAGES},
	{"inactive_anon", zone_item, NR_ZONE_INACTIVE_ANON, PAGES},
	{"active_file", zone_item, NR_ZONE_ACTIVE_FILE, PAGES},
	{"inactive_file", zone_item, NR_ZONE_INACTIVE_FILE, PAGES},
	{"unevictable", zone_item, NR_ZONE_UNEVICTABLE, PAGES},
	{"isolated(anon)", last_zone_item, NR_ISOLATED_ANON, PAGES},
	{"isolated(file)", last_zone_item, NR_ISOLATED_FILE, PAGES},
	{"writepending", zone_item, NR_ZONE_WRITE_PENDING, PAGES},
	{"zspages", zone_item, NR_ZSPAGES, PAGES},
	{"present", zone_present, 0, PAGES},
	{"managed", zone_managed_pages, 0, PAGES},
	{"mlocked", zone_item, NR_MLOCK, PAGES},
	{"dirty", last_zone_item, NR_FILE_DIRTY, PAGES},
	{"writeback", last_zone_item, NR_WRITEBACK, PAGES},
	{"mapped", last_zone_item, NR_FILE_MAPPED, PAGES},
	{"shmem", last_zone_item, NR_SHMEM, PAGES},
	{"slab_reclaimable", last_zone_item, NR_SLAB_RECLAIMABLE, PAGES},
	{"slab_unreclaimable", last_zone_item, NR_SLAB_UNRECLAIMABLE, PAGES},
	{"kernel_stack", last_zone_item, NR_KERNEL_STACK_KB, KB},
	{"pagetables", zone_pagetables, NR_PAGETABLE, PAGES},
	{"unstable", none, 0, PAGES},
	{"bounce", zone_item, NR_BOUNCE, PAGES},
	{"free_pcp", free_pcp, 0, PAGES},
	{"local_pcp", local_pcp, 0, PAGES},
	{"free_cma", zone_item, NR_FREE_CMA_PAGES, PAGES},
	{"writeback_tmp", last_zone_item, NR_WRITEBACK_TEMP, PAGES},
	{"pages_scanned", none, 0, PLAIN},
	{"all_unreclaimable?", all_unreclaimable, 0, ANSWER},
	{NULL, NULL, 0, PAGES},
};
/* clang-format on */

/* The row for a name that ends at a blank, a newline or the end. */
static const struct field *find(const struct field *fields, const char *name)
{
	size_t length = strcspn(name, " \n");

	for (; fields->name; fields++)
		if (!strncmp(fields->name, name, length) &&
			!fields->name[length])
			break;
	return fields;
}

/* --- text ----------------------------------------------------------------------- */

static bool is_thp(const char *name)
{
	return strstr(name, "_thp") || strstr(name, "pmdmapped");
}

static void print_kb(const struct report *report, const char *name, uint64_t kb)
{
	const struct report_layout *layout = report->layout;

	fprintf(report->out, "%s:%s%" PRIu64 "%s", name,
		layout->thp_blank && is_thp(name) ? " " : "", kb,
		layout->highatomic_capital &&
				!strcmp(name, "reserved_highatomic")
			? "KB"
			: "kB");
}

static void print_field(const struct subject *subject,
	const struct field *field, bool kilobytes)
{
	uint64_t value = field->read(subject, field->item);
	FILE *out = subject->report->out;

	if (field->form == ANSWER)
		fprintf(out, "%s %s", field->name, value ? "yes" : "no");
	else if (field->form == PLAIN || !kilobytes)
		fprintf(out, "%s:%" PRIu64, field->name, value);
	else
		print_kb(subject->report, field->name,
			field->form == KB ? value : value * KB_PER_PAGE);
}

/* The fields of @names, with the separators that follow each of them. */
static void print_fields(const struct subject *subject,
	const struct field *fields, const char *names, bool kilobytes)
{
	while (*names) {
		size_t length = strcspn(names, " \n");
		const char *separator = names + length;

		print_field(subject, find(fields, names), kilobytes);
		names = separator + strspn(separator, " \n");
		if (*separator == '\n')
			fputc('\n', subject->report->out);
		if (*names)
			fputc(' ', subject->report->out);
	}
	fputc('\n', subject->report->out);
}

void report_print_global(struct report *report)
{
	const struct subject subject = {.report = report};

	print_fields(&subject, global_fields, report->layout->global, false);
}

/* With managed memory in a zone that is shown; all nodes, if all zones are. */
static bool shows_node_line(const struct report *report, unsigned int nid)
{
	if (!report_shows_node(report, nid))
		return false;
	if (report->layout->scope == SCOPE_ALL)
		return true;
	for (unsigned int i = 0; i <= report->highest_zoneidx; i++)
		if (zone_managed(machine_zone(report->machine, nid, i)))
			return true;
	return false;
}

void report_print_nodes(struct report *report)
{
	for (unsigned int nid = 0; nid < report->machine->nr_nodes; nid++) {
		const struct subject subject = {.report = report, .nid = nid};

		if (!shows_node_line(report, nid))
			continue;
		fprintf(report->out, "Node %u ", nid);
		print_fields(&subject, node_fields, report->layout->node, true);
	}
}

void report_print_zone(struct report *report, struct zone *zone)
{
	const struct subject subject = {
		.report = report, .nid = zone->nid, .zone = zone};

	fprintf(report->out, "Node %u %s ", zone->nid,
		pcpmm_zone_name(zone->type));
	print_fields(&subject, zone_fields, report->layout->zone, true);
	fputs("lowmem_reserve[]:", report->out);
	for (unsigned int i = 0; i < report->layout->nr_reserve; i++)
		fprintf(report->out, " %" PRIu64,
			atomic_load_relaxed_u64(&zone->lowmem_reserve[i]));
	fputc('\n', report->out);
}
