/* SPDX-License-Identifier: MIT */
/*
 * Each scene makes a machine with one zone of 1024 pages and a CPU a task, and brings it
 * into the state that the scene begins in, without choices. At the end the machine is at
 * rest: it must be valid, and no page may be lost.
 */
#include "scenes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_PFN 1024
#define PAGES 1024
#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS_MAX 4

struct state {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu[CPUS_MAX];
	struct pcpmm_page *page[CPUS_MAX]; /* that a task holds */
	struct pcpmm_page *shared;
	unsigned int cpus;
	uint64_t freed; /* calls of pcpmm_free_pages() that succeeded */
};

/* --- the machine ------------------------------------------------------------------ */

static int set_axes(struct pcpmm_config *config,
	const struct scene_machine *machine, struct pcpmm_error *error)
{
	int ret = 0;

	for (unsigned int i = 0; machine && i < machine->nr_axes && !ret; i++)
		ret = pcpmm_config_set(config, machine->axis[i].key,
			machine->axis[i].value, error);
	return ret;
}

static struct pcpmm_machine *make(const struct scene_machine *machine,
	unsigned int cpus, struct pcpmm_error *error)
{
	const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {START_PFN, PAGES, PAGES, PAGES}}};
	struct pcpmm_config config;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nodes = &node;
	config.nr_nodes = 1;
	config.nr_cpus = cpus;
	if (set_axes(&config, machine, error))
		return NULL;
	return pcpmm_machine_create(&config, error);
}

static void *begin_cpus(const struct pcpmm_scene *scene, unsigned int cpus)
{
	struct state *state = calloc(1, sizeof(*state));
	struct pcpmm_error error = {""};

	if (!state)
		return NULL;
	state->cpus = cpus;
	state->machine = make(scene->arg, state->cpus, &error);
	if (!state->machine) {
		free(state);
		pcpmm_model_fail("%s", error.text);
	}
	return state;
}

static void *begin(const struct pcpmm_scene *scene)
{
	return begin_cpus(scene, scene->tasks);
}

/* A CPU that has no task, the last one. */
static void *begin_spare(const struct pcpmm_scene *scene)
{
	return begin_cpus(scene, scene->tasks + 1);
}

static void enter(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	state->cpu[task] = pcpmm_cpu_enter(state->machine, task);
	if (!state->cpu[task])
		pcpmm_model_fail("task %u can not enter its CPU", task);
}

static void leave(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (pcpmm_cpu_leave(state->cpu[task]))
		pcpmm_model_fail("task %u can not leave its CPU", task);
}

static void check(void *opaque)
{
	struct state *state = opaque;
	struct pcpmm_error error = {""};

	if (pcpmm_validate(state->machine, &error))
		pcpmm_model_fail("%s", error.text);
}

static void end(void *opaque)
{
	struct state *state = opaque;

	pcpmm_machine_destroy(state->machine);
	free(state);
}

/* --- what tasks do ------------------------------------------------------------------- */

static struct pcpmm_page *get(struct state *state, unsigned int task)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(state->cpu[task], PCPMM_GFP_KERNEL, 0);

	if (!page)
		pcpmm_model_fail("task %u gets no page", task);
	return page;
}

static void put(struct state *state, unsigned int task, struct pcpmm_page *page)
{
	if (!pcpmm_free_pages(state->cpu[task], page, 0))
		state->freed++;
}

static void drain(struct state *state, unsigned int task)
{
	pcpmm_drain_all_pages(
		state->cpu[task], 0, PCPMM_DRAIN_ALL_ZONES, false);
}

/*
 * Two pages on the list of each CPU: one is left when a task has taken the other, so that
 * drains, which pass empty lists by, do not pass this one by.
 */
static void enter_with_list(void *opaque, unsigned int task)
{
	struct pcpmm_page *first, *second;

	enter(opaque, task);
	first = get(opaque, task);
	second = get(opaque, task);
	put(opaque, task, first);
	put(opaque, task, second);
}

/* And one that is held. */
static void enter_with_page(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	enter_with_list(opaque, task);
	state->page[task] = get(state, task);
}

static uint64_t lists_left(void *opaque)
{
	struct state *state = opaque;
	uint64_t outcome = 0;

	for (unsigned int id = 0; id < state->cpus; id++) {
		struct pcpmm_pcp_info info = {.count = 0};

		pcpmm_pcp_read(
			pcpmm_cpu_get(state->machine, id), 0, NORMAL, &info);
		outcome = outcome << 16 | (uint16_t)info.count;
	}
	return outcome << 8 | state->freed;
}

