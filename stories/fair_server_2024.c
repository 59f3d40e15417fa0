/* SPDX-License-Identifier: MIT */
/*
 * fair-server-2024: work items behind a FIFO spinner get 50 ms a second.
 *
 * History. The mails of 2021 to 2023 are about work items that wait as long as a
 * SCHED_FIFO task spins: a drain of the page lists, a read of vm.stat_refresh.
 * What ended that on stock kernels is no change of mm: the lists have a lock that
 * a drainer takes from its own CPU (6.0), and from 6.12 on a deadline server gives
 * normal tasks the last 50 ms of each second in which they wait. Before, there
 * were sched_rt_runtime_us, which real-time users switch off, and stalld, which
 * lends a task the deadline class once it has starved for 60 s; either interrupts
 * the FIFO task.
 *
 * Scene. CPU 1 has something to fold and pages on its list, and spins, FIFO 50,
 * for four seconds (three for stat_refresh) of the machine's time. Its vmstat work
 * item waits from the start. CPU 0 drains after 0.4 s, or reads stat_refresh after
 * 0.5 s. For stalld the spinner spins for 70 s.
 *
 * Measured on real kernels, in guests of two and four CPUs with the same spinner
 * (sched_rt_runtime_us = -1): printed beside what the scene gives. A guest's
 * scheduling adds to it; which moment of the second the request falls into
 * decides the rest.
 *
 * Asserted. Without an answer the request takes as long as the spinner. With one
 * it ends within a window: in the last 50 ms of a second, or for stalld after 60 s.
 * The FIFO task is interrupted exactly where a work item ran. By the lists' lock
 * the drain takes no time, and no CPU is interrupted.
 */
#include "table.h"

#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define SPINNER 1
#define FIFO 50
#define EACH 5 /* counted by the spinner: below its threshold */

struct act {
	const char *name;
	enum pcpmm_drain drain;
	enum pcpmm_starvation starvation;
	bool refresh; /* reads stat_refresh instead of draining */
	unsigned int request_ms; /* since the spinner began */
	unsigned int spin_ms;
	const char *measured;
};

static const struct act acts[] = {
	{"drain by work items", PCPMM_DRAIN_WORKQUEUE, PCPMM_STARVATION_NONE,
		false, 400, 4000,
		"5.10: page lists 3.4 to 3.7 s; 6.18 and 7.3 without fair "
		"server: LRU lists 3.6 to 3.7 s"},
	{"drain, fair server", PCPMM_DRAIN_WORKQUEUE,
		PCPMM_STARVATION_FAIR_SERVER, false, 400, 4000,
		"6.18 and 7.3: LRU lists 0.52 to 0.60 s"},
	{"stat_refresh", PCPMM_DRAIN_PCP_LOCK, PCPMM_STARVATION_NONE, true, 500,
		3000, "5.10, and 6.18 and 7.3 without fair server: 2.5 s"},
	{"stat_refresh, fair server", PCPMM_DRAIN_PCP_LOCK,
		PCPMM_STARVATION_FAIR_SERVER, true, 500, 3000,
		"6.18 and 7.3: 0.36 to 0.47 s"},
	{"stat_refresh, stalld", PCPMM_DRAIN_PCP_LOCK, PCPMM_STARVATION_STALLD,
		true, 500, 70000, "none"},
	{"drain by lock", PCPMM_DRAIN_PCP_LOCK, PCPMM_STARVATION_FAIR_SERVER,
		false, 400, 4000, "6.18 and 7.3: page lists below 1 ms"},
};

struct request {
	const struct act *act;
	atomic_bool done;
};

static void ask(struct pcpmm_cpu *cpu, void *arg)
{
	struct request *request = arg;

	if (request->act->refresh)
		pcpmm_vmstat_refresh(cpu);
	else
		pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
	atomic_store(&request->done, true);
}

static void fill(struct story *story, struct pcpmm_cpu *cpu)
{
	scene_change(story, cpu, 0, "nr_mapped", EACH);
	scene_stock(story, cpu, PCPMM_GFP_KERNEL);
}

static const struct act *building; /* adjust() has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->starvation = building->starvation;
}

static unsigned int now_ms(const struct pcpmm_machine *machine)
{
	return (unsigned int)(pcpmm_jiffies(machine) * 1000 / PCPMM_HZ);
}

/* Work items that were queued so far, of drains and folds. */
static uint64_t works(const struct pcpmm_machine *machine)
{
	return scene_stats(machine).works + scene_folds(machine).works;
}

