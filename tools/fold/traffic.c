/* SPDX-License-Identifier: MIT */
/* How often a counter's update leaves the CPU's own line; see traffic.h. */
#include "traffic.h"

#include <pcpmm/cpu.h>
#include <pcpmm/vmstat.h>

#define UPDATES 31000 /* whole turns of a threshold of 30 */

static uint64_t shared_of(struct pcpmm_machine *machine, const char *item)
{
	uint64_t value = 0;

	pcpmm_zone_stat_read(machine, 0, -1, item, &value);
	return value;
}

double traffic_of_run(struct pcpmm_cpu *cpu, const char *item)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	uint64_t before, after = shared_of(machine, item);
	unsigned int written = 0;

	for (unsigned int i = 0; i < UPDATES; i++) {
		before = after;
		pcpmm_stat_mod(cpu, 0, -1, item, 1);
		after = shared_of(machine, item);
		written += 2 * (after != before);
	}
	pcpmm_stat_mod(cpu, 0, -1, item, -UPDATES);
	return (double)written / UPDATES;
}
