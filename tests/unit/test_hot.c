/* SPDX-License-Identifier: MIT */
/*
 * When the hot paths serve a call and when they leave it to the generic ones; and
 * that a call which is refused is refused in the same way by both.
 *
 * test_side_by_side compares what both do with calls that are right.
 */
#include "support/harness.h"

#include "alloc/route.h"
#include "machine/machine.h"
#include "zone/pageblock.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32

static uint64_t hot_allocs(const struct pcpmm_cpu *cpu)
{
	uint64_t sum = 0;

	for (unsigned int z = 0; z < cpu->machine->zones.nr; z++)
		for (unsigned int i = 0; i < PCP_EVENT_ORDERS; i++)
			sum += cpu->slots[z].events[i].allocs;
	return sum;
}

static uint64_t hot_frees(const struct pcpmm_cpu *cpu)
{
	uint64_t sum = 0;

	for (unsigned int z = 0; z < cpu->machine->zones.nr; z++)
		for (unsigned int i = 0; i < PCP_EVENT_ORDERS; i++)
			sum += cpu->slots[z].events[i].frees;
	return sum;
}

/* Allocate and free one page; whether both went the hot way. */
static bool goes_hot(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	uint64_t allocs = hot_allocs(cpu), frees = hot_frees(cpu);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, order);

	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
	return hot_allocs(cpu) - allocs == 1 && hot_frees(cpu) - frees == 1;
}

static struct pcpmm_machine *two_zones(enum pcpmm_backing backing)
{
	const struct shape shape = {
		.pages = {[DMA32] = 8192, [NORMAL] = 8192},
		.backing = backing,
		.min_free_kbytes = 512,
	};

	return shape_create(&shape);
}

/* --- which calls ---------------------------------------------------------- */

