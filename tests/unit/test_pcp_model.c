/* SPDX-License-Identifier: MIT */
/*
 * The per-CPU lists against a model of the rules, written from their
 * description only: the same random operations on both, and after each the same
 * pages in the same places, the same refills, the same spills.
 *
 * The model does not know the buddy: it takes the pages of a refill from the
 * zone_locked events, in order, and predicts all else.
 */
#include "support/harness.h"

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
	bool reclaim;
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

static void model_refill(int list, unsigned int order)
{
	int n = model.batch;
	const struct pcpmm_event *event;

	if (n > 1) {
		n >>= order;
		if (n < 2)
			n = 2;
	}
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

static uint32_t model_alloc(unsigned int order, unsigned int type)
{
	int list = list_of(order, type);

	model.factor /= 2;
	if (!length(&model.list[list]))
		model_refill(list, order);
	model.count -= 1 << order;
	return pop_front(&model.list[list]);
}

static void model_bulk(int n, int list)
{
	int before = model.count, freed = 0, left;
	const struct pcpmm_event *event;

	for (left = n < before ? n : before; left > 0;) {
		struct deque *d = &model.list[list];

		if (!length(d)) {
			list = (list + 1) % LISTS;
			continue;
		}
		event = next_event(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN);
		assert_int_equal(event->pfn, pop_back(d));
		left -= list_size(list);
		freed += list_size(list);
	}
	model.count -= freed;
	event = next_event(PCPMM_EVENT_PCP_FREE_BULK);
	assert_int_equal(event->n, n);
	assert_int_equal(event->got, freed);
	assert_int_equal(event->count, before);
	assert_int_equal(event->free_factor, model.factor);
	assert_int_equal(event->high, model.high);
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
	while (model.count)
		model_bulk(model.count < chunk ? model.count : chunk, 0);
}

static void compare(const struct pcpmm_cpu *cpu)
{
	struct pcpmm_pcp_info info = pcp_of(cpu, 0, NORMAL);

	assert_int_equal(seen.at, seen.nr);
	assert_int_equal(info.count, model.count);
	assert_int_equal(info.high, model.high);
	assert_int_equal(info.batch, model.batch);
	assert_int_equal(info.free_factor, model.factor);
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

	if (dice < 60)
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
	assert_int_equal(pcpmm_restore_pageset(d->machine, 0, 0, NORMAL, high,
				 batch, model.factor),
		0);
	assert_int_equal(pcpmm_restore_reclaim_active(
				 d->machine, 0, NORMAL, model.reclaim),
		0);
	look(d->cpu);
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
	else if (d->nr_held < HELD_MAX &&
		 (!d->nr_held || dice % 10 < (filling ? 7u : 3u)))
		do_alloc(d);
	else
		do_free(d);
}

static void test_same_as_the_model(void **state)
{
	static struct drive d;
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = 4194304},
	};
	uint32_t mask = PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN);
	const unsigned int steps = is_slow_run() ? 20000 : 200000;

	(void)state;
	memset(&model, 0, sizeof(model));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_the_model),
	};

	return cmocka_run_group_tests_name("pcp_model", tests, NULL, NULL);
}
