/* SPDX-License-Identifier: MIT */
/*
 * The public allocation functions: which zone serves a request, what each way
 * to allocate and free does to lists and counters, and the memory behind
 * frames.
 */
#include "support/harness.h"

#define DMA PCPMM_ZONE_DMA
#define DMA32 PCPMM_ZONE_DMA32
#define NORMAL PCPMM_ZONE_NORMAL
#define MOVABLE PCPMM_ZONE_MOVABLE

static const struct shape four_zones = {
	.pages = {[PCPMM_ZONE_DMA] = 4096,
		[PCPMM_ZONE_DMA32] = 65536,
		[PCPMM_ZONE_NORMAL] = 131072,
		[PCPMM_ZONE_MOVABLE] = 65536},
};

static void test_every_order_gfp_and_type(void **state)
{
	static const uint32_t gfps[] = {PCPMM_GFP_KERNEL, PCPMM_GFP_ATOMIC,
		PCPMM_GFP_NOWAIT, PCPMM_GFP_NOFS, PCPMM_GFP_NOIO,
		PCPMM_GFP_USER, PCPMM_GFP_HIGHUSER, PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_MOVABLE,
		PCPMM_GFP_DMA32 | PCPMM_GFP_KERNEL, 0};
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(gfps); i++)
		for (unsigned int order = 0; order < PCPMM_NR_ORDERS; order++) {
			struct pcpmm_page *page =
				pcpmm_alloc_pages(cpu, gfps[i], order);
			struct pcpmm_page_info info = inspect(machine, page);
			uint64_t pfn = pcpmm_page_to_pfn(machine, page);

			assert_int_equal(info.state, PCPMM_PAGE_HELD);
			assert_int_equal(info.order, order);
			assert_int_equal(pfn % (1u << order), 0);
			assert_ptr_equal(pcpmm_pfn_to_page(machine, pfn), page);
			assert_int_equal(pages_held(machine, 0, info.zone_type),
				1u << order);
			assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
			assert_int_not_equal(
				state_of_pfn(machine, pfn), PCPMM_PAGE_HELD);
			expect_valid(machine);
		}
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_zone_by_gfp(void **state)
{
	static const struct {
		uint32_t gfp;
		unsigned int zone;
	} cases[] = {
		{PCPMM_GFP_DMA, DMA},
		{PCPMM_GFP_DMA | PCPMM_GFP_KERNEL, DMA},
		{PCPMM_GFP_DMA32 | PCPMM_GFP_KERNEL, DMA32},
		{PCPMM_GFP_KERNEL, NORMAL},
		{PCPMM_GFP_HIGHUSER, NORMAL},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_MOVABLE, NORMAL},
		{PCPMM_GFP_HIGHUSER_MOVABLE, MOVABLE},
	};
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, cases[i].gfp, 0);

		assert_int_equal(
			inspect(machine, page).zone_type, cases[i].zone);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* Set a zone's marks: high enough to refuse all requests, or low enough to
 * serve all. */
static void set_marks(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone, uint64_t mark)
{
	const struct pcpmm_zone_values values = {
		.min = mark, .low = mark, .high = mark};

	assert_int_equal(pcpmm_restore_zone(machine, nid, zone, &values), 0);
}

