/* SPDX-License-Identifier: MIT */
/*
 * Lists that are small buddies, and pageblocks that CPUs own: where a refill's pages
 * come from, where a free's pages go, what a drain leaves behind, and who loses what
 * when a CPU goes.
 */
#include "support/drains.h"

#include "machine/machine.h"
#include "pcplist/pieces.h"
#include "zone/block_move.h"
#include "zone/pageblock.h"

#define BLOCK ((int)PAGEBLOCK_PAGES)
#define HIGH 4096 /* pages: room for claims */
#define BATCH 63
#define MOVABLE PCPMM_GFP_HIGHUSER_MOVABLE
#define UNMOVABLE PCPMM_GFP_KERNEL
#define HELD_MAX 8192

static struct pcpmm_page *held[HELD_MAX];

static void set_high(struct pcpmm_machine *machine, int high, int batch)
{
	for (unsigned int id = 0; id < STAGE_CPUS; id++)
		for (unsigned int zone = DMA32; zone <= NORMAL; zone++)
			assert_int_equal(pcpmm_restore_pageset(machine, id, 0,
						 zone, high, batch, 0),
				0);
}

static struct pcpmm_machine *create(int high, int batch)
{
	struct pcpmm_machine *machine;
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_BUDDY);
	machine = stage_create(&stage);
	set_high(machine, high, batch);
	return machine;
}

static struct pcpmm_cpu *enter(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	assert_non_null(cpu);
	return cpu;
}

