/* SPDX-License-Identifier: MIT */
/*
 * LRU lists: their pages are counted, only reclaim takes pages from them, the
 * oldest first, and a pass looks at no more pages than a list's quota.
 */
#include "support/pressure.h"

static const struct {
	const char *zone, *node;
} items[PCPMM_NR_LRUS] = {
	{"nr_zone_inactive_anon", "nr_inactive_anon"},
	{"nr_zone_active_anon", "nr_active_anon"},
	{"nr_zone_inactive_file", "nr_inactive_file"},
	{"nr_zone_active_file", "nr_active_file"},
};

static uint64_t snapshot(
	struct pcpmm_machine *machine, int zone, const char *name)
{
	uint64_t value;

	assert_int_equal(
		pcpmm_zone_stat_snapshot(machine, 0, zone, name, &value), 0);
	return value;
}

static uint64_t on_list(struct pcpmm_machine *machine, enum pcpmm_lru lru)
{
	return snapshot(machine, NORMAL, items[lru].zone);
}

/* --- counts ------------------------------------------------------------ */

#define MODEL_PAGES 400

/* State of a page of the model; >= 0: its list. */
enum { MODEL_FREE = -2, MODEL_HELD = -1 };

struct model {
	struct pcpmm_machine *machine;
	struct pcpmm_page *page[MODEL_PAGES];
	int list[MODEL_PAGES];
	unsigned int zone[MODEL_PAGES];
};

static void model_check(struct model *model)
{
	uint64_t nr[PCPMM_NR_ZONES][PCPMM_NR_LRUS] = {0};

	for (unsigned int i = 0; i < MODEL_PAGES; i++)
		if (model->list[i] >= 0)
			nr[model->zone[i]][model->list[i]]++;
	for (int lru = 0; lru < PCPMM_NR_LRUS; lru++) {
		assert_int_equal(
			snapshot(model->machine, NORMAL, items[lru].zone),
			nr[NORMAL][lru]);
		assert_int_equal(
			snapshot(model->machine, DMA32, items[lru].zone),
			nr[DMA32][lru]);
		assert_int_equal(snapshot(model->machine, -1, items[lru].node),
			nr[NORMAL][lru] + nr[DMA32][lru]);
	}
	expect_valid(model->machine);
}

static void model_alloc(
	struct model *model, struct pcpmm_cpu *cpu, unsigned int i, bool low)
{
	model->zone[i] = low ? DMA32 : NORMAL;
	model->page[i] = pcpmm_alloc_pages(
		cpu, low ? PCPMM_GFP_DMA32 : PCPMM_GFP_KERNEL, 0);
	assert_non_null(model->page[i]);
	model->list[i] = MODEL_HELD;
}

/* One call, and its expected result. */
static void model_step(
	struct model *model, struct pcpmm_cpu *cpu, struct rng *rng)
{
	unsigned int i = rng_below(rng, MODEL_PAGES), lru = rng_below(rng, 4);
	struct pcpmm_page *page = model->page[i];
	int *list = &model->list[i];

	if (*list == MODEL_FREE) {
		model_alloc(model, cpu, i, rng_below(rng, 2));
		return;
	}
	switch (rng_below(rng, 4)) {
	case 0:
		assert_int_equal(pcpmm_lru_add(cpu, page, lru),
			*list == MODEL_HELD ? 0 : -EINVAL);
		if (*list == MODEL_HELD)
			*list = (int)lru;
		break;
	case 1:
		assert_int_equal(pcpmm_lru_del(cpu, page),
			*list == MODEL_HELD ? -EINVAL : 0);
		*list = MODEL_HELD;
		break;
	case 2:
		assert_int_equal(pcpmm_lru_move(cpu, page, lru),
			*list == MODEL_HELD ? -EINVAL : 0);
		if (*list != MODEL_HELD)
			*list = (int)lru;
		break;
	default:
		assert_int_equal(pcpmm_free_pages(cpu, page, 0),
			*list == MODEL_HELD ? 0 : -EINVAL);
		if (*list == MODEL_HELD)
			*list = MODEL_FREE;
		break;
	}
}

