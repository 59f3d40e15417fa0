/* SPDX-License-Identifier: MIT */
/*
 * Which kernels a zoneinfo can be of: a line that only some print is evidence.
 * From published dumps of 2.6.16 to 7.3; distributions move some lines to older
 * kernels, so this is only used where nobody tells the version.
 */
#include "dump.h"

#include <string.h>

static const struct {
	const char *line;
	unsigned int first, last; /* version * 1000 + patchlevel; 0: any */
} lines[] = {
	{"high_min:", 6007, 0},
	{"high_max:", 6007, 0},
	{"promo", 6007, 0},
	{"boost", 5013, 0},
	{"", 4017, 4019}, /* nr_indirectly_reclaimable_bytes, unnamed */
	{"per-node stats", 4008, 0},
	{"node_unreclaimable", 4008, 0},
	{"all_unreclaimable", 0, 4007},
	{"scanned", 0, 4007},
	{"prev_priority", 0, 2006},
	{"temp_priority", 0, 2006},
	{"cpu: N pcp: N", 0, 2006},
};

void dump_saw(struct pcpmm_dump *dump, const char *line)
{
	unsigned int i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(line, lines[i].line) != 0)
			continue;
		if (lines[i].first > dump->first_kernel) {
			dump->first_kernel = lines[i].first;
			dump->first_line = lines[i].line;
		}
		if (lines[i].last &&
			(!dump->last_kernel ||
				lines[i].last < dump->last_kernel)) {
			dump->last_kernel = lines[i].last;
			dump->last_line = lines[i].line;
		}
	}
}

void dump_forget_lines(struct pcpmm_dump *dump)
{
	dump->first_kernel = 0;
	dump->last_kernel = 0;
	dump->first_line = NULL;
	dump->last_line = NULL;
}
