/* SPDX-License-Identifier: MIT */
/* Size of the trace buffers; see buffers.h. */
#include "buffers.h"

#include <stdio.h>

#define BUFFER_KB_MIN 1024
#define BUFFER_KB_MAX (128 * 1024) /* about four million events */

long record_buffer_rule(long available_kb, long cpus)
{
	long kb = available_kb / 8 / (cpus > 0 ? cpus : 1);

	if (kb < BUFFER_KB_MIN)
		return BUFFER_KB_MIN;
	return kb > BUFFER_KB_MAX ? BUFFER_KB_MAX : kb;
}

long record_buffer_kb(long cpus)
{
	FILE *meminfo = fopen("/proc/meminfo", "re");
	char line[128];
	long available = 0;

	while (meminfo && fgets(line, sizeof(line), meminfo)) {
		if (sscanf(line, "MemAvailable: %ld", &available) == 1)
			break;
	}
	if (meminfo)
		fclose(meminfo);
	return record_buffer_rule(available, cpus);
}