/* Everything back, and nothing lost. */
static void end(struct pcpmm_machine *machine)
{
	for (unsigned int id = 0; id < STAGE_CPUS; id++)
		pcpmm_cpu_leave(pcpmm_cpu_get(machine, id));
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static struct pcpmm_pcp_buddy_stats stats_now(struct pcpmm_machine *machine)
{
	struct pcpmm_pcp_buddy_stats stats;

	pcpmm_pcp_buddy_stats_read(machine, &stats);
	return stats;
}

static struct pcp_slot *slot_of(struct pcpmm_cpu *cpu)
{
	return &cpu->slots[machine_zone(cpu->machine, 0, NORMAL)->id];
}

static uint64_t pfn_of(struct pcpmm_machine *machine, struct pcpmm_page *page)
{
	return pcpmm_page_to_pfn(machine, page);
}

static int owner_of(struct pcpmm_machine *machine, struct pcpmm_page *page)
{
	return pcpmm_pcp_buddy_owner(machine, pfn_of(machine, page));
}

static uint32_t listed(struct pcpmm_cpu *cpu)
{
	return pieces_of(slot_of(cpu))->owned.nr_listed;
}

/* Into held[from], held[from + 1] and so on. */
static void hold(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int from, unsigned int nr)
{
	for (unsigned int i = from; i < from + nr; i++) {
		held[i] = pcpmm_alloc_pages(cpu, gfp, 0);
		assert_non_null(held[i]);
	}
}

static void release(struct pcpmm_cpu *cpu, unsigned int from, unsigned int nr)
{
	for (unsigned int i = from; i < from + nr; i++)
		assert_int_equal(pcpmm_free_pages(cpu, held[i], 0), 0);
}

/* --- the phases of a refill ------------------------------------------------- */

/* One whole block, split on the list; pieces of order 4 to 8 count as order 3. */
static void test_claim(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	struct pcpmm_pcp_info info;

	(void)state;
	hold(cpu, MOVABLE, 0, 1);
	assert_int_equal(stats_now(machine).claims, 1);
	assert_int_equal(owner_of(machine, held[0]), 0);
	info = pcp_of(cpu, 0, NORMAL);
	assert_int_equal(info.count, BLOCK - 1);
	for (int order = 0; order < 3; order++)
		assert_int_equal(
			info.blocks[3 * order + PCPMM_MIGRATE_MOVABLE], 1);
	assert_int_equal(
		info.blocks[9 + PCPMM_MIGRATE_MOVABLE], (BLOCK - 8) / 8);
	expect_valid(machine);

	/* A free merges nothing; a drain merges all, and the block is nobody's. */
	release(cpu, 0, 1);
	assert_int_equal(stats_now(machine).frees_own, 1);
	assert_int_equal(stats_now(machine).merges, 0);
	expect_valid(machine);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(stats_now(machine).merges, PAGEBLOCK_ORDER);
	assert_int_equal(stats_now(machine).returned_pages, BLOCK);
	assert_int_equal(stats_now(machine).releases, 1);
	assert_int_equal(owner_of(machine, held[0]), -1);
	assert_int_equal(pcpmm_pcp_buddy_owner(machine, 0), -EINVAL);
	end(machine);
}

/* Without room for a block: 63 pages as 32 + 16 + 8 + 4 + 2, and 1 rounded to 2. */
static void test_chunks(void **state)
{
	struct pcpmm_machine *machine = create(4 * BATCH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	struct pcpmm_pcp_buddy_stats stats;

	(void)state;
	hold(cpu, MOVABLE, 0, 1);
	stats = stats_now(machine);
	assert_int_equal(stats.claims, 0);
	assert_int_equal(stats.chunks, 6);
	assert_int_equal(stats.chunk_pages, 64);
	assert_int_equal(stats.fallback_pages, 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 63);
	assert_int_equal(owner_of(machine, held[0]), -1);
	release(cpu, 0, 1);
	assert_int_equal(stats_now(machine).frees_unowned, 1);
	expect_valid(machine);
	end(machine);
}

/* Another type's blocks are taken last, and are not owned; the rest of them is. */
static void test_fallback(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	struct pcpmm_pcp_buddy_stats stats;

	(void)state;
	hold(cpu, UNMOVABLE, 0, 1);
	stats = stats_now(machine);
	assert_int_equal(stats.fallback_pages, BATCH);
	assert_int_equal(stats.claims + stats.chunks, 0);
	assert_int_equal(owner_of(machine, held[0]), -1);
	/* The stolen block was of order 10: half of it is whole. */
	hold(cpu, UNMOVABLE, 1, BATCH);
	stats = stats_now(machine);
	assert_int_equal(stats.fallback_pages, BATCH);
	assert_int_equal(stats.claims, 1);
	assert_int_equal(owner_of(machine, held[BATCH]), 0);
	expect_valid(machine);
	release(cpu, 0, 1 + BATCH);
	end(machine);
}

/* A list that is off holds nothing, in or out, of any order. */
static void test_lists_off(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);

	(void)state;
	hold(cpu, MOVABLE, 0, 100);
	held[100] = pcpmm_alloc_pages(cpu, MOVABLE, 3);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	assert_int_equal(listed(cpu), 1);
	hold(cpu, MOVABLE, 101, 2);
	assert_int_equal(stats_now(machine).recovers, 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	assert_int_equal(pcpmm_free_pages(cpu, held[100], 3), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	release(cpu, 101, 2);
	release(cpu, 0, 100);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), 0);
	end(machine);
}

/* What a drain has left in the zone comes back, and no block is claimed. */
static void test_recover(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	struct pcpmm_pcp_buddy_stats stats;

	(void)state;
	hold(cpu, MOVABLE, 0, 300);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(listed(cpu), 1);
	expect_valid(machine);
	hold(cpu, MOVABLE, 300, 1);
	stats = stats_now(machine);
	assert_int_equal(stats.recovers, 1);
	assert_int_equal(stats.recovered_pages, BLOCK - 300);
	assert_int_equal(stats.claims, 1);
	assert_int_equal(owner_of(machine, held[300]), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK - 301);
	assert_int_equal(listed(cpu), 0);
	expect_valid(machine);
	/* The next drain lists the block again. */
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(listed(cpu), 1);
	release(cpu, 0, 301);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(listed(cpu), 0);
	assert_int_equal(owner_of(machine, held[0]), -1);
	end(machine);
}

/* Pages that were freed one by one come back as the pieces that they make. */
static void test_recover_merges(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);

	(void)state;
	hold(cpu, MOVABLE, 0, (unsigned int)BLOCK);
	/* The upper half is in the zone, the lower half is on the list. */
	release(cpu, 256, 256);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	release(cpu, 0, 255);
	held[BLOCK] = pcpmm_alloc_pages(cpu, MOVABLE, 8);
	assert_non_null(held[BLOCK]);
	assert_int_equal(stats_now(machine).claims, 1);
	assert_int_equal(stats_now(machine).recovered_pages, 256);
	assert_int_equal(pcpmm_free_pages(cpu, held[BLOCK], 8), 0);
	release(cpu, 255, 1);
	end(machine);
}

