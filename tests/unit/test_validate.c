/* SPDX-License-Identifier: MIT */
/* Each message of pcpmm_validate(): damage one value, and it is named. */
#include "support/layout.h"

#define NR_PAGES 6

/* A machine with some pages on the LRU lists of its Normal zone. */
struct scene {
	struct layout l;
	struct lru *lru;
	struct pcpmm_cpu *cpu;
	struct pcpmm_page *page[NR_PAGES]; /* the last one is held */
};

static struct scene scene_create(void)
{
	const struct shape shape = {
		.cpus = 2,
		.pages =
			{[PCPMM_ZONE_DMA32] = 4096, [PCPMM_ZONE_NORMAL] = 8192},
	};
	struct scene s = {.l = layout_of(&shape)};

	s.cpu = pcpmm_cpu_get(s.l.machine, 0);
	s.lru = &s.l.machine->reclaim.lrus[s.l.zone->id];
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		s.page[i] = pcpmm_alloc_pages(s.cpu, PCPMM_GFP_KERNEL, 0);
		assert_non_null(s.page[i]);
	}
	for (unsigned int i = 0; i < NR_PAGES - 1; i++)
		assert_int_equal(pcpmm_lru_add(s.cpu, s.page[i],
					 i < 3 ? PCPMM_LRU_INACTIVE_FILE
					       : PCPMM_LRU_ACTIVE_ANON),
			0);
	expect_valid(s.l.machine);
	return s;
}

/* The test has repaired its damage. */
static void scene_end(struct scene *s)
{
	expect_valid(s->l.machine);
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		if (i < NR_PAGES - 1)
			assert_int_equal(pcpmm_lru_del(s->cpu, s->page[i]), 0);
		assert_int_equal(pcpmm_free_pages(s->cpu, s->page[i], 0), 0);
	}
	expect_all_free(s->l.machine);
	pcpmm_machine_destroy(s->l.machine);
}

static void expect_complaint(struct scene *s, const char *words)
{
	struct pcpmm_error error = {""};

	assert_int_equal(pcpmm_validate(s->l.machine, &error), -EUCLEAN);
	if (!strstr(error.text, words))
		fail_msg("\"%s\" does not speak of \"%s\"", error.text, words);
}

static uint32_t pfn_of(const struct scene *s, unsigned int i)
{
	return (uint32_t)(s->page[i] - s->l.machine->zones.memmap);
}

/* Change a counter and the machine's, so that the sums still agree. */
static void change(struct vmstat *stat, int item, int64_t by)
{
	for (; stat; stat = stat->parent)
		stat->value[item] += by;
}

static void expect_item_complaint(
	struct scene *s, struct vmstat *stat, int item, const char *name)
{
	change(stat, item, 1);
	expect_complaint(s, name);
	change(stat, item, -1);
	expect_valid(s->l.machine);
}

static void test_zone_items(void **state)
{
	struct scene s = scene_create();
	struct vmstat *stat = &s.l.zone->stat;

	(void)state;
	expect_item_complaint(&s, stat, NR_FREE_PAGES, "nr_free_pages and");
	expect_item_complaint(&s, stat, NR_FREE_CMA_PAGES, "nr_free_cma and");
	for (int i = NR_ZONE_INACTIVE_ANON; i <= NR_ZONE_ACTIVE_FILE; i++)
		expect_item_complaint(&s, stat, i, vmstat_zone_names[i]);
	/* Items of the program are not checked. */
	change(stat, NR_MLOCK, 1);
	expect_valid(s.l.machine);
	scene_end(&s);
}

static void test_node_items(void **state)
{
	struct scene s = scene_create();
	struct vmstat *stat = &s.l.machine->nodes[0].stat;

	(void)state;
	for (int i = NR_INACTIVE_ANON; i <= NR_ACTIVE_FILE; i++)
		expect_item_complaint(&s, stat, i, vmstat_node_names[i]);
	expect_item_complaint(&s, stat, NR_ISOLATED_ANON, "nr_isolated_anon");
	expect_item_complaint(&s, stat, NR_ISOLATED_FILE, "nr_isolated_file");
	change(stat, NR_FILE_MAPPED, 1);
	expect_valid(s.l.machine);
	scene_end(&s);
}

/* The diffs of all CPUs are part of the value. */
static void test_diffs_of_all_cpus(void **state)
{
	struct scene s = scene_create();
	struct cpu *other = &s.l.machine->cpus[1].base;
	struct vmstat *stat = &s.l.zone->stat;

	(void)state;
	assert_non_null(pcpmm_cpu_enter(s.l.machine, 1));
	vmstat_mod(other, stat, NR_ZONE_ACTIVE_FILE, 1);
	expect_complaint(&s, "nr_zone_active_file and diffs say 1");
	change(stat, NR_ZONE_ACTIVE_FILE, -1);
	expect_valid(s.l.machine);
	scene_end(&s);
}

static void test_sums(void **state)
{
	struct scene s = scene_create();

	(void)state;
	s.l.machine->zone_sum.value[NR_ZONE_ACTIVE_ANON]++;
	expect_complaint(&s, "nr_zone_active_anon: zones add up to");
	s.l.machine->zone_sum.value[NR_ZONE_ACTIVE_ANON]--;
	s.l.machine->node_sum.value[NR_ISOLATED_FILE]++;
	expect_complaint(&s, "nr_isolated_file: nodes add up to");
	s.l.machine->node_sum.value[NR_ISOLATED_FILE]--;
	scene_end(&s);
}

