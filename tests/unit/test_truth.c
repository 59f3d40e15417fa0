/* SPDX-License-Identifier: MIT */
/*
 * The exact counts: violations of min that the counter does not show, and the
 * blocks that a drain of all lists would give, predicted before the drain.
 */
#include <stdatomic.h>

#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define BLOCK 4 /* an order that no list keeps: each block is counted */
#define PAGES 65536

static struct pcpmm_zone_truth truth_of(struct pcpmm_machine *machine)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	return truth;
}

static struct pcpmm_zone_stranding stranding_of(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	struct pcpmm_zone_stranding stranding;

	assert_int_equal(
		pcpmm_zone_stranding_read(machine, nid, type, &stranding), 0);
	return stranding;
}

/* --- breaches ---------------------------------------------------------- */

struct taker {
	struct pcpmm_machine *machine;
	struct pcpmm_page *pages[PAGES];
	unsigned char order[PAGES];
	unsigned int nr;
	uint64_t denied; /* cases seen: below min, the counter above it */
};

static bool denies(const struct pcpmm_zone_truth *truth)
{
	return truth->free < truth->min &&
	       truth->nr_free_pages >= (int64_t)truth->min;
}

static bool take(
	struct taker *taker, unsigned int id, uint32_t gfp, unsigned int order)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(taker->machine, id);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, order);
	struct pcpmm_zone_truth truth = truth_of(taker->machine);

	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	if (!page)
		return false;
	taker->pages[taker->nr] = page;
	taker->order[taker->nr++] = (unsigned char)order;
	taker->denied += denies(&truth);
	return true;
}

/* A zone with two largest blocks above its low mark. */
static struct taker *taker_create(unsigned int cpus)
{
	const struct shape shape = {
		.cpus = cpus,
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 4096,
	};
	struct taker *taker = calloc(1, sizeof(*taker));

	assert_non_null(taker);
	taker->machine = shape_create(&shape);
	while (truth_of(taker->machine).free >
		truth_of(taker->machine).low + 2048)
		assert_true(take(taker, 0, PCPMM_GFP_HIGHUSER_MOVABLE, 10));
	assert_int_equal(truth_of(taker->machine).breaches, 0);
	return taker;
}

static void taker_end(struct taker *taker)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(taker->machine, 0);

	while (taker->nr--)
		assert_int_equal(pcpmm_free_pages(cpu, taker->pages[taker->nr],
					 taker->order[taker->nr]),
			0);
	expect_all_free(taker->machine);
	pcpmm_machine_destroy(taker->machine);
	free(taker);
}

/* All CPUs but the first take a block, which stays in their diff. */
static void hide(struct taker *taker)
{
	struct pcpmm_zone_truth truth = truth_of(taker->machine), after;

	for (unsigned int id = 1; id < pcpmm_nr_cpus(taker->machine); id++)
		assert_true(take(taker, id, PCPMM_GFP_HIGHUSER_MOVABLE, BLOCK));
	after = truth_of(taker->machine);
	assert_int_equal(after.nr_free_pages, truth.nr_free_pages);
	assert_int_equal(truth.free - after.free, 7 << BLOCK);
}

static void test_breaches_that_the_counter_denies(void **state)
{
	struct taker *taker = taker_create(8);

	(void)state;
	hide(taker);
	while (take(taker, 0, PCPMM_GFP_HIGHUSER_MOVABLE, BLOCK))
		assert_int_equal(
			truth_of(taker->machine).breaches, taker->denied);
	assert_true(taker->denied > 0);
	taker_end(taker);
}

