/* SPDX-License-Identifier: MIT */
/*
 * pwlocks-2026: one write, then silence.
 *
 * History. A CPU gathers pages in a batch before it adds them to the LRU lists.
 * lru_add_drain_all() queues a work item on each CPU with pages and waits for all.
 * Leonardo Bras and Marcelo Tosatti (RFC of 22 June 2024, v4 of 18 May 2026:
 * "pwlocks") posted a scene: a SCHED_FIFO task on an isolated CPU writes 12 bytes
 * to a file, which leaves a page in its batch, and spins; blockdev --flushbufs on
 * another CPU waits for it. With pwlocks=1 each batch has a spin lock, which its
 * owner takes as well, and the drainer empties all batches itself. Frederic
 * Weisbecker (RFC of 25 June 2024, last posted 3 July 2025) has an isolated CPU
 * empty its own batch when its task returns to user mode, and drains leave it out.
 * Bras: that does not help a task that never enters the kernel again, and makes each
 * system call longer. Neither was merged up to 7.3.
 *
 * The series has a second user, slub: kmem_cache_shrink() empties the sheaves, which
 * are stocks of free objects, of all CPUs, and without pwlocks by work items.
 *
 * Scene. CPU 3 is nohz_full; its task, SCHED_FIFO 1, adds one page to its batch and
 * spins. CPU 0 calls lru_add_drain_all(). Then the same with objects: the task has
 * freed one, and spins; CPU 0 flushes the sheaves (pcpmm/slab.h).
 *
 * Asserted. work: the drain waits as long as the task spins; with a fair server for
 * the last 50 ms of a second, and the task is interrupted. pwlocks: the drain ends
 * while the task spins, which is not interrupted, and queues nothing. user_return:
 * the page was on its list before the drain began, which asks nobody; but if the
 * task has not returned to user mode, the drain ends and the page is still in the
 * batch. Sheaves: the same for work and for pwlocks.
 */
#include "table.h"

#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define SPINNER 3
#define LIST "nr_zone_inactive_file"
#define WINDOW_END_MS 2000 /* two windows of the fair server */

struct act {
	const char *name;
	enum pcpmm_lru_drain lru_drain;
	enum pcpmm_starvation starvation;
	bool returns; /* the write returns to user mode */
};

static const struct act work = {
	"work", PCPMM_LRU_DRAIN_WORK, PCPMM_STARVATION_NONE, true};
static const struct act fair = {"work, fair server", PCPMM_LRU_DRAIN_WORK,
	PCPMM_STARVATION_FAIR_SERVER, true};
static const struct act pwlocks = {
	"pwlocks", PCPMM_LRU_DRAIN_PWLOCKS, PCPMM_STARVATION_NONE, true};
static const struct act user_return = {"user_return",
	PCPMM_LRU_DRAIN_USER_RETURN, PCPMM_STARVATION_NONE, true};
static const struct act no_return = {
	"no return", PCPMM_LRU_DRAIN_USER_RETURN, PCPMM_STARVATION_NONE, false};

static const struct act sheaf_work = {
	"sheaf, work", PCPMM_LRU_DRAIN_WORK, PCPMM_STARVATION_NONE, true};
static const struct act sheaf_pwlocks = {
	"sheaf, pwlocks", PCPMM_LRU_DRAIN_PWLOCKS, PCPMM_STARVATION_NONE, true};

struct drain {
	struct pcpmm_cpu_thread *thread;
	int ret;
	atomic_bool done;
};

/* For the functions without argument. */
static const struct act *playing;
static struct pcpmm_page *written;

static void adjust(struct pcpmm_config *config)
{
	config->lru_batch = PCPMM_LRU_BATCH_31;
	config->lru_drain = playing->lru_drain;
	config->starvation = playing->starvation;
}

static uint64_t listed(struct pcpmm_machine *machine)
{
	uint64_t pages = 0;

	pcpmm_zone_stat_snapshot(machine, 0, NORMAL, LIST, &pages);
	return pages;
}

static struct pcpmm_lru_drain_stats stats_of(
	const struct pcpmm_machine *machine)
{
	struct pcpmm_lru_drain_stats stats;

	pcpmm_lru_drain_stats_read(machine, &stats);
	return stats;
}

static void write_12_bytes(struct story *story, struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);

	written = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	if (pcpmm_lru_add(cpu, written, PCPMM_LRU_INACTIVE_FILE))
		story_give_up(story, EXIT_FAILURE, "no page in the batch");
	if (playing->returns)
		pcpmm_cpu_user_return(cpu);
	story_say(story, SPINNER, "writes 12 bytes%s: one page, %s",
		playing->returns ? "" : " and does not return",
		listed(machine) ? "on its list" : "in its batch");
}

