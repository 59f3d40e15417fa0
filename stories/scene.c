/* SPDX-License-Identifier: MIT */
/* The scenery: machines, pages on lists, threads, and memory that is short. */
#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CPUS_MAX 72
#define NODES_MAX 2

/* The zones of each node, one after the other. */
static void lay_out(const struct scene *scene, struct pcpmm_node_config *nodes)
{
	uint64_t pfn = SCENE_START_PFN;

	for (unsigned int i = 0; i < scene->nodes * PCPMM_NR_ZONES; i++) {
		unsigned int type = i % PCPMM_NR_ZONES;
		uint64_t pages = scene->pages[type];

		if (!pages)
			continue;
		nodes[i / PCPMM_NR_ZONES].zones[type] =
			(struct pcpmm_zone_config){pfn, pages, pages, pages};
		pfn += pages;
	}
}

static struct pcpmm_machine *create(
	const struct scene *scene, struct pcpmm_error *error)
{
	unsigned char offline[CPUS_MAX] = {0}, nohz_full[CPUS_MAX] = {0};
	struct pcpmm_node_config nodes[NODES_MAX] = {0};
	struct pcpmm_config config;

	lay_out(scene, nodes);
	if (scene->nohz_full)
		nohz_full[scene->nohz_full] = 1;
	for (unsigned int id = scene->offline_from; id && id < scene->cpus;
		id++)
		offline[id] = 1;
	pcpmm_config_init(&config, sizeof(config), scene->preset);
	config.nr_cpus = scene->cpus;
	config.nr_nodes = scene->nodes;
	config.nodes = nodes;
	config.cpu_offline = offline;
	config.cpu_nohz_full = nohz_full;
	if (scene->drain)
		config.drain = scene->drain;
	config.boot = scene->boot;
	config.allow_unsound = scene->allow_unsound;
	/* No boost: a pageblock that changes its type would raise the marks. */
	config.sysctl.watermark_boost_factor = 0;
	if (scene->min_free_kbytes)
		config.sysctl.min_free_kbytes = scene->min_free_kbytes;
	if (scene->adjust)
		scene->adjust(&config);
	return pcpmm_machine_create(&config, error);
}

struct pcpmm_machine *scene_try(
	const struct scene *scene, struct pcpmm_error *error)
{
	struct scene whole = *scene;

	if (!whole.nodes)
		whole.nodes = 1;
	if (whole.nodes <= NODES_MAX && whole.cpus <= CPUS_MAX)
		return create(&whole, error);
	snprintf(error->text, sizeof(error->text), "too large a scene");
	errno = EINVAL;
	return NULL;
}

struct pcpmm_machine *scene_build(
	struct story *story, const struct scene *scene)
{
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine = scene_try(scene, &error);

	if (!machine)
		story_give_up(story,
			errno == EOPNOTSUPP ? STORY_SKIP : EXIT_FAILURE,
			"no machine with %s: %s",
			scene->drain ? pcpmm_drain_name(scene->drain)
				     : pcpmm_preset_name(scene->preset),
			error.text);
	return machine;
}

struct pcpmm_machine *scene_build_kthread(
	struct story *story, enum pcpmm_drain kind, unsigned int offline_from)
{
	const struct scene scene = {
		.cpus = 4,
		.pages = {[PCPMM_ZONE_NORMAL] = 16384},
		.drain = kind,
		.allow_unsound = pcpmm_drain_is_unsound(kind),
		.offline_from = offline_from,
		.min_free_kbytes = 1024,
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);

	story_act(story, "%s", pcpmm_drain_name(kind));
	return machine;
}

void scene_end(
	struct story *story, struct pcpmm_machine *machine, const char *which)
{
	struct pcpmm_error error = {""};
	struct pcpmm_zone_truth truth;
	uint64_t held = 0;
	int ret;

	pcpmm_shepherd_stop(machine);
	ret = pcpmm_validate(machine, &error);
	for (unsigned int nid = 0; nid < pcpmm_nr_nodes(machine); nid++)
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++)
			for (unsigned int k = 0; !pcpmm_zone_truth_read(machine,
				     nid, PCPMM_ZONE_INSTANCE(i, k), &truth);
				k++)
				held += truth.held;
	if (ret)
		story_claim(story, false, "%s: pages are conserved: %s", which,
			error.text);
	else
		story_claim(story, !held,
			"%s: every page is back, and all counts are right",
			which);
	pcpmm_machine_destroy(machine);
}

