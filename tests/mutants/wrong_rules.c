/* SPDX-License-Identifier: MIT */
/*
 * Wrong list rules: what a kernel could do instead, and does not. A test program or
 * the replay is linked with this file in front of the library and takes the wrong rule
 * that the environment names (PCPMM_WRONG=KERNEL/RULE); power.py shows which of them
 * notices.
 *
 * A wrong rule is a table with some functions exchanged. Where the lists themselves have
 * to go wrong, it is a mutant of src/arch/mutant.h, chosen at run time.
 */
#include "wrong_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/bits.h"
#include "pcplist/rules_common.h"

unsigned int mutant_now = NO_MUTANT;

/* The table that the wrong one was made from. */
static const struct pcp_rules *right;

typedef struct pcpmm_pcp_state pcp_state;

/* --- refills -------------------------------------------------------------- */

/* With another batch; what is remembered of it stays. */
static int refill_with(pcp_state *state, int count, unsigned int order,
	unsigned int flags, int batch)
{
	const int kept = state->batch;
	int nr;

	state->batch = batch;
	nr = right->refill(state, count, order, flags);
	state->batch = kept;
	return nr;
}

#define REFILL(name, ...)                                                      \
	static int refill_##name(pcp_state *state, int count,                  \
		unsigned int order, unsigned int flags)                        \
	{                                                                      \
		const int batch = state->batch;                                \
		const int nr = right->refill(state, count, order, flags);      \
                                                                               \
		(void)batch;                                                   \
		(void)nr;                                                      \
		return __VA_ARGS__;                                            \
	}

#define REFILL_BATCH(name, other)                                              \
	static int refill_##name(pcp_state *state, int count,                  \
		unsigned int order, unsigned int flags)                        \
	{                                                                      \
		const int batch = state->batch;                                \
                                                                               \
		return refill_with(state, count, order, flags, other);         \
	}

REFILL_BATCH(less, batch - (batch > 1))
REFILL_BATCH(more, batch + 1)
REFILL_BATCH(double, batch * 2)
REFILL_BATCH(half, MAX(batch / 2, 1))
REFILL(noscale, batch)
REFILL(ceil, batch > 1 ? MAX((batch + (1 << order) - 1) >> order, 2) : batch)
REFILL(min1, MAX(batch >> order, 1))
REFILL(min4, batch > 1 ? MAX(batch >> order, 4) : batch)
REFILL(one, 1)
REFILL(thp1, order == PCPMM_PAGEBLOCK_ORDER ? 1 : nr)

/* From 6.7: what nr_pcp_alloc() does to the state, or not. */
static int refill_no_factor(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	state->alloc_factor = 0;
	count = right->refill(state, count, order, flags);
	state->alloc_factor = 0;
	return count;
}

static int refill_factor_by_order(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	int nr = right->refill(state, count, order, flags);

	if (order && state->alloc_factor < PCP_SCALE_MAX)
		state->alloc_factor++;
	return nr;
}

static int refill_keeps_high(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	return right->refill(
		state, count, order, flags | PCPMM_ZONE_BELOW_HIGH);
}

static int refill_ignores_below(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	return right->refill(
		state, count, order, flags & ~PCPMM_ZONE_BELOW_HIGH);
}

static int refill_unlimited(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	(void)count;
	return right->refill(state, 0, order, flags);
}

static int refill_high_by_batch(
	pcp_state *state, int count, unsigned int order, unsigned int flags)
{
	const int before = MAX(state->high, state->high_min);
	int nr = right->refill(state, count, order, flags);

	if (state->high > before + state->batch)
		state->high = before + state->batch;
	return nr;
}

/* --- allocations ----------------------------------------------------------- */

static void alloc_nothing(pcp_state *state)
{
	(void)state;
}

static void alloc_zero(pcp_state *state)
{
	state->free_count = 0;
	state->free_factor = 0;
}

static void alloc_one_less(pcp_state *state)
{
	state->free_factor -= state->free_factor > 0;
	state->free_count -= state->free_count > 0;
}

/* --- marks and spills, 5.10 and 6.1 ----------------------------------------- */

