/* SPDX-License-Identifier: MIT */
/* Read the CPUs of each node, and the distances between nodes. */
#include "dump.h"

#include <errno.h>
#include <string.h>

static int take_nid(struct text *text, unsigned int *nid)
{
	uint64_t number;

	if (!text_number(text, PCPMM_NODES_MAX - 1, &number))
		return text_error(text, "node number 0..%d expected",
			PCPMM_NODES_MAX - 1);
	*nid = (unsigned int)number;
	return 0;
}

static int read_distances(
	struct pcpmm_dump *dump, struct text *text, unsigned int nid)
{
	unsigned int other;
	uint64_t distance;

	for (other = 0; !text_at_end(text); other++) {
		if (other == PCPMM_NODES_MAX)
			return text_error(
				text, "more than %d nodes", PCPMM_NODES_MAX);
		if (!text_number(text, 255, &distance))
			return text_error(text, "distance 0..255 expected");
		dump->distance[nid * PCPMM_NODES_MAX + other] =
			(unsigned char)distance;
	}
	dump->has_distance = true;
	return 0;
}

/* "node0 cpulist=0-3 distance=10 20" */
static int read_sysfs(
	struct pcpmm_dump *dump, struct text *text, unsigned int nid)
{
	int err;

	if (text_take(text, "cpulist=")) {
		err = cpulist_take(text, nid, dump->cpu_node);
		if (err)
			return err;
	}
	if (text_take(text, "distance=")) {
		err = read_distances(dump, text, nid);
		if (err)
			return err;
	}
	return 0;
}

/* "0 1 2 3", after "node 0 cpus:" */
static int read_numactl(
	struct pcpmm_dump *dump, struct text *text, unsigned int nid)
{
	uint64_t cpu;
	int err = 0;

	while (!err && text_number(text, UINT32_MAX, &cpu))
		err = cpulist_set(text, cpu, nid, dump->cpu_node);
	return err;
}

/*
 * The other lines of a whole lscpu are skipped, also what it wraps; without any
 * line of a node, its online CPUs are those of node 0.
 */
struct lscpu {
	bool any; /* a "Name: value" line was there */
	struct text online; /* at the list of the online CPUs; name 0: none */
};

static int skip_lscpu(struct lscpu *lscpu, struct text *text)
{
	if (memchr(text->at, ':', (size_t)(text->end - text->at)))
		lscpu->any = true;
	if (!lscpu->any)
		return text_error(
			text, "\"nodeN cpulist=... distance=...\" expected");
	if (text_take(text, "On-line CPU(s) list:"))
		lscpu->online = *text;
	text->at = text->end;
	return 0;
}

static int read_line(
	struct pcpmm_dump *dump, struct text *text, struct lscpu *lscpu)
{
	unsigned int nid = 0;
	int err;

	if (text_take(text, "NUMA node(s):") || text_take(text, "available:")) {
		text->at = text->end;
		return 0;
	}
	if (!text_take(text, "NUMA node") && !text_take(text, "node"))
		return skip_lscpu(lscpu, text);
	err = take_nid(text, &nid);
	if (err)
		return err;
	if (nid >= dump->nr_nodes)
		dump->nr_nodes = nid + 1;
	dump->has_nodes = true;
	if (text_take(text, "CPU(s):"))
		return cpulist_take(text, nid, dump->cpu_node);
	if (text_take(text, "cpus:"))
		return read_numactl(dump, text, nid);
	if (text_take(text, "size:") || text_take(text, "free:")) {
		text->at = text->end;
		return 0;
	}
	return read_sysfs(dump, text, nid);
}

int dump_read_nodes(struct pcpmm_dump *dump, struct text *text)
{
	struct lscpu lscpu = {.any = false};
	unsigned int cpu;
	bool matrix = false;
	int err;

	while (text_line(text)) {
		if (text_at_end(text))
			continue;
		/* numactl prints a table of distances last: ignore it. */
		matrix = matrix || text_take(text, "node distances:");
		if (matrix)
			continue;
		err = read_line(dump, text, &lscpu);
		if (err)
			return err;
		if (!text_at_end(text))
			return text_error(text, "end of line expected");
	}
	if (!dump->has_nodes && !lscpu.online.name)
		return text_error(text, "no node in it");
	if (!dump->has_nodes) {
		err = cpulist_take(&lscpu.online, 0, dump->cpu_node);
		if (err)
			return err;
	}
	for (cpu = 0; cpu < PCPMM_CPUS_MAX; cpu++) {
		if (dump->cpu_node[cpu] != CPULIST_NO_NODE &&
			cpu >= dump->nr_cpus)
			dump->nr_cpus = cpu + 1;
	}
	return 0;
}
