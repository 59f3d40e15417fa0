/* SPDX-License-Identifier: MIT */
/*
 * Spills that give the list's lock up between chunks: the amount, its parts, who
 * else gets the lock meanwhile, and what becomes of the rest.
 */
#include "support/drains.h"

#include "cpu/lock.h"
#include "machine/machine.h"

#define OWNER 0
#define OTHER 1
#define HIGH 4096 /* pages, as percpu_pagelist_high_fraction makes it */
#define BATCH 63
#define FACTOR 5 /* free_factor: the next spill is BATCH << FACTOR pages */
#define SPILL (BATCH << FACTOR)
#define HELD_MAX 16384

static struct pcpmm_page *held[HELD_MAX];

struct contest {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *owner, *other;
	struct pcp_slot *slot; /* of the owner, in zone NORMAL */
	unsigned int rounds; /* of the window */
	unsigned int
		lose_at; /* the other takes the lock in this round; 0: never */
	bool taken; /* and keeps it */
};

static struct pcpmm_spill_stats spills_of(const struct pcpmm_machine *machine)
{
	struct pcpmm_spill_stats stats;

	pcpmm_spill_stats_read(machine, &stats);
	return stats;
}

/* The lock of the list is free here, and the other CPU may take it. */
static void between_chunks(struct pcpmm_cpu *cpu, void *arg)
{
	struct contest *contest = arg;

	assert_ptr_equal(cpu, contest->owner);
	assert_int_equal(contest->slot->lock.word, 0);
	if (++contest->rounds != contest->lose_at)
		return;
	lock_acquire(
		&contest->other->base, &contest->slot->lock, LOCK_RANK_PCP);
	contest->taken = true;
}

/* Let go of the lock; false: somebody has opened it meanwhile. */
static bool let_go(struct contest *contest)
{
	bool locked = contest->slot->lock.word == 1;

	assert_true(contest->taken);
	contest->taken = false;
	lock_release(
		&contest->other->base, &contest->slot->lock, LOCK_RANK_PCP);
	return locked;
}

/* A list of @pages pages in blocks of @order, of which the next free spills. */
static void begin_with(struct contest *contest, enum pcpmm_drain drain,
	enum pcpmm_spill_hold hold, unsigned int order, int pages)
{
	const struct zone *zone;
	struct stage stage;
	int nr = pages >> order;

	stage_init(&stage, drain);
	stage.config.allow_unsound = true;
	stage.config.spill_hold = hold;
	*contest = (struct contest){.machine = stage_create(&stage)};
	contest->owner = pcpmm_cpu_enter(contest->machine, OWNER);
	contest->other = pcpmm_cpu_enter(contest->machine, OTHER);
	assert_non_null(contest->owner);
	assert_non_null(contest->other);
	zone = machine_zone(contest->machine, 0, NORMAL);
	contest->slot = &contest->owner->slots[zone->id];
	for (int i = 0; i < nr; i++) {
		held[i] = pcpmm_alloc_pages(
			contest->owner, PCPMM_GFP_HIGHUSER_MOVABLE, order);
		assert_non_null(held[i]);
	}
	assert_int_equal(pcpmm_drain_local_pages(contest->owner, 0, NORMAL), 0);
	pcp_resize(contest->slot, 1 << 20, BATCH);
	for (int i = 0; i < nr; i++)
		assert_int_equal(
			pcpmm_free_pages(contest->owner, held[i], order), 0);
	assert_int_equal(pcp_count(contest->slot), pages);
	pcp_resize(contest->slot, HIGH, BATCH);
	contest->slot->free_factor = FACTOR;
}

static void begin(struct contest *contest, enum pcpmm_spill_hold hold,
	unsigned int order, int pages)
{
	begin_with(contest, PCPMM_DRAIN_PCP_LOCK, hold, order, pages);
	if (hold == PCPMM_SPILL_HOLD_CHUNKS)
		assert_int_equal(pcpmm_spill_window_set(contest->machine,
					 between_chunks, contest),
			0);
}

static void end(struct contest *contest)
{
	assert_int_equal(contest->slot->lock.word, 0);
	assert_int_equal(pcpmm_drain_local_pages(contest->owner, 0, NORMAL), 0);
	assert_int_equal(pcpmm_cpu_leave(contest->owner), 0);
	assert_int_equal(pcpmm_cpu_leave(contest->other), 0);
	expect_all_free(contest->machine);
	pcpmm_machine_destroy(contest->machine);
}

static struct pcpmm_page *one_more(struct contest *contest)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(
		contest->owner, PCPMM_GFP_HIGHUSER_MOVABLE, 0);

	assert_non_null(page);
	contest->slot->free_factor = FACTOR; /* halved by the allocation */
	return page;
}

