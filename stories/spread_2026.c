/* SPDX-License-Identifier: MIT */
/*
 * spread-2026: 72 folds at one moment, or spread over the second.
 *
 * History. A vmstat work item that found changes runs again one vm.stat_interval
 * later, rounded to a full second: those of all CPUs at the same tick. There they
 * give pages back and queue on the zone's lock. Breno Leitao, 1 April 2026
 * (20260401-vmstat-v1-1-b68ce4a35055@debian.org): each CPU has a moment of its own in
 * the interval. 72 CPUs, arm64, stress-ng --vm, "perf lock contention" in
 * free_pcppages_bulk(): fewer contentions, less waiting in sum, and a longer longest
 * wait, which the mail does not explain. Applied to mm-unstable; 7.3 still rounds.
 *
 * Scene. 72 CPUs, two nodes, eight seconds tick by tick. Tasks map and unmap 32 MB at
 * a time; each CPU has used pages of the other node once, which its folds give back,
 * 63 in three seconds. (In his kernel folds trim a CPU's list of its own node as well:
 * decay_pcp_high(), which came in 6.7; the rules here are those of 6.1.) High is as
 * large as the automatic tuning of 6.7 lets it become: an eighth of the node, shared
 * by its CPUs.
 *
 * By the library: which CPU folds at which tick, each refill and each bulk free of a
 * task or a fold, and their pages.
 * Computed (lock_queue.h): who waits for whom. It assumes that
 *   - all items of a tick begin at the tick, before their CPUs' tasks go on;
 *   - a task takes 1 us to map a page, 100 ns to unmap one, and its holds are spread
 *     over that time at random; it begins at any moment of its tick;
 *   - a hold takes 200 ns and 60 ns a page. His mean wait, 34.01 ms / 240 = 142 us, is
 *     half a queue of 72 CPUs that give 63 pages back in 4 us each. Everything is
 *     computed with half and twice the costs, too.
 *
 * Asserted, with four seeds and three costs for each load. With spread contentions and
 * their sum fall, always. The longest wait is one event. With round, folds queue for
 * each other, and meet what tasks do once a second; with spread a fold never meets
 * another one, and they meet the tasks 72 times a second. A trim is up to 2016 pages in
 * one hold, more than the drains of a queue of 12 folds. So the longest wait of a
 * *fold* rises in some runs if 72 tasks trim, each time behind a trim, and falls in
 * most if they trim rarely. The longest of *all* bulk frees, which is what he measured, rises
 * in some runs and not in others: tasks wait for each other before and after, and a
 * queue of folds may meet a trim as well. The story does not confirm that it rises; it
 * says that it may.
 *
 * Not shown. Larger drains: a fold gives back at most 63 pages here, in both runs.
 * KASAN, whose figures stand beside the others. How many tasks his run had.
 */
#include "lock_queue.h"
#include "table.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 72
#define NODES 2
#define PAGES (1u << 20) /* of a node */
#define SECONDS 8
#define TICKS (SECONDS * PCPMM_HZ)
#define TICK_NS (1000000000u / PCPMM_HZ)
#define BATCH 63
#define BURST 8192 /* pages that a task maps, then unmaps */
#define MAP_TICK 2800 /* of them in a tick */
#define MAP_NS 1000
#define UNMAP_NS 100
/* Pages of the other node: an odd number of refills, so that the counter's diff of
 * this CPU is not 0 and the fold's countdown begins. */
#define FAR (32 * BATCH + 1)
#define FAR_TICKS (3 * PCPMM_HZ) /* each CPU at one of these */
#define EVENTS 1024
#define NEVER (~0u)
#define SEEDS 4
#define COSTS 3
#define RUNS (SEEDS * COSTS)

/* The longest wait of a fold, from round to spread. */
enum sign {
	EITHER, /* it is printed */
	MAY_RISE, /* in some runs */
	FALLS, /* in most runs */
};

static const struct load {
	const char *name;
	unsigned int every; /* CPUs 0, every, 2 * every, ... have a task */
	unsigned int pause; /* of a task between bursts: ticks, the mean */
	enum sign fold_max;
} loads[] = {
	{"one task a node, always", CPUS / NODES, 4, EITHER},
	{"72 tasks, every 1 s", 1, PCPMM_HZ, MAY_RISE},
	{"72 tasks, every 8 s", 1, 8 * PCPMM_HZ, FALLS},
};
#define LOADS (sizeof(loads) / sizeof(loads[0]))

static const struct lock_costs costs[COSTS] = {
	{200, 60}, {100, 30}, {400, 120}};