#define FREE(name, ...)                                                        \
	static int free_##name(pcp_state *state, int count,                    \
		unsigned int order, unsigned int flags)                        \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

static int free_with_high(pcp_state *state, int count, unsigned int order,
	unsigned int flags, int high)
{
	const int kept = state->high;
	int pages;

	state->high = high;
	pages = right->free(state, count, order, flags);
	state->high = kept;
	return pages;
}

FREE(high_more, return free_with_high(state, count, order, flags,
			state->high + (state->high > 0));)
FREE(high_less, return free_with_high(state, count, order, flags,
			state->high - (state->high > 1));)
FREE(high_above, {
	const pcp_state before = *state;
	int pages = right->free(state, count, order, flags);
	bool is_high = right->free_high(&before, count, order);

	if (pages && count == right->spill_at(&before, count, flags, is_high)) {
		*state = before;
		return 0;
	}
	return pages;
})
FREE(no_reclaim, return right->free(state, count, order,
			 flags & ~PCPMM_ZONE_RECLAIM_ACTIVE);)
FREE(reclaim_x3, {
	if (!(flags & PCPMM_ZONE_RECLAIM_ACTIVE))
		return right->free(state, count, order, flags);
	return free_with_high(state, count, order,
		flags & ~PCPMM_ZONE_RECLAIM_ACTIVE,
		MIN(state->batch * 3, state->high));
})

#define SPILL(name, ...)                                                       \
	FREE(name, {                                                           \
		const pcp_state before = *state;                               \
		int pages = right->free(state, count, order, flags);           \
                                                                               \
		(void)before;                                                  \
		if (!pages)                                                    \
			return 0;                                              \
		__VA_ARGS__                                                    \
	})

SPILL(one_less, return MAX(pages - 1, 1);)
SPILL(one_more, return pages + 1;)
SPILL(all, return count;)
SPILL(batch, return MIN(state->batch, count);)
SPILL(twice, return MIN(2 * pages, count);)
SPILL(half, return MAX(pages / 2, 1);)
SPILL(high_order_batch, return right->free_high(&before, count, order)
				       ? MIN(state->batch, count)
				       : pages;)
SPILL(high_order_scaled,
	return right->free_high(&before, count, order)
		       ? MIN(state->batch << state->free_factor, count)
		       : pages;)

/* The size of a spill of 6.1, by other limits and another factor. */
static int spill_6_1(pcp_state *state, int mark, int most, int nr, int cap)
{
	if (mark < state->batch)
		return 1;
	if (nr < most && state->free_factor < cap)
		state->free_factor++;
	return MAX(MIN(nr, most), state->batch);
}

#define SPILL_6_1(name, most, nr, cap)                                         \
	FREE(name, {                                                           \
		bool is_high = right->free_high(state, count, order);          \
		int mark = right->spill_at(state, count, flags, is_high);      \
                                                                               \
		if (is_high || count < mark)                                   \
			return right->free(state, count, order, flags);        \
		return spill_6_1(state, mark, most, nr, cap);                  \
	})

#define NR_6_1 (state->batch << state->free_factor)
#define MOST_6_1 (mark - state->batch)

SPILL_6_1(most_high, mark, NR_6_1, PCP_SCALE_MAX)
SPILL_6_1(most_2batch, mark - 2 * state->batch, NR_6_1, PCP_SCALE_MAX)
SPILL_6_1(ff_nogrow, MOST_6_1, NR_6_1, 0)
SPILL_6_1(ff_scale1, MOST_6_1, NR_6_1, 1)
SPILL_6_1(ff_scale2, MOST_6_1, NR_6_1, 2)
SPILL_6_1(ff_uncapped, MOST_6_1, NR_6_1, PCPMM_PCP_FACTOR_MAX)
SPILL_6_1(
	ff_x4, MOST_6_1, state->batch << 2 * state->free_factor, PCP_SCALE_MAX)