static void test_recover_own_type(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	struct zone *zone = slot_of(cpu)->zone;

	(void)state;
	hold(cpu, MOVABLE, 0, 300);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	hold(cpu, UNMOVABLE, 300, 1);
	assert_int_equal(stats_now(machine).recovers, 0);
	assert_int_equal(zone_block_type(zone, pfn_of(machine, held[300])),
		PCPMM_MIGRATE_UNMOVABLE);
	assert_int_equal(listed(cpu), 1);
	release(cpu, 0, 301);
	end(machine);
}

/* --- split and merge ---------------------------------------------------------- */

/* A piece of each order, from one block; smallest fit takes no larger one. */
static void test_orders(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);

	(void)state;
	for (unsigned int order = 0; order <= PAGEBLOCK_ORDER; order++) {
		held[order] = pcpmm_alloc_pages(cpu, MOVABLE, order);
		assert_non_null(held[order]);
	}
	/* 1 + 1 + 2 + ... + 256 pages are a block; order 9 is one by itself. */
	assert_int_equal(stats_now(machine).claims, 1 + 2);
	expect_valid(machine);
	for (unsigned int order = 0; order <= PAGEBLOCK_ORDER; order++)
		assert_int_equal(pcpmm_free_pages(cpu, held[order], order), 0);
	expect_valid(machine);
	end(machine);
}

/* An exact number of pages: pieces that fit, then a part of a larger one. */
static void test_drain_part(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	int count;

	(void)state;
	hold(cpu, MOVABLE, 0, 1);
	for (unsigned int pages = 1; pages < 64; pages += 6) {
		count = count_of(machine, 0, NORMAL);
		assert_int_equal(
			pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, pages), 0);
		assert_int_equal(
			count_of(machine, 0, NORMAL), count - (int)pages);
		expect_valid(machine);
	}
	release(cpu, 0, 1);
	end(machine);
}

/* --- frees ----------------------------------------------------------------------- */

/* A purger's frees fill the lists of those who allocate. */
static void test_routed(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *owner = enter(machine, 0);
	struct pcpmm_cpu *purger = enter(machine, 1);

	(void)state;
	hold(owner, MOVABLE, 0, 200);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK - 200);
	release(purger, 0, 100);
	assert_int_equal(pcpmm_free_pages_batch(purger, held + 100, 100), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(stats_now(machine).frees_routed, 200);
	expect_valid(machine);
	end(machine);
}

/* The owner's lock is taken: the page goes to the zone, and its block is listed. */
static void test_owner_busy(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *owner = enter(machine, 0);
	struct pcpmm_cpu *purger = enter(machine, 1);
	struct pcp_slot *slot = slot_of(owner);
	struct pcpmm_pcp_buddy_stats stats;

	(void)state;
	hold(owner, MOVABLE, 0, 4);
	lock_acquire(&owner->base, &slot->lock, LOCK_RANK_PCP);
	release(purger, 0, 1);
	assert_int_equal(pcpmm_free_pages_batch(purger, held + 1, 1), 0);
	lock_release(&owner->base, &slot->lock, LOCK_RANK_PCP);
	stats = stats_now(machine);
	assert_int_equal(stats.frees_busy, 2);
	assert_int_equal(stats.frees_busy_routed, 2);
	assert_int_equal(stats.frees_routed, 0);
	assert_int_equal(listed(owner), 1);
	expect_valid(machine);
	/* The owner itself can not wait either, but that is noise to it. */
	lock_acquire(&purger->base, &slot->lock, LOCK_RANK_PCP);
	release(owner, 2, 1);
	held[0] = pcpmm_alloc_pages(owner, MOVABLE, 0);
	lock_release(&purger->base, &slot->lock, LOCK_RANK_PCP);
	assert_non_null(held[0]);
	stats = stats_now(machine);
	assert_int_equal(stats.frees_busy, 3);
	assert_int_equal(stats.frees_busy_routed, 2);
	assert_int_equal(noise_of(machine, 0).count[PCPMM_NOISE_PCP_LOCK], 2);
	release(owner, 3, 1);
	release(owner, 0, 1);
	expect_valid(machine);
	end(machine);
}

