/* SPDX-License-Identifier: MIT */
/*
 * The report of a failed allocation (warn_alloc(), show_free_areas()), in parts,
 * one file each; report.c has their order.
 *
 *   head.c     who asked for what
 *   pcp.c      per-CPU lists, to 4.1
 *   lines.c    counters of the machine, of nodes and of zones
 *   buddy.c    free blocks
 *   tail.c     huge pages, page cache, swap, RAM
 *   layouts.c  what each kernel prints
 */
#ifndef VIEW_REPORT_REPORT_H
#define VIEW_REPORT_REPORT_H

#include <pcpmm/failure.h>

#include "machine/machine.h"
#include "view/report/gfp.h"

enum report_head {
	HEAD_STOP, /* "failure. order:", flags as a number alone; to 2.6.39 */
	HEAD_COLON, /* "failure: order:"; to 4.5 */
	HEAD_TWO_LINES, /* names of flags, nodemask; cpuset in a second line */
	HEAD_ONE_LINE, /* all in one line; from 5.1 on */
};

/* Which zones a report shows. */
enum report_scope {
	SCOPE_ALL, /* all that have memory */
	SCOPE_REQUEST, /* of them, those that the request may use; from 6.1 on */
};

/*
 * A kernel's report. Lines of counters are given by the names of their fields, in
 * order; a newline in `global` begins a new line. lines.c knows the fields.
 */
struct report_layout {
	enum report_head head;
	enum gfp_bits gfp_bits;
	enum gfp_order gfp_order;
	bool pcp_lines;
	const char *global;
	const char *
		node; /* NULL: LRU counts are by zone, and nodes have no line */
	const char *zone;
	/* Letters of the migratetypes behind a count, in order; NULL: none. */
	const char *types;
	enum report_scope scope;
	unsigned int nr_reserve; /* entries of lowmem_reserve[] */
	bool thp_blank; /* "shmem_thp: 0kB" */
	bool highatomic_capital; /* "reserved_highatomic:0KB" */
	bool believed; /* a zone's free is what watermark checks read */
	bool swap_stats; /* "Swap cache stats: ..." */
	const char *const *tail; /* lines after those of swap, in order */
	bool hugepages;
};

struct report {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu; /* it prints */
	const struct pcpmm_alloc_failure *failure;
	const struct report_layout *layout;
	FILE *out;
	unsigned int highest_zoneidx; /* zones above it are not shown */
	uint64_t nodes; /* bit n: node n is shown */
};

/* The report of a machine with axis layout @kernel. */
enum pcpmm_report_layout report_of_kernel(enum pcpmm_layout kernel);
/* NULL: there is none. */
const struct report_layout *report_layout_of(enum pcpmm_report_layout layout);

static inline bool report_shows_node(
	const struct report *report, unsigned int nid)
{
	return report->nodes >> nid & 1;
}

static inline bool report_shows_zone(
	const struct report *report, const struct zone *zone)
{
	return zone_populated(zone) && report_shows_node(report, zone->nid) &&
	       zone->type <= report->highest_zoneidx;
}

/* Call @print for each zone shown, node by node. */
void report_each_zone(struct report *report,
	void (*print)(struct report *report, struct zone *zone));

void report_print_head(struct report *report);
void report_print_pcp(struct report *report);
void report_print_global(struct report *report);
void report_print_nodes(struct report *report);
void report_print_zone(struct report *report, struct zone *zone);
void report_print_buddy(struct report *report, struct zone *zone);
void report_print_tail(struct report *report);

#endif
