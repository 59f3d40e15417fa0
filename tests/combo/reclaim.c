/* SPDX-License-Identifier: MIT */
/*
 * Pages that workers lend to reclaim and take back.
 *
 * A lent page is on an LRU list and in scene->lent, by its pfn. The thread that
 * exchanges that word for NULL owns the page: a worker takes it off its list,
 * the page function has it reclaimed. A thread that finds NULL does neither.
 * The page is marked all the time.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "combo/worker.h"

#define LEND_MAX 8 /* held pages per operation */
#define BURST 16 /* pages of the reserves */
#define LOOKS 16 /* frames searched for a lent page */
#define BUSY_MAX 64 /* tries while reclaim has isolated the page */

/* --- words ---------------------------------------------------------------- */

static struct pcpmm_page *take(struct pcpmm_page **word)
{
	return __atomic_exchange_n(word, NULL, __ATOMIC_ACQ_REL);
}

static void count(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static struct pcpmm_page **lent_word(
	struct scene *scene, const struct pcpmm_page *page)
{
	return &scene->lent[pcpmm_page_to_pfn(scene->machine, page)];
}

/* --- the program's functions, on any CPU ---------------------------------- */

/* Uses no state of that CPU's worker, whose thread may be displaced. */
static unsigned int draw(struct scene *scene, unsigned int n)
{
	uint64_t word = __atomic_fetch_add(&scene->words, 1, __ATOMIC_RELAXED) +
			scene->combo->seed;

	word = word * 0x9e3779b97f4a7c15ULL | 1;
	return combo_draw(&word, n);
}

static void let_go(struct scene *scene, struct pcpmm_page *page)
{
	combo_unmark(scene->machine, &(struct block){page, 0});
}

/* An allocation inside reclaim does not reclaim: it uses the reserves. */
static void allocate_within(struct scene *scene, struct pcpmm_cpu *cpu)
{
	struct block block = {pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0), 0};

	if (!block.page)
		return;
	combo_mark(scene->machine, &block);
	combo_unmark(scene->machine, &block);
	CHECK(pcpmm_free_pages(cpu, block.page, 0) == 0);
}

static enum pcpmm_verdict judge(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	static __thread int depth;
	struct scene *scene = arg;
	unsigned int dice = draw(scene, 32);
	enum pcpmm_verdict verdict = PCPMM_PAGE_RECLAIM;

	CHECK(depth++ == 0);
	CHECK(lru == PCPMM_LRU_INACTIVE_ANON || lru == PCPMM_LRU_INACTIVE_FILE);
	if (dice % 8 == 0)
		allocate_within(scene, cpu);
	if (dice < 6)
		verdict = dice < 3 ? PCPMM_PAGE_KEEP : PCPMM_PAGE_ACTIVATE;
	else if (!take(lent_word(scene, page)))
		verdict = PCPMM_PAGE_KEEP;
	if (verdict == PCPMM_PAGE_RECLAIM) {
		let_go(scene, page);
		count(&scene->reclaimed, 1);
	}
	depth--;
	return verdict;
}

static unsigned long free_cache(
	struct scene *scene, struct pcpmm_cpu *cpu, unsigned long target)
{
	unsigned long freed = 0;

	for (unsigned int i = 0; i < CACHE_MAX && freed < target; i++) {
		struct pcpmm_page *page = take(&scene->cache[i]);

		if (!page)
			continue;
		let_go(scene, page);
		CHECK(pcpmm_free_pages(cpu, page, 0) == 0);
		freed++;
	}
	count(&scene->shrunk, freed);
	return freed;
}

/* One time in 16 without a freed page, reports one. */
static unsigned long shrink(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	unsigned long freed = free_cache(arg, cpu, target);

	CHECK(order <= PCPMM_ORDER_MAX);
	return freed || draw(arg, 16) ? freed : 1;
}

static bool out_of_memory(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg)
{
	struct scene *scene = arg;

	CHECK(gfp & PCPMM___GFP_DIRECT_RECLAIM);
	CHECK(order <= PCPMM_COSTLY_ORDER);
	count(&scene->kills, 1);
	return free_cache(scene, cpu, CACHE_MAX) != 0;
}

