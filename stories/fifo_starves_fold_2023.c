/* SPDX-License-Identifier: MIT */
/*
 * fifo-starves-fold-2023: counters of a CPU on which no worker can run.
 *
 * History. Marcelo Tosatti, linux-mm, February to May 2023: fold per-CPU
 * vmstats remotely. A CPU's diffs are folded by a work item on that CPU, which
 * the shepherd queues. Where a SCHED_FIFO task spins on an isolated CPU, the
 * worker, a normal task, never runs; or stalld lets it run for a moment, and
 * interrupts the task that must not be interrupted: for 7 us on bare metal, 50
 * us and more in a guest, where 20 us is the budget. The series lets the
 * shepherd take the counts from its own CPU, by an atomic exchange. Andrew
 * Morton did not send it on (18 April 2023): its complexity was not justified.
 * 6.5 got instead (be5e015d107d) a shepherd that skips isolated CPUs, and a
 * snapshot for the reader that had hung.
 *
 * Scene. CPUs 1 and 2 have counted five mapped pages each and are idle. CPU 3
 * is nohz_full, has counted five as well and spins. CPU 0 is the shepherd's.
 *
 * Asserted. Local fold: CPUs 1 and 2 are folded; CPU 3 is folded only after its
 * task has ended. With a normal task in place of the FIFO task: CPU 3 is
 * folded, and its task interrupted. 6.5: CPU 3 is never folded and never
 * interrupted, and no work item waits. Remote fold: one pass folds all three
 * CPUs while CPU 3 spins, and does not interrupt it.
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define SPINNER 3
#define FIFO 50

#define ITEM "nr_mapped"
#define EACH 5 /* below the threshold of any CPU */
#define OTHERS (2 * EACH) /* of CPUs 1 and 2 */
#define ALL (3 * EACH)

static void map_pages(struct story *story, struct pcpmm_cpu *cpu)
{
	scene_change(story, cpu, 0, ITEM, EACH);
}

static void skip_isolated(struct pcpmm_config *config)
{
	config->fold_skip_isolated = true;
}

struct stage {
	struct story *story;
	const char *name;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu; /* 0, the shepherd's */
	struct scene_spinner spinner;
};

static void set_up(struct stage *stage, struct story *story, const char *name,
	const struct scene *scene, unsigned int fifo)
{
	struct pcpmm_machine *machine = scene_build(story, scene);

	*stage = (struct stage){story, name, machine, NULL,
		{.story = story,
			.machine = machine,
			.id = SPINNER,
			.fifo = fifo,
			.before = map_pages}};
	story_act(story, "%s", name);
	for (unsigned int id = 1; id < SPINNER; id++)
		scene_change_cpu(story, machine, id, ITEM, EACH);
	story_say(story, STORY_NOBODY,
		"cpus 1 and 2 are idle, %d more mapped pages each", EACH);
	stage->cpu = scene_enter(story, machine, 0);
	if (scene->preset == PCPMM_PRESET_LINUX_6_1 &&
		pcpmm_shepherd_start(machine, 0))
		story_give_up(story, 1, "no workers");
	scene_spin(&stage->spinner);
}

/* One pass of the shepherd, with a line in the timeline. */
static int pass(struct stage *stage)
{
	int busy = pcpmm_shepherd_pass(stage->cpu);

	story_say(stage->story, 0, "the shepherd: %d CPUs had something to do",
		busy);
	return busy;
}

static uint64_t snapshot(struct stage *stage)
{
	uint64_t value = 0;

	pcpmm_zone_stat_snapshot(stage->machine, 0, -1, ITEM, &value);
	return value;
}

static void tell_counter(struct stage *stage)
{
	story_say(stage->story, 0,
		ITEM " %d, a snapshot %d; cpu %d was "
		     "interrupted %d times",
		(int)scene_counter(stage->machine, ITEM), (int)snapshot(stage),
		SPINNER, (int)scene_interruptions(stage->machine, SPINNER));
}

/* The spinner has ended: wait until every change is in the counter. */
static void clean_up(struct stage *stage)
{
	story_claim(stage->story,
		scene_wait_counter(
			stage->machine, ITEM, ALL, STORY_PATIENCE_MS),
		"%s: all is counted at the end", stage->name);
	scene_leave(stage->story, stage->cpu);
	scene_end(stage->story, stage->machine, stage->name);
}