static void test_counts_are_what_was_put_in(void **state)
{
	struct rng rng = {test_seed()};
	struct pcpmm_cpu *cpus[2];
	static struct model model;
	struct stage stage;

	(void)state;
	pressure_init(&stage, 2, PRESSURE_PAGES);
	model = (struct model){.machine = stage_create(&stage)};
	for (unsigned int i = 0; i < 2; i++)
		cpus[i] = pcpmm_cpu_enter(model.machine, i);
	for (unsigned int i = 0; i < MODEL_PAGES; i++)
		model.list[i] = MODEL_FREE;
	for (int step = 0; step < 20000; step++) {
		model_step(&model, cpus[rng_below(&rng, 2)], &rng);
		if (step % 199 == 0)
			model_check(&model);
	}
	for (unsigned int i = 0; i < MODEL_PAGES; i++) {
		if (model.list[i] >= 0)
			assert_int_equal(
				pcpmm_lru_del(cpus[0], model.page[i]), 0);
		if (model.list[i] != MODEL_FREE)
			assert_int_equal(
				pcpmm_free_pages(cpus[1], model.page[i], 0), 0);
		model.list[i] = MODEL_FREE;
	}
	model_check(&model);
	expect_all_free(model.machine);
	pcpmm_machine_destroy(model.machine);
}

/* --- what is refused --------------------------------------------------- */

static void test_a_page_on_a_list_is_not_freed(void **state)
{
	struct pcpmm_machine *machine = pressure_create(1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0);
	uint64_t pfn = pcpmm_page_to_pfn(machine, page);

	(void)state;
	assert_int_equal(pcpmm_lru_add(cpu, page, PCPMM_LRU_ACTIVE_ANON), 0);
	assert_int_equal(state_of_pfn(machine, pfn), PCPMM_PAGE_LRU);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), -EINVAL);
	assert_int_equal(misuse_of(machine).on_lru, 1);
	assert_int_equal(pcpmm_free_pages_batch(cpu, &page, 1), 1);
	assert_int_equal(misuse_of(machine).on_lru, 2);
	assert_int_equal(pcpmm_free_pages(cpu, page, 1), -EINVAL);
	assert_int_equal(pcpmm_split_pages(cpu, page, 0, 0), -EINVAL);
	assert_int_equal(misuse_of(machine).on_lru, 4);
	assert_int_equal(pages_held(machine, 0, NORMAL), 1);
	expect_valid(machine);
	assert_int_equal(pcpmm_lru_del(cpu, page), 0);
	assert_int_equal(state_of_pfn(machine, pfn), PCPMM_PAGE_HELD);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* Refused: pages that are not held, not single, or on a list already. */
