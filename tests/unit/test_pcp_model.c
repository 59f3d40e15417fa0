/* SPDX-License-Identifier: MIT */
/*
 * The per-CPU lists of each kernel against a model, written from the description
 * only: the same random operations on both, and after each the same pages in the same
 * places, the same refills, the same spills. The numbers of 6.1 are the model's own;
 * those of the other kernels are by pcpmm/rules.h, which test_rules.c checks: here is
 * checked when the lists ask for them, and what they do with them.
 *
 * The model does not know the buddy: it takes the pages of a refill from the
 * zone_locked events, in order, and predicts all else.
 */
#include "support/harness.h"

#include <pcpmm/rules.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define LISTS PCPMM_NR_PCP_LISTS
#define SCALE_MAX 5
#define DEQUE 8192 /* a power of two */
#define EVENTS 16384
#define HELD_MAX 6000

/* --- the model -------------------------------------------------------- */

struct deque {
	uint32_t pfn[DEQUE];
	unsigned int first, last; /* [first, last), free running */
};

struct model {
	struct deque list[LISTS];
	int count, high, batch, factor;
	bool reclaim, below;
	enum pcpmm_list_rules rules;
	struct pcpmm_pcp_state state; /* of all rules but those of 6.1 */
};

static struct model model;

static unsigned int length(const struct deque *d)
{
	return d->last - d->first;
}

static void push_front(struct deque *d, uint32_t pfn)
{
	assert_true(length(d) < DEQUE);
	d->pfn[--d->first % DEQUE] = pfn;
}

static void push_back(struct deque *d, uint32_t pfn)
{
	assert_true(length(d) < DEQUE);
	d->pfn[d->last++ % DEQUE] = pfn;
}

static uint32_t pop_front(struct deque *d)
{
	return d->pfn[d->first++ % DEQUE];
}

static uint32_t pop_back(struct deque *d)
{
	return d->pfn[--d->last % DEQUE];
}

static bool is_6_1(void)
{
	return model.rules == PCPMM_LIST_RULES_6_1;
}

static bool is_tuned(void)
{
	return model.rules >= PCPMM_LIST_RULES_6_12;
}

static unsigned int zone_flags_now(void)
{
	return (model.reclaim ? PCPMM_ZONE_RECLAIM_ACTIVE : 0) |
	       (model.below ? PCPMM_ZONE_BELOW_HIGH : 0);
}

static int list_of(unsigned int order, unsigned int type)
{
	return order <= 3 ? (int)(order * 3 + type) : type == 1 ? 13 : 12;
}

static int list_size(int list)
{
	return list < 12 ? 1 << list / 3 : 512;
}

/* --- the library's operations, as events -------------------------------- */

struct seen {
	struct pcpmm_event event[EVENTS];
	unsigned int nr, at;
};

static struct seen seen;

static void look(struct pcpmm_cpu *cpu)
{
	seen.nr = pcpmm_trace_read(cpu, seen.event, EVENTS);
	seen.at = 0;
	assert_true(seen.nr < EVENTS);
}

static const struct pcpmm_event *next_event(enum pcpmm_event_kind kind)
{
	if (seen.at == seen.nr || seen.event[seen.at].kind != kind)
		fail_msg("event %u of %u: expected kind %d", seen.at, seen.nr,
			kind);
	return &seen.event[seen.at++];
}

/* --- predicted operations --------------------------------------------- */

static int refill_size(unsigned int order)
{
	int n = model.batch;

	if (!is_6_1())
		return pcpmm_pcp_refill(model.rules, &model.state, model.count,
			order, zone_flags_now());
	if (n > 1) {
		n >>= order;
		if (n < 2)
			n = 2;
	}
	return n;
}

static void model_refill(int list, unsigned int order)
{
	int n = refill_size(order);
	const struct pcpmm_event *event;

	for (int i = 0; i < n; i++) {
		event = next_event(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED);
		assert_int_equal(event->order, order);
		push_back(&model.list[list], event->pfn);
	}
	event = next_event(PCPMM_EVENT_PCP_REFILL);
	assert_int_equal(event->n, n);
	assert_int_equal(event->got, n);
	model.count += n << order;
}

