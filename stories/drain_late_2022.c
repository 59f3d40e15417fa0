/* SPDX-License-Identifier: MIT */
/*
 * drain-late-2022: a drain that waits behind other people's work.
 *
 * History. Since 4.11 drain_all_pages() queues a work item on each CPU with pages,
 * and the items of all work queues wait in one list a CPU. Phones showed what that
 * costs: a task in direct reclaim, perhaps a real-time one, waits 50 to 60 ms
 * (Suren Baghdasaryan), 100 to 150 ms (Minchan Kim), 300 ms in alloc_contig_range,
 * where lru_add_drain_all() waits in the same list. Suren's RFC of 24 February 2022
 * gave drains a FIFO kthread a CPU. Hillf Danton asked: the pending items may be
 * freeing pages themselves; why is priority the cure for tight memory; and why may
 * a task of low priority peel pages off one of higher priority? Linux 6.0 answered
 * by a lock in each list, which needs no worker.
 *
 * Scene. CPU 1 has pages on its list and three foreign items of 40 ms in its pool;
 * each also frees two pages. On CPU 0 a SCHED_FIFO 50 task asks for a block of
 * order 2; memory is short, so it reclaims 32 single pages, and the drain of all
 * lists would make a block of them. In the act of pcp_lock a SCHED_FIFO 99 task
 * spins on CPU 2, which has pages, too.
 *
 * Asserted. workqueue: the drain ends after the last foreign item, though all three
 * are of lower priority; what they free goes to the list that is to be drained, and
 * to no free list before. With psi = reclaim the wait is no stall, with whole it
 * is. kthread and pcp_lock: the drain ends while the first item runs; pcp_lock takes
 * the pages of CPU 2 as well, whose task never notices. lru_add_drain_all() waits in
 * the same pool even so.
 */
#include "table.h"

#include <time.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ITEMS 3
#define ITEM_MS 40
#define GIFT 2 /* pages that an item frees */
#define ORDER 2
#define VICTIM 1 /* the CPU with foreign items */
#define SPINNER 2

struct late {
	struct story *story;
	struct pcpmm_machine *machine;
	enum pcpmm_drain kind;
	bool batches; /* LRU batches are drained, not lists */
	struct scene_hoard hoard;
	unsigned int left; /* pages that reclaim still finds */

	/* The foreign items. */
	struct item {
		struct late *late;
		struct pcpmm_work *work;
		struct pcpmm_page *gifts[GIFT];
		unsigned int nr; /* 1.. */
		int place; /* of its end, among all ends */
		uint64_t free; /* pages free in the zone at its end */
		uint64_t stalled; /* ns of CPU 0, while it ran */
	} items[ITEMS];
	atomic_int ends;
	atomic_bool holds, done; /* the first item runs; the request ended */

