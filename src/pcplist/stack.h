/* SPDX-License-Identifier: MIT */
/*
 * One list of a CPU: the numbers of its blocks' first frames, newest first.
 *
 * The numbers are in chunks, which come from a pool that belongs to the pcp_lists
 * that the list is one of. A push or pop of the newest number touches one word of
 * a chunk, and no frame; to take many of the oldest is to copy numbers, where
 * links would lead from one cold frame to the next.
 *
 * The list itself is a pointer at its newest number. A chunk fills 1024 aligned
 * bytes and begins with 16 that are no number, so the place in the chunk says how
 * full the newest chunk, the top, is:
 *
 *   newest % 1024    0    12   16 .. 1016   1020
 *   top           none  empty     some      full
 *   pop             no    no      yes       yes
 *   push            no   yes      yes        no
 *
 * "No" means: not before pcp_stack_pull(), pcp_stack_room(). Zeroed memory is an
 * empty list, and a pool of chunks that were never used: neither is touched
 * before the first push.
 *
 * The chunks of a list are a circle, in which the bottom, which has the oldest
 * number, is newer than the top. With n(c) = c->end - c->first, but for the top
 * newest + 1 - top->pfn:
 *
 *   length        = sum of n(c)
 *   c->first      = 0, unless c is the bottom and not the top
 *   n(c)         >= PCP_CHUNK_KEEP, unless c is top or bottom
 *   n(c)          > 0, unless c is the top
 *   chunks       <= 2 + length / PCP_CHUNK_KEEP
 *   pool's used   = sum of chunks of its lists + its spare chunks
 *
 * So PCP_POOL_CHUNKS(lists, pages) can not run out, whatever is on the lists, as
 * long as no more than @pages pages are: a list's length is at most its pages.
 *
 * Hysteresis: a push begins a new top when the old one is full. If that runs empty,
 * what the chunk below has above PCP_CHUNK_KEEP numbers moves up. Else a top that
 * runs empty goes, and the chunk below is the top. So alloc 2, free 2 across a
 * chunk's end change chunks once, and then a list has to shrink by 31 or grow by 221
 * until it changes chunks again. The more numbers move up, the emptier chunks can
 * be, and the more address space a pool needs.
 *
 * 252 numbers a chunk: a refill of 63 pages fits in one, and changes are rare. A list
 * that goes up and down by 512 pages costs 4.51 ns a pair, 4.62 with 124 a chunk,
 * and a pool needs less address space with larger chunks.
 *
 * Used inside the guard; looked at at rest, or by the owner.
 */
#ifndef PCPLIST_STACK_H
#define PCPLIST_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/bits.h"
#include "arch/compiler.h"
#include "zone/rmqueue.h"

#define PCP_CHUNK_SIZE 1024u /* bytes; also its alignment */
#define PCP_CHUNK_HEADER 16u /* bytes */
#define PCP_CHUNK_MAX ((PCP_CHUNK_SIZE - PCP_CHUNK_HEADER) / sizeof(uint32_t))
#define PCP_CHUNK_UP 31u /* numbers of a full chunk that move up at most */
#define PCP_CHUNK_KEEP (PCP_CHUNK_MAX - PCP_CHUNK_UP)

struct pcp_chunk {
	/* In the circle, by place in the pool. Of a spare one: the next spare. */
	uint32_t older;
	uint32_t newer;
	/* Numbers in use: [first, end). Of the top: see TOP_BY_PUSH. */
	uint32_t first;
	uint32_t end;
	uint32_t pfn[PCP_CHUNK_MAX]; /* oldest first */
} __attribute__((aligned(PCP_CHUNK_SIZE)));

_Static_assert(sizeof(struct pcp_chunk) == PCP_CHUNK_SIZE &&
		       offsetof(struct pcp_chunk, pfn) == PCP_CHUNK_HEADER,
	"pcp_is_number()");

struct pcp_stack {
	uint32_t *newest; /* see above; NULL: no chunk yet */
};

/*
 * A pool: pool[0] is in no list. Its `older` is the first spare chunk, 0: there is
 * none; its `newer` is the number of chunks ever used: those are touched memory.
 */