static const char *const posted[] = {
	"bulk frees that wait        contentions     in sum, ms     longest, "
	"ms",
	"  posted, without KASAN       240 -> 133  34.01 -> 24.61  0.97 ->  "
	"1.35",
	"  posted, with KASAN          872 -> 117 199.43 -> 80.76  4.19 -> "
	"35.76",
};

struct task {
	struct pcpmm_page *pages[BURST];
	unsigned int nr;
	bool unmaps;
	unsigned int next; /* tick of the next step */
	unsigned int far; /* tick at which it uses the other node */
	uint64_t random; /* the same workload with round and spread */
};

struct run {
	struct story *story;
	const struct load *load;
	struct pcpmm_machine *machine;
	struct lock_script script;
	struct task tasks[CPUS];
	uint64_t items[CPUS]; /* that have run */
	unsigned int folds; /* in all */
	unsigned int folds_most; /* at one tick */
	unsigned int ticks_with[CPUS + 1]; /* so many drains */
	unsigned int drain_most; /* pages */
};

/* What one run came to, with one of the costs. */
struct outcome {
	uint64_t contended, total_ns, max_ns; /* of all bulk frees */
	struct lock_waits fold;
};

/* Random, 0 to @n - 1. */
static unsigned int below(struct task *task, unsigned int n)
{
	task->random ^= task->random >> 12;
	task->random ^= task->random << 25;
	task->random ^= task->random >> 27;
	return (unsigned int)((task->random * 0x2545f4914f6cdd1dULL >> 32) % n);
}

/* --- what the library did -------------------------------------------------- */

static enum lock_use use_of(const struct pcpmm_event *event, bool fold)
{
	if (fold)
		return LOCK_FOLD;
	return event->kind == PCPMM_EVENT_PCP_REFILL ? LOCK_REFILL : LOCK_TRIM;
}

/*
 * Add @cpu's holds since the last call to the script. The thread began at @start_ns
 * and worked for @work_ns in all. Number of holds.
 */
static unsigned int record(struct run *run, struct pcpmm_cpu *cpu, bool fold,
	uint64_t start_ns, uint32_t work_ns)
{
	static struct pcpmm_event events[EVENTS];
	struct task *task = &run->tasks[pcpmm_cpu_id(cpu)];
	unsigned int nr = pcpmm_trace_read(cpu, events, EVENTS);

	for (unsigned int i = 0; i < nr; i++) {
		uint32_t mean = work_ns / nr;
		struct lock_hold hold = {
			.start_ns = start_ns,
			.think_ns = mean / 2 + (mean ? below(task, mean) : 0),
			.pages = (uint32_t)events[i].got,
			.cpu = (uint16_t)pcpmm_cpu_id(cpu),
			.lock = events[i].nid,
			.use = (uint8_t)use_of(&events[i], fold),
		};

		if (!lock_script_add(&run->script, &hold))
			story_give_up(run->story, EXIT_FAILURE, "no memory");
		if (fold && hold.pages > run->drain_most)
			run->drain_most = hold.pages;
	}
	return nr;
}

/* --- folds ------------------------------------------------------------------- */

static uint64_t items_of(const struct run *run, unsigned int id)
{
	struct pcpmm_noise noise;

	pcpmm_noise_read(pcpmm_cpu_get(run->machine, id), &noise);
	return noise.idle_count + noise.count[PCPMM_NOISE_KWORKER];
}

/* Wait until all items that were queued have run. */
static void wait_for_items(struct run *run)
{
	uint64_t queued = scene_folds(run->machine).works, ran = 0;

	while (ran < queued) {
		ran = 0;
		for (unsigned int id = 0; id < CPUS; id++)
			ran += items_of(run, id);
		if (ran < queued)
			sched_yield();
	}
}

/* The task maps a page of a file: the CPU's next fold finds a change. */
static void change(struct run *run, struct pcpmm_cpu *cpu)
{
	scene_change(run->story, cpu, 0, "nr_mapped", 1);
}

/* A tick goes by. Whose item runs gives back what is due. */
static void tick(struct run *run, unsigned int now)
{
	uint64_t before = scene_folds(run->machine).works;
	unsigned int folds = 0, drains = 0;

	pcpmm_tick_advance(run->machine, 1);
	if (scene_folds(run->machine).works != before)
		wait_for_items(run);
	else
		return;
	for (unsigned int id = 0; id < CPUS; id++) {
		uint64_t items = items_of(run, id);
		struct pcpmm_cpu *cpu;

		if (items == run->items[id])
			continue;
		run->items[id] = items;
		cpu = scene_enter(run->story, run->machine, id);
		drains += record(run, cpu, true, (uint64_t)now * TICK_NS, 0);
		change(run, cpu);
		scene_leave(run->story, cpu);
		folds++;
	}
	run->ticks_with[drains]++;
	run->folds += folds;
	if (folds > run->folds_most)
		run->folds_most = folds;
}

