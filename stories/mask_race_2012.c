/* SPDX-License-Identifier: MIT */
/*
 * mask-race-2012: two drains, one static mask, and six ways to part them.
 *
 * History. Gilad Ben-Yossef, linux-mm, January 2012: IPIs only to CPUs with pages,
 * by one static mask, since reclaim can not allocate one. Milton Miller, in review:
 * clear all bits first and then only set them, and so take a lock; "what would
 * happen without any lock?" An earlier caller would miss CPUs, and would retry
 * before all the pages were drained. He weighed a normal spin lock (interrupts on:
 * a waiter must answer IPIs), a loop of trylock and cond_resched(), and a mutex (it
 * may schedule every task that wants the mask in the middle of the slow path); and
 * CPUs that take themselves out of the mask, or a word a CPU, which he thought hide
 * the lock. Merged without a lock (3.4); a mutex came in 2017.
 *
 * Scene. Memory is short; CPU 2 has freed 32 pages, which are on its list. CPUs 0 and 1
 * fail to allocate, and drain. CPU 0 has made its mask when CPU 1 begins; CPU 1 has
 * cleared the mask, if it comes so far, when CPU 0 goes on. After its drain CPU 0
 * tries again.
 *
 * Asserted. none: CPU 0 visits no CPU, and its retry fails while CPU 2 has pages;
 * after CPU 1's drain it succeeds. spin, trylock: CPU 1 waits, CPU 0's retry
 * succeeds. mutex: of five drainers four go to sleep in the slow path, with the spin
 * lock none. raw_spin (refused without allow_unsound): CPU 1 has a page and waits with
 * interrupts off, so CPU 0 waits for its answer and CPU 1 for the lock, until a bound
 * of the library, which a kernel does not have. own_bit: CPU 1 drains meanwhile, and
 * CPU 2 has taken itself out of the mask. summary: CPU 0's mask is its own, and asks
 * CPU 2 in vain.
 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define PAGES 16384
#define FIRST 0
#define SECOND 1
#define HOLDER 2
#define LISTED 32 /* pages that the holder frees */
#define CROWD 5 /* drainers of the scheduling storm */

struct race {
	struct story *story;
	struct pcpmm_machine *machine;
	const char *name; /* of the value of ipi_mask_lock */
	unsigned int holder; /* the CPU with pages */
	struct scene_hoard hoard;
	struct pcpmm_page *page; /* what CPU 0's retry got */
	unsigned int visited; /* CPUs, when CPU 0's drain had returned */
	int left; /* pages on CPU 2's list by then */
	atomic_bool marked, go, cleared, finished, second_done;
};

/* --- where the two meet ------------------------------------------------- */

static void meet(struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg)
{
	struct race *race = arg;

	if (pcpmm_cpu_id(cpu) == FIRST && point == PCPMM_DRAIN_MARKED) {
		story_say(race->story, FIRST, "has its mask");
		atomic_store(&race->marked, true);
		scene_expect(race->story, &race->go, "the first may go on");
	}
	if (pcpmm_cpu_id(cpu) == SECOND && point == PCPMM_DRAIN_CLEARED) {
		if (!atomic_load(&race->go))
			story_say(race->story, SECOND, "has cleared the mask");
		atomic_store(&race->cleared, true);
		scene_expect(race->story, &race->finished, "the first drains");
	}
}

static void first(struct pcpmm_cpu *cpu, void *arg)
{
	struct race *race = arg;

	pcpmm_drain_all_pages(cpu, 0, ALL, false);
	race->visited = (unsigned int)scene_stats(race->machine).cpus_visited;
	race->left = scene_listed(race->machine, race->holder, NORMAL);
	race->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	story_say(race->story, FIRST,
		"its drain is over, %d pages are on CPU %u's list: the retry "
		"%s",
		race->left, race->holder, race->page ? "gets a page" : "fails");
	atomic_store(&race->finished, true);
}

static void second(struct pcpmm_cpu *cpu, void *arg)
{
	struct race *race = arg;

	scene_expect(race->story, &race->marked, "the first's mask");
	pcpmm_drain_all_pages(cpu, 0, ALL, false);
	atomic_store(&race->second_done, true);
}

/* --- the scene ---------------------------------------------------------- */

