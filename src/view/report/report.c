/* SPDX-License-Identifier: MIT */
/* The report as a whole: what is checked, what is shown, in which order. */
#include "view/report/report.h"

#include <errno.h>

#include "alloc/gfp.h"
#include "machine/refuse.h"

static int refuse(struct pcpmm_cpu *cpu, const char *what, unsigned int value)
{
	machine_refuse(cpu->machine, MISUSE_BAD_ARGUMENT,
		"failure report: there is no %s %#x", what, value);
	return -EINVAL;
}

void report_each_zone(struct report *report,
	void (*print)(struct report *report, struct zone *zone))
{
	for (unsigned int nid = 0; nid < report->machine->nr_nodes; nid++) {
		struct node *node = &report->machine->nodes[nid];

		for (struct zone *zone = node->zones; zone;
			zone = node_next_zone(node, zone))
			if (report_shows_zone(report, zone))
				print(report, zone);
	}
}

static uint64_t all_nodes(const struct pcpmm_machine *machine)
{
	return UINT64_MAX >> (64 - machine->nr_nodes);
}

/*
 * The nodes that the request may use; all of them for a request from where a
 * cpuset does not count: an interrupt, one that can not wait, a task that frees
 * memory.
 */
static uint64_t nodes_shown(
	const struct pcpmm_cpu *cpu, const struct pcpmm_alloc_failure *failure)
{
	bool reclaims =
		cpu->base.memalloc || (failure->gfp & PCPMM___GFP_MEMALLOC);

	if (!failure->nodemask || cpu->base.in_irq ||
		!(failure->gfp & PCPMM___GFP_DIRECT_RECLAIM) ||
		(reclaims && !(failure->gfp & PCPMM___GFP_NOMEMALLOC)))
		return all_nodes(cpu->machine);
	return failure->nodemask & all_nodes(cpu->machine);
}

static void print(struct report *report)
{
	report_print_head(report);
	fputs("Mem-Info:\n", report->out);
	if (report->layout->pcp_lines)
		report_print_pcp(report);
	report_print_global(report);
	if (report->layout->node)
		report_print_nodes(report);
	report_each_zone(report, report_print_zone);
	report_each_zone(report, report_print_buddy);
	report_print_tail(report);
}

int pcpmm_alloc_report_print(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure,
	enum pcpmm_report_layout layout, FILE *out)
{
	struct report report = {
		.machine = cpu->machine,
		.cpu = cpu,
		.failure = failure,
		.layout = report_layout_of(
			layout == PCPMM_REPORT_PRESET
				? report_of_kernel(cpu->machine->config.layout)
				: layout),
		.out = out,
		.highest_zoneidx = NODE_ZONES - 1,
	};
	int ret = machine_check_owner(cpu, "prints a report");

	if (ret)
		return ret;
	if (!report.layout)
		return refuse(cpu, "layout", (unsigned int)layout);
	if (failure->order > ORDER_MAX)
		return refuse(cpu, "order", failure->order);
	if (!gfp_is_valid(failure->gfp))
		return refuse(cpu, "gfp", failure->gfp);
	if (report.layout->scope == SCOPE_REQUEST)
		report.highest_zoneidx = gfp_zone(failure->gfp);
	report.nodes = nodes_shown(cpu, failure);
	print(&report);
	return ferror(out) ? -EIO : 0;
}