/* At high a list merges and gives back as the rules say; blocks are listed. */
static void test_overflow(void **state)
{
	struct pcpmm_machine *machine = create(700, BATCH);
	struct pcpmm_cpu *owner = enter(machine, 0);
	struct pcpmm_cpu *purger = enter(machine, 1);
	struct pcpmm_spill_stats spills;

	(void)state;
	hold(owner, MOVABLE, 0, 3 * (unsigned int)BLOCK);
	assert_int_equal(stats_now(machine).claims, 3);
	/* Every second page, so that nothing merges. */
	for (unsigned int i = 0; i < 1400; i += 2)
		release(purger, i, 1);
	assert_int_equal(count_of(machine, 0, NORMAL), 700 - BATCH);
	pcpmm_spill_stats_read(machine, &spills);
	assert_int_equal(spills.holds, 1);
	assert_int_equal(spills.pages, BATCH);
	assert_true(listed(owner) > 0);
	expect_valid(machine);
	for (unsigned int i = 1; i < 1400; i += 2)
		release(purger, i, 1);
	assert_true(count_of(machine, 0, NORMAL) < 700);
	expect_valid(machine);
	release(purger, 1400, 3 * (unsigned int)BLOCK - 1400);
	end(machine);
}

/* Large blocks do not pile up above high. */
static void test_overflow_large(void **state)
{
	struct pcpmm_machine *machine = create(700, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);

	(void)state;
	for (unsigned int i = 0; i < 16; i++)
		held[i] = pcpmm_alloc_pages(cpu, MOVABLE, PAGEBLOCK_ORDER);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(
			pcpmm_free_pages(cpu, held[i], PAGEBLOCK_ORDER), 0);
	assert_true(count_of(machine, 0, NORMAL) < 700 + BLOCK);
	end(machine);
}

static void set_type(
	struct pcpmm_cpu *cpu, uint64_t pfn, enum pcpmm_migratetype type)
{
	struct zone *zone = slot_of(cpu)->zone;

	zone_lock_irqsave(&cpu->base, zone);
	zone_set_block_type(zone, pfn, type);
	zone_move_free_block(zone, (uint32_t)pfn, type, NULL);
	zone_unlock_irqrestore(&cpu->base, zone);
}

/* An owned block that joins the reserve: its pages go to the zone. */
static void test_highatomic(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *cpu = enter(machine, 0);
	uint64_t pfn;

	(void)state;
	hold(cpu, MOVABLE, 0, 100);
	pfn = pfn_of(machine, held[0]);
	set_type(cpu, pfn, PCPMM_MIGRATE_HIGHATOMIC);
	release(cpu, 0, 50);
	assert_int_equal(pcpmm_free_pages_batch(cpu, held + 50, 10), 0);
	assert_int_equal(stats_now(machine).frees_zone, 60);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK - 100);
	assert_int_equal(state_of_pfn(machine, pfn), PCPMM_PAGE_BUDDY);
	expect_valid(machine);
	/* No refill takes a reserved block, until it is given back. */
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	hold(cpu, MOVABLE, 200, 1);
	assert_int_equal(stats_now(machine).recovers, 0);
	expect_valid(machine);
	set_type(cpu, pfn, PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	hold(cpu, MOVABLE, 201, 1);
	assert_true(stats_now(machine).recovers > 0);
	release(cpu, 200, 2);
	release(cpu, 60, 40);
	end(machine);
}

/* --- other CPUs ------------------------------------------------------------------- */

