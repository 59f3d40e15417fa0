/* SPDX-License-Identifier: MIT */
/*
 * Create and destroy machines: put the parts of the folders below together, and
 * give each part the functions of higher folders that it calls.
 */
#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/kswapd.h>
#include <pcpmm/tick.h>
#include <stdlib.h>

#include "alloc/door.h"
#include "alloc/route.h"
#include "arch/clock.h"
#include "arch/kick.h"
#include "arch/memory.h"
#include "cpu/entry.h"
#include "cpu/ring.h"
#include "machine/config.h"
#include "machine/cpus.h"
#include "machine/error.h"
#include "machine/counters.h"
#include "machine/numa.h"
#include "machine/refuse.h"
#include "machine/tunables.h"
#include "pcplist/strategies/strategies.h"
#include "reclaim/lru_batch.h"
#include "service/fold.h"
#include "service/fold_low.h"
#include "service/kswapd_thread.h"
#include "service/lru_drain.h"
#include "service/quiet.h"
#include "service/shepherd.h"
#include "service/slab.h"
#include "service/tick.h"
#include "zone/gate.h"

#define STACK_ORDER 2 /* THREAD_SIZE of x86-64: 16 KiB */
/* Where the first CPU begins in a page; see memory_alloc_in_page(). */
#define CPU_IN_PAGE 0x300

/* --- configuration ----------------------------------------------------- */

/* The arrays are the caller's and valid during the call only. */
static void keep_config(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	machine->config = *config;
	machine->config.nodes = NULL;
	machine->config.cpu_node = NULL;
	machine->config.cpu_offline = NULL;
	machine->config.cpu_nohz_full = NULL;
	machine->config.distance = NULL;
	machine->config.late_pages = NULL;
}

/* --- nodes, zones, memory ----------------------------------------------- */

static int setup_nodes(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	machine->nr_nodes = config->nr_nodes;
	machine->nodes = memory_alloc_aligned(
		config->nr_nodes * sizeof(machine->nodes[0]));
	if (!machine->nodes)
		return -ENOMEM;
	return nodes_init(machine->nodes, &machine->zones, config);
}

static int setup_backing(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	if (config->backing == PCPMM_BACKING_NONE)
		return 0;
	machine->backing_size = machine->zones.end_pfn << PCPMM_PAGE_SHIFT;
	if (config->backing == PCPMM_BACKING_MEMFD)
		machine->backing = memory_map_memfd(
			machine->backing_size, &machine->backing_fd);
	else if (config->backing == PCPMM_BACKING_HUGE)
		machine->backing = memory_map_huge(machine->backing_size);
	else
		machine->backing = memory_map_lazy(machine->backing_size);
	return machine->backing ? 0 : -ENOMEM;
}

/* --- CPUs --------------------------------------------------------------- */

static void setup_cpu(struct pcpmm_machine *machine, unsigned int id,
	const struct pcpmm_config *config, int ipi_signal)
{
	struct pcpmm_cpu *cpu = &machine->cpus[id];

	cpu_init(&cpu->base, id);
	cpu->base.noise = &machine->noise[id];
	cpu->base.ipi_signal = ipi_signal;
	cpu->base.rcu = (uint8_t)config->rcu;
	cpu->base.nohz_full =
		config->cpu_nohz_full && config->cpu_nohz_full[id];
	cpu->base.nid = config->cpu_node
				? config->cpu_node[id]
				: (uint32_t)((uint64_t)id * config->nr_nodes /
					     config->nr_cpus);
	cpu->machine = machine;
	tick_init(cpu);
	machine->cpu_table[id] = &cpu->base;
}

/* Signal of the machine's IPIs, 0 if they are polled, or -errno. */
static int setup_ipi(const struct pcpmm_config *config)
{
	return config->ipi == PCPMM_IPI_SIGNAL
		       ? kick_install(config->ipi_signal, entry_signal)
		       : 0;
}

