/* SPDX-License-Identifier: MIT */
/* A report's lines of per-CPU lists, which it had to 4.1. */
#include "view/report/report.h"

/* Racy: count, high and batch of other CPUs change meanwhile. */
static void print_zone(struct report *report, struct zone *zone)
{
	const struct pcpmm_machine *machine = report->machine;

	fprintf(report->out, "Node %u %s per-cpu:\n", zone->nid,
		pcpmm_zone_name(zone->type));
	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		const struct pcp_slot *slot =
			&machine->cpus[id].slots[zone->id];

		if (machine_cpu_online(machine, id))
			fprintf(report->out,
				"CPU %4u: hi:%5d, btch:%4d usd:%4d\n", id,
				atomic_load_relaxed_s32(&slot->high),
				atomic_load_relaxed_s32(&slot->batch),
				pcp_count(slot));
	}
}

void report_print_pcp(struct report *report)
{
	report_each_zone(report, print_zone);
}