static void test_drain_by_other(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *owner = enter(machine, 0);
	struct pcpmm_cpu *other = enter(machine, 1);

	(void)state;
	hold(owner, MOVABLE, 0, 10);
	assert_int_equal(pcpmm_drain_pages_zone(other, 0, 0, NORMAL, 7), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK - 17);
	assert_int_equal(pcpmm_drain_all_pages(other, 0, NORMAL, false), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	assert_int_equal(owner_of(machine, held[0]), 0);
	assert_int_equal(listed(owner), 1);
	expect_valid(machine);
	/* The owner's next page is one of those. */
	hold(owner, MOVABLE, 10, 1);
	assert_int_equal(stats_now(machine).recovered_pages, BLOCK - 10);
	release(other, 0, 11);
	assert_int_equal(count_of(machine, 0, NORMAL), BLOCK);
	end(machine);
}

/* A dead CPU owns nothing: what it has allocated is freed elsewhere. */
static void test_offline(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct pcpmm_cpu *on = enter(machine, 0);
	struct pcpmm_cpu *cpu = enter(machine, 1);

	(void)state;
	hold(cpu, MOVABLE, 0, 600);
	assert_int_equal(owner_of(machine, held[0]), 1);
	assert_int_equal(owner_of(machine, held[599]), 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(pcpmm_cpu_offline(on, 1), 0);
	expect_valid(machine);
	assert_int_equal(owner_of(machine, held[0]), -1);
	assert_int_equal(owner_of(machine, held[599]), -1);
	assert_int_equal(stats_now(machine).releases, 2);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	set_high(machine, HIGH, BATCH);
	release(on, 0, 600);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 600);
	assert_int_equal(stats_now(machine).frees_unowned, 600);
	expect_valid(machine);
	assert_int_equal(pcpmm_cpu_online(on, 1), 0);
	end(machine);
}

/* --- restored lists ----------------------------------------------------------------- */

static void test_restore(void **state)
{
	struct pcpmm_machine *machine;
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_PCP_BUDDY);
	stage.config.boot = PCPMM_BOOT_HELD;
	machine = stage_create(&stage);
	for (uint64_t pfn = 4096; pfn < 4096 + 8 * 8; pfn += 8)
		assert_int_equal(pcpmm_restore_pcp(machine, 2, pfn, 3,
					 PCPMM_MIGRATE_MOVABLE),
			0);
	assert_int_equal(
		pcpmm_restore_pcp(machine, 2, 8192, 4, PCPMM_MIGRATE_MOVABLE),
		-EINVAL);
	assert_int_equal(count_of(machine, 2, DMA32), 64);
	for (uint64_t pfn = 16384; pfn < 16384 + 1024; pfn += 1024)
		assert_int_equal(pcpmm_restore_free(machine, pfn, 10), 0);
	assert_int_equal(pcpmm_restore_pcp_list(machine, 2, 0, DMA32, 3,
				 PCPMM_MIGRATE_MOVABLE, 5),
		0);
	assert_int_equal(count_of(machine, 2, DMA32), 40);
	assert_int_equal(pcpmm_restore_pcp_list(machine, 2, 0, DMA32, 0,
				 PCPMM_MIGRATE_MOVABLE, 9),
		0);
	assert_int_equal(count_of(machine, 2, DMA32), 49);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* --- the claim, and its price --------------------------------------------------------- */

#define PRODUCERS 3
#define EACH 64 /* pages of a producer in a round */
#define ROUNDS 200

/* Zone-lock holds for pages that producers allocate and one purger frees. */
static uint64_t purge(enum pcpmm_drain drain)
{
	struct pcpmm_cpu *cpus[STAGE_CPUS];
	static struct pcpmm_histogram holds;
	struct pcpmm_machine *machine;
	struct stage stage;

	stage_init(&stage, drain);
	machine = stage_create(&stage);
	set_high(machine, 1024, BATCH);
	for (unsigned int id = 0; id < STAGE_CPUS; id++)
		cpus[id] = enter(machine, id);
	for (int round = 0; round <= ROUNDS; round++) {
		/* The first round claims. */
		if (round == 1)
			assert_int_equal(pcpmm_lock_stat_set(machine, true), 0);
		for (unsigned int id = 0; id < PRODUCERS; id++)
			hold(cpus[id], MOVABLE, id * EACH, EACH);
		release(cpus[PRODUCERS], 0, PRODUCERS * EACH);
	}
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, &holds, NULL), 0);
	expect_valid(machine);
	end(machine);
	return holds.count;
}

static void test_purger(void **state)
{
	const uint64_t pages = (uint64_t)PRODUCERS * EACH * ROUNDS;

	(void)state;
	/* A refill on one side and a share of a spill on the other. */
	assert_in_range(
		purge(PCPMM_DRAIN_PCP_LOCK), pages / BATCH, 2 * pages / BATCH);
	assert_int_equal(purge(PCPMM_DRAIN_PCP_BUDDY), 0);
}

/* --- several threads -------------------------------------------------------------------- */

#define RING 1024
#define TURNS 60000

