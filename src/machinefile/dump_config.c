/* SPDX-License-Identifier: MIT */
/* From a dump to the configuration of the same machine. */
#include "arch/bits.h"
#include "machine/error.h"
#include "machine/sysctl_table.h"
#include "dump.h"

#include <pcpmm/proc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_zone(
	const struct pcpmm_dump_zone *info, struct pcpmm_error *error)
{
	if (info->type < 0)
		return error_set(error, -EINVAL,
			"node %u, zone %s: machines with this kind of zone "
			"(32 bit) are not simulated",
			info->nid, info->name);
	if (!info->has_managed)
		return error_set(error, -EINVAL,
			"zoneinfo of another era: no 'managed' line in node "
			"%u, zone %s (Linux 3.7 or older?)",
			info->nid, info->name);
	if (info->start_pfn + info->spanned > PCPMM_PFN_MAX)
		return error_set(error, -EINVAL,
			"node %u, zone %s ends beyond 16 TiB", info->nid,
			info->name);
	return 0;
}

static int fill_zones(const struct pcpmm_dump *dump,
	struct pcpmm_node_config *nodes, struct pcpmm_error *error)
{
	struct pcpmm_zone_config *zone;
	unsigned int i;
	int err;

	for (i = 0; i < dump->nr_zones; i++) {
		const struct pcpmm_dump_zone *info = &dump->zones[i].info;

		if (!info->present)
			continue;
		err = check_zone(info, error);
		if (err)
			return err;
		zone = &nodes[info->nid].zones[info->type];
		zone->start_pfn = info->start_pfn;
		zone->spanned_pages = info->spanned;
		zone->present_pages = info->present;
		zone->managed_pages = info->managed;
		if (zone->start_pfn)
			continue;
		/* Frame 0 means "no page" in this library: leave it out. */
		zone->start_pfn = 1;
		zone->spanned_pages--;
		if (zone->present_pages > zone->spanned_pages)
			zone->present_pages--;
		if (zone->managed_pages > zone->present_pages)
			zone->managed_pages--;
	}
	return 0;
}

static uint64_t end_of(const struct pcpmm_zone_config *zone)
{
	return zone->start_pfn + zone->spanned_pages;
}

/* Both have frames that the other has, and some that it has not. */
static bool cross(
	const struct pcpmm_zone_config *a, const struct pcpmm_zone_config *b)
{
	return a->spanned_pages && b->spanned_pages &&
	       a->start_pfn < b->start_pfn && b->start_pfn < end_of(a) &&
	       end_of(a) < end_of(b);
}

/*
 * Put @after behind @before: a zone has no more frames than are present, and the
 * second one begins with a whole block.
 */
static void part(
	struct pcpmm_zone_config *before, struct pcpmm_zone_config *after)
{
	uint64_t end = before->start_pfn + before->present_pages;
	uint64_t last = end_of(after);

	if (end < after->start_pfn)
		end = after->start_pfn;
	before->spanned_pages = end - before->start_pfn;
	end = round_up_pow2(end, 1ULL << (PCPMM_NR_ORDERS - 1));
	if (end > after->start_pfn)
		after->start_pfn = end;
	after->spanned_pages = last > after->start_pfn + after->present_pages
				       ? last - after->start_pfn
				       : after->present_pages;
}

/*
 * Zones of a real machine may cross each other: their memory alternates, and no
 * file says where. They are laid one behind the other, with all their pages.
 */
static unsigned int part_zones(struct pcpmm_node_config *nodes, unsigned int nr)
{
	unsigned int zones = nr * PCPMM_NR_ZONES;
	unsigned int parted = 0;
	unsigned int round, i, j;

	for (round = 0; round < zones; round++) {
		unsigned int before = parted;

		for (i = 0; i < zones; i++) {
			for (j = 0; j < zones; j++) {
				struct pcpmm_zone_config *a, *b;

				a = &nodes[i / PCPMM_NR_ZONES]
					     .zones[i % PCPMM_NR_ZONES];
				b = &nodes[j / PCPMM_NR_ZONES]
					     .zones[j % PCPMM_NR_ZONES];
				if (i == j || !cross(a, b))
					continue;
				part(a, b);
				parted++;
			}
		}
		if (parted == before)
			break;
	}
	return parted;
}

