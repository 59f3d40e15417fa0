/* SPDX-License-Identifier: MIT */
/*
 * The simulated machines against the recorded ones: a machine built from each
 * topology must print the zoneinfo values that the real one printed. CPUs' highs
 * move from 6.7 on; their bounds are compared where they are printed.
 *
 * Left out: topologies as booted (late memory) and after a CPU came online, as
 * a created machine has all values recalculated; and the topology whose Movable
 * zone lies inside DMA32's span (memory blocks put back as movable), as such a
 * machine is refused.
 */
#include "topology.h"

#include <pcpmm/machine.h>
#include <pcpmm/proc.h>

static struct pcpmm_dump *dump_of(struct pcpmm_machine *machine)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, "zoneinfo", out), 0);
	fclose(out);
	if (pcpmm_dump_parse(
		    dump, PCPMM_DUMP_ZONEINFO, "ours", text, size, &error))
		fail_msg("%s", error.text);
	free(text);
	return dump;
}

static void expect(const struct topology *topology,
	const struct pcpmm_dump_zone *zone, const char *what, uint64_t real,
	uint64_t ours)
{
	if (real != ours)
		fail_msg("%s: node %u %s: %s %llu, ours %llu", topology->name,
			zone->nid, zone->name, what, (unsigned long long)real,
			(unsigned long long)ours);
}

static void compare_zone(const struct topology *topology,
	const struct pcpmm_dump *real, unsigned int index,
	const struct pcpmm_dump *ours, unsigned int ours_index)
{
	struct pcpmm_dump_pageset a, b;
	struct pcpmm_dump_zone x, y;
	unsigned int i;

	pcpmm_dump_zone(real, index, &x);
	pcpmm_dump_zone(ours, ours_index, &y);
	expect(topology, &x, "managed", x.managed, y.managed);
	expect(topology, &x, "present", x.present, y.present);
	expect(topology, &x, "spanned", x.spanned, y.spanned);
	expect(topology, &x, "start_pfn", x.start_pfn, y.start_pfn);
	expect(topology, &x, "min", x.min, y.min);
	expect(topology, &x, "low", x.low, y.low);
	expect(topology, &x, "high", x.high, y.high);
	for (i = 0; i < x.nr_protection; i++)
		expect(topology, &x, "protection", x.protection[i],
			y.protection[i]);
	expect(topology, &x, "pagesets", x.nr_pagesets, y.nr_pagesets);
	for (i = 0; i < x.nr_pagesets; i++) {
		pcpmm_dump_pageset(real, index, i, &a);
		pcpmm_dump_pageset(ours, ours_index, i, &b);
		expect(topology, &x, "cpu", a.cpu, b.cpu);
		if (!strcmp(topology->kernel, "5.10") ||
			!strcmp(topology->kernel, "6.1"))
			expect(topology, &x, "pcp high", (uint64_t)a.high,
				(uint64_t)b.high);
		expect(topology, &x, "pcp high_min", (uint64_t)a.high_min,
			(uint64_t)b.high_min);
		expect(topology, &x, "pcp high_max", (uint64_t)a.high_max,
			(uint64_t)b.high_max);
		expect(topology, &x, "pcp batch", (uint64_t)a.batch,
			(uint64_t)b.batch);
		expect(topology, &x, "threshold", (uint64_t)a.stat_threshold,
			(uint64_t)b.stat_threshold);
	}
}

/* The row of that node and zone; the machine prints unpopulated zones, too. */
static unsigned int find_zone(
	const struct pcpmm_dump *dump, const struct pcpmm_dump_zone *wanted)
{
	struct pcpmm_dump_zone zone;
	unsigned int i;

	for (i = 0; !pcpmm_dump_zone(dump, i, &zone); i++) {
		if (zone.nid == wanted->nid && zone.type == wanted->type)
			return i;
	}
	fail_msg("no zone %s of node %u", wanted->name, wanted->nid);
	return 0;
}

static bool finish_topology(struct topology *topology)
{
	const struct pcpmm_config *config;
	struct pcpmm_dump *real, *ours;
	struct pcpmm_machine *machine;
	struct pcpmm_error error = {""};
	struct pcpmm_dump_zone zone;
	enum pcpmm_preset preset;
	char name[16];
	unsigned int i;

	if (!topology->any)
		return false;
	fclose(topology->out);
	if (strcmp(topology->state, "settled") != 0) {
		free_topology(topology);
		return false;
	}
	real = parse(topology);
	snprintf(name, sizeof(name), "linux-%s", topology->kernel);
	assert_int_equal(pcpmm_preset_by_name(name, &preset), 0);
	config = pcpmm_dump_config(real, preset, &error);
	if (!config)
		fail_msg("%s: %s", topology->name, error.text);
	machine = pcpmm_machine_create(config, &error);
	if (!machine)
		fail_msg("%s: %s", topology->name, error.text);
	ours = dump_of(machine);
	for (i = 0; !pcpmm_dump_zone(real, i, &zone); i++)
		compare_zone(topology, real, i, ours, find_zone(ours, &zone));
	pcpmm_machine_destroy(machine);
	pcpmm_dump_free(ours);
	pcpmm_dump_free(real);
	free_topology(topology);
	return true;
}

static void test_machines(void **state)
{
	static struct topology topology;
	static struct tsv tsv;
	unsigned int machines = 0;

	(void)state;
	assert_true(tsv_open(&tsv, "golden/topologies.tsv"));
	while (tsv_next(&tsv)) {
		if (tsv.field[0][0] == 'T') {
			machines += finish_topology(&topology);
			start_topology(&topology, &tsv);
		} else {
			add_zone(&topology, &tsv);
		}
	}
	machines += finish_topology(&topology);
	fclose(tsv.file);
	print_message("# %u machines print what the real ones did\n", machines);
	assert_true(machines >= 190);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
