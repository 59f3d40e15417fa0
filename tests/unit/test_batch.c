/* SPDX-License-Identifier: MIT */
/*
 * Many blocks at once against one block at a time: two machines begin alike and
 * get the same random operations, one by buddy_take() and buddy_free(), the
 * other by buddy_carve() and buddy_free_many(). After each operation all free
 * lists, in their order, all lengths, counters and diffs are equal, and now and
 * then all frames. By the rules of each kernel.
 */
#include "support/layout.h"
#include "support/same.h"

#include "zone/block_move.h"
#include "zone/fallback.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"

#define HELD_MAX 8192
#define MANY 64
#define ONE 0 /* the machine that takes and frees one at a time */

struct block {
	uint32_t pfn;
	uint8_t order;
	uint8_t zone; /* index among the machine's zones */
};

/* What has happened: a test that did nothing must not pass. */
struct done {
	unsigned int taken, emptied, carved, bulk, fallbacks, cma;
	unsigned int freed, runs_up, runs_down, odd_types, retyped;
};

struct pair {
	struct pcpmm_machine *machine[2];
	struct cpu *cpu[2];
	struct rng rng;
	struct block held[HELD_MAX];
	unsigned int nr;
	struct done done;
};

static struct zone *zone_of(const struct pair *p, int i, unsigned int zone)
{
	return p->machine[i]->zones.zone[zone];
}

static void pair_create(struct pair *p, const struct shape *shape)
{
	memset(p, 0, sizeof(*p));
	p->rng = (struct rng){test_seed()};
	for (int i = 0; i < 2; i++) {
		p->machine[i] = shape_create(shape);
		p->cpu[i] = &pcpmm_cpu_enter(p->machine[i], 0)->base;
	}
	/* A refill that is recorded goes block by block; the ring overflows. */
	assert_int_equal(
		pcpmm_trace_start(p->machine[ONE],
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED),
			16),
		0);
}

static void pair_destroy(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		pcpmm_machine_destroy(p->machine[i]);
}

/* --- comparison ------------------------------------------------------- */

static void compare(const struct pair *p, bool frames)
{
	const struct pcpmm_machine *a = p->machine[ONE], *b = p->machine[!ONE];

	for (unsigned int i = 0; i < a->zones.nr; i++) {
		same_free_lists(a->zones.zone[i], b->zones.zone[i]);
		same_counters(
			a, &a->zones.zone[i]->stat, &b->zones.zone[i]->stat);
	}
	if (frames)
		same_frames(a, b);
}

/* --- operations ------------------------------------------------------- */

static unsigned int random_zone(struct pair *p)
{
	return rng_below(&p->rng, p->machine[ONE]->zones.nr);
}

/* Orders that have pcp lists, mostly 0. */
static unsigned int random_order(struct pair *p)
{
	static const uint8_t orders[] = {0, 0, 0, 0, 1, 1, 2, 3, 9};

	return orders[rng_below(&p->rng, HARNESS_COUNT(orders))];
}

static void hold(struct pair *p, unsigned int zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	const struct zone *z = zone_of(p, ONE, zone);

	assert_in_range(p->nr, 0, HELD_MAX - 1);
	p->held[p->nr++] = (struct block){pfn, (uint8_t)order, (uint8_t)zone};
	for (int i = 0; i < 2; i++)
		frame_set_head(&p->machine[i]->zones.memmap[pfn],
			FRAME_HEAD(FRAME_PCP, order, type, z->id));
}

/* buddy_carve() until @nr blocks are there, against buddy_take() of each. */
static void take(struct pair *p)
{
	unsigned int zone = random_zone(p), order = random_order(p);
	unsigned int type = rng_below(&p->rng, PCPMM_MIGRATE_ISOLATE);
	unsigned int nr = 1 + rng_below(&p->rng, MANY), got = 0;

	while (got < nr) {
		struct buddy_carved carved = buddy_carve(
			zone_of(p, !ONE, zone), order, type, nr - got);

		assert_in_range(carved.nr, 0, nr - got);
		for (unsigned int i = 0; i < carved.nr; i++) {
			uint32_t pfn = carved.pfn + (i << order);

			assert_int_equal(
				buddy_take(p->cpu[ONE], zone_of(p, ONE, zone),
					order, type),
				pfn);
			hold(p, zone, pfn, order, type);
		}
		p->done.carved += carved.nr > 1;
		got += carved.nr;
		if (!carved.nr)
			break;
	}
	p->done.taken += got;
	if (got == nr)
		return;
	p->done.emptied++;
	assert_int_equal(
		buddy_take(p->cpu[ONE], zone_of(p, ONE, zone), order, type), 0);
}

struct taken {
	struct pfn_sink sink;
	uint32_t pfns[MANY]; /* the first taken is the last */
};

static void no_more(struct pfn_sink *sink)
{
	(void)sink;
	fail_msg("more blocks than asked for");
}