	/* The request. */
	uint64_t ms_late;
	bool got;
	int place;
	struct pcpmm_psi_cpu psi;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct pcpmm_psi_cpu stalls_of(
	struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_psi_cpu times = {0};

	pcpmm_psi_cpu_read(pcpmm_cpu_get(machine, id), &times);
	return times;
}

static bool waits_for_items(const struct late *late)
{
	return late->kind == PCPMM_DRAIN_WORKQUEUE;
}

/* --- foreign work ------------------------------------------------------------ */

static uint64_t lru_works(const struct pcpmm_machine *machine)
{
	struct pcpmm_lru_drain_stats stats;

	pcpmm_lru_drain_stats_read(machine, &stats);
	return stats.works;
}

/* The first item starts its clock when a drain has been asked for. */
static void await_drain(struct late *late)
{
	atomic_store(&late->holds, true);
	if (late->batches)
		while (!lru_works(late->machine))
			;
	else if (waits_for_items(late))
		while (!scene_stats(late->machine).works)
			;
	else
		while (!atomic_load(&late->done))
			;
}

static void foreign(struct pcpmm_cpu *cpu, void *arg)
{
	struct item *item = arg;
	struct late *late = item->late;
	uint64_t end;

	story_say(late->story, VICTIM, "foreign item %u of %d runs", item->nr,
		ITEMS);
	if (item->nr == 1)
		await_drain(late);
	item->stalled = stalls_of(late->machine, 0).some;
	end = now_ns() + ITEM_MS * 1000000ull;
	for (unsigned int i = 0; i < GIFT; i++)
		pcpmm_free_pages(cpu, item->gifts[i], 0);
	while (now_ns() < end)
		; /* it calls nothing */
	item->stalled = stalls_of(late->machine, 0).some - item->stalled;
	item->free = scene_truth(late->machine, 0, NORMAL).free;
	item->place = atomic_fetch_add(&late->ends, 1) + 1;
}

static void prepare_items(struct late *late)
{
	struct pcpmm_cpu *cpu = scene_enter(late->story, late->machine, VICTIM);

	for (unsigned int i = 0; i < ITEMS; i++) {
		struct item *item = &late->items[i];

		item->late = late;
		item->nr = i + 1;
		for (unsigned int k = 0; k < GIFT; k++)
			item->gifts[k] =
				scene_alloc(late->story, cpu, PCPMM_GFP_KERNEL);
		item->work = pcpmm_work_create(
			late->machine, VICTIM, PCPMM_SYSTEM_WQ, foreign, item);
		if (!item->work)
			story_give_up(late->story, 1, "no foreign item");
	}
	scene_leave(late->story, cpu);
}

/* --- the request ------------------------------------------------------------- */

static unsigned long reclaim(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct late *late = arg;
	unsigned int freed = 0;

	(void)target;
	if (late->left)
		freed = scene_unhoard(cpu, &late->hoard, late->left);
	late->left -= freed;
	if (freed)
		story_say(late->story, (int)pcpmm_cpu_id(cpu),
			"direct reclaim for order %u: %u pages, on its list",
			order, freed);
	return freed;
}

static void make_short(struct late *late, struct pcpmm_cpu *cpu)
{
	pcpmm_reclaim_set(late->machine, NULL, NULL);
	scene_hoard(late->story, cpu, &late->hoard);
	late->left = PCPMM_RECLAIM_TARGET;
	pcpmm_reclaim_set(late->machine, reclaim, late);
}

static void request(struct pcpmm_cpu *cpu, void *arg)
{
	struct late *late = arg;
	struct pcpmm_page *block;
	uint64_t start;

	pcpmm_cpu_set_fifo(cpu, 50);
	make_short(late, cpu);
	for (unsigned int i = 0; i < ITEMS; i++)
		pcpmm_work_queue(late->items[i].work);
	scene_expect(late->story, &late->holds, "the first foreign item");
	story_say(late->story, 0, "SCHED_FIFO 50, needs a block of order %d",
		ORDER);
	start = now_ns();
	block = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, ORDER);
	late->ms_late = (now_ns() - start) / 1000000;
	late->place = atomic_fetch_add(&late->ends, 1) + 1;
	late->got = block != NULL;
	late->psi = stalls_of(late->machine, 0);
	story_say(late->story, 0, "%s after %u ms",
		late->got ? "has its block" : "got nothing",
		(unsigned int)late->ms_late);
	atomic_store(&late->done, true);
	if (block)
		pcpmm_free_pages(cpu, block, ORDER);
	pcpmm_reclaim_set(late->machine, NULL, NULL);
	scene_hoard_end(cpu, &late->hoard);
	pcpmm_cpu_set_fifo(cpu, 0);
}

/* --- acts ----------------------------------------------------------------------- */

static enum pcpmm_psi_kind psi_of_the_act;

static void adjust(struct pcpmm_config *config)
{
	config->psi = psi_of_the_act;
	config->lru_batch = PCPMM_LRU_BATCH_15;
}

static void build(struct late *late, enum pcpmm_drain kind)
{
	const struct scene scene = {
		.cpus = 3,
		.pages = {[NORMAL] = 16384},
		.drain = kind,
		.min_free_kbytes = 1024,
		.adjust = adjust,
	};

	late->kind = kind;
	late->machine = scene_build(late->story, &scene);
}

/* PSI of CPU 0, where only the request runs, and of the machine. */
static void say_times(struct late *late)
{
	struct pcpmm_psi psi = {0};

	pcpmm_psi_read(late->machine, &psi);
	story_say(late->story, 0,
		"PSI: CPU 0 some %u ms, full %u ms; machine some %u ms, full "
		"%u ms",
		(unsigned int)(late->psi.some / 1000000),
		(unsigned int)(late->psi.full / 1000000),
		(unsigned int)(psi.some.total / 1000),
		(unsigned int)(psi.full.total / 1000));
}

static void play(struct late *late)
{
	struct pcpmm_cpu_thread *thread;

	prepare_items(late);
	scene_stock_cpu(late->story, late->machine, VICTIM, PCPMM_GFP_KERNEL);
	story_say(late->story, VICTIM, "%d pages on its list",
		scene_listed(late->machine, VICTIM, NORMAL));
	thread = scene_run(late->story, late->machine, 0, request, late);
	pcpmm_cpu_join(thread);
	for (unsigned int i = 0; i < ITEMS; i++)
		pcpmm_work_flush(late->items[i].work);
	say_times(late);
	for (unsigned int i = 0; i < ITEMS; i++)
		pcpmm_work_destroy(late->items[i].work);
}