struct pcpmm_cpu *scene_enter(
	struct story *story, struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	if (!cpu)
		story_give_up(story, EXIT_FAILURE, "can not be CPU %u: %s", id,
			strerror(errno));
	return cpu;
}

void scene_leave(struct story *story, struct pcpmm_cpu *cpu)
{
	int ret = pcpmm_cpu_leave(cpu);

	if (ret)
		story_give_up(story, EXIT_FAILURE, "can not leave CPU %u: %s",
			pcpmm_cpu_id(cpu), strerror(-ret));
}

struct pcpmm_page *scene_alloc(
	struct story *story, struct pcpmm_cpu *cpu, uint32_t gfp)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, 0);

	if (!page)
		story_give_up(story, EXIT_FAILURE, "no page for CPU %u",
			pcpmm_cpu_id(cpu));
	return page;
}

void scene_stock(struct story *story, struct pcpmm_cpu *cpu, uint32_t gfp)
{
	pcpmm_free_pages(cpu, scene_alloc(story, cpu, gfp), 0);
}

void scene_stock_cpu(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, uint32_t gfp)
{
	struct pcpmm_cpu *cpu = scene_enter(story, machine, id);

	scene_stock(story, cpu, gfp);
	scene_leave(story, cpu);
}

int scene_listed(
	struct pcpmm_machine *machine, unsigned int id, unsigned int zone_type)
{
	struct pcpmm_pcp_info info = {0};

	pcpmm_pcp_read(pcpmm_cpu_get(machine, id), 0, zone_type, &info);
	return info.count;
}

struct pcpmm_zone_truth scene_truth(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int zone_type)
{
	struct pcpmm_zone_truth truth = {0};

	pcpmm_zone_truth_read(machine, nid, zone_type, &truth);
	return truth;
}

struct pcpmm_drain_stats scene_stats(const struct pcpmm_machine *machine)
{
	struct pcpmm_drain_stats stats;

	pcpmm_drain_stats_read(machine, &stats);
	return stats;
}

uint64_t scene_interruptions(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_noise noise;
	uint64_t sum = 0;

	pcpmm_noise_read(pcpmm_cpu_get(machine, id), &noise);
	for (unsigned int i = 0; i < PCPMM_NR_NOISE_CAUSES; i++)
		sum += noise.count[i];
	return sum;
}

uint64_t scene_counter(struct pcpmm_machine *machine, const char *name)
{
	uint64_t value = 0;

	pcpmm_vmstat_read(machine, name, &value);
	return value;
}

void scene_change(struct story *story, struct pcpmm_cpu *cpu, unsigned int nid,
	const char *name, long delta)
{
	int ret = pcpmm_stat_mod(cpu, nid, -1, name, delta);

	if (ret)
		story_give_up(story, EXIT_FAILURE, "CPU %u, %s %+ld: %s",
			pcpmm_cpu_id(cpu), name, delta, strerror(-ret));
}

void scene_change_cpu(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, const char *name, long delta)
{
	struct pcpmm_cpu *cpu = scene_enter(story, machine, id);

	scene_change(story, cpu, 0, name, delta);
	scene_leave(story, cpu);
}

struct pcpmm_fold_stats scene_folds(const struct pcpmm_machine *machine)
{
	struct pcpmm_fold_stats stats;

	pcpmm_fold_stats_read(machine, &stats);
	return stats;
}