static void test_whole_spill_is_one_hold(void **state)
{
	struct pcpmm_spill_stats stats;
	struct contest contest;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_WHOLE, 0, 6000);
	assert_int_equal(
		pcpmm_free_pages(contest.owner, one_more(&contest), 0), 0);
	stats = spills_of(contest.machine);
	assert_int_equal(stats.holds, 1);
	assert_int_equal(stats.hold_max, SPILL);
	assert_int_equal(stats.pages, SPILL);
	assert_int_equal(stats.given_up, 0);
	assert_int_equal(contest.slot->own.count, 6000 - SPILL);
	assert_int_equal(
		pcpmm_spill_window_set(contest.machine, NULL, NULL), -EINVAL);
	end(&contest);
}

/* The same amount, computed once, in chunks of batch. */
static void test_chunks_free_the_same(void **state)
{
	struct pcpmm_spill_stats stats;
	struct contest contest;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	assert_int_equal(
		pcpmm_free_pages(contest.owner, one_more(&contest), 0), 0);
	stats = spills_of(contest.machine);
	assert_int_equal(contest.slot->own.count, 6000 - SPILL);
	assert_int_equal(stats.pages, SPILL);
	assert_int_equal(stats.holds, SPILL / BATCH);
	assert_int_equal(stats.hold_max, BATCH);
	assert_int_equal(contest.rounds, SPILL / BATCH - 1);
	assert_int_equal(stats.given_up, 0);
	assert_int_equal(stats.pages_left, 0);
	end(&contest);
}

/* high falls meanwhile: neither amount nor mark is looked at again. */
static void lower_high(struct pcpmm_cpu *cpu, void *arg)
{
	struct contest *contest = arg;

	(void)cpu;
	contest->rounds++;
	pcp_resize(contest->slot, 2 * BATCH, BATCH);
}

static void test_amount_is_of_the_entry(void **state)
{
	struct contest contest;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	assert_int_equal(
		pcpmm_spill_window_set(contest.machine, lower_high, &contest),
		0);
	assert_int_equal(
		pcpmm_free_pages(contest.owner, one_more(&contest), 0), 0);
	assert_int_equal(contest.slot->own.count, 6000 - SPILL);
	assert_int_equal(contest.rounds, SPILL / BATCH - 1);
	end(&contest);
}

/* The last chunk is what is left of the amount; a spill of batch is one hold. */
static void test_small_spills(void **state)
{
	struct pcpmm_spill_stats stats;
	struct contest contest;
	struct pcpmm_page *page;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	page = one_more(&contest);
	contest.slot->free_factor = 0;
	assert_int_equal(pcpmm_free_pages(contest.owner, page, 0), 0);
	assert_int_equal(contest.rounds, 0);
	assert_int_equal(spills_of(contest.machine).holds, 1);
	page = one_more(&contest);
	pcp_resize(contest.slot, 2 * BATCH + 10, BATCH);
	assert_int_equal(pcpmm_free_pages(contest.owner, page, 0), 0);
	assert_int_equal(contest.rounds, 1);
	stats = spills_of(contest.machine);
	assert_int_equal(stats.holds, 3);
	assert_int_equal(stats.pages, BATCH + BATCH + 10);
	end(&contest);
}

/*
 * The other CPU has the lock: the rest stays listed, far above high, and the free
 * has not opened the other one's lock. The next free goes on with one chunk more.
 */
static void test_lost_lock_ends_the_spill(void **state)
{
	struct pcpmm_spill_stats stats;
	struct contest contest;
	struct pcpmm_page *pages[2];

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	for (int i = 0; i < 2; i++)
		pages[i] = one_more(&contest);
	contest.lose_at = 1;
	assert_int_equal(pcpmm_free_pages(contest.owner, pages[0], 0), 0);
	assert_true(let_go(&contest));
	stats = spills_of(contest.machine);
	assert_int_equal(stats.given_up, 1);
	assert_int_equal(stats.pages_left, SPILL - BATCH);
	assert_int_equal(stats.holds, 1);
	assert_int_equal(contest.slot->own.count, 5999 - BATCH);
	assert_true(contest.slot->own.count > HIGH);

	contest.lose_at = 3;
	assert_int_equal(pcpmm_free_pages(contest.owner, pages[1], 0), 0);
	assert_true(let_go(&contest));
	stats = spills_of(contest.machine);
	assert_int_equal(stats.given_up, 2);
	assert_int_equal(stats.pages_left, 2 * SPILL - 3 * BATCH);
	assert_int_equal(contest.slot->own.count, 6000 - 3 * BATCH);
	end(&contest);
}

/* free_generic()'s way: the hot path is closed while events are recorded. */
static void test_lost_lock_while_traced(void **state)
{
	struct contest contest;
	struct pcpmm_page *page;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	page = one_more(&contest);
	assert_int_equal(pcpmm_trace_start(contest.machine,
				 PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_FREE), 64),
		0);
	contest.lose_at = 1;
	assert_int_equal(pcpmm_free_pages(contest.owner, page, 0), 0);
	assert_true(let_go(&contest));
	assert_int_equal(contest.slot->own.count, 6000 - BATCH);
	assert_int_equal(pcpmm_trace_start(contest.machine, 0, 64), 0);
	end(&contest);
}

/*
 * A batched free whose second page loses the lock: the pages after it find the
 * list busy and go to the buddy, and the lock stays the other one's.
 */