/* A whole refill, with fallbacks and CMA. */
static void refill(struct pair *p)
{
	static const uint8_t flags[] = {0, 0, 0, ALLOC_KSWAPD, ALLOC_CMA,
		ALLOC_NOFRAGMENT, ALLOC_NO_WATERMARKS};
	unsigned int zone = random_zone(p), order = random_order(p);
	unsigned int type = rng_below(&p->rng, PCPMM_MIGRATE_PCPTYPES);
	unsigned int alloc_flags =
		flags[rng_below(&p->rng, HARNESS_COUNT(flags))];
	unsigned int nr = 1 + rng_below(&p->rng, MANY), got[2];
	uint64_t own = layout_free_pages(
		&(struct layout){.zone = zone_of(p, ONE, zone)}, type);
	struct taken taken[2];

	for (int i = 0; i < 2; i++) {
		taken[i].sink = (struct pfn_sink){
			.behind = taken[i].pfns + MANY,
			.room = nr,
			.more = no_more,
		};
		got[i] = zone_rmqueue_bulk(p->cpu[i], zone_of(p, i, zone),
			order, nr, type, alloc_flags, &taken[i].sink);
		assert_int_equal(taken[i].sink.room, nr - got[i]);
		assert_ptr_equal(
			taken[i].sink.behind, taken[i].pfns + MANY - got[i]);
	}
	assert_int_equal(got[0], got[1]);
	for (unsigned int i = MANY - got[0]; i < MANY; i++)
		assert_int_equal(taken[0].pfns[i], taken[1].pfns[i]);
	p->done.bulk += got[0] != 0;
	p->done.cma += got[0] && alloc_flags == ALLOC_CMA;
	p->done.fallbacks += (uint64_t)got[0] << order > own;
	for (unsigned int i = 0; i < got[0]; i++)
		hold(p, zone, taken[ONE].pfns[MANY - 1 - i], order, type);
}

static int by_pfn(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void reverse(uint32_t *pfns, unsigned int nr)
{
	for (unsigned int i = 0; i < nr / 2; i++) {
		uint32_t pfn = pfns[i];

		pfns[i] = pfns[nr - 1 - i];
		pfns[nr - 1 - i] = pfn;
	}
}

/* Take up to MANY held blocks of the order and zone of a random one. */
static unsigned int pick(struct pair *p, uint32_t *pfns, struct block *like)
{
	unsigned int from = rng_below(&p->rng, p->nr), nr = 0;
	unsigned int most = 1 + rng_below(&p->rng, MANY);
	bool spread = rng_below(&p->rng, 3) == 0;

	*like = p->held[from];
	for (unsigned int left = p->nr; left && nr < most; left--) {
		struct block *block = &p->held[from];

		if (block->order == like->order && block->zone == like->zone &&
			(!spread || rng_below(&p->rng, 2))) {
			pfns[nr++] = block->pfn;
			*block = p->held[--p->nr];
		} else {
			from++;
		}
		if (from >= p->nr)
			from = 0;
	}
	return nr;
}

/* The type that a free gives the frame: mostly its pageblock's. */
static unsigned int freed_as(
	struct pair *p, const struct zone *zone, uint32_t pfn)
{
	if (rng_below(&p->rng, 64))
		return zone_block_type(zone, pfn);
	return rng_below(&p->rng, NR_TYPES);
}

static void give(struct pair *p)
{
	uint32_t pfns[MANY];
	struct block like;
	unsigned int nr = pick(p, pfns, &like);
	unsigned int shuffle = rng_below(&p->rng, 4);
	struct zone *one = zone_of(p, ONE, like.zone);

	if (shuffle)
		qsort(pfns, nr, sizeof(pfns[0]), by_pfn);
	if (shuffle == 1)
		reverse(pfns, nr);
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int type = freed_as(p, one, pfns[i]);

		for (int m = 0; m < 2; m++)
			frame_set_head(&p->machine[m]->zones.memmap[pfns[i]],
				FRAME_HEAD(
					FRAME_PCP, like.order, type, one->id));
		p->done.odd_types += type >= PCPMM_MIGRATE_PCPTYPES;
		p->done.runs_up += i && pfns[i] - pfns[i - 1] == 1;
		p->done.runs_down += i && pfns[i - 1] - pfns[i] == 1;
	}
	for (unsigned int i = 0; i < nr; i++)
		__zone_free_drained(p->cpu[ONE], one, &one->memmap[pfns[i]]);
	buddy_free_many(p->cpu[!ONE], zone_of(p, !ONE, like.zone), pfns, nr,
		like.order);
	p->done.freed += nr;
}

