/* SPDX-License-Identifier: MIT */
/*
 * The inside of a machine file: the values of its keys, which ini_keys.c stores
 * until all are known and ini_layout.c can lay out the machine.
 */
#ifndef MACHINEFILE_INI_FILE_H
#define MACHINEFILE_INI_FILE_H

#include "dump.h"
#include "machine/axes.h"
#include <pcpmm/machinefile.h>

#define INI_SYSCTLS_MAX 16

struct ini_zone {
	unsigned long line; /* of the first key; 0: no such section */
	unsigned int seen; /* bit per key */
	struct pcpmm_zone_config config;
};

struct ini_node {
	unsigned long line; /* of the first key; 0: no such section */
	unsigned int seen; /* bit per key */
	uint64_t memory_bytes;
	struct ini_zone zones[PCPMM_NR_ZONES];
	bool has_zones;
};

struct ini_sysctl {
	unsigned long line;
	char name[64];
	char value[DUMP_SYSCTL_VALUE_MAX];
};

struct pcpmm_machinefile {
	const char *path; /* only while reading */
	struct pcpmm_error *error;
	unsigned long line; /* being read */
	int err; /* first one, -errno */

	/* [machine]: 0 or NULL where not given */
	uint8_t axis[NR_AXES]; /* 1 + value */
	unsigned int seen; /* bit per key that is no axis */
	unsigned int cpus, zone_instances, cpu_cache_kbytes;
	unsigned long cpus_line, offline_line, nohz_full_line;
	unsigned long zone_instances_line;
	char *files[PCPMM_NR_DUMP_FILES];
	unsigned int offline_node[PCPMM_CPUS_MAX]; /* 0: offline */
	unsigned int nohz_full_node[PCPMM_CPUS_MAX]; /* 0: isolated */

	unsigned int nr_sysctls;
	struct ini_sysctl sysctls[INI_SYSCTLS_MAX];

	unsigned int nr_nodes; /* highest + 1 */
	struct ini_node node[PCPMM_NODES_MAX];
	bool has_cpu_lists;
	unsigned int cpu_node[PCPMM_CPUS_MAX];
	bool has_distance;
	unsigned char distance[PCPMM_NODES_MAX * PCPMM_NODES_MAX];

	/* The result. */
	struct pcpmm_config config;
	struct pcpmm_dump *dump;
	struct dump_machine machine;
	unsigned char *cpu_nohz_full; /* NULL: no CPU is */
};

/* Take one "name = value" of [section]. 0, or -errno with the error text. */
int ini_key(struct pcpmm_machinefile *file, const char *section,
	const char *name, const char *value);

/* Make file->config from nodes and zones; the same errors. */
int ini_layout(struct pcpmm_machinefile *file);

/* "path:line: ..."; @line 0: of the file as a whole. Returns -EINVAL. */
int ini_error(struct pcpmm_machinefile *file, unsigned long line,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