static uint32_t model_take(unsigned int order, unsigned int type)
{
	int list = list_of(order, type);

	if (!length(&model.list[list]))
		model_refill(list, order);
	model.count -= 1 << order;
	return pop_front(&model.list[list]);
}

static uint32_t model_alloc(unsigned int order, unsigned int type)
{
	if (is_6_1())
		model.factor /= 2;
	else
		pcpmm_pcp_alloc(model.rules, &model.state);
	return model_take(order, type);
}

/* One block off the end of a list, and what is left to free. */
static int leave(int list, int left, int *freed)
{
	const struct pcpmm_event *event =
		next_event(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN);

	assert_int_equal(event->pfn, pop_back(&model.list[list]));
	*freed += list_size(list);
	return left - list_size(list);
}

/* 5.18: a list is emptied before the next one is begun. */
static int list_by_list(int left, int list)
{
	int freed = 0;

	while (left > 0) {
		if (length(&model.list[list]))
			left = leave(list, left, &freed);
		else
			list = (list + 1) % LISTS;
	}
	return freed;
}

/* Before: a page of each list in turn, more where lists are empty. */
static int round_robin(int left)
{
	int list = 0, turn = 0, freed = 0;

	while (left > 0) {
		do {
			turn++;
			list = (list + 1) % 3;
		} while (!length(&model.list[list]));
		if (turn == 3)
			turn = left;
		for (; left && turn && length(&model.list[list]); turn--)
			left = leave(list, left, &freed);
	}
	return freed;
}

static void model_bulk(int n, int list)
{
	int before = model.count, left = n < before ? n : before;
	int freed = model.rules == PCPMM_LIST_RULES_5_10
			    ? round_robin(left)
			    : list_by_list(left, list);
	const struct pcpmm_event *event = next_event(PCPMM_EVENT_PCP_FREE_BULK);

	model.count -= freed;
	assert_int_equal(event->n, n);
	assert_int_equal(event->got, freed);
	assert_int_equal(event->count, before);
	if (is_6_1())
		assert_int_equal(event->free_factor, model.factor);
	assert_int_equal(
		event->high, is_tuned() ? model.state.high : model.high);
	assert_int_equal(event->batch, model.batch);
}

static int model_spill(int high, bool flush)
{
	int x;

	if (flush)
		return model.count;
	if (high < model.batch)
		return 1;
	x = model.batch << model.factor;
	if (x < high - model.batch && model.factor < SCALE_MAX)
		model.factor++;
	if (x > high - model.batch)
		x = high - model.batch;
	return x < model.batch ? model.batch : x;
}

static void model_free(uint32_t pfn, unsigned int order, unsigned int type)
{
	int list = list_of(order, type), high = model.high;
	bool flush = model.factor && order >= 1 && order <= 3;

	push_front(&model.list[list], pfn);
	model.count += 1 << order;
	if (!is_6_1()) {
		int n = pcpmm_pcp_free(model.rules, &model.state, model.count,
			order, zone_flags_now());

		if (n)
			model_bulk(n, list);
		/* The zone is far above its marks. */
		if (n)
			model.below = false;
		return;
	}
	if (model.reclaim && high > model.batch * 4)
		high = model.batch * 4;
	if (flush)
		high = 0;
	if (model.count >= high)
		model_bulk(model_spill(high, flush), list);
}

static void model_drain(int pages)
{
	int chunk = model.batch << SCALE_MAX;

	if (pages) {
		model_bulk(pages < model.count ? pages : model.count, 0);
		return;
	}
	if (model.rules == PCPMM_LIST_RULES_5_10)
		chunk = model.count;
	while (model.count)
		model_bulk(model.count < chunk ? model.count : chunk, 0);
}

/* A fold of the CPU itself; it has no counters to fold that list pages. */
static void model_fold(void)
{
	int left = pcpmm_pcp_decay(model.rules, &model.state, model.count);

	for (; left > 0 && model.count; left -= model.batch)
		model_bulk(left < model.batch ? left : model.batch, 0);
}

