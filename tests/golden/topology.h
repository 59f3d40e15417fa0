/* SPDX-License-Identifier: MIT */
/* A recorded topology, converted from its rows to the files of a dump. */
#ifndef GOLDEN_TOPOLOGY_H
#define GOLDEN_TOPOLOGY_H

#include "tsv.h"

#include <pcpmm/dump.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fields of a T row and of a Z row, see scripts/golden-pack. */
enum {
	T_KERNEL = 1,
	T_NAME,
	T_STATE,
	T_CPUS,
	T_MIN_FREE,
	T_SCALE,
	T_FRACTION,
	T_RATIO,
	T_NR
};
enum {
	Z_NODE = 1,
	Z_ZONE,
	Z_START,
	Z_SPANNED,
	Z_PRESENT,
	Z_MANAGED,
	Z_BOOST,
	Z_MIN,
	Z_LOW,
	Z_HIGH,
	Z_PROTECTION,
	Z_PCP_HIGH,
	Z_PCP_BATCH,
	Z_THRESHOLD,
	Z_PCP_HIGH_MIN,
	Z_PCP_HIGH_MAX,
	Z_NR
};

struct topology {
	char kernel[8], name[64], state[16];
	char *zoneinfo, *sysctl, *nodes; /* texts */
	size_t zoneinfo_size, sysctl_size, nodes_size;
	FILE *out; /* writes zoneinfo */
	unsigned int cpus[256], nr_cpus;
	bool any;
};

static int compare(const void *a, const void *b)
{
	return *(const unsigned int *)a < *(const unsigned int *)b ? -1 : 1;
}

/* "0,1;2,3": the nodes file, and all CPUs in order. */
static inline void write_nodes(struct topology *topology, const char *cpus)
{
	FILE *out = open_memstream(&topology->nodes, &topology->nodes_size);
	unsigned int nid = 0;
	const char *at;

	assert_non_null(out);
	fprintf(out, "node0 cpulist=");
	for (at = cpus; *at; at++) {
		if (*at == ';')
			fprintf(out, "\nnode%u cpulist=", ++nid);
		else
			fputc(*at, out);
		if ((at == cpus || at[-1] == ',' || at[-1] == ';') &&
			*at != ';')
			topology->cpus[topology->nr_cpus++] =
				(unsigned int)strtoul(at, NULL, 10);
	}
	fputc('\n', out);
	fclose(out);
	qsort(topology->cpus, topology->nr_cpus, sizeof(topology->cpus[0]),
		compare);
}

static inline void start_topology(
	struct topology *topology, const struct tsv *row)
{
	FILE *out;

	assert_int_equal(row->nr, T_NR);
	memset(topology, 0, sizeof(*topology));
	snprintf(topology->kernel, sizeof(topology->kernel), "%s",
		row->field[T_KERNEL]);
	snprintf(topology->name, sizeof(topology->name), "%s",
		row->field[T_NAME]);
	snprintf(topology->state, sizeof(topology->state), "%s",
		row->field[T_STATE]);
	write_nodes(topology, row->field[T_CPUS]);
	out = open_memstream(&topology->sysctl, &topology->sysctl_size);
	assert_non_null(out);
	fprintf(out, "vm.min_free_kbytes = %s\n", row->field[T_MIN_FREE]);
	fprintf(out, "vm.watermark_scale_factor = %s\n", row->field[T_SCALE]);
	fprintf(out, "vm.percpu_pagelist_%sfraction = %s\n",
		strcmp(topology->kernel, "5.10") == 0 ? "" : "high_",
		row->field[T_FRACTION]);
	fprintf(out, "vm.lowmem_reserve_ratio = %s\n", row->field[T_RATIO]);
	fclose(out);
	topology->out =
		open_memstream(&topology->zoneinfo, &topology->zoneinfo_size);
	assert_non_null(topology->out);
	topology->any = true;
}

/* Value of the next CPU in a list, which has one entry if all are equal. */
static inline const char *next_value(const char **list)
{
	const char *value = *list;
	const char *comma = strchr(value, ',');

	if (comma)
		*list = comma + 1;
	return value;
}

/* "-": the kernel does not print it. */
static inline bool is_printed(const char *value)
{
	return strcmp(value, "-") != 0;
}

/* The bounds of high, from 6.7 on. */
static inline void write_bounds(
	FILE *out, const char **high_min, const char **high_max)
{
	if (!is_printed(*high_min))
		return;
	fprintf(out, " high_min: %lu\n",
		strtoul(next_value(high_min), NULL, 10));
	fprintf(out, " high_max: %lu\n",
		strtoul(next_value(high_max), NULL, 10));
}

static inline void add_zone(struct topology *topology, const struct tsv *row)
{
	const char *high_min = row->field[Z_PCP_HIGH_MIN];
	const char *high_max = row->field[Z_PCP_HIGH_MAX];
	const char *high = row->field[Z_PCP_HIGH];
	const char *batch = row->field[Z_PCP_BATCH];
	const char *threshold = row->field[Z_THRESHOLD];
	FILE *out = topology->out;
	unsigned int i;

	assert_int_equal(row->nr, Z_NR);
	fprintf(out, "Node %s, zone %8s\n  pages free 0\n", row->field[Z_NODE],
		row->field[Z_ZONE]);
	if (is_printed(row->field[Z_BOOST]))
		fprintf(out, "  boost %s\n", row->field[Z_BOOST]);
	fprintf(out, "  min %s\n  low %s\n  high %s\n", row->field[Z_MIN],
		row->field[Z_LOW], row->field[Z_HIGH]);
	fprintf(out, "  spanned %s\n  present %s\n  managed %s\n",
		row->field[Z_SPANNED], row->field[Z_PRESENT],
		row->field[Z_MANAGED]);
	fprintf(out, "  protection: (%s)\n  pagesets\n",
		row->field[Z_PROTECTION]);
	for (i = 0; i < topology->nr_cpus; i++) {
		fprintf(out,
			"    cpu: %u\n count: 0\n high: %lu\n batch: %lu\n",
			topology->cpus[i], strtoul(next_value(&high), NULL, 10),
			strtoul(next_value(&batch), NULL, 10));
		write_bounds(out, &high_min, &high_max);
		fprintf(out, " vm stats threshold: %lu\n",
			strtoul(next_value(&threshold), NULL, 10));
	}
	fprintf(out, "  start_pfn: %s\n", row->field[Z_START]);
}

static inline struct pcpmm_dump *parse(struct topology *topology)
{
	const struct {
		enum pcpmm_dump_file kind;
		const char *text;
		size_t size;
	} files[] = {
		{PCPMM_DUMP_ZONEINFO, topology->zoneinfo,
			topology->zoneinfo_size},
		{PCPMM_DUMP_SYSCTL, topology->sysctl, topology->sysctl_size},
		{PCPMM_DUMP_NODES, topology->nodes, topology->nodes_size},
	};
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	unsigned int i;

	assert_non_null(dump);
	for (i = 0; i < 3; i++) {
		if (pcpmm_dump_parse(dump, files[i].kind, topology->name,
			    files[i].text, files[i].size, &error))
			fail_msg("%s", error.text);
	}
	return dump;
}

static inline void free_topology(struct topology *topology)
{
	free(topology->zoneinfo);
	free(topology->sysctl);
	free(topology->nodes);
}

#endif