static int setup_cpus(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	unsigned int nr = config->nr_cpus;
	int ipi_signal = setup_ipi(config);

	if (ipi_signal < 0)
		return ipi_signal;
	machine->cpus = memory_alloc_in_page(CPU_IN_PAGE,
		nr * sizeof(machine->cpus[0]), &machine->cpus_block);
	machine->cpu_table = calloc(nr, sizeof(machine->cpu_table[0]));
	machine->noise = memory_map_lazy(nr * sizeof(machine->noise[0]));
	if (smp_init(&machine->smp, machine->cpu_table, nr) || !machine->cpus ||
		!machine->cpu_table || !machine->noise ||
		timers_init(&machine->timers, &machine->smp))
		return -ENOMEM;
	for (unsigned int id = 0; id < nr; id++) {
		setup_cpu(machine, id, config, ipi_signal);
		if (config->cpu_offline && config->cpu_offline[id])
			continue;
		smp_set_online(&machine->smp, id, true);
		machine->nodes[machine->cpus[id].base.nid].nr_cpus_online++;
	}
	return 0;
}

static int setup_psi(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	if (config->psi == PCPMM_PSI_OFF)
		return 0;
	return psi_init(&machine->psi, &machine->smp, clock_now_ns());
}

/* --- lists --------------------------------------------------------------- */

/* Until the strategy is set up, which may try to allocate. */
static const struct pcpmm_door generic_door = {alloc_generic, free_generic};

/* Each CPU's NUMA events have cache lines of their own. */
static int setup_lists(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	unsigned int nr_zones = machine->zones.nr;
	char *at, *moved;

	machine->numa_size =
		round_up_pow2(nr_zones * sizeof(numa_events), CACHE_LINE);
	machine->numa =
		memory_alloc_aligned(machine->smp.nr * machine->numa_size);
	if (!machine->numa || pcp_set_init_slots(&machine->pcps, &machine->smp,
				      machine->zones.zone, nr_zones))
		return -ENOMEM;
	if (config->numa_events == PCPMM_NUMA_EVENTS_DIFFS) {
		machine->numa_moved = memory_alloc_aligned(
			machine->smp.nr * machine->numa_size);
		if (!machine->numa_moved)
			return -ENOMEM;
	}
	at = (char *)machine->numa;
	moved = (char *)machine->numa_moved;
	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		machine->cpus[id].slots = machine->pcps.slots[id];
		machine->cpus[id].numa =
			(numa_events *)(at + id * machine->numa_size);
		if (moved)
			machine->cpus[id].numa_moved =
				(numa_events *)(moved +
						id * machine->numa_size);
		machine->cpus[id].memmap = machine->zones.memmap;
		machine->cpus[id].nr_frames = machine->zones.end_pfn;
		machine->cpus[id].lists = zones_lists_of_cpu(
			&machine->zones, machine->nr_nodes, id);
		routes_init(&machine->cpus[id]);
		machine->cpus[id].base.door = generic_door;
	}
	return 0;
}

/* The slab page of a struct kthread_worker: allocate it to see if that works,
 * and free it. */
static int try_worker(struct cpu *on)
{
	struct pcpmm_cpu *cpu = machine_cpu(on);
	struct pcpmm_page *slab = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

	if (!slab)
		return -ENOMEM;
	pcpmm_free_pages(cpu, slab, 0);
	return 0;
}

/* A worker's stack: allocate it to see if that works, and free it. */
static int try_stack(struct cpu *on)
{
	struct pcpmm_cpu *cpu = machine_cpu(on);
	struct pcpmm_page *stack =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, STACK_ORDER);

	if (!stack)
		return -ENOMEM;
	pcpmm_free_pages(cpu, stack, STACK_ORDER);
	return 0;
}

static int setup_workqueues(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	workqueues_init(
		&machine->workqueues, &machine->smp, config->wq_mem_reclaim);
	machine->workqueues.stack = try_stack;
	machine->workqueues.cpu_intensive = config->wq_cpu_intensive;
	machine->pcps.workqueues = &machine->workqueues;
	return 0;
}

static const struct pcp_drain_ops *drain_ops(const struct pcpmm_config *config)
{
	if (config->up != PCPMM_UP_NO && config->drain == PCPMM_DRAIN_PCP_LOCK)
		return pcp_lock_up_ops(config->up);
	return pcp_drain_ops_of(config->drain);
}