static int has_swap(const struct combo *combo)
{
	return combo->seed % 2;
}

void combo_lend_start(struct scene *scene)
{
	const struct combo *combo = scene->combo;

	if (!combo->reclaim)
		return;
	pcpmm_reclaim_page_set(scene->machine, judge, scene);
	pcpmm_reclaim_set(scene->machine, shrink, scene);
	pcpmm_oom_set(scene->machine, out_of_memory, scene);
	pcpmm_swap_set(scene->machine, has_swap(combo));
	if (combo->nap_ms)
		CHECK(pcpmm_kswapd_start(scene->machine, combo->nap_ms) == 0);
}

void combo_lend_disturb(struct scene *scene)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	if (!scene->combo->restarts)
		return;
	for (unsigned int i = 0; i < 4; i++) {
		nanosleep(&moment, NULL);
		pcpmm_kswapd_stop(scene->machine);
		nanosleep(&moment, NULL);
		CHECK(pcpmm_kswapd_start(scene->machine, 1 + i % 2) == 0);
	}
}

/* --- the workers' side ---------------------------------------------------- */

static unsigned int below(struct worker *w, unsigned int n)
{
	return combo_draw(&w->random, n);
}

/* Without swap few pages are anon: reclaim takes none of these. */
static enum pcpmm_lru some_list(struct worker *w)
{
	unsigned int list = below(w, PCPMM_NR_LRUS);

	return has_swap(w->scene->combo) || !below(w, 16)
		       ? list
		       : PCPMM_LRU_INACTIVE_FILE + list % 2;
}

/* On the list first, as the next owner of the word takes it off the list. */
static void lend(
	struct worker *w, struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	CHECK(pcpmm_lru_add(cpu, page, some_list(w)) == 0);
	__atomic_store_n(lent_word(w->scene, page), page, __ATOMIC_RELEASE);
	w->count.lent++;
}

static void lend_held(struct worker *w, struct pcpmm_cpu *cpu)
{
	for (unsigned int i = 0; i < LEND_MAX && w->nr_held; i++) {
		struct block block = combo_pick(w);

		if (block.order)
			w->held[w->nr_held++] = block;
		else
			lend(w, cpu, block.page);
	}
}

/* Goes far below min, so that other tasks have to wait for kswapd. */
static void lend_burst(struct worker *w, struct pcpmm_cpu *cpu)
{
	uint32_t gfp = PCPMM_GFP_ATOMIC | (below(w, 2) ? PCPMM_GFP_DMA32 : 0);
	struct block block = {NULL, 0};

	for (unsigned int i = 0; i < BURST; i++) {
		block.page = pcpmm_alloc_pages(cpu, gfp, 0);
		if (!block.page)
			return;
		combo_mark(w->scene->machine, &block);
		w->count.allocs++;
		lend(w, cpu, block.page);
	}
}

/*
 * true: the page is off its list, and held by this worker. An isolated page
 * comes back to the list, as the page function finds NULL; if that takes too
 * long, the page stays lent.
 */
static bool take_back(
	struct worker *w, struct pcpmm_cpu *cpu, struct pcpmm_page **word)
{
	struct pcpmm_page *page = take(word);

	for (unsigned int i = 0; page && i < BUSY_MAX; i++) {
		int ret = pcpmm_lru_del(cpu, page);

		CHECK(ret == 0 || ret == -EBUSY);
		if (!ret) {
			w->held[w->nr_held++] = (struct block){page, 0};
			return true;
		}
		w->count.busy++;
		sched_yield();
	}
	if (page)
		__atomic_store_n(word, page, __ATOMIC_RELEASE);
	return false;
}

/* Word of a page that was lent a moment ago; NULL: none found. */
static struct pcpmm_page **some_lent(struct worker *w)
{
	struct scene *scene = w->scene;
	unsigned int pfn =
		START_PFN +
		below(w, scene->combo->nodes * scene->node_pages - LOOKS);

