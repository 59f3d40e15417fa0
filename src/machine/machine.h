/* SPDX-License-Identifier: MIT */
/*
 * The machine as the door sees it: the one place where all rooms meet.
 *
 *   pcpmm_cpu     cpu, events, and a list and NUMA events per zone
 *   node          its zones, its counters, its zonelist
 *   machine       CPUs, nodes, memmap, sysctls, strategy
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <pcpmm/drain.h>
#include <pcpmm/fold.h>
#include <pcpmm/machine.h>
#include <pcpmm/reclaim.h>

#include "cpu/mutex.h"
#include "cpu/noise.h"
#include "arch/this_cpu.h"
#include "pcplist/set.h"
#include "reclaim/reclaim.h"
#include "vmstat/items.h"
#include "zone/sizing.h"
#include "zone/zone.h"

#define NODE_ZONES PCPMM_NR_ZONES
#define ZONES_MAX 256 /* 8-bit ids in the frames */

struct pcpmm_cpu {
	struct cpu base;
	struct pcpmm_machine *machine;
	unsigned int nid;
	struct pcp_slot *slots; /* [zone id] */
	uint64_t (
		*numa)[NR_NUMA_ITEMS]; /* [zone id]; owner adds; read racily */
	uint64_t events[NR_VM_EVENTS]; /* likewise */
	uint32_t killed; /* a fatal signal for its task; anybody, relaxed */
	uint64_t idle_thread; /* who said idle_enter; its thread's */
} cacheline_aligned;

struct node {
	struct zone zones[NODE_ZONES];
	struct vmstat stat; /* NR_NODE_ITEMS */
	struct zone **zonelist; /* fallback order, NULL-terminated */
	/* Where in it the first zone of at most this type is. */
	struct zone **first[NODE_ZONES];
	unsigned int nr_cpus_online;
};

struct pcpmm_machine {
	struct node *nodes;
	unsigned int nr_nodes;
	struct pcpmm_cpu *cpus;
	unsigned int nr_cpus;
	unsigned int nr_online; /* written under config, read racily */
	struct zone *zones[ZONES_MAX]; /* populated ones, by id */
	unsigned int nr_zones;
	const struct pcp_drain_ops *drain; /* pcps.ops */
	struct pcp_set pcps;
	int ipi_signal; /* 0: polled */
	enum pcpmm_fold fold;
	bool fold_quiet, fold_skip_isolated, fold_expire, allow_unsound;
	struct shepherd *shepherd; /* NULL: not started */
	struct pcpmm_fold_stats fold_stats; /* relaxed adds */
	bool drain_retry, refresh_drain;
	struct reclaim reclaim;
	struct kswapd *kswapds; /* [node]; NULL: not started */
	struct mutex oom; /* who has it, kills; ranks as config */

	struct pcpmm_page *memmap; /* [0, end_pfn) */
	uint64_t end_pfn;
	size_t memmap_size;
	char *backing; /* of pfn 0; NULL: none */
	size_t backing_size;
	int backing_fd;

	uint64_t *online; /* bit a CPU; written under config, read racily */
	struct vmstat zone_sum; /* parent of all zones' */
	struct vmstat node_sum; /* parent of all nodes' */

	struct pcpmm_sysctls sysctl;
	enum zone_wmark_rule wmark_rule;
	enum pcpmm_preset preset;
	size_t percpu_size;
	void *percpu; /* one block: all slots and NUMA events */
	struct noise *noise; /* [cpu]; memory touched as it is used */
	struct cpu **smp_cpus; /* [cpu], for room 3 */
	struct pcp_slot **slots; /* [cpu], likewise */
	void *stats; /* one block: values and diffs */

	/* sysctls, hotplug, pagesets, last error; ranks before all spin locks */
	struct mutex config;
	struct mutex error_mutex;
	char error[256];
	struct pcpmm_misuse misuse; /* relaxed adds */
};

static inline struct zone *machine_zone(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	if (nid >= machine->nr_nodes || type >= NODE_ZONES)
		return NULL;
	return &machine->nodes[nid].zones[type];
}

/* The same, of zones that have pages. */
static inline struct zone *machine_populated_zone(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	struct zone *zone = machine_zone(machine, nid, type);

	return zone && zone_populated(zone) ? zone : NULL;
}

/* @page is one of this machine's frames, held or not. */
static inline bool machine_is_frame(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page)
{
	uintptr_t offset = (uintptr_t)page - (uintptr_t)machine->memmap;

	return offset < machine->memmap_size && !(offset % sizeof(*page));
}

/* The zone that manages frame @pfn; NULL. */
struct zone *machine_zone_of_pfn(
	const struct pcpmm_machine *machine, uint64_t pfn);