/* One CPU's diff is small, and the zone has no drift mark. */
static void test_breaches_without_a_drift_mark(void **state)
{
	struct taker *taker = taker_create(1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(taker->machine, 0);

	(void)state;
	assert_int_equal(truth_of(taker->machine).drift_mark, 0);
	/* Disabled lists are refilled page by page. */
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	while (take(taker, 0, PCPMM_GFP_HIGHUSER_MOVABLE, 0))
		assert_int_equal(
			truth_of(taker->machine).breaches, taker->denied);
	assert_true(taker->denied > 0);
	taker_end(taker);
}

/* Requests that may go below min are no violation. */
static void test_reserves_are_no_breach(void **state)
{
	const uint32_t atomic = PCPMM_GFP_ATOMIC | PCPMM___GFP_MOVABLE;
	struct taker *taker = taker_create(8);

	(void)state;
	hide(taker);
	while (truth_of(taker->machine).nr_free_pages >=
		(int64_t)truth_of(taker->machine).low)
		assert_true(take(taker, 0, PCPMM_GFP_HIGHUSER_MOVABLE, BLOCK));
	assert_int_equal(taker->denied, 0);
	while (take(taker, 0, atomic, BLOCK))
		;
	assert_true(taker->denied > 0);
	assert_true(truth_of(taker->machine).nr_free_pages <
		    (int64_t)truth_of(taker->machine).min);
	assert_int_equal(truth_of(taker->machine).breaches, 0);
	taker_end(taker);
}

/* Above low no request violates min; below low an exact counter stops all. */
static void test_no_breach_with_true_counters(void **state)
{
	struct taker *taker = taker_create(8);
	unsigned int id = 0;

	(void)state;
	while (take(taker, id % 8, PCPMM_GFP_HIGHUSER_MOVABLE, BLOCK)) {
		struct pcpmm_cpu *cpu =
			pcpmm_cpu_enter(taker->machine, id++ % 8);

		pcpmm_vmstat_fold(cpu, 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	assert_true(truth_of(taker->machine).free <=
		    truth_of(taker->machine).min + (1 << BLOCK));
	assert_int_equal(taker->denied, 0);
	assert_int_equal(truth_of(taker->machine).breaches, 0);
	taker_end(taker);
}

/* --- stranding, laid out by hand --------------------------------------- */

static struct pcpmm_machine *held_machine(uint64_t pages)
{
	const struct shape shape = {
		.pages = {[NORMAL] = pages},
		.boot = PCPMM_BOOT_HELD,
		.min_free_kbytes = 1,
	};

	return shape_create(&shape);
}

static void restore(struct pcpmm_machine *machine, uint64_t pfn,
	unsigned int order, bool listed)
{
	assert_int_equal(listed ? pcpmm_restore_pcp(machine, 0, pfn, order,
					  PCPMM_MIGRATE_MOVABLE)
				: pcpmm_restore_free(machine, pfn, order),
		0);
}

static uint64_t pages_of(const uint64_t *blocks)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < PCPMM_NR_ORDERS; order++)
		pages += blocks[order] << order;
	return pages;
}

static void drain_all(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	assert_int_equal(
		pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, true), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/* Drain all lists and compare with the prediction, order by order. */
static void compare_with_told(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int type, struct pcpmm_zone_stranding *told)
{
	struct pcpmm_zone_stranding now = stranding_of(machine, nid, type);

	for (unsigned int order = 0; order < PCPMM_NR_ORDERS; order++) {
		assert_int_equal(
			now.free_blocks[order], told->merged_blocks[order]);
		assert_int_equal(
			now.merged_blocks[order], told->merged_blocks[order]);
	}
	assert_int_equal(now.largest_free, told->largest_merged);
	assert_int_equal(now.largest_merged, told->largest_merged);
}

static void test_every_other_page_on_a_list(void **state)
{
	struct pcpmm_machine *machine = held_machine(4096);
	struct pcpmm_zone_stranding told = stranding_of(machine, 0, NORMAL);

	(void)state;
	assert_int_equal(told.largest_free, -1);
	assert_int_equal(told.largest_merged, -1);
	for (unsigned int i = 0; i < 1024; i++)
		restore(machine, SHAPE_START_PFN + i, 0, i & 1);
	told = stranding_of(machine, 0, NORMAL);
	assert_int_equal(told.largest_free, 0);
	assert_int_equal(told.free_blocks[0], 512);
	assert_int_equal(told.largest_merged, 10);
	assert_int_equal(told.merged_blocks[10], 1);
	assert_int_equal(pages_of(told.merged_blocks), 1024);
	/* One page is held: the blocks around it are as large as possible. */
	for (unsigned int i = 1; i < 512; i++)
		restore(machine, SHAPE_START_PFN + 1024 + i, 0, i & 1);
	told = stranding_of(machine, 0, NORMAL);
	for (unsigned int order = 0; order < 9; order++)
		assert_int_equal(told.merged_blocks[order], 1);
	assert_int_equal(told.free_blocks[0], 512 + 255);
	drain_all(machine);
	compare_with_told(machine, 0, NORMAL, &told);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* Two pageblocks: their types, and whether their pages are on lists. */
static void test_who_merges_across_pageblocks(void **state)
{
	static const struct {
		enum pcpmm_migratetype low, high;
		bool low_listed, high_listed;
		int32_t merged;
	} cases[] = {
		{PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_MOVABLE, true, false, 10},
		{PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_UNMOVABLE, false, true,
			10},
		{PCPMM_MIGRATE_HIGHATOMIC, PCPMM_MIGRATE_HIGHATOMIC, true, true,
			10},
		{PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_HIGHATOMIC, true, false,
			9},
		{PCPMM_MIGRATE_HIGHATOMIC, PCPMM_MIGRATE_RECLAIMABLE, false,
			true, 9},
		/* No page is on a list, so none is merged. */
		{PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_MOVABLE, false, false, 9},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_machine *machine = held_machine(2048);
		uint64_t low = SHAPE_START_PFN, high = low + 512;
		struct pcpmm_zone_stranding told;

		assert_int_equal(
			pcpmm_restore_block_type(machine, low, cases[i].low),
			0);
		assert_int_equal(
			pcpmm_restore_block_type(machine, high, cases[i].high),
			0);
		restore(machine, low, 9, cases[i].low_listed);
		restore(machine, high, 9, cases[i].high_listed);
		told = stranding_of(machine, 0, NORMAL);
		assert_int_equal(told.largest_merged, cases[i].merged);
		assert_int_equal(pages_of(told.merged_blocks), 1024);
		drain_all(machine);
		compare_with_told(machine, 0, NORMAL, &told);
		expect_valid(machine);
		pcpmm_machine_destroy(machine);
	}
}

static void test_only_zones_with_pages(void **state)
{
	struct pcpmm_machine *machine = held_machine(2048);
	struct pcpmm_zone_stranding told;

	(void)state;
	assert_int_equal(pcpmm_zone_stranding_read(
				 machine, 0, PCPMM_ZONE_MOVABLE, &told),
		-EINVAL);
	assert_int_equal(
		pcpmm_zone_stranding_read(machine, 0, PCPMM_NR_ZONES, &told),
		-EINVAL);
	assert_int_equal(
		pcpmm_zone_stranding_read(machine, 1, NORMAL, &told), -EINVAL);
	pcpmm_machine_destroy(machine);
}

/* --- stranding against a bitmap ---------------------------------------- */

#define MODEL_PAGES 32768

/* One byte per frame: 1 where a block of the current order is whole. */
struct model {
	unsigned char whole[MODEL_PAGES];
	unsigned char type[MODEL_PAGES >> 9];
};

static void model_read(struct model *model, struct pcpmm_machine *machine,
	unsigned int nid, unsigned int type)
{
	struct pcpmm_page_info info;

	memset(model, 0, sizeof(*model));
	for (uint64_t pfn = 0; pfn < MODEL_PAGES; pfn++) {
		if (pcpmm_page_inspect(machine, pfn, &info) ||
			info.nid != nid || info.zone_type != type)
			continue;
		model->whole[pfn] = info.state == PCPMM_PAGE_BUDDY ||
				    info.state == PCPMM_PAGE_PCP;
		if (!(pfn & 511) || !model->type[pfn >> 9])
			model->type[pfn >> 9] = (unsigned char)info.block_type;
	}
}

static bool model_may_merge(
	const struct model *model, uint64_t pfn, uint64_t buddy, unsigned order)
{
	unsigned int a = model->type[pfn >> 9], b = model->type[buddy >> 9];

	return order < 9 || a == b ||
	       (a < PCPMM_MIGRATE_PCPTYPES && b < PCPMM_MIGRATE_PCPTYPES);
}

/* Order by order, pairs merge and all other blocks stay. */
static void model_merge(struct model *model, uint64_t *blocks)
{
	memset(blocks, 0, PCPMM_NR_ORDERS * sizeof(*blocks));
	for (unsigned int order = 0; order <= PCPMM_ORDER_MAX; order++)
		for (uint64_t pfn = 0, size = 1ULL << order; pfn < MODEL_PAGES;
			pfn += 2 * size) {
			unsigned char *low = &model->whole[pfn];
			unsigned char *high = &model->whole[pfn + size];
			bool both = *low && *high;

			if (order < PCPMM_ORDER_MAX && both &&
				model_may_merge(model, pfn, pfn + size, order))
				continue;
			blocks[order] += *low + *high;
			*low = 0;
		}
}

static void compare_with_model(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int type, struct pcpmm_zone_stranding *told)
{
	static struct model model;
	uint64_t blocks[PCPMM_NR_ORDERS];
	struct pcpmm_zone_truth truth;

	*told = stranding_of(machine, nid, type);
	model_read(&model, machine, nid, type);
	model_merge(&model, blocks);
	for (unsigned int order = 0; order < PCPMM_NR_ORDERS; order++)
		assert_int_equal(told->merged_blocks[order], blocks[order]);
	assert_int_equal(pcpmm_zone_truth_read(machine, nid, type, &truth), 0);
	assert_int_equal(pages_of(told->free_blocks), truth.free);
	assert_int_equal(pages_of(told->merged_blocks), truth.free + truth.pcp);
}

struct heap {
	struct pcpmm_page *pages[4096];
	unsigned char order[4096];
	unsigned int nr;
};

/* One operation; @allocs of 16 allocate. */
static void random_op(struct pcpmm_machine *machine, struct heap *heap,
	struct rng *rng, unsigned int allocs)
{
	static const uint32_t gfps[] = {PCPMM_GFP_KERNEL,
		PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE, PCPMM_GFP_ATOMIC,
		PCPMM_GFP_DMA};
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(
		machine, rng_below(rng, pcpmm_nr_cpus(machine)));

	if (heap->nr < HARNESS_COUNT(heap->pages) &&
		rng_below(rng, 16) < allocs) {
		unsigned int order = rng_below(rng, 8) ? rng_below(rng, 4)
						       : rng_below(rng, 11);
		struct pcpmm_page *page = pcpmm_alloc_pages_node(cpu,
			rng_below(rng, pcpmm_nr_nodes(machine)),
			gfps[rng_below(rng, HARNESS_COUNT(gfps))], order);

		if (page) {
			heap->pages[heap->nr] = page;
			heap->order[heap->nr++] = (unsigned char)order;
		}
	} else if (heap->nr) {
		unsigned int i = rng_below(rng, heap->nr--);

		assert_int_equal(
			pcpmm_free_pages(cpu, heap->pages[i], heap->order[i]),
			0);
		heap->pages[i] = heap->pages[heap->nr];
		heap->order[i] = heap->order[heap->nr];
	}
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

typedef void (*zone_fn)(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int type, struct pcpmm_zone_stranding *told);

static void for_each_zone(struct pcpmm_machine *machine, zone_fn fn,
	struct pcpmm_zone_stranding told[][PCPMM_NR_ZONES])
{
	struct pcpmm_zone_truth truth;

	for (unsigned int nid = 0; nid < pcpmm_nr_nodes(machine); nid++)
		for (unsigned int type = 0; type < PCPMM_NR_ZONES; type++)
			if (!pcpmm_zone_truth_read(machine, nid, type, &truth))
				fn(machine, nid, type, &told[nid][type]);
}

static void run_random(struct pcpmm_machine *machine)
{
	struct pcpmm_zone_stranding told[2][PCPMM_NR_ZONES];
	struct heap *heap = calloc(1, sizeof(*heap));
	struct rng rng = {test_seed()};
	int rounds = is_slow_run() ? 4 : 48;

	assert_non_null(heap);
	for (int round = 0; round < rounds; round++) {
		for_each_zone(machine, compare_with_model, told);
		if (round % 4 == 3) {
			drain_all(machine);
			for_each_zone(machine, compare_with_told, told);
		}
		/* Fills up, and empties. */
		for (int i = 0; i < 400; i++)
			random_op(machine, heap, &rng, round % 12 < 8 ? 10 : 3);
	}
	expect_valid(machine);
	free(heap);
	pcpmm_machine_destroy(machine);
}

/* Zones begin and end at any frame; most of Normal is unused at first. */
static void test_random_states(void **state)
{
	const struct shape shape = {
		.cpus = 4,
		.pages = {[PCPMM_ZONE_DMA] = 1003, [NORMAL] = 15001},
		.min_free_kbytes = 64,
	};

	(void)state;
	run_random(shape_create(&shape));
}

static void test_random_states_of_a_zone_in_a_zone(void **state)
{
	static const struct pcpmm_node_config nodes[2] = {
		{.zones = {[NORMAL] = {1111, 12000, 9000, 8900}}},
		{.zones = {[NORMAL] = {5333, 3000, 3000, 3000}}},
	};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;

	(void)state;
	config = config_of(nodes, 2, 2);
	config.sysctl.min_free_kbytes = 64;
	machine = create_or_fail(&config);
	run_random(machine);
}

/* --- while other CPUs run ----------------------------------------------- */

struct busy {
	struct pcpmm_machine *machine;
	atomic_int done;
};

static void keep_busy(struct pcpmm_cpu *cpu, void *arg)
{
	struct busy *busy = arg;
	struct pcpmm_page *pages[64];

	for (int i = 0; i < (is_slow_run() ? 100 : 1000); i++) {
		unsigned int nr = 0, order = (unsigned int)i % 5;

		while (nr < HARNESS_COUNT(pages)) {
			pages[nr] = pcpmm_alloc_pages(
				cpu, PCPMM_GFP_HIGHUSER_MOVABLE, order);
			if (!pages[nr])
				break;
			nr++;
		}
		while (nr--)
			assert_int_equal(
				pcpmm_free_pages(cpu, pages[nr], order), 0);
	}
	atomic_fetch_add(&busy->done, 1);
}

static void test_reads_beside_others(void **state)
{
	const struct shape shape = {
		.cpus = 2,
		.pages = {[NORMAL] = 8192},
		.min_free_kbytes = 64,
	};
	struct busy busy = {.machine = shape_create(&shape)};
	struct pcpmm_cpu_thread *threads[2];
	struct pcpmm_zone_stranding told;

	(void)state;
	for (unsigned int id = 0; id < 2; id++) {
		threads[id] =
			pcpmm_cpu_run(busy.machine, id, -1, keep_busy, &busy);
		assert_non_null(threads[id]);
	}
	while (atomic_load(&busy.done) < 2) {
		told = stranding_of(busy.machine, 0, NORMAL);
		assert_in_range(told.largest_merged + 1, 0, PCPMM_NR_ORDERS);
		assert_in_range(pages_of(told.merged_blocks), 0, 8192);
		assert_int_equal(truth_of(busy.machine).breaches, 0);
	}
	for (unsigned int id = 0; id < 2; id++)
		pcpmm_cpu_join(threads[id]);
	compare_with_model(busy.machine, 0, NORMAL, &told);
	expect_all_free(busy.machine);
	pcpmm_machine_destroy(busy.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breaches_that_the_counter_denies),
		cmocka_unit_test(test_breaches_without_a_drift_mark),
		cmocka_unit_test(test_reserves_are_no_breach),
		cmocka_unit_test(test_no_breach_with_true_counters),
		cmocka_unit_test(test_every_other_page_on_a_list),
		cmocka_unit_test(test_who_merges_across_pageblocks),
		cmocka_unit_test(test_only_zones_with_pages),
		cmocka_unit_test(test_random_states),
		cmocka_unit_test(test_random_states_of_a_zone_in_a_zone),
		cmocka_unit_test(test_reads_beside_others),
	};

	return cmocka_run_group_tests_name("truth", tests, NULL, NULL);
}