/* A pageblock gets another type, and its free blocks with it, or stays. */
static void retype(struct pair *p)
{
	unsigned int zone = random_zone(p);
	const struct zone *z = zone_of(p, ONE, zone);
	uint32_t pfn = (uint32_t)(z->start_pfn +
				  rng_below(&p->rng, (unsigned int)z->spanned));
	enum pcpmm_migratetype type =
		(enum pcpmm_migratetype)rng_below(&p->rng, NR_TYPES);
	bool moves = type < PCPMM_MIGRATE_ISOLATE &&
		     zone_block_type(z, pfn) < PCPMM_MIGRATE_ISOLATE;

	for (int i = 0; i < 2; i++) {
		zone_set_block_type(zone_of(p, i, zone), pfn, type);
		if (moves)
			zone_move_free_block(
				zone_of(p, i, zone), pfn, type, NULL);
	}
	p->done.retyped++;
}

static void change_thresholds(struct pair *p)
{
	int threshold = (int)rng_below(&p->rng, 126);
	unsigned int zone = random_zone(p);
	uint8_t count_order =
		(uint8_t)rng_below(&p->rng, PCPMM_NR_COUNT_ORDERS);

	for (int i = 0; i < 2; i++) {
		vmstat_set_threshold(&zone_of(p, i, zone)->stat, 0, threshold);
		zone_of(p, i, zone)->count_order = count_order;
	}
}

static void step(struct pair *p, bool filling)
{
	unsigned int dice = rng_below(&p->rng, 100);

	if (dice < 2)
		retype(p);
	else if (dice < 4)
		change_thresholds(p);
	else if (p->nr && (rng_below(&p->rng, 10) < (filling ? 3 : 7) ||
				  p->nr > HELD_MAX - MANY))
		give(p);
	else if (dice % 2)
		take(p);
	else
		refill(p);
}

static void expect_done(const struct done *done)
{
	assert_true(done->taken > 1000);
	assert_true(done->carved > 100);
	assert_true(done->emptied > 10);
	assert_true(done->bulk > 100);
	assert_true(done->fallbacks > 10);
	assert_true(done->cma > 10);
	assert_true(done->freed > 1000);
	assert_true(done->runs_up > 100);
	assert_true(done->runs_down > 100);
	assert_true(done->odd_types > 100);
	assert_true(done->retyped > 10);
}

static void run(const struct shape *shape)
{
	static struct pair p;
	unsigned int ops = is_slow_run() ? 800 : 12000;

	pair_create(&p, shape);
	compare(&p, true);
	for (unsigned int i = 0; i < ops; i++) {
		step(&p, i / 400 % 2 == 0);
		compare(&p, i % 16 == 0);
	}
	while (p.nr)
		give(&p);
	compare(&p, true);
	if (!is_slow_run())
		expect_done(&p.done);
	pair_destroy(&p);
}

static void test_one_zone(void **state)
{
	const enum pcpmm_zone_rules *rules = *state;
	struct shape shape = {
		.zone_rules = *rules, .pages = {[PCPMM_ZONE_NORMAL] = 8192}};

	run(&shape);
}

/* All ends lie inside a block: no merge may pass them. */
static void test_zone_borders(void **state)
{
	const enum pcpmm_zone_rules *rules = *state;
	struct shape shape = {
		.zone_rules = *rules,
		.nodes = 2,
		.account = PCPMM_ACCOUNT_IRQOFF,
		.pages = {[PCPMM_ZONE_DMA] = 1001,
			[PCPMM_ZONE_DMA32] = 2047,
			[PCPMM_ZONE_NORMAL] = 3333,
			[PCPMM_ZONE_MOVABLE] = 777},
	};

	run(&shape);
}

/* Blocks that no request has touched: many of the largest order. */
static void test_fresh_blocks(void **state)
{
	const enum pcpmm_zone_rules *rules = *state;
	struct shape shape = {
		.zone_rules = *rules,
		.account = PCPMM_ACCOUNT_LOCK_CMPXCHG,
		.pages = {[PCPMM_ZONE_DMA32] = 4096,
			[PCPMM_ZONE_NORMAL] = 32768},
	};

	run(&shape);
}

static const enum pcpmm_zone_rules rules_5_10 = PCPMM_ZONE_RULES_5_10;
static const enum pcpmm_zone_rules rules_6_1 = PCPMM_ZONE_RULES_6_1;
static const enum pcpmm_zone_rules rules_6_12 = PCPMM_ZONE_RULES_6_12;
static const enum pcpmm_zone_rules rules_6_18 = PCPMM_ZONE_RULES_6_18;
static const enum pcpmm_zone_rules rules_7_3 = PCPMM_ZONE_RULES_7_3;

#define WITH(rules, test)                                                      \
	{                                                                      \
		.name = #test "/" #rules, .test_func = test,                   \
		.initial_state = (void *)&rules                                \
	}
#define ALL(rules)                                                             \
	WITH(rules, test_one_zone), WITH(rules, test_zone_borders),            \
		WITH(rules, test_fresh_blocks)

int main(void)
{
	const struct CMUnitTest tests[] = {ALL(rules_5_10), ALL(rules_6_1),
		ALL(rules_6_12), ALL(rules_6_18), ALL(rules_7_3)};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