static inline bool machine_cpu_online(
	const struct pcpmm_machine *machine, unsigned int id)
{
	return cpumask_test(machine->online, id);
}

/* An event counter: its CPU alone writes it; read racily, never torn. */
static force_inline void count_add(
	struct pcpmm_cpu *cpu, uint64_t *counter, uint64_t n)
{
	this_cpu_add_u64(&cpu->base, counter, n);
}

/* One refused call: count it and keep the words. Any thread. */
__attribute__((format(printf, 3, 4), nonnull(3))) void machine_refuse(
	struct pcpmm_machine *machine, uint64_t *counter, const char *format,
	...);

/* --- cpus.c ----------------------------------------------------------- */

/* Become @cpu, online or not; false: another thread is. And stop being it. */
bool machine_try_enter(struct pcpmm_cpu *cpu);
void machine_leave(struct pcpmm_cpu *cpu);
/* If this thread is on @cpu: not any more, whatever it has left off. */
void machine_abandon(struct pcpmm_cpu *cpu);
/*
 * May this thread, as @cpu, do @what ("drains"), which waits? 0, or refused:
 * -EPERM it is not on @cpu, -EINVAL it has interrupts or preemption off.
 */
int machine_check_waits(struct pcpmm_cpu *cpu, const char *what);
/*
 * Run @task, a thread of the machine's own, on a CPU that can be spared: one
 * without FIFO task, not nohz_full, of node @nid (< 0: any), idle, in this order
 * of importance. Online for as long as the task is on it.
 */
struct pcpmm_cpu *machine_enter_spare(
	struct pcpmm_machine *machine, int nid, struct task *task);

static inline bool machine_cpu_killed(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->killed);
}

/* --- noise.c ---------------------------------------------------------- */

/* Statistics, whose words others change: each by itself, racy to each other. */
void machine_copy_words(void *to, const void *from, size_t size);

void machine_copy_histogram(
	struct pcpmm_histogram *to, const struct pcpmm_histogram *from);

/* --- percpu.c --------------------------------------------------------- */

/* Both -ENOMEM; machine.c frees what they got. CPUs, nodes and zones exist. */
int percpu_setup_lists(struct pcpmm_machine *machine);
int percpu_setup_stats(
	struct pcpmm_machine *machine, const struct pcpmm_config *config);

/* --- boot.c ----------------------------------------------------------- */

/* Mark zones whose span holds another zone. Before anything is freed. */
void boot_find_inner(struct pcpmm_machine *machine);
/* All managed pages of all zones onto the buddy lists. */
void boot_free_zones(struct pcpmm_machine *machine);

/* --- tunables.c: values that follow from sizes and sysctls ------------ */

/* Boot: min_free_kbytes, marks, reserves, pagesets, thresholds. */
void tunables_boot(struct pcpmm_machine *machine, enum pcpmm_thp thp,
	const uint64_t *late_pages);
/* setup_per_zone_wmarks: marks, then every pageset. */
void tunables_update_marks(struct pcpmm_machine *machine);
void tunables_update_reserves(struct pcpmm_machine *machine);
/* zone_pcp_update of all zones; @onlining: 1 while a CPU comes up. */
void tunables_update_pagesets(
	struct pcpmm_machine *machine, unsigned int onlining);
/* refresh_zone_stat_thresholds. */
void tunables_update_thresholds(struct pcpmm_machine *machine);

/* --- tick.c ----------------------------------------------------------- */

/* refresh_cpu_vm_stats on the own CPU. Number of changes. */
unsigned int tick_fold(struct pcpmm_cpu *cpu, bool pagesets);
/* The same for CPU @id from another one. Config mutex. */
unsigned int tick_fold_remote(
	struct pcpmm_cpu *on, unsigned int id, bool pagesets);
/* cpu_vm_stats_fold of a CPU that nobody is on. */
void tick_fold_dead(struct pcpmm_machine *machine, unsigned int id);

/* --- shepherd.c ------------------------------------------------------- */

/* quiet_vmstat: the CPU goes idle, its tick stops. */
void shepherd_quiet(struct pcpmm_cpu *cpu);

/* --- drain.c ---------------------------------------------------------- */

/* drain_all_pages(NULL): of the slow path, of the series' stat_refresh. */
void drain_everything(struct pcpmm_cpu *cpu);

/* Sum of one VM event over CPUs that are online, and those that died. */
uint64_t events_read(const struct pcpmm_machine *machine, int event);
/* A zone's NUMA event, per-CPU parts included. */
uint64_t numa_read(
	const struct pcpmm_machine *machine, const struct zone *zone, int item);

#endif