/* --- tasks ------------------------------------------------------------------- */

static void map(struct run *run, struct pcpmm_cpu *cpu, struct task *task,
	unsigned int nid, unsigned int nr)
{
	struct pcpmm_page *page;

	while (nr--) {
		page = pcpmm_alloc_pages_node(
			cpu, nid, PCPMM_GFP_HIGHUSER_MOVABLE, 0);
		if (!page)
			story_give_up(run->story, EXIT_FAILURE, "no page");
		task->pages[task->nr++] = page;
	}
}

static void unmap(struct pcpmm_cpu *cpu, struct task *task)
{
	pcpmm_free_pages_batch(cpu, task->pages, task->nr);
	task->nr = 0;
}

/* Some pages of the other node, when no burst is under way. */
static void use_far(struct run *run, struct pcpmm_cpu *cpu, struct task *task,
	unsigned int now)
{
	map(run, cpu, task, 1 - pcpmm_cpu_id(cpu) / (CPUS / NODES), FAR);
	unmap(cpu, task);
	record(run, cpu, false, (uint64_t)now * TICK_NS + below(task, TICK_NS),
		FAR * MAP_NS);
	task->far = NEVER;
}

/* A part of a burst. */
static void advance(struct run *run, struct pcpmm_cpu *cpu, struct task *task,
	unsigned int now)
{
	uint64_t start = (uint64_t)now * TICK_NS + below(task, TICK_NS);
	unsigned int nr = BURST - task->nr;

	if (task->unmaps) {
		unmap(cpu, task);
		record(run, cpu, false, start, BURST * UNMAP_NS);
		task->unmaps = false;
		task->next = now + 1 + below(task, 2 * run->load->pause);
		return;
	}
	nr = nr < MAP_TICK ? nr : MAP_TICK;
	map(run, cpu, task, pcpmm_cpu_id(cpu) / (CPUS / NODES), nr);
	record(run, cpu, false, start, nr * MAP_NS);
	task->unmaps = task->nr == BURST;
}

static void run_tasks(struct run *run, unsigned int now)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct task *task = &run->tasks[id];
		bool far = now >= task->far && !task->nr;
		struct pcpmm_cpu *cpu;

		if (!far && now < task->next)
			continue;
		cpu = scene_enter(run->story, run->machine, id);
		if (far)
			use_far(run, cpu, task, now);
		if (now >= task->next)
			advance(run, cpu, task, now);
		scene_leave(run->story, cpu);
	}
}

/* --- a run ------------------------------------------------------------------- */

static enum pcpmm_fold_requeue chosen; /* for adjust(), which has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->fold_requeue = chosen;
}

static void set_up_tasks(struct run *run, unsigned int seed)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct task *task = &run->tasks[id];

		task->random =
			(run->story->seed + seed) * 0x9e3779b97f4a7c15ULL + id;
		task->next = below(task, 2 * run->load->pause);
		if (id % run->load->every)
			task->next = NEVER;
		task->far = below(task, FAR_TICKS);
	}
}

static void change_all(struct run *run)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			scene_enter(run->story, run->machine, id);

		change(run, cpu);
		run->items[id] = items_of(run, id);
		scene_leave(run->story, cpu);
	}
}

/* Every CPU's item has run once, and waits for its timer. */
static void set_up(struct run *run)
{
	const struct scene scene = {.cpus = CPUS,
		.nodes = NODES,
		.pages = {[NORMAL] = PAGES},
		.adjust = adjust};
	uint32_t events = PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |
			  PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK);
	struct pcpmm_cpu *cpu;

	run->machine = scene_build(run->story, &scene);
	if (!lock_script_begin(&run->script, CPUS) ||
		pcpmm_sysctl_set(
			run->machine, "percpu_pagelist_high_fraction", "8") ||
		pcpmm_shepherd_start(run->machine, 0))
		story_give_up(run->story, EXIT_FAILURE, "no scene");
	change_all(run);
	cpu = scene_enter(run->story, run->machine, 0);
	pcpmm_shepherd_pass(cpu);
	scene_leave(run->story, cpu);
	wait_for_items(run);
	change_all(run);
	if (pcpmm_trace_start(run->machine, events, EVENTS))
		story_give_up(run->story, EXIT_FAILURE, "no memory");
}

