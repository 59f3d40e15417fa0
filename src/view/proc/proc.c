/* SPDX-License-Identifier: MIT */
/*
 * /proc files in the layout of the machine's kernel (axis layout), as Debian builds
 * it. All reads are racy: two lines of a file may be of different moments.
 */
#include <errno.h>
#include <inttypes.h>
#include <pcpmm/proc.h>
#include <pcpmm/psi.h>
#include <string.h>

#include "view/proc/proc.h"

void proc_each_zone_of(struct pcpmm_machine *machine, unsigned int nid,
	bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *), FILE *out)
{
	struct node *node = &machine->nodes[nid];

	for (struct zone *zone = node->zones; zone;
		zone = node_next_zone(node, zone))
		if (!populated || zone_populated(zone))
			print(machine, zone, out);
}

void proc_each_zone(struct pcpmm_machine *machine, bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *), FILE *out)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		proc_each_zone_of(machine, nid, populated, print, out);
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
		{"zoneinfo", proc_zoneinfo},
		{"vmstat", proc_vmstat},
		{"buddyinfo", proc_buddyinfo},
		{"pagetypeinfo", proc_pagetypeinfo},
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
