/* SPDX-License-Identifier: MIT */
/*
 * alloc_pages_nolock() and free_pages_nolock(): each lock is tried once, in tasks,
 * interrupts and NMIs; what a busy zone lock leaves to others, and who takes it; the
 * kernels in which a trylock lies.
 */
#include "support/harness.h"

#include "machine/machine.h"
#include "zone/deferred.h"

#include <pthread.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32
#define ALL PCPMM_DRAIN_ALL_ZONES

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu;

static struct pcpmm_config config_for(unsigned int cpus)
{
	static const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {1024, 16384, 16384, 16384}}};

	return config_of(&node, 1, cpus);
}

static void begin_with(const struct pcpmm_config *config)
{
	machine = create_or_fail(config);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_non_null(cpu);
}

static void begin(void)
{
	struct pcpmm_config config = config_for(1);

	begin_with(&config);
}

static void end(void)
{
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static struct pcpmm_nolock_stats stats(void)
{
	struct pcpmm_nolock_stats stats;

	pcpmm_nolock_stats_read(machine, &stats);
	return stats;
}

static uint64_t deferred(void)
{
	return pcpmm_zone_deferred_pages(machine, 0, NORMAL);
}

static struct pcpmm_page *alloc_nolock(unsigned int order)
{
	return pcpmm_alloc_pages_nolock(cpu, 0, order);
}

static void free_nolock(struct pcpmm_page *page, unsigned int order)
{
	assert_int_equal(pcpmm_free_pages_nolock(cpu, page, order), 0);
}

static struct pcpmm_page *alloc(unsigned int order)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

	assert_non_null(page);
	return page;
}

static void give_back(struct pcpmm_page *page, unsigned int order)
{
	assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
}

/* Straight to the buddy: an order that has no list. */
static void free_to_the_zone(void)
{
	give_back(alloc(4), 4);
}

/* --- a task --------------------------------------------------------------- */

static void test_task(void **state)
{
	struct pcpmm_page *page[4];

	(void)state;
	begin();
	for (unsigned int order = 0; order < 4; order++) {
		struct pcpmm_page_info info;

		page[order] = alloc_nolock(order);
		info = inspect(machine, page[order]);
		assert_int_equal(info.state, PCPMM_PAGE_HELD);
		assert_int_equal(info.order, order);
		assert_int_equal(info.block_type, PCPMM_MIGRATE_UNMOVABLE);
	}
	assert_int_equal(pages_held(machine, 0, NORMAL), 15);
	assert_int_equal(vmstat_of(machine, "pgalloc_normal"), 15);
	for (unsigned int order = 0; order < 4; order++)
		free_nolock(page[order], order);
	assert_int_equal(vmstat_of(machine, "pgfree"), 15);
	assert_int_equal(stats().allocs, 4);
	assert_int_equal(stats().free_listed, 4);
	assert_int_equal(deferred(), 0);
	end();
}

static void test_zeroed(void **state)
{
	struct pcpmm_config config = config_for(1);
	struct pcpmm_page *page;
	unsigned char *memory;

	(void)state;
	config.backing = PCPMM_BACKING_ANON;
	begin_with(&config);
	page = alloc(1);
	memory = pcpmm_page_address(machine, page);
	memset(memory, 0xa5, 2 << PCPMM_PAGE_SHIFT);
	give_back(page, 1);
	page = alloc_nolock(1);
	assert_ptr_equal(pcpmm_page_address(machine, page), memory);
	for (unsigned int i = 0; i < 2 << PCPMM_PAGE_SHIFT; i++)
		assert_int_equal(memory[i], 0);
	free_nolock(page, 1);
	end();
}

static void test_refill_is_recorded(void **state)
{
	struct pcpmm_event event;
	struct pcpmm_page *page;

	(void)state;
	begin();
	assert_int_equal(pcpmm_trace_start(machine,
				 PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL), 64),
		0);
	page = alloc_nolock(1);
	assert_non_null(page);
	assert_int_equal(pcpmm_trace_read(cpu, &event, 1), 1);
	assert_int_equal(event.kind, PCPMM_EVENT_PCP_REFILL);
	assert_int_equal(event.order, 1);
	assert_int_equal(event.migratetype, PCPMM_MIGRATE_UNMOVABLE);
	assert_true(event.n > 1);
	assert_int_equal(event.got, event.n);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 2 * (event.n - 1));
	free_nolock(page, 1);
	end();
}

