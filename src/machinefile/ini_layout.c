/* SPDX-License-Identifier: MIT */
/*
 * Lay out a machine that is described by sizes, as a PC does.
 *
 * Memory fills the addresses from 0 up, node after node, leaving out the fourth
 * GiB (devices). Memory below 16 MiB is zone DMA, below 4 GiB DMA32, above that
 * Normal. In zone DMA, the 97 pages of the BIOS (and frame 0) are not present
 * and 158 pages are not managed, as recorded on PCs. In the other zones, 1/64
 * of the pages is not managed: it holds their struct pages of 64 bytes.
 */
#include "machine/error.h"
#include "ini_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DMA_END 4096u /* frames: 16 MiB */
#define HOLE_START 786432u /* 3 GiB */
#define HOLE_END 1048576u /* 4 GiB, where DMA32 ends */
#define DMA_NOT_PRESENT 97
#define DMA_NOT_MANAGED 158
#define NODE_BYTES_MIN (32ULL << 20)

/* Add the frames from..to to the zone that they belong to. */
static void add_range(
	struct pcpmm_node_config *node, uint64_t from, uint64_t to)
{
	struct pcpmm_zone_config *zone;
	uint64_t pages = to - from;

	if (from < DMA_END) {
		zone = &node->zones[PCPMM_ZONE_DMA];
		zone->start_pfn = 1;
		zone->spanned_pages = DMA_END - 1;
		zone->present_pages = zone->spanned_pages - DMA_NOT_PRESENT;
		zone->managed_pages = zone->present_pages - DMA_NOT_MANAGED;
		return;
	}
	zone = &node->zones[from < HOLE_END ? PCPMM_ZONE_DMA32
					    : PCPMM_ZONE_NORMAL];
	zone->start_pfn = from;
	zone->spanned_pages = pages;
	zone->present_pages = pages;
	zone->managed_pages = pages - (pages + 63) / 64;
}

/* Give @node the next @pages frames from *@pfn on. */
static void fill_node(
	struct pcpmm_node_config *node, uint64_t pages, uint64_t *pfn)
{
	static const uint64_t ends[] = {DMA_END, HOLE_START, PCPMM_PFN_MAX};
	unsigned int i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && pages; i++) {
		uint64_t room = ends[i] > *pfn ? ends[i] - *pfn : 0;
		uint64_t take = pages < room ? pages : room;

		if (take)
			add_range(node, *pfn, *pfn + take);
		pages -= take;
		*pfn += take;
		if (*pfn == HOLE_START)
			*pfn = HOLE_END;
	}
}

static int check_zone(struct pcpmm_machinefile *file, struct ini_zone *zone)
{
	struct pcpmm_zone_config *config = &zone->config;

	/* seen: start_pfn, spanned, present, managed */
	if ((zone->seen & 3) != 3)
		return ini_error(
			file, zone->line, "zone without start_pfn and spanned");
	if (!(zone->seen & 4))
		config->present_pages = config->spanned_pages;
	if (!(zone->seen & 8))
		config->managed_pages = config->present_pages;
	if (!config->start_pfn)
		return ini_error(file, zone->line,
			"start_pfn: frame 0 stands for no page; at least 1");
	if (config->start_pfn + config->spanned_pages > PCPMM_PFN_MAX)
		return ini_error(file, zone->line, "zone ends beyond 16 TiB");
	if (config->managed_pages > config->present_pages ||
		config->present_pages > config->spanned_pages)
		return ini_error(file, zone->line,
			"impossible zone: managed <= present <= spanned is not "
			"so (%llu, %llu, %llu)",
			(unsigned long long)config->managed_pages,
			(unsigned long long)config->present_pages,
			(unsigned long long)config->spanned_pages);
	return 0;
}

static int fill_nodes(
	struct pcpmm_machinefile *file, struct pcpmm_node_config *nodes)
{
	unsigned int nid, type;
	uint64_t pfn = 0;
	int err;

	for (nid = 0; nid < file->nr_nodes; nid++) {
		struct ini_node *node = &file->node[nid];

		if (!node->line)
			return ini_error(file, 0,
				"no [node %u], but one of a higher number",
				nid);
		if (node->has_zones && node->memory_bytes)
			return ini_error(file, node->line,
				"node %u has both 'memory' and zones", nid);
		if (node->memory_bytes && node->memory_bytes < NODE_BYTES_MIN)
			return ini_error(file, node->line,
				"node %u: memory: 0 or at least 32M expected",
				nid);
		fill_node(&nodes[nid], node->memory_bytes / PCPMM_PAGE_SIZE,
			&pfn);
		for (type = 0; type < PCPMM_NR_ZONES; type++) {
			if (!node->zones[type].line)
				continue;
			err = check_zone(file, &node->zones[type]);
			if (err)
				return err;
			nodes[nid].zones[type] = node->zones[type].config;
		}
	}
	if (pfn >= PCPMM_PFN_MAX)
		return ini_error(file, 0, "more than 16 TiB of memory");
	return 0;
}

/* No frame is in two zones, and the kernel can use some memory. */
static int check_overlap(
	struct pcpmm_machinefile *file, const struct pcpmm_node_config *nodes)
{
	unsigned int nr = file->nr_nodes * PCPMM_NR_ZONES;
	uint64_t managed = 0;
	unsigned int i, j;

