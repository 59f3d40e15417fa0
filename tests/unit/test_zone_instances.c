/* SPDX-License-Identifier: MIT */
/*
 * Several zones of one type on a node: where they are cut, which one a CPU
 * allocates from, what is left when they are empty, marks and reserves, drains,
 * and the one posted weakness: kswapd looks after one of them.
 */
#include "support/pressure.h"

#include "machine/machine.h"
#include "zone/buddy.h"

#define MOVABLE PCPMM_ZONE_MOVABLE
#define BLOCK (1ul << ORDER_MAX)
#define MOST PCPMM_ZONE_INSTANCES_MAX
#define LARGE (24 * BLOCK) /* pages of a zone */
#define ROUNDS 100

/* Node 0 with DMA32 and NORMAL, further nodes with NORMAL; all of LARGE. */
struct world {
	struct pcpmm_node_config node[2];
	struct pcpmm_config config;
};

static void zone_at(struct pcpmm_zone_config *zone, uint64_t *pfn)
{
	*zone = (struct pcpmm_zone_config){*pfn, LARGE, LARGE, LARGE};
	*pfn += LARGE;
}

/* @world must not be moved before the machine is created. */
static void world_init(struct world *world, unsigned int nodes,
	unsigned int cpus, unsigned int instances)
{
	uint64_t pfn = BLOCK;

	memset(world, 0, sizeof(*world));
	world->config = config_of(world->node, nodes, cpus);
	world->config.zone_instances = instances;
	world->config.sysctl.min_free_kbytes = 4096;
	zone_at(&world->node[0].zones[DMA32], &pfn);
	for (unsigned int nid = 0; nid < nodes; nid++)
		zone_at(&world->node[nid].zones[NORMAL], &pfn);
}

static struct pcpmm_machine *create(
	unsigned int nodes, unsigned int cpus, unsigned int instances)
{
	struct world world;

	world_init(&world, nodes, cpus, instances);
	return create_or_fail(&world.config);
}

static struct zone *zone_of(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int type, unsigned int instance)
{
	struct zone *zone =
		machine_zone(machine, nid, PCPMM_ZONE_INSTANCE(type, instance));

	assert_non_null(zone);
	return zone;
}

static struct pcpmm_zone_truth truth_at(
	struct pcpmm_machine *machine, unsigned int type, unsigned int instance)
{
	return truth_of(machine, PCPMM_ZONE_INSTANCE(type, instance));
}

/* Every zone of the machine. */
static void end(struct pcpmm_machine *machine)
{
	expect_valid(machine);
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		assert_int_equal(
			vmstat_snapshot(
				&machine->zones.zone[i]->stat, NR_FREE_PAGES) +
				(uint64_t)pcp_count(&machine->cpus[0].slots[i]),
			machine->zones.zone[i]->managed);
	pcpmm_machine_destroy(machine);
}

/* --- the cuts ------------------------------------------------------------- */

/* A zone with an odd start, holes, and pages that are not managed. */
static const struct pcpmm_zone_config odd = {
	5 * BLOCK + 77, 19 * BLOCK + 300, 19 * BLOCK, 17 * BLOCK + 500};

static void check_cuts(struct pcpmm_machine *machine, unsigned int type,
	const struct pcpmm_zone_config *whole, unsigned int nr)
{
	uint64_t at = whole->start_pfn, present = 0, managed = 0, least = LARGE;
	uint64_t most = 0;

	for (unsigned int k = 0; k < nr; k++) {
		const struct zone *zone = zone_of(machine, 0, type, k);

		assert_int_equal(zone->start_pfn, at);
		assert_true(!k || at % BLOCK == 0);
		assert_true(zone->managed >= BLOCK);
		assert_int_equal(zone->type, type);
		assert_int_equal(zone->instance, k);
		at += zone->spanned;
		present += zone->present;
		managed += zone->managed;
		least = MIN(least, zone->managed);
		most = MAX(most, zone->managed);
	}
	assert_int_equal(at, whole->start_pfn + whole->spanned_pages);
	assert_int_equal(present, whole->present_pages);
	assert_int_equal(managed, whole->managed_pages);
	assert_true(most - least <= 3 * BLOCK);
	assert_null(machine_zone(machine, 0, PCPMM_ZONE_INSTANCE(type, nr)));
	assert_null(zone_of(machine, 0, type, nr - 1)->sibling);
}

