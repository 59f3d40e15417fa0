/* SPDX-License-Identifier: MIT */
/*
 * The lists of numbers (pcplist/stack.h) beside arrays: the same numbers in the
 * same order after each of many random calls, and the header's equations.
 */
#include "support/harness.h"

#include <string.h>

#include "pcplist/stack.h"

#define LISTS 3u
#define MOST 1200u /* numbers on all lists */
#define MANY 400u /* numbers in one call */
#define OPS 200000u

struct model {
	uint32_t pfns[2 * MOST + MANY]; /* oldest first, from `first` on */
	unsigned int first, nr;
};

struct world {
	struct pcp_chunk *pool;
	struct pcp_stack list[LISTS];
	struct model model[LISTS];
	unsigned int total;
	uint32_t next_pfn;
	struct rng rng;
	struct {
		unsigned int push, pop, pop_empty, oldest, append, pulled, room;
		unsigned int oldest_none, append_to_empty, append_none,
			append_less, append_more, full, whole, spare;
		unsigned int gone; /* chunks that a pull gave back */
		unsigned int stale_bottom; /* a bottom with numbers taken off */
	} done;
};

static void model_add_newest(struct model *model, uint32_t pfn)
{
	if (model->first + model->nr == HARNESS_COUNT(model->pfns)) {
		memmove(model->pfns, model->pfns + model->first,
			model->nr * sizeof(model->pfns[0]));
		model->first = 0;
	}
	model->pfns[model->first + model->nr++] = pfn;
}

static void model_add_oldest(struct model *model, uint32_t pfn)
{
	if (!model->first) {
		model->first = MOST;
		memmove(model->pfns + MOST, model->pfns,
			model->nr * sizeof(model->pfns[0]));
	}
	model->pfns[--model->first] = pfn;
	model->nr++;
}

static void push(struct world *w, unsigned int i)
{
	if (w->total == MOST) {
		w->done.full++;
		return;
	}
	w->done.room += !pcp_stack_can_push(&w->list[i]);
	model_add_newest(&w->model[i], w->next_pfn);
	pcp_stack_push(w->pool, &w->list[i], w->next_pfn++);
	w->total++;
	w->done.push++;
}

static void pop(struct world *w, unsigned int i)
{
	struct model *model = &w->model[i];
	unsigned int chunks = pcp_stack_chunks(w->pool, &w->list[i]);

	if (!pcp_stack_can_pop(&w->list[i])) {
		if (!pcp_stack_pull(w->pool, &w->list[i])) {
			assert_int_equal(model->nr, 0);
			w->done.pop_empty++;
			return;
		}
		w->done.pulled++;
		w->done.gone +=
			chunks != pcp_stack_chunks(w->pool, &w->list[i]);
	}
	assert_int_equal(pcp_stack_pop(&w->list[i]),
		model->pfns[model->first + --model->nr]);
	w->total--;
	w->done.pop++;
}

static void take_oldest(struct world *w, unsigned int i)
{
	struct model *model = &w->model[i];
	unsigned int want = 1 + rng_below(&w->rng, MANY);
	unsigned int nr = want < model->nr ? want : model->nr;
	uint32_t pfns[MANY];

	assert_int_equal(
		pcp_stack_take_oldest(w->pool, &w->list[i], pfns, want), nr);
	assert_memory_equal(
		pfns, model->pfns + model->first, nr * sizeof(model->pfns[0]));
	model->first += nr;
	model->nr -= nr;
	w->total -= nr;
	w->done.oldest_none += !nr;
	w->done.whole += nr && !model->nr;
	w->done.oldest += nr != 0;
}

/* As many as announced, or less, or more. */
static void append(struct world *w, unsigned int i)
{
	struct model *model = &w->model[i];
	unsigned int nr = rng_below(&w->rng, MANY), announced = nr;
	struct pcp_filler filler;

	if (rng_below(&w->rng, 2))
		nr = nr % 4;
	if (rng_below(&w->rng, 2))
		announced = rng_below(&w->rng, MANY);
	if (w->total + nr > MOST)
		return;
	w->done.append_to_empty += !model->nr;
	w->done.append_none += !nr;
	w->done.append_less += nr < announced;
	w->done.append_more += nr > announced;
	pcp_stack_fill(&filler, w->pool, &w->list[i], announced);
	for (unsigned int n = 0; n < nr; n++) {
		model_add_oldest(model, w->next_pfn);
		pfn_sink_put(&filler.sink, w->next_pfn++);
	}
	pcp_stack_filled(&filler);
	if (w->total + nr < MOST) {
		model_add_oldest(model, w->next_pfn);
		pcp_stack_append(w->pool, &w->list[i], w->next_pfn++);
		w->total++;
	}
	w->total += nr;
	w->done.append++;
}

static void check_list(const struct world *w, unsigned int i)
{
	const struct model *model = &w->model[i];
	struct pcp_stack_iter iter = pcp_stack_begin(w->pool, &w->list[i]);

	assert_int_equal(pcp_stack_length(w->pool, &w->list[i]), model->nr);
	for (unsigned int n = model->nr; n--;)
		assert_int_equal(pcp_stack_next_older(&iter),
			model->pfns[model->first + n]);
	assert_int_equal(pcp_stack_next_older(&iter), 0);
}

