/* SPDX-License-Identifier: MIT */
/*
 * Counts the lines of /proc/vmstat, in which zone items, NUMA events and node
 * items follow each other. The threshold has the width of the diffs; NUMA
 * events have 64 bits, aligned (struct per_cpu_zonestat, Linux 6.1).
 */
#include "bytes.h"

#include <pcpmm/proc.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES 8

struct items {
	unsigned int zone, numa, node;
};

static bool starts(const char *line, const char *name)
{
	return !strncmp(line, name, strlen(name));
}

static struct items count(char *text)
{
	struct items items = {0, 0, 0};
	char *line;

	while ((line = strsep(&text, "\n")) &&
		!starts(line, "nr_dirty_threshold ")) {
		if (starts(line, "numa_"))
			items.numa++;
		else if (items.numa)
			items.node++;
		else
			items.zone++;
	}
	return items;
}

int bytes_of(struct pcpmm_machine *machine, struct fold_bytes *bytes)
{
	static const unsigned int widths[PCPMM_NR_DIFFS] = {
		[PCPMM_DIFF_S8] = 1, [PCPMM_DIFF_S32] = 4};
	struct items items;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return -errno;
	ret = pcpmm_proc_print(machine, "vmstat", out);
	if (fclose(out) && !ret)
		ret = -errno;
	if (!ret) {
		items = count(text);
		for (unsigned int i = 0; i < PCPMM_NR_DIFFS; i++) {
			unsigned int diffs = (1 + items.zone) * widths[i];

			diffs += -diffs % EVENT_BYTES;
			bytes->zone[i] = diffs + items.numa * EVENT_BYTES;
			bytes->node[i] = (1 + items.node) * widths[i];
		}
	}
	free(text);
	return ret;
}