static void test_batch_forgets_a_lost_lock(void **state)
{
	enum { NR = 8 };
	struct pcpmm_page *pages[NR];
	struct contest contest;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	for (int i = 0; i < NR; i++)
		pages[i] = one_more(&contest);
	pcp_resize(contest.slot, 6000 - NR + 2, BATCH);
	contest.lose_at = 1;
	assert_int_equal(pcpmm_free_pages_batch(contest.owner, pages, NR), 0);
	assert_int_equal(contest.slot->own.count, 6000 - NR + 2 - BATCH);
	assert_int_equal(spills_of(contest.machine).given_up, 1);
	assert_true(let_go(&contest));
	end(&contest);
}

/*
 * Blocks of order 9: each chunk of 63 pages takes a whole block, so the lists are
 * empty after three of 32 chunks, and the spill ends inside the lock.
 */
static void test_ends_when_nothing_is_left(void **state)
{
	struct pcpmm_spill_stats stats;
	struct contest contest;
	struct pcpmm_page *block;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 9, 4 * 512);
	block = pcpmm_alloc_pages(contest.owner, PCPMM_GFP_HIGHUSER_MOVABLE, 9);
	assert_non_null(block);
	contest.slot->free_factor = FACTOR;
	pcp_resize(contest.slot, 2000 + BATCH, BATCH);
	assert_int_equal(contest.slot->own.count, 3 * 512);
	pcp_resize(contest.slot, 2000, BATCH);
	assert_int_equal(pcpmm_free_pages(contest.owner, block, 9), 0);
	stats = spills_of(contest.machine);
	assert_int_equal(contest.slot->own.count, 0);
	assert_int_equal(stats.holds, 4);
	assert_int_equal(stats.pages, 4 * 512);
	assert_int_equal(stats.hold_max, 512);
	assert_int_equal(contest.rounds, 3);
	assert_int_equal(stats.given_up, 0);
	end(&contest);
}

/* Between two chunks an interrupt gets a page from the list itself. */
static struct pcpmm_page *from_irq;

static void allocate(struct pcpmm_cpu *cpu, void *arg)
{
	struct contest *contest = arg;
	int before = contest->slot->own.count;

	from_irq = pcpmm_alloc_pages(
		cpu, PCPMM_GFP_ATOMIC | PCPMM___GFP_MOVABLE, 0);
	assert_int_equal(contest->slot->own.count, before - 1);
}

static void interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct contest *contest = arg;

	if (!contest->rounds++)
		assert_int_equal(pcpmm_irq_raise(cpu, allocate, arg), 0);
}

static void test_interrupt_between_chunks(void **state)
{
	struct contest contest;

	(void)state;
	begin(&contest, PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
	assert_int_equal(
		pcpmm_spill_window_set(contest.machine, interrupt, &contest),
		0);
	assert_int_equal(
		pcpmm_free_pages(contest.owner, one_more(&contest), 0), 0);
	assert_int_equal(spills_of(contest.machine).given_up, 0);
	assert_int_equal(contest.slot->own.count, 6000 - SPILL - 1);
	assert_non_null(from_irq);
	contest.slot->free_factor = 0;
	assert_int_equal(pcpmm_free_pages(contest.owner, from_irq, 0), 0);
	end(&contest);
}

/* No other owner has a lock that it only tries: its spill is one hold. */
static void test_others_hold_for_the_whole(void **state)
{
	(void)state;
	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++) {
		struct pcpmm_spill_stats stats;
		struct contest contest;

		if (drain == PCPMM_DRAIN_PCP_LOCK ||
			drain == PCPMM_DRAIN_EXTERNAL)
			continue;
		begin_with(&contest, (enum pcpmm_drain)drain,
			PCPMM_SPILL_HOLD_CHUNKS, 0, 6000);
		assert_int_equal(pcpmm_spill_window_set(contest.machine,
					 between_chunks, &contest),
			-EINVAL);
		assert_int_equal(
			pcpmm_free_pages(contest.owner, one_more(&contest), 0),
			0);
		stats = spills_of(contest.machine);
		assert_int_equal(stats.holds, 1);
		assert_int_equal(stats.hold_max, SPILL);
		assert_int_equal(pcp_count(contest.slot), 6000 - SPILL);
		end(&contest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_spill_is_one_hold),
		cmocka_unit_test(test_chunks_free_the_same),
		cmocka_unit_test(test_amount_is_of_the_entry),
		cmocka_unit_test(test_small_spills),
		cmocka_unit_test(test_lost_lock_ends_the_spill),
		cmocka_unit_test(test_lost_lock_while_traced),
		cmocka_unit_test(test_batch_forgets_a_lost_lock),
		cmocka_unit_test(test_ends_when_nothing_is_left),
		cmocka_unit_test(test_interrupt_between_chunks),
		cmocka_unit_test(test_others_hold_for_the_whole),
	};

	return cmocka_run_group_tests_name("spill_hold", tests, NULL, NULL);
}
