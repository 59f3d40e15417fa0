/* SPDX-License-Identifier: MIT */
/*
 * lost-update-v1-2023: five and one are eleven.
 *
 * History. Marcelo Tosatti, linux-mm, 1 February 2023, version 1 of the remote
 * fold: a CPU updates its count by this_cpu_cmpxchg(), and the shepherd takes
 * it by xchg. Christoph Lameter: not atomic. this_cpu_cmpxchg() of x86 has no
 * LOCK prefix, on purpose: it only has to be safe against interrupts of its own
 * CPU. On the bus it is a load and a store, and another CPU may write in
 * between. From version 2 on it has the prefix, which he did not like either:
 * these operations exist to avoid it.
 *
 * Scene. CPU 0 has mapped five pages and maps one more. CPU 1 folds CPU 0
 * remotely. For version 1 the update is stopped between its load and its store
 * (pcpmm_vmstat_window_set()), which on the host are only some cycles apart.
 *
 * Asserted. Version 1 is refused without allow_unsound. With it: CPU 0 loads 5,
 * CPU 1 takes 5 and adds it to the node, CPU 0 stores 6: eleven. lock_cmpxchg,
 * 8 and 32 bit wide: the update can not be stopped there; the fold comes before
 * or after it, and the sum is six; many updates during endless folds are all
 * counted.
 */
#include "table.h"

#include <errno.h>
#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ITEM "nr_mapped"
#define BEFORE 5
#define TRUTH (BEFORE + 1)
#define MANY 100000

static void version_1(struct pcpmm_config *config)
{
	config->account = PCPMM_ACCOUNT_LOCAL_CMPXCHG;
	config->fold = PCPMM_FOLD_REMOTE;
	config->fold_expire = PCPMM_EXPIRE_NO;
}

static void version_2(struct pcpmm_config *config)
{
	config->diff = PCPMM_DIFF_S8;
}

static uint64_t counter(struct pcpmm_machine *machine)
{
	return scene_counter(machine, ITEM);
}

static uint64_t snapshot(struct pcpmm_machine *machine)
{
	uint64_t value = 0;

	pcpmm_zone_stat_snapshot(machine, 0, -1, ITEM, &value);
	return value;
}

static void fold(struct story *story, struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(on);
	uint64_t before = counter(machine);
	int ret = pcpmm_vmstat_fold_remote(on, 0);

	if (ret < 0)
		story_give_up(
			story, 1, "CPU 0 is not folded: %s", strerror(-ret));
	story_say(story, 1, "xchg: takes %d from CPU 0, the node has %d",
		(int)(counter(machine) - before), (int)counter(machine));
}

/* --- version 1 ---------------------------------------------------------- */

struct window {
	struct story *story;
	atomic_bool open, folded;
};

/* Called between the load and the store of CPU 0. */
static void in_window(struct pcpmm_cpu *cpu, void *arg)
{
	struct window *window = arg;

	(void)cpu;
	story_say(window->story, 0,
		"has loaded %d, compared, and will store %d", BEFORE, TRUTH);
	atomic_store(&window->open, true);
	scene_expect(window->story, &window->folded, "the fold");
}

static void map_one(struct pcpmm_cpu *cpu, void *arg)
{
	struct window *window = arg;

	scene_change(window->story, cpu, 0, ITEM, 1);
	story_say(window->story, 0, "has stored %d", TRUTH);
}

static void refused(struct story *story, const struct scene *scene)
{
	struct pcpmm_error error = {""};
	struct scene sound = *scene;
	struct pcpmm_machine *machine;

	sound.allow_unsound = false;
	machine = scene_try(&sound, &error);
	story_say(story, STORY_NOBODY, "%.240s", error.text);
	story_claim(story, !machine && strstr(error.text, "overwrites"),
		"version 1: refused without allow_unsound, with the reason");
	pcpmm_machine_destroy(machine);
}