/* From the highest allowed zone down, then the next node's zones. */
static void test_zonelist_order(void **state)
{
	const struct shape shape = {
		.cpus = 3,
		.nodes = 3,
		.pages = {[PCPMM_ZONE_DMA32] = 16384,
			[PCPMM_ZONE_NORMAL] = 16384,
			[PCPMM_ZONE_MOVABLE] = 16384},
	};
	static const unsigned int zones[] = {MOVABLE, NORMAL, DMA32};

	(void)state;
	for (unsigned int id = 0; id < 3; id++) {
		struct pcpmm_machine *machine = shape_create(&shape);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

		for (unsigned int n = 0; n < 3; n++)
			for (unsigned int z = 0; z < 3; z++) {
				struct pcpmm_page *page = pcpmm_alloc_pages(
					cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0);
				struct pcpmm_page_info info =
					inspect(machine, page);

				assert_int_equal(info.zone_type, zones[z]);
				assert_int_equal(info.nid, (id + n) % 3);
				assert_int_equal(
					pcpmm_free_pages(cpu, page, 0), 0);
				set_marks(machine, info.nid, info.zone_type,
					1 << 20);
			}
		assert_null(
			pcpmm_alloc_pages(cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0));
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

static uint64_t numa_of(
	struct pcpmm_machine *machine, unsigned int nid, const char *name)
{
	uint64_t value;

	assert_int_equal(
		pcpmm_zone_stat_read(machine, nid, NORMAL, name, &value), 0);
	return value;
}

static void expect_numa(struct pcpmm_machine *machine, unsigned int nid,
	const uint64_t expected[5])
{
	static const char *const names[] = {"numa_hit", "numa_miss",
		"numa_foreign", "numa_local", "numa_other"};

	for (int i = 0; i < 5; i++)
		if (numa_of(machine, nid, names[i]) != expected[i])
			fail_msg("node %u %s: %" PRIu64 ", expected %" PRIu64,
				nid, names[i], numa_of(machine, nid, names[i]),
				expected[i]);
}

/* __GFP_THISNODE: the preferred node or none. */
static void test_thisnode(void **state)
{
	const uint32_t gfp = PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE;
	const struct shape shape = {
		.cpus = 2,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = 32768},
	};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages_node(cpu, 1, gfp, 0);

	(void)state;
	assert_int_equal(inspect(machine, page).nid, 1);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	set_marks(machine, 1, NORMAL, 1 << 20);
	assert_null(pcpmm_alloc_pages_node(cpu, 1, gfp, 0));
	page = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(inspect(machine, page).nid, 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_numa_counters(void **state)
{
	const struct shape shape = {
		.cpus = 2,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = 32768},
	};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *pages[8];

	(void)state;
	/* Preferred and local; preferred and remote. */
	pages[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	pages[1] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	pages[2] = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	/* hit, miss, foreign, local, other */
	expect_numa(machine, 0, (const uint64_t[]){2, 0, 0, 2, 0});
	expect_numa(machine, 1, (const uint64_t[]){1, 0, 0, 0, 1});
	/* Preferred here, served there, and the other way round. */
	set_marks(machine, 0, NORMAL, 1 << 20);
	pages[3] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	expect_numa(machine, 0, (const uint64_t[]){2, 0, 1, 2, 0});
	expect_numa(machine, 1, (const uint64_t[]){1, 1, 0, 0, 2});
	set_marks(machine, 0, NORMAL, 0);
	set_marks(machine, 1, NORMAL, 1 << 20);
	pages[4] = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	expect_numa(machine, 0, (const uint64_t[]){2, 1, 1, 3, 0});
	expect_numa(machine, 1, (const uint64_t[]){1, 1, 1, 0, 2});
	/* A bulk counts each of its pages. */
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, 3, &pages[5]), 3);
	expect_numa(machine, 0, (const uint64_t[]){5, 1, 1, 6, 0});
	assert_int_equal(vmstat_of(machine, "numa_hit"), 6);
	/* 0 clears them, and no event is counted any more. */
	assert_int_equal(pcpmm_sysctl_set(machine, "vm.numa_stat", "0"), 0);
	expect_numa(machine, 0, (const uint64_t[]){0, 0, 0, 0, 0});
	expect_numa(machine, 1, (const uint64_t[]){0, 0, 0, 0, 0});
	for (int i = 0; i < 8; i++)
		assert_int_equal(pcpmm_free_pages(cpu, pages[i], 0), 0);
	pages[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(pcpmm_free_pages(cpu, pages[0], 0), 0);
	expect_numa(machine, 0, (const uint64_t[]){0, 0, 0, 0, 0});
	assert_int_equal(vmstat_of(machine, "numa_hit"), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_vm_events(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page, *pages[40];

	(void)state;
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 4);
	assert_int_equal(vmstat_of(machine, "pgalloc_normal"), 16);
	assert_int_equal(pcpmm_free_pages(cpu, page, 4), 0);
	assert_int_equal(vmstat_of(machine, "pgfree"), 16);
	assert_int_equal(pcpmm_alloc_pages_bulk(
				 cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 40, pages),
		40);
	assert_int_equal(vmstat_of(machine, "pgalloc_movable"), 40);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, 40), 0);
	assert_int_equal(vmstat_of(machine, "pgfree"), 56);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- NOFRAGMENT ------------------------------------------------------- */

static const struct shape held_nodes = {
	.nodes = 2,
	.cpus = 2,
	.pages = {[PCPMM_ZONE_DMA32] = 8192, [PCPMM_ZONE_NORMAL] = 8192},
	.boot = PCPMM_BOOT_HELD,
};

static uint64_t zone_start(unsigned int nid, unsigned int zone)
{
	return SHAPE_START_PFN + nid * 16384 + (zone == NORMAL ? 8192 : 0);
}

/* Zone and node that serve an unmovable page; @orders: the free blocks. */
static struct pcpmm_page_info serve(unsigned int orders[2][2])
{
	struct pcpmm_machine *machine = shape_create(&held_nodes);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page_info info;

	for (unsigned int nid = 0; nid < 2; nid++)
		for (unsigned int z = 0; z < 2; z++) {
			unsigned int zone = z ? NORMAL : DMA32;

			set_marks(machine, nid, zone, 0);
			for (unsigned int i = 0; orders[nid][z] && i < 8; i++)
				assert_int_equal(pcpmm_restore_free(machine,
							 zone_start(nid, zone) +
								 i * 1024,
							 orders[nid][z]),
					0);
		}
	info = inspect(machine, pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0));
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
	return info;
}

/* All free pages are movable; only whole pageblocks avoid fragmentation. */
static void test_nofragment(void **state)
{
	static unsigned int orders[][2][2] = {
		/* node 0: DMA32, Normal; node 1: the same */
		{{9, 9}, {9, 9}}, /* Normal has a pageblock */
		{{9, 6}, {9, 9}}, /* DMA32 has one: preferred to mixing */
		{{6, 6}, {9, 9}}, /* only node 1 has: mixing is preferred */
		{{6, 0}, {9, 9}},
	};
	static const unsigned int zones[] = {NORMAL, DMA32, NORMAL, DMA32};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(zones); i++) {
		struct pcpmm_page_info info = serve(orders[i]);

		assert_int_equal(info.nid, 0);
		assert_int_equal(info.zone_type, zones[i]);
	}
}