/* The equations of stack.h. */
static void check_chunks(struct world *w, unsigned int i)
{
	const struct pcp_stack *list = &w->list[i];
	const struct pcp_chunk *top, *c;

	assert_true(pcp_stack_chunks(w->pool, list) <=
		    2 + w->model[i].nr / PCP_CHUNK_KEEP);
	if (!list->newest)
		return;
	top = (const struct pcp_chunk *)((uintptr_t)list->newest &
					 -(uintptr_t)PCP_CHUNK_SIZE);
	for (c = top; &w->pool[c->older] != top;) {
		const struct pcp_chunk *newer = c;

		c = &w->pool[c->older];
		assert_ptr_equal(&w->pool[c->newer], newer);
		assert_in_range(c->end, c->first + 1, PCP_CHUNK_MAX);
		if (&w->pool[c->older] == top) {
			w->done.stale_bottom += c->first != 0;
			continue;
		}
		assert_int_equal(c->first, 0);
		assert_true(c->end >= PCP_CHUNK_KEEP);
	}
	assert_ptr_equal(&w->pool[top->newer], c);
	assert_int_equal(top->first, 0);
}

static void check_pool(struct world *w)
{
	unsigned int spare = pcp_pool_spare(w->pool), chunks = spare;

	for (unsigned int i = 0; i < LISTS; i++)
		chunks += pcp_stack_chunks(w->pool, &w->list[i]);
	assert_int_equal(w->pool[0].newer, chunks);
	assert_true(w->pool[0].newer < PCP_POOL_CHUNKS(LISTS, MOST));
	w->done.spare += spare != 0;
}

static void step(struct world *w, unsigned int phase)
{
	unsigned int i = rng_below(&w->rng, LISTS);
	unsigned int what = rng_below(&w->rng, 100);

	if (what < 2)
		append(w, i);
	else if (what < 4)
		take_oldest(w, i);
	else if (what < 40 + 20 * phase)
		push(w, i);
	else
		pop(w, i);
	check_chunks(w, i);
}

static void test_is_a_deque(void **state)
{
	static struct world w;

	(void)state;
	w.rng = (struct rng){.state = 61};
	w.next_pfn = 1;
	w.pool = aligned_alloc(
		PCP_CHUNK_SIZE, PCP_POOL_CHUNKS(LISTS, MOST) * PCP_CHUNK_SIZE);
	assert_non_null(w.pool);
	memset(w.pool, 0, PCP_POOL_CHUNKS(LISTS, MOST) * PCP_CHUNK_SIZE);
	for (unsigned int n = 0; n < OPS; n++) {
		step(&w, n / 8000 % 3);
		if (n % 64)
			continue;
		for (unsigned int i = 0; i < LISTS; i++)
			check_list(&w, i);
		check_pool(&w);
	}
	for (const unsigned int *did = (const unsigned int *)&w.done;
		did < (const unsigned int *)(&w.done + 1); did++)
		assert_true(*did > 0);
	free(w.pool);
}

/* Chunks that @pops calls and as many pushes back need, again and again. */
static unsigned int changes(
	struct pcp_chunk *pool, struct pcp_stack *list, unsigned int pops)
{
	unsigned int nr = 0;
	uint32_t pfns[PCP_CHUNK_KEEP];

	for (unsigned int round = 0; round < 100; round++) {
		for (unsigned int i = 0; i < pops; i++) {
			nr += !pcp_stack_can_pop(list);
			assert_true(pcp_stack_pull(pool, list));
			pfns[i] = pcp_stack_pop(list);
		}
		for (unsigned int i = pops; i--;) {
			nr += !pcp_stack_can_push(list);
			pcp_stack_push(pool, list, pfns[i]);
		}
	}
	return nr;
}

/* Wherever the chunks end. */
static void test_small_steps_stay_in_a_chunk(void **state)
{
	static const unsigned int pops[] = {1, 2, 3, 8, 30, PCP_CHUNK_UP};
	struct pcp_chunk *pool;
	const size_t size = PCP_POOL_CHUNKS(1, 2000) * PCP_CHUNK_SIZE;

	(void)state;
	pool = aligned_alloc(PCP_CHUNK_SIZE, size);
	assert_non_null(pool);
	for (size_t p = 0; p < HARNESS_COUNT(pops); p++)
		for (unsigned int nr = pops[p]; nr < 400; nr++) {
			struct pcp_stack list = {NULL};

			memset(pool, 0, size);
			for (uint32_t i = 1; i <= nr; i++)
				pcp_stack_push(pool, &list, i);
			assert_in_range(changes(pool, &list, pops[p]), 0, 4);
			assert_int_equal(pcp_stack_length(pool, &list), nr);
		}
	free(pool);
}

/* Zeroed memory is an empty list, and looking at it touches no pool. */
static void test_zeros_are_empty(void **state)
{
	struct pcp_stack list = {NULL}, *at = &list;
	struct pcp_stack_iter iter = pcp_stack_begin(NULL, at);
	uint32_t pfn;

	(void)state;
	assert_false(pcp_stack_can_pop(at));
	assert_false(pcp_stack_can_push(at));
	assert_false(pcp_stack_pull(NULL, at));
	assert_int_equal(pcp_stack_length(NULL, at), 0);
	assert_int_equal(pcp_stack_chunks(NULL, at), 0);
	assert_int_equal(pcp_stack_take_oldest(NULL, at, &pfn, 1), 0);
	assert_int_equal(pcp_stack_next_older(&iter), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_a_deque),
		cmocka_unit_test(test_small_steps_stay_in_a_chunk),
		cmocka_unit_test(test_zeros_are_empty),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
