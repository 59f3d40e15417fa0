/* SPDX-License-Identifier: MIT */
/* Building and taking down a machine. */
#include "machine/machine.h"

#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/fold.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/interrupt.h"
#include "arch/memory.h"
#include "machine/config.h"
#include "machine/error.h"
#include "vmstat/threshold.h"

#define LOCAL_DISTANCE 10
#define REMOTE_DISTANCE 20
#define STACK_ORDER 2 /* THREAD_SIZE of x86-64: 16 KiB */

unsigned int pcpmm_nr_cpus(const struct pcpmm_machine *machine)
{
	return machine->nr_cpus;
}

unsigned int pcpmm_nr_nodes(const struct pcpmm_machine *machine)
{
	return machine->nr_nodes;
}

void pcpmm_footprint_read(
	const struct pcpmm_machine *machine, struct pcpmm_footprint *footprint)
{
	*footprint = (struct pcpmm_footprint){
		.memmap_reserved = machine->memmap_size,
		.percpu = machine->percpu_size,
		.frame_size = sizeof(struct pcpmm_page),
	};
	for (unsigned int i = 0; i < machine->nr_zones; i++)
		footprint->frames += machine->zones[i]->spanned;
}

/* --- zones ------------------------------------------------------------ */

/*
 * How far a zone's free counter can be from the truth: every CPU, online or
 * dying, with the largest diff there is, as much again taken out of it by its
 * own fold that an interrupt holds up, and one more by the fold from afar.
 * Where updates get lost there is no limit.
 */
static uint64_t max_drift(const struct pcpmm_config *config)
{
	if (config->allow_unsound)
		return INT64_MAX / 2;
	return (2 * (uint64_t)config->nr_cpus + 1) * VMSTAT_THRESHOLD_MAX;
}

static int setup_zone(struct pcpmm_machine *machine,
	const struct pcpmm_config *config, unsigned int nid, unsigned int type)
{
	const struct pcpmm_zone_config *from = &config->nodes[nid].zones[type];
	struct zone *zone = &machine->nodes[nid].zones[type];
	size_t blocks;

	zone->nid = (uint8_t)nid;
	zone->type = (uint8_t)type;
	zone->wmark_check = (uint8_t)config->wmark_check;
	zone->count_order = (uint8_t)config->count_order;
	zone->rules = zone_rules_of(config->preset);
	zone->start_pfn = from->start_pfn;
	zone->spanned = from->spanned_pages;
	zone->present = from->present_pages;
	zone->managed = from->managed_pages;
	zone->boost_factor = (uint32_t)config->sysctl.watermark_boost_factor;
	zone->boot_held = config->boot == PCPMM_BOOT_HELD;
	zone->max_drift = max_drift(config);
	zone->first_managed = zone->start_pfn;
	if (!zone->boot_held)
		zone->first_managed += zone->spanned - zone->managed;
	if (!zone_populated(zone))
		return 0;
	zone->id = (uint8_t)machine->nr_zones;
	machine->zones[machine->nr_zones++] = zone;
	machine->end_pfn =
		MAX(machine->end_pfn, zone->start_pfn + zone->spanned);
	blocks = zone_block_index(zone, zone->start_pfn + zone->spanned) + 1;
	zone->block_type = malloc(blocks);
	zone->numa = calloc(NR_NUMA_ITEMS, sizeof(zone->numa[0]));
	if (!zone->block_type || !zone->numa)
		return -ENOMEM;
	memset(zone->block_type, PCPMM_MIGRATE_MOVABLE, blocks);
	return 0;
}

static int setup_memmap(
	struct pcpmm_machine *machine, enum pcpmm_backing backing)
{
	machine->memmap_size = machine->end_pfn * sizeof(struct pcpmm_page);
	machine->memmap = memory_map_lazy(machine->memmap_size);
	if (!machine->memmap)
		return -ENOMEM;
	for (unsigned int i = 0; i < machine->nr_zones; i++)
		machine->zones[i]->memmap = machine->memmap;
	if (backing == PCPMM_BACKING_NONE)
		return 0;
	machine->backing_size = machine->end_pfn << PCPMM_PAGE_SHIFT;
	if (backing == PCPMM_BACKING_MEMFD)
		machine->backing = memory_map_memfd(
			machine->backing_size, &machine->backing_fd);
	else if (backing == PCPMM_BACKING_HUGE)
		machine->backing = memory_map_huge(machine->backing_size);
	else
		machine->backing = memory_map_lazy(machine->backing_size);
	return machine->backing ? 0 : -ENOMEM;
}

/* --- CPUs and nodes --------------------------------------------------- */