/* An order without lists is refused, although the zone has it; 9 has one. */
static void test_orders(void **state)
{
	struct pcpmm_misuse misuse;

	(void)state;
	begin();
	for (unsigned int order = 4; order <= PCPMM_ORDER_MAX; order++)
		if (order != 9)
			assert_null(alloc_nolock(order));
	assert_int_equal(stats().alloc_refused, 6);
	free_nolock(alloc_nolock(9), 9);
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.bad_argument, 0);
	assert_null(alloc_nolock(PCPMM_ORDER_MAX + 1));
	assert_null(pcpmm_alloc_pages_nolock(cpu, 1, 0));
	assert_non_null(strstr(pcpmm_last_error(machine), "of node 1"));
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.bad_argument, 2);
	end();
}

/* Any order may be freed; the zone takes what no list does. */
static void test_free_of_any_order(void **state)
{
	(void)state;
	begin();
	free_nolock(alloc(4), 4);
	free_nolock(alloc(PCPMM_ORDER_MAX), PCPMM_ORDER_MAX);
	assert_int_equal(stats().free_zone, 2);
	assert_int_equal(vmstat_of(machine, "pgfree"), 16 + 1024);
	end();
}

/* The count passes high; the next ordinary free spills. */
static void test_free_does_not_spill(void **state)
{
	struct pcpmm_page *page[2048];
	int high, count;

	(void)state;
	begin();
	high = pcp_of(cpu, 0, NORMAL).high;
	assert_true(high + 2 <= 2048);
	for (int i = 0; i <= high + 1; i++)
		page[i] = alloc(0);
	for (int i = 0; i <= high; i++)
		free_nolock(page[i], 0);
	count = pcp_of(cpu, 0, NORMAL).count;
	assert_true(count > high);
	give_back(page[high + 1], 0);
	assert_true(pcp_of(cpu, 0, NORMAL).count < count);
	end();
}

static void test_misuse(void **state)
{
	struct pcpmm_page *page, *second;
	struct pcpmm_misuse misuse;

	(void)state;
	begin();
	page = alloc_nolock(1);
	assert_int_equal(pcpmm_free_pages_nolock(cpu, page, 0), -EINVAL);
	second = pcpmm_pfn_to_page(
		machine, pcpmm_page_to_pfn(machine, page) + 1);
	assert_int_equal(pcpmm_free_pages_nolock(cpu, second, 0), -EINVAL);
	free_nolock(page, 1);
	assert_int_equal(pcpmm_free_pages_nolock(cpu, page, 1), -EINVAL);
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.wrong_order, 1);
	assert_int_equal(misuse.foreign_page, 1);
	assert_int_equal(misuse.double_free, 1);
	end();
}

/* Down to min, and no further; nobody reclaims, nobody is woken. */
static void test_down_to_min(void **state)
{
	struct pcpmm_page *page[16384];
	struct pcpmm_zone_truth truth;
	unsigned int nr = 0;

	(void)state;
	begin();
	while ((page[nr] = alloc_nolock(0)))
		nr++;
	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	assert_in_range(truth.free, truth.min - 64, truth.min + 1);
	assert_int_equal(stats().alloc_failed, 1);
	assert_int_equal(vmstat_of(machine, "pageoutrun"), 0);
	while (nr)
		free_nolock(page[--nr], 0);
	end();
}

/* --- inside the locks ----------------------------------------------------- */

/* What an interruption does, and what it got. */
struct inside {
	struct pcpmm_page *free; /* of order 0; NULL */
	struct pcpmm_page *got;
	int others; /* refused calls; or what it saw */
};

static void inside(struct pcpmm_cpu *here, void *arg)
{
	struct inside *in = arg;

	if (in->free)
		assert_int_equal(pcpmm_free_pages_nolock(here, in->free, 0), 0);
	in->got = pcpmm_alloc_pages_nolock(here, 0, 0);
}

