/* SPDX-License-Identifier: MIT */
/*
 * The sizes of refill and spill, list by list, with the numbers of traces of
 * real kernels.
 */
#include "support/harness.h"

#include "machine/machine.h"
#include "pcplist/bulk.h"
#include "pcplist/rules_6_1.h"
#include "pcplist/rules_tuned.h"
#include "zone/gate.h"

#define NORMAL PCPMM_ZONE_NORMAL

static const struct shape large = {
	.cpus = 2,
	.pages = {[PCPMM_ZONE_NORMAL] = 1048576},
};

/* The list that core.h inlines is that of the rules. */
static void expect_inlined_lists(const struct pcp_rules *rules)
{
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++) {
			int list = rules->list_of(order, type);

			if (type >= PCPMM_MIGRATE_PCPTYPES ||
				!pcp_has_list_6_1(order))
				assert_int_equal(list, -1);
			else
				assert_int_equal(
					list, pcp_index_6_1(order, type));
		}
	for (unsigned int type = 0; type < PCPMM_MIGRATE_ISOLATE; type++)
		assert_int_equal(
			rules->listed_as(type), pcp_listed_as_6_1(type));
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		const struct pcpmm_pcp_state state = {.batch = 1,
			.free_factor = 1,
			.free_count = 1,
			.flags = PCPMM_PCP_PREV_FREE_HIGH_ORDER};

		assert_int_equal(rules->free_high(&state, 1, order),
			pcp_may_free_high_6_1(order));
	}
}

static void test_inlined_list_is_the_rules(void **state)
{
	(void)state;
	expect_inlined_lists(&pcp_rules_6_1);
	expect_inlined_lists(&pcp_rules_6_12);
	expect_inlined_lists(&pcp_rules_6_18);
	expect_inlined_lists(&pcp_rules_7_3);
	for (unsigned int type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		assert_int_equal(pcp_rules_5_10.list_of(0, type),
			pcp_index_6_1(0, type));
}

/* Zones of recorded machines: what each kernel printed. */
static void test_sizes(void **state)
{
	static const struct {
		enum pcpmm_list_rules rules;
		struct pcp_size_in in;
		struct pcp_size size;
	} cases[] = {
		/* smp4-1G, zone DMA32; high_min and high_max are printed as
		 * bounds from 6.18 on, and high before. */
		{PCPMM_LIST_RULES_5_10, {242760, 13850, 0, 4},
			{63, 378, 378, 378}},
		{PCPMM_LIST_RULES_6_1, {241405, 13856, 0, 4},
			{63, 3464, 3464, 3464}},
		{PCPMM_LIST_RULES_6_18, {242021, 13856, 0, 4},
			{63, 3464, 3464, 7563}},
		{PCPMM_LIST_RULES_7_3, {241520, 13856, 0, 4},
			{63, 3464, 3464, 7547}},
		/* The same with a fraction of 8: 5.10's is each CPU's. */
		{PCPMM_LIST_RULES_5_10, {242760, 13850, 8, 4},
			{96, 30345, 30345, 30345}},
		{PCPMM_LIST_RULES_6_1, {241405, 13856, 8, 4},
			{63, 7543, 7543, 7543}},
		{PCPMM_LIST_RULES_7_3, {241520, 13856, 8, 4},
			{63, 7547, 7547, 7547}},
		/* DMA */
		{PCPMM_LIST_RULES_5_10, {3977, 228, 0, 4}, {1, 0, 0, 0}},
		{PCPMM_LIST_RULES_6_1, {3840, 222, 0, 4}, {1, 55, 55, 55}},
		{PCPMM_LIST_RULES_6_12, {3840, 222, 0, 4}, {1, 55, 55, 120}},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcp_size size;

		pcp_rules_of(cases[i].rules)->size(&cases[i].in, &size);
		assert_int_equal(size.batch, cases[i].size.batch);
		assert_int_equal(size.high, cases[i].size.high);
		assert_int_equal(size.high_min, cases[i].size.high_min);
		assert_int_equal(size.high_max, cases[i].size.high_max);
	}
}

/* The inlined part of a free of 6.7 is what the rules do, or leaves all alone. */
static void test_quiet_free_is_the_rules(void **state)
{
	struct zone zone = {.pcp_rules = &pcp_rules_6_12, .high_min = 400};
	struct rng rng = {test_seed()};
	unsigned int quiet = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int count = (int)rng_below(&rng, 1200);
		struct pcp_slot slot = {
			.zone = &zone,
			.batch = 1 + (int)rng_below(&rng, 63),
			.high = (int)rng_below(&rng, 1200),
			.free_count = (int16_t)rng_below(&rng, 2200),
			.alloc_factor = (uint8_t)rng_below(&rng, 6),
			.flags = (uint8_t)rng_below(&rng, 2),
		};
		struct pcp_slot asked = slot;

		zone.high_max = 400 + (int)rng_below(&rng, 800);
		zone.flags = rng_below(&rng, 4)	  ? 0
			     : rng_below(&rng, 2) ? ZONE_RECLAIM_ACTIVE
						  : ZONE_BELOW_HIGH;
		if (pcp_tuned_quiet_free(&slot, count)) {
			assert_int_equal(pcp_freed(&asked, count, 0), 0);
			quiet++;
		}
		assert_memory_equal(&slot, &asked, sizeof(slot));
	}
	assert_true(quiet > 5000);
}