static void evaluate(const struct run *run, struct outcome *outcomes)
{
	for (unsigned int i = 0; i < COSTS; i++) {
		struct lock_waits waits[NR_LOCK_USES];
		const struct lock_waits *trim = &waits[LOCK_TRIM];
		const struct lock_waits *fold = &waits[LOCK_FOLD];

		if (!lock_script_play(&run->script, &costs[i], waits))
			story_give_up(run->story, EXIT_FAILURE, "no memory");
		outcomes[i] = (struct outcome){
			.contended = trim->contended + fold->contended,
			.total_ns = trim->total_ns + fold->total_ns,
			.max_ns = trim->max_ns > fold->max_ns ? trim->max_ns
							      : fold->max_ns,
			.fold = *fold,
		};
	}
}

/* Pages are conserved: claimed if not, as there are many runs. */
static void tear_down(struct run *run)
{
	struct pcpmm_error error = {""};

	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			scene_enter(run->story, run->machine, id);

		unmap(cpu, &run->tasks[id]);
		scene_leave(run->story, cpu);
	}
	pcpmm_shepherd_stop(run->machine);
	if (pcpmm_trace_dropped(run->machine) ||
		pcpmm_validate(run->machine, &error))
		story_claim(run->story, false, "all counts are right: %s",
			error.text);
	lock_script_end(&run->script);
	pcpmm_machine_destroy(run->machine);
}

static void play(struct run *run, enum pcpmm_fold_requeue how,
	unsigned int seed, struct outcome *outcomes)
{
	chosen = how;
	set_up_tasks(run, seed);
	set_up(run);
	for (unsigned int now = 1; now <= TICKS; now++) {
		tick(run, now);
		run_tasks(run, now);
	}
	evaluate(run, outcomes);
	tear_down(run);
}

/* --- what it says ------------------------------------------------------------- */

/* A load's runs, [0] round, [1] spread. */
struct pair {
	struct outcome outcomes[2][RUNS];
	unsigned int folds[2], folds_most[2], drain_most[2];
	unsigned int ticks_with[2][CPUS + 1]; /* of the first seed */
};

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

/* "round: ticks with 1 drain 3, 2 to 7 ..." */
static void print_arrivals(struct story *story, const struct pair *pair)
{
	static const unsigned int from[] = {1, 2, 8, 16, CPUS + 1};
	unsigned int nr;
	char line[128];

	story_quote(story,
		"folds that come to the zone locks in one ms: how often");
	for (unsigned int how = 0; how < 2; how++) {
		int at = snprintf(
			line, sizeof(line), "  %-6s", how ? "spread" : "round");

		for (unsigned int i = 0; from[i] <= CPUS; i++) {
			nr = 0;
			for (unsigned int k = from[i]; k < from[i + 1]; k++)
				nr += pair->ticks_with[how][k];
			at += snprintf(line + at, sizeof(line) - (size_t)at,
				"  %u to %u: %3u", from[i], from[i + 1] - 1,
				nr);
		}
		story_quote(story, line);
	}
}

static void print_row(struct story *story, const char *what,
	const uint64_t *contended, const uint64_t *total, const uint64_t *max)
{
	char line[128];

	snprintf(line, sizeof(line),
		"  %-24s  %5" PRIu64 " -> %3" PRIu64
		" %6.2f -> %5.2f %5.2f -> %5.2f",
		what, contended[0], contended[1], ms(total[0]), ms(total[1]),
		ms(max[0]), ms(max[1]));
	story_quote(story, line);
}

/* The first seed, with the costs as they are. */
static void print_outcome(struct story *story, const struct pair *pair)
{
	const struct outcome *round = &pair->outcomes[0][0];
	const struct outcome *spread = &pair->outcomes[1][0];
	const struct lock_waits *fold = &spread->fold;

	for (unsigned int i = 0; i < sizeof(posted) / sizeof(posted[0]); i++)
		story_quote(story, posted[i]);
	print_row(story, "here, the first seed",
		(uint64_t[]){round->contended, spread->contended},
		(uint64_t[]){round->total_ns, spread->total_ns},
		(uint64_t[]){round->max_ns, spread->max_ns});
	print_row(story, "  folds among them",
		(uint64_t[]){round->fold.contended, fold->contended},
		(uint64_t[]){round->fold.total_ns, fold->total_ns},
		(uint64_t[]){round->fold.max_ns, fold->max_ns});
	story_say(story, STORY_NOBODY,
		"a fold's longest wait: with round behind %u folds; with "
		"spread behind %u, %u trims and %u refills, at most %u pages",
		round->fold.ahead[LOCK_FOLD], fold->ahead[LOCK_FOLD],
		fold->ahead[LOCK_TRIM], fold->ahead[LOCK_REFILL],
		fold->ahead_pages);
}