static int setup_drain(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	struct pcp_set *set = &machine->pcps;

	set->external = config->strategy;
	set->ipi_mask_lock = config->ipi_mask_lock;
	set->spill_hold = config->spill_hold;
	set->try_worker = try_worker;
	set->kthread_prio = config->kthread_prio;
	set->rcu = (struct rcu){.flavour = config->rcu,
		.grace = config->grace,
		.smp = &machine->smp};
	return pcp_set_init(
		set, drain_ops(config), pcp_rules_of(config->list_rules));
}

static int setup_doors(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	const struct pcpmm_door *doors =
		config->free_check == PCPMM_FREE_CHECK_EXCHANGE
			? hot_exchange_doors
			: hot_doors;

	const bool high_orders =
		pcp_has_list(&machine->pcps, PCPMM_COSTLY_ORDER, 0);

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		struct pcpmm_cpu *cpu = &machine->cpus[id];

		cpu->base.door = doors[machine->pcps.owner.guard];
		cpu->hot_order = high_orders ? PCPMM_COSTLY_ORDER : 0;
	}
	return 0;
}

/* --- counters ------------------------------------------------------------ */

static int setup_stats(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	struct vmstat *stats[ZONES_MAX + PCPMM_NODES_MAX];
	unsigned int nr = 0, zone_items, node_items;
	int ret;

	counters_init(&machine->counters, config->layout);
	zone_items = counters_zone_items(&machine->counters);
	node_items = counters_node_items(&machine->counters);
	ret = vmstat_init(&machine->zone_sum, NULL, &machine->smp, zone_items,
		config->account, config->diff);
	if (!ret)
		ret = vmstat_init(&machine->node_sum, NULL, &machine->smp,
			node_items, config->account, config->diff);
	for (unsigned int i = 0; !ret && i < machine->zones.nr; i++) {
		stats[nr] = &machine->zones.zone[i]->stat;
		ret = vmstat_init(stats[nr++], &machine->zone_sum,
			&machine->smp, zone_items, config->account,
			config->diff);
		zone_gate_init(machine->zones.zone[i]);
	}
	for (unsigned int i = 0; !ret && i < machine->nr_nodes; i++) {
		stats[nr] = &machine->nodes[i].stat;
		ret = vmstat_init(stats[nr++], &machine->node_sum,
			&machine->smp, node_items, config->account,
			config->diff);
	}
	if (vmstat_marks_dirty(machine))
		for (unsigned int i = 0; !ret && i < nr; i++)
			vmstat_set_mark(stats[i], quiet_mark);
	return ret ? ret : vmstat_diffs_init(&machine->diffs, stats, nr);
}

static int setup_folds(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	return config->reader == PCPMM_READER_FOLD_WHEN_LOW
		       ? fold_low_init(machine)
		       : 0;
}

/* --- reclaim -------------------------------------------------------------- */

static void free_reclaimed(
	struct cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	if (nr)
		pcpmm_free_pages_batch(machine_cpu(cpu), pages, nr);
}

static void count_event(struct cpu *base, int event, uint64_t n)
{
	struct pcpmm_cpu *cpu = machine_cpu(base);

	if (n)
		count_add(cpu, &cpu->events[event], n);
}

/* From 7.x on some are counters of the node. */
static void count_event_of_node(
	struct cpu *base, unsigned int nid, int event, uint64_t n)
{
	struct pcpmm_machine *machine = machine_cpu(base)->machine;
	int item = machine->counters.of_node[event];

	if (item < 0)
		count_event(base, event, n);
	else if (n)
		vmstat_mod(base, &machine->nodes[nid].stat, item, (long)n);
}

/* pwlocks: the parameter, or without it whether a CPU is isolated at boot. */
static bool uses_pwlocks(const struct pcpmm_config *config)
{
	if (config->lru_drain != PCPMM_LRU_DRAIN_PWLOCKS_AUTO)
		return config->lru_drain == PCPMM_LRU_DRAIN_PWLOCKS;
	for (unsigned int id = 0; id < config->nr_cpus; id++)
		if (config->cpu_nohz_full && config->cpu_nohz_full[id])
			return true;
	return false;
}