/* --- the scenes ------------------------------------------------------------------------ */

static void alloc_drain(void *opaque, unsigned int task)
{
	if (task)
		drain(opaque, task);
	else
		put(opaque, task, get(opaque, task));
}

static void free_drain(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task)
		drain(opaque, task);
	else
		put(opaque, task, state->page[task]);
}

static void leave_freed(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task)
		put(state, task, state->page[task]);
	leave(opaque, task);
}

static void drain_drain(void *opaque, unsigned int task)
{
	drain(opaque, task);
}

static void alloc_alloc(void *opaque, unsigned int task)
{
	put(opaque, task, get(opaque, task));
}

static void enter_first_with_page(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	enter(opaque, task);
	if (!task)
		state->shared = get(state, task);
}

static void free_twice(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	put(state, task, state->shared);
}

static void check_freed_once(void *opaque)
{
	struct state *state = opaque;

	if (state->freed != 1)
		pcpmm_model_fail("one page was freed %u times",
			(unsigned int)state->freed);
	check(opaque);
}

/*
 * A refill takes a page at a time and changes the zone's counters. The first one, which
 * is not explored, leaves a diff for the fold to take.
 */
static void enter_first_with_diff(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	enter(opaque, task);
	if (!task)
		state->page[0] = get(state, 0);
}

static void alloc_fold(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task)
		pcpmm_vmstat_fold_remote(state->cpu[task], 0);
	else
		state->shared = get(state, 0);
}

static void leave_first_freed(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (!task) {
		put(state, 0, state->page[0]);
		put(state, 0, state->shared);
	}
	leave(opaque, task);
}

static void on_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct state *state = arg;

	pcpmm_free_pages(cpu, state->page[0], 0);
}

static void alloc_interrupt(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task)
		pcpmm_irq_raise(state->cpu[0], on_interrupt, state);
	else
		put(state, 0, get(state, 0));
}

/* --- lists that are turned off ----------------------------------------------------------- */

static void disable(struct state *state, unsigned int task)
{
	if (pcpmm_pcp_disable(state->cpu[task], 0, NORMAL))
		pcpmm_model_fail("task %u can not disable the lists", task);
}

static void drain_disable(void *opaque, unsigned int task)
{
	if (task)
		disable(opaque, task);
	else
		drain(opaque, task);
}

static void alloc_disable(void *opaque, unsigned int task)
{
	if (task)
		disable(opaque, task);
	else
		put(opaque, task, get(opaque, task));
}

/* Tasks leave in their order: the last one finds the lists as they all left them. */
static void leave_enabled(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task == 1 && lists_left(state) >> 8)
		pcpmm_model_fail("pages are on lists that are turned off");
	if (task == 1)
		pcpmm_pcp_enable(state->cpu[task], 0, NORMAL);
	leave(opaque, task);
}

/* --- hotplug, sysctls, folds --------------------------------------------------------------- */

static void enter_with_spare_list(void *opaque, unsigned int task)
{
	struct state *state = opaque;
	struct pcpmm_cpu *spare;

	if (task == 1) {
		spare = pcpmm_cpu_enter(state->machine, state->cpus - 1);
		if (!spare)
			pcpmm_model_fail("no task can enter the last CPU");
		pcpmm_free_pages(spare,
			pcpmm_alloc_pages(spare, PCPMM_GFP_KERNEL, 0), 0);
		pcpmm_cpu_leave(spare);
	}
	enter_with_list(opaque, task);
}

static void drain_offline(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (!task)
		drain(state, task);
	else if (pcpmm_cpu_offline(state->cpu[task], state->cpus - 1))
		pcpmm_model_fail("the last CPU can not go offline");
}

static void alloc_sysctl(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (!task)
		put(state, task, get(state, task));
	else if (pcpmm_sysctl_set(
			 state->machine, "percpu_pagelist_high_fraction", "8"))
		pcpmm_model_fail("the sysctl is refused");
}

static void enter_with_diff(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	enter(opaque, task);
	state->page[task] = get(state, task);
}

static void fold_fold(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	pcpmm_vmstat_fold_remote(state->cpu[task], !task);
}

static void leave_page_freed(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	put(state, task, state->page[task]);
	leave(opaque, task);
}

/* --- three CPUs ------------------------------------------------------------------------------ */

static void alloc_free_drain(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task == 2)
		drain(state, task);
	else if (task == 1)
		put(state, task, state->page[task]);
	else
		put(state, task, get(state, task));
}