/* Each frame is in the zone that says so, and in no other. */
static void check_frames(struct pcpmm_machine *machine)
{
	for (uint64_t pfn = 1; pfn < machine->zones.end_pfn; pfn++) {
		const struct zone *owner =
			zones_zone_of_pfn(&machine->zones, pfn);
		struct pcpmm_page_info info;
		unsigned int nr = 0;

		for (unsigned int i = 0; i < machine->zones.nr; i++)
			nr += zone_contains(machine->zones.zone[i], pfn);
		assert_int_equal(nr, owner != NULL);
		if (!owner)
			continue;
		assert_int_equal(pcpmm_page_inspect(machine, pfn, &info), 0);
		assert_int_equal(info.zone_type, owner->type);
		assert_int_equal(info.zone_instance, owner->instance);
	}
}

/* Free blocks of all zones of @type. */
static uint64_t blocks_of(
	struct pcpmm_machine *machine, unsigned int type, unsigned int order)
{
	uint64_t nr = 0;

	for (unsigned int i = 0; i < machine->zones.nr; i++)
		if (machine->zones.zone[i]->type == type)
			nr += buddy_nr_free(machine->zones.zone[i], order);
	return nr;
}

static void test_cuts(void **state)
{
	struct pcpmm_node_config node = {.zones = {[NORMAL] = odd}};
	struct pcpmm_zone_config *movable = &node.zones[MOVABLE];
	struct pcpmm_config config = config_of(&node, 1, 2);
	struct pcpmm_machine *whole, *machine;
	uint64_t pfn = odd.start_pfn + odd.spanned_pages;

	(void)state;
	zone_at(movable, &pfn);
	whole = create_or_fail(&config);
	for (unsigned int nr = 1; nr <= MOST; nr++) {
		config.zone_instances = nr;
		machine = create_or_fail(&config);
		assert_int_equal(machine->zones.nr, 2 * nr);
		check_cuts(machine, NORMAL, &odd, nr);
		check_cuts(machine, MOVABLE, movable, nr);
		check_frames(machine);
		for (unsigned int order = 0; order < NR_ORDERS; order++)
			for (unsigned int type = NORMAL; type <= MOVABLE;
				type++)
				assert_int_equal(
					blocks_of(machine, type, order),
					blocks_of(whole, type, order));
		end(machine);
	}
	end(whole);
}

/* One block of the largest order each, and no page more. */
static void test_smallest(void **state)
{
	const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {BLOCK, MOST * BLOCK, MOST * BLOCK,
				  MOST * BLOCK}},
	};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_machine *machine;

	(void)state;
	config.zone_instances = MOST;
	machine = create_or_fail(&config);
	for (unsigned int k = 0; k < MOST; k++)
		assert_int_equal(
			zone_of(machine, 0, NORMAL, k)->managed, BLOCK);
	end(machine);
}

/* Types that are not split, and numbers that name no zone. */
static void test_numbers(void **state)
{
	struct pcpmm_machine *machine = create(1, 1, 3);
	struct pcpmm_zone_truth truth;
	uint64_t value;

	(void)state;
	assert_ptr_equal(zone_of(machine, 0, NORMAL, 0),
		machine_zone(machine, 0, NORMAL));
	assert_ptr_equal(
		zone_of(machine, 0, DMA32, 0), machine_zone(machine, 0, DMA32));
	assert_int_equal(pcpmm_zone_truth_read(machine, 0,
				 PCPMM_ZONE_INSTANCE(DMA32, 1), &truth),
		-EINVAL);
	assert_int_equal(pcpmm_zone_truth_read(machine, 0,
				 PCPMM_ZONE_INSTANCE(NORMAL, 3), &truth),
		-EINVAL);
	for (unsigned int number = PCPMM_NR_ZONES; number < 16; number++) {
		assert_int_equal(
			pcpmm_zone_truth_read(machine, 0, number, &truth),
			-EINVAL);
		assert_int_equal(
			pcpmm_zone_truth_read(machine, 0,
				PCPMM_ZONE_INSTANCE(number, 0), &truth),
			-EINVAL);
	}
	assert_int_equal(
		pcpmm_zone_truth_read(machine, 0, UINT32_MAX, &truth), -EINVAL);
	assert_int_equal(
		pcpmm_zone_stat_read(machine, 0, PCPMM_ZONE_INSTANCE(NORMAL, 2),
			"nr_free_pages", &value),
		0);
	assert_int_equal(value, LARGE / 3);
	assert_int_equal(vmstat_of(machine, "nr_free_pages"), 2 * LARGE);
	end(machine);
}