struct pcpmm_cpu_thread *scene_run(struct story *story,
	struct pcpmm_machine *machine, unsigned int id,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(machine, id, -1, fn, arg);

	if (!thread)
		story_give_up(story, EXIT_FAILURE, "no thread for CPU %u: %s",
			id, strerror(errno));
	return thread;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const struct timespec nap = {.tv_nsec = 200000};

void scene_pause(void)
{
	nanosleep(&nap, NULL);
}

bool scene_wait(const atomic_bool *flag, unsigned int limit_ms)
{
	uint64_t end = now_ms() + limit_ms;

	while (!atomic_load(flag)) {
		if (now_ms() >= end)
			return atomic_load(flag);
		nanosleep(&nap, NULL);
	}
	return true;
}

bool scene_wait_counter(struct pcpmm_machine *machine, const char *name,
	uint64_t value, unsigned int limit_ms)
{
	uint64_t end = now_ms() + limit_ms;

	while (scene_counter(machine, name) != value) {
		if (now_ms() >= end)
			return scene_counter(machine, name) == value;
		nanosleep(&nap, NULL);
	}
	return true;
}

void scene_wait_interruptions(struct pcpmm_machine *machine, unsigned int id,
	uint64_t nr, unsigned int limit_ms)
{
	uint64_t end = now_ms() + limit_ms;

	while (scene_interruptions(machine, id) < nr && now_ms() < end)
		nanosleep(&nap, NULL);
}

/*
 * A work item is counted after its last access; entering the CPU after its
 * worker orders all of the worker's stores before what follows.
 */
void scene_wait_works(struct story *story, struct pcpmm_machine *machine,
	unsigned int id, uint64_t nr)
{
	uint64_t end = now_ms() + STORY_PATIENCE_MS;
	struct pcpmm_noise noise;

	for (;;) {
		pcpmm_noise_read(pcpmm_cpu_get(machine, id), &noise);
		if (noise.idle_count >= nr)
			break;
		if (now_ms() >= end)
			story_give_up(story, EXIT_FAILURE,
				"a work of CPU %u: not done in %d s", id,
				STORY_PATIENCE_MS / 1000);
		nanosleep(&nap, NULL);
	}
	scene_leave(story, scene_enter(story, machine, id));
}

void scene_wait_requeues(
	struct story *story, struct pcpmm_machine *machine, uint64_t nr)
{
	uint64_t end = now_ms() + STORY_PATIENCE_MS;

	while (scene_folds(machine).requeues < nr) {
		if (now_ms() >= end)
			story_give_up(story, EXIT_FAILURE,
				"the timers of %d work items: not started in "
				"%d s",
				(int)nr, STORY_PATIENCE_MS / 1000);
		nanosleep(&nap, NULL);
	}
}

void scene_expect(
	struct story *story, const atomic_bool *flag, const char *what)
{
	if (!scene_wait(flag, STORY_PATIENCE_MS))
		story_give_up(story, EXIT_FAILURE, "%s: not in %d s", what,
			STORY_PATIENCE_MS / 1000);
}

struct pcpmm_page *scene_hoard_take(struct story *story, struct pcpmm_cpu *cpu,
	struct scene_hoard *hoard, uint32_t gfp, unsigned int order)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, order);

	if (!page)
		return NULL;
	if (hoard->nr == hoard->room) {
		hoard->room = hoard->room ? 2 * hoard->room : 1024;
		hoard->blocks = realloc(
			hoard->blocks, hoard->room * sizeof(hoard->blocks[0]));
		if (!hoard->blocks)
			story_give_up(story, EXIT_FAILURE, "no memory");
	}
	hoard->blocks[hoard->nr++] = (struct scene_block){page, order};
	return page;
}

void scene_hoard(
	struct story *story, struct pcpmm_cpu *cpu, struct scene_hoard *hoard)
{
	unsigned int before;

	/* A refill takes more pages than asked for: drain the rest, and repeat
	 * until no page can be allocated. */
	do {
		pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES);
		before = hoard->nr;
		while (scene_hoard_take(story, cpu, hoard, PCPMM_GFP_KERNEL, 0))
			;
	} while (hoard->nr > before);
}

unsigned int scene_unhoard(
	struct pcpmm_cpu *cpu, struct scene_hoard *hoard, unsigned int nr)
{
	unsigned int freed = 0;

	for (; freed < nr && hoard->nr; freed++) {
		const struct scene_block *block = &hoard->blocks[--hoard->nr];

		pcpmm_free_pages(cpu, block->page, block->order);
	}
	return freed;
}

void scene_hoard_end(struct pcpmm_cpu *cpu, struct scene_hoard *hoard)
{
	scene_unhoard(cpu, hoard, hoard->nr);
	free(hoard->blocks);
}