static void test_what_is_no_held_single_page(void **state)
{
	struct pcpmm_machine *machine = pressure_create(1);
	struct pcpmm_machine *other = pressure_create(1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	struct pcpmm_page *pair = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 1);
	struct pcpmm_page *second = pcpmm_pfn_to_page(
		machine, pcpmm_page_to_pfn(machine, pair) + 1);
	struct pcpmm_page *foreign = pcpmm_pfn_to_page(other, 2000);
	enum pcpmm_lru lru = PCPMM_LRU_INACTIVE_FILE;

	(void)state;
	assert_int_equal(pcpmm_lru_add(cpu, page, PCPMM_NR_LRUS), -EINVAL);
	assert_int_equal(
		pcpmm_lru_add(cpu, page, (enum pcpmm_lru) - 1), -EINVAL);
	assert_int_equal(pcpmm_lru_add(cpu, page, lru), 0);
	assert_int_equal(pcpmm_lru_add(cpu, page, lru), -EINVAL);
	assert_int_equal(pcpmm_lru_move(cpu, page, PCPMM_NR_LRUS), -EINVAL);
	assert_int_equal(pcpmm_lru_add(cpu, pair, lru), -EINVAL);
	assert_int_equal(pcpmm_lru_add(cpu, second, lru), -EINVAL);
	assert_int_equal(pcpmm_lru_del(cpu, pair), -EINVAL);
	assert_int_equal(pcpmm_lru_move(cpu, pair, lru), -EINVAL);
	assert_int_equal(misuse_of(machine).bad_argument, 6);
	assert_int_equal(misuse_of(machine).foreign_page, 0);
	assert_int_equal(pcpmm_lru_add(cpu, foreign, lru), -EINVAL);
	assert_int_equal(pcpmm_lru_del(cpu, foreign), -EINVAL);
	assert_int_equal(pcpmm_lru_move(cpu, foreign, lru), -EINVAL);
	assert_int_equal(pcpmm_lru_add(cpu, NULL, lru), -EINVAL);
	assert_int_equal(misuse_of(machine).foreign_page, 4);
	assert_int_equal(on_list(machine, lru), 1);
	assert_int_equal(pcpmm_lru_del(cpu, page), 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(pcpmm_free_pages(cpu, pair, 1), 0);
	assert_int_equal(pcpmm_lru_add(cpu, page, lru), -EINVAL); /* free */
	assert_int_equal(pcpmm_lru_del(cpu, page), -EINVAL);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	pcpmm_machine_destroy(other);
}

static void test_not_by_a_thread_that_is_elsewhere(void **state)
{
	struct pcpmm_machine *machine = pressure_create(2);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_cpu *empty = pcpmm_cpu_get(machine, 1);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	enum pcpmm_lru lru = PCPMM_LRU_INACTIVE_FILE;

	(void)state;
	assert_int_equal(pcpmm_lru_add(empty, page, lru), -EPERM);
	assert_int_equal(pcpmm_lru_add(cpu, page, lru), 0);
	assert_int_equal(pcpmm_lru_del(empty, page), -EPERM);
	assert_int_equal(pcpmm_lru_move(empty, page, lru), -EPERM);
	assert_int_equal(misuse_of(machine).wrong_thread, 3);
	assert_int_equal(on_list(machine, lru), 1);
	assert_int_equal(pcpmm_lru_del(cpu, page), 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- reclaim: which pages ----------------------------------------------- */

#define LOOKS_MAX 1024

/* Calls of the page function, and its verdicts. */
struct looks {
	struct pcpmm_machine *machine;
	struct pcpmm_page *page[LOOKS_MAX];
	unsigned int nr;
	enum pcpmm_verdict first, rest;
	enum pcpmm_lru lru; /* of the last page */
	uint64_t isolated; /* nr_isolated_* during a call */
	int del, move, add, freed;
};

static enum pcpmm_verdict look(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	struct looks *looks = arg;

	assert_true(looks->nr < LOOKS_MAX);
	looks->page[looks->nr++] = page;
	looks->lru = lru;
	if (looks->nr > 1)
		return looks->rest;
	looks->isolated = snapshot(looks->machine, -1, "nr_isolated_file");
	looks->del = pcpmm_lru_del(cpu, page);
	looks->move = pcpmm_lru_move(cpu, page, PCPMM_LRU_ACTIVE_FILE);
	looks->add = pcpmm_lru_add(cpu, page, lru);
	looks->freed = pcpmm_free_pages(cpu, page, 0);
	return looks->first;
}

struct scene {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct hoard hoard;
	struct looks looks;
};

static struct scene scene;

/* All pages are taken, and @nr of them are on @lru. */
static void scene_begin(
	const struct stage *stage, unsigned int nr, enum pcpmm_lru lru)
{
	scene = (struct scene){.machine = stage_create(stage)};
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	scene.looks.machine = scene.machine;
	pcpmm_reclaim_page_set(scene.machine, look, &scene.looks);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, nr, lru);
}

static void scene_init(unsigned int nr, enum pcpmm_lru lru, bool drain_retry)
{
	struct stage stage;

	pressure_init(&stage, 1, 0);
	stage.config.drain_retry = drain_retry;
	scene_begin(&stage, nr, lru);
}

static void scene_end(void)
{
	pcpmm_reclaim_page_set(scene.machine, NULL, NULL);
	hoard_end(&scene.hoard, scene.cpu);
	for (int lru = 0; lru < PCPMM_NR_LRUS; lru++)
		assert_int_equal(on_list(scene.machine, lru), 0);
	pcpmm_machine_destroy(scene.machine);
}

/* Sum of the quotas of a list of @nr pages, priorities 12 to 0. */
static uint64_t all_quotas(uint64_t nr)
{
	uint64_t sum = 0;

	for (int priority = 12; priority >= 0; priority--)
		sum += nr >> priority;
	return sum;
}

/* All pages are kept: they rotate, the oldest first. */
static void test_kept_pages_rotate(void **state)
{
	struct pcpmm_page *page[40];
	struct looks *looks = &scene.looks;

	(void)state;
	scene_init(40, PCPMM_LRU_INACTIVE_FILE, true);
	memcpy(page, scene.hoard.page + scene.hoard.nr, sizeof(page));
	looks->first = looks->rest = PCPMM_PAGE_KEEP;
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	assert_int_equal(looks->nr, all_quotas(40));
	for (unsigned int i = 0; i < looks->nr; i++)
		assert_ptr_equal(looks->page[i], page[i % 40]);
	assert_int_equal(looks->lru, PCPMM_LRU_INACTIVE_FILE);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_direct"), looks->nr);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_file"), looks->nr);
	assert_int_equal(vmstat_of(scene.machine, "pgsteal_direct"), 0);
	assert_int_equal(vmstat_of(scene.machine, "allocstall_normal"), 1);
	assert_int_equal(on_list(scene.machine, PCPMM_LRU_INACTIVE_FILE), 40);
	expect_valid(scene.machine);
	scene_end();
}

