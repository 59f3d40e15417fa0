/* SPDX-License-Identifier: MIT */
/* Lists in chunks: what is done when a chunk ends; see stack.h. */
#include "pcplist/stack.h"

#include <string.h>

#include "arch/mutant.h"

/* `end` of a top that a push began, and to which no numbers have moved up yet. */
#define TOP_BY_PUSH 0

static uint32_t place_of(
	const struct pcp_chunk *pool, const struct pcp_chunk *chunk)
{
	return (uint32_t)(chunk - pool);
}

/* Of a list that has a chunk. */
static struct pcp_chunk *top_of(const struct pcp_stack *stack)
{
	return (struct pcp_chunk *)round_down_pow2(
		(uintptr_t)stack->newest, PCP_CHUNK_SIZE);
}

/* The top gets @nr numbers. */
static void set_top(
	struct pcp_stack *stack, struct pcp_chunk *top, unsigned int nr)
{
	uintptr_t behind = (uintptr_t)top->pfn + nr * sizeof(uint32_t);

	stack->newest = (uint32_t *)(behind - sizeof(uint32_t));
}

static unsigned int top_nr(
	const struct pcp_stack *stack, const struct pcp_chunk *top)
{
	return (unsigned int)((uintptr_t)stack->newest + sizeof(uint32_t) -
			      (uintptr_t)top->pfn) /
	       (unsigned int)sizeof(uint32_t);
}

static struct pcp_chunk *get_chunk(struct pcp_chunk *pool)
{
	uint32_t place = pool[0].older;

	if (place)
		pool[0].older = pool[place].older;
	else
		place = ++pool[0].newer;
	return &pool[place];
}

static void put_chunk(struct pcp_chunk *pool, struct pcp_chunk *chunk)
{
	chunk->older = pool[0].older;
	pool[0].older = place_of(pool, chunk);
}

/* A new chunk between the bottom and @top: it can become either. */
static struct pcp_chunk *link_chunk(
	struct pcp_chunk *pool, struct pcp_chunk *top)
{
	struct pcp_chunk *chunk = get_chunk(pool);
	uint32_t place = place_of(pool, chunk);

	chunk->older = place_of(pool, top);
	chunk->newer = top->newer;
	pool[top->newer].older = place;
	top->newer = place;
	return chunk;
}

static void unlink_chunk(struct pcp_chunk *pool, struct pcp_chunk *chunk)
{
	pool[chunk->older].newer = chunk->newer;
	pool[chunk->newer].older = chunk->older;
	put_chunk(pool, chunk);
}

/* A list's first chunk. */
static struct pcp_chunk *first_chunk(
	struct pcp_chunk *pool, struct pcp_stack *stack)
{
	struct pcp_chunk *chunk = get_chunk(pool);

	chunk->older = chunk->newer = place_of(pool, chunk);
	chunk->first = 0;
	chunk->end = PCP_CHUNK_MAX;
	set_top(stack, chunk, 0);
	return chunk;
}

void pcp_stack_room(struct pcp_chunk *pool, struct pcp_stack *stack)
{
	struct pcp_chunk *top;

	if (!stack->newest) {
		first_chunk(pool, stack);
		return;
	}
	top = top_of(stack);
	top->end = PCP_CHUNK_MAX;
	top = link_chunk(pool, top);
	top->first = 0;
	top->end = TOP_BY_PUSH;
	set_top(stack, top, 0);
}

/* Numbers of @chunk move so far down that they begin at its start. */
static void move_down(struct pcp_chunk *chunk, unsigned int by, unsigned int nr)
{
	if (by)
		memmove(chunk->pfn, chunk->pfn + by, nr * sizeof(uint32_t));
	chunk->first = 0;
}

bool pcp_stack_pull(struct pcp_chunk *pool, struct pcp_stack *stack)
{
	struct pcp_chunk *top, *below;
	unsigned int have, up;

	if (pcp_stack_can_pop(stack))
		return true;
	if (!stack->newest)
		return false;
	top = top_of(stack);
	below = &pool[top->older];
	if (below == top)
		return false;
	have = below->end - below->first;
	if (top->end == TOP_BY_PUSH && have > PCP_CHUNK_KEEP) {
		up = have - PCP_CHUNK_KEEP;
		top->end = PCP_CHUNK_MAX;
		below->end -= up;
		memcpy(top->pfn, below->pfn + below->end,
			up * sizeof(uint32_t));
		set_top(stack, top, up);
		return true;
	}
	unlink_chunk(pool, top);
	move_down(below, below->first, have);
	set_top(stack, below, have);
	return true;
}

unsigned int pcp_stack_take_oldest(struct pcp_chunk *pool,
	struct pcp_stack *stack, uint32_t *pfns, unsigned int nr)
{
	struct pcp_chunk *top, *bottom;
	unsigned int got = 0, have, n;