/* Until the worker waits for the spinner's CPU, or none is needed. */
static void wait_for_worker(struct pcpmm_machine *machine, uint64_t before,
	const struct request *request)
{
	struct pcpmm_cpu_state state = {.waiting = 0};

	while (!(request && atomic_load(&request->done)) &&
		(works(machine) == before || !state.waiting)) {
		pcpmm_cpu_state_read(pcpmm_cpu_get(machine, SPINNER), &state);
		scene_pause();
	}
}

/* The spinner's item waits from the begin on. */
static void queue_fold(struct story *story, struct pcpmm_machine *machine)
{
	uint64_t before = works(machine);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);

	pcpmm_shepherd_pass(cpu);
	scene_leave(story, cpu);
	wait_for_worker(machine, before, NULL);
}

static bool has_waiting(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu_state state;

	pcpmm_cpu_state_read(pcpmm_cpu_get(machine, SPINNER), &state);
	return state.waiting;
}

/*
 * The request needs some time of the host after its work items have run; no tick
 * may go by meanwhile.
 */
static void let_it_end(struct pcpmm_machine *machine, const atomic_bool *done)
{
	for (int i = 0; i < 1000; i++) {
		if (atomic_load(done) || has_waiting(machine))
			return;
		scene_pause();
	}
}

/* @done NULL: nothing waits for it. */
static void advance_to(struct pcpmm_machine *machine, unsigned int end_ms,
	const atomic_bool *done)
{
	while (now_ms(machine) < end_ms && !(done && atomic_load(done))) {
		pcpmm_tick_advance(machine, 1);
		if (done && !has_waiting(machine))
			let_it_end(machine, done);
	}
}

static void check(struct story *story, struct pcpmm_machine *machine,
	const struct act *act, unsigned int start, unsigned int end, bool spins)
{
	unsigned int at = end - start;
	bool works_needed = act->refresh || act->drain == PCPMM_DRAIN_WORKQUEUE;
	uint64_t interruptions = scene_interruptions(machine, SPINNER);

	story_say(story, 0, "done after %u ms; the spinner was interrupted %s",
		at - act->request_ms, interruptions ? "for it" : "0 times");
	story_say(story, STORY_NOBODY, "measured: %s", act->measured);
	if (!works_needed)
		story_claim(story,
			spins && at == act->request_ms && !interruptions,
			"%s: no time, and no interruption", act->name);
	else if (act->starvation == PCPMM_STARVATION_NONE)
		story_claim(story,
			!spins && at >= act->spin_ms && !interruptions,
			"%s: takes as long as the spinner", act->name);
	else if (act->starvation == PCPMM_STARVATION_STALLD)
		story_claim(story, spins && at > 60000 && interruptions,
			"%s: a window after a minute, and an interruption",
			act->name);
	else
		story_claim(story, spins && at % 1000 >= 940 && interruptions,
			"%s: ends in the last 50 ms of a second, with an "
			"interruption",
			act->name);
}

static void play(struct story *story, const struct act *act)
{
	const struct scene scene = {.cpus = 2,
		.pages = {[NORMAL] = 262144},
		.drain = act->drain,
		.adjust = adjust};
	struct request request = {.act = act};
	struct pcpmm_cpu_thread *thread;
	struct scene_spinner spinner;
	unsigned int start, end;
	uint64_t before;
	bool spins;

	building = act;
	spinner = (struct scene_spinner){.story = story,
		.machine = scene_build(story, &scene),
		.id = SPINNER,
		.fifo = FIFO,
		.before = fill};
	story_act(story, "%s", act->name);
	if (pcpmm_shepherd_start(spinner.machine, 0))
		story_give_up(story, EXIT_FAILURE, "no shepherd");
	scene_spin(&spinner);
	queue_fold(story, spinner.machine);
	start = now_ms(spinner.machine);
	advance_to(spinner.machine, start + act->request_ms, NULL);
	story_say(story, 0, "%s after %u ms",
		act->refresh ? "reads vm.stat_refresh" : "drains all lists",
		act->request_ms);
	before = works(spinner.machine);
	thread = scene_run(story, spinner.machine, 0, ask, &request);
	wait_for_worker(spinner.machine, before, &request);
	advance_to(spinner.machine, start + act->spin_ms, &request.done);
	spins = atomic_load(&request.done);
	end = now_ms(spinner.machine);
	if (spins && scene_folds(spinner.machine).changes)
		scene_wait_interruptions(
			spinner.machine, SPINNER, 1, STORY_STARVED_MS);
	check(story, spinner.machine, act, start, end, spins);
	scene_spin_end(&spinner);
	scene_expect(story, &request.done, "the request");
	pcpmm_cpu_join(thread);
	scene_end(story, spinner.machine, act->name);
}

int story_fair_server_2024(struct story *story)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		play(story, &acts[i]);
	return story_verdict(story);
}