static void test_an_isolated_page_is_nobodys(void **state)
{
	const struct looks *looks = &scene.looks;

	(void)state;
	scene_init(40, PCPMM_LRU_INACTIVE_FILE, true);
	scene.looks.first = scene.looks.rest = PCPMM_PAGE_KEEP;
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	assert_int_equal(looks->del, -EBUSY);
	assert_int_equal(looks->move, -EBUSY);
	assert_int_equal(looks->add, -EINVAL);
	assert_int_equal(looks->freed, -EINVAL);
	assert_int_equal(misuse_of(scene.machine).on_lru, 1);
	assert_int_equal(looks->isolated, 1);
	assert_int_equal(snapshot(scene.machine, -1, "nr_isolated_file"), 0);
	assert_int_equal(snapshot(scene.machine, -1, "nr_isolated_anon"), 0);
	scene_end();
}

static void test_who_is_in_use_becomes_active(void **state)
{
	(void)state;
	scene_init(40, PCPMM_LRU_INACTIVE_FILE, true);
	scene.looks.first = PCPMM_PAGE_ACTIVATE;
	scene.looks.rest = PCPMM_PAGE_KEEP;
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	assert_int_equal(on_list(scene.machine, PCPMM_LRU_INACTIVE_FILE), 39);
	assert_int_equal(on_list(scene.machine, PCPMM_LRU_ACTIVE_FILE), 1);
	assert_int_equal(vmstat_of(scene.machine, "pgactivate"), 1);
	assert_int_equal(vmstat_of(scene.machine, "pgdeactivate"), 0);
	for (unsigned int i = 1; i < scene.looks.nr; i++)
		assert_ptr_not_equal(scene.looks.page[i], scene.looks.page[0]);
	expect_valid(scene.machine);
	scene_end();
}

