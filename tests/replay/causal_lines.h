/* SPDX-License-Identifier: MIT */
/*
 * Small traces for the replay that predicts, and what it makes of them. Zone DMA32,
 * high 8 and batch 2; CPU 0, if a line does not say another.
 */
#ifndef TEST_CAUSAL_LINES_H
#define TEST_CAUSAL_LINES_H

#include "trace_of_text.h"

#include "causal/causal_internal.h"

static struct replay_causal out;

#define ON(cpu, rest) " t-1 [00" #cpu "] ..... 1.0: " rest "\n"
#define L(rest) ON(0, rest)
#define ALLOC_ON(cpu, pfn, mt)                                                 \
	ON(cpu, "mm_page_alloc: page=1 pfn=" #pfn " order=0 migratetype=" #mt  \
		" gfp_flags=GFP_KERNEL")
#define ALLOC(pfn, mt) ALLOC_ON(0, pfn, mt)
#define FREE_ON(cpu, pfn) ON(cpu, "mm_page_free: page=1 pfn=" #pfn " order=0")
#define FREE(pfn) FREE_ON(0, pfn)
#define LOCKED(pfn)                                                            \
	L("mm_page_alloc_zone_locked: page=1 pfn=" #pfn                        \
	  " order=0 migratetype=0 percpu_refill=1")
#define DRAINED(pfn)                                                           \
	L("mm_page_pcpu_drain: page=1 pfn=" #pfn " order=0 migratetype=1")
#define REFILL L("refill: (x) zone=\"DMA32\" order=0 n=2 list=0x1 mt=0")
#define REFILLED L("refill_ret: (get_page_from_freelist+0x1) got=2")
#define REFILLED_FOR_BULK                                                      \
	L("refill_ret: (__alloc_pages_bulk+0x4be/0x6b0 <- x) got=2")
#define BULK(nr) L("bulk_alloc: (x) gfp=0xcc0 nid=0 nr=" #nr)
#define BULK_RET(got) L("bulk_alloc_ret: (x) got=" #got)
#define SPILL(n, count, ff)                                                    \
	L("free_bulk: (x) zone=\"DMA32\" n=" #n                                \
	  " pcp=0x10 pindex=1 count=" #count " high=8 batch=2 ff=" #ff         \
	  " zflags=0x0")
#define MARKS L("pageset_set: (x) zone=\"DMA32\" a=8 b=2 c=2")
#define TWO(a, b) REFILL LOCKED(a) LOCKED(b) REFILLED
#define FIRST MARKS TWO(0x2100, 0x2101) ALLOC(0x2100, 0)
/* Eight frees, and the lists are emptied: from here on all is known. */
#define EMPTIED                                                                \
	MARKS FREE(0x2200) FREE(0x2201) FREE(0x2202) FREE(0x2203) FREE(0x2204) \
		FREE(0x2205) FREE(0x2206) FREE(0x2207) SPILL(8, 8, 0)          \
			DRAINED(0x2200) DRAINED(0x2201) DRAINED(0x2202)        \
				DRAINED(0x2203) DRAINED(0x2204)                \
					DRAINED(0x2205) DRAINED(0x2206)        \
						DRAINED(0x2207)
#define SEVEN                                                                  \
	FREE(0x2300)                                                           \
	FREE(0x2301)                                                           \
	FREE(0x2302) FREE(0x2303) FREE(0x2304) FREE(0x2305) FREE(0x2306)

static inline void predict_as(enum pcpmm_preset preset, const char *text)
{
	const struct replay_causal_options options = {.preset = preset};
	const struct replay_input in = {0};
	struct replay_trace trace;
	struct replay_error err;

	trace_of_text(&trace, text);
	assert_int_equal(replay_causal(&trace, &in, &options, &out, &err), 0);
	replay_trace_free(&trace);
	assert_string_equal(out.closed.broken, "");
	assert_string_equal(out.step.broken, "");
	assert_int_equal(out.closed.refused + out.step.refused, 0);
	assert_int_equal(out.closed.skipped + out.step.skipped, 0);
}

static inline void predict(const char *text)
{
	predict_as(PCPMM_PRESET_LINUX_6_1, text);
}

static inline void expect_calls(const struct causal_calls *calls,
	uint64_t recorded, uint64_t predicted, uint64_t falsely,
	uint64_t off_pages)
{
	assert_int_equal(calls->recorded, recorded);
	assert_int_equal(calls->predicted, predicted);
	assert_int_equal(calls->falsely, falsely);
	assert_int_equal(calls->off_pages, off_pages);
}

static inline void expect_rate(
	const struct causal_rate *rate, uint64_t right, uint64_t n)
{
	assert_int_equal(rate->right, right);
	assert_int_equal(rate->n, n);
}

#endif