static int setup_reclaim(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	static const unsigned int lru_batch_sizes[PCPMM_NR_LRU_BATCHES] = {
		[PCPMM_LRU_BATCH_15] = 15, [PCPMM_LRU_BATCH_31] = 31};
	struct vmstat *node_stats[PCPMM_NODES_MAX];
	int ret;

	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		node_stats[nid] = &machine->nodes[nid].stat;
	machine->reclaim = (struct reclaim){
		.nr_nodes = machine->nr_nodes,
		.smp = &machine->smp,
		.reader = config->reader,
		.free_pages = free_reclaimed,
		.count = count_event,
		.count_of_node = count_event_of_node,
	};
	machine->pwlocks = uses_pwlocks(config);
	lru_drain_init(machine);
	ret = reclaim_init(&machine->reclaim, machine->zones.zone,
		machine->zones.nr, node_stats);
	return ret ? ret
		   : lru_batches_init(&machine->reclaim,
			     lru_batch_sizes[config->lru_batch],
			     machine->pwlocks);
}

/* --- creation ------------------------------------------------------------- */

typedef int setup_fn(
	struct pcpmm_machine *machine, const struct pcpmm_config *config);

/* In order: each step uses what the steps before it made. */
static setup_fn *const steps[] = {setup_nodes, setup_backing, setup_cpus,
	setup_psi, setup_lists, setup_stats, setup_folds, setup_reclaim,
	setup_workqueues, setup_drain, setup_doors};

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

static int setup(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	int ret = 0;

	machine->refusals = refusals_create();
	if (!machine->refusals)
		return -ENOMEM;
	for (size_t i = 0; !ret && i < ARRAY_SIZE(steps); i++)
		ret = steps[i](machine, config);
	if (ret)
		return ret;
	if (config->boot == PCPMM_BOOT_FREE)
		zones_free_all(&machine->zones);
	tunables_boot(machine, config->thp, config->late_pages);
	if (config->sysctl.numa_stat)
		numa_begin(machine);
	return 0;
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
		mutex_init(&machine->config_lock);
		mutex_init(&machine->services);
		mutex_init(&machine->elapse);
		mutex_init(&machine->oom);
		mutex_init(&machine->lru_drain.mutex);
		machine->backing_fd = -1;
		keep_config(machine, config);
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

/* --- destruction ---------------------------------------------------------- */

static void destroy_cpus(struct pcpmm_machine *machine)
{
	for (unsigned int id = 0; machine->cpus && id < machine->smp.nr; id++) {
		cpu_fini(&machine->cpus[id].base);
		event_ring_destroy(machine->cpus[id].base.ring);
	}
	free(machine->cpus_block);
	free(machine->cpu_table);
	free(machine->numa);
	free(machine->numa_moved);
	memory_unmap(
		machine->noise, machine->smp.nr * sizeof(machine->noise[0]));
	smp_fini(&machine->smp);
}

void pcpmm_machine_destroy(struct pcpmm_machine *machine)
{
	if (!machine)
		return;
	for (unsigned int id = 0; machine->cpus && id < machine->smp.nr; id++)
		machine_abandon(&machine->cpus[id]);
	pcpmm_tick_stop(machine);
	pcpmm_shepherd_stop(machine);
	pcpmm_kswapd_stop(machine);
	workqueues_fini(&machine->workqueues);
	shepherd_destroy(machine);
	kswapds_destroy(machine);
	slab_destroy_all(machine);
	pcp_set_fini(&machine->pcps);
	reclaim_fini(&machine->reclaim);
	destroy_cpus(machine);
	fold_low_fini(machine);
	psi_fini(&machine->psi);
	vmstat_diffs_fini(&machine->diffs);
	vmstat_fini(&machine->zone_sum);
	vmstat_fini(&machine->node_sum);
	if (machine->nodes)
		nodes_fini(machine->nodes, machine->nr_nodes, &machine->zones);
	free(machine->nodes);
	memory_unmap(machine->backing, machine->backing_size);
	memory_close(machine->backing_fd);
	timers_fini(&machine->timers);
	mutex_fini(&machine->config_lock);
	mutex_fini(&machine->services);
	mutex_fini(&machine->elapse);
	mutex_fini(&machine->oom);
	mutex_fini(&machine->lru_drain.mutex);
	pw_runner_fini(&machine->lru_drain.runner);
	refusals_destroy(machine->refusals);
	free(machine);
}