/* Reclaim frees no page of an active list; it moves pages to the inactive. */
static void test_active_pages_become_inactive_first(void **state)
{
	struct pcpmm_page *oldest;

	(void)state;
	scene_init(400, PCPMM_LRU_ACTIVE_FILE, true);
	oldest = scene.hoard.page[scene.hoard.nr];
	scene.looks.first = scene.looks.rest = PCPMM_PAGE_KEEP;
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	assert_ptr_equal(scene.looks.page[0], oldest);
	assert_int_equal(vmstat_of(scene.machine, "pgdeactivate"),
		on_list(scene.machine, PCPMM_LRU_INACTIVE_FILE));
	assert_int_equal(vmstat_of(scene.machine, "pgrefill"),
		vmstat_of(scene.machine, "pgdeactivate"));
	/* Only until the inactive list is the longer one. */
	assert_in_range(on_list(scene.machine, PCPMM_LRU_INACTIVE_FILE), 200,
		200 + PCPMM_RECLAIM_TARGET);
	expect_valid(scene.machine);
	scene_end();
}

/* --- reclaim: how much --------------------------------------------------- */

/* Number of pages that a direct pass takes off a list of @length. */
static uint64_t direct_share(uint64_t length)
{
	uint64_t got = 0;

	for (int priority = 12; priority >= 0 && got < 32; priority--) {
		uint64_t quota = length >> priority;
		uint64_t pages = quota < 32 ? quota : 32;

		got += pages;
		length -= pages;
	}
	return got;
}

/* A pass looks at 1/4096, 1/2048 ... of a list, until 32 pages are freed. */
static void test_a_long_list_gives_what_is_needed(void **state)
{
	static const unsigned int lengths[] = {1, 31, 32, 33, 600, 4096, 7000};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(lengths); i++) {
		uint64_t share = direct_share(lengths[i]);
		struct pcpmm_page *oldest;

		scene_init(lengths[i], PCPMM_LRU_INACTIVE_FILE, false);
		oldest = scene.hoard.page[scene.hoard.nr];
		assert_int_equal(count_of(scene.machine, 0, NORMAL), 0);
		pcpmm_reclaim_page_set(scene.machine, NULL, NULL);
		assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
		assert_int_equal(
			vmstat_of(scene.machine, "pgscan_direct"), share);
		assert_int_equal(
			vmstat_of(scene.machine, "pgsteal_direct"), share);
		assert_int_equal(
			vmstat_of(scene.machine, "pgsteal_file"), share);
		assert_int_equal(
			on_list(scene.machine, PCPMM_LRU_INACTIVE_FILE),
			lengths[i] - share);
		/* They are on the list of the CPU that reclaimed. */
		assert_int_equal(count_of(scene.machine, 0, NORMAL), share);
		assert_int_equal(
			state_of_pfn(scene.machine,
				pcpmm_page_to_pfn(scene.machine, oldest)),
			PCPMM_PAGE_PCP);
		assert_int_equal(reclaim_of(scene.machine).direct, 1);
		assert_int_equal(reclaim_of(scene.machine).direct_pages, share);
		assert_int_equal(
			reclaim_of(scene.machine).failed_with_progress, 1);
		expect_valid(scene.machine);
		scene_end();
	}
}

/*
 * In 7.3 the pages that a pass scans and steals are items of the node: in the
 * CPU's diff up to a threshold, then in the node and the machine.
 */
static void test_7_3_counts_by_node(void **state)
{
	static const char *const names[] = {"pgscan_direct", "pgscan_file",
		"pgsteal_direct", "pgsteal_file"};
	uint64_t share = 1, value;
	struct stage stage;

	(void)state;
	pressure_init(&stage, 1, 0);
	stage.config.drain_retry = false;
	stage.config.layout = PCPMM_LAYOUT_7_3;
	scene_begin(&stage, 1, PCPMM_LRU_INACTIVE_FILE);
	pcpmm_reclaim_page_set(scene.machine, NULL, NULL);
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	for (size_t i = 0; i < HARNESS_COUNT(names); i++)
		assert_int_equal(snapshot(scene.machine, -1, names[i]), share);
	assert_int_equal(vmstat_of(scene.machine, names[0]), 0);
	pcpmm_vmstat_fold(scene.cpu, 0);
	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		assert_int_equal(vmstat_of(scene.machine, names[i]), share);
		assert_int_equal(pcpmm_zone_stat_read(scene.machine, 0, -1,
					 names[i], &value),
			0);
		assert_int_equal(value, share);
	}
	assert_int_equal(vmstat_of(scene.machine, "pgscan_kswapd"), 0);
	expect_valid(scene.machine);
	scene_end();
}