static void by_workqueue(struct story *story, enum pcpmm_psi_kind psi)
{
	struct late late = {.story = story};
	const char *name = pcpmm_psi_name(psi);
	struct item *last = &late.items[ITEMS - 1];
	uint64_t pages;

	story_act(story, "workqueue, psi %s", name);
	psi_of_the_act = psi;
	build(&late, PCPMM_DRAIN_WORKQUEUE);
	play(&late);
	pages = scene_stats(late.machine).pages;
	story_say(story, STORY_NOBODY,
		"posted: 50-60 ms, 100-150 ms, 300 ms; here 3 items of %d ms",
		ITEM_MS);
	story_claim(story, late.got && late.place == ITEMS + 1,
		"workqueue: the drain ends after the last of %d items of lower "
		"priority",
		ITEMS);
	story_claim(story, (last->stalled > 0) == (psi == PCPMM_PSI_WHOLE),
		psi == PCPMM_PSI_WHOLE
			? "psi whole: the wait for the drain is a stall"
			: "psi reclaim: the wait for the drain is hidden");
	if (psi == PCPMM_PSI_WHOLE) {
		story_say(story, VICTIM,
			"the items freed %d pages, the drain gave %u back",
			ITEMS * GIFT, (unsigned int)pages);
		story_claim(story,
			late.items[0].free == last->free &&
				pages >= PCPMM_RECLAIM_TARGET + ITEMS * GIFT,
			"what the pending items free is on the list: free only "
			"by the drain");
	}
	scene_end(story, late.machine, name);
}

static void by_kthread(struct story *story)
{
	struct late late = {.story = story};

	story_act(story, "kthread");
	psi_of_the_act = PCPMM_PSI_WHOLE;
	build(&late, PCPMM_DRAIN_KTHREAD);
	play(&late);
	story_claim(story, late.got && late.place == 1,
		"kthread: FIFO 1 displaces the item, the drain ends first");
	scene_end(story, late.machine, "kthread");
}

static void stock(struct story *story, struct pcpmm_cpu *cpu)
{
	scene_stock(story, cpu, PCPMM_GFP_KERNEL);
}

static void by_pcp_lock(struct story *story)
{
	struct late late = {.story = story};
	struct scene_spinner spinner;
	int before;

	story_act(story, "pcp_lock");
	psi_of_the_act = PCPMM_PSI_WHOLE;
	build(&late, PCPMM_DRAIN_PCP_LOCK);
	spinner = (struct scene_spinner){.story = story,
		.machine = late.machine,
		.id = SPINNER,
		.fifo = 99,
		.before = stock};
	scene_spin(&spinner);
	before = scene_listed(late.machine, SPINNER, NORMAL);
	play(&late);
	story_say(story, SPINNER, "%d pages were on its list, %d are", before,
		scene_listed(late.machine, SPINNER, NORMAL));
	story_claim(story, late.got && late.place == 1,
		"pcp_lock: no worker is needed, the drain ends first");
	story_claim(story,
		before > 0 && !scene_listed(late.machine, SPINNER, NORMAL) &&
			!scene_interruptions(late.machine, SPINNER),
		"pcp_lock: priority 50 takes the pages of priority 99, which "
		"never notices");
	scene_spin_end(&spinner);
	scene_end(story, late.machine, "pcp_lock");
}

/* --- lru_add_drain_all() ----------------------------------------------------------- */

static void drain_batches(struct pcpmm_cpu *cpu, void *arg)
{
	struct late *late = arg;
	uint64_t start;

	scene_expect(late->story, &late->holds, "the first foreign item");
	start = now_ns();
	pcpmm_lru_add_drain_all(cpu, false);
	late->place = atomic_fetch_add(&late->ends, 1) + 1;
	story_say(late->story, 0, "all batches are drained after %u ms",
		(unsigned int)((now_ns() - start) / 1000000));
}

/* One page in the batch of CPU 1. */
static struct pcpmm_page *add_to_batch(struct late *late)
{
	struct pcpmm_cpu *cpu = scene_enter(late->story, late->machine, VICTIM);
	struct pcpmm_page *page =
		scene_alloc(late->story, cpu, PCPMM_GFP_KERNEL);

	pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE);
	scene_leave(late->story, cpu);
	return page;
}

static void by_lru_drain(struct story *story)
{
	struct late late = {.story = story};
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;

	story_act(story, "lru_add_drain_all");
	build(&late, PCPMM_DRAIN_PCP_LOCK);
	late.batches = true;
	prepare_items(&late);
	page = add_to_batch(&late);
	for (unsigned int i = 0; i < ITEMS; i++)
		pcpmm_work_queue(late.items[i].work);
	pcpmm_cpu_join(scene_run(story, late.machine, 0, drain_batches, &late));
	story_claim(story, late.place == ITEMS + 1,
		"lru_add_drain_all: it waits in the same pool, whatever the "
		"strategy");
	for (unsigned int i = 0; i < ITEMS; i++)
		pcpmm_work_destroy(late.items[i].work);
	cpu = scene_enter(story, late.machine, 0);
	story_claim(story,
		!pcpmm_lru_del(cpu, page) && !pcpmm_free_pages(cpu, page, 0),
		"lru_add_drain_all: the page of CPU 1 is on its list");
	scene_leave(story, cpu);
	scene_end(story, late.machine, "lru_add_drain_all");
}

int story_drain_late_2022(struct story *story)
{
	by_workqueue(story, PCPMM_PSI_WHOLE);
	by_workqueue(story, PCPMM_PSI_RECLAIM);
	by_kthread(story);
	by_pcp_lock(story);
	by_lru_drain(story);
	return story_verdict(story);
}