/* Of a load's runs: those in which something fell or rose. */
struct signs {
	unsigned int contended_fell, total_fell, max_rose;
	unsigned int fold_max_rose, fold_max_fell;
	unsigned int behind_trim; /* of fold_max_rose */
};

static struct signs signs_of(const struct pair *pair)
{
	struct signs signs = {0};

	for (unsigned int i = 0; i < RUNS; i++) {
		const struct outcome *round = &pair->outcomes[0][i];
		const struct outcome *spread = &pair->outcomes[1][i];
		const struct lock_waits *fold = &spread->fold;
		bool rose = fold->max_ns > round->fold.max_ns;

		signs.contended_fell += spread->contended < round->contended;
		signs.total_fell += spread->total_ns < round->total_ns;
		signs.max_rose += spread->max_ns > round->max_ns;
		signs.fold_max_rose += rose;
		signs.fold_max_fell += fold->max_ns < round->fold.max_ns;
		signs.behind_trim += rose && fold->ahead[LOCK_TRIM];
	}
	return signs;
}

static void claim_signs(
	struct story *story, const struct load *load, const struct signs *signs)
{
	story_say(story, STORY_NOBODY,
		"the longest wait rises in %u of %d runs, that of a fold in %u",
		signs->max_rose, RUNS, signs->fold_max_rose);
	story_claim(story,
		signs->contended_fell == RUNS && signs->total_fell == RUNS,
		"%s: contentions and their sum fall in all of %d runs",
		load->name, RUNS);
	story_claim(story, signs->behind_trim == signs->fold_max_rose,
		"%s: where a fold's longest wait rises, it is behind a trim",
		load->name);
	if (load->fold_max == MAY_RISE)
		story_claim(story, signs->fold_max_rose,
			"%s: a fold's longest wait rises in some runs",
			load->name);
	if (load->fold_max == FALLS)
		story_claim(story, 2 * signs->fold_max_fell > RUNS,
			"%s: a fold's longest wait falls in most runs",
			load->name);
}

static void claim_folds(
	struct story *story, const struct load *load, const struct pair *pair)
{
	story_claim(story,
		pair->folds[0] == SEEDS * CPUS * SECONDS &&
			pair->folds[1] == pair->folds[0],
		"%s: each CPU folds once a second, with both", load->name);
	story_claim(story,
		pair->folds_most[0] == CPUS && pair->folds_most[1] == 1,
		"%s: round: 72 CPUs at one tick; spread: never two",
		load->name);
	story_claim(story,
		pair->drain_most[0] == BATCH && pair->drain_most[1] == BATCH,
		"%s: no fold gives back more than %d pages, with both",
		load->name, BATCH);
}

static unsigned int larger(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static void play_one(struct story *story, const struct load *load,
	struct pair *pair, unsigned int how, unsigned int seed)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		story_give_up(story, EXIT_FAILURE, "no memory");
	run->story = story;
	run->load = load;
	play(run, how ? PCPMM_FOLD_REQUEUE_SPREAD : PCPMM_FOLD_REQUEUE_ROUND,
		seed, &pair->outcomes[how][seed * COSTS]);
	pair->folds[how] += run->folds;
	pair->folds_most[how] = larger(pair->folds_most[how], run->folds_most);
	pair->drain_most[how] = larger(pair->drain_most[how], run->drain_most);
	for (unsigned int k = 0; !seed && k <= CPUS; k++)
		pair->ticks_with[how][k] = run->ticks_with[k];
	free(run);
}

/* Runs in which the longest wait of all bulk frees rose. */
static unsigned int play_load(struct story *story, const struct load *load)
{
	static struct pair pair;
	struct signs signs;

	pair = (struct pair){0};
	story_act(story, "%s", load->name);
	for (unsigned int seed = 0; seed < SEEDS; seed++) {
		play_one(story, load, &pair, 0, seed);
		play_one(story, load, &pair, 1, seed);
	}
	print_outcome(story, &pair);
	print_arrivals(story, &pair);
	signs = signs_of(&pair);
	claim_folds(story, load, &pair);
	claim_signs(story, load, &signs);
	return signs.max_rose;
}

int story_spread_2026(struct story *story)
{
	unsigned int rose = 0;

	for (size_t i = 0; i < LOADS; i++)
		rose += play_load(story, &loads[i]);
	story_claim(story, rose && rose < LOADS * RUNS,
		"the longest wait of all bulk frees rises in some runs, not in "
		"all");
	return story_verdict(story);
}
