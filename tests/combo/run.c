/* SPDX-License-Identifier: MIT */
/* One combination from its machine to the last check; see run.h. */
#include "combo/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asymmetric_lock.h"
#include "combo/worker.h"

#define ROOM 600 /* pages */

static uint64_t normal_pages(const struct combo *combo)
{
	return combo->reclaim ? NORMAL_PAGES / 2 : NORMAL_PAGES;
}

/* Lists with room for a pageblock, so that pcp_buddy's CPUs come to own some. */
static void make_room(struct pcpmm_machine *machine, const struct combo *combo)
{
	for (unsigned int id = 0; id < pcpmm_nr_cpus(machine); id++)
		for (unsigned int nid = 0; nid < combo->nodes; nid++)
			CHECK(pcpmm_restore_pageset(machine, id, nid,
				      PCPMM_ZONE_NORMAL, ROOM, 7, 0) == 0);
}

static struct pcpmm_machine *create(const struct combo *combo)
{
	uint64_t normal = normal_pages(combo);
	struct pcpmm_node_config nodes[NODES_MAX] = {0};
	unsigned char nohz_full[CPUS_MAX] = {0};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;
	uint64_t pfn = START_PFN;

	for (unsigned int nid = 0; nid < combo->nodes; nid++) {
		nodes[nid].zones[PCPMM_ZONE_DMA32] = (struct pcpmm_zone_config){
			pfn, DMA32_PAGES, DMA32_PAGES, DMA32_PAGES};
		pfn += DMA32_PAGES;
		nodes[nid].zones[PCPMM_ZONE_NORMAL] =
			(struct pcpmm_zone_config){pfn, normal, normal, normal};
		pfn += normal;
	}
	CHECK(pcpmm_config_init(
		      &config, sizeof(config), PCPMM_PRESET_LINUX_6_1) == 0);
	config.nodes = nodes;
	config.nr_nodes = combo->nodes;
	config.nr_cpus = combo->cpus + (combo->hotplug != 0);
	config.backing = PCPMM_BACKING_ANON;
	config.drain = combo->drain;
	config.account = combo->account;
	config.diff = combo->diff;
	config.fold = combo->fold;
	config.reader = combo->reader;
	config.count_order = combo->count_order;
	config.zone_lock = combo->zone_lock;
	config.zone_instances = combo->split ? 2 : 1;
	config.free_check = combo->free_check;
	config.wmark_check = combo->wmark_check;
	config.marks = combo->marks;
	/* A remote fold can drain another CPU's list only under a lock. */
	config.fold_expire = PCPMM_EXPIRE_NO;
	if (combo->fold == PCPMM_FOLD_LOCAL ||
		combo->drain == PCPMM_DRAIN_PCP_LOCK ||
		combo->drain == PCPMM_DRAIN_PCP_BUDDY ||
		combo->drain == PCPMM_DRAIN_PCP_SPINLOCK_2021)
		config.fold_expire = combo->counted ? PCPMM_EXPIRE_COUNTED
						    : PCPMM_EXPIRE_YES;
	config.nolock_refuses = combo->nolock_refuses;
	config.zone_rules = combo->zone_rules;
	config.up = combo->up;
	config.fold_quiet = combo->fold_quiet;
	config.fold_timer = combo->fold_timer;
	config.shepherd_skips = combo->shepherd_skips;
	config.starvation = combo->starvation;
	config.lru_batch = combo->lru_batch;
	config.lru_drain = combo->lru_drain;
	config.strategy = &asymmetric_lock;
	config.rcu = combo->rcu;
	config.ipi_mask_lock = combo->ipi_mask_lock;
	config.spill_hold = combo->spill_hold;
	if (combo->isolated) {
		nohz_full[combo->cpus - 1] = 1;
		config.cpu_nohz_full = nohz_full;
	}
	config.ipi = combo->ipi;
	config.sysctl.min_free_kbytes = 1024;
	machine = pcpmm_machine_create(&config, NULL);
	CHECK(machine != NULL);
	if (combo->drain == PCPMM_DRAIN_PCP_BUDDY)
		make_room(machine, combo);
	return machine;
}

