/* SPDX-License-Identifier: MIT */
/* The end of a report: huge pages, page cache, swap, and what RAM there is. */
#include <inttypes.h>
#include <string.h>

#include "view/counts.h"
#include "view/report/report.h"
#include "zone/buddy.h"

/* Pages of all zones, also of those that the report does not show. */
struct ram {
	uint64_t present, managed, held;
};

static struct ram read_ram(const struct pcpmm_machine *machine)
{
	struct ram ram = {0};

	for (unsigned int z = 0; z < machine->zones.nr; z++) {
		const struct zone *zone = machine->zones.zone[z];
		uint64_t free =
			buddy_pages(zone) + zone_listed_pages(machine, zone);

		ram.present += zone->present;
		ram.managed += zone->managed;
		/* Read racily, free may be too large. */
		ram.held += zone->managed - MIN(free, zone->managed);
	}
	return ram;
}

/* There are none. x86 has two sizes. */
static void print_hugepages(struct report *report)
{
	static const unsigned int sizes[] = {1048576, 2048};

	for (unsigned int nid = 0; nid < report->machine->nr_nodes; nid++) {
		if (!report_shows_node(report, nid) ||
			!report->machine->reclaim.nodes[nid].nr_zones)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			fprintf(report->out,
				"Node %u hugepages_total=0 hugepages_free=0 "
				"hugepages_surp=0 hugepages_size=%ukB\n",
				nid, sizes[i]);
	}
}

/* There is no swap space. */
static void print_swap(struct report *report)
{
	fprintf(report->out, "%" PRIu64 " pages in swap cache\n",
		vmstat_read(&report->machine->node_sum, NR_SWAPCACHE));
	if (report->layout->swap_stats)
		fputs("Swap cache stats: add 0, delete 0, find 0/0\n",
			report->out);
	fputs("Free swap  = 0kB\nTotal swap = 0kB\n", report->out);
}

static void print_line(
	struct report *report, const struct ram *ram, const char *what)
{
	uint64_t pages = 0;

	if (!strcmp(what, "memcg")) {
		fputs("Memory cgroup min protection 0kB -- low protection "
		      "0kB\n",
			report->out);
		return;
	}
	if (!strcmp(what, "RAM"))
		pages = ram->present;
	else if (!strcmp(what, "reserved"))
		pages = ram->present - ram->managed;
	else if (!strcmp(what, "non-shared"))
		pages = ram->held;
	fprintf(report->out, "%" PRIu64 " pages %s\n", pages, what);
}

void report_print_tail(struct report *report)
{
	struct ram ram = read_ram(report->machine);

	if (report->layout->hugepages)
		print_hugepages(report);
	fprintf(report->out, "%" PRIu64 " total pagecache pages\n",
		vmstat_read(&report->machine->node_sum, NR_FILE_PAGES));
	print_swap(report);
	for (const char *const *what = report->layout->tail; *what; what++)
		print_line(report, &ram, *what);
}