/* --- the order of zones --------------------------------------------------- */

struct place {
	unsigned int nid, type, instance;
};

static struct place place_of(
	struct pcpmm_machine *machine, const struct pcpmm_page *page)
{
	struct pcpmm_page_info info = inspect(machine, page);

	return (struct place){info.nid, info.zone_type, info.zone_instance};
}

static void expect_place(struct pcpmm_machine *machine,
	const struct pcpmm_page *page, struct place place)
{
	struct place is = place_of(machine, page);

	assert_int_equal(is.nid, place.nid);
	assert_int_equal(is.type, place.type);
	assert_int_equal(is.instance, place.instance);
}

/* CPU n begins in instance n % 3, by list or buddy, one page or many. */
static void test_cpu_chooses(void **state)
{
	static const unsigned int on_node_0[6] = {0};
	struct pcpmm_machine *machine;
	struct world world;

	(void)state;
	world_init(&world, 2, 6, 3);
	world.config.cpu_node = on_node_0;
	machine = create_or_fail(&world.config);
	for (unsigned int id = 0; id < 6; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);
		struct place place = {0, NORMAL, id % 3};
		struct pcpmm_page *page[4];

		page[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		expect_place(machine, page[0], place);
		assert_int_equal(pcpmm_alloc_pages_bulk(
					 cpu, PCPMM_GFP_KERNEL, 2, page + 1),
			2);
		expect_place(machine, page[2], place);
		for (unsigned int i = 0; i < 3; i++)
			assert_int_equal(pcpmm_free_pages(cpu, page[i], 0), 0);
		page[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 5);
		expect_place(machine, page[0], place);
		assert_int_equal(pcpmm_free_pages(cpu, page[0], 5), 0);
		place.nid = 1;
		page[0] = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 5);
		expect_place(machine, page[0], place);
		assert_int_equal(pcpmm_free_pages(cpu, page[0], 5), 0);
		assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	end(machine);
}

/*
 * Node 0: all instances before DMA32, which comes before node 1. CPU 1 is on node
 * 0, too, and begins with instance 1 of each node. A failure leaves no instance
 * with a block to spare.
 */
static void test_siblings_come_first(void **state)
{
	static const struct place order[] = {{0, NORMAL, 1}, {0, NORMAL, 2},
		{0, NORMAL, 0}, {0, DMA32, 0}, {1, NORMAL, 1}, {1, NORMAL, 2},
		{1, NORMAL, 0}};
	static const unsigned int on_node_0[2] = {0};
	static struct pcpmm_page *held[3 * LARGE >> 4];
	struct pcpmm_machine *machine;
	unsigned int nr = 0, seen = 0;
	struct pcpmm_cpu *cpu;
	struct world world;

	(void)state;
	world_init(&world, 2, 2, 3);
	world.config.cpu_node = on_node_0;
	machine = create_or_fail(&world.config);
	cpu = pcpmm_cpu_enter(machine, 1);
	while ((held[nr] = pcpmm_alloc_pages(
			cpu, PCPMM___GFP_MOVABLE | PCPMM___GFP_HIGHMEM, 4))) {
		struct place place = place_of(machine, held[nr++]);

		if (seen && place.nid == order[seen - 1].nid &&
			place.type == order[seen - 1].type &&
			place.instance == order[seen - 1].instance)
			continue;
		/* The second round is that of the slow path, below low. */
		if (seen < HARNESS_COUNT(order))
			expect_place(machine, held[nr - 1], order[seen++]);
	}
	assert_int_equal(seen, HARNESS_COUNT(order));
	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		const struct zone *zone = machine->zones.zone[i];

		assert_true(buddy_pages(zone) <
			    zone_mark_pages(zone, MARK_MIN) + 32 +
				    zone->lowmem_reserve[MOVABLE]);
	}
	while (nr)
		assert_int_equal(pcpmm_free_pages(cpu, held[--nr], 4), 0);
	end(machine);
}

/* --- marks, reserves, lists ----------------------------------------------- */

/* Sums over @nr instances: of marks, and of what they keep from Movable. */
static void sum_of(struct pcpmm_machine *machine, unsigned int nr,
	uint64_t marks[NR_MARKS], uint64_t *reserve)
{
	*reserve = 0;
	memset(marks, 0, NR_MARKS * sizeof(marks[0]));
	for (unsigned int k = 0; k < nr; k++) {
		const struct zone *zone = zone_of(machine, 0, NORMAL, k);

		for (unsigned int mark = 0; mark < NR_MARKS; mark++)
			marks[mark] += zone->mark[mark];
		*reserve += zone->lowmem_reserve[MOVABLE];
		/* A sibling is no higher zone. */
		for (unsigned int type = 0; type <= NORMAL; type++)
			assert_int_equal(zone->lowmem_reserve[type], 0);
	}
}