static void compare(const struct pcpmm_cpu *cpu)
{
	struct pcpmm_pcp_info info = pcp_of(cpu, 0, NORMAL);

	assert_int_equal(seen.at, seen.nr);
	assert_int_equal(info.count, model.count);
	assert_int_equal(info.batch, model.batch);
	if (is_6_1())
		assert_int_equal(info.free_factor, model.factor);
	if (is_tuned()) {
		assert_int_equal(info.high, model.state.high);
		assert_int_equal(info.free_count, model.state.free_count);
		assert_int_equal(info.alloc_factor, model.state.alloc_factor);
		assert_int_equal(info.flags, model.state.flags);
	} else {
		assert_int_equal(info.high, model.high);
	}
	for (int i = 0; i < LISTS; i++)
		assert_int_equal(info.blocks[i], length(&model.list[i]));
}

/* --- the drive -------------------------------------------------------- */

struct drive {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct rng rng;
	struct {
		struct pcpmm_page *page;
		unsigned int order;
	} held[HELD_MAX];
	unsigned int nr_held;
	unsigned int allocs, frees, drains;
};

static unsigned int random_order(struct rng *rng)
{
	unsigned int dice = rng_below(rng, 100);

	if (dice < 60 || model.rules == PCPMM_LIST_RULES_5_10)
		return 0;
	return dice < 98 ? 1 + dice % 3 : 9;
}

static void do_alloc(struct drive *d)
{
	static const uint32_t gfp[] = {PCPMM_GFP_KERNEL,
		PCPMM_GFP_KERNEL | PCPMM___GFP_MOVABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE};
	unsigned int order = random_order(&d->rng);
	unsigned int type = rng_below(&d->rng, 3);
	struct pcpmm_page *page = pcpmm_alloc_pages(d->cpu, gfp[type], order);

	assert_non_null(page);
	look(d->cpu);
	assert_int_equal(
		pcpmm_page_to_pfn(d->machine, page), model_alloc(order, type));
	d->held[d->nr_held].page = page;
	d->held[d->nr_held++].order = order;
	d->allocs++;
}

/* free_factor and free_count stay, whatever a bulk allocation refills. */
static void do_alloc_bulk(struct drive *d)
{
	struct pcpmm_page *pages[32];
	unsigned int want = 2 + rng_below(&d->rng, 31);
	unsigned int got =
		pcpmm_alloc_pages_bulk(d->cpu, PCPMM_GFP_KERNEL, want, pages);

	assert_int_equal(got, want);
	look(d->cpu);
	for (unsigned int i = 0; i < got; i++) {
		assert_int_equal(pcpmm_page_to_pfn(d->machine, pages[i]),
			model_take(0, 0));
		d->held[d->nr_held].page = pages[i];
		d->held[d->nr_held++].order = 0;
	}
	d->allocs += got;
}

static void do_free(struct drive *d)
{
	unsigned int pick = rng_below(&d->rng, d->nr_held);
	unsigned int type = rng_below(&d->rng, 3);
	const struct pcpmm_choice choice = {
		.zone_type = NORMAL, .type = (enum pcpmm_migratetype)type};
	struct pcpmm_page *page = d->held[pick].page;
	unsigned int order = d->held[pick].order;

	d->held[pick] = d->held[--d->nr_held];
	assert_int_equal(pcpmm_recorded_free(d->cpu, page, order, &choice), 0);
	look(d->cpu);
	model_free((uint32_t)pcpmm_page_to_pfn(d->machine, page), order, type);
	d->frees++;
}

static void do_drain(struct drive *d)
{
	unsigned int pages =
		rng_below(&d->rng, 4)
			? 1 + rng_below(&d->rng, 2 * (unsigned int)model.batch)
			: 0;

	if (!model.count)
		return;
	assert_int_equal(
		pcpmm_drain_pages_zone(d->cpu, 0, 0, NORMAL, pages), 0);
	look(d->cpu);
	model_drain((int)pages);
	d->drains++;
}

/* From 6.7: bounds; high stays where it is, be it outside of them. */
static void resize_tuned(struct drive *d, int high)
{
	struct pcpmm_pcp_state *state = &model.state;

	state->batch = model.batch;
	state->high_min = high;
	state->high_max = high + (int)rng_below(&d->rng, 2) * 3000;
	state->free_count = (int)rng_below(&d->rng, 300);
	state->alloc_factor = (int)rng_below(&d->rng, SCALE_MAX + 1);
	state->flags &= ~PCPMM_PCP_FREE_HIGH_BATCH;
	assert_int_equal(
		pcpmm_restore_pcp_state(d->machine, 0, 0, NORMAL, state), 0);
	/* Of the machine: its cache, and the batch at creation. */
	state->flags |=
		pcp_of(d->cpu, 0, NORMAL).flags & PCPMM_PCP_FREE_HIGH_BATCH;
	assert_int_equal(
		pcpmm_restore_below_high(d->machine, 0, NORMAL, model.below),
		0);
}