#define PCP_POOL_CHUNKS(lists, pages)                                          \
	(1 + 2 * (size_t)(lists) + (size_t)(pages) / PCP_CHUNK_KEEP)

/* @at is the place of a number: not a chunk's header, nor the end of one. */
static force_inline bool pcp_is_number(const uint32_t *at)
{
	return (uintptr_t)at & (PCP_CHUNK_SIZE - PCP_CHUNK_HEADER);
}

/* Where the next push goes; false from pcp_is_number(): there is no room. */
static force_inline uint32_t *pcp_stack_next(const struct pcp_stack *stack)
{
	return (uint32_t *)((uintptr_t)stack->newest + sizeof(uint32_t));
}

static force_inline bool pcp_stack_can_pop(const struct pcp_stack *stack)
{
	return pcp_is_number(stack->newest);
}

static force_inline bool pcp_stack_can_push(const struct pcp_stack *stack)
{
	return pcp_is_number(pcp_stack_next(stack));
}

/* The newest number, taken off; pcp_stack_can_pop() holds. */
static force_inline uint32_t pcp_stack_pop(struct pcp_stack *stack)
{
	uint32_t *newest = stack->newest;

	stack->newest = newest - 1;
	return *newest;
}

/* @next = pcp_stack_next(), and it is a number's place. */
static force_inline void pcp_stack_push_at(
	struct pcp_stack *stack, uint32_t *next, uint32_t pfn)
{
	*next = pfn;
	stack->newest = next;
}

/* Make pcp_stack_can_pop() true; false: the list is empty. */
bool pcp_stack_pull(struct pcp_chunk *pool, struct pcp_stack *stack);
/* Make pcp_stack_can_push() true; it is false. */
void pcp_stack_room(struct pcp_chunk *pool, struct pcp_stack *stack);

static force_inline void pcp_stack_push(
	struct pcp_chunk *pool, struct pcp_stack *stack, uint32_t pfn)
{
	if (unlikely(!pcp_stack_can_push(stack)))
		pcp_stack_room(pool, stack);
	pcp_stack_push_at(stack, pcp_stack_next(stack), pfn);
}

/* Take up to @nr numbers off, oldest first; number taken, 0: it was empty. */
unsigned int pcp_stack_take_oldest(struct pcp_chunk *pool,
	struct pcp_stack *stack, uint32_t *pfns, unsigned int nr);

/*
 * Add any number of numbers, each as the oldest: fill, write to the sink, filled.
 * @nr: how many are expected; they then are in one piece.
 */
struct pcp_filler {
	struct pfn_sink sink; /* first */
	struct pcp_chunk *pool, *chunk;
	struct pcp_stack *stack;
	bool top; /* the chunk is the top, and its numbers begin with these */
};

void pcp_stack_fill(struct pcp_filler *filler, struct pcp_chunk *pool,
	struct pcp_stack *stack, unsigned int nr);
void pcp_stack_filled(struct pcp_filler *filler);

/* One number. */
void pcp_stack_append(
	struct pcp_chunk *pool, struct pcp_stack *stack, uint32_t pfn);

/* --- looking ------------------------------------------------------------ */

/* Position in a list that does not change meanwhile. */
struct pcp_stack_iter {
	const struct pcp_chunk *pool, *top, *chunk; /* NULL: no chunk */
	unsigned int left; /* numbers of the chunk that are still to come */
};

struct pcp_stack_iter pcp_stack_begin(
	const struct pcp_chunk *pool, const struct pcp_stack *stack);
/* The next number, newest first; 0: no more. */
uint32_t pcp_stack_next_older(struct pcp_stack_iter *iter);

/* Numbers on a list, by walking its chunks. */
unsigned int pcp_stack_length(
	const struct pcp_chunk *pool, const struct pcp_stack *stack);
/* Chunks of a list. */
unsigned int pcp_stack_chunks(
	const struct pcp_chunk *pool, const struct pcp_stack *stack);
/* Spare chunks of a pool, by walking them. */
unsigned int pcp_pool_spare(const struct pcp_chunk *pool);

#endif
