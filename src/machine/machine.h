/* SPDX-License-Identifier: MIT */
/*
 * A machine: the data of all folders below, in one struct.
 *
 *   pcpmm_cpu   struct cpu, VM events, and NUMA events of each zone
 *   machine     CPUs, nodes, zones, lists, reclaim, configuration
 *
 * create.c builds it; the folder that owns a part initialises it.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <pcpmm/drain.h>
#include <pcpmm/failure.h>
#include <pcpmm/fold.h>
#include <pcpmm/machine.h>
#include <pcpmm/nolock.h>
#include <pcpmm/reclaim.h>

#include "arch/this_cpu.h"
#include "cpu/mutex.h"
#include "cpu/noise.h"
#include "cpu/psi.h"
#include "cpu/pwlock.h"
#include "cpu/timer.h"
#include "cpu/workqueue.h"
#include "pcplist/set.h"
#include "reclaim/reclaim.h"
#include "vmstat/items.h"
#include "zone/node.h"

struct shepherd; /* service/shepherd.c */
struct ticker; /* service/tick_thread.c */
struct kswapd; /* service/kswapd_thread.c */

/* Rounds of lru_add_drain_all(); service/lru_drain.c. */
struct lru_drain {
	struct mutex mutex; /* one round at a time */
	uint32_t generation; /* rounds begun; mutex, read racily */
	struct pw_runner runner;
	/* Relaxed adds; the works and calls are the runner's. */
	struct pcpmm_lru_drain_stats stats;
};

typedef uint64_t numa_events[NR_NUMA_ITEMS];

/*
 * What the flags of a request decide for one CPU: its preferred zone, and with it
 * all that a hot path needs. An impossible gfp, and one whose first zone is not on
 * the CPU's own node, have a gate that is never open. Constant but for reserve;
 * alloc/route.c.
 */
struct route {
	const int64_t *gate; /* zone/gate.h */
	int64_t reserve; /* lowmem_reserve[highest]; stale for one more call */
	struct pcp_slot *slot;
	uint32_t head; /* of a frame of order 0, once it is held */
	uint8_t highest; /* zone index */
	uint8_t alloc_flags;
	bool any_fit; /* all that order 1 to 3 needs: one list with a block */
};

#define NR_ROUTES 32

struct pcpmm_cpu {
	struct cpu base; /* first: see cpu_public() */

	/* Hot, constant. */
	struct pcpmm_page *memmap;
	uint64_t nr_frames;
	struct pcp_slot *slots; /* [zone id] */
	struct pcpmm_machine *machine;
	uint32_t special_gfp; /* flags that no hot path serves */
	uint32_t hot_order; /* the largest that a hot path serves */
	struct route routes[NR_ROUTES]; /* by route_of() */
	const struct zonelist *lists; /* [node] */

	numa_events *numa; /* [zone id]; owner adds; read racily */
	uint64_t events[NR_VM_EVENTS]; /* likewise */
	uint32_t killed; /* a fatal signal for its task; any thread, relaxed */
	uint32_t oom_victim; /* the OOM killer chose its task; likewise */
	uint64_t idle_thread; /* in idle_enter; only it writes */
	bool telling; /* in the function of alloc/failed.c; the CPU's own */
	uint32_t works; /* items of the program, queued or running: a number */
	numa_events *numa_moved; /* [zone id]; numa_diffs.c; NULL: no diffs */
} cacheline_aligned;

_Static_assert(offsetof(struct pcpmm_cpu, base) == 0, "cpu_public()");
_Static_assert(offsetof(struct cpu, door) == 0, "pcpmm/alloc.h");
_Static_assert(sizeof(struct route) == 32, "a power of two");

/* What happens when a request fails: alloc/failed.c. */
struct failed {
	/* Set at rest. */
	pcpmm_alloc_failed_fn *fn; /* NULL: nothing */
	void *arg;
	unsigned int burst, interval_ms;
	/* The limit; relaxed, any CPU. */
	uint64_t window;
	uint64_t missed; /* failures that it left out since the last one told */
};