/* The list is busy, the zone is not. */
static void test_in_the_list(void **state)
{
	(void)state;
	begin();
	for (int nmi = 0; nmi < 2; nmi++) {
		struct inside in = {.free = alloc(0)};
		struct pcpmm_page *page;
		int count = pcp_of(cpu, 0, NORMAL).count;

		if (nmi)
			assert_int_equal(pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_PCP,
						 inside, &in),
				0);
		else
			assert_int_equal(pcpmm_irq_inject(cpu, inside, &in), 0);
		page = alloc(0);
		assert_non_null(in.got);
		assert_ptr_not_equal(in.got, page);
		assert_int_equal(pcp_of(cpu, 0, NORMAL).count, count - 1);
		give_back(in.got, 0);
		give_back(page, 0);
	}
	assert_int_equal(stats().free_zone, 2);
	assert_int_equal(stats().free_listed, 0);
	assert_int_equal(deferred(), 0);
	end();
}

/* A RECLAIMABLE block, of which there is none, comes by the fallback. */
static struct pcpmm_page *alloc_by_fallback(void)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(
		cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE, 0);

	assert_non_null(page);
	return page;
}

/* Both locks are taken: nothing to be had, and the free is deferred. */
static void test_in_the_zone(void **state)
{
	struct inside in = {0};
	struct pcpmm_page *held;
	uint64_t freed;

	(void)state;
	begin();
	in.free = alloc(0);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, inside, &in), 0);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, inside, &in), -EBUSY);
	held = alloc_by_fallback();
	assert_null(in.got);
	assert_int_equal(stats().alloc_failed, 1);
	assert_int_equal(stats().free_deferred, 1);
	assert_int_equal(deferred(), 1);
	assert_int_equal(
		state_of_pfn(machine, pcpmm_page_to_pfn(machine, in.free)),
		PCPMM_PAGE_DEFERRED);
	assert_int_equal(
		pcpmm_free_pages(cpu, in.free, 0), -EINVAL); /* twice */
	assert_int_equal(vmstat_of(machine, "pgfree"), 0);
	expect_valid(machine);

	/* None of these frees straight to the buddy, with its lock. */
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	free_nolock(alloc(4), 4);
	give_back(alloc(0), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	give_back(held, 0);
	assert_int_equal(deferred(), 1);
	assert_int_equal(pages_held(machine, 0, NORMAL), 0);
	expect_valid(machine);

	freed = vmstat_of(machine, "pgfree");
	free_to_the_zone();
	assert_int_equal(deferred(), 0);
	assert_int_equal(stats().reaped_pages, 1);
	assert_int_equal(vmstat_of(machine, "pgfree"), freed + 16 + 1);
	end();
}

/* The other node's zone has a lock of its own. */
static void test_in_one_of_two_zones(void **state)
{
	static const struct pcpmm_node_config nodes[2] = {
		{.zones = {[NORMAL] = {1024, 16384, 16384, 16384}}},
		{.zones = {[NORMAL] = {32768, 16384, 16384, 16384}}}};
	struct pcpmm_config config = config_of(nodes, 2, 1);
	struct inside in = {0};
	struct pcpmm_page *held;

	(void)state;
	begin_with(&config);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, inside, &in), 0);
	held = alloc_by_fallback();
	assert_non_null(in.got);
	assert_true(pcpmm_page_to_pfn(machine, in.got) >= 32768);
	give_back(in.got, 0);
	give_back(held, 0);
	end();
}

/* Each kind of lock is tried, not waited for. */
static void test_kinds_of_zone_lock(void **state)
{
	(void)state;
	for (int kind = 0; kind < PCPMM_NR_ZONE_LOCKS; kind++)
		for (int measured = 0; measured < 2; measured++) {
			struct pcpmm_config config = config_for(1);
			struct inside in = {0};
			struct pcpmm_page *held;

			config.zone_lock = (enum pcpmm_zone_lock)kind;
			begin_with(&config);
			assert_int_equal(
				pcpmm_lock_stat_set(machine, measured), 0);
			in.free = alloc(0);
			assert_int_equal(
				pcpmm_nmi_inject(
					cpu, PCPMM_NMI_IN_ZONE, inside, &in),
				0);
			held = alloc_by_fallback();
			assert_null(in.got);
			assert_int_equal(deferred(), 1);
			give_back(held, 0);
			free_nolock(alloc(5), 5);
			assert_int_equal(stats().free_zone, 1);
			free_to_the_zone();
			assert_int_equal(deferred(), 0);
			end();
		}
}