static struct pcpmm_machine *create_with_movable(
	unsigned int instances, const char *fraction)
{
	struct pcpmm_machine *machine;
	uint64_t pfn = 4 * LARGE;
	struct world world;

	world_init(&world, 1, 2, instances);
	zone_at(&world.node[0].zones[MOVABLE], &pfn);
	machine = create_or_fail(&world.config);
	assert_int_equal(pcpmm_sysctl_set(machine,
				 "vm.percpu_pagelist_high_fraction", fraction),
		0);
	return machine;
}

static void test_marks_and_reserves(void **state)
{
	struct pcpmm_machine *whole = create_with_movable(1, "0");
	const struct zone *one = zone_of(whole, 0, NORMAL, 0);

	(void)state;
	for (unsigned int nr = 2; nr <= MOST; nr++) {
		struct pcpmm_machine *machine = create_with_movable(nr, "0");
		uint64_t marks[NR_MARKS], reserve;

		sum_of(machine, nr, marks, &reserve);
		for (unsigned int mark = 0; mark < NR_MARKS; mark++)
			assert_in_range(marks[mark], one->mark[mark] - 3 * nr,
				one->mark[mark]);
		assert_in_range(reserve, one->lowmem_reserve[MOVABLE] - nr,
			one->lowmem_reserve[MOVABLE]);
		/* What lower types keep from the type is the same. */
		for (unsigned int type = 0; type < NODE_ZONES; type++)
			assert_int_equal(zone_of(machine, 0, DMA32, 0)
						 ->lowmem_reserve[type],
				zone_of(whole, 0, DMA32, 0)
					->lowmem_reserve[type]);
		end(machine);
	}
	end(whole);
}

/* By pages, not by heads: of 5 blocks in 3 instances one has 1, two have 2. */
static void test_marks_in_proportion(void **state)
{
	const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {BLOCK, 5 * BLOCK, 5 * BLOCK, 5 * BLOCK}},
	};
	struct pcpmm_config config = config_of(&node, 1, 2);
	struct pcpmm_machine *machine;

	(void)state;
	config.zone_instances = 3;
	config.sysctl.min_free_kbytes = 4 * 500;
	machine = create_or_fail(&config);
	assert_int_equal(truth_at(machine, NORMAL, 0).min, 100);
	assert_int_equal(truth_at(machine, NORMAL, 1).min, 200);
	assert_int_equal(truth_at(machine, NORMAL, 2).min, 200);
	/* Each has a drift mark, as two CPUs came up before the marks. */
	for (unsigned int k = 0; k < 3; k++)
		assert_true(truth_at(machine, NORMAL, k).drift_mark > 0);
	end(machine);
}

/* Pages that boot frees late: of the first instances. */
static void test_late_pages(void **state)
{
	uint64_t late[PCPMM_NR_ZONES] = {[NORMAL] = LARGE / 3 + LARGE / 6};
	struct pcpmm_machine *machine;
	struct world world;
	uint64_t min;

	(void)state;
	world_init(&world, 1, 2, 3);
	world.config.late_pages = late;
	machine = create_or_fail(&world.config);
	min = truth_at(machine, NORMAL, 2).min;
	assert_int_equal(truth_at(machine, NORMAL, 0).min, 0);
	assert_in_range(
		truth_at(machine, NORMAL, 1).min, min / 2 - 1, min / 2 + 1);
	end(machine);
}

/* High is the instance's low mark, or its share of the pages, over all CPUs. */
static void test_lists_are_sized_by_instance(void **state)
{
	struct pcpmm_machine *machine = create_with_movable(3, "8");
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (unsigned int k = 0; k < 3; k++) {
		unsigned int number = PCPMM_ZONE_INSTANCE(NORMAL, k);

		assert_int_equal(
			pcp_of(cpu, 0, number).high, LARGE / 3 / 8 / 2);
		assert_true(pcp_of(cpu, 0, number).batch <
			    pcp_of(cpu, 0, DMA32).batch);
	}
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	for (unsigned int k = 0; k < 3; k++)
		assert_int_equal(
			pcp_of(cpu, 0, PCPMM_ZONE_INSTANCE(NORMAL, k)).high,
			LARGE / 3 / 8);
	end(machine);
}