/* What this machine's kernel counts: machine/counters.c. */
struct counters {
	const struct vmstat_names *names;
	bool zone[NR_ZONE_ITEMS], node[NR_NODE_ITEMS]; /* the kernel has it */
	/* Event that this kernel counts as an item of a node; -1: it is an event. */
	int16_t of_node[NR_VM_EVENTS];
};

struct pcpmm_machine {
	/* Hot, read by every allocation. */
	struct node *nodes;
	unsigned int nr_nodes;
	struct zones zones; /* populated ones, by id */
	struct pcp_set pcps;
	char *backing; /* of pfn 0; NULL: none */

	struct smp smp; /* online: written under config_lock, read racily */
	struct pcpmm_cpu *cpus; /* by id, smp.nr of them */
	void *cpus_block; /* their memory */
	/* Without the caller's arrays; sysctls change under config_lock. */
	struct pcpmm_config config;
	struct reclaim reclaim;
	struct vmstat zone_sum; /* parent of all zones' */
	struct vmstat node_sum; /* parent of all nodes' */
	struct counters counters; /* constant */

	struct timers timers;
	struct ticker *ticker; /* drives the time; NULL: by hand */
	struct workqueues workqueues;
	struct psi psi;
	struct lru_drain lru_drain;
	bool pwlocks; /* the key of all pwlocks; constant */
	struct pcpmm_slab_cache *slab_caches; /* config_lock */
	struct shepherd *shepherd; /* NULL: never started */
	struct kswapd *kswapds; /* [node]; NULL: not started */
	struct pcpmm_fold_stats fold_stats; /* relaxed adds */

	/* sysctls, hotplug, pagesets; ranks before all spin locks */
	struct mutex config_lock;
	/* start and stop of shepherd, kswapds and ticker; ranks before it */
	struct mutex services;
	struct mutex elapse; /* time goes by with windows; inside the others */
	struct mutex oom; /* around the OOM callback; ranks as config_lock */
	struct refusals *refusals; /* refuse.c */
	struct failed failed;
	struct pcpmm_nolock_stats nolock; /* relaxed adds */
	/* Reader fold_when_low: service/fold_low.c. */
	void (*fold_low)(struct pcpmm_cpu *cpu);
	void *low_calls; /* [CPU that waits][CPU that folds] */
	uint32_t numa_counting; /* hot allocs are NUMA events; see numa.c */

	/* Memory of the parts above. */
	struct cpu **cpu_table; /* smp.cpu */
	struct noise *noise; /* [cpu]; mapped lazily */
	numa_events *numa; /* of all CPUs */
	numa_events *numa_moved; /* likewise; NULL: no diffs */
	size_t numa_size; /* bytes per CPU */
	struct vmstat_diffs diffs;
	size_t backing_size;
	int backing_fd;
};

/* @type: the first instance; or a PCPMM_ZONE_INSTANCE(). */
static inline struct zone *machine_zone(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	if (nid >= machine->nr_nodes)
		return NULL;
	if (unlikely(type >= NODE_ZONES))
		return node_zone_instance(&machine->nodes[nid], type);
	return &machine->nodes[nid].zones[type];
}

/* The same; NULL also for a zone without pages. */
static inline struct zone *machine_populated_zone(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	struct zone *zone = machine_zone(machine, nid, type);

	return zone && zone_populated(zone) ? zone : NULL;
}

static inline bool machine_cpu_online(
	const struct pcpmm_machine *machine, unsigned int id)
{
	return smp_is_online(&machine->smp, id);
}

static inline struct pcpmm_cpu *machine_cpu(struct cpu *cpu)
{
	return container_of(cpu, struct pcpmm_cpu, base);
}

/* An event counter: only its CPU writes it; read racily, never torn. */
static force_inline void count_add(
	struct pcpmm_cpu *cpu, uint64_t *counter, uint64_t n)
{
	this_cpu_add_u64(&cpu->base, counter, n);
}

#endif
