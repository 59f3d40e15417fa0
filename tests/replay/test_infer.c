/* SPDX-License-Identifier: MIT */
/*
 * Inference: one small trace for each rule. CPU 0 and 1, zone DMA32, high
 * 8 and batch 2 unless said otherwise.
 */
#include "trace_of_text.h"

#include <errno.h>

#include "check.h"
#include "infer/infer.h"

static const struct replay_zone zones[] = {
	{.name = "DMA",
		.index = REPLAY_ZONE_DMA,
		.start_pfn = 1,
		.spanned = 4095},
	{.name = "DMA32",
		.index = REPLAY_ZONE_DMA32,
		.start_pfn = 4096,
		.spanned = 100000},
	{.name = "DMA32",
		.index = REPLAY_ZONE_DMA32,
		.node = 1,
		.start_pfn = 200000,
		.spanned = 100000},
};

#define HIGH 8
#define BATCH 2

static struct replay_trace trace;
static struct replay_result result;
static struct replay_error err;

/* The form of a line of these traces; cpu, then the event. */
#define L(cpu, rest) " t-1 [00" #cpu "] ..... 1.0: " rest "\n"
#define ALLOC(cpu, pfn, order, mt)                                             \
	L(cpu, "mm_page_alloc: page=1 pfn=" #pfn " order=" #order              \
	       " migratetype=" #mt " gfp_flags=GFP_KERNEL")
#define FREE(cpu, pfn, order)                                                  \
	L(cpu, "mm_page_free: page=1 pfn=" #pfn " order=" #order)
#define BATCHED(cpu, pfn)                                                      \
	L(cpu, "mm_page_free_batched: page=1 pfn=" #pfn " order=0")
#define LOCKED(cpu, pfn, order, mt)                                            \
	L(cpu, "mm_page_alloc_zone_locked: page=1 pfn=" #pfn " order=" #order  \
	       " migratetype=" #mt " percpu_refill=1")
#define DRAINED(cpu, pfn, order, mt)                                           \
	L(cpu, "mm_page_pcpu_drain: page=1 pfn=" #pfn " order=" #order         \
	       " migratetype=" #mt)
#define REFILL(cpu, order, n, mt)                                              \
	L(cpu, "refill: (x) zone=\"DMA32\" order=" #order " n=" #n             \
	       " list=0x1 mt=" #mt)
#define REFILLED(cpu, got) L(cpu, "refill_ret: (x) got=" #got)
#define SPILL(cpu, n, pindex, count, zflags)                                   \
	L(cpu, "free_bulk: (x) zone=\"DMA32\" n=" #n " pcp=0x" #cpu            \
	       "0 pindex=" #pindex " count=" #count " high=8 batch=2 ff=1 "    \
	       "zflags=" #zflags)

static void infer_with(const char *text, const struct replay_input *in)
{

	trace_of_text(&trace, text);
	assert_int_equal(replay_infer(&trace, in, &result, &err), 0);
}

static void infer(const char *text)
{
	struct replay_input in = {.zones = zones, .nr_zones = 3};

	infer_with(text, &in);
}

/* With the count that zoneinfo has for CPU 0 and DMA32. */
static void infer_with_count(const char *text, int32_t count)
{
	const struct replay_pcp pcp = {
		.cpu = 0,
		.zone = 1,
		.count = count,
		.high = HIGH,
		.batch = BATCH,
	};
	struct replay_input in = {
		.zones = zones,
		.nr_zones = 3,
		.pcps = &pcp,
		.nr_pcps = 1,
	};

	infer_with(text, &in);
}

static void done(void)
{
	replay_result_free(&result);
	replay_trace_free(&trace);
}

static const struct replay_op *op_at(size_t i, unsigned kind)
{
	assert_true(i < result.nr_ops);
	assert_int_equal(result.ops[i].kind, kind);
	return &result.ops[i];
}

static const struct replay_init *init_of(unsigned cpu, unsigned zone)
{
	for (size_t i = 0; i < result.nr_init; i++) {
		if (result.init[i].cpu == cpu && result.init[i].zone == zone)
			return &result.init[i];
	}
	fail_msg("nothing known of cpu %u zone %u", cpu, zone);
	return NULL;
}

static void expect_list(const struct replay_init *init, int list,
	const uint32_t *pfns, size_t n)
{
	assert_int_equal(init->first[list + 1] - init->first[list], n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			result.init_pfns[init->first[list] + i], pfns[i]);
}

static void batched_free_counts_once(void **state)
{
	(void)state;
	infer(ALLOC(0, 5000, 0, 1) ALLOC(0, 5001, 0, 1) FREE(0, 5000, 0)
			FREE(0, 5001, 0) BATCHED(1, 5001) BATCHED(1, 5000)
				ALLOC(1, 5000, 0, 1));
	assert_int_equal(result.nr_ops, 5);
	assert_int_equal(op_at(2, REPLAY_FREE)->pfn, 5001);
	assert_int_equal(op_at(3, REPLAY_FREE)->pfn, 5000);
	assert_int_equal(result.ops[3].cpu, 1);
	assert_true(result.ops[3].flags & REPLAY_OP_BATCHED);
	assert_true(result.ops[3].flags & REPLAY_OP_MT_SURE);
	assert_int_equal(result.ops[3].mt, 1);
	assert_int_equal(op_at(4, REPLAY_ALLOC)->flags, 0);
	done();
}

static void list_is_proven_by_what_takes_the_page(void **state)
{
	(void)state;
	infer(FREE(0, 5000, 0) FREE(0, 5600, 0) FREE(0, 5601, 0)
			DRAINED(0, 5600, 0, 2) ALLOC(0, 5000, 0, 0));
	assert_int_equal(op_at(0, REPLAY_FREE)->mt, 0);
	assert_int_equal(op_at(1, REPLAY_FREE)->mt, 2);
	/* 5601 has no event: it has the type of its pageblock. */
	assert_int_equal(op_at(2, REPLAY_FREE)->mt, 2);
	assert_false(result.ops[2].flags & REPLAY_OP_MT_SURE);
	assert_true(result.ops[2].flags & REPLAY_OP_UNKNOWN);
	assert_int_equal(result.nr_held, 3);
	assert_int_equal(result.nr_types, 2);
	done();
}

static void lists_at_the_start(void **state)
{
	const uint32_t unmovable[] = {5000, 5001};
	const uint32_t movable[] = {5600, REPLAY_NO_PFN, 5603, 5602};

	(void)state;
	/* Two popped, one popped and two drained, one never seen. */
	infer(ALLOC(0, 5000, 0, 0) ALLOC(0, 5600, 0, 1) ALLOC(0, 5001, 0, 0)
			L(0, "drain_all: (x)") L(0, "drain_pz: (x) cpu=0 "
						    "zone=\"DMA32\"")
				SPILL(0, 2, 0, 3, 0x0) DRAINED(0, 5602, 0, 1)
					DRAINED(0, 5603, 0, 1));
	assert_int_equal(init_of(0, 1)->count, 6);
	assert_int_equal(init_of(0, 1)->unseen, 1);
	expect_list(init_of(0, 1), 0, unmovable, 2);
	expect_list(init_of(0, 1), 1, movable, 4);
	assert_int_equal(op_at(3, REPLAY_DRAIN)->cpu, 0);
	assert_int_equal(result.nr_obs, 1);
	assert_int_equal(result.obs[0].op, 3);
	assert_int_equal(result.obs[0].got, 2);
	assert_int_equal(result.obs[0].list[1], 3);
	done();
}

static void count_comes_from_zoneinfo(void **state)
{
	(void)state;
	infer_with_count(ALLOC(0, 5000, 0, 0), 5);
	assert_int_equal(init_of(0, 1)->count, 5);
	assert_int_equal(init_of(0, 1)->unseen, 4);
	assert_int_equal(init_of(0, 1)->high, HIGH);
	done();
	/* zoneinfo was read after the allocation: one page more before. */
	infer_with_count(L(0, "tracing_mark_write: before-snapshot begin")
				 FREE(1, 5700, 0) ALLOC(0, 5000, 0, 0),
		5);
	assert_int_equal(init_of(0, 1)->count, 5);
	done();
}

static void refill_belongs_to_the_allocation(void **state)
{
	const struct replay_obs *obs;

	(void)state;
	infer(REFILL(0, 0, 2, 1) LOCKED(0, 5000, 0, 1) LOCKED(0, 5001, 0, 1)
			REFILLED(0, 2) ALLOC(1, 6000, 0, 1) ALLOC(0, 5000, 0, 1)
				ALLOC(0, 5001, 0, 1));
	assert_int_equal(result.nr_obs, 1);
	obs = &result.obs[0];
	assert_int_equal(obs->kind, REPLAY_OBS_REFILL);
	assert_true(obs->probed);
	assert_int_equal(obs->n, 2);
	assert_int_equal(obs->got, 2);
	/* It took the zone lock before CPU 1 allocated. */
	assert_int_equal(obs->op, 0);
	assert_int_equal(op_at(0, REPLAY_ALLOC)->flags, 0);
	assert_int_equal(op_at(1, REPLAY_ALLOC)->pfn, 6000);
	done();
	/* The same without probes, and a page straight from the buddy. */
	infer(LOCKED(0, 5000, 0, 1) LOCKED(0, 5001, 0, 1) ALLOC(0, 5000, 0, 1)
			LOCKED(0, 7000, 0, 1) ALLOC(0, 7000, 0, 1)
				LOCKED(0, 7040, 4, 1) ALLOC(0, 7040, 4, 1)
					FREE(0, 7040, 4));
	assert_int_equal(result.nr_obs, 1);
	assert_int_equal(result.obs[0].got, 2);
	assert_int_equal(result.obs[0].op, 0);
	assert_false(result.obs[0].probed);
	assert_int_equal(op_at(0, REPLAY_ALLOC)->flags, 0);
	assert_int_equal(op_at(1, REPLAY_ALLOC)->flags, REPLAY_OP_DIRECT);
	assert_int_equal(op_at(2, REPLAY_ALLOC)->flags, REPLAY_OP_DIRECT);
	assert_true(op_at(3, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	done();
}

static void frees_that_pass_the_list_by(void **state)
{
	(void)state;
	infer(FREE(0, 5000, 0) L(0, "free_one: (x) a=1 b=1 c=0x1388 d=0x0") L(
		0, "free_pages_ok: (x) page=1 order=2 fpi=0x0") FREE(0, 5004, 2)
			FREE(0, 5008, 0) FREE(0, 5600, 0) DRAINED(0, 5600, 0, 1)
				LOCKED(0, 5008, 0, 1));
	assert_true(op_at(0, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	assert_int_equal(result.ops[0].pfn, 5000);
	assert_true(op_at(1, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	/* 5008 is in the buddy and no drain brought it there. */
	assert_true(op_at(2, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	assert_false(op_at(3, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	done();
}

static void bulk_allocation_with_probe(void **state)
{
	const struct replay_op *op;

	(void)state;
	/* 5000..5002 lie on the list; the bulk takes two, one is single. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) FREE(0, 5002, 0) L(
		0, "bulk_alloc: (x) gfp=0xcc0 nid=0 nr=3") LOCKED(0, 5300, 0,
		0) ALLOC(0, 5300, 0, 0) L(0, "bulk_alloc_ret: (x) got=3")
			ALLOC(0, 5000, 0, 0) FREE(0, 5002, 0) FREE(0, 5001, 0));
	op = op_at(4, REPLAY_BULK_ALLOC);
	assert_int_equal(op->n, 2);
	assert_int_equal(result.bulk_pfns[op->first], 5002);
	assert_int_equal(result.bulk_pfns[op->first + 1], 5001);
	assert_int_equal(result.stats.bulk_inferred, 0);
	assert_int_equal(op_at(5, REPLAY_ALLOC)->flags, 0);
	done();
	/* From a list whose pages are not known; freed again later. */
	infer(L(0, "bulk_alloc: (x) gfp=0xcc0 nid=0 nr=2")
			L(0, "bulk_alloc_ret: (x) got=2") FREE(0, 5001, 0)
				ALLOC(0, 5001, 0, 0));
	op = op_at(0, REPLAY_BULK_ALLOC);
	assert_int_equal(op->n, 2);
	assert_int_equal(result.bulk_pfns[op->first], 5001);
	assert_int_equal(result.bulk_pfns[op->first + 1], REPLAY_NO_PFN);
	assert_int_equal(result.nr_held, 0);
	assert_int_equal(init_of(0, 1)->count, 2);
	done();
}

static void bulk_allocation_without_probe(void **state)
{
	const struct replay_op *op;

	(void)state;
	/* 5002 and 5001 lay above 5000, which was taken: so they were taken. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) FREE(0, 5002, 0)
			ALLOC(0, 5000, 0, 0) FREE(0, 5002, 0) FREE(0, 5001, 0));
	op = op_at(3, REPLAY_BULK_ALLOC);
	assert_int_equal(op->n, 2);
	assert_true(op->flags & REPLAY_OP_INFERRED);
	op_at(4, REPLAY_ALLOC);
	done();
	/* Taken before a refill, and before the page is freed again. */
	infer(FREE(0, 5000, 0) FREE(0, 5600, 0) REFILL(0, 0, 2, 0) LOCKED(0,
		5002, 0, 0) LOCKED(0, 5003, 0, 0) REFILLED(0, 2) ALLOC(0, 5002,
		0, 0) FREE(0, 5000, 0) FREE(0, 5600, 0) ALLOC(0, 5600, 0, 1));
	op = op_at(2, REPLAY_BULK_ALLOC);
	assert_int_equal(result.bulk_pfns[op->first], 5000);
	assert_int_equal(result.obs[0].op, 3);
	op = op_at(5, REPLAY_BULK_ALLOC);
	assert_int_equal(result.bulk_pfns[op->first], 5600);
	done();
}

static void late_line_of_an_allocation(void **state)
{
	(void)state;
	/* 5001 was popped before 5000, by a task that then moved to CPU 1. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) ALLOC(0, 5000, 0, 1)
			ALLOC(1, 5001, 0, 1));
	assert_int_equal(result.nr_ops, 4);
	assert_int_equal(op_at(2, REPLAY_ALLOC)->pfn, 5001);
	assert_int_equal(result.ops[2].cpu, 0);
	assert_int_equal(op_at(3, REPLAY_ALLOC)->pfn, 5000);
	assert_int_equal(result.stats.early, 1);
	done();
}

/* What the first bulk free prints tells free_factor at the start. */
static void factor_of_the_start(void **state)
{
	(void)state;
	/* A free of order 1 empties the lists: free_factor is not 0. */
	infer_with_count(FREE(0, 5000, 1) SPILL(0, 6, 1, 6, 0x0), 4);
	assert_int_equal(init_of(0, 1)->free_factor, 1);
	assert_int_equal(result.stats.factors_set, 1);
	assert_int_equal(result.stats.factors_unknown, 0);
	done();
	/* An allocation has halved it before. */
	infer_with_count(ALLOC(0, 5100, 0, 1) FREE(0, 5000, 1)
				 SPILL(0, 6, 1, 6, 0x0),
		5);
	assert_int_equal(init_of(0, 1)->free_factor, 2);
	done();
	/* A spill at high has just raised it from 0. */
	infer_with_count(FREE(0, 5000, 0) SPILL(0, 2, 1, 8, 0x0), 7);
	assert_int_equal(init_of(0, 1)->free_factor, 0);
	assert_int_equal(result.stats.factors_set, 0);
	assert_int_equal(result.stats.factors_unknown, 0);
	done();
	/* A free of order 1 that empties nothing tells that it is 0. */
	infer(FREE(0, 5000, 1) FREE(1, 5002, 0));
	assert_int_equal(init_of(0, 1)->free_factor, 0);
	assert_int_equal(result.stats.factors_unknown, 1);
	done();
}

/* Ops are in the order of the zone lock, and a CPU's ops in their own. */
static void turn_of_the_zone_lock(void **state)
{
	(void)state;
	/* CPU 1 refills between the line of CPU 0's free and its spill. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) SPILL(0, 1, 1, 2, 0x0) LOCKED(
		1, 6000, 0, 1) LOCKED(1, 6001, 0, 1) DRAINED(0, 5000, 0, 1)
			FREE(0, 5002, 0) ALLOC(1, 6000, 0, 1));
	assert_int_equal(result.nr_ops, 4);
	assert_int_equal(op_at(0, REPLAY_FREE)->pfn, 5000);
	assert_int_equal(op_at(1, REPLAY_ALLOC)->pfn, 6000);
	assert_int_equal(op_at(2, REPLAY_FREE)->pfn, 5001);
	assert_int_equal(op_at(3, REPLAY_FREE)->pfn, 5002);
	assert_int_equal(result.nr_obs, 2);
	assert_int_equal(result.obs[0].op, 2);
	assert_int_equal(result.obs[1].op, 1);
	done();
	/* The flags of the zone are those of the free's line. */
	infer_with_count(FREE(1, 5100, 0) FREE(0, 5001, 0) SPILL(0, 1, 1, 8,
				 0x2) FREE(1, 5101, 0) SPILL(1, 1, 1, 8, 0x0)
				 DRAINED(1, 5100, 0, 1) DRAINED(0, 5001, 0, 1),
		7);
	assert_int_equal(result.nr_ops, 4);
	assert_int_equal(op_at(0, REPLAY_FREE)->pfn, 5100);
	assert_int_equal(op_at(1, REPLAY_FREE)->pfn, 5101);
	assert_int_equal(op_at(2, REPLAY_ZONE_FLAGS)->n, REPLAY_ZF_RECLAIM);
	assert_int_equal(op_at(3, REPLAY_FREE)->pfn, 5001);
	done();
}

static void split_and_taken_blocks(void **state)
{
	const struct replay_op *op;

	(void)state;
	infer(LOCKED(0, 5008, 3, 0) ALLOC(0, 5008, 3, 0) FREE(0, 5010, 1) FREE(
		0, 5008, 1) DRAINED(0, 5008, 1, 0) FREE(0, 5008, 1));
	op = op_at(1, REPLAY_SPLIT);
	assert_int_equal(op->pfn, 5008);
	assert_int_equal(op->order, 3);
	assert_int_equal(op->n, 1);
	op_at(2, REPLAY_FREE);
	op_at(3, REPLAY_FREE);
	/* Freed again without an allocation, and it was in the buddy. */
	for (size_t i = 4; i < result.nr_ops; i++) {
		if (result.ops[i].kind == REPLAY_TAKE)
			return done();
	}
	fail_msg("no TAKE op");
}

static void spill_belongs_to_the_free(void **state)
{
	const struct replay_obs *obs;

	(void)state;
	infer_with_count(FREE(0, 5000, 0) FREE(0, 5001, 0)
				 SPILL(0, 2, 1, 5, 0x2) DRAINED(0, 5000, 0, 1)
					 DRAINED(0, 5001, 0, 1) FREE(0, 5002, 0)
						 ALLOC(0, 5002, 0, 1),
		3);
	/* A spill at 5 pages, below high: kswapd must be awake (zflags). */
	assert_int_equal(op_at(1, REPLAY_ZONE_FLAGS)->n, REPLAY_ZF_RECLAIM);
	obs = &result.obs[0];
	assert_int_equal(obs->kind, REPLAY_OBS_BULK_FREE);
	assert_int_equal(obs->op, 2);
	assert_int_equal(result.ops[2].pfn, 5001);
	assert_int_equal(obs->n, 2);
	assert_int_equal(obs->got, 2);
	assert_int_equal(obs->count, 5);
	assert_int_equal(obs->zflags, 2);
	assert_int_equal(result.stats.counts_exact, 1);
	done();
}

static void drains_without_a_probe(void **state)
{
	(void)state;
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) ALLOC(1, 6000, 0, 1)
			DRAINED(1, 5000, 0, 1) DRAINED(1, 5001, 0, 1));
	assert_int_equal(op_at(3, REPLAY_DRAIN)->cpu, 0);
	assert_true(result.ops[3].flags & REPLAY_OP_INFERRED);
	assert_int_equal(result.obs[0].op, 3);
	assert_int_equal(result.obs[0].cpu, 0);
	assert_int_equal(result.obs[0].got, 2);
	done();
}

/* No line separates the refills of one bulk allocation; their size does. */
static void refills_of_one_bulk_allocation(void **state)
{
	(void)state;
	infer_with_count(LOCKED(0, 5000, 0, 1) LOCKED(0, 5001, 0, 1) LOCKED(
				 0, 5002, 0, 1) LOCKED(0, 5003, 0, 1)
				 ALLOC(0, 5003, 0, 1) FREE(1, 5000, 0)
					 FREE(1, 5001, 0) FREE(1, 5002, 0),
		0);
	assert_int_equal(result.nr_obs, 2);
	assert_int_equal(result.obs[0].got, BATCH);
	assert_int_equal(result.obs[1].got, BATCH);
	assert_int_equal(op_at(0, REPLAY_BULK_ALLOC)->n, 2);
	assert_int_equal(op_at(1, REPLAY_BULK_ALLOC)->n, 1);
	assert_int_equal(op_at(2, REPLAY_ALLOC)->pfn, 5003);
	assert_int_equal(result.obs[0].op, 0);
	assert_int_equal(result.obs[1].op, 1);
	done();
}

/* 5002 lies above two pages that are freed before it leaves: they had left. */
static void bulk_allocation_before_the_next_free(void **state)
{
	(void)state;
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) FREE(0, 5002, 0)
			FREE(1, 5000, 0) FREE(1, 5001, 0) ALLOC(0, 5002, 0, 1));
	assert_int_equal(op_at(2, REPLAY_BULK_ALLOC)->n, 2);
	assert_int_equal(op_at(3, REPLAY_FREE)->pfn, 5002);
	assert_int_equal(op_at(6, REPLAY_ALLOC)->pfn, 5002);
	assert_int_equal(result.stats.early, 0);
	done();
	/* So had all pages below a page that stays until it is drained. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) FREE(0, 5002, 0)
			DRAINED(0, 5002, 0, 1) FREE(1, 5000, 0));
	assert_int_equal(op_at(2, REPLAY_BULK_ALLOC)->n, 2);
	assert_int_equal(op_at(3, REPLAY_FREE)->pfn, 5002);
	done();
	/* From a page that leaves first nothing follows. */
	infer(FREE(0, 5000, 0) FREE(0, 5001, 0) ALLOC(0, 5001, 0, 1)
			FREE(1, 5000, 0));
	op_at(2, REPLAY_ALLOC);
	op_at(3, REPLAY_BULK_ALLOC);
	done();
}

/* A large block takes more than a spill asked for: the list may be empty. */
static void spill_that_leaves_nothing(void **state)
{
	(void)state;
	infer_with_count(FREE(0, 5120, 9) DRAINED(0, 5120, 9, 1), 0);
	assert_int_equal(result.nr_ops, 1);
	assert_int_equal(result.obs[0].op, 0);
	assert_int_equal(result.obs[0].got, 512);
	assert_int_equal(result.stats.drains_inferred, 0);
	done();
	/* A single page below high: a drain. */
	infer_with_count(FREE(0, 5000, 0) DRAINED(0, 5000, 0, 1), 0);
	op_at(1, REPLAY_DRAIN);
	assert_int_equal(result.obs[0].op, 1);
	assert_int_equal(result.stats.drains_inferred, 1);
	done();
}

static void pageblock_changes_its_type(void **state)
{
	(void)state;
	infer(FREE(0, 5632, 0) DRAINED(0, 5632, 0, 1) L(0,
		"mm_page_alloc_extfrag: page=1 pfn=5632 alloc_order=0 "
		"fallback_order=9 pageblock_order=9 "
		"alloc_migratetype=0 fallback_migratetype=1 "
		"fragmenting=0 change_ownership=1") LOCKED(0, 5632, 0, 0)
			ALLOC(0, 5632, 0, 0));
	assert_int_equal(result.nr_types, 1);
	assert_int_equal(result.types[0].block, 11);
	assert_int_equal(result.types[0].mt, 1);
	assert_int_equal(result.nr_changes, 1);
	assert_int_equal(result.changes[0].mt, 0);
	assert_int_equal(result.ops[result.changes[0].op].kind, REPLAY_ALLOC);
	done();
}

static void free_blocks_at_the_start(void **state)
{
	const struct replay_buddy *b;

	(void)state;
	/*
	 * 5120..5123 is used to its end, 5636.. is begun: 5639 is its rest.
	 * 5700 was brought to the buddy before it is taken again.
	 */
	infer(FREE(0, 5700, 0) DRAINED(0, 5700, 0, 1) LOCKED(0, 5700, 0,
		1) ALLOC(0, 5700, 0, 1) LOCKED(0, 5122, 0, 1) ALLOC(0, 5122, 0,
		1) LOCKED(0, 5123, 0, 1) ALLOC(0, 5123, 0, 1) LOCKED(0, 5120, 1,
		1) ALLOC(0, 5120, 1, 1) LOCKED(0, 5636, 0, 1) ALLOC(0, 5636, 0,
		1) LOCKED(0, 5637, 0, 1) ALLOC(0, 5637, 0, 1)
			LOCKED(0, 5638, 0, 1) ALLOC(0, 5638, 0, 1));
	assert_int_equal(result.nr_buddy, 2);
	b = result.buddy;
	assert_true(b[0].pfn == 5120 && b[0].order == 2 && b[0].zone == 1);
	assert_true(b[1].pfn == 5636 && b[1].order == 2 && b[1].mt == 1);
	done();
}

/* Where nothing proves a pageblock's type it is what the buddy gave it for. */
static void guessed_types(void **state)
{
	(void)state;
	infer(LOCKED(0, 5632, 4, 2) ALLOC(0, 5632, 4, 2));
	assert_int_equal(result.nr_types, 1);
	assert_int_equal(result.types[0].block, 11);
	assert_int_equal(result.types[0].mt, 2);
	assert_int_equal(result.buddy[0].mt, 2);
	done();
}

/* pagetypeinfo says how large a block was of which a part is used. */
static void free_blocks_grow(void **state)
{
	struct replay_zone sized[3];
	const struct replay_input in = {.zones = sized, .nr_zones = 3};
	const char text[] = LOCKED(0, 5120, 0, 1) ALLOC(0, 5120, 0, 1)
		LOCKED(0, 5632, 0, 1) ALLOC(0, 5632, 0, 1);

	(void)state;
	memcpy(sized, zones, sizeof(sized));
	sized[1].free_known = true;
	sized[1].free[1][0] = 2;
	infer_with(text, &in);
	assert_int_equal(result.nr_buddy, 2);
	assert_int_equal(result.buddy[0].order, 0);
	assert_int_equal(result.buddy[1].order, 0);
	assert_int_equal(result.zones[1].seen_all[1], 0);
	done();
	/* One block too many: the smaller one was used first. */
	sized[1].free[1][0] = 1;
	sized[1].free[1][3] = 1;
	infer_with(text, &in);
	assert_int_equal(result.nr_buddy, 2);
	assert_int_equal(result.buddy[0].pfn, 5120);
	assert_int_equal(result.buddy[0].order, 0);
	assert_int_equal(result.buddy[1].order, 3);
	/* It was broken up for one page: no smaller block was there. */
	assert_int_equal(result.zones[1].seen_all[1], 0x7);
	assert_int_equal(result.zones[1].seen_all[0], 0);
	done();
	/* But not over a page that was in use. */
	infer_with(LOCKED(0, 5120, 0, 1) ALLOC(0, 5120, 0, 1) FREE(0, 5637, 0)
			   LOCKED(0, 5632, 0, 1) ALLOC(0, 5632, 0, 1),
		&in);
	assert_int_equal(result.nr_buddy, 2);
	assert_int_equal(result.buddy[0].pfn, 5120);
	assert_int_equal(result.buddy[0].order, 3);
	assert_int_equal(result.buddy[1].order, 0);
	done();
	/* Two parts of one block become that block. */
	sized[1].free[1][0] = 0;
	infer_with(LOCKED(0, 5122, 0, 1) ALLOC(0, 5122, 0, 1)
			   LOCKED(0, 5120, 0, 1) ALLOC(0, 5120, 0, 1),
		&in);
	assert_int_equal(result.nr_buddy, 1);
	assert_int_equal(result.buddy[0].pfn, 5120);
	assert_int_equal(result.buddy[0].order, 3);
	done();
}

static void zones_without_a_state(void **state)
{
	struct replay_input in = {.nr_zones = 0};

	(void)state;
	infer_with(FREE(0, 100, 0) FREE(0, 5000, 0) FREE(0, 2000000, 0), &in);
	assert_int_equal(
		result.zones[result.ops[0].zone].index, REPLAY_ZONE_DMA);
	assert_int_equal(
		result.zones[result.ops[1].zone].index, REPLAY_ZONE_DMA32);
	assert_int_equal(
		result.zones[result.ops[2].zone].index, REPLAY_ZONE_NORMAL);
	done();
	/* Two zones of one name: the frame decides. A frame of neither zone. */
	infer(FREE(0, 5000, 0) FREE(0, 200001, 0) FREE(0, 999999, 0));
	assert_int_equal(op_at(0, REPLAY_FREE)->zone, 1);
	assert_int_equal(op_at(1, REPLAY_FREE)->zone, 2);
	assert_int_equal(result.nr_ops, 2);
	assert_int_equal(result.stats.astray, 1);
	done();
}

static void bad_input(void **state)
{
	const struct replay_pcp pcp = {.cpu = 0, .zone = 7};
	struct replay_input in = {
		.zones = zones,
		.nr_zones = 3,
		.pcps = &pcp,
		.nr_pcps = 1,
	};

	(void)state;
	trace_of_text(&trace, FREE(0, 5000, 0));
	assert_int_equal(replay_infer(&trace, &in, &result, &err), -EINVAL);
	assert_non_null(strstr(err.text, "zone 7"));
	replay_trace_free(&trace);
}

/* Lines that no kernel writes are counted, and cause no endless loop. */
static void impossible_traces(void **state)
{
	(void)state;
	/* A frame of an allocated block lies on a list at the same time. */
	infer(FREE(0, 5001, 0) FREE(0, 5003, 0) LOCKED(0, 5000, 2, 0) ALLOC(
		0, 5000, 2, 0) FREE(0, 5000, 0) FREE(0, 5001, 0)
			FREE(0, 5003, 0) FREE(0, 5001, 0) ALLOC(0, 5003, 0, 1));
	assert_true(result.nr_ops >= 8);
	done();
	/* A batched free of an order that has no list; allocated twice. */
	infer(FREE(0, 5008, 4) BATCHED(0, 5008) ALLOC(0, 6000, 0, 1)
			ALLOC(0, 6000, 0, 1));
	assert_true(op_at(0, REPLAY_FREE)->flags & REPLAY_OP_DIRECT);
	assert_int_equal(result.stats.live_again, 1);
	done();
}

/* A simulation of the ops gives the recorded calls. */
static void check_agrees(void **state)
{
	struct replay_check check;

	(void)state;
	infer_with_count(
		REFILL(0, 0, 2, 1) LOCKED(0, 5000, 0, 1) LOCKED(0, 5001, 0,
			1) REFILLED(0, 2) ALLOC(0, 5000, 0, 1) FREE(0, 5010, 0)
			FREE(0, 5011, 0) FREE(0, 5012, 0) FREE(0, 5013, 0) FREE(
				0, 5014, 0) FREE(0, 5015, 0) FREE(0, 5016, 0)
				SPILL(0, 2, 1, 8, 0x0) DRAINED(0, 5001, 0, 1)
					DRAINED(0, 5010, 0, 1),
		0);
	assert_int_equal(replay_check(&result, &check), 0);
	assert_int_equal(check.refill_calls, 1);
	assert_int_equal(check.refill_calls_same, 1);
	assert_int_equal(check.refill_calls_made, 1);
	assert_int_equal(check.bulk_free_calls_same, 1);
	assert_int_equal(check.bulk_free_pages_same, 2);
	assert_int_equal(check.bulk_free_pages_made, 2);
	assert_int_equal(check.counts_same, 1);
	assert_int_equal(check.first_line, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batched_free_counts_once),
		cmocka_unit_test(list_is_proven_by_what_takes_the_page),
		cmocka_unit_test(lists_at_the_start),
		cmocka_unit_test(count_comes_from_zoneinfo),
		cmocka_unit_test(refill_belongs_to_the_allocation),
		cmocka_unit_test(frees_that_pass_the_list_by),
		cmocka_unit_test(bulk_allocation_with_probe),
		cmocka_unit_test(bulk_allocation_without_probe),
		cmocka_unit_test(late_line_of_an_allocation),
		cmocka_unit_test(factor_of_the_start),
		cmocka_unit_test(turn_of_the_zone_lock),
		cmocka_unit_test(split_and_taken_blocks),
		cmocka_unit_test(spill_belongs_to_the_free),
		cmocka_unit_test(drains_without_a_probe),
		cmocka_unit_test(refills_of_one_bulk_allocation),
		cmocka_unit_test(bulk_allocation_before_the_next_free),
		cmocka_unit_test(spill_that_leaves_nothing),
		cmocka_unit_test(pageblock_changes_its_type),
		cmocka_unit_test(free_blocks_at_the_start),
		cmocka_unit_test(guessed_types),
		cmocka_unit_test(free_blocks_grow),
		cmocka_unit_test(zones_without_a_state),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(impossible_traces),
		cmocka_unit_test(check_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