/* --- NMIs ----------------------------------------------------------------- */

static void other_calls(struct pcpmm_cpu *here, void *arg)
{
	struct inside *in = arg;

	assert_null(pcpmm_alloc_pages(here, PCPMM_GFP_ATOMIC, 0));
	in->others += pcpmm_free_pages(here, in->free, 0) == -EPERM;
	in->others += pcpmm_drain_all_pages(here, 0, ALL, false) == -EPERM;
	in->others += pcpmm_irq_disable(here) == -EPERM;
	in->others += pcpmm_nmi_inject(here, PCPMM_NMI_IN_PCP, other_calls,
			      NULL) == -EPERM;
}

/* It may have come inside any section: other calls are refused. */
static void test_other_calls_in_an_nmi(void **state)
{
	struct inside in = {0};
	struct pcpmm_misuse misuse;

	(void)state;
	begin();
	in.free = alloc(0);
	assert_int_equal(pcpmm_nmi_run(cpu, other_calls, &in), 0);
	assert_int_equal(in.others, 4);
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.wrong_thread, 5);
	give_back(in.free, 0); /* it is over */
	end();
}

/* Interrupts that are off do not hold it off, and stay off. */
static void test_nmi_is_not_masked(void **state)
{
	struct inside in = {0};

	(void)state;
	begin();
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_int_equal(pcpmm_nmi_run(cpu, inside, &in), 0);
	assert_non_null(in.got);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(pcpmm_irq_enable(cpu), -EINVAL);
	give_back(in.got, 0);
	assert_int_equal(pcpmm_nmi_run(cpu, NULL, NULL), -EINVAL);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_PCP, NULL, NULL), -EINVAL);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, (enum pcpmm_nmi_place)2, inside, &in),
		-EINVAL);
	end();
}

/* With interrupts off inside the list, an injected interrupt waits, an NMI not. */
static void test_nmi_beside_interrupts(void **state)
{
	struct pcpmm_config config = config_for(1);
	struct inside irq = {0}, nmi = {0};
	struct pcpmm_page *page;

	(void)state;
	config.drain = PCPMM_DRAIN_IPI_ALL;
	begin_with(&config);
	assert_int_equal(pcpmm_irq_inject(cpu, inside, &irq), 0);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_PCP, inside, &nmi), 0);
	page = alloc(0);
	assert_non_null(nmi.got);
	assert_non_null(irq.got);
	/* This strategy's lists can not be tried: both pages are the zone's. */
	free_nolock(nmi.got, 0);
	free_nolock(irq.got, 0);
	assert_int_equal(stats().free_zone, 2);
	assert_int_equal(stats().free_listed, 0);
	give_back(page, 0);
	end();
}

#define UP_PAGES 262144

/* --- pageblocks with an owner ----------------------------------------------- */

static void free_one_page(struct pcpmm_cpu *here, void *page)
{
	assert_int_equal(pcpmm_free_pages_nolock(here, page, 0), 0);
}

/* They go past the lists, and their owner finds its block in the zone. */
static void test_frees_of_owned_blocks(void **state)
{
	struct pcpmm_config config = config_for(1);
	struct pcpmm_page *page[64];

	(void)state;
	config.drain = PCPMM_DRAIN_PCP_BUDDY;
	config.nolock_refuses = PCPMM_NOLOCK_REFUSES_RT_IRQ;
	config.sysctl.percpu_pagelist_high_fraction = 8;
	begin_with(&config);
	for (int i = 0; i < 64; i++)
		page[i] = alloc(0);
	for (int i = 0; i < 32; i++)
		free_nolock(page[i], 0);
	assert_int_equal(stats().free_zone, 32);
	expect_valid(machine); /* the owner finds its block again */
	for (int i = 32; i < 64; i++)
		assert_int_equal(pcpmm_nmi_run(cpu, free_one_page, page[i]), 0);
	assert_int_equal(deferred(), 32);
	give_back(alloc(PCPMM_ORDER_MAX), PCPMM_ORDER_MAX);
	assert_int_equal(deferred(), 0);
	expect_valid(machine);
	end();
}

/* --- kernels for one CPU -------------------------------------------------- */