static void drain(struct pcpmm_cpu *cpu, void *arg)
{
	struct drain *drain = arg;

	drain->ret = pcpmm_lru_add_drain_all(cpu, false);
	atomic_store(&drain->done, true);
}

static struct scene_spinner begin(struct story *story, const struct act *act)
{
	const struct scene scene = {
		.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.nohz_full = SPINNER,
		.adjust = adjust,
	};

	playing = act;
	story_act(story, "%s", act->name);
	return (struct scene_spinner){.story = story,
		.machine = scene_build(story, &scene),
		.id = SPINNER,
		.fifo = 1,
		.before = write_12_bytes};
}

/* true: the page is on its list before the drain. */
static bool ask(struct scene_spinner *spinner, struct drain *all)
{
	bool before;

	scene_spin(spinner);
	before = listed(spinner->machine);
	story_say(spinner->story, 0, "lru_add_drain_all()");
	all->thread =
		scene_run(spinner->story, spinner->machine, 0, drain, all);
	return before;
}

static void say_end(struct scene_spinner *spinner, bool done)
{
	story_say(spinner->story, 0,
		"%s: %d page on its list, %d interruptions of CPU 3",
		done ? "is done" : "still waits", (int)listed(spinner->machine),
		(int)scene_interruptions(spinner->machine, SPINNER));
}

/* The page is taken off its list, wherever it is, and is not lost. */
static void end(struct scene_spinner *spinner, struct drain *all)
{
	struct story *story = spinner->story;
	struct pcpmm_cpu *cpu;

	scene_spin_end(spinner);
	scene_expect(story, &all->done, "the drain");
	pcpmm_cpu_join(all->thread);
	cpu = scene_enter(story, spinner->machine, SPINNER);
	pcpmm_lru_add_drain(cpu);
	story_claim(story,
		!all->ret && !pcpmm_lru_del(cpu, written) &&
			!pcpmm_free_pages(cpu, written, 0),
		"%s: the page comes back", playing->name);
	scene_leave(story, cpu);
	scene_end(story, spinner->machine, playing->name);
}

/* --- acts ----------------------------------------------------------------------- */

static void starved(struct story *story)
{
	struct scene_spinner spinner = begin(story, &work);
	struct drain all = {.ret = 0};
	bool done;

	ask(&spinner, &all);
	while (!stats_of(spinner.machine).works)
		scene_pause();
	done = scene_wait(&all.done, STORY_STARVED_MS);
	say_end(&spinner, done);
	story_claim(story,
		!done && !listed(spinner.machine) &&
			stats_of(spinner.machine).works == 1,
		"work: the drain is starved while CPU 3 spins");
	story_claim(story, !scene_interruptions(spinner.machine, SPINNER),
		"work: CPU 3 was not disturbed, and keeps its page");
	end(&spinner, &all);
}

static bool worker_waits(const struct scene_spinner *spinner)
{
	struct pcpmm_cpu_state state;

	pcpmm_cpu_state_read(pcpmm_cpu_get(spinner->machine, SPINNER), &state);
	return state.waiting;
}

/* The worker waits behind the spinner; then the time of the machine goes by. */
static void in_a_window(struct story *story)
{
	struct scene_spinner spinner = begin(story, &fair);
	struct drain all = {.ret = 0};
	uint64_t start;
	bool done = false;

	ask(&spinner, &all);
	while (!worker_waits(&spinner))
		scene_pause();
	start = pcpmm_jiffies(spinner.machine);
	for (unsigned int ms = 0; !done && ms < WINDOW_END_MS;
		ms += 1000 / PCPMM_HZ) {
		pcpmm_tick_advance(spinner.machine, 1);
		/* A worker that has got the CPU needs some time of the host. */
		while (!listed(spinner.machine) && !worker_waits(&spinner))
			scene_pause();
		done = listed(spinner.machine);
	}
	start = (pcpmm_jiffies(spinner.machine) - start) * 1000 / PCPMM_HZ;
	scene_expect(story, &all.done, "the drain");
	scene_wait_interruptions(
		spinner.machine, SPINNER, 1, STORY_PATIENCE_MS);
	say_end(&spinner, done);
	story_say(story, 0, "after %d ms of the machine's time", (int)start);
	story_claim(story, done && start > 900,
		"fair server: the drain ends in the window at the end of a "
		"second");
	story_claim(story, scene_interruptions(spinner.machine, SPINNER) > 0,
		"fair server: CPU 3 is interrupted for it");
	end(&spinner, &all);
}