/* --- many at once ----------------------------------------------------- */

static void test_bulk(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *pages[500];
	struct pcpmm_event events[8];

	(void)state;
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, 0, pages), 0);
	assert_int_equal(
		pcpmm_trace_start(machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC), 1024),
		0);
	for (unsigned int nr = 2; nr <= 500; nr += 83) {
		assert_int_equal(pcpmm_alloc_pages_bulk(
					 cpu, PCPMM_GFP_KERNEL, nr, pages),
			nr);
		assert_int_equal(pages_held(machine, 0, NORMAL), nr);
		for (unsigned int i = 0; i < nr; i++)
			assert_int_equal(pcpmm_free_pages(cpu, pages[i], 0), 0);
	}
	/* Pages from the list have no event, a single page has one. */
	assert_int_equal(pcpmm_trace_read(cpu, events, 8), 0);
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, 1, pages), 1);
	assert_int_equal(pcpmm_trace_read(cpu, events, 8), 1);
	assert_int_equal(pcpmm_free_pages(cpu, pages[0], 0), 0);
	/* All of them would take each zone below low: just one page. */
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_DMA, 500, pages), 500);
	set_marks(machine, 0, DMA, 3590);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, 500), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, DMA, 0), 0);
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_DMA, 500, pages), 500);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, 500), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, DMA, 0), 0);
	set_marks(machine, 0, DMA, 3600);
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_DMA, 500, pages), 1);
	assert_int_equal(pcpmm_free_pages(cpu, pages[0], 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_batched_free(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *pages[300];
	struct pcpmm_event events[512];
	unsigned int nr, lines[PCPMM_NR_EVENTS] = {0};

	(void)state;
	/* Zones alternate, so runs are short, too. */
	for (unsigned int i = 0; i < 300; i++)
		pages[i] = pcpmm_alloc_pages(cpu,
			i % 7 < 4 ? PCPMM_GFP_KERNEL
				  : PCPMM_GFP_HIGHUSER_MOVABLE,
			0);
	assert_int_equal(
		pcpmm_trace_start(machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_FREE) |
				PCPMM_EVENT_BIT(
					PCPMM_EVENT_MM_PAGE_FREE_BATCHED),
			1024),
		0);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, 100), 0);
	nr = pcpmm_trace_read(cpu, events, 512);
	assert_int_equal(nr, 200); /* two lines each */
	for (unsigned int i = 0; i < nr; i++)
		lines[events[i].kind]++;
	assert_int_equal(lines[PCPMM_EVENT_MM_PAGE_FREE], 100);
	assert_int_equal(lines[PCPMM_EVENT_MM_PAGE_FREE_BATCHED], 100);
	assert_int_equal(pcpmm_trace_start(machine, 0, 0), 0);
	/* Refused pages do not stop the others. */
	pages[120] = pages[119];
	pages[130] = NULL;
	assert_int_equal(pcpmm_free_pages_batch(cpu, &pages[100], 200), 2);
	assert_int_equal(pages_held(machine, 0, NORMAL) +
				 pages_held(machine, 0, MOVABLE),
		2);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* --- choices of a recording --------------------------------------------- */