static void test_anon_pages_only_with_swap(void **state)
{
	(void)state;
	scene_init(200, PCPMM_LRU_INACTIVE_ANON, true);
	hoard_to_lru(&scene.hoard, scene.cpu, 200, PCPMM_LRU_ACTIVE_ANON);
	assert_null(pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0));
	assert_int_equal(scene.looks.nr, 0);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_direct"), 0);
	assert_int_equal(vmstat_of(scene.machine, "pgrefill"), 0);
	pcpmm_swap_set(scene.machine, true);
	scene.looks.first = PCPMM_PAGE_KEEP;
	scene.hoard.page[scene.hoard.nr] =
		pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0);
	assert_non_null(scene.hoard.page[scene.hoard.nr++]);
	assert_true(scene.looks.nr >= PCPMM_RECLAIM_TARGET);
	assert_int_equal(scene.looks.lru, PCPMM_LRU_INACTIVE_ANON);
	assert_int_equal(
		vmstat_of(scene.machine, "pgscan_anon"), scene.looks.nr);
	assert_int_equal(
		vmstat_of(scene.machine, "pgsteal_anon"), scene.looks.nr - 1);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_file"), 0);
	expect_valid(scene.machine);
	scene_end();
}

/* --- all at once ---------------------------------------------------------- */

#define CROWD 4
#define CROWD_PAGES 2600 /* of each; more than the zone has */

struct crowd {
	struct pcpmm_machine *machine;
	int *on_lru; /* [pfn] 1; the thread that makes it 0 owns the page */
	int failed, refused;
};

