/* SPDX-License-Identifier: MIT */
/* The head of a report: the task, the request, and the nodes it may use. */
#include <inttypes.h>

#include "view/report/report.h"

/* "0-1,3"; "(null)" if there is no mask. */
static void print_nodemask(uint64_t mask, FILE *out)
{
	const char *comma = "";

	if (!mask)
		fputs("(null)", out);
	for (unsigned int first = 0; first < PCPMM_NODES_MAX; first++) {
		unsigned int last = first;

		if (!(mask >> first & 1))
			continue;
		while (last + 1 < PCPMM_NODES_MAX && (mask >> (last + 1) & 1))
			last++;
		fprintf(out, "%s%u", comma, first);
		if (last > first)
			fprintf(out, "-%u", last);
		comma = ",";
		first = last;
	}
}

/* There are no cpusets: a task may use all nodes. */
static void print_mems_allowed(struct report *report)
{
	fputs("mems_allowed=", report->out);
	print_nodemask(
		UINT64_MAX >> (64 - report->machine->nr_nodes), report->out);
	fputc('\n', report->out);
}

static void print_flags(struct report *report)
{
	const struct report_layout *layout = report->layout;
	uint32_t gfp = report->failure->gfp;

	fprintf(report->out, ", mode:0x%" PRIx32,
		gfp_to_bits(gfp, layout->gfp_bits));
	if (layout->head < HEAD_TWO_LINES)
		return;
	fputc('(', report->out);
	gfp_print_names(gfp, layout->gfp_bits, layout->gfp_order, report->out);
	fputc(')', report->out);
}

void report_print_head(struct report *report)
{
	const struct pcpmm_alloc_failure *failure = report->failure;
	enum report_head head = report->layout->head;
	const char *comm = failure->comm ? failure->comm : "pcpmm";
	FILE *out = report->out;

	if (head >= HEAD_TWO_LINES && failure->suppressed)
		fprintf(out, "warn_alloc: %" PRIu64 " callbacks suppressed\n",
			failure->suppressed);
	fprintf(out, "%s: page allocation failure%c order:%u", comm,
		head == HEAD_STOP ? '.' : ':', failure->order);
	print_flags(report);
	if (head < HEAD_TWO_LINES) {
		fputc('\n', out);
		return;
	}
	fputs(", nodemask=", out);
	print_nodemask(failure->nodemask, out);
	if (head == HEAD_TWO_LINES)
		fprintf(out, "\n%s cpuset=/ ", comm);
	else
		fputs(",cpuset=/,", out);
	print_mems_allowed(report);
}
