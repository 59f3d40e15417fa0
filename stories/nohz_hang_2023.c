/* SPDX-License-Identifier: MIT */
/*
 * nohz-hang-2023: a task waits for a kswapd that sees nothing to do.
 *
 * History. Aaron Tomlin and Marcelo Tosatti, 2022 and 2023: a machine of 52
 * CPUs, 48 of them nohz_full. Their ticks are stopped, so their diffs stay
 * unfolded: the shepherd's work items do not run, and quiet_vmstat does nothing
 * where no work item is pending. A node's free counter said 0, while the diffs
 * of those CPUs held 69 pages; marks 8, 20 and 32. A task in direct reclaim is
 * throttled, as 0 is less than half of min. It waits for kswapd, which adds the
 * diffs, finds 69 > 32, and sleeps. The two read one counter differently, and
 * the task waits until it is killed.
 * Answers: each CPU folds itself when its tick is stopped (Tomlin); the
 * shepherd folds remotely (Tosatti's series); or the throttle adds the diffs as
 * kswapd does, which Michal Hocko asked for and 6.5 has.
 *
 * Scene. A node with those marks. CPU 0 takes all pages and puts some on the
 * LRU; then each of the 48 CPUs frees one or two, 69 in all. CPU 1 asks for
 * one. The shepherd is not played: its work items would not run before that.
 *
 * Asserted. The numbers above. 6.1: the task is throttled; kswapd looks,
 * reclaims nothing and sleeps, although a page is free; each wakes the other
 * until the task is killed. With each of the answers: the task has its page,
 * and no task is throttled.
 */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define CPUS 52
#define FIRST_ISOLATED 4
#define ISOLATED (CPUS - FIRST_ISOLATED)
#define UNFOLDED 69
#define PAGES 12000 /* with min_free_kbytes 32: marks 8, 20, 32 */
#define ON_LRU 640
#define NAP_MS 5

enum answer { NONE, OWN_TICK, FROM_AFAR, SNAPSHOT };

struct hang {
	struct story *story;
	const char *name;
	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	struct pcpmm_page *page; /* what the task got */
	atomic_bool done;
};

static struct pcpmm_zone_truth truth_of(const struct hang *hang)
{
	return scene_truth(hang->machine, 0, NORMAL);
}

static struct pcpmm_reclaim_stats stats_of(const struct hang *hang)
{
	struct pcpmm_reclaim_stats stats;

	pcpmm_reclaim_stats_read(hang->machine, &stats);
	return stats;
}

static struct pcpmm_kswapd_state kswapd_of(const struct hang *hang)
{
	struct pcpmm_kswapd_state state = {0};

	pcpmm_kswapd_read(hang->machine, 0, &state);
	return state;
}

/* --- the scene ----------------------------------------------------------- */

static void from_afar(struct pcpmm_config *config)
{
	config->account = PCPMM_ACCOUNT_LOCK_CMPXCHG;
	config->diff = PCPMM_DIFF_S32;
	config->fold = PCPMM_FOLD_REMOTE;
}

static void by_snapshot(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_THROTTLE_SNAPSHOT;
}

/* Take all pages, then disable the lists, so that a free reaches the buddy. */
static void take_all(struct hang *hang)
{
	struct pcpmm_cpu *cpu = scene_enter(hang->story, hang->machine, 0);
	struct scene_hoard *hoard = &hang->hoard;

	while (scene_hoard_take(hang->story, cpu, hoard,
		PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC, 0))
		;
	for (unsigned int i = 0; i < ON_LRU; i++)
		pcpmm_lru_add(
			cpu, hoard->blocks[i].page, PCPMM_LRU_INACTIVE_FILE);
	pcpmm_pcp_disable(cpu, 0, NORMAL);
	pcpmm_vmstat_fold(cpu, 0);
	scene_leave(hang->story, cpu);
}

/* Each CPU frees one or two pages, which stay in its diff. */
static void give_back(struct hang *hang)
{
	for (unsigned int i = 0; i < ISOLATED; i++) {
		struct pcpmm_cpu *cpu = scene_enter(
			hang->story, hang->machine, FIRST_ISOLATED + i);

		pcpmm_cpu_set_nohz_full(cpu, true);
		scene_unhoard(
			cpu, &hang->hoard, i < UNFOLDED - ISOLATED ? 2 : 1);
		scene_leave(hang->story, cpu);
	}
}

static void set_up(struct hang *hang, void (*adjust)(struct pcpmm_config *))
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 32,
		.adjust = adjust};
	struct pcpmm_zone_truth truth;

	story_act(hang->story, "%s", hang->name);
	hang->machine = scene_build(hang->story, &scene);
	take_all(hang);
	give_back(hang);
	if (pcpmm_kswapd_start(hang->machine, NAP_MS))
		story_give_up(hang->story, EXIT_FAILURE, "no kswapd");
	truth = truth_of(hang);
	story_say(hang->story, STORY_NOBODY,
		"%d of %d CPUs nohz_full; marks %d, %d, %d; NR_FREE_PAGES "
		"%" PRId64 ", with their diffs %" PRId64,
		ISOLATED, CPUS, (int)truth.min, (int)truth.low, (int)truth.high,
		truth.nr_free_pages, truth.snapshot);
	story_claim(hang->story,
		truth.min == 8 && truth.low == 20 && truth.high == 32 &&
			!truth.nr_free_pages && truth.snapshot == UNFOLDED &&
			truth.free == UNFOLDED,
		"%s: marks 8, 20, 32; the counter says 0, the buddy has %d",
		hang->name, UNFOLDED);
}