/* khugepaged asks for 11 pageblocks a zone, and each instance is a zone. */
static void test_khugepaged_counts_instances(void **state)
{
	static const unsigned int zones[] = {0, 2, 3, 4, 5};
	struct pcpmm_machine *machine;
	struct world world;
	char text[32];

	(void)state;
	for (unsigned int nr = 1; nr < HARNESS_COUNT(zones); nr++) {
		uint64_t pfn = BLOCK;

		world_init(&world, 1, 2, nr);
		for (unsigned int type = DMA32; type <= NORMAL; type++) {
			world.node[0].zones[type] = (struct pcpmm_zone_config){
				pfn, 20 * LARGE, 20 * LARGE, 20 * LARGE};
			pfn += 20 * LARGE;
		}
		world.config.sysctl.min_free_kbytes = -1;
		world.config.thp = PCPMM_THP_ALWAYS;
		machine = create_or_fail(&world.config);
		assert_true(pcpmm_sysctl_get(machine, "vm.min_free_kbytes",
				    text, sizeof(text)) > 0);
		assert_int_equal(
			strtoul(text, NULL, 10), zones[nr] * 11 * 512 * 4);
		end(machine);
	}
}

/* --- kswapd --------------------------------------------------------------- */

static struct pressure scene;

static void scene_init(void)
{
	struct stage stage;

	pressure_init(&stage, 2, 0);
	stage.config.zone_instances = 2;
	pressure_begin(&scene, &stage);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
}

/* Hoarded pages of @instance go to the LRU; the others stay. */
static void to_lru(unsigned int instance)
{
	struct hoard *hoard = &scene.hoard;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < hoard->nr; i++)
		if (place_of(scene.machine, hoard->page[i]).instance ==
			instance)
			assert_int_equal(
				pcpmm_lru_add(scene.cpu, hoard->page[i],
					PCPMM_LRU_INACTIVE_FILE),
				0);
		else
			hoard->page[nr++] = hoard->page[i];
	hoard->nr = nr;
}

/*
 * CPU 0 has used instance 0 up to its low mark. From then on it takes its pages from
 * the sibling, and nobody wakes kswapd, although instance 0 is below high and has
 * nothing but pages to reclaim.
 */
static void test_kswapd_is_not_woken_for_one(void **state)
{
	struct pcpmm_page *page;

	(void)state;
	scene_init();
	do {
		page = pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 0);
		scene.hoard.page[scene.hoard.nr++] = page;
	} while (place_of(scene.machine, page).instance == 0);
	to_lru(0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		page = pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 0);
		expect_place(scene.machine, page, (struct place){0, NORMAL, 1});
		scene.hoard.page[scene.hoard.nr++] = page;
	}
	assert_true(truth_at(scene.machine, NORMAL, 0).free <
		    truth_at(scene.machine, NORMAL, 0).high);
	assert_int_equal(kswapd_of(scene.machine).wakeups, 0);
	pressure_end(&scene);
}

/*
 * Both are below low, and kswapd is woken. It finds pages in instance 1 only, stops
 * when that one is above high, and sleeps: the node counts as balanced.
 */
static void test_one_instance_is_enough(void **state)
{
	struct pcpmm_zone_truth starved, fed;

	(void)state;
	scene_init();
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_NOWAIT);
	to_lru(1);
	assert_true(pcpmm_kswapd_run(scene.cpu, 0) > 0);
	starved = truth_at(scene.machine, NORMAL, 0);
	fed = truth_at(scene.machine, NORMAL, 1);
	assert_true(fed.free > fed.high);
	assert_true(starved.free <= starved.min);
	assert_int_equal(pcpmm_kswapd_run(scene.cpu, 0), 0);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).failures, 0);
	pressure_end(&scene);
}

/* --- drains --------------------------------------------------------------- */

/* A page of each instance goes to the lists of @to, CPU 0. */
static void fill_all(struct pcpmm_cpu *to, unsigned int nr)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(to);

	for (unsigned int id = 0; id < nr; id++) {
		struct pcpmm_cpu *cpu = id ? pcpmm_cpu_enter(machine, id) : to;
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		assert_int_equal(pcpmm_drain_local_pages(cpu, 0,
					 PCPMM_ZONE_INSTANCE(NORMAL, id)),
			0);
		assert_int_equal(pcpmm_free_pages(to, page, 0), 0);
		if (id)
			assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	for (unsigned int k = 0; k < nr; k++)
		assert_int_equal(pcp_of(pcpmm_cpu_get(machine, 0), 0,
					 PCPMM_ZONE_INSTANCE(NORMAL, k))
					 .count,
			1);
}

