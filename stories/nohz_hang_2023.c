/* SPDX-License-Identifier: MIT */
/*
 * nohz-hang-2023: a task waits for a kswapd that sees nothing to do.
 *
 * History. Aaron Tomlin and Marcelo Tosatti, 2022 and 2023: a machine of 52
 * CPUs, 48 of them nohz_full. A node's free counter said 0, while the diffs of
 * those CPUs held 69 pages; marks 8, 20 and 32. A task in direct reclaim is
 * throttled, as 0 is less than half of min. It waits for kswapd, which adds the
 * diffs, finds 69 > 32, and sleeps. The two read one counter differently, and
 * the task waits until it is killed.
 * Why the diffs stay: each CPU's work item has folded once and waits for its
 * timer, which is deferrable: with the tick stopped it never expires. The
 * shepherd passes a pending item by. A task comes to the idle CPU, frees pages
 * and goes; the tick has been stopped all the time, so it does not stop again,
 * and quiet_vmstat() is not called.
 * Answers: fold at every idle entry (Tomlin's RFC, 3 February 2022); a flag and a
 * fold at return to user mode (v12, 27 December 2022), whose idle fold stands
 * behind the early return of a tick that stays as it is; timers on housekeeping
 * CPUs (6.9); a remote fold (Tosatti, 2023); or a throttle that adds the diffs as
 * kswapd does, which Michal Hocko asked for and 6.5 has.
 *
 * Scene. A node with those marks. CPU 0 takes all pages and puts some on the
 * LRU. The shepherd makes passes, by hand. Each of the 48 CPUs has something to
 * fold, is folded, stops its tick, runs a task that frees one or two pages, 69 in
 * all, and is idle again. Ten seconds later CPU 1 asks for a page.
 *
 * Asserted. The numbers above. 6.1 and v12: the ten passes queue nothing; the
 * task is throttled; kswapd looks, reclaims nothing and sleeps, although a page is
 * free; each wakes the other until the task is killed. With each of the other
 * answers: the task has its page, and no task is throttled.
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
#define SECONDS 10

struct answer {
	const char *name;
	void (*adjust)(struct pcpmm_config *config); /* NULL: 6.1 */
	bool folds; /* the counter is right before the task asks */
	bool remote; /* no work items */
	bool hangs;
};