/* With lists of a gigabyte's size. */
static void begin_up(enum pcpmm_up up, enum pcpmm_nolock_refuses refuses)
{
	static const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {1024, UP_PAGES, UP_PAGES, UP_PAGES}}};
	struct pcpmm_config config = config_of(&node, 1, 1);

	config.up = up;
	config.nolock_refuses = refuses;
	config.allow_unsound = refuses == PCPMM_NOLOCK_REFUSES_NOTHING ||
			       up == PCPMM_UP_TRYLOCK_SUCCEEDS;
	config.ipi = PCPMM_IPI_POLLED;
	begin_with(&config);
}

/* In an NMI there nobody tries. */
static void test_up_refuses_nmis(void **state)
{
	(void)state;
	for (int up = PCPMM_UP_IRQS_OFF; up <= PCPMM_UP_TRYLOCK_FAILS; up++) {
		struct inside in = {0};

		begin_up((enum pcpmm_up)up, PCPMM_NOLOCK_REFUSES_UP_NMI);
		in.free = alloc_nolock(0);
		assert_int_equal(pcpmm_nmi_run(cpu, inside, &in), 0);
		assert_null(in.got);
		assert_int_equal(stats().alloc_refused, 1);
		assert_int_equal(deferred(), 1);
		free_nolock(alloc_nolock(0), 0);
		assert_int_equal(up == PCPMM_UP_IRQS_OFF ? stats().free_listed
							 : stats().free_zone,
			1);
		free_to_the_zone();
		end();
	}
}

/*
 * 6.15 to April 2026: the trylock of the zone succeeds inside its own section. The
 * NMI takes the very block that the task has chosen.
 */
static void test_up_nmi_in_the_zone(void **state)
{
	struct inside in = {0};
	struct pcpmm_error error;
	struct pcpmm_page *held;

	(void)state;
	begin_up(PCPMM_UP_TRYLOCK_FAILS, PCPMM_NOLOCK_REFUSES_NOTHING);
	assert_int_equal(
		pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, inside, &in), 0);
	held = pcpmm_alloc_pages(
		cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE, 0);
	assert_ptr_equal(held, in.got); /* one page, two holders */
	assert_int_equal(stats().allocs, 1);
	assert_int_equal(pcpmm_validate(machine, &error), -EUCLEAN);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

/* Pages that a refill asks for, with lists of a gigabyte's size. */
#define BATCH 63

/* One more page is freed; *@arg: the list's count before that. */
static void free_one_more(struct pcpmm_cpu *here, void *arg)
{
	struct inside *in = arg;

	in->others = pcp_of(here, 0, NORMAL).count;
	assert_int_equal(pcpmm_free_pages(here, in->free, 0), 0);
}

static void *raise_from_afar(void *arg)
{
	assert_int_equal(pcpmm_irq_raise(cpu, free_one_more, arg), 0);
	return NULL;
}

/* The interrupt is taken when the refill releases the zone lock. The count then. */
static int interrupt_a_refill(void)
{
	struct inside in = {.free = alloc(0), .others = -1};
	struct pcpmm_page *page;
	pthread_t other;

	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	assert_int_equal(pthread_create(&other, NULL, raise_from_afar, &in), 0);
	assert_int_equal(pthread_join(other, NULL), 0);
	page = alloc(0);
	assert_int_equal(pcpmm_cpu_poll(cpu), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, BATCH);
	give_back(page, 0);
	return in.others;
}

/*
 * 6.2 to January 2026: the interrupt is in the list while the refill is, whose pages
 * are in no count yet. What becomes of such a list depends on the moment: here, with
 * room for one more page, all goes well.
 */
static void test_up_interrupt_in_the_list(void **state)
{
	(void)state;
	begin_up(PCPMM_UP_TRYLOCK_SUCCEEDS, PCPMM_NOLOCK_REFUSES_UP_NMI);
	assert_int_equal(interrupt_a_refill(), 0);
	end();
}

/* Since January 2026 it waits for the end of the section. */
static void test_up_interrupt_waits(void **state)
{
	(void)state;
	begin_up(PCPMM_UP_IRQS_OFF, PCPMM_NOLOCK_REFUSES_UP_NMI);
	assert_int_equal(interrupt_a_refill(), BATCH - 1);
	end();
}

static void expect_refused(
	enum pcpmm_up up, enum pcpmm_nolock_refuses refuses, const char *why)
{
	struct pcpmm_config config = config_for(1);
	struct pcpmm_error error = {""};