static void test_orders_and_flags(void **state)
{
	static const uint32_t gfps[] = {PCPMM_GFP_KERNEL, PCPMM_GFP_ATOMIC,
		PCPMM_GFP_HIGHUSER_MOVABLE, PCPMM_GFP_NOWAIT, PCPMM_GFP_DMA32,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE, 0};
	struct pcpmm_machine *machine = two_zones(PCPMM_BACKING_NONE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(gfps); i++)
		for (unsigned int order = 0; order <= PCPMM_ORDER_MAX;
			order++) {
			goes_hot(cpu, gfps[i], order); /* words, refill */
			assert_int_equal(goes_hot(cpu, gfps[i], order),
				order <= PCPMM_COSTLY_ORDER);
		}
	pcpmm_cpu_leave(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* Without memory behind the frames there is nothing to clear. */
static void test_zeroed_pages(void **state)
{
	const uint32_t zero = PCPMM_GFP_KERNEL | PCPMM___GFP_ZERO;

	(void)state;
	for (int i = 0; i < 2; i++) {
		enum pcpmm_backing backing =
			i ? PCPMM_BACKING_ANON : PCPMM_BACKING_NONE;
		struct pcpmm_machine *machine = two_zones(backing);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
		struct pcpmm_page *page;

		goes_hot(cpu, PCPMM_GFP_KERNEL, 0);
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (i)
			memset(pcpmm_page_address(machine, page), 0xff,
				PCPMM_PAGE_SIZE);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
		assert_ptr_equal(pcpmm_alloc_pages(cpu, zero, 0), page);
		assert_int_equal(hot_allocs(cpu), i ? 2 : 3);
		if (i)
			assert_int_equal(*(unsigned char *)pcpmm_page_address(
						 machine, page),
				0);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
		pcpmm_cpu_leave(cpu);
		pcpmm_machine_destroy(machine);
	}
}

static void nothing(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu, (void)arg;
}

static void test_what_closes_it(void **state)
{
	struct pcpmm_machine *machine = two_zones(PCPMM_BACKING_NONE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	goes_hot(cpu, PCPMM_GFP_KERNEL, 0);
	assert_true(goes_hot(cpu, PCPMM_GFP_KERNEL, 0));
	/* Events are recorded. */
	assert_int_equal(pcpmm_trace_start(machine, PCPMM_EVENT_BIT(0), 16), 0);
	assert_false(goes_hot(cpu, PCPMM_GFP_KERNEL, 0));
	assert_int_equal(pcpmm_trace_start(machine, 0, 0), 0);
	assert_true(goes_hot(cpu, PCPMM_GFP_KERNEL, 0));
	/* An interrupt waits for a guard section; the alloc is that. */
	assert_int_equal(pcpmm_irq_inject(cpu, nothing, NULL), 0);
	assert_int_equal(cpu->base.may, 0);
	pcpmm_free_pages(cpu, pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0), 0);
	assert_true(goes_hot(cpu, PCPMM_GFP_KERNEL, 0));
	/* Masked interrupts do not. */
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_true(goes_hot(cpu, PCPMM_GFP_KERNEL, 0));
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	pcpmm_cpu_leave(cpu);
	assert_int_equal(cpu->base.may, 0);
	pcpmm_machine_destroy(machine);
}

/* The CPU's own node has no memory: its pages come from elsewhere. */
static void test_node_without_memory(void **state)
{
	struct pcpmm_node_config nodes[2] = {0};
	struct pcpmm_config config = config_of(nodes, 2, 2);
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;

	(void)state;
	nodes[0].zones[NORMAL] =
		(struct pcpmm_zone_config){1024, 8192, 8192, 8192};
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(pcpmm_cpu_node(cpu), 1);
	for (int i = 0; i < 3; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
	assert_int_equal(hot_allocs(cpu), 0);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 3);
	assert_int_equal(vmstat_of(machine, "numa_other"), 3);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* --- words of pageblocks ------------------------------------------------- */

static uint64_t word_of(const struct pcpmm_cpu *cpu, uint64_t pfn)
{
	return *block_word_at(cpu->memmap, pfn);
}

static void test_words(void **state)
{
	struct pcpmm_machine *machine = two_zones(PCPMM_BACKING_NONE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct zone *zone = machine_zone(machine, 0, NORMAL);
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0);
	uint64_t pfn = pcpmm_page_to_pfn(machine, page);

	(void)state;
	assert_int_equal(word_of(cpu, pfn), 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(
		word_of(cpu, pfn), zone->block_word[PCPMM_MIGRATE_MOVABLE]);
	for (unsigned int type = 0; type < PCPMM_NR_MIGRATETYPES; type++) {
		zone_set_block_type(zone, pfn, (enum pcpmm_migratetype)type);
		assert_int_equal(word_of(cpu, pfn), zone->block_word[type]);
		assert_int_equal(
			!word_of(cpu, pfn), type == PCPMM_MIGRATE_ISOLATE);
	}
	zone_set_block_type(zone, pfn, PCPMM_MIGRATE_MOVABLE);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* A pageblock with frames of two zones has no word: each free looks closer. */
static void test_shared_pageblock(void **state)
{
	struct pcpmm_node_config nodes[1] = {0};
	struct pcpmm_config config = config_of(nodes, 1, 1);
	struct pcpmm_machine *machine;
	struct pcpmm_page *pages[600];
	struct pcpmm_cpu *cpu;
	uint64_t border = 1024 + 256;

	(void)state;
	nodes[0].zones[DMA32] = (struct pcpmm_zone_config){1024, 256, 256, 256};
	nodes[0].zones[NORMAL] =
		(struct pcpmm_zone_config){border, 4096, 4096, 4096};
	config.sysctl.min_free_kbytes = 16;
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (int round = 0; round < 3; round++) {
		unsigned int nr = 0, low = 0;

		for (unsigned int i = 0; i < 600; i++) {
			pages[nr] = pcpmm_alloc_pages(cpu,
				i % 2 ? PCPMM_GFP_DMA32 : PCPMM_GFP_KERNEL, 0);
			if (!pages[nr])
				continue;
			low += pcpmm_page_to_pfn(machine, pages[nr]) < border;
			nr++;
		}
		assert_true(low > 50 && nr - low > 50);
		while (nr)
			assert_int_equal(
				pcpmm_free_pages(cpu, pages[--nr], 0), 0);
		assert_int_equal(word_of(cpu, border), 0);
	}
	pcpmm_cpu_leave(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- NUMA events ---------------------------------------------------------- */

static void pairs(struct pcpmm_cpu *cpu, unsigned int nr)
{
	while (nr--)
		assert_int_equal(
			pcpmm_free_pages(cpu,
				pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0), 0),
			0);
}

/* The hot path counts on; the switch cuts the events, exactly. */
static void test_numa_stat_off_and_on(void **state)
{
	struct pcpmm_machine *machine = two_zones(PCPMM_BACKING_NONE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	pairs(cpu, 5);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 5);
	assert_int_equal(vmstat_of(machine, "numa_local"), 5);
	assert_int_equal(pcpmm_sysctl_set(machine, "vm.numa_stat", "0"), 0);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 0);
	pairs(cpu, 7);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 0);
	assert_int_equal(pcpmm_sysctl_set(machine, "vm.numa_stat", "1"), 0);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 0);
	pairs(cpu, 3);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 3);
	assert_int_equal(vmstat_of(machine, "numa_local"), 3);
	assert_int_equal(vmstat_of(machine, "pgalloc_normal"), 15);
	assert_int_equal(vmstat_of(machine, "pgfree"), 15);
	assert_true(hot_allocs(cpu) >= 14);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* --- calls that are refused ------------------------------------------------- */

#define FRAMES 2048
#define FUZZ 200000

struct side {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
};

static struct side side_create(bool hot)
{
	struct side side = {.machine = two_zones(PCPMM_BACKING_NONE)};

	side.cpu = pcpmm_cpu_enter(side.machine, 0);
	if (!hot)
		assert_int_equal(
			pcpmm_trace_start(side.machine, PCPMM_EVENT_BIT(0), 16),
			0);
	return side;
}

/* Near the frames: mostly inside, not always aligned; else anywhere. */
static int64_t random_offset(struct rng *rng)
{
	int64_t frames = (int64_t)(16384 + 2048) * 16;

	switch (rng_below(rng, 8)) {
	case 0:
		return (int64_t)rng_next(rng);
	case 1:
		return (int64_t)(rng_next(rng) % 4096) - 2048;
	case 2:
		return frames + (int64_t)(rng_next(rng) % 4096) - 2048;
	case 3:
		return (int64_t)(rng_next(rng) % (uint64_t)frames);
	default:
		return (int64_t)(rng_next(rng) % (uint64_t)frames) & ~15L;
	}
}

static struct pcpmm_page *at(const struct side *side, int64_t offset)
{
	return (struct pcpmm_page *)((uintptr_t)side->cpu->memmap +
				     (uintptr_t)offset);
}

/* The text names an address, which differs, where there is no frame. */
static void same_refusals(const struct side *a, const struct side *b)
{
	const char *x = pcpmm_last_error(a->machine);
	const char *y = pcpmm_last_error(b->machine);
	struct pcpmm_misuse m, n;

	pcpmm_misuse_read(a->machine, &m);
	pcpmm_misuse_read(b->machine, &n);
	assert_memory_equal(&m, &n, sizeof(m));
	if (!strstr(x, "no page of this machine"))
		assert_string_equal(x, y);
}

static void test_pointers_at_random(void **state)
{
	struct side a = side_create(true), b = side_create(false);
	struct rng rng = {test_seed()};
	struct pcpmm_misuse misuse;
	unsigned int done = 0;

	(void)state;
	for (unsigned int i = 0; i < FUZZ; i++) {
		unsigned int order = rng_below(&rng, 16) ? rng_below(&rng, 4)
							 : rng_next(&rng);

		if (rng_below(&rng, 4) == 0) {
			order = rng_below(&rng, 5);
			pcpmm_alloc_pages(a.cpu, PCPMM_GFP_KERNEL, order);
			pcpmm_alloc_pages(b.cpu, PCPMM_GFP_KERNEL, order);
		} else {
			int64_t offset = random_offset(&rng);
			int ret =
				pcpmm_free_pages(a.cpu, at(&a, offset), order);

			assert_int_equal(
				pcpmm_free_pages(b.cpu, at(&b, offset), order),
				ret);
			done += !ret;
			if (i % 64 == 0)
				same_refusals(&a, &b);
		}
	}
	same_refusals(&a, &b);
	pcpmm_misuse_read(a.machine, &misuse);
	assert_true(done > 1000 && hot_frees(a.cpu) > 1000);
	assert_int_equal(hot_frees(b.cpu), 0);
	assert_true(misuse.double_free > 100 && misuse.wrong_order > 100 &&
		    misuse.foreign_page > 100);
	expect_valid(a.machine);
	expect_valid(b.machine);
	pcpmm_cpu_leave(a.cpu);
	pcpmm_cpu_leave(b.cpu);
	pcpmm_machine_destroy(a.machine);
	pcpmm_machine_destroy(b.machine);
}

static void test_gfp_and_order_at_random(void **state)
{
	struct side a = side_create(true), b = side_create(false);
	struct rng rng = {test_seed()};
	struct pcpmm_misuse misuse;

	(void)state;
	for (unsigned int i = 0; i < FUZZ; i++) {
		uint32_t gfp = (uint32_t)rng_next(&rng) & 0x7fffff;
		unsigned int order = rng_below(&rng, 8) ? rng_below(&rng, 13)
							: rng_next(&rng);
		struct pcpmm_page *x = pcpmm_alloc_pages(a.cpu, gfp, order);
		struct pcpmm_page *y = pcpmm_alloc_pages(b.cpu, gfp, order);

		assert_int_equal(!x, !y);
		if (!x)
			continue;
		assert_int_equal(pcpmm_page_to_pfn(a.machine, x),
			pcpmm_page_to_pfn(b.machine, y));
		assert_int_equal(pcpmm_free_pages(a.cpu, x, order), 0);
		assert_int_equal(pcpmm_free_pages(b.cpu, y, order), 0);
	}
	same_refusals(&a, &b);
	pcpmm_misuse_read(a.machine, &misuse);
	assert_true(misuse.bad_argument > 1000 && hot_allocs(a.cpu) > 1000);
	pcpmm_cpu_leave(a.cpu);
	pcpmm_cpu_leave(b.cpu);
	expect_all_free(a.machine);
	expect_all_free(b.machine);
	pcpmm_machine_destroy(a.machine);
	pcpmm_machine_destroy(b.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders_and_flags),
		cmocka_unit_test(test_zeroed_pages),
		cmocka_unit_test(test_what_closes_it),
		cmocka_unit_test(test_node_without_memory),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_shared_pageblock),
		cmocka_unit_test(test_numa_stat_off_and_on),
		cmocka_unit_test(test_pointers_at_random),
		cmocka_unit_test(test_gfp_and_order_at_random),
	};

	return cmocka_run_group_tests_name("hot", tests, NULL, NULL);
}