/* Pages of batches go to the lists: no other drain reaches all of them. */
static void empty_batches(struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < pcpmm_nr_cpus(machine); i++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, i);

		if (!cpu && errno == ENODEV)
			continue;
		CHECK(cpu != NULL);
		CHECK(pcpmm_lru_add_drain(cpu) >= 0);
		CHECK(pcpmm_cpu_leave(cpu) == 0);
	}
}

/* Each CPU in turn takes its pending calls and frees its inbox, then folds. */
static void settle(struct scene *scene)
{
	for (unsigned int i = 0; i < pcpmm_nr_cpus(scene->machine); i++) {
		struct worker *w = &scene->worker[i];
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene->machine, i);

		if (!cpu && errno == ENODEV)
			continue;
		CHECK(cpu != NULL);
		CHECK(pcpmm_cpu_poll(cpu) >= 0);
		while (w->inbox.nr)
			combo_receive(w, cpu);
		if (!i)
			combo_take_all(scene, cpu);
		CHECK(pcpmm_vmstat_fold(cpu, 0) >= 0);
		CHECK(pcpmm_cpu_leave(cpu) == 0);
	}
}

static void expect_free(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int type, unsigned int instances)
{
	for (unsigned int k = 0; k < instances; k++) {
		struct pcpmm_zone_truth truth;

		CHECK(pcpmm_zone_truth_read(machine, nid,
			      PCPMM_ZONE_INSTANCE(type, k), &truth) == 0);
		CHECK(truth.held == 0);
		CHECK(truth.snapshot == (int64_t)truth.free);
		CHECK(truth.nr_free_pages == (int64_t)truth.free);
	}
}

static void expect_conserved(struct scene *scene)
{
	struct pcpmm_machine *machine = scene->machine;
	struct pcpmm_error error = {""};
	struct pcpmm_misuse misuse;
	uint64_t mapped;
	long modified = 0;

	if (pcpmm_validate(machine, &error))
		fprintf(stderr, "combo: %s\n", error.text);
	CHECK(!error.text[0]);
	for (unsigned int nid = 0; nid < scene->combo->nodes; nid++) {
		expect_free(machine, nid, PCPMM_ZONE_DMA32, 1);
		expect_free(machine, nid, PCPMM_ZONE_NORMAL,
			scene->combo->split ? 2 : 1);
	}
	for (unsigned int i = 0; i < scene->combo->cpus; i++) {
		modified += scene->worker[i].modified;
		scene->refused += scene->worker[i].count.idles;
	}
	CHECK(pcpmm_vmstat_read(machine, "nr_mapped", &mapped) == 0);
	CHECK(mapped == (uint64_t)(modified < 0 ? 0 : modified));
	pcpmm_misuse_read(machine, &misuse);
	CHECK(misuse.wrong_thread == scene->refused);
	misuse.wrong_thread = 0;
	CHECK(!memcmp(&misuse, &(struct pcpmm_misuse){0}, sizeof(misuse)));
}

static void add_counts(struct combo_count *sum, const struct combo_count *c)
{
	sum->allocs += c->allocs;
	sum->frees += c->frees;
	sum->crossings += c->crossings;
	sum->interrupts += c->interrupts;
	sum->drains += c->drains;
	sum->failed += c->failed;
	sum->hotplugs += c->hotplugs;
	sum->idles += c->idles;
	sum->fifos += c->fifos;
	sum->lent += c->lent;
	sum->taken += c->taken;
	sum->busy += c->busy;
}

static uint64_t event_of(struct pcpmm_machine *machine, const char *name)
{
	uint64_t value;

	CHECK(pcpmm_vmstat_read(machine, name, &value) == 0);
	return value;
}