	for (i = 0; i < nr; i++) {
		const struct pcpmm_zone_config *a =
			&nodes[i / PCPMM_NR_ZONES].zones[i % PCPMM_NR_ZONES];

		if (i % PCPMM_NR_ZONES != PCPMM_ZONE_MOVABLE)
			managed += a->managed_pages;
		for (j = 0; j < i && a->spanned_pages; j++) {
			const struct pcpmm_zone_config *b =
				&nodes[j / PCPMM_NR_ZONES]
					 .zones[j % PCPMM_NR_ZONES];

			if (a->start_pfn >= b->start_pfn + b->spanned_pages ||
				b->start_pfn >= a->start_pfn + a->spanned_pages)
				continue;
			return ini_error(file,
				file->node[i / PCPMM_NR_ZONES].line,
				"zones overlap: node %u %s and node %u %s",
				j / PCPMM_NR_ZONES,
				pcpmm_zone_name(j % PCPMM_NR_ZONES),
				i / PCPMM_NR_ZONES,
				pcpmm_zone_name(i % PCPMM_NR_ZONES));
		}
	}
	if (!managed)
		return ini_error(
			file, 0, "no memory that the kernel itself could use");
	return 0;
}

/* Count the CPUs; if nodes have CPU lists, each CPU is on a node. */
static int count_cpus(struct pcpmm_machinefile *file, unsigned int *nr_cpus)
{
	unsigned int nr = file->cpus;
	unsigned int cpu;

	for (cpu = nr; file->has_cpu_lists && cpu < PCPMM_CPUS_MAX; cpu++) {
		if (file->cpu_node[cpu] == CPULIST_NO_NODE)
			continue;
		if (file->cpus)
			return ini_error(file, file->cpus_line,
				"cpus: %u, but node %u has CPU %u", file->cpus,
				file->cpu_node[cpu], cpu);
		nr = cpu + 1;
	}
	if (!nr)
		return ini_error(file, 0, "no CPU: cpus = N is missing");
	for (cpu = 0; file->has_cpu_lists && cpu < nr; cpu++) {
		if (file->cpu_node[cpu] == CPULIST_NO_NODE)
			return ini_error(file, file->cpus_line,
				"CPU %u is on no node", cpu);
	}
	for (cpu = nr; cpu < PCPMM_CPUS_MAX; cpu++) {
		if (file->offline_node[cpu] != CPULIST_NO_NODE)
			return ini_error(file, file->offline_line,
				"offline: there is no CPU %u", cpu);
	}
	*nr_cpus = nr;
	return 0;
}

static int fill_distances(
	struct pcpmm_machinefile *file, unsigned char *distance)
{
	unsigned int from, to;
	unsigned char told;

	for (from = 0; from < file->nr_nodes; from++) {
		for (to = 0; to < PCPMM_NODES_MAX; to++) {
			told = file->distance[from * PCPMM_NODES_MAX + to];
			if (told && to >= file->nr_nodes)
				return ini_error(file, file->node[from].line,
					"node %u: distance to node %u, which "
					"does not exist",
					from, to);
			if (to < file->nr_nodes)
				distance[from * file->nr_nodes + to] =
					told	     ? told
					: from == to ? 10
						     : 20;
		}
	}
	return 0;
}

static int fill_cpus(struct pcpmm_machinefile *file, unsigned int nr_cpus)
{
	struct dump_machine *machine = &file->machine;
	unsigned int cpu;

	machine->cpu_offline = calloc(nr_cpus, 1);
	if (!machine->cpu_offline)
		return error_set(file->error, -ENOMEM, "out of memory");
	for (cpu = 0; cpu < nr_cpus; cpu++)
		machine->cpu_offline[cpu] =
			file->offline_node[cpu] != CPULIST_NO_NODE;
	file->config.cpu_offline = machine->cpu_offline;
	file->config.nr_cpus = nr_cpus;
	if (!memchr(machine->cpu_offline, 0, nr_cpus))
		return ini_error(file, 0, "all CPUs are offline");
	if (!file->has_cpu_lists)
		return 0;
	machine->cpu_node = calloc(nr_cpus, sizeof(*machine->cpu_node));
	if (!machine->cpu_node)
		return error_set(file->error, -ENOMEM, "out of memory");
	memcpy(machine->cpu_node, file->cpu_node,
		nr_cpus * sizeof(*machine->cpu_node));
	file->config.cpu_node = machine->cpu_node;
	return 0;
}

int ini_layout(struct pcpmm_machinefile *file)
{
	struct dump_machine *machine = &file->machine;
	unsigned int nr_cpus = 0;
	int err;

	if (!file->nr_nodes)
		return ini_error(
			file, 0, "no [node 0] and no zoneinfo to build from");
	err = count_cpus(file, &nr_cpus);
	if (err)
		return err;
	machine->nodes = calloc(file->nr_nodes, sizeof(*machine->nodes));
	machine->distance = calloc((size_t)file->nr_nodes * file->nr_nodes, 1);
	if (!machine->nodes || !machine->distance)
		return error_set(file->error, -ENOMEM, "out of memory");
	err = fill_nodes(file, machine->nodes);
	if (!err)
		err = check_overlap(file, machine->nodes);
	if (!err)
		err = fill_distances(file, machine->distance);
	if (!err)
		err = fill_cpus(file, nr_cpus);
	if (err)
		return err;
	file->config.nr_nodes = file->nr_nodes;
	file->config.nodes = machine->nodes;
	if (file->has_distance)
		file->config.distance = machine->distance;
	return 0;
}