static void clean_up(struct hang *hang)
{
	struct pcpmm_cpu *cpu = scene_enter(hang->story, hang->machine, 0);
	struct scene_hoard *hoard = &hang->hoard;

	pcpmm_kswapd_stop(hang->machine);
	if (hang->page)
		pcpmm_free_pages(cpu, hang->page, 0);
	/* The first ON_LRU are on the LRU, some of them reclaimed by now. */
	scene_unhoard(cpu, hoard, hoard->nr - ON_LRU);
	for (unsigned int i = 0; i < hoard->nr; i++)
		if (!pcpmm_lru_del(cpu, hoard->blocks[i].page))
			pcpmm_free_pages(cpu, hoard->blocks[i].page, 0);
	free(hoard->blocks);
	pcpmm_pcp_enable(cpu, 0, NORMAL);
	scene_leave(hang->story, cpu);
	scene_end(hang->story, hang->machine, hang->name);
}

/* --- the task -------------------------------------------------------------- */

static void task(struct pcpmm_cpu *cpu, void *arg)
{
	struct hang *hang = arg;

	story_say(hang->story, 1, "asks for a page, GFP_KERNEL");
	hang->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	story_say(hang->story, 1, hang->page ? "has its page" : "has none");
	atomic_store(&hang->done, true);
}

static void hangs(struct hang *hang)
{
	struct pcpmm_cpu_thread *thread =
		scene_run(hang->story, hang->machine, 1, task, hang);
	bool done = scene_wait(&hang->done, STORY_STARVED_MS);
	struct pcpmm_kswapd_state kswapd = kswapd_of(hang);
	struct pcpmm_reclaim_stats stats = stats_of(hang);
	struct story *story = hang->story;

	story_say(story, 1, done ? "is done" : "still waits: throttled");
	story_say(story, STORY_NOBODY,
		"kswapd: woken, and back to sleep, %d times; %d pages "
		"reclaimed",
		(int)kswapd.rounds, (int)kswapd.reclaimed);
	story_claim(story, !done && stats.throttled_now == 1,
		"%s: the task is throttled", hang->name);
	story_claim(story,
		kswapd.rounds && !kswapd.reclaimed && !kswapd.failures,
		"%s: kswapd has looked, and found nothing to do", hang->name);
	story_claim(story,
		!pcpmm_zone_watermark_ok(
			hang->machine, 0, NORMAL, 0, PCPMM_MARK_MIN) &&
			pcpmm_zone_watermark_ok_safe(
				hang->machine, 0, NORMAL, 0, PCPMM_MARK_HIGH),
		"%s: the one reader is below min, the other above high",
		hang->name);
	story_say(story, 1, "is killed");
	pcpmm_cpu_kill(pcpmm_cpu_get(hang->machine, 1));
	scene_expect(story, &hang->done, "the end of the task");
	pcpmm_cpu_join(thread);
	story_claim(story, !hang->page && !stats_of(hang).direct,
		"%s: it dies, and never came to reclaim", hang->name);
}

static void ends(struct hang *hang)
{
	struct pcpmm_cpu_thread *thread =
		scene_run(hang->story, hang->machine, 1, task, hang);
	struct pcpmm_reclaim_stats stats;

	scene_expect(hang->story, &hang->done, "the task's page");
	pcpmm_cpu_join(thread);
	stats = stats_of(hang);
	story_say(hang->story, STORY_NOBODY,
		"throttled %d times, %d passes of direct reclaim",
		(int)stats.throttled, (int)stats.direct);
	story_claim(hang->story, hang->page && !stats.throttled,
		"%s: it has its page, nobody is throttled", hang->name);
}

/* --- answers ----------------------------------------------------------------- */

/* As each CPU would when its tick stops. */
static void fold_each(struct hang *hang)
{
	for (unsigned int id = FIRST_ISOLATED; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			scene_enter(hang->story, hang->machine, id);

		pcpmm_vmstat_fold(cpu, 0);
		scene_leave(hang->story, cpu);
	}
}

static void fold_from_afar(struct hang *hang)
{
	struct pcpmm_cpu *cpu = scene_enter(hang->story, hang->machine, 0);

	pcpmm_shepherd_pass(cpu);
	scene_leave(hang->story, cpu);
}

static void play(struct story *story, enum answer answer, const char *name)
{
	struct hang hang = {.story = story, .name = name};

	set_up(&hang, answer == FROM_AFAR  ? from_afar
		      : answer == SNAPSHOT ? by_snapshot
					   : NULL);
	if (answer == OWN_TICK)
		fold_each(&hang);
	if (answer == FROM_AFAR)
		fold_from_afar(&hang);
	if (answer == OWN_TICK || answer == FROM_AFAR)
		story_say(story, STORY_NOBODY, "folded: NR_FREE_PAGES %" PRId64,
			truth_of(&hang).nr_free_pages);
	if (answer == NONE)
		hangs(&hang);
	else
		ends(&hang);
	clean_up(&hang);
}

int story_nohz_hang_2023(struct story *story)
{
	play(story, NONE, "6.1");
	play(story, OWN_TICK, "fold on the CPU");
	play(story, FROM_AFAR, "fold from afar");
	play(story, SNAPSHOT, "6.5");
	return story_verdict(story);
}