FREE(ff_after, {
	pcp_state next = *state;
	int pages = right->free(&next, count, order, flags);

	*state = next;
	if (!pages || right->free_high(state, count, order))
		return pages;
	return MAX(MIN(state->batch << state->free_factor,
			   right->spill_at(state, count, flags, false) -
				   state->batch),
		state->batch);
})
SPILL(ff_always, {
	if (!right->free_high(&before, count, order))
		state->free_factor = MIN(before.free_factor + 1, PCP_SCALE_MAX);
	return pages;
})

/* --- frees of a high order -------------------------------------------------- */

#define FREE_HIGH(name, ...)                                                   \
	static bool high_order_##name(                                         \
		const pcp_state *state, int count, unsigned int order)         \
	{                                                                      \
		(void)state;                                                   \
		(void)count;                                                   \
		(void)order;                                                   \
		return __VA_ARGS__;                                            \
	}                                                                      \
	FREE(high_order_##name, {                                              \
		(void)flags;                                                   \
		if (!high_order_##name(state, count, order)) {                 \
			int factor = state->free_factor, pages;                \
                                                                               \
			if (right->free_high(state, count, order))             \
				state->free_factor = 0;                        \
			pages = right->free(state, count, 0, flags);           \
			if (!state->free_factor)                               \
				state->free_factor = factor;                   \
			return pages;                                          \
		}                                                              \
		return count;                                                  \
	})

FREE_HIGH(ignored, false)
FREE_HIGH(thp, order && state->free_factor)
FREE_HIGH(noff, order &&order <= PCPMM_COSTLY_ORDER)
FREE_HIGH(ff2, order &&order <= PCPMM_COSTLY_ORDER && state->free_factor > 1)
FREE_HIGH(
	order2, order > 1 && order <= PCPMM_COSTLY_ORDER && state->free_factor)

/* --- from 6.7 --------------------------------------------------------------- */