static void test_set_knows_what_is_listed(void **state)
{
	struct pcpmm_machine *machine = shape_create(&large);

	(void)state;
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			assert_int_equal(
				pcp_has_list(&machine->pcps, order, type),
				(order <= 3 || order == 9) &&
					type != PCPMM_MIGRATE_ISOLATE);
	pcpmm_machine_destroy(machine);
}

/* One allocation from an empty list; the refill that it caused. */
static struct pcpmm_event refill_of(struct pcpmm_machine *machine,
	struct pcpmm_cpu *cpu, unsigned int order)
{
	struct pcpmm_event event;
	struct pcpmm_page *page;

	assert_int_equal(pcpmm_trace_start(machine,
				 PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL), 64),
		0);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_HIGHUSER_MOVABLE, order);
	assert_non_null(page);
	assert_int_equal(pcpmm_trace_read(cpu, &event, 1), 1);
	assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
	assert_int_equal(
		pcpmm_drain_pages_zone(cpu, pcpmm_cpu_id(cpu), 0, NORMAL, 0),
		0);
	return event;
}

static void test_refill_sizes(void **state)
{
	static const struct {
		unsigned int order;
		int batch, n;
	} cases[] = {
		{0, 63, 63},
		{1, 63, 31},
		{2, 63, 15},
		{3, 63, 7},
		{9, 63, 2},
		{0, 31, 31},
		{3, 31, 3},
		{3, 15, 2}, /* 15 >> 3 = 1: never less than two ... */
		{9, 2, 2},
		{0, 1, 1}, /* ... but with a batch of one */
		{3, 1, 1},
	};
	struct pcpmm_machine *machine = shape_create(&large);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_event event;

		assert_int_equal(pcpmm_restore_pageset(machine, 0, 0, NORMAL,
					 4000, cases[i].batch, 0),
			0);
		event = refill_of(machine, cpu, cases[i].order);
		assert_int_equal(event.n, cases[i].n);
		assert_int_equal(event.got, cases[i].n);
		assert_int_equal(event.order, cases[i].order);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_every_allocation_halves_the_factor(void **state)
{
	struct pcpmm_machine *machine = shape_create(&large);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	static const int factor[] = {2, 1, 0, 0};
	struct pcpmm_page *page[4];

	(void)state;
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 4000, 63, 5), 0);
	for (int i = 0; i < 4; i++) {
		page[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		assert_int_equal(pcp_of(cpu, 0, NORMAL).free_factor, factor[i]);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(pcpmm_free_pages(cpu, page[i], 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* 7.3: the reserve is for a high-atomic request that finds its list empty. */
static void test_high_atomic_requests_refill(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_LIST_RULES; i++) {
		const struct shape shape = {
			.pages = {[NORMAL] = 1048576},
			.list_rules = (enum pcpmm_list_rules)i,
		};
		struct pcpmm_machine *machine = shape_create(&shape);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
		struct zone *zone = machine_zone(machine, 0, NORMAL);
		uint32_t pfn = machine->pcps.owner.alloc(
			&cpu->slots[zone->id], 0, 0, ALLOC_HIGHATOMIC);

		assert_int_equal(pfn == 0, i == PCPMM_LIST_RULES_7_3);
		assert_int_equal(pcp_of(cpu, 0, NORMAL).count,
			pfn ? pcp_of(cpu, 0, NORMAL).batch - 1 : 0);
		if (pfn) {
			frame_set_head(&zone->memmap[pfn],
				FRAME_HEAD(FRAME_HELD, 0, 0, zone->id));
			assert_int_equal(
				pcpmm_free_pages(cpu, &zone->memmap[pfn], 0),
				0);
		}
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

/* A high-order free while the factor is above 0 empties all lists. */
static void test_high_order_free_flushes(void **state)
{
	struct pcpmm_machine *machine = shape_create(&large);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (unsigned int order = 0; order <= 9; order++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);
		bool flushes = order >= 1 && order <= 3;

		assert_non_null(page);
		assert_int_equal(pcpmm_restore_pageset(
					 machine, 0, 0, NORMAL, 100000, 63, 3),
			0);
		assert_int_equal(pcpmm_restore_pcp_list(machine, 0, 0, NORMAL,
					 0, PCPMM_MIGRATE_MOVABLE, 10),
			0);
		assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
		assert_int_equal(pcp_of(cpu, 0, NORMAL).count == 0, flushes);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_disabled_list_keeps_nothing(void **state)
{
	struct pcpmm_machine *machine = shape_create(&large);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 0, 1, 0), 0);
	for (unsigned int order = 0; order <= 3; order++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
		assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 0);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A drain takes the count at its start, or @pages in one bulk. */
static void test_drains(void **state)
{
	struct pcpmm_machine *machine = shape_create(&large);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_event events[64];
	struct pcpmm_page *page;
	unsigned int nr;

	(void)state;
	assert_int_equal(
		pcpmm_restore_pageset(machine, 1, 0, NORMAL, 90000, 63, 0), 0);
	assert_int_equal(pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 0,
				 PCPMM_MIGRATE_MOVABLE, 5000),
		0);
	assert_int_equal(
		pcpmm_trace_start(machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK), 64),
		0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 40), 0);
	assert_int_equal(
		pcp_of(pcpmm_cpu_get(machine, 1), 0, NORMAL).count, 4960);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 0), 0);
	assert_int_equal(pcp_of(pcpmm_cpu_get(machine, 1), 0, NORMAL).count, 0);
	/* 40, then chunks of batch << 5. */
	nr = pcpmm_trace_read(cpu, events, 64);
	assert_int_equal(nr, 4);
	assert_int_equal(events[0].got, 40);
	assert_int_equal(events[1].got, 2016);
	assert_int_equal(events[2].got, 2016);
	assert_int_equal(events[3].got, 928);
	/* More pages than the list has; an empty list. */
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 1000), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 1000), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 2, 0, NORMAL, 0), -EINVAL);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 1, NORMAL, 0), -EINVAL);
	assert_int_equal(
		pcpmm_drain_pages_zone(cpu, 1, 0, PCPMM_ZONE_DMA, 0), -EINVAL);
	assert_int_equal(pcpmm_drain_pages_zone(
				 pcpmm_cpu_get(machine, 1), 0, 0, NORMAL, 0),
		-EPERM);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inlined_list_is_the_rules),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_quiet_free_is_the_rules),
		cmocka_unit_test(test_high_atomic_requests_refill),
		cmocka_unit_test(test_set_knows_what_is_listed),
		cmocka_unit_test(test_refill_sizes),
		cmocka_unit_test(test_every_allocation_halves_the_factor),
		cmocka_unit_test(test_high_order_free_flushes),
		cmocka_unit_test(test_disabled_list_keeps_nothing),
		cmocka_unit_test(test_drains),
	};

	return cmocka_run_group_tests_name("pcplist", tests, NULL, NULL);
}