static int listed(struct pcpmm_machine *machine, unsigned int nr)
{
	int count = 0;

	for (unsigned int k = 0; k < nr; k++)
		count += pcp_of(pcpmm_cpu_get(machine, 0), 0,
			PCPMM_ZONE_INSTANCE(NORMAL, k))
				 .count;
	return count;
}

static void test_drains(void **state)
{
	struct pcpmm_machine *machine = create(1, 3, 3);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int second = PCPMM_ZONE_INSTANCE(NORMAL, 1);

	(void)state;
	fill_all(cpu, 3);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, second), 0);
	assert_int_equal(listed(machine, 3), 2);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(listed(machine, 3), 0);
	fill_all(cpu, 3);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, second, true), 0);
	assert_int_equal(listed(machine, 3), 2);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, true), 0);
	assert_int_equal(listed(machine, 3), 0);
	fill_all(cpu, 3);
	assert_int_equal(
		pcpmm_drain_pages_zone(cpu, 0, 0, (unsigned int)second, 0), 0);
	assert_int_equal(listed(machine, 3), 2);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 1), 0);
	assert_int_equal(listed(machine, 3), 0);
	fill_all(cpu, 3);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(listed(machine, 3), 0);
	assert_int_equal(pcpmm_drain_all_pages(
				 cpu, 0, PCPMM_ZONE_INSTANCE(NORMAL, 3), true),
		-EINVAL);
	end(machine);
}

static void test_drains_by_workers(void **state)
{
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct world world;

	(void)state;
	world_init(&world, 1, 3, 3);
	world.config.drain = PCPMM_DRAIN_WORKQUEUE;
	machine = create_or_fail(&world.config);
	cpu = pcpmm_cpu_enter(machine, 0);
	fill_all(cpu, 3);
	assert_int_equal(pcpmm_drain_all_pages(
				 cpu, 0, PCPMM_ZONE_INSTANCE(NORMAL, 2), true),
		0);
	assert_int_equal(listed(machine, 3), 2);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, true), 0);
	assert_int_equal(listed(machine, 3), 0);
	end(machine);
}

/* All or none. */
static void test_disable(void **state)
{
	struct pcpmm_machine *machine = create(1, 3, 3);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	unsigned int second = PCPMM_ZONE_INSTANCE(NORMAL, 1);

	(void)state;
	fill_all(cpu, 3);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, second), 0);
	assert_int_equal(pcp_of(cpu, 0, second).high, 0);
	assert_int_equal(listed(machine, 3), 2);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), -EBUSY);
	assert_true(pcp_of(cpu, 0, NORMAL).high > 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), -EINVAL);
	assert_int_equal(pcp_of(cpu, 0, second).high, 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, second), 0);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	assert_int_equal(listed(machine, 3), 0);
	for (unsigned int k = 0; k < 3; k++)
		assert_int_equal(
			pcp_of(cpu, 0, PCPMM_ZONE_INSTANCE(NORMAL, k)).high, 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), 0);
	assert_true(pcp_of(cpu, 0, second).high > 0);
	end(machine);
}

/* --- the locks ------------------------------------------------------------ */

/* Of what 8 CPUs take, each of @nr instances has its nth part. */
static void takings(unsigned int nr)
{
	struct pcpmm_machine *machine = create(1, 8, nr);
	static struct pcpmm_histogram hold;

	assert_int_equal(pcpmm_lock_stat_set(machine, true), 0);
	for (unsigned int id = 0; id < 8; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

		for (unsigned int i = 0; i < ROUNDS; i++) {
			/* Order 4 has no list: a hold each. */
			struct pcpmm_page *page =
				pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 4);

			assert_int_equal(pcpmm_free_pages(cpu, page, 4), 0);
		}
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	for (unsigned int k = 0; k < nr; k++) {
		assert_int_equal(
			pcpmm_zone_lock_read(machine, 0,
				PCPMM_ZONE_INSTANCE(NORMAL, k), &hold, NULL),
			0);
		assert_int_equal(hold.count, 8 * 2 * ROUNDS / nr);
	}
	end(machine);
}

static void test_each_lock_has_its_part(void **state)
{
	(void)state;
	for (unsigned int nr = 1; nr <= 8; nr *= 2)
		takings(nr);
}