struct ring {
	struct pcpmm_page *page[RING];
	int put, got; /* words between threads */
};

struct producer {
	struct ring *ring;
	unsigned int turns;
};

static void produce(struct pcpmm_cpu *cpu, void *arg)
{
	struct producer *producer = arg;
	struct ring *ring = producer->ring;

	for (unsigned int i = 0; i < producer->turns; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, i % 16 ? MOVABLE : UNMOVABLE, 0);

		assert_non_null(page);
		while ((int)i - word_read(&ring->got) >= RING)
			sched_yield();
		ring->page[i % RING] = page;
		word_write(&ring->put, (int)i + 1);
	}
}

static void purge_ring(struct pcpmm_cpu *cpu, void *arg)
{
	struct producer *producer = arg;
	struct ring *ring = producer->ring;

	for (unsigned int i = 0; i < producer->turns; i++) {
		while (word_read(&ring->put) <= (int)i)
			sched_yield();
		assert_int_equal(
			pcpmm_free_pages(cpu, ring->page[i % RING], 0), 0);
		word_write(&ring->got, (int)i + 1);
		if (i % 1000 == 999)
			pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	}
}

/* One allocates, one frees and drains, and a third CPU comes and goes. */
static void test_threads(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	static struct ring ring;
	struct producer producer = {&ring, is_slow_run() ? 6000 : TURNS};
	struct pcpmm_cpu_thread *threads[2];
	struct pcpmm_cpu *on = enter(machine, 3);
	struct pcpmm_pcp_buddy_stats stats;

	(void)state;
	ring = (struct ring){{NULL}, 0, 0};
	/* Pages of a CPU that goes offline while others free. */
	threads[0] = pcpmm_cpu_run(machine, 0, -1, produce, &producer);
	threads[1] = pcpmm_cpu_run(machine, 1, -1, purge_ring, &producer);
	assert_non_null(threads[0]);
	assert_non_null(threads[1]);
	for (int i = 0; i < 20; i++) {
		struct pcpmm_cpu *cpu = enter(machine, 2);

		hold(cpu, MOVABLE, 0, 40);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		release(on, 0, 20);
		assert_int_equal(pcpmm_cpu_offline(on, 2), 0);
		release(on, 20, 20);
		assert_int_equal(pcpmm_cpu_online(on, 2), 0);
	}
	for (int i = 0; i < 2; i++)
		pcpmm_cpu_join(threads[i]);
	stats = stats_now(machine);
	assert_true(stats.frees_routed + stats.frees_busy_routed > 0);
	end(machine);
}

#define DEAD 2 /* the CPU that goes offline */
#define ITS 256 /* pages of it that are held then */

struct frees {
	int round, freed; /* words between threads; freed: pages of the round */
	int rounds;
};

static void free_in_rounds(struct pcpmm_cpu *cpu, void *arg)
{
	struct frees *frees = arg;

	for (int round = 1; round <= frees->rounds; round++) {
		while (word_read(&frees->round) < round)
			sched_yield();
		for (unsigned int i = 0; i < ITS; i++) {
			release(cpu, i, 1);
			word_write(&frees->freed, (int)i + 1);
		}
	}
}

/* Pages of a CPU are freed by another one at the moment when it goes offline. */
static void test_frees_while_offline(void **state)
{
	struct pcpmm_machine *machine = create(HIGH, BATCH);
	struct frees frees = {.rounds = is_slow_run() ? 50 : 20000};
	struct pcpmm_cpu *on = enter(machine, 3);
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(machine, 1, -1, free_in_rounds, &frees);

	(void)state;
	assert_non_null(thread);
	for (int round = 1; round <= frees.rounds; round++) {
		struct pcpmm_cpu *cpu;

		set_high(machine, HIGH, BATCH);
		cpu = enter(machine, DEAD);
		hold(cpu, MOVABLE, 0, ITS);
		assert_int_equal(owner_of(machine, held[0]), DEAD);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		word_write(&frees.freed, 0);
		word_write(&frees.round, round);
		while (word_read(&frees.freed) < 1 + round % ITS)
			sched_yield();
		assert_int_equal(pcpmm_cpu_offline(on, DEAD), 0);
		while (word_read(&frees.freed) < ITS)
			sched_yield();
		assert_int_equal(count_of(machine, DEAD, NORMAL), 0);
		assert_int_equal(pcpmm_cpu_online(on, DEAD), 0);
	}
	pcpmm_cpu_join(thread);
	end(machine);
}