static int take(int *word)
{
	int one = 1;

	return __atomic_compare_exchange_n(
		word, &one, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static enum pcpmm_verdict forget(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	struct crowd *crowd = arg;
	uint64_t pfn = pcpmm_page_to_pfn(crowd->machine, page);

	(void)cpu, (void)lru;
	if (pfn % 7 == 0)
		return PCPMM_PAGE_ACTIVATE;
	return take(&crowd->on_lru[pfn]) ? PCPMM_PAGE_RECLAIM : PCPMM_PAGE_KEEP;
}

/* Take @page off its list and free it, unless reclaim owns it. */
static void crowd_take_back(
	struct crowd *crowd, struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	int ret;

	if (!take(&crowd->on_lru[pcpmm_page_to_pfn(crowd->machine, page)]))
		return;
	while ((ret = pcpmm_lru_del(cpu, page)) == -EBUSY)
		pause_us(1);
	if (ret || pcpmm_free_pages(cpu, page, 0))
		word_write(&crowd->failed, 1);
}

static void crowd_member(struct pcpmm_cpu *cpu, void *arg)
{
	struct rng rng = {test_seed() + pcpmm_cpu_id(cpu)};
	struct pcpmm_page *mine[CROWD_PAGES] = {NULL};
	int rounds = is_slow_run() ? 10000 : 60000;
	struct crowd *crowd = arg;

	for (int round = 0; round < rounds; round++) {
		unsigned int i = rng_below(&rng, CROWD_PAGES);

		if (mine[i])
			crowd_take_back(crowd, cpu, mine[i]);
		mine[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (!mine[i])
			continue;
		if (pcpmm_lru_add(cpu, mine[i], rng_below(&rng, 4)))
			word_write(&crowd->failed, 2);
		word_write(&crowd->on_lru[pcpmm_page_to_pfn(
				   crowd->machine, mine[i])],
			1);
		if (rng_below(&rng, 4) == 0)
			(void)pcpmm_lru_move(cpu, mine[i], rng_below(&rng, 4));
	}
	for (unsigned int i = 0; i < CROWD_PAGES; i++)
		if (mine[i])
			crowd_take_back(crowd, cpu, mine[i]);
}

/* Memory has a fifth of the pages wanted. State: strategy; NULL: no kswapd. */
static void test_a_crowd_adds_and_reclaims(void **state)
{
	struct pcpmm_cpu_thread *threads[CROWD];
	const struct combo *combo = *state;
	struct pcpmm_misuse misuse;
	struct crowd crowd = {0};
	struct stage stage;

	pressure_init(&stage, CROWD, 0);
	if (combo) {
		stage.config.drain = combo->drain;
		stage.config.rcu = combo->rcu;
		stage.config.grace = combo->grace;
	}
	stage.node.zones[NORMAL].spanned_pages =
		stage.node.zones[NORMAL].present_pages =
			stage.node.zones[NORMAL].managed_pages = 2048;
	crowd.machine = stage_create(&stage);
	crowd.on_lru = calloc(SHAPE_START_PFN + 2048, sizeof(int));
	pcpmm_reclaim_page_set(crowd.machine, forget, &crowd);
	pcpmm_swap_set(crowd.machine, true);
	if (combo)
		assert_int_equal(pcpmm_kswapd_start(crowd.machine, 5), 0);
	for (unsigned int i = 0; i < CROWD; i++) {
		threads[i] = pcpmm_cpu_run(
			crowd.machine, i, -1, crowd_member, &crowd);
		assert_non_null(threads[i]);
	}
	for (unsigned int i = 0; i < CROWD; i++)
		pcpmm_cpu_join(threads[i]);
	pcpmm_kswapd_stop(crowd.machine);
	assert_int_equal(crowd.failed, 0);
	assert_true(vmstat_of(crowd.machine, "pgsteal_direct") +
			    vmstat_of(crowd.machine, "pgsteal_kswapd") >
		    0);
	misuse = misuse_of(crowd.machine);
	assert_int_equal(misuse.double_free + misuse.wrong_order +
				 misuse.foreign_page + misuse.on_lru +
				 misuse.wrong_thread + misuse.bad_argument,
		0);
	for (int lru = 0; lru < PCPMM_NR_LRUS; lru++)
		assert_int_equal(on_list(crowd.machine, lru), 0);
	assert_int_equal(snapshot(crowd.machine, -1, "nr_isolated_file"), 0);
	assert_int_equal(snapshot(crowd.machine, -1, "nr_isolated_anon"), 0);
	expect_all_free(crowd.machine);
	pcpmm_machine_destroy(crowd.machine);
	free(crowd.on_lru);
}

int main(void)
{
	static char names[NR_SOUND][96];
	static struct CMUnitTest tests[NR_SOUND + 11] = {
		cmocka_unit_test(test_counts_are_what_was_put_in),
		cmocka_unit_test(test_a_page_on_a_list_is_not_freed),
		cmocka_unit_test(test_what_is_no_held_single_page),
		cmocka_unit_test(test_not_by_a_thread_that_is_elsewhere),
		cmocka_unit_test(test_kept_pages_rotate),
		cmocka_unit_test(test_an_isolated_page_is_nobodys),
		cmocka_unit_test(test_who_is_in_use_becomes_active),
		cmocka_unit_test(test_active_pages_become_inactive_first),
		cmocka_unit_test(test_a_long_list_gives_what_is_needed),
		cmocka_unit_test(test_7_3_counts_by_node),
		cmocka_unit_test(test_anon_pages_only_with_swap),
		cmocka_unit_test(test_a_crowd_adds_and_reclaims),
	};

	for (size_t i = 0; i < NR_SOUND; i++) {
		snprintf(names[i], sizeof(names[0]),
			"test_a_crowd_adds_and_reclaims with kswapd, %s",
			sound_combos[i].name);
		tests[i + 11] = (struct CMUnitTest){names[i],
			test_a_crowd_adds_and_reclaims, NULL, NULL,
			(void *)&sound_combos[i]};
	}
	return cmocka_run_group_tests_name("lru", tests, NULL, NULL);
}
