/* SPDX-License-Identifier: MIT */
/* `pcpmm drain --memory`: what each strategy needs beside the lists. */
#include <inttypes.h>

#include "../arena/json.h"
#include "report.h"

/* Zones of an arena's machine. */
#define ZONES 1

static struct pcpmm_drain_memory memory_of(const struct drain_row *row)
{
	struct pcpmm_drain_memory memory;

	pcpmm_drain_memory_read(row->arena->machine, &memory);
	return memory;
}

/* Of the machine as it is, without the threads' stacks. */
static uint64_t total(const struct pcpmm_drain_bytes *bytes, unsigned int cpus)
{
	return bytes->list * cpus * ZONES + bytes->cpu * cpus +
	       bytes->pair * cpus * cpus + bytes->machine;
}

static void print_bytes(
	const struct pcpmm_drain_bytes *bytes, unsigned int cpus, FILE *out)
{
	fprintf(out,
		" %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %8" PRIu64 " %8" PRIu64
		" %8" PRIu64,
		bytes->list, bytes->cpu, bytes->pair, bytes->machine,
		bytes->threads, total(bytes, cpus));
}

void memory_report_text(const struct drain_report *report, FILE *out)
{
	static const char columns[] = " %6s %6s %6s %8s %8s %8s";
	unsigned int cpus = report->settings->cpus;

	fprintf(out,
		"# Bytes that a strategy needs beside the lists, here and in "
		"Linux (x86-64): for each\n"
		"# CPU and zone (list), each CPU, each pair of CPUs, and once; "
		"threads for each CPU,\n"
		"# whose stacks are not counted; total: %u CPUs, %d zone.\n",
		cpus, ZONES);
	fprintf(out, "%-20s %-47s %s\n%-20s", "", "here", "Linux", "strategy");
	for (int i = 0; i < 2; i++)
		fprintf(out, columns, "list", "CPU", "pair", "once", "threads",
			"total");
	fputc('\n', out);
	for (unsigned int i = 0; i < report->nr_rows; i++) {
		struct pcpmm_drain_memory memory = memory_of(&report->rows[i]);

		fprintf(out, "%-20s", arena_name(report->rows[i].arena));
		print_bytes(&memory.here, cpus, out);
		if (memory.kernel_known)
			print_bytes(&memory.kernel, cpus, out);
		else
			fprintf(out, columns, "-", "-", "-", "-", "-", "-");
		fputc('\n', out);
	}
}

/* --- JSON ---------------------------------------------------------------- */

static json_t *bytes_json(
	const struct pcpmm_drain_bytes *bytes, unsigned int cpus)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "list",
		(json_int_t)bytes->list, "cpu", (json_int_t)bytes->cpu, "pair",
		(json_int_t)bytes->pair, "machine", (json_int_t)bytes->machine,
		"threads", (json_int_t)bytes->threads, "total",
		(json_int_t)total(bytes, cpus));
}

int memory_report_json(const struct drain_report *report, const char *path)
{
	unsigned int cpus = report->settings->cpus;
	json_t *rows = json_array(), *root;

	for (unsigned int i = 0; i < report->nr_rows; i++) {
		struct pcpmm_drain_memory memory = memory_of(&report->rows[i]);

		json_array_append_new(
			rows, json_pack("{s:s,s:o,s:o}", "name",
				      arena_name(report->rows[i].arena), "here",
				      bytes_json(&memory.here, cpus), "kernel",
				      memory.kernel_known
					      ? bytes_json(&memory.kernel, cpus)
					      : json_null()));
	}
	root = json_pack("{s:s,s:i,s:i,s:o}", "version", PCPMM_VERSION, "cpus",
		(int)cpus, "zones", ZONES, "memory", rows);
	return json_write(root, path);
}