static enum pcpmm_ipi_mask_lock
	chosen; /* for adjust(), which has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->ipi_mask_lock = chosen;
}

static struct scene scene_of(enum pcpmm_ipi_mask_lock how)
{
	chosen = how;
	return (struct scene){
		.cpus = 1 + CROWD,
		.pages = {[NORMAL] = PAGES},
		.drain = PCPMM_DRAIN_IPI_MASK_LOCKED,
		.adjust = adjust,
		.allow_unsound = how == PCPMM_IPI_MASK_LOCK_RAW_SPIN,
	};
}

/* Memory is short, and some pages are on the list of CPU @holder. */
static void open_scene(struct race *race, struct story *story,
	enum pcpmm_ipi_mask_lock how, unsigned int holder)
{
	const struct scene scene = scene_of(how);
	struct pcpmm_cpu *cpu;

	*race = (struct race){.story = story,
		.name = pcpmm_ipi_mask_lock_name(how),
		.holder = holder};
	story_act(story, "%s", race->name);
	race->machine = scene_build(story, &scene);
	cpu = scene_enter(story, race->machine, 3);
	scene_hoard(story, cpu, &race->hoard);
	scene_leave(story, cpu);
	cpu = scene_enter(story, race->machine, holder);
	scene_unhoard(cpu, &race->hoard, LISTED);
	scene_leave(story, cpu);
	story_say(story, (int)holder, "has %d pages, and no other can be had",
		scene_listed(race->machine, holder, NORMAL));
	pcpmm_drain_window_set(race->machine, meet, race);
}

static void close_scene(struct race *race)
{
	struct pcpmm_cpu *cpu = scene_enter(race->story, race->machine, 3);

	if (race->page)
		pcpmm_free_pages(cpu, race->page, 0);
	scene_hoard_end(cpu, &race->hoard);
	scene_leave(race->story, cpu);
	scene_end(race->story, race->machine, race->name);
}

static bool retry(struct race *race)
{
	struct pcpmm_cpu *cpu = scene_enter(race->story, race->machine, FIRST);
	bool got;

	if (!race->page)
		race->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	got = race->page != NULL;
	scene_leave(race->story, cpu);
	story_say(race->story, FIRST, "tries once more: %s",
		got ? "gets a page" : "fails");
	return got;
}

/* Wait for @nr drains that found the lock taken. */
static void wait_for_waits(struct race *race, uint64_t nr)
{
	atomic_bool never = false;

	for (unsigned int ms = 0; ms < STORY_PATIENCE_MS; ms++) {
		if (scene_stats(race->machine).mask_waits >= nr)
			return;
		scene_wait(&never, 1);
	}
	story_give_up(race->story, EXIT_FAILURE, "no drain waits for the lock");
}

/* --- the acts ----------------------------------------------------------- */

static void without_lock(struct story *story)
{
	struct pcpmm_cpu_thread *threads[2];
	struct race race;
	bool missed;

	open_scene(&race, story, PCPMM_IPI_MASK_LOCK_NONE, HOLDER);
	threads[0] = scene_run(story, race.machine, FIRST, first, &race);
	threads[1] = scene_run(story, race.machine, SECOND, second, &race);
	scene_expect(story, &race.cleared, "the second clears");
	atomic_store(&race.go, true);
	pcpmm_cpu_join(threads[0]);
	missed = !race.visited && race.left > 0 && !race.page;
	pcpmm_cpu_join(threads[1]);
	story_claim(story, missed,
		"none: the first drain misses CPU %d, and the retry fails",
		HOLDER);
	story_claim(story, retry(&race),
		"none: once the second has drained, there is a page");
	close_scene(&race);
}

static void with_lock(struct story *story, enum pcpmm_ipi_mask_lock how)
{
	struct pcpmm_cpu_thread *threads[2];
	struct pcpmm_drain_stats stats;
	struct race race;

	open_scene(&race, story, how, HOLDER);
	threads[0] = scene_run(story, race.machine, FIRST, first, &race);
	threads[1] = scene_run(story, race.machine, SECOND, second, &race);
	wait_for_waits(&race, 1);
	story_say(story, SECOND, "drains, too, and waits for the mask");
	atomic_store(&race.go, true);
	for (int i = 0; i < 2; i++)
		pcpmm_cpu_join(threads[i]);
	stats = scene_stats(race.machine);
	story_claim(story,
		!race.left && race.page && stats.mask_waits == 1 &&
			!stats.mask_sleeps,
		"%s: the second waits, awake; the first's retry gets a page",
		race.name);
	close_scene(&race);
}