#define TUNED_FREE_HIGH(name, ...)                                             \
	static bool tuned_high_##name(                                         \
		const pcp_state *state, int count, unsigned int order)         \
	{                                                                      \
		(void)state;                                                   \
		(void)count;                                                   \
		(void)order;                                                   \
		return __VA_ARGS__;                                            \
	}                                                                      \
	FREE(tuned_high_##name, return pcp_tuned_free(state, count, order,     \
					flags, tuned_high_##name);)

TUNED_FREE_HIGH(ignored, false)
TUNED_FREE_HIGH(batch, pcp_tuned_free_high(state, count, order, state->batch))
TUNED_FREE_HIGH(half, pcp_tuned_free_high(state, count, order,
			      state->batch + state->high_min / 2))
TUNED_FREE_HIGH(first, order &&order <= PCPMM_COSTLY_ORDER &&
			       state->free_count >= state->batch)

#define WITH_STATE(name, change, after)                                        \
	FREE(name, {                                                           \
		const pcp_state before = *state;                               \
		int pages;                                                     \
                                                                               \
		change;                                                        \
		pages = right->free(state, count, order, flags);               \
		after;                                                         \
		(void)before;                                                  \
		return pages;                                                  \
	})

WITH_STATE(no_below, flags &= ~PCPMM_ZONE_BELOW_HIGH, )
WITH_STATE(keeps_factor, , state->alloc_factor = before.alloc_factor)
WITH_STATE(no_count, , state->free_count = before.free_count)
WITH_STATE(count_blocks, , {
	if (state->free_count > before.free_count)
		state->free_count = before.free_count + 1;
})
WITH_STATE(count_uncapped, , {
	if (state->free_count == before.free_count)
		state->free_count += 1 << order;
})
WITH_STATE(keeps_high, , state->high = before.high)
SPILL(by_batch, return state->batch;)
FREE(high_of_now, {
	pcp_state next = *state;
	int pages = right->free(&next, count, order, flags);

	*state = next;
	return pages && count < next.high ? 0 : pages;
})

static struct pcp_decay no_decay(pcp_state *state, int count)
{
	(void)state;
	(void)count;
	return (struct pcp_decay){0};
}

static struct pcp_decay decay_quarter(pcp_state *state, int count)
{
	struct pcp_decay decay;

	state->high = MAX(state->high - (state->high >> 3), state->high_min);
	decay = right->decay(state, count);
	return decay;
}

/* --- bulk frees --------------------------------------------------------------- */

static void begin_0(struct pcpmm_pcp_turn *turn, int freed)
{
	(void)freed;
	right->turn_begin(turn, -1);
}

static void begin_next(struct pcpmm_pcp_turn *turn, int freed)
{
	right->turn_begin(turn, (freed + 1) % (int)right->nr_lists);
}

static void begin_last(struct pcpmm_pcp_turn *turn, int freed)
{
	(void)freed;
	right->turn_begin(turn, (int)right->nr_lists - 1);
}

static void begin_at_freed(struct pcpmm_pcp_turn *turn, int freed)
{
	turn->list = freed < 0 ? 0 : (uint32_t)freed;
	turn->blocks = INT32_MAX;
}

static void next_down(struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	(void)pages;
	do
		turn->list =
			(turn->list + right->nr_lists - 1) % right->nr_lists;
	while (!(nonempty >> turn->list & 1));
	turn->blocks = INT32_MAX;
}

static void next_up(struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	(void)pages;
	while (!(nonempty >> turn->list & 1))
		turn->list = (turn->list + 1) % right->nr_lists;
	turn->blocks = INT32_MAX;
}

/* Round robin, a block each. */
static void begin_round(struct pcpmm_pcp_turn *turn, int freed)
{
	turn->list = freed < 0 ? 0 : (uint32_t)freed;
	turn->blocks = 0;
}

static void next_round(
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	(void)pages;
	do
		turn->list = (turn->list + 1) % right->nr_lists;
	while (!(nonempty >> turn->list & 1));
	turn->blocks = 1;
}

static void next_round_batch(
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	turn->blocks = 0;
	do {
		turn->blocks++;
		turn->list = (turn->list + 1) % right->nr_lists;
	} while (!(nonempty >> turn->list & 1));
	if (turn->blocks == (int)right->nr_lists)
		turn->blocks = pages;
}

static int chunk_batch(int batch)
{
	return batch;
}

static void size_more(const struct pcp_size_in *in, struct pcp_size *size)
{
	right->size(in, size);
	size->high += size->batch;
	size->high_min += size->batch;
	size->high_max += size->batch;
}

/* --- the table ----------------------------------------------------------------- */

struct wrong {
	const char *name;
	const struct pcp_rules *of;
	unsigned int mutant;
	void (*exchange)(struct pcp_rules *rules);
};

#define K5_10 &pcp_rules_5_10
#define K6_1 &pcp_rules_6_1
#define K6_12 &pcp_rules_6_12
#define K6_18 &pcp_rules_6_18
#define K7_3 &pcp_rules_7_3

/* EXCHANGE(name, statements on @r): what a row exchanges. */
#define EXCHANGE(name, ...)                                                    \
	static void exchange_##name(struct pcp_rules *r)                       \
	{                                                                      \
		r->each_free = true;                                           \
		__VA_ARGS__                                                    \
	}

#define REFILLS(X)                                                             \
	X(less)                                                                \
	X(more) X(double) X(half) X(noscale) X(ceil) X(min1) X(min4) X(one)    \
		X(thp1) X(no_factor) X(factor_by_order) X(keeps_high)          \
			X(ignores_below) X(unlimited) X(high_by_batch)
#define FREES(X)                                                               \
	X(high_more)                                                           \
	X(high_less) X(high_above) X(no_reclaim) X(reclaim_x3) X(one_less) X(  \
		one_more) X(all) X(batch) X(twice) X(half) X(high_order_batch) \
		X(high_order_scaled) X(most_high) X(most_2batch) X(ff_nogrow)  \
			X(ff_scale1) X(ff_scale2) X(ff_uncapped) X(ff_x4) X(   \
				ff_after) X(ff_always) X(no_below)             \
				X(keeps_factor) X(no_count) X(count_blocks)    \
					X(count_uncapped) X(keeps_high)        \
						X(by_batch) X(high_of_now)
#define HIGH_ORDERS(X) X(ignored) X(thp) X(noff) X(ff2) X(order2)
#define TUNED_HIGHS(X) X(ignored) X(batch) X(half) X(first)

#define EXCHANGE_REFILL(name)                                                  \
	EXCHANGE(refill_##name, r->refill = refill_##name;)
#define EXCHANGE_FREE(name) EXCHANGE(free_##name, r->free = free_##name;)
#define EXCHANGE_HIGH(name)                                                    \
	EXCHANGE(high_order_##name, r->free = free_high_order_##name;          \
		 r->free_high = high_order_##name;)
#define EXCHANGE_TUNED(name)                                                   \
	EXCHANGE(tuned_high_##name, r->free = free_tuned_high_##name;          \
		 r->free_high = tuned_high_##name;)

REFILLS(EXCHANGE_REFILL)
FREES(EXCHANGE_FREE)
HIGH_ORDERS(EXCHANGE_HIGH)
TUNED_HIGHS(EXCHANGE_TUNED)
EXCHANGE(begin_0, r->turn_begin = begin_0;)
EXCHANGE(begin_next, r->turn_begin = begin_next;)
EXCHANGE(begin_last, r->turn_begin = begin_last;)
EXCHANGE(list_down, r->turn_next = next_down;)
EXCHANGE(round_robin, r->turn_begin = begin_round; r->turn_next = next_round;)
EXCHANGE(round_robin_batch, r->turn_begin = begin_round;
	 r->turn_next = next_round_batch;)
EXCHANGE(list_by_list, r->turn_begin = begin_at_freed; r->turn_next = next_up;)
EXCHANGE(alloc_nothing, r->alloc = alloc_nothing;)
EXCHANGE(alloc_zero, r->alloc = alloc_zero;)
EXCHANGE(alloc_one_less, r->alloc = alloc_one_less;)
EXCHANGE(no_decay, r->decay = no_decay;)
EXCHANGE(decay_quarter, r->decay = decay_quarter;)
EXCHANGE(chunk_batch, r->drain_chunk = chunk_batch;)
EXCHANGE(size_more, r->size = size_more;)
EXCHANGE(reserve_refilled, r->keeps_reserve = !r->keeps_reserve;)
EXCHANGE(nothing, (void)r;)

#define ROW(kernel, text, of, name)                                            \
	{                                                                      \
		kernel "/" text, of, RULES_BY_TABLE, exchange_##name           \
	}
#define MUTANT_ROW(kernel, text, of, mutant)                                   \
	{                                                                      \
		kernel "/" text, of, mutant, exchange_nothing                  \
	}

/* The lists themselves, under each kernel's rules. */
#define LIST_ROWS(kernel, of)                                                  \
	MUTANT_ROW(kernel, "spill-head", of, SPILL_FROM_HEAD),                 \
		MUTANT_ROW(kernel, "fifo-alloc", of, LIST_IS_A_QUEUE),         \
		MUTANT_ROW(kernel, "free-tail", of, FREED_TO_THE_TAIL),        \
		MUTANT_ROW(kernel, "refill-reverse", of, REFILL_REVERSED),     \
		MUTANT_ROW(kernel, "buddy-nomerge", of, NEVER_MERGES),         \
		MUTANT_ROW(kernel, "buddy-head", of, MERGE_NEVER_LIKELY),      \
		MUTANT_ROW(kernel, "buddy-tail", of, MERGE_ALWAYS_LIKELY)

#define TUNED_ROWS(kernel, of)                                                 \
	ROW(kernel, "refill-1", of, refill_less),                              \
		ROW(kernel, "refill+1", of, refill_more),                      \
		ROW(kernel, "refill-one", of, refill_one),                     \
		ROW(kernel, "refill-no-factor", of, refill_no_factor),         \
		ROW(kernel, "refill-factor-by-order", of,                      \
			refill_factor_by_order),                               \
		ROW(kernel, "refill-keeps-high", of, refill_keeps_high),       \
		ROW(kernel, "refill-ignores-below", of, refill_ignores_below), \
		ROW(kernel, "refill-unlimited", of, refill_unlimited),         \
		ROW(kernel, "refill-high-by-batch", of, refill_high_by_batch), \
		ROW(kernel, "reclaim-ignored", of, free_no_reclaim),           \
		ROW(kernel, "below-ignored", of, free_no_below),               \
		ROW(kernel, "spill-1", of, free_one_less),                     \
		ROW(kernel, "spill+1", of, free_one_more),                     \
		ROW(kernel, "spill-batch", of, free_by_batch),                 \
		ROW(kernel, "spill-at-new-high", of, free_high_of_now),        \
		ROW(kernel, "free-keeps-factor", of, free_keeps_factor),       \
		ROW(kernel, "free-no-count", of, free_no_count),               \
		ROW(kernel, "free-count-blocks", of, free_count_blocks),       \
		ROW(kernel, "free-count-uncapped", of, free_count_uncapped),   \
		ROW(kernel, "free-keeps-high", of, free_keeps_high),           \
		ROW(kernel, "fh-ignored", of, tuned_high_ignored),             \
		ROW(kernel, "fh-at-the-first", of, tuned_high_first),          \
		ROW(kernel, "fc-nodecay", of, alloc_nothing),                  \
		ROW(kernel, "fc-decay0", of, alloc_zero),                      \
		ROW(kernel, "no-decay", of, no_decay),                         \
		ROW(kernel, "decay-quarter", of, decay_quarter),               \
		ROW(kernel, "list-zero", of, begin_0),                         \
		ROW(kernel, "list-down", of, list_down),                       \
		ROW(kernel, "list-rr", of, round_robin),                       \
		ROW(kernel, "drain-by-batch", of, chunk_batch),                \
		LIST_ROWS(kernel, of)

static const struct wrong wrongs[] = {
	ROW("6.1", "refill-1", K6_1, refill_less),
	ROW("6.1", "refill+1", K6_1, refill_more),
	ROW("6.1", "refill-x2", K6_1, refill_double),
	ROW("6.1", "refill-half", K6_1, refill_half),
	ROW("6.1", "refill-noscale", K6_1, refill_noscale),
	ROW("6.1", "refill-ceil", K6_1, refill_ceil),
	ROW("6.1", "refill-min1", K6_1, refill_min1),
	ROW("6.1", "refill-min4", K6_1, refill_min4),
	ROW("6.1", "refill-one", K6_1, refill_one),
	ROW("6.1", "refill-thp1", K6_1, refill_thp1),
	ROW("6.1", "high+1", K6_1, free_high_more),
	ROW("6.1", "high-1", K6_1, free_high_less),
	ROW("6.1", "high-gt", K6_1, free_high_above),
	ROW("6.1", "reclaim-ignored", K6_1, free_no_reclaim),
	ROW("6.1", "reclaim-x3", K6_1, free_reclaim_x3),
	ROW("6.1", "spill-1", K6_1, free_one_less),
	ROW("6.1", "spill+1", K6_1, free_one_more),
	ROW("6.1", "spill-all", K6_1, free_all),
	ROW("6.1", "spill-batch", K6_1, free_batch),
	ROW("6.1", "most-high", K6_1, free_most_high),
	ROW("6.1", "most-2batch", K6_1, free_most_2batch),
	ROW("6.1", "ff-nogrow", K6_1, free_ff_nogrow),
	ROW("6.1", "ff-x4", K6_1, free_ff_x4),
	ROW("6.1", "ff-after", K6_1, free_ff_after),
	ROW("6.1", "ff-scale1", K6_1, free_ff_scale1),
	ROW("6.1", "ff-scale2", K6_1, free_ff_scale2),
	ROW("6.1", "ff-always", K6_1, free_ff_always),
	ROW("6.1", "ff-uncapped", K6_1, free_ff_uncapped),
	ROW("6.1", "ff-nodecay", K6_1, alloc_nothing),
	ROW("6.1", "ff-decay0", K6_1, alloc_zero),
	ROW("6.1", "ff-decr", K6_1, alloc_one_less),
	MUTANT_ROW("6.1", "ff-bulkdecay", K6_1, BULK_HALVES_FACTOR),
	MUTANT_ROW("6.1", "ff-decayrefill", K6_1, REFILL_HALVES_FACTOR),
	ROW("6.1", "fh-ignored", K6_1, high_order_ignored),
	ROW("6.1", "fh-thp", K6_1, high_order_thp),
	ROW("6.1", "fh-noff", K6_1, high_order_noff),
	ROW("6.1", "fh-ff2", K6_1, high_order_ff2),
	ROW("6.1", "fh-order2", K6_1, high_order_order2),
	ROW("6.1", "fh-batch", K6_1, free_high_order_batch),
	ROW("6.1", "fh-scale", K6_1, free_high_order_scaled),
	ROW("6.1", "list-zero", K6_1, begin_0),
	ROW("6.1", "list-next", K6_1, begin_next),
	ROW("6.1", "list-last", K6_1, begin_last),
	ROW("6.1", "list-down", K6_1, list_down),
	ROW("6.1", "list-rr", K6_1, round_robin),
	ROW("6.1", "list-rrbatch", K6_1, round_robin_batch),
	MUTANT_ROW("6.1", "no-overshoot", K6_1, SPILL_SPARES_LARGE),
	LIST_ROWS("6.1", K6_1),
	ROW("5.10", "refill-1", K5_10, refill_less),
	ROW("5.10", "refill+1", K5_10, refill_more),
	ROW("5.10", "refill-x2", K5_10, refill_double),
	ROW("5.10", "refill-half", K5_10, refill_half),
	ROW("5.10", "refill-one", K5_10, refill_one),
	ROW("5.10", "high+1", K5_10, free_high_more),
	ROW("5.10", "high-1", K5_10, free_high_less),
	ROW("5.10", "high-gt", K5_10, free_high_above),
	ROW("5.10", "spill-1", K5_10, free_one_less),
	ROW("5.10", "spill+1", K5_10, free_one_more),
	ROW("5.10", "spill-all", K5_10, free_all),
	ROW("5.10", "spill-x2", K5_10, free_twice),
	ROW("5.10", "spill-half", K5_10, free_half),
	ROW("5.10", "list-by-list", K5_10, list_by_list),
	ROW("5.10", "list-rr", K5_10, round_robin),
	ROW("5.10", "list-down", K5_10, list_down),
	ROW("5.10", "drain-by-batch", K5_10, chunk_batch),
	ROW("5.10", "size+batch", K5_10, size_more),
	LIST_ROWS("5.10", K5_10),
	TUNED_ROWS("6.12", K6_12),
	ROW("6.12", "fh-of-6.18", K6_12, tuned_high_half),
	ROW("6.12", "size+batch", K6_12, size_more),
	TUNED_ROWS("6.18", K6_18),
	ROW("6.18", "fh-of-6.12", K6_18, tuned_high_batch),
	ROW("6.18", "reserve-of-7.3", K6_18, reserve_refilled),
	TUNED_ROWS("7.3", K7_3),
	ROW("7.3", "fh-of-6.12", K7_3, tuned_high_batch),
	ROW("7.3", "reserve-refilled", K7_3, reserve_refilled),
};

static const struct wrong *find(const char *name)
{
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
		if (!strcmp(wrongs[i].name, name))
			return &wrongs[i];
	fprintf(stderr, "PCPMM_WRONG: no wrong rule is named '%s'\n", name);
	exit(2);
}

/* --list: the names, one a line; before main(), as the program is another's. */
static __attribute__((constructor)) void choose(void)
{
	const char *name = getenv("PCPMM_WRONG");

	if (name && !strcmp(name, "list")) {
		for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
			puts(wrongs[i].name);
		exit(0);
	}
	if (name && *name)
		mutant_now = find(name)->mutant;
}

const struct pcp_rules *pcp_rules_of(unsigned int list_rules)
{
	static struct pcp_rules wrong;
	const struct pcp_rules *rules = right_rules_of(list_rules);
	const char *name = getenv("PCPMM_WRONG");
	const struct wrong *row = name && *name ? find(name) : NULL;

	if (!row || rules != row->of)
		return rules;
	right = rules;
	wrong = *rules;
	row->exchange(&wrong);
	return &wrong;
}
