/* SPDX-License-Identifier: MIT */
/*
 * Pagesets whose high floats, in the look-ahead: the state before the first print, what
 * is carried on from there, and bulk frees in parts.
 */
#include "trace_of_text.h"

#include "infer/infer.h"

#define L(rest) " t-1 [000] ..... 1.0: " rest "\n"
#define BATCH 4
#define HIGH_MIN 8
#define HIGH_MAX 400

static struct replay_result result;
static struct replay_trace trace;
static struct replay_error error;

static const struct replay_zone zone = {.name = "DMA32",
	.index = REPLAY_ZONE_DMA32,
	.start_pfn = 0x2000,
	.spanned = 0x1000};
static const struct replay_pcp pcp = {.count = 0,
	.high = 16,
	.batch = BATCH,
	.high_min = HIGH_MIN,
	.high_max = HIGH_MAX};

static void infer_by(enum pcpmm_list_rules rules, const char *text)
{
	const struct replay_input in = {.rules = rules,
		.zones = &zone,
		.nr_zones = 1,
		.pcps = &pcp,
		.nr_pcps = 1};

	trace_of_text(&trace, text);
	if (replay_infer(&trace, &in, &result, &error))
		fail_msg("%s", error.text);
}

static void forget(void)
{
	replay_result_free(&result);
	replay_trace_free(&trace);
}

static const struct pcpmm_pcp_state start = {.batch = BATCH,
	.high = 20,
	.high_min = HIGH_MIN,
	.high_max = HIGH_MAX,
	.free_count = 5,
	.alloc_factor = 2};

static void add_free(char *text, unsigned pfn)
{
	sprintf(text + strlen(text), L("mm_page_free: page=1 pfn=0x%x order=0"),
		pfn);
}

static void add_bulk(char *text, const struct pcpmm_pcp_state *state, int n,
	int count, unsigned first)
{
	sprintf(text + strlen(text),
		L("free_bulk: (x) zone=\"DMA32\" n=%d pcp=0x10 pindex=1 "
		  "count=%d high=%d high_min=%d high_max=%d batch=%d flags=%u "
		  "af=%d fc=%d zflags=0x0"),
		n, count, state->high, state->high_min, state->high_max,
		state->batch, state->flags, state->alloc_factor,
		state->free_count);
	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text),
			L("mm_page_pcpu_drain: page=1 pfn=0x%x order=0 "
			  "migratetype=1"),
			first + (unsigned)i);
}

/* The op of @kind; where: its index. */
static const struct replay_op *op_of(unsigned kind, size_t *where)
{
	for (size_t i = 0; i < result.nr_ops; i++)
		if (result.ops[i].kind == kind) {
			*where = i;
			return &result.ops[i];
		}
	return NULL;
}

static void expect_state(
	const struct pcpmm_pcp_state *state, const struct pcpmm_pcp_state *want)
{
	assert_int_equal(state->high, want->high);
	assert_int_equal(state->alloc_factor, want->alloc_factor);
	assert_int_equal(state->free_count, want->free_count);
	assert_int_equal(state->flags, want->flags);
}

/* A free spills; the state before is one of which the rule makes the printed one. */
static void the_first_bulk_free_tells(void **arg)
{
	enum pcpmm_list_rules rules = *(enum pcpmm_list_rules *)*arg;
	struct pcpmm_pcp_state printed = start, state;
	char text[8192] = "";
	int n = pcpmm_pcp_free(rules, &printed, 24, 0, 0);
	const struct replay_op *op;
	size_t at = 0;

	assert_true(n > 0);
	add_free(text, 0x2100);
	add_bulk(text, &printed, n, 24, 0x2200);
	infer_by(rules, text);
	op = op_of(REPLAY_PCP_STATE, &at);
	assert_non_null(op);
	assert_int_equal(result.ops[at + 1].kind, REPLAY_FREE);
	assert_int_equal(result.nr_states, 1);
	state = result.states[op->first];
	assert_int_equal(pcpmm_pcp_free(rules, &state, 24, 0, 0), n);
	expect_state(&state, &printed);
	forget();
}

static void the_first_refill_tells(void **arg)
{
	struct pcpmm_pcp_state printed = start, state;
	enum pcpmm_list_rules rules = PCPMM_LIST_RULES_6_18;
	char text[8192] = "";
	const struct replay_op *op;
	size_t at = 0;
	int n;

	(void)arg;
	pcpmm_pcp_alloc(rules, &printed);
	n = pcpmm_pcp_refill(rules, &printed, 6, 0, 0);
	sprintf(text,
		L("refill: (x) zone=\"DMA32\" order=0 n=%d mt=1 list=0x1 "
		  "pcp=0x10 count=6 high=%d high_min=%d high_max=%d batch=%d "
		  "af=%d fc=%d zflags=0x0"),
		n, printed.high, printed.high_min, printed.high_max,
		printed.batch, printed.alloc_factor, printed.free_count);
	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text),
			L("mm_page_alloc_zone_locked: page=1 pfn=0x%x order=0 "
			  "migratetype=1 percpu_refill=1"),
			0x2100u + (unsigned)i);
	sprintf(text + strlen(text), L("refill_ret: (x+0x1) got=%d"), n);
	strcat(text, L("mm_page_alloc: page=1 pfn=0x2100 order=0 migratetype=1 "
		       "gfp_flags=GFP_KERNEL"));
	infer_by(rules, text);
	op = op_of(REPLAY_PCP_STATE, &at);
	assert_non_null(op);
	state = result.states[op->first];
	pcpmm_pcp_alloc(rules, &state);
	assert_int_equal(pcpmm_pcp_refill(rules, &state, 6, 0, 0), n);
	expect_state(&state, &printed);
	forget();
}

