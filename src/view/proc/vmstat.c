/* SPDX-License-Identifier: MIT */
/* /proc/vmstat, with the names of each kernel in its order. */
#include <inttypes.h>
#include <string.h>

#include "machine/counters.h"
#include "machine/numa.h"
#include "view/counts.h"
#include "view/proc/proc.h"
#include "vmstat/names.h"

#define LAST_LINE "nr_unstable" /* of every kernel since 5.8: always 0 */

static void print(const char *name, uint64_t value, FILE *out)
{
	fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static uint64_t zone_item(struct pcpmm_machine *machine, const char *name)
{
	int item = counters_item(&machine->counters, true, name);
	uint64_t sum = 0;

	if (item >= 0)
		return vmstat_read(&machine->zone_sum, item);
	if (strcmp(name, PROC_FREE_BLOCKS))
		return 0;
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		sum += proc_free_block_pages(machine->zones.zone[i]);
	return sum;
}

static uint64_t node_item(struct pcpmm_machine *machine, const char *name)
{
	int item = counters_item(&machine->counters, false, name);

	return item < 0 ? 0 : vmstat_read(&machine->node_sum, item);
}

/*
 * An event, or a line of what is not simulated: compaction, huge page faults, ...,
 * and the limits of writeback, as no memory is dirtyable.
 */
static uint64_t event(struct pcpmm_machine *machine, const char *name)
{
	int item = vmstat_find(vmstat_event_names, NR_VM_EVENTS, name);

	return item < 0 ? 0 : events_read(machine, item);
}

static void print_drain_events(struct pcpmm_machine *machine, FILE *out)
{
	uint64_t value;

	for (int i = 0; drain_event_names[i]; i++)
		if (!drain_event_read(machine, drain_event_names[i], &value))
			print(drain_event_names[i], value, out);
}

void proc_vmstat(struct pcpmm_machine *machine, FILE *out)
{
	const struct vmstat_names *names = machine->counters.names;
	const char *const *name;

	for (name = names->zone; *name; name++)
		print(*name, zone_item(machine, *name), out);
	for (int i = 0; i < NR_NUMA_ITEMS; i++)
		print(vmstat_numa_names[i], numa_read_all(machine, i), out);
	for (name = names->node; *name; name++)
		print(*name, node_item(machine, *name), out);
	for (name = names->rest; *name; name++) {
		if (!strcmp(*name, LAST_LINE))
			print_drain_events(machine, out);
		print(*name, event(machine, *name), out);
	}
}