static void unlocked(struct story *story)
{
	const struct scene scene = {.cpus = 2,
		.pages = {[NORMAL] = 65536},
		.allow_unsound = true,
		.adjust = version_1};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct window window = {.story = story};
	struct pcpmm_cpu_thread *owner;
	struct pcpmm_cpu *folder;

	story_act(story, "version 1: local_cmpxchg, not locked");
	refused(story, &scene);
	scene_change_cpu(story, machine, 0, ITEM, BEFORE);
	story_say(story, 0, "has mapped %d pages, and maps one more", BEFORE);
	if (pcpmm_vmstat_window_set(machine, in_window, &window))
		story_give_up(story, 1, "no window");
	folder = scene_enter(story, machine, 1);
	owner = scene_run(story, machine, 0, map_one, &window);
	scene_expect(story, &window.open, "the update");
	fold(story, folder);
	atomic_store(&window.folded, true);
	pcpmm_cpu_join(owner);
	story_claim(story,
		counter(machine) == BEFORE && snapshot(machine) == 11,
		"version 1: 5 in the node and 6 on the CPU: 11 pages for %d",
		TRUTH);
	fold(story, folder);
	story_claim(story, counter(machine) == 11,
		"version 1: folding again makes it %d for good, not %d",
		(int)counter(machine), TRUTH);
	scene_leave(story, folder);
	pcpmm_vmstat_window_set(machine, NULL, NULL);
	scene_end(story, machine, "version 1");
}

/* --- version 2 and later ------------------------------------------------ */

static void map_many(struct pcpmm_cpu *cpu, void *arg)
{
	atomic_bool *done = arg;

	for (int i = 0; i < MANY; i++)
		pcpmm_stat_mod(cpu, 0, -1, ITEM, 1);
	atomic_store(done, true);
}

/* A real race, as fast as the host's CPUs can. */
static void many(
	struct story *story, struct pcpmm_cpu *folder, const char *name)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(folder);
	uint64_t before = snapshot(machine);
	struct pcpmm_cpu_thread *owner;
	unsigned int folds = 0;
	atomic_bool done = false;

	owner = scene_run(story, machine, 0, map_many, &done);
	while (!atomic_load(&done)) {
		pcpmm_vmstat_fold_remote(folder, 0);
		folds++;
	}
	pcpmm_cpu_join(owner);
	pcpmm_vmstat_fold_remote(folder, 0);
	story_say(story, STORY_NOBODY,
		"%d more by CPU 0 during %u folds by CPU 1: %d counted", MANY,
		folds, (int)(counter(machine) - before));
	story_claim(story, counter(machine) - before == MANY,
		"%s: %d updates under a fold that never rests: none lost", name,
		MANY);
}

/* @first: the fold comes before the update. */
static void in_order(struct story *story, struct pcpmm_cpu *folder, bool first,
	const char *name)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(folder);
	uint64_t before = counter(machine);

	scene_change_cpu(story, machine, 0, ITEM, BEFORE);
	story_say(story, 0, "has mapped %d pages more", BEFORE);
	if (first)
		fold(story, folder);
	scene_change_cpu(story, machine, 0, ITEM, 1);
	story_say(story, 0, "maps one more: LOCK cmpxchg, in one");
	story_claim(story, snapshot(machine) - before == TRUTH,
		"%s: fold %s the update: %d pages for %d", name,
		first ? "before" : "after", (int)(snapshot(machine) - before),
		TRUTH);
	fold(story, folder);
}

static void locked(struct story *story, const char *name,
	void (*adjust)(struct pcpmm_config *config))
{
	const struct scene scene = {.preset = PCPMM_PRESET_REMOTE_FOLD_V8_2023,
		.cpus = 2,
		.pages = {[NORMAL] = 65536},
		.allow_unsound = true, /* to ask for the window */
		.adjust = adjust};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct window window = {.story = story};
	struct pcpmm_cpu *folder;

	story_act(story, "%s: lock_cmpxchg", name);
	story_claim(story,
		pcpmm_vmstat_window_set(machine, in_window, &window) == -EINVAL,
		"%s: no moment between load and store", name);
	folder = scene_enter(story, machine, 1);
	in_order(story, folder, true, name);
	in_order(story, folder, false, name);
	many(story, folder, name);
	scene_leave(story, folder);
	scene_end(story, machine, name);
}

int story_lost_update_v1_2023(struct story *story)
{
	unlocked(story);
	locked(story, "version 2, 8 bit", version_2);
	locked(story, "version 8, 32 bit", NULL);
	return story_verdict(story);
}