	if (!stack->newest)
		return 0;
	top = top_of(stack);
	for (bottom = &pool[top->newer]; got < nr && bottom != top;
		bottom = &pool[top->newer]) {
		have = bottom->end - bottom->first;
		n = MIN(have, nr - got);
		memcpy(pfns + got, bottom->pfn + bottom->first,
			n * sizeof(uint32_t));
		got += n;
		bottom->first += n;
		if (n == have && !MUTANT(STACK_CHUNK_LOST))
			unlink_chunk(pool, bottom);
		else if (n == have)
			pool[top->newer = bottom->newer].older =
				place_of(pool, top);
	}
	if (got == nr)
		return got;
	have = top_nr(stack, top);
	n = MIN(have, nr - got);
	if (MUTANT(STACK_TAKES_NEWEST)) {
		memcpy(pfns + got, top->pfn + have - n, n * sizeof(uint32_t));
	} else {
		memcpy(pfns + got, top->pfn, n * sizeof(uint32_t));
		move_down(top, n, have - n);
	}
	set_top(stack, top, have - n);
	return got + n;
}

/* --- filling ------------------------------------------------------------ */

/* Numbers go to the bottom, or to a new one. */
static void fill_bottom(struct pcp_filler *filler)
{
	struct pcp_chunk *top = top_of(filler->stack);
	struct pcp_chunk *bottom = &filler->pool[top->newer];

	if (bottom == top || !bottom->first) {
		bottom = link_chunk(filler->pool, top);
		bottom->first = bottom->end = PCP_CHUNK_MAX;
	}
	filler->chunk = bottom;
	filler->top = false;
	filler->sink.room = bottom->first;
	filler->sink.behind = bottom->pfn + bottom->first;
}

/* The sink is full. */
static void fill_more(struct pfn_sink *sink)
{
	struct pcp_filler *filler = (struct pcp_filler *)sink;

	pcp_stack_filled(filler);
	fill_bottom(filler);
}

void pcp_stack_fill(struct pcp_filler *filler, struct pcp_chunk *pool,
	struct pcp_stack *stack, unsigned int nr)
{
	struct pcp_chunk *top =
		stack->newest ? top_of(stack) : first_chunk(pool, stack);

	filler->sink.more = fill_more;
	filler->pool = pool;
	filler->stack = stack;
	if (top_nr(stack, top) || &pool[top->older] != top) {
		fill_bottom(filler);
		return;
	}
	filler->chunk = top;
	filler->top = true;
	filler->sink.room = MIN(nr, PCP_CHUNK_MAX);
	filler->sink.behind = top->pfn + filler->sink.room;
	set_top(stack, top, filler->sink.room);
}

void pcp_stack_filled(struct pcp_filler *filler)
{
	struct pcp_chunk *chunk = filler->chunk;
	unsigned int room = filler->sink.room;

	if (filler->top) {
		if (likely(!room))
			return;
		room = top_nr(filler->stack, chunk) - room;
		move_down(chunk, filler->sink.room, room);
		set_top(filler->stack, chunk, room);
		return;
	}
	chunk->first = room;
	if (room == chunk->end)
		unlink_chunk(filler->pool, chunk);
}

void pcp_stack_append(
	struct pcp_chunk *pool, struct pcp_stack *stack, uint32_t pfn)
{
	struct pcp_filler filler;

	pcp_stack_fill(&filler, pool, stack, 1);
	pfn_sink_put(&filler.sink, pfn);
	pcp_stack_filled(&filler);
}

/* --- looking ------------------------------------------------------------ */

struct pcp_stack_iter pcp_stack_begin(
	const struct pcp_chunk *pool, const struct pcp_stack *stack)
{
	struct pcp_stack_iter iter = {.pool = pool};

	if (stack->newest) {
		iter.top = iter.chunk = top_of(stack);
		iter.left = top_nr(stack, iter.top);
	}
	return iter;
}

/* To the next older chunk; false: there is none. */
static bool go_down(struct pcp_stack_iter *iter)
{
	if (!iter->chunk || &iter->pool[iter->chunk->older] == iter->top)
		return false;
	iter->chunk = &iter->pool[iter->chunk->older];
	iter->left = (unsigned int)iter->chunk->end - iter->chunk->first;
	return true;
}

/* Only the top can be empty. */
uint32_t pcp_stack_next_older(struct pcp_stack_iter *iter)
{
	if (!iter->left && !go_down(iter))
		return 0;
	iter->left--;
	return iter->chunk->pfn[iter->chunk->first + iter->left];
}

unsigned int pcp_stack_length(
	const struct pcp_chunk *pool, const struct pcp_stack *stack)
{
	struct pcp_stack_iter iter = pcp_stack_begin(pool, stack);
	unsigned int nr = iter.left;

	while (go_down(&iter))
		nr += iter.left;
	return nr;
}

unsigned int pcp_stack_chunks(
	const struct pcp_chunk *pool, const struct pcp_stack *stack)
{
	struct pcp_stack_iter iter = pcp_stack_begin(pool, stack);
	unsigned int nr = stack->newest != NULL;

	/* No further than there are chunks: the list may be a circle. */
	while (go_down(&iter) && nr <= pool[0].newer)
		nr++;
	return nr;
}

unsigned int pcp_pool_spare(const struct pcp_chunk *pool)
{
	unsigned int nr = 0;

	for (uint32_t at = pool[0].older; at; at = pool[at].older)
		nr++;
	return nr;
}
