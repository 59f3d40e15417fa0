/* SPDX-License-Identifier: MIT */
/* Sysctls, nodes and kernel as text; see machine_text.h. */
#include "machine_text.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * Not in the list, as it must never be: lowmem_reserve_ratio, whose reading
 * computes the reserves anew (to 6.12), and stat_refresh, whose reading folds
 * all CPUs' counters.
 */
static const char *const sysctls[] = {
	"min_free_kbytes",
	"watermark_scale_factor",
	"watermark_boost_factor",
	"percpu_pagelist_high_fraction",
	"percpu_pagelist_fraction",
	"stat_interval",
	"numa_stat",
	"numa_zonelist_order",
	"zone_reclaim_mode",
	"min_unmapped_ratio",
	"min_slab_ratio",
	"swappiness",
	"overcommit_memory",
	"overcommit_ratio",
	"extfrag_threshold",
	"compaction_proactiveness",
	"compact_unevictable_allowed",
	"defrag_mode",
	"user_reserve_kbytes",
	"admin_reserve_kbytes",
	"vfs_cache_pressure",
	"dirty_ratio",
	"dirty_background_ratio",
	"nr_hugepages",
};

/* First line of @path; false: there is none. */
static bool line_of(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool have = file && fgets(line, size, file);

	if (file)
		fclose(file);
	if (have)
		line[strcspn(line, "\n")] = '\0';
	return have;
}

static void add_line(
	struct record_text *text, const char *key, const char *path)
{
	char line[2048];

	if (line_of(path, line, sizeof(line)))
		record_text_add(text, "%s: %s\n", key, line);
}

static void add_sysctls(struct record_text *text)
{
	char path[96], line[256];

	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		snprintf(path, sizeof(path), "/proc/sys/vm/%s", sysctls[i]);
		if (line_of(path, line, sizeof(line)))
			record_text_add(text, "vm.%s = %s\n", sysctls[i], line);
	}
}

static void add_nodes(struct record_text *text)
{
	const char *root = "/sys/devices/system/node/node";
	char path[512], cpus[1024], distance[1024];
	glob_t found;

	if (glob("/sys/devices/system/node/node[0-9]*", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *node = found.gl_pathv[i];

		snprintf(path, sizeof(path), "%s/cpulist", node);
		if (!line_of(path, cpus, sizeof(cpus)))
			continue;
		snprintf(path, sizeof(path), "%s/distance", node);
		if (!line_of(path, distance, sizeof(distance)))
			continue;
		record_text_add(text, "node%s cpulist=%s distance=%s\n",
			node + strlen(root), cpus, distance);
	}
	globfree(&found);
}

static void add_kernel(struct record_text *text)
{
	const char *const cpu = "/sys/devices/system/cpu/";
	struct utsname name;
	char path[64];

	if (!uname(&name))
		/* Without the host's name, which is nobody's business. */
		record_text_add(text, "uname: %s (none) %s %s %s\n",
			name.sysname, name.release, name.version, name.machine);
	add_line(text, "cmdline", "/proc/cmdline");
	record_text_add(text, "page_size: %ld\n", sysconf(_SC_PAGESIZE));
	snprintf(path, sizeof(path), "%sonline", cpu);
	add_line(text, "cpu_online", path);
	snprintf(path, sizeof(path), "%spossible", cpu);
	add_line(text, "cpu_possible", path);
	add_line(text, "uptime", "/proc/uptime");
	add_line(text, "thp", "/sys/kernel/mm/transparent_hugepage/enabled");
}

void record_machine_text(struct record_text *sysctl, struct record_text *nodes,
	struct record_text *cmdline)
{
	sysctl->length = nodes->length = cmdline->length = 0;
	add_sysctls(sysctl);
	add_nodes(nodes);
	add_kernel(cmdline);
}