/* --- all CPUs at once ----------------------------------------------------- */

#define CHURN_CPUS 4
#define TABLE 512

static struct pcpmm_page *table[TABLE];

/* Pages wander: a CPU frees what another has allocated. */
static void churn(struct pcpmm_cpu *cpu, void *arg)
{
	struct rng rng = {test_seed() + pcpmm_cpu_id(cpu)};
	unsigned int rounds = is_slow_run() ? 2000 : 100000;

	(void)arg;
	for (unsigned int i = 0; i < rounds; i++) {
		unsigned int slot = rng_below(&rng, TABLE);
		unsigned int order = slot % 5;
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

		page = __atomic_exchange_n(
			&table[slot], page, __ATOMIC_ACQ_REL);
		if (page)
			pcpmm_free_pages(cpu, page, order);
		if (i % 1000 == 0)
			pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	}
}

static void test_all_at_once(void **state)
{
	struct pcpmm_machine *machine = create(1, CHURN_CPUS, 3);
	struct pcpmm_cpu_thread *thread[CHURN_CPUS];
	struct pcpmm_cpu *cpu;

	(void)state;
	for (unsigned int i = 0; i < CHURN_CPUS; i++) {
		thread[i] = pcpmm_cpu_run(machine, i, -1, churn, NULL);
		assert_non_null(thread[i]);
	}
	for (unsigned int i = 0; i < CHURN_CPUS; i++)
		pcpmm_cpu_join(thread[i]);
	expect_valid(machine);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (unsigned int slot = 0; slot < TABLE; slot++) {
		if (table[slot])
			assert_int_equal(
				pcpmm_free_pages(cpu, table[slot], slot % 5),
				0);
		table[slot] = NULL;
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	end(machine);
}

/* --- texts ---------------------------------------------------------------- */

static unsigned int times(const char *text, const char *part)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		nr++;
	return nr;
}

static char *proc_text(struct pcpmm_machine *machine, const char *name)
{
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, name, out), 0);
	fclose(out);
	return text;
}

static void expect_times(struct pcpmm_machine *machine, const char *name,
	const char *part, unsigned int nr)
{
	char *text = proc_text(machine, name);

	assert_int_equal(times(text, part), nr);
	free(text);
}

/* A paragraph for each: what readers of these files did not expect. */
static void test_proc_files(void **state)
{
	struct pcpmm_machine *machine = create(1, 2, 3);

	(void)state;
	expect_times(machine, "zoneinfo", "Node 0, zone   Normal", 3);
	expect_times(machine, "zoneinfo", "Node 0, zone    DMA32", 1);
	expect_times(machine, "zoneinfo", "per-node stats", 1);
	expect_times(machine, "buddyinfo", "Node 0, zone   Normal", 3);
	expect_times(machine, "pagetypeinfo",
		"Node    0, zone   Normal, type      Movable", 3);
	expect_times(machine, "vmstat", "nr_free_pages 49152\n", 1);
	end(machine);
}

/* What `pcpmm show axes` says of a number that is no axis. */
static void test_note(void **state)
{
	struct pcpmm_config config = config_of(NULL, 0, 1);
	char text[256], next[256];

	(void)state;
	assert_true(!pcpmm_config_note(&config, 0, text, sizeof(text)) ||
		    !strstr(text, "zone_instances"));
	config.zone_instances = 4;
	assert_int_equal(pcpmm_config_set(&config, "arch", "arm64", NULL), 0);
	assert_true(pcpmm_config_note(&config, 0, next, sizeof(next)));
	assert_non_null(strstr(next, "zone_instances 4: "));
	for (unsigned int i = 0;
		pcpmm_config_note(&config, i + 1, next, sizeof(next)); i++) {
		config.zone_instances = 1;
		assert_true(pcpmm_config_note(&config, i, text, sizeof(text)));
		assert_string_equal(text, next);
		config.zone_instances = 4;
	}
}

/* A violation names the instance, if its type has several. */
static void test_validate_names_it(void **state)
{
	struct pcpmm_machine *machine = create(1, 2, 3);
	struct zone *zone = zone_of(machine, 0, NORMAL, 1);
	struct pcpmm_error error;

	(void)state;
	zone->nonempty ^= NONEMPTY_BIT(0, 0);
	assert_int_equal(pcpmm_validate(machine, &error), -EUCLEAN);
	assert_non_null(strstr(
		error.text, "node 0 zone Normal (instance 1): lists that"));
	zone->nonempty ^= NONEMPTY_BIT(0, 0);
	zone = zone_of(machine, 0, DMA32, 0);
	zone->nonempty ^= NONEMPTY_BIT(0, 0);
	assert_int_equal(pcpmm_validate(machine, &error), -EUCLEAN);
	assert_non_null(strstr(error.text, "node 0 zone DMA32: lists that"));
	zone->nonempty ^= NONEMPTY_BIT(0, 0);
	end(machine);
}