/* The drain ends while CPU 3 spins undisturbed: which parts did what? */
static void at_once(struct story *story, const struct act *act, uint64_t remote,
	uint64_t skipped, bool on_list)
{
	struct scene_spinner spinner = begin(story, act);
	struct drain all = {.ret = 0};
	struct pcpmm_lru_drain_stats stats;
	bool done, before;

	before = ask(&spinner, &all);
	done = scene_wait(&all.done, STORY_PATIENCE_MS);
	stats = stats_of(spinner.machine);
	say_end(&spinner, done);
	story_claim(story, done && !stats.works,
		"%s: the drain ends while CPU 3 spins, without a work item",
		act->name);
	story_claim(story, !scene_interruptions(spinner.machine, SPINNER),
		"%s: CPU 3 never noticed", act->name);
	story_claim(story,
		listed(spinner.machine) == on_list &&
			before == (on_list && !remote) &&
			stats.remote == remote && stats.skipped == skipped,
		remote	  ? "%s: CPU 0 has emptied the batch of CPU 3"
		: on_list ? "%s: there was nothing left to drain"
			  : "%s: CPU 3 was left out, and keeps its page",
		act->name);
	end(&spinner, &all);
}

/* --- sheaves -------------------------------------------------------------------- */

#define OBJECT 64 /* bytes */
#define SHEAF 32 /* objects */

static struct pcpmm_slab_cache *objects;

/* A kernel object that the write needed. */
static void use_an_object(struct story *story, struct pcpmm_cpu *cpu)
{
	uint64_t object = pcpmm_slab_alloc(cpu, objects, PCPMM_GFP_KERNEL);

	if (!object || pcpmm_slab_free(cpu, objects, object))
		story_give_up(story, EXIT_FAILURE, "no object");
	story_say(story, SPINNER, "uses and frees an object: in its sheaf");
}

static void flush(struct pcpmm_cpu *cpu, void *arg)
{
	struct drain *drain = arg;

	drain->ret = pcpmm_slab_flush(cpu, objects);
	atomic_store(&drain->done, true);
}

static struct pcpmm_slab_stats sheaves(void)
{
	struct pcpmm_slab_stats stats;

	pcpmm_slab_stats_read(objects, &stats);
	return stats;
}

static void end_flush(struct scene_spinner *spinner, struct drain *all)
{
	struct story *story = spinner->story;
	struct pcpmm_cpu *cpu;

	scene_spin_end(spinner);
	scene_expect(story, &all->done, "the flush");
	pcpmm_cpu_join(all->thread);
	story_claim(story, !all->ret && !sheaves().sheaved,
		"%s: then all objects are in their slab", playing->name);
	cpu = scene_enter(story, spinner->machine, 0);
	if (pcpmm_slab_destroy(cpu, objects))
		story_give_up(story, EXIT_FAILURE, "an object is missing");
	scene_leave(story, cpu);
	scene_end(story, spinner->machine, playing->name);
}

static void flush_sheaves(struct story *story, const struct act *act)
{
	bool key = act->lru_drain == PCPMM_LRU_DRAIN_PWLOCKS;
	struct scene_spinner spinner = begin(story, act);
	struct drain all = {.ret = 0};
	bool done;

	objects = pcpmm_slab_create(spinner.machine, OBJECT, SHEAF);
	if (!objects)
		story_give_up(story, EXIT_FAILURE, "no cache");
	spinner.before = use_an_object;
	scene_spin(&spinner);
	story_say(story, 0, "flushes the sheaves of all CPUs");
	all.thread = scene_run(story, spinner.machine, 0, flush, &all);
	done = scene_wait(
		&all.done, key ? STORY_PATIENCE_MS : STORY_STARVED_MS);
	story_say(story, 0, "%s: %d objects in CPU 3's sheaf",
		done ? "is done" : "still waits", (int)sheaves().sheaved);
	story_claim(story, done == key && !sheaves().sheaved == key,
		key ? "%s: the flush ends while CPU 3 spins"
		    : "%s: the flush is starved while CPU 3 spins",
		act->name);
	story_claim(story,
		sheaves().works == !key && sheaves().remote == key &&
			!scene_interruptions(spinner.machine, SPINNER),
		key ? "%s: by CPU 0 itself, and CPU 3 never noticed"
		    : "%s: by a work item that waits on CPU 3",
		act->name);
	end_flush(&spinner, &all);
}

int story_pwlocks_2026(struct story *story)
{
	starved(story);
	in_a_window(story);
	at_once(story, &pwlocks, 1, 0, true);
	at_once(story, &user_return, 0, 0, true);
	at_once(story, &no_return, 0, 1, false);
	flush_sheaves(story, &sheaf_work);
	flush_sheaves(story, &sheaf_pwlocks);
	return story_verdict(story);
}