static void starved(struct story *story)
{
	const struct scene scene = {
		.cpus = 4, .pages = {[NORMAL] = 262144}, .nohz_full = SPINNER};
	struct stage stage;
	bool others, waits;
	int again;

	set_up(&stage, story, "local", &scene, FIFO);
	story_claim(story, pass(&stage) == 3,
		"local: work is queued on all three CPUs");
	others = scene_wait_counter(
		stage.machine, ITEM, OTHERS, STORY_PATIENCE_MS);
	waits = !scene_wait_counter(stage.machine, ITEM, ALL, STORY_STARVED_MS);
	for (unsigned int id = 1; id < SPINNER; id++)
		scene_wait_works(story, stage.machine, id, 1);
	again = pass(&stage);
	tell_counter(&stage);
	story_claim(story, others && waits,
		"local: CPUs 1 and 2 are folded, CPU 3 is starved");
	story_claim(story, again == 2,
		"local: a pass later CPU 3's work is still the first one");
	story_claim(story, snapshot(&stage) == ALL,
		"local: only a snapshot tells what CPU 3 has counted");
	story_claim(story, !scene_interruptions(stage.machine, SPINNER),
		"local: CPU 3 was not disturbed");
	scene_spin_end(&stage.spinner);
	clean_up(&stage);
}

/* A worker that may preempt the spinner: interruption instead of starvation. */
static void interrupted(struct story *story)
{
	const struct scene scene = {
		.cpus = 4, .pages = {[NORMAL] = 262144}, .nohz_full = SPINNER};
	struct stage stage;
	bool folded;

	set_up(&stage, story, "local, worker first", &scene, 0);
	pass(&stage);
	folded =
		scene_wait_counter(stage.machine, ITEM, ALL, STORY_PATIENCE_MS);
	story_claim(story, folded,
		"local, worker first: CPU 3 is folded while it spins");
	scene_spin_end(&stage.spinner);
	tell_counter(&stage);
	story_claim(story, scene_interruptions(stage.machine, SPINNER) > 0,
		"local, worker first: CPU 3 was interrupted for it");
	clean_up(&stage);
}

static void passed_by(struct story *story)
{
	const struct scene scene = {.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.nohz_full = SPINNER,
		.adjust = skip_isolated};
	struct stage stage;
	bool others;

	set_up(&stage, story, "local, 6.5", &scene, FIFO);
	story_claim(story, pass(&stage) == 2,
		"local, 6.5: nothing is queued on the isolated CPU");
	others = scene_wait_counter(
		stage.machine, ITEM, OTHERS, STORY_PATIENCE_MS);
	tell_counter(&stage);
	story_claim(story, !scene_interruptions(stage.machine, SPINNER),
		"local, 6.5: CPU 3 was not disturbed");
	scene_spin_end(&stage.spinner);
	pass(&stage);
	tell_counter(&stage);
	story_claim(story,
		others && scene_counter(stage.machine, ITEM) == OTHERS &&
			snapshot(&stage) == ALL,
		"local, 6.5: it is never folded; a snapshot is right");
	pcpmm_vmstat_refresh(stage.cpu);
	story_say(story, 0, "reads vm.stat_refresh: " ITEM " %d",
		(int)scene_counter(stage.machine, ITEM));
	clean_up(&stage);
}

static void from_afar(struct story *story)
{
	const struct scene scene = {.preset = PCPMM_PRESET_REMOTE_FOLD_V8_2023,
		.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.nohz_full = SPINNER};
	struct pcpmm_fold_stats stats;
	struct stage stage;

	set_up(&stage, story, "remote", &scene, FIFO);
	story_claim(story,
		pass(&stage) == 3 && scene_counter(stage.machine, ITEM) == ALL,
		"remote: one pass folds all three, while CPU 3 spins");
	tell_counter(&stage);
	stats = scene_folds(stage.machine);
	story_claim(story,
		!scene_interruptions(stage.machine, SPINNER) && !stats.works,
		"remote: CPU 3 never noticed, and no work was queued");
	scene_spin_end(&stage.spinner);
	clean_up(&stage);
}

int story_fifo_starves_fold_2023(struct story *story)
{
	starved(story);
	interrupted(story);
	passed_by(story);
	from_afar(story);
	return story_verdict(story);
}