static void test_recorded_choice(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_choice choice = {
		.zone_type = DMA32, .type = PCPMM_MIGRATE_RECLAIMABLE};
	struct pcpmm_page *page, *pages[5];

	(void)state;
	set_marks(machine, 0, DMA32, 1 << 20); /* marks are not checked */
	page = pcpmm_recorded_alloc(cpu, &choice, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(inspect(machine, page).zone_type, DMA32);
	assert_true(pcp_of(cpu, 0, DMA32).count > 0);
	/* Onto the list that the recording names. */
	assert_int_equal(pcp_of(cpu, 0, DMA32).blocks[1], 0);
	choice.type = PCPMM_MIGRATE_MOVABLE;
	assert_int_equal(pcpmm_recorded_free(cpu, page, 0, &choice), 0);
	assert_int_equal(pcp_of(cpu, 0, DMA32).blocks[1], 1);
	/* Not by the lists, neither allocation nor free. */
	choice.direct = 1;
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, DMA32, 0), 0);
	page = pcpmm_recorded_alloc(cpu, &choice, PCPMM_GFP_KERNEL, 1);
	assert_non_null(page);
	assert_int_equal(pcp_of(cpu, 0, DMA32).count, 0);
	assert_int_equal(pcpmm_recorded_free(cpu, page, 1, &choice), 0);
	assert_int_equal(pcp_of(cpu, 0, DMA32).count, 0);
	choice.direct = 0;
	assert_int_equal(pcpmm_recorded_alloc_bulk(
				 cpu, &choice, PCPMM_GFP_KERNEL, 5, pages),
		5);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, 5), 0);
	choice.nid = 1;
	assert_null(pcpmm_recorded_alloc(cpu, &choice, PCPMM_GFP_KERNEL, 0));
	choice.nid = 0;
	choice.type = PCPMM_MIGRATE_HIGHATOMIC;
	assert_null(pcpmm_recorded_alloc(cpu, &choice, PCPMM_GFP_KERNEL, 0));
	assert_string_not_equal(pcpmm_last_error(machine), "");
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* What a request would choose: nothing changes, and it chooses that. */
static void test_recorded_choice_now(void **state)
{
	const uint32_t movable =
		PCPMM_GFP_KERNEL | PCPMM___GFP_MOVABLE | PCPMM___GFP_HIGHMEM;
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_choice choice;
	struct pcpmm_page *page;

	(void)state;
	assert_int_equal(pcpmm_recorded_choice(cpu, 0, movable, 0, &choice), 0);
	assert_int_equal(choice.zone_type, MOVABLE);
	assert_int_equal(choice.type, PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(choice.direct, 0);
	assert_int_equal(
		pcpmm_recorded_choice(cpu, 0, PCPMM_GFP_KERNEL, 0, &choice), 0);
	assert_int_equal(choice.zone_type, NORMAL);
	assert_int_equal(choice.type, PCPMM_MIGRATE_UNMOVABLE);
	/* A zone below its low mark is passed over, as by the allocation. */
	set_marks(machine, 0, NORMAL, 1 << 20);
	assert_int_equal(
		pcpmm_recorded_choice(cpu, 0, PCPMM_GFP_KERNEL, 0, &choice), 0);
	assert_int_equal(choice.zone_type, DMA32);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(inspect(machine, page).zone_type, DMA32);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	/* No zone is above any mark: the first. */
	set_marks(machine, 0, DMA32, 1 << 20);
	set_marks(machine, 0, DMA, 1 << 20);
	assert_int_equal(
		pcpmm_recorded_choice(cpu, 0, PCPMM_GFP_KERNEL, 0, &choice), 0);
	assert_int_equal(choice.zone_type, NORMAL);
	assert_int_equal(
		pcpmm_recorded_choice(cpu, 1, PCPMM_GFP_KERNEL, 0, &choice),
		-EINVAL);
	assert_int_equal(
		pcpmm_recorded_choice(cpu, 0, PCPMM_GFP_KERNEL, 11, &choice),
		-EINVAL);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_split(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 5);
	uint64_t pfn = pcpmm_page_to_pfn(machine, page);

	(void)state;
	assert_int_equal(pcpmm_split_pages(cpu, page, 4, 0), -EINVAL);
	assert_int_equal(pcpmm_split_pages(cpu, page, 5, 6), -EINVAL);
	assert_int_equal(pcpmm_split_pages(cpu, page, 5, 2), 0);
	assert_int_equal(pages_held(machine, 0, NORMAL), 32);
	expect_valid(machine);
	assert_int_equal(pcpmm_free_pages(cpu, page, 5), -EINVAL);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(
			pcpmm_free_pages(cpu,
				pcpmm_pfn_to_page(machine, pfn + i * 4), 2),
			0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- memory behind the frames ----------------------------------------- */

#define BLOCKS 200

static unsigned char pattern(unsigned int i, size_t at)
{
	return (unsigned char)(i * 31 + at / 64 + 1);
}

static void write_pattern(unsigned char *at, size_t size, unsigned int i)
{
	for (size_t n = 0; n < size; n += 64)
		at[n] = pattern(i, n);
}

static void expect_pattern(const unsigned char *at, size_t size, unsigned int i)
{
	for (size_t n = 0; n < size; n += 64)
		assert_int_equal(at[n], pattern(i, n));
}

static void test_backing_holds_what_is_written(void **state)
{
	static const enum pcpmm_backing backings[] = {
		PCPMM_BACKING_ANON, PCPMM_BACKING_MEMFD, PCPMM_BACKING_HUGE};

	(void)state;
	for (size_t b = 0; b < HARNESS_COUNT(backings); b++) {
		const struct shape shape = {
			.pages = {[PCPMM_ZONE_NORMAL] = 16384},
			.backing = backings[b],
		};
		struct pcpmm_machine *machine = shape_create(&shape);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
		struct pcpmm_page *page[BLOCKS];
		unsigned char *at;

		for (unsigned int i = 0; i < BLOCKS; i++) {
			page[i] =
				pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, i % 6);
			at = pcpmm_page_address(machine, page[i]);
			assert_non_null(at);
			assert_int_equal((uintptr_t)at % PCPMM_PAGE_SIZE, 0);
			write_pattern(at, PCPMM_PAGE_SIZE << i % 6, i);
		}
		for (unsigned int i = 0; i < BLOCKS; i++) {
			expect_pattern(pcpmm_page_address(machine, page[i]),
				PCPMM_PAGE_SIZE << i % 6, i);
			assert_int_equal(
				pcpmm_free_pages(cpu, page[i], i % 6), 0);
		}
		/* __GFP_ZERO clears dirty pages. */
		for (unsigned int i = 0; i < BLOCKS; i++) {
			page[i] = pcpmm_alloc_pages(cpu,
				PCPMM_GFP_KERNEL | PCPMM___GFP_ZERO, i % 6);
			at = pcpmm_page_address(machine, page[i]);
			for (size_t n = 0; n < PCPMM_PAGE_SIZE << i % 6; n += 8)
				assert_int_equal(at[n], 0);
		}
		for (unsigned int i = 0; i < BLOCKS; i++)
			assert_int_equal(
				pcpmm_free_pages(cpu, page[i], i % 6), 0);
		assert_null(pcpmm_page_address(machine, NULL));
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

static void test_no_backing_has_no_address(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_zones);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_ZERO, 0);

	(void)state;
	assert_non_null(page);
	assert_null(pcpmm_page_address(machine, page));
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order_gfp_and_type),
		cmocka_unit_test(test_zone_by_gfp),
		cmocka_unit_test(test_zonelist_order),
		cmocka_unit_test(test_thisnode),
		cmocka_unit_test(test_numa_counters),
		cmocka_unit_test(test_vm_events),
		cmocka_unit_test(test_nofragment),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_batched_free),
		cmocka_unit_test(test_recorded_choice),
		cmocka_unit_test(test_recorded_choice_now),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_backing_holds_what_is_written),
		cmocka_unit_test(test_no_backing_has_no_address),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