struct hang {
	struct story *story;
	const struct answer *answer;
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

static void every_idle(struct pcpmm_config *config)
{
	config->fold_quiet = PCPMM_FOLD_QUIET_EVERY_IDLE;
}

static void user_return(struct pcpmm_config *config)
{
	config->fold_quiet = PCPMM_FOLD_QUIET_USER_RETURN;
}

static void housekeeping(struct pcpmm_config *config)
{
	config->fold_timer = PCPMM_FOLD_TIMER_HOUSEKEEPING;
}

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

/*
 * A thread for each CPU would do the same; one after the other they need no
 * order among each other.
 */
static void run_task(struct hang *hang, unsigned int i)
{
	struct pcpmm_cpu *cpu =
		scene_enter(hang->story, hang->machine, FIRST_ISOLATED + i);

	pcpmm_cpu_idle_enter(cpu, true); /* its tick stops */
	pcpmm_cpu_idle_exit(cpu); /* a task comes, by an IPI */
	scene_unhoard(cpu, &hang->hoard, i < UNFOLDED - ISOLATED ? 2 : 1);
	pcpmm_cpu_idle_enter(cpu, true); /* and is gone */
	pcpmm_cpu_idle_exit(cpu);
	scene_leave(hang->story, cpu);
}

static unsigned int pass(struct hang *hang)
{
	struct pcpmm_cpu *cpu = scene_enter(hang->story, hang->machine, 0);
	int busy = pcpmm_shepherd_pass(cpu);

	scene_leave(hang->story, cpu);
	return busy > 0 ? (unsigned int)busy : 0;
}

/*
 * Each isolated CPU has something to fold: its item is queued, or starts by
 * itself, runs, and starts its timer. A remote fold has no items.
 */
static void arm(struct hang *hang)
{
	struct pcpmm_machine *machine = hang->machine;

	for (unsigned int id = FIRST_ISOLATED; id < CPUS; id++) {
		pcpmm_cpu_set_nohz_full(pcpmm_cpu_get(machine, id), true);
		scene_change_cpu(hang->story, machine, id, "nr_mapped", 1);
	}
	pass(hang);
	if (!scene_wait_counter(
		    machine, "nr_mapped", ISOLATED, STORY_PATIENCE_MS))
		story_give_up(hang->story, EXIT_FAILURE, "nothing is folded");
	if (!hang->answer->remote)
		scene_wait_requeues(hang->story, machine, ISOLATED);
}

/* Ten seconds of passes. */
static void let_time_pass(struct hang *hang)
{
	unsigned int busy = 0;

	for (int i = 0; i < SECONDS; i++)
		busy += pass(hang);
	if (hang->answer->folds)
		scene_wait_counter(hang->machine, "nr_free_pages", UNFOLDED,
			STORY_PATIENCE_MS);
	story_say(hang->story, STORY_NOBODY,
		"%d passes of the shepherd: %u CPUs had something to do; "
		"NR_FREE_PAGES %" PRId64,
		SECONDS, busy, truth_of(hang).nr_free_pages);
	if (hang->answer->hangs)
		story_claim(hang->story, !busy,
			"%s: the shepherd finds nothing to queue: all are "
			"pending",
			hang->answer->name);
}

static void set_up(struct hang *hang)
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 32,
		.adjust = hang->answer->adjust};
	const char *name = hang->answer->name;
	struct pcpmm_zone_truth truth;

	story_act(hang->story, "%s", name);
	hang->machine = scene_build(hang->story, &scene);
	take_all(hang);
	if (pcpmm_shepherd_start(hang->machine, 0))
		story_give_up(hang->story, EXIT_FAILURE, "no shepherd");
	arm(hang);
	for (unsigned int i = 0; i < ISOLATED; i++)
		run_task(hang, i);
	truth = truth_of(hang);
	story_say(hang->story, STORY_NOBODY,
		"%d of %d CPUs nohz_full; marks %d, %d, %d; NR_FREE_PAGES "
		"%" PRId64 ", with their diffs %" PRId64,
		ISOLATED, CPUS, (int)truth.min, (int)truth.low, (int)truth.high,
		truth.nr_free_pages, truth.snapshot);
	let_time_pass(hang);
	truth = truth_of(hang);
	story_claim(hang->story,
		truth.min == 8 && truth.low == 20 && truth.high == 32 &&
			truth.nr_free_pages ==
				(hang->answer->folds ? UNFOLDED : 0) &&
			truth.snapshot == UNFOLDED && truth.free == UNFOLDED,
		"%s: marks 8, 20, 32; the counter says %d, the buddy has %d",
		name, hang->answer->folds ? UNFOLDED : 0, UNFOLDED);
	if (pcpmm_kswapd_start(hang->machine, NAP_MS))
		story_give_up(hang->story, EXIT_FAILURE, "no kswapd");
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
	scene_end(hang->story, hang->machine, hang->answer->name);
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
		"%s: the task is throttled", hang->answer->name);
	story_claim(story,
		kswapd.rounds && !kswapd.reclaimed && !kswapd.failures,
		"%s: kswapd has looked, and found nothing to do",
		hang->answer->name);
	story_claim(story,
		!pcpmm_zone_watermark_ok(
			hang->machine, 0, NORMAL, 0, PCPMM_MARK_MIN) &&
			pcpmm_zone_watermark_ok_safe(
				hang->machine, 0, NORMAL, 0, PCPMM_MARK_HIGH),
		"%s: the one reader is below min, the other above high",
		hang->answer->name);
	story_say(story, 1, "is killed");
	pcpmm_cpu_kill(pcpmm_cpu_get(hang->machine, 1));
	scene_expect(story, &hang->done, "the end of the task");
	pcpmm_cpu_join(thread);
	story_claim(story,
		stats_of(hang).throttled == 1 && stats_of(hang).direct,
		"%s: it is throttled no more, and reclaims",
		hang->answer->name);
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
		"%s: it has its page, nobody is throttled", hang->answer->name);
}

/* --- answers ----------------------------------------------------------------- */

static const struct answer answers[] = {
	{.name = "6.1", .hangs = true},
	{.name = "every idle", .adjust = every_idle, .folds = true},
	{.name = "v12", .adjust = user_return, .hangs = true},
	{.name = "6.9", .adjust = housekeeping, .folds = true},
	{.name = "from afar",
		.adjust = from_afar,
		.folds = true,
		.remote = true},
	{.name = "6.5", .adjust = by_snapshot},
};

int story_nohz_hang_2023(struct story *story)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct hang hang = {.story = story, .answer = &answers[i]};

		set_up(&hang);
		if (hang.answer->hangs)
			hangs(&hang);
		else
			ends(&hang);
		clean_up(&hang);
	}
	return story_verdict(story);
}