/* Another print of the same list sets nothing: the rules have to lead there. */
static void only_the_first_is_taken(void **arg)
{
	enum pcpmm_list_rules rules = PCPMM_LIST_RULES_6_18;
	struct pcpmm_pcp_state printed = start;
	char text[8192] = "";
	int n = pcpmm_pcp_free(rules, &printed, 24, 0, 0), again;

	(void)arg;
	add_free(text, 0x2100);
	add_bulk(text, &printed, n, 24, 0x2200);
	again = pcpmm_pcp_free(rules, &printed, 24, 0, 0);
	add_free(text, 0x2101);
	add_bulk(text, &printed, again, 24, 0x2300);
	infer_by(rules, text);
	assert_int_equal(result.nr_states, 1);
	forget();
}

/* By the rules of 6.1 there is no such state, and no such op. */
static void other_rules_have_none(void **arg)
{
	char text[8192] = "";

	(void)arg;
	add_free(text, 0x2100);
	add_bulk(text, &start, BATCH, 24, 0x2200);
	infer_by(PCPMM_LIST_RULES_6_1, text);
	assert_int_equal(result.nr_states, 0);
	forget();
}

/* From 7.0 two bulk frees in a row are one, if the rule asks for as much. */
static void parts_are_of_one_free(void **arg)
{
	enum pcpmm_list_rules rules = PCPMM_LIST_RULES_7_3;
	struct pcpmm_pcp_state printed = start;
	char text[8192] = "";
	unsigned bulk_frees = 0;
	int n;

	(void)arg;
	printed.free_count = 6;
	printed.high = 40;
	n = pcpmm_pcp_free(rules, &printed, 44, 0, 0);
	assert_in_range(n, BATCH + 1, 2 * BATCH);
	add_free(text, 0x2100);
	add_bulk(text, &printed, BATCH, 44, 0x2200);
	add_bulk(text, &printed, n - BATCH, 44 - BATCH, 0x2300);
	infer_by(rules, text);
	assert_int_equal(result.stats.drains_inferred, 0);
	for (size_t i = 0; i < result.nr_obs; i++) {
		assert_int_equal(result.obs[i].kind, REPLAY_OBS_BULK_FREE);
		assert_int_equal(
			result.ops[result.obs[i].op].kind, REPLAY_FREE);
		bulk_frees++;
	}
	assert_int_equal(bulk_frees, 2);
	forget();
	/* By 6.18's rules the second one is a drain. */
	infer_by(PCPMM_LIST_RULES_6_18, text);
	assert_int_equal(result.stats.drains_inferred, 1);
	forget();
}

/* Bounds change, and high decays: each is an op of its own. */
static void bounds_and_decay_are_done(void **arg)
{
	const struct replay_op *op;
	size_t at = 0;

	(void)arg;
	infer_by(PCPMM_LIST_RULES_6_18,
		L("pageset_set: (x) zone=\"DMA32\" high_min=3 high_max=50 "
		  "batch=2") L("decay: (x) zone=\"DMA32\" count=9 high=20 "
			       "high_min=3 high_max=50 batch=2")
			L("mm_page_alloc: page=1 pfn=0x2100 order=0 "
			  "migratetype=1 gfp_flags=GFP_KERNEL"));
	op = op_of(REPLAY_PCP_BOUNDS, &at);
	assert_non_null(op);
	assert_int_equal(result.states[op->first].batch, 2);
	assert_int_equal(result.states[op->first].high_min, 3);
	assert_int_equal(result.states[op->first].high_max, 50);
	assert_non_null(op_of(REPLAY_DECAY, &at));
	forget();
}

int main(void)
{
	static enum pcpmm_list_rules rules[] = {PCPMM_LIST_RULES_6_12,
		PCPMM_LIST_RULES_6_18, PCPMM_LIST_RULES_7_3};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_first_bulk_free_tells, &rules[0]),
		cmocka_unit_test_prestate(the_first_bulk_free_tells, &rules[1]),
		cmocka_unit_test_prestate(the_first_bulk_free_tells, &rules[2]),
		cmocka_unit_test(the_first_refill_tells),
		cmocka_unit_test(only_the_first_is_taken),
		cmocka_unit_test(other_rules_have_none),
		cmocka_unit_test(parts_are_of_one_free),
		cmocka_unit_test(bounds_and_decay_are_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