/* Four drainers find the fifth with the mask. */
static void storm(struct story *story, enum pcpmm_ipi_mask_lock how)
{
	bool sleeps = how == PCPMM_IPI_MASK_LOCK_MUTEX;
	struct pcpmm_cpu_thread *threads[CROWD];
	struct pcpmm_drain_stats stats;
	struct race race;

	open_scene(&race, story, how, CROWD);
	atomic_store(
		&race.finished, true); /* no one stops when it has cleared */
	for (unsigned int id = 0; id < CROWD; id++)
		threads[id] = scene_run(story, race.machine, id,
			id == FIRST ? first : second, &race);
	wait_for_waits(&race, CROWD - 1);
	atomic_store(&race.go, true);
	for (unsigned int id = 0; id < CROWD; id++)
		pcpmm_cpu_join(threads[id]);
	stats = scene_stats(race.machine);
	story_say(story, STORY_NOBODY,
		"%u more drains waited, %u of them slept: %u switches in the "
		"slow path",
		(unsigned int)stats.mask_waits, (unsigned int)stats.mask_sleeps,
		2 * (unsigned int)stats.mask_sleeps);
	story_claim(story,
		stats.mask_waits >= CROWD - 1 &&
			(sleeps ? stats.mask_sleeps == stats.mask_waits
				: !stats.mask_sleeps),
		sleeps ? "%s: each drain that waits goes to sleep"
		       : "%s: of as many drains none goes to sleep",
		race.name);
	close_scene(&race);
}

static void interrupts_off(struct story *story)
{
	const struct scene scene = scene_of(PCPMM_IPI_MASK_LOCK_SPIN);
	struct pcpmm_error error = {""};
	struct pcpmm_cpu_thread *threads[2];
	struct pcpmm_drain_stats stats;
	struct race race;

	open_scene(&race, story, PCPMM_IPI_MASK_LOCK_RAW_SPIN, SECOND);
	chosen = PCPMM_IPI_MASK_LOCK_RAW_SPIN;
	story_claim(story, !scene_try(&scene, &error) && errno == EINVAL,
		"raw_spin: refused without allow_unsound");
	story_say(story, STORY_NOBODY, "refused: %s", error.text);
	atomic_store(&race.finished, true);
	threads[0] = scene_run(story, race.machine, FIRST, first, &race);
	threads[1] = scene_run(story, race.machine, SECOND, second, &race);
	wait_for_waits(&race, 1);
	story_say(story, SECOND, "drains, too, and waits with interrupts off");
	atomic_store(&race.go, true);
	for (int i = 0; i < 2; i++)
		pcpmm_cpu_join(threads[i]);
	stats = scene_stats(race.machine);
	story_say(story, SECOND, "%u lockup: lets interrupts in after 100 ms",
		(unsigned int)stats.lockups);
	story_claim(story, stats.lockups == 1,
		"raw_spin: the holder waits for a CPU that waits for the lock");
	close_scene(&race);
}

/* The second takes the pages away while the first has its mask. */
static void without_shared_bits(
	struct story *story, enum pcpmm_ipi_mask_lock how, unsigned int visits)
{
	struct pcpmm_cpu_thread *threads[2];
	struct race race;

	open_scene(&race, story, how, HOLDER);
	threads[0] = scene_run(story, race.machine, FIRST, first, &race);
	threads[1] = scene_run(story, race.machine, SECOND, second, &race);
	scene_expect(story, &race.second_done, "the second drains");
	story_say(
		story, SECOND, "drains, too; CPU %d has no pages now", HOLDER);
	atomic_store(&race.go, true);
	for (int i = 0; i < 2; i++)
		pcpmm_cpu_join(threads[i]);
	story_claim(story, race.visited == visits && !race.left && race.page,
		visits == 1 ? "%s: CPU %d has taken itself out; the first asks "
			      "no CPU, and gets a page"
			    : "%s: the first asks CPU %d in vain, and gets a "
			      "page",
		race.name, HOLDER);
	close_scene(&race);
}

int story_mask_race_2012(struct story *story)
{
	without_lock(story);
	with_lock(story, PCPMM_IPI_MASK_LOCK_SPIN);
	with_lock(story, PCPMM_IPI_MASK_LOCK_TRYLOCK);
	storm(story, PCPMM_IPI_MASK_LOCK_MUTEX);
	storm(story, PCPMM_IPI_MASK_LOCK_SPIN);
	interrupts_off(story);
	without_shared_bits(story, PCPMM_IPI_MASK_LOCK_OWN_BIT, 1);
	without_shared_bits(story, PCPMM_IPI_MASK_LOCK_SUMMARY, 2);
	return story_verdict(story);
}