	config.up = up;
	config.nolock_refuses = refuses;
	assert_null(pcpmm_machine_create(&config, &error));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(error.text, why));
	assert_non_null(strstr(error.text, "unsound"));
}

static void test_unsound_is_refused(void **state)
{
	(void)state;
	expect_refused(PCPMM_UP_TRYLOCK_SUCCEEDS, PCPMM_NOLOCK_REFUSES_UP_NMI,
		"up trylock_succeeds");
	expect_refused(PCPMM_UP_IRQS_OFF, PCPMM_NOLOCK_REFUSES_NOTHING,
		"nolock_refuses nothing with up irqs_off");
	begin_up(PCPMM_UP_NO, PCPMM_NOLOCK_REFUSES_NOTHING);
	end();
}

/* --- restored zones ------------------------------------------------------- */

/* A zone with holes: deferred pages do not give back the room that they took. */
static void test_restore_no_more_than_managed(void **state)
{
	const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {1024, 4096, 4096, 2048}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_page *page;

	(void)state;
	config.boot = PCPMM_BOOT_HELD;
	begin_with(&config);
	assert_int_equal(pcpmm_restore_free(machine, 1024, 10), 0);
	assert_int_equal(pcpmm_restore_free(machine, 3072, 10), 0);
	page = alloc(10);
	zone_defer(machine_zone(machine, 0, NORMAL),
		(uint32_t)pcpmm_page_to_pfn(machine, page));
	assert_int_equal(deferred(), 1024);
	assert_int_equal(pcpmm_restore_free(machine, 2048, 0), -EBUSY);
	assert_int_equal(pages_held(machine, 0, NORMAL), 0);
	end();
}

/* --- PREEMPT_RT ----------------------------------------------------------- */

static void test_rt_refuses_interrupts(void **state)
{
	struct pcpmm_config config = config_for(1);
	struct inside in = {0};

	(void)state;
	config.nolock_refuses = PCPMM_NOLOCK_REFUSES_RT_IRQ;
	begin_with(&config);
	in.free = alloc_nolock(0);
	assert_non_null(in.free);
	assert_int_equal(pcpmm_irq_raise(cpu, inside, &in), 0);
	assert_null(in.got);
	in.free = alloc_nolock(0);
	assert_int_equal(pcpmm_nmi_run(cpu, inside, &in), 0);
	assert_null(in.got);
	assert_int_equal(stats().alloc_refused, 2);
	assert_int_equal(stats().free_deferred, 2);
	free_to_the_zone();
	end();
}

/* --- many CPUs ------------------------------------------------------------ */

#define THREADS 3
#define ROUNDS 3000

/* Frees from an NMI of a PREEMPT_RT kernel are deferred, always. */
static void free_all(struct pcpmm_cpu *here, void *arg)
{
	struct pcpmm_page **page = arg;

	for (unsigned int order = 0; order < 4; order++)
		assert_int_equal(
			pcpmm_free_pages_nolock(here, page[order], order), 0);
}

static void *defer_and_reap(void *arg)
{
	unsigned int id = *(unsigned int *)arg;
	struct pcpmm_cpu *here = pcpmm_cpu_enter(machine, id);
	struct pcpmm_page *page[4], *block;

	assert_non_null(here);
	for (int i = 0; i < ROUNDS; i++) {
		for (unsigned int order = 0; order < 4; order++) {
			page[order] = pcpmm_alloc_pages(
				here, PCPMM_GFP_KERNEL, order);
			assert_non_null(page[order]);
		}
		assert_int_equal(pcpmm_nmi_run(here, free_all, page), 0);
		if (i % (id + 2))
			continue;
		block = pcpmm_alloc_pages(here, PCPMM_GFP_KERNEL, 4);
		assert_non_null(block);
		assert_int_equal(pcpmm_free_pages(here, block, 4), 0);
	}
	assert_int_equal(pcpmm_cpu_leave(here), 0);
	return NULL;
}