static void interrupt_drain(void *opaque, unsigned int task)
{
	if (task == 2)
		drain(opaque, task);
	else
		alloc_interrupt(opaque, task);
}

static void leave_second_freed(void *opaque, unsigned int task)
{
	struct state *state = opaque;

	if (task != 1)
		put(state, task, state->page[task]);
	leave(opaque, task);
}

/* --- a machine alone ---------------------------------------------------------------------- */

static void nothing(void *opaque, unsigned int task)
{
	(void)opaque, (void)task;
}

/* In an execution, as it may have threads. */
int scene_try(const struct scene_machine *machine, struct pcpmm_error *error)
{
	const struct pcpmm_scene probe = {.name = "try",
		.tasks = 2,
		.arg = machine,
		.begin = begin,
		.run = nothing,
		.end = end};
	const struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_RANDOM, .executions_max = 1};
	struct pcpmm_model_result result;
	int ret = pcpmm_model_run(&probe, &options, &result);

	if (!ret && result.verdict != PCPMM_MODEL_CLEAN)
		ret = -EINVAL;
	snprintf(error->text, sizeof(error->text), "%.*s",
		(int)sizeof(error->text) - 1, result.message);
	pcpmm_model_result_free(&result);
	return ret;
}

struct pcpmm_scene scenes[] = {
	{"alloc-drain", "a CPU allocates and frees while another drains it", 2,
		NULL, begin, enter_with_list, alloc_drain, leave, check,
		lists_left, end},
	{"free-drain", "a CPU frees while another drains it", 2, NULL, begin,
		enter_with_page, free_drain, leave_freed, check, lists_left,
		end},
	{"drain-drain", "two CPUs drain each other", 2, NULL, begin,
		enter_with_list, drain_drain, leave, check, lists_left, end},
	{"alloc-alloc", "two CPUs allocate and free", 2, NULL, begin,
		enter_with_list, alloc_alloc, leave, check, lists_left, end},
	{"free-free", "two CPUs free the same page", 2, NULL, begin,
		enter_first_with_page, free_twice, leave, check_freed_once,
		lists_left, end},
	{"alloc-interrupt",
		"an interrupt frees a page on a CPU that allocates and frees",
		2, NULL, begin, enter_with_page, alloc_interrupt, leave_freed,
		check, lists_left, end},
	{"alloc-fold", "a CPU changes counters while another folds them", 2,
		NULL, begin, enter_first_with_diff, alloc_fold,
		leave_first_freed, check, lists_left, end},
	{"refill-drain", "a CPU refills its list while another drains it", 2,
		NULL, begin, enter, alloc_drain, leave, check, lists_left, end},
	{"drain-disable", "a CPU drains while another turns the lists off", 2,
		NULL, begin, enter_with_list, drain_disable, leave_enabled,
		check, lists_left, end},
	{"alloc-disable",
		"a CPU allocates and frees while another turns its list off", 2,
		NULL, begin, enter_with_list, alloc_disable, leave_enabled,
		check, lists_left, end},
	{"refill-disable", "a CPU refills its list while another turns it off",
		2, NULL, begin, enter, alloc_disable, leave_enabled, check,
		lists_left, end},
	{"drain-offline", "a CPU drains while another takes a third offline", 2,
		NULL, begin_spare, enter_with_spare_list, drain_offline, leave,
		check, lists_left, end},
	{"alloc-sysctl", "a CPU allocates and frees while lists are resized", 2,
		NULL, begin, enter_with_list, alloc_sysctl, leave, check,
		lists_left, end},
	{"refill-sysctl", "a CPU refills its list while lists are resized", 2,
		NULL, begin, enter, alloc_sysctl, leave, check, lists_left,
		end},
	{"fold-fold", "two CPUs fold each other's counters", 2, NULL, begin,
		enter_with_diff, fold_fold, leave_page_freed, check, lists_left,
		end},
	{"alloc-free-drain",
		"one CPU allocates and frees, one frees, and a third drains", 3,
		NULL, begin, enter_with_page, alloc_free_drain,
		leave_second_freed, check, lists_left, end},
	{"interrupt-drain",
		"an interrupt frees on a CPU that allocates, and a third "
		"drains",
		3, NULL, begin, enter_with_page, interrupt_drain, leave_freed,
		check, lists_left, end},
	{NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

struct pcpmm_scene *scene_named(const char *name)
{
	for (struct pcpmm_scene *scene = scenes; scene->name; scene++)
		if (!strcmp(scene->name, name))
			return scene;
	return NULL;
}