static void fill_cpus(const struct pcpmm_dump *dump, unsigned int *cpu_node,
	unsigned char *cpu_offline)
{
	unsigned int cpu;

	for (cpu = 0; cpu < dump->nr_cpus; cpu++) {
		cpu_node[cpu] = pcpmm_dump_cpu_node(dump, cpu);
		cpu_offline[cpu] = !dump->online[cpu];
	}
}

static void fill_distances(
	const struct pcpmm_dump *dump, unsigned char *distance)
{
	unsigned int from, to;
	unsigned char known;

	for (from = 0; from < dump->nr_nodes; from++) {
		for (to = 0; to < dump->nr_nodes; to++) {
			known = dump->distance[from * PCPMM_NODES_MAX + to];
			if (!known)
				known = from == to ? 10 : 20;
			distance[from * dump->nr_nodes + to] = known;
		}
	}
}

/* The readers have checked the values. Those of other kernels are left out. */
static void fill_sysctls(
	const struct pcpmm_dump *dump, struct pcpmm_config *config)
{
	const char *const *names = pcpmm_sysctl_names();
	const char *value;
	unsigned int i;
	char why[128];

	for (i = 0; names[i]; i++) {
		value = pcpmm_dump_sysctl(dump, names[i]);
		if (value && sysctl_is_of(&sysctl_rows[i], config->layout))
			sysctl_parse(&config->sysctl, names[i], value, why,
				sizeof(why));
	}
}

static int allocate(struct dump_machine *machine, const struct pcpmm_dump *dump,
	struct pcpmm_error *error)
{
	size_t nodes = dump->nr_nodes;

	machine->nodes = calloc(nodes, sizeof(*machine->nodes));
	machine->distance = calloc(nodes * nodes, 1);
	machine->cpu_node = calloc(dump->nr_cpus, sizeof(*machine->cpu_node));
	machine->cpu_offline = calloc(dump->nr_cpus, 1);
	if (machine->nodes && machine->distance && machine->cpu_node &&
		machine->cpu_offline)
		return 0;
	return error_set(error, -ENOMEM, "out of memory");
}

static enum pcpmm_preset choose_preset(struct pcpmm_dump *dump)
{
	char why[DUMP_WHY_MAX];
	enum pcpmm_preset preset = pcpmm_dump_preset(dump, why, sizeof(why));

	snprintf(dump->preset_note, sizeof(dump->preset_note), "preset %s: %s",
		pcpmm_preset_name(preset), why);
	return preset;
}

const struct pcpmm_config *pcpmm_dump_config(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, struct pcpmm_error *error)
{
	struct dump_machine *machine = &dump->machine;
	struct pcpmm_config *config = &machine->config;
	int err;

	dump_machine_fini(machine);
	dump->preset_note[0] = '\0';
	if (!dump->nr_zones || !dump->nr_cpus) {
		error_set(error, -EINVAL,
			dump->nr_zones ? "the zoneinfo lists no CPU"
				       : "no zoneinfo was read");
		return NULL;
	}
	if (preset == PCPMM_PRESET_OF_DUMP)
		preset = choose_preset(dump);
	else if (pcpmm_preset_name(preset))
		dump_doubt_preset(dump, preset, pcpmm_preset_name(preset));
	if (pcpmm_config_init(config, sizeof(*config), preset)) {
		error_set(error, -EINVAL, "unknown preset");
		return NULL;
	}
	err = allocate(machine, dump, error);
	if (!err)
		err = fill_zones(dump, machine->nodes, error);
	if (err) {
		dump_machine_fini(machine);
		return NULL;
	}
	dump->crossing = part_zones(machine->nodes, dump->nr_nodes) != 0;
	dump_note_guesses(dump);
	fill_cpus(dump, machine->cpu_node, machine->cpu_offline);
	fill_distances(dump, machine->distance);
	fill_sysctls(dump, config);
	config->nr_cpus = dump->nr_cpus;
	config->nr_nodes = dump->nr_nodes;
	config->nodes = machine->nodes;
	config->cpu_node = machine->cpu_node;
	config->cpu_offline = machine->cpu_offline;
	config->distance = machine->distance;
	return config;
}