	for (unsigned int i = 0; i < LOOKS; i++)
		if (__atomic_load_n(&scene->lent[pfn + i], __ATOMIC_RELAXED))
			return &scene->lent[pfn + i];
	return NULL;
}

static void take_some(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page **word = some_lent(w);

	if (word && w->nr_held < w->held_max)
		w->count.taken += take_back(w, cpu, word);
}

/* Needs no ownership: the library knows whether the page is on a list. */
static void move_some(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page **word = some_lent(w), *page;
	int ret;

	page = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : NULL;
	if (!page)
		return;
	ret = pcpmm_lru_move(cpu, page, some_list(w));
	CHECK(ret == 0 || ret == -EBUSY || ret == -EINVAL);
}

static void cache(struct worker *w)
{
	struct pcpmm_page **word = &w->scene->cache[below(w, CACHE_MAX)];
	struct block block;

	if (!w->nr_held)
		return;
	block = combo_pick(w);
	if (!block.order)
		block.page =
			__atomic_exchange_n(word, block.page, __ATOMIC_ACQ_REL);
	if (block.page)
		w->held[w->nr_held++] = block;
}

/* A drain of all batches, or a return to user mode; not while masked. */
static void empty_batches(struct worker *w, struct pcpmm_cpu *cpu)
{
	if (w->masked)
		return;
	if (below(w, 4))
		CHECK(pcpmm_cpu_user_return(cpu) == 0);
	else
		CHECK(pcpmm_lru_add_drain_all(cpu, below(w, 2)) == 0);
}

static void look(struct worker *w)
{
	struct pcpmm_machine *machine = w->scene->machine;
	unsigned int nid = below(w, w->scene->combo->nodes);
	struct pcpmm_kswapd_state state;
	struct pcpmm_reclaim_stats stats;

	CHECK(pcpmm_kswapd_read(machine, nid, &state) == 0);
	pcpmm_reclaim_stats_read(machine, &stats);
	CHECK(stats.throttled_now <= 2 * w->scene->combo->cpus);
	pcpmm_allows_direct_reclaim(machine, nid);
}

void combo_lend_op(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int dice = below(w, 100);

	if (dice < 35)
		lend_held(w, cpu);
	else if (dice < 55)
		lend_burst(w, cpu);
	else if (dice < 75)
		take_some(w, cpu);
	else if (dice < 85)
		move_some(w, cpu);
	else if (dice < 94)
		cache(w);
	else if (dice < 98)
		empty_batches(w, cpu);
	else
		look(w);
}

void combo_take_everything(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page **pages = calloc(END_PFN, sizeof(*pages));
	unsigned int nr = 0;

	CHECK(pages != NULL);
	do
		pages[nr] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	while (pages[nr] && ++nr < END_PFN);
	w->count.allocs += nr;
	w->count.frees += nr;
	CHECK(pcpmm_free_pages_batch(cpu, pages, nr) == 0);
	free(pages);
}

/* --- the end ---------------------------------------------------------------- */

void combo_take_own(struct worker *w, struct pcpmm_cpu *cpu)
{
	for (unsigned int pfn = START_PFN + w->id; pfn < END_PFN;
		pfn += w->scene->combo->cpus)
		if (w->nr_held < w->held_max)
			take_back(w, cpu, &w->scene->lent[pfn]);
}

void combo_take_all(struct scene *scene, struct pcpmm_cpu *cpu)
{
	struct worker *w = &scene->worker[0];

	for (unsigned int pfn = START_PFN; pfn < END_PFN; pfn++) {
		if (!take_back(w, cpu, &scene->lent[pfn]))
			continue;
		CHECK(w->nr_held == 1);
		let_go(scene, w->held[0].page);
		CHECK(pcpmm_free_pages(cpu, w->held[0].page, 0) == 0);
		w->nr_held = 0;
		w->count.frees++;
	}
	free_cache(scene, cpu, CACHE_MAX);
}
