/* SPDX-License-Identifier: MIT */
/*
 * vmstat-refresh-hang-2023: a read that takes as long as another task spins.
 *
 * History. Marcelo Tosatti, linux-mm, February to May 2023. Reading
 * /proc/sys/vm/stat_refresh, which sosreport does on every machine it looks at,
 * folds all CPUs' counters: schedule_on_each_cpu(), a work item on each CPU and
 * a wait for all. On a CPU where a SCHED_FIFO task spins the worker never runs,
 * and the report hangs. In the series (patch 12 of v8) the reader folds all
 * CPUs remotely. That was not merged, and the shepherd of 6.5, which skips
 * isolated CPUs, is another path: 6.12 still waits.
 *
 * Scene. CPUs 1 and 2 have counted five mapped pages each and are idle; CPU 3
 * is nohz_full, has counted five and spins, SCHED_FIFO. CPU 0 reads.
 *
 * Asserted. Local: the reader hangs while CPU 3 spins, although the other CPUs
 * are folded, and returns when CPU 3's task has ended; the same with 6.5's
 * rule. Remote: the reader returns while CPU 3 spins, with the right count, and
 * CPU 3 is not interrupted.
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define SPINNER 3
#define FIFO 50

#define ITEM "nr_mapped"
#define EACH 5 /* below the threshold of any CPU */
#define OTHERS (2 * EACH) /* of CPUs 1 and 2 */
#define ALL (3 * EACH)

struct reader {
	struct pcpmm_cpu_thread *thread;
	int negative; /* what stat_refresh returned; < 0: an error */
	atomic_bool done;
};

static void refresh(struct pcpmm_cpu *cpu, void *arg)
{
	struct reader *reader = arg;

	reader->negative = pcpmm_vmstat_refresh(cpu);
	atomic_store(&reader->done, true);
}

static void map_pages(struct story *story, struct pcpmm_cpu *cpu)
{
	scene_change(story, cpu, 0, ITEM, EACH);
}

static void skip_isolated(struct pcpmm_config *config)
{
	config->fold_skip_isolated = true;
}

static struct pcpmm_machine *build(
	struct story *story, const char *name, const struct scene *scene)
{
	struct pcpmm_machine *machine = scene_build(story, scene);

	story_act(story, "%s", name);
	for (unsigned int id = 1; id < SPINNER; id++)
		scene_change_cpu(story, machine, id, ITEM, EACH);
	story_say(story, STORY_NOBODY,
		"cpus 1 and 2 are idle, %d more mapped pages each", EACH);
	if (pcpmm_shepherd_start(machine, 0))
		story_give_up(story, 1, "no workers");
	return machine;
}

static void start_reader(struct story *story, struct pcpmm_machine *machine,
	struct reader *reader)
{
	story_say(story, 0, "sosreport reads /proc/sys/vm/stat_refresh");
	reader->thread = scene_run(story, machine, 0, refresh, reader);
}

static void tell_counter(struct story *story, struct pcpmm_machine *machine,
	struct reader *reader)
{
	story_say(story, 0, "%s; " ITEM " %d",
		atomic_load(&reader->done) ? "has its answer"
					   : "still waits: hangs",
		(int)scene_counter(machine, ITEM));
}

static void hangs(struct story *story, const char *name,
	void (*adjust)(struct pcpmm_config *config))
{
	const struct scene scene = {.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.nohz_full = SPINNER,
		.adjust = adjust};
	struct pcpmm_machine *machine = build(story, name, &scene);
	struct scene_spinner spinner = {.story = story,
		.machine = machine,
		.id = SPINNER,
		.fifo = FIFO,
		.before = map_pages};
	struct reader reader = {.done = false};
	bool others;

	scene_spin(&spinner);
	start_reader(story, machine, &reader);
	others = scene_wait_counter(machine, ITEM, OTHERS, STORY_PATIENCE_MS);
	story_claim(story, !scene_wait(&reader.done, STORY_STARVED_MS),
		"%s: stat_refresh hangs while CPU 3 spins", name);
	tell_counter(story, machine, &reader);
	story_claim(story,
		others && scene_counter(machine, ITEM) == OTHERS &&
			!scene_interruptions(machine, SPINNER),
		"%s: the others are folded, CPU 3 is not, nor disturbed", name);
	scene_spin_end(&spinner);
	scene_expect(story, &reader.done, "stat_refresh");
	pcpmm_cpu_join(reader.thread);
	tell_counter(story, machine, &reader);
	story_claim(story,
		!reader.negative && scene_counter(machine, ITEM) == ALL,
		"%s: it returns when the spinner has ended, all counted", name);
	scene_end(story, machine, name);
}

static void returns(struct story *story)
{
	const struct scene scene = {.preset = PCPMM_PRESET_REMOTE_FOLD_V8_2023,
		.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.nohz_full = SPINNER};
	struct pcpmm_machine *machine = build(story, "remote", &scene);
	struct scene_spinner spinner = {.story = story,
		.machine = machine,
		.id = SPINNER,
		.fifo = FIFO,
		.before = map_pages};
	struct reader reader = {.done = false};
	bool done;

	scene_spin(&spinner);
	start_reader(story, machine, &reader);
	done = scene_wait(&reader.done, STORY_PATIENCE_MS);
	tell_counter(story, machine, &reader);
	story_claim(story,
		done && !reader.negative && scene_counter(machine, ITEM) == ALL,
		"remote: stat_refresh returns while CPU 3 spins, all counted");
	story_claim(story,
		!scene_interruptions(machine, SPINNER) &&
			!scene_folds(machine).works,
		"remote: CPU 3 never noticed, and no work was queued");
	scene_spin_end(&spinner);
	scene_expect(story, &reader.done, "stat_refresh");
	pcpmm_cpu_join(reader.thread);
	scene_end(story, machine, "remote");
}

int story_vmstat_refresh_hang_2023(struct story *story)
{
	hangs(story, "local", NULL);
	hangs(story, "local, 6.5", skip_isolated);
	returns(story);
	return story_verdict(story);
}