/* A bit too many, and the bit of a list with blocks missing. */
static void test_nonempty(void **state)
{
	struct scene s = scene_create();
	uint64_t *nonempty = &s.l.zone->nonempty;
	const uint64_t movable = NONEMPTY_BIT(ORDER_MAX, PCPMM_MIGRATE_MOVABLE);
	const uint64_t cma = NONEMPTY_BIT(0, PCPMM_MIGRATE_CMA);

	(void)state;
	/* Untouched blocks count. */
	assert_true(*nonempty & movable);
	assert_false(*nonempty & cma);
	*nonempty ^= movable;
	expect_complaint(&s, "lists that are not empty: 0x");
	*nonempty ^= movable | cma;
	expect_complaint(&s, "lists that are not empty: 0x");
	*nonempty ^= cma;
	scene_end(&s);
}

static void test_lru_frames(void **state)
{
	struct scene s = scene_create();

	(void)state;
	frame_set_state(s.page[1], FRAME_HELD);
	expect_complaint(&s, "on the list of nr_inactive_file but");
	frame_set_state(s.page[1], FRAME_ISOLATED);
	expect_complaint(&s, "on the list of nr_inactive_file but");
	frame_set_state(s.page[1], FRAME_LRU);
	s.page[4]->lru = PCPMM_LRU_ACTIVE_FILE;
	expect_complaint(&s, "on the list of nr_active_anon but");
	s.page[4]->lru = PCPMM_LRU_ACTIVE_ANON;
	s.page[1]->prev++;
	expect_complaint(&s, "on the list of nr_inactive_file but");
	s.page[1]->prev--;
	/* A page with the state of a list, on no list. */
	frame_set_state(s.page[NR_PAGES - 1], FRAME_LRU);
	expect_complaint(
		&s, "5 pages on LRU lists and in batches, 6 by their frames");
	frame_set_state(s.page[NR_PAGES - 1], FRAME_ISOLATED);
	expect_complaint(
		&s, "5 pages on LRU lists and in batches, 6 by their frames");
	frame_set_state(s.page[NR_PAGES - 1], FRAME_HELD);
	scene_end(&s);
}

static void test_lru_lengths(void **state)
{
	struct scene s = scene_create();
	struct frame_list *list = &s.lru->list[PCPMM_LRU_INACTIVE_FILE];

	(void)state;
	s.lru->nr[PCPMM_LRU_INACTIVE_FILE]++;
	expect_complaint(&s, "nr_inactive_file: 3 on the list, length 4");
	s.lru->nr[PCPMM_LRU_INACTIVE_FILE] -= 2;
	expect_complaint(&s, "nr_inactive_file: 3 on the list, length 2");
	s.lru->nr[PCPMM_LRU_INACTIVE_FILE]++;
	list->last = pfn_of(&s, 1);
	expect_complaint(&s, "nr_inactive_file: 3 on the list, length 3, last");
	list->last = pfn_of(&s, 0);
	scene_end(&s);
}

/* A list with a cycle ends the walk, too. */
static void test_circle(void **state)
{
	struct scene s = scene_create();

	(void)state;
	assert_int_equal(pcpmm_lru_del(s.cpu, s.page[2]), 0);
	assert_int_equal(pcpmm_lru_del(s.cpu, s.page[1]), 0);
	s.page[0]->next = s.page[0]->prev = pfn_of(&s, 0);
	expect_complaint(&s, "nr_inactive_file: 2 or more on the list");
	s.page[0]->next = 0;
	for (unsigned int i = 1; i < 3; i++)
		assert_int_equal(pcpmm_lru_add(s.cpu, s.page[i],
					 PCPMM_LRU_INACTIVE_FILE),
			0);
	scene_end(&s);
}

/* A program can not change by name the items that validate checks. */
static void test_own_items_are_refused(void **state)
{
	static const char *const zone[] = {"nr_free_pages", "nr_free_cma",
		"nr_zone_inactive_anon", "nr_zone_active_anon",
		"nr_zone_inactive_file", "nr_zone_active_file"};
	static const char *const node[] = {"nr_inactive_anon", "nr_active_anon",
		"nr_inactive_file", "nr_active_file", "nr_isolated_anon",
		"nr_isolated_file"};
	static const char *const others[] = {"nr_zone_unevictable",
		"nr_zone_write_pending", "nr_mlock", "nr_zspages"};
	struct scene s = scene_create();

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(zone); i++)
		assert_int_equal(
			pcpmm_stat_mod(s.cpu, 0, PCPMM_ZONE_NORMAL, zone[i], 1),
			-EINVAL);
	for (size_t i = 0; i < HARNESS_COUNT(node); i++)
		assert_int_equal(
			pcpmm_stat_mod(s.cpu, 0, -1, node[i], 1), -EINVAL);
	for (size_t i = 0; i < HARNESS_COUNT(others); i++)
		assert_int_equal(pcpmm_stat_mod(s.cpu, 0, PCPMM_ZONE_NORMAL,
					 others[i], 1),
			0);
	assert_int_equal(pcpmm_stat_mod(s.cpu, 0, -1, "nr_unevictable", 1), 0);
	assert_int_equal(pcpmm_stat_mod(s.cpu, 0, -1, "nr_anon_pages", 1), 0);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone_items),
		cmocka_unit_test(test_node_items),
		cmocka_unit_test(test_diffs_of_all_cpus),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_nonempty),
		cmocka_unit_test(test_lru_frames),
		cmocka_unit_test(test_lru_lengths),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_own_items_are_refused),
	};

	return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