/* Pushes of several CPUs, and a reap at any moment: no block is lost. */
static void test_deferred_by_many(void **state)
{
	static unsigned int ids[THREADS] = {1, 2, 3};
	struct pcpmm_config config = config_for(THREADS + 1);
	pthread_t thread[THREADS];

	(void)state;
	config.nolock_refuses = PCPMM_NOLOCK_REFUSES_RT_IRQ;
	begin_with(&config);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
					 defer_and_reap, &ids[i]),
			0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	expect_valid(machine);
	assert_int_equal(stats().free_deferred, THREADS * ROUNDS * 4);
	free_to_the_zone();
	assert_int_equal(deferred(), 0);
	assert_int_equal(stats().reaped_pages, THREADS * ROUNDS * 15);
	end();
}

/* --- at random ------------------------------------------------------------ */

struct step {
	struct pcpmm_page *page;
	unsigned int order;
	bool alloc;
};

static void one_step(struct pcpmm_cpu *here, void *arg)
{
	struct step *step = arg;

	if (step->alloc)
		step->page = pcpmm_alloc_pages_nolock(here, 0, step->order);
	else
		assert_int_equal(
			pcpmm_free_pages_nolock(here, step->page, step->order),
			0);
}

/* In a task, an interrupt, or an NMI; the latter two inside the list or not. */
static void somewhere(struct rng *rng, struct step *step)
{
	switch (rng_below(rng, 5)) {
	case 0:
		one_step(cpu, step);
		break;
	case 1:
		assert_int_equal(pcpmm_irq_raise(cpu, one_step, step), 0);
		break;
	case 2:
		assert_int_equal(pcpmm_nmi_run(cpu, one_step, step), 0);
		break;
	case 3:
		assert_int_equal(pcpmm_irq_inject(cpu, one_step, step), 0);
		break;
	default:
		assert_int_equal(
			pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_PCP, one_step, step),
			0);
		break;
	}
	give_back(alloc(0), 0);
}

/* Where interrupts may try, and where all their frees are deferred. */
static void at_random(enum pcpmm_nolock_refuses refuses)
{
	struct pcpmm_config config = config_for(1);
	struct step steps[200] = {0};
	struct rng rng = {test_seed()};

	config.nolock_refuses = refuses;
	begin_with(&config);
	for (int i = 0; i < 5000; i++) {
		struct step *step = &steps[rng_below(&rng, 200)];

		step->alloc = !step->page;
		if (step->alloc)
			step->order = rng_below(&rng, 4);
		somewhere(&rng, step);
		if (!step->alloc)
			step->page = NULL;
		if (i % 300 == 0)
			free_to_the_zone();
		if (i % 100 == 0)
			expect_valid(machine);
	}
	for (unsigned int i = 0; i < 200; i++)
		if (steps[i].page)
			free_nolock(steps[i].page, steps[i].order);
	assert_true(refuses == PCPMM_NOLOCK_REFUSES_RT_IRQ
			    ? stats().free_deferred > 500
			    : stats().free_zone > 500);
	free_to_the_zone();
	end();
}

static void test_at_random(void **state)
{
	(void)state;
	at_random(PCPMM_NOLOCK_REFUSES_UP_NMI);
	at_random(PCPMM_NOLOCK_REFUSES_RT_IRQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_task),
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_refill_is_recorded),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_free_of_any_order),
		cmocka_unit_test(test_free_does_not_spill),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_down_to_min),
		cmocka_unit_test(test_in_the_list),
		cmocka_unit_test(test_in_the_zone),
		cmocka_unit_test(test_in_one_of_two_zones),
		cmocka_unit_test(test_kinds_of_zone_lock),
		cmocka_unit_test(test_other_calls_in_an_nmi),
		cmocka_unit_test(test_nmi_is_not_masked),
		cmocka_unit_test(test_nmi_beside_interrupts),
		cmocka_unit_test(test_frees_of_owned_blocks),
		cmocka_unit_test(test_up_refuses_nmis),
		cmocka_unit_test(test_up_nmi_in_the_zone),
		cmocka_unit_test(test_up_interrupt_in_the_list),
		cmocka_unit_test(test_up_interrupt_waits),
		cmocka_unit_test(test_unsound_is_refused),
		cmocka_unit_test(test_restore_no_more_than_managed),
		cmocka_unit_test(test_rt_refuses_interrupts),
		cmocka_unit_test(test_deferred_by_many),
		cmocka_unit_test(test_at_random),
	};

	return cmocka_run_group_tests_name("nolock", tests, NULL, NULL);
}