/* --- refused -------------------------------------------------------------- */

static void expect_refused(
	const struct pcpmm_config *config, const char *because)
{
	struct pcpmm_error error = {""};

	errno = 0;
	assert_null(pcpmm_machine_create(config, &error));
	assert_int_equal(errno, EINVAL);
	if (!strstr(error.text, because))
		fail_msg("'%s', expected '%s'", error.text, because);
}

static void test_refused_numbers(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 1, 1, 0);
	expect_refused(&world.config, "zone_instances 0 is not within 1..8");
	world.config.zone_instances = 9;
	expect_refused(&world.config, "zone_instances 9 is not within 1..8");
	world.config.zone_instances = UINT32_MAX;
	expect_refused(&world.config, "is not within 1..8");
	world.config.zone_instances = 2;
	world.config.boot = PCPMM_BOOT_HELD;
	expect_refused(&world.config, "zone_instances 2 with boot held");
}

static void test_refused_zones(void **state)
{
	struct pcpmm_zone_config *zone;
	struct world world;

	(void)state;
	world_init(&world, 1, 1, 8);
	zone = &world.node[0].zones[NORMAL];
	/* Eight blocks of pages, of which seven blocks are whole. */
	*zone = (struct pcpmm_zone_config){
		30 * BLOCK + 1, 8 * BLOCK, 8 * BLOCK, 8 * BLOCK};
	expect_refused(&world.config,
		"node 0 zone Normal has 7 whole blocks of order 10");
	*zone = (struct pcpmm_zone_config){
		30 * BLOCK, 9 * BLOCK, 9 * BLOCK, 8 * BLOCK - 1};
	expect_refused(&world.config, "zone Normal has 7 whole blocks");
	*zone = (struct pcpmm_zone_config){30 * BLOCK + 1, 9, 9, 9};
	expect_refused(&world.config, "zone Normal has 0 whole blocks");
	*zone = (struct pcpmm_zone_config){
		30 * BLOCK, 30 * BLOCK, 30 * BLOCK, 20 * BLOCK};
	world.node[0].zones[MOVABLE] = (struct pcpmm_zone_config){
		40 * BLOCK, 8 * BLOCK, 8 * BLOCK, 8 * BLOCK};
	expect_refused(&world.config,
		"node 0 zone Normal is not split, as another zone lies "
		"inside it");
}

static void test_too_many_zones(void **state)
{
	static struct pcpmm_node_config node[32];
	struct pcpmm_config config = config_of(node, 32, 1);
	struct pcpmm_machine *machine;
	uint64_t pfn = BLOCK;

	(void)state;
	for (unsigned int nid = 0; nid < 32; nid++)
		zone_at(&node[nid].zones[NORMAL], &pfn);
	config.zone_instances = 8;
	machine = create_or_fail(&config);
	assert_int_equal(machine->zones.nr, 256);
	end(machine);
	node[3].zones[MOVABLE] =
		(struct pcpmm_zone_config){pfn, LARGE, LARGE, LARGE};
	expect_refused(&config, "zone_instances 8: 264 zones; at most 256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cpu_chooses),
		cmocka_unit_test(test_siblings_come_first),
		cmocka_unit_test(test_marks_and_reserves),
		cmocka_unit_test(test_marks_in_proportion),
		cmocka_unit_test(test_late_pages),
		cmocka_unit_test(test_lists_are_sized_by_instance),
		cmocka_unit_test(test_khugepaged_counts_instances),
		cmocka_unit_test(test_kswapd_is_not_woken_for_one),
		cmocka_unit_test(test_one_instance_is_enough),
		cmocka_unit_test(test_drains),
		cmocka_unit_test(test_drains_by_workers),
		cmocka_unit_test(test_disable),
		cmocka_unit_test(test_each_lock_has_its_part),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_proc_files),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_validate_names_it),
		cmocka_unit_test(test_refused_numbers),
		cmocka_unit_test(test_refused_zones),
		cmocka_unit_test(test_too_many_zones),
	};

	return cmocka_run_group_tests_name("zone_instances", tests, NULL, NULL);
}