static int setup_cpus(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	unsigned int nr = config->nr_cpus;

	machine->nr_cpus = nr;
	machine->cpus = memory_alloc_aligned(nr * sizeof(machine->cpus[0]));
	machine->online = calloc(CPUMASK_WORDS(nr), sizeof(uint64_t));
	machine->smp_cpus = calloc(nr, sizeof(machine->smp_cpus[0]));
	machine->noise = memory_map_lazy(nr * sizeof(machine->noise[0]));
	if (!machine->cpus || !machine->online || !machine->smp_cpus ||
		!machine->noise)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		struct pcpmm_cpu *cpu = &machine->cpus[i];

		cpu_init(&cpu->base, i, cpu);
		machine->smp_cpus[i] = &cpu->base;
		cpu->base.noise = &machine->noise[i];
		cpu->base.ipi_signal = machine->ipi_signal;
		cpu->base.rcu = (uint8_t)config->rcu;
		cpu->base.nohz_full =
			config->cpu_nohz_full && config->cpu_nohz_full[i];
		cpu->machine = machine;
		cpu->nid = config->cpu_node
				   ? config->cpu_node[i]
				   : (unsigned int)((uint64_t)i *
						    config->nr_nodes / nr);
		if (config->cpu_offline && config->cpu_offline[i])
			continue;
		cpumask_set(machine->online, i, true);
		machine->nr_online++;
		machine->nodes[cpu->nid].nr_cpus_online++;
	}
	return 0;
}

static unsigned int distance(
	const struct pcpmm_config *config, unsigned int a, unsigned int b)
{
	if (config->distance)
		return config->distance[a * config->nr_nodes + b];
	return a == b ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}

/* The nearest node not yet taken; among equals the next one round from @nid. */
static unsigned int next_node(
	const struct pcpmm_config *config, unsigned int nid, const bool *taken)
{
	unsigned int best = config->nr_nodes, nr = config->nr_nodes;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int other = (nid + i) % nr;

		if (taken[other])
			continue;
		if (best == nr || distance(config, nid, other) <
					  distance(config, nid, best))
			best = other;
	}
	return best;
}

/* Node-ordered: a node's zones from the highest down, then the next node. */
static int setup_zonelist(struct pcpmm_machine *machine,
	const struct pcpmm_config *config, unsigned int nid)
{
	bool taken[PCPMM_NODES_MAX] = {false};
	struct zone **list = calloc(machine->nr_zones + 1, sizeof(list[0]));
	unsigned int nr = 0;

	if (!list)
		return -ENOMEM;
	machine->nodes[nid].zonelist = list;
	for (unsigned int i = 0; i < config->nr_nodes; i++) {
		unsigned int next = next_node(config, nid, taken);

		taken[next] = true;
		for (unsigned int type = NODE_ZONES; type-- > 0;) {
			struct zone *zone = machine_zone(machine, next, type);

			if (zone_managed(zone))
				list[nr++] = zone;
		}
	}
	for (unsigned int type = 0; type < NODE_ZONES; type++) {
		while (*list && (*list)->type > type)
			list++;
		machine->nodes[nid].first[type] = list;
		list = machine->nodes[nid].zonelist;
	}
	return 0;
}

static int setup_nodes(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	int ret = 0;

	machine->nr_nodes = config->nr_nodes;
	machine->nodes = memory_alloc_aligned(
		config->nr_nodes * sizeof(machine->nodes[0]));
	if (!machine->nodes)
		return -ENOMEM;
	for (unsigned int nid = 0; nid < config->nr_nodes; nid++)
		for (unsigned int type = 0; !ret && type < NODE_ZONES; type++)
			ret = setup_zone(machine, config, nid, type);
	for (unsigned int nid = 0; !ret && nid < config->nr_nodes; nid++)
		ret = setup_zonelist(machine, config, nid);
	return ret;
}

/* --- drains ----------------------------------------------------------- */

static int setup_ipi(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	if (config->ipi != PCPMM_IPI_SIGNAL)
		return 0;
	machine->ipi_signal = config->ipi_signal ? config->ipi_signal : SIGURG;
	return interrupt_install(machine->ipi_signal);
}

/* A kthread's stack: taken to see whether it can be had, and given back. */
static int try_stack(struct cpu *on)
{
	struct pcpmm_cpu *cpu = on->context;
	struct pcpmm_page *stack =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, STACK_ORDER);

	if (!stack)
		return -ENOMEM;
	pcpmm_free_pages(cpu, stack, STACK_ORDER);
	return 0;
}

static int setup_drain(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	struct pcp_set *set = &machine->pcps;
	int ret;

	set->cpus = machine->smp_cpus;
	set->slots = machine->slots;
	set->nr_cpus = machine->nr_cpus;
	set->nr_zones = machine->nr_zones;
	set->online = machine->online;
	set->rcu = config->rcu;
	set->grace = config->grace;
	set->external = config->strategy;
	set->try_stack = try_stack;
	ret = pcp_set_init(set, pcp_drain_ops_of(config->drain),
		pcp_rules_of(config->preset));
	machine->drain = set->ops;
	return ret;
}

/* --- reclaim ---------------------------------------------------------- */

static void free_reclaimed(
	struct cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	if (nr)
		pcpmm_free_pages_batch(cpu->context, pages, nr);
}

static void count_event(struct cpu *cpu, int event, uint64_t n)
{
	if (n)
		count_add(cpu->context, &cpu->context->events[event], n);
}