/* Change sizes, as sysctls and hotplug do; sometimes disable the list. */
static void do_resize(struct drive *d)
{
	static const int batches[] = {1, 2, 7, 31, 63};
	int batch = batches[rng_below(&d->rng, HARNESS_COUNT(batches))];
	int high = batch * 4 + (int)rng_below(&d->rng, 1500);

	if (rng_below(&d->rng, 8) == 0) {
		batch = 1;
		high = 0;
	}
	model.batch = batch;
	model.high = high;
	model.factor = (int)rng_below(&d->rng, SCALE_MAX + 1);
	model.reclaim = rng_below(&d->rng, 4) == 0;
	if (is_tuned()) {
		resize_tuned(d, high);
	} else {
		model.state.high = high;
		model.state.batch = batch;
		assert_int_equal(pcpmm_restore_pageset(d->machine, 0, 0, NORMAL,
					 high, batch, model.factor),
			0);
	}
	assert_int_equal(pcpmm_restore_reclaim_active(
				 d->machine, 0, NORMAL, model.reclaim),
		0);
	look(d->cpu);
}

static void do_fold(struct drive *d)
{
	pcpmm_vmstat_fold(d->cpu, 1);
	look(d->cpu);
	model_fold();
}

/* One operation; alternating phases of mostly allocating, mostly freeing. */
static void one_step(struct drive *d, unsigned int i)
{
	bool filling = i / 3000 % 2 == 0;
	unsigned int dice = rng_below(&d->rng, 2000);

	if (dice == 0)
		do_resize(d);
	else if (dice < 6)
		do_drain(d);
	else if (dice < 8)
		do_fold(d);
	else if (dice < 20 && d->nr_held < HELD_MAX - 32)
		do_alloc_bulk(d);
	else if (d->nr_held < HELD_MAX &&
		 (!d->nr_held || dice % 10 < (filling ? 7u : 3u)))
		do_alloc(d);
	else
		do_free(d);
}

static void compare_with(enum pcpmm_list_rules rules)
{
	static struct drive d;
	const struct shape shape = {
		.list_rules = rules,
		.pages = {[PCPMM_ZONE_NORMAL] = 4194304},
	};
	uint32_t mask = PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN);
	const unsigned int steps = is_slow_run() ? 20000 : 100000;

	memset(&model, 0, sizeof(model));
	model.rules = rules;
	d = (struct drive){
		.machine = shape_create(&shape), .rng = {test_seed()}};
	d.cpu = pcpmm_cpu_enter(d.machine, 0);
	assert_int_equal(pcpmm_trace_start(d.machine, mask, EVENTS), 0);
	do_resize(&d);
	for (unsigned int i = 0; i < steps; i++) {
		one_step(&d, i);
		compare(d.cpu);
		if (i % 20000 == 0)
			expect_valid(d.machine);
	}
	assert_true(d.allocs > steps / 3);
	assert_true(d.frees > steps / 3);
	assert_true(d.drains > 10);
	while (d.nr_held)
		do_free(&d);
	assert_int_equal(pcpmm_trace_dropped(d.machine), 0);
	expect_all_free(d.machine);
	pcpmm_machine_destroy(d.machine);
}

#define SAME(rules)                                                            \
	static void test_##rules(void **state)                                 \
	{                                                                      \
		(void)state;                                                   \
		compare_with(PCPMM_LIST_RULES_##rules);                        \
	}

SAME(5_10)
SAME(6_1)
SAME(6_12)
SAME(6_18)
SAME(7_3)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_5_10),
		cmocka_unit_test(test_6_1),
		cmocka_unit_test(test_6_12),
		cmocka_unit_test(test_6_18),
		cmocka_unit_test(test_7_3),
	};

	return cmocka_run_group_tests_name("pcp_model", tests, NULL, NULL);
}