/* --- anything ------------------------------------------------------------------------------ */

struct fuzz {
	struct rng rng;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpus[3];
	struct pcpmm_page *page[HELD_MAX];
	unsigned int order[HELD_MAX];
	unsigned int nr;
};

static void fuzz_alloc(struct fuzz *fuzz, struct pcpmm_cpu *cpu)
{
	static const uint32_t gfps[] = {MOVABLE, UNMOVABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE, PCPMM_GFP_ATOMIC};
	unsigned int order = rng_below(&fuzz->rng, 4)
				     ? rng_below(&fuzz->rng, 3)
				     : rng_below(&fuzz->rng, NR_ORDERS);
	struct pcpmm_page *page;

	if (fuzz->nr == HELD_MAX)
		return;
	page = pcpmm_alloc_pages(cpu,
		gfps[rng_below(&fuzz->rng, 4)] | PCPMM___GFP_NOWARN, order);
	if (!page)
		return;
	fuzz->page[fuzz->nr] = page;
	fuzz->order[fuzz->nr++] = order;
}

static void fuzz_free(struct fuzz *fuzz, struct pcpmm_cpu *cpu)
{
	unsigned int i;

	if (!fuzz->nr)
		return;
	i = rng_below(&fuzz->rng, fuzz->nr--);
	assert_int_equal(
		pcpmm_free_pages(cpu, fuzz->page[i], fuzz->order[i]), 0);
	fuzz->page[i] = fuzz->page[fuzz->nr];
	fuzz->order[i] = fuzz->order[fuzz->nr];
}

static void fuzz_hotplug(struct fuzz *fuzz)
{
	assert_int_equal(pcpmm_cpu_leave(fuzz->cpus[2]), 0);
	assert_int_equal(pcpmm_cpu_offline(fuzz->cpus[0], 2), 0);
	expect_valid(fuzz->machine);
	assert_int_equal(pcpmm_cpu_online(fuzz->cpus[0], 2), 0);
	fuzz->cpus[2] = enter(fuzz->machine, 2);
}

static void fuzz_step(struct fuzz *fuzz, bool grow)
{
	struct pcpmm_cpu *cpu = fuzz->cpus[rng_below(&fuzz->rng, 3)];
	unsigned int what = rng_below(&fuzz->rng, 1000);

	if (what < 3)
		pcpmm_drain_pages_zone(cpu, rng_below(&fuzz->rng, 3), 0, NORMAL,
			rng_below(&fuzz->rng, 600));
	else if (what < 4)
		fuzz_hotplug(fuzz);
	else if (what < 6)
		set_high(fuzz->machine,
			(int)rng_below(&fuzz->rng, 2) ? HIGH : 700,
			what == 4 ? BATCH : 7);
	else if (what < (grow ? 600u : 400u))
		fuzz_alloc(fuzz, cpu);
	else
		fuzz_free(fuzz, cpu);
}

static void test_fuzz(void **state)
{
	static struct fuzz fuzz;
	const unsigned int steps = is_slow_run() ? 10000 : 60000;

	(void)state;
	fuzz = (struct fuzz){
		.rng = {test_seed()}, .machine = create(HIGH, BATCH)};
	for (unsigned int id = 0; id < 3; id++)
		fuzz.cpus[id] = enter(fuzz.machine, id);
	for (unsigned int i = 0; i < steps; i++) {
		fuzz_step(&fuzz, i / 5000 % 2 == 0);
		if (i % 100 == 0)
			expect_valid(fuzz.machine);
	}
	while (fuzz.nr)
		fuzz_free(&fuzz, fuzz.cpus[rng_below(&fuzz.rng, 3)]);
	end(fuzz.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_lists_off),
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_recover_merges),
		cmocka_unit_test(test_recover_own_type),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_drain_part),
		cmocka_unit_test(test_routed),
		cmocka_unit_test(test_owner_busy),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_overflow_large),
		cmocka_unit_test(test_highatomic),
		cmocka_unit_test(test_drain_by_other),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_purger),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_frees_while_offline),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests_name("pcp_buddy", tests, NULL, NULL);
}