static int setup_reclaim(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	struct vmstat *node_stats[PCPMM_NODES_MAX];

	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		node_stats[nid] = &machine->nodes[nid].stat;
	machine->reclaim = (struct reclaim){
		.nr_nodes = machine->nr_nodes,
		.nr_online = &machine->nr_online,
		.reader = config->reader,
		.free_pages = free_reclaimed,
		.count = count_event,
	};
	return reclaim_init(&machine->reclaim, machine->zones,
		machine->nr_zones, node_stats);
}

static int setup(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	int ret = setup_nodes(machine, config);

	boot_find_inner(machine);
	if (!ret)
		ret = setup_ipi(machine, config);
	if (!ret)
		ret = setup_memmap(machine, config->backing);
	if (!ret)
		ret = setup_cpus(machine, config);
	if (!ret)
		ret = percpu_setup_lists(machine);
	if (!ret)
		ret = percpu_setup_stats(machine, config);
	if (!ret)
		ret = setup_reclaim(machine, config);
	if (!ret)
		ret = setup_drain(machine, config);
	if (ret)
		return ret;
	if (config->boot == PCPMM_BOOT_FREE)
		boot_free_zones(machine);
	tunables_boot(machine, config->thp, config->late_pages);
	return 0;
}

static const char *why_not(int ret)
{
	switch (ret) {
	case -EAGAIN:
		return "no thread for a worker of the drain strategy";
	case -EBUSY:
		return "somebody else handles the IPI signal; ipi_signal names "
		       "another, ipi polled needs none";
	case -EINVAL:
		return "the IPI signal can not be handled";
	case -EOPNOTSUPP:
		return "the host has no membarrier of this kind";
	case -ENOMEM:
		return "no memory for the machine";
	default:
		return "the strategy could not begin";
	}
}

struct pcpmm_machine *pcpmm_machine_create(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	struct pcpmm_machine *machine;
	int ret = config_check(config, error);

	if (ret) {
		errno = -ret;
		return NULL;
	}
	machine = calloc(1, sizeof(*machine));
	if (machine) {
		mutex_init(&machine->config);
		mutex_init(&machine->error_mutex);
		mutex_init(&machine->oom);
		machine->backing_fd = -1;
		machine->preset = config->preset;
		machine->fold = config->fold;
		machine->fold_quiet = config->fold_quiet;
		machine->fold_skip_isolated = config->fold_skip_isolated;
		machine->fold_expire = config->fold_expire;
		machine->refresh_drain = config->refresh_drain;
		machine->drain_retry = config->drain_retry;
		machine->allow_unsound = config->allow_unsound;
		machine->sysctl = config->sysctl;
		machine->wmark_rule = config->marks == PCPMM_MARKS_QUARTER
					      ? ZONE_WMARK_QUARTER
					      : ZONE_WMARK_SCALE_FACTOR;
		ret = setup(machine, config);
		if (!ret)
			return machine;
	}
	pcpmm_machine_destroy(machine);
	ret = machine ? ret : -ENOMEM;
	error_set(error, ret, "%s", why_not(ret));
	errno = -ret;
	return NULL;
}

static void destroy_nodes(struct pcpmm_machine *machine)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++) {
		struct node *node = &machine->nodes[nid];

		for (unsigned int type = 0; type < NODE_ZONES; type++) {
			free(node->zones[type].block_type);
			free(node->zones[type].numa);
			free(node->zones[type].stat.value);
			free(node->zones[type].stat.diffs);
		}
		free(node->stat.value);
		free(node->stat.diffs);
		free(node->zonelist);
	}
	free(machine->nodes);
}

void pcpmm_machine_destroy(struct pcpmm_machine *machine)
{
	if (!machine)
		return;
	for (unsigned int i = 0; machine->cpus && i < machine->nr_cpus; i++)
		machine_abandon(&machine->cpus[i]);
	pcpmm_shepherd_stop(machine);
	pcpmm_kswapd_stop(machine);
	pcp_set_fini(&machine->pcps);
	for (unsigned int i = 0; machine->cpus && i < machine->nr_cpus; i++) {
		cpu_fini(&machine->cpus[i].base);
		event_ring_destroy(machine->cpus[i].base.ring);
	}
	if (machine->nodes)
		destroy_nodes(machine);
	reclaim_fini(&machine->reclaim);
	free(machine->cpus);
	free(machine->online);
	free(machine->smp_cpus);
	free(machine->slots);
	memory_unmap(
		machine->noise, machine->nr_cpus * sizeof(machine->noise[0]));
	free(machine->percpu);
	free(machine->stats);
	free(machine->zone_sum.value);
	free(machine->node_sum.value);
	memory_unmap(machine->memmap, machine->memmap_size);
	memory_unmap(machine->backing, machine->backing_size);
	memory_close(machine->backing_fd);
	mutex_fini(&machine->config);
	mutex_fini(&machine->error_mutex);
	mutex_fini(&machine->oom);
	free(machine);
}