/* pgsteal_* counts exactly the pages that the page function released. */
static void count_reclaim(struct scene *scene, struct combo_count *count)
{
	struct pcpmm_machine *machine = scene->machine;
	struct pcpmm_reclaim_stats stats;

	pcpmm_reclaim_stats_read(machine, &stats);
	CHECK(stats.throttled_now == 0);
	CHECK(stats.oom == scene->kills);
	count->throttled = stats.throttled;
	count->drains_after = stats.drains;
	count->steal_direct = event_of(machine, "pgsteal_direct");
	count->steal_kswapd = event_of(machine, "pgsteal_kswapd");
	count->reclaimed = scene->reclaimed;
	count->shrunk = scene->shrunk;
	count->kills = scene->kills;
	count->frees += scene->reclaimed + scene->shrunk;
	CHECK(count->steal_direct + count->steal_kswapd == scene->reclaimed);
}

static void count_others(
	struct pcpmm_machine *machine, struct combo_count *count)
{
	struct pcpmm_drain_stats stats;
	struct pcpmm_fold_stats fold;
	struct pcpmm_lru_drain_stats lru;
	struct pcpmm_nolock_stats nolock;

	pcpmm_drain_stats_read(machine, &stats);
	CHECK(stats.misses == 0);
	count->visited = stats.cpus_visited;
	pcpmm_fold_stats_read(machine, &fold);
	count->works = fold.works;
	count->remote_folds = fold.remote;
	pcpmm_nolock_stats_read(machine, &nolock);
	CHECK(nolock.free_listed + nolock.free_zone + nolock.free_deferred ==
		nolock.allocs);
	count->nolocks = nolock.allocs;
	count->deferred = nolock.free_deferred;
	pcpmm_lru_drain_stats_read(machine, &lru);
	count->lru_works = lru.works;
	count->lru_remote = lru.remote;
	count->lru_skipped = lru.skipped;
	count->lru_returns = lru.user_returns;
}

void combo_run(const struct combo *combo, struct combo_count *count)
{
	struct pcpmm_cpu_thread *thread[CPUS_MAX];
	struct scene *scene = calloc(1, sizeof(*scene));

	CHECK(scene && combo->cpus < CPUS_MAX && combo->nodes <= NODES_MAX);
	scene->combo = combo;
	scene->node_pages = DMA32_PAGES + (unsigned int)normal_pages(combo);
	scene->machine = create(combo);
	if (combo->trace)
		CHECK(pcpmm_trace_start(
			      scene->machine, PCPMM_EVENTS_ALL, 256) == 0);
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		scene->worker[i].scene = scene;
		scene->worker[i].id = i;
		scene->worker[i].random =
			(combo->seed + i + 1) * 0x9e3779b97f4a7c15ULL | 1;
		scene->worker[i].random_irq = ~scene->worker[i].random;
		pthread_mutex_init(&scene->worker[i].inbox.lock, NULL);
	}
	combo_lend_start(scene);
	if (combo->shepherd)
		CHECK(pcpmm_shepherd_start(scene->machine, 1) == 0);
	for (unsigned int i = 0; i < combo->cpus; i++) {
		thread[i] = pcpmm_cpu_run(
			scene->machine, i, -1, combo_work, &scene->worker[i]);
		CHECK(thread[i] != NULL);
	}
	combo_lend_disturb(scene);
	for (unsigned int i = 0; i < combo->cpus; i++)
		pcpmm_cpu_join(thread[i]);
	pcpmm_shepherd_stop(scene->machine);
	pcpmm_kswapd_stop(scene->machine);
	empty_batches(scene->machine);
	settle(scene);
	expect_conserved(scene);
	*count = (struct combo_count){0};
	count_others(scene->machine, count);
	count_reclaim(scene, count);
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		add_counts(count, &scene->worker[i].count);
		pthread_mutex_destroy(&scene->worker[i].inbox.lock);
	}
	CHECK(count->allocs == count->frees);
	pcpmm_machine_destroy(scene->machine);
	free(scene);
}
