/* SPDX-License-Identifier: MIT */
/*
 * Happens-before of the steps of an execution, by vector clocks, and its reversible
 * races: "Optimal Dynamic Partial Order Reduction" (Abdulla, Aronis, Jonsson, Sagonas,
 * POPL 2014), source sets. A task's interrupt is a process of its own whose step depends
 * on every step of the task, as it may come before or after each.
 */
#include <stdlib.h>
#include <string.h>

#include "search.h"

struct clock {
	uint32_t
		seen[MODEL_CHOICES]; /* per process: 1 + its last step before */
};

static struct clock *clocks; /* of each step, itself included */
static size_t nr_clocks;

void races_fini(void)
{
	free(clocks);
	clocks = NULL;
	nr_clocks = 0;
}

static bool overlap(const struct model_op *a, const struct model_op *b)
{
	const char *from_a = a->addr, *from_b = b->addr;

	return a->size && b->size && (a->writes || b->writes) &&
	       from_a < from_b + b->size && from_b < from_a + a->size;
}

bool steps_depend(unsigned int a, const struct model_op *op_a, unsigned int b,
	const struct model_op *op_b)
{
	if (a % MODEL_TASKS == b % MODEL_TASKS)
		return true;
	return overlap(op_a, op_b);
}

static bool happens_before(
	const struct step *steps, size_t i, const struct clock *clock)
{
	return clock->seen[steps[i].choice] > i;
}

static void join(struct clock *clock, const struct clock *other)
{
	for (unsigned int i = 0; i < MODEL_CHOICES; i++)
		if (other->seen[i] > clock->seen[i])
			clock->seen[i] = other->seen[i];
}

static bool depend(const struct step *a, const struct step *b)
{
	return steps_depend(a->choice, &a->op, b->choice, &b->op);
}

/*
 * The processes that can take the first step of what is left if the steps behind @i that
 * do not happen after it come first, and then step @j.
 */
static uint64_t initials_of(const struct step *steps, size_t i, size_t j)
{
	uint64_t initials = 0, seen = 0;

	for (size_t k = i + 1; k <= j; k++) {
		uint64_t bit = UINT64_C(1) << steps[k].choice;
		bool first = !(seen & bit);

		if (k != j && clocks[k].seen[steps[i].choice] > i)
			continue;
		for (size_t m = i + 1; m < k && first; m++)
			if (clocks[m].seen[steps[i].choice] <= i &&
				depend(&steps[m], &steps[k]))
				first = false;
		if (first)
			initials |= bit;
		seen |= bit;
	}
	return initials;
}

static bool same_mutex(const struct step *a, const struct step *b)
{
	return a->op.addr == b->op.addr && a->op.size == b->op.size;
}

/* An interrupt of the task does not come before @other, which it may come before @mine. */
static bool is_masked_from(const struct step *other, const struct step *mine)
{
	return mine->choice >= MODEL_TASKS && other->op.masked;
}

static bool is_unlock_before(const struct step *other, const struct step *mine)
{
	return mine->op.kind == MODEL_LOCK && other->op.kind == MODEL_UNLOCK &&
	       same_mutex(mine, other);
}

/* It can be taken at some moments only: not just before what has enabled it. */
static bool waits(const struct step *step)
{
	return step->op.kind == MODEL_LOCK || step->op.kind == MODEL_WAIT;
}

/*
 * What happens before step @j: by its own process, and what it depends on. Each of the
 * latter that may come after @j instead is a race. One that does is the only one for an
 * earlier step that happens before it, except where @j waits: it may be possible before
 * the earlier one alone, such as a lock before the last holder's lock.
 */
static void races_of(const struct step *steps, size_t j,
	void (*found)(void *arg, size_t at, uint64_t initials), void *arg,
	bool report)
{
	struct clock *clock = &clocks[j], later = {{0}};
	const struct step *mine = &steps[j];

	for (size_t i = j; i-- > 0;) {
		const struct step *other = &steps[i];
		bool impossible = is_masked_from(other, mine) ||
				  is_unlock_before(other, mine);

		if (happens_before(steps, i, clock) || !depend(other, mine))
			continue;
		if (report && !impossible && other->choice != mine->choice)
			found(arg, i, initials_of(steps, i, j));
		join(&later, &clocks[i]);
		if (!impossible && !waits(mine))
			join(clock, &later);
	}
	join(clock, &later);
	clock->seen[mine->choice] = (uint32_t)j + 1;
}

/* What its own process has seen: the clock of its step before. */
static void begin_clock(const struct step *steps, size_t j)
{
	memset(&clocks[j], 0, sizeof(clocks[j]));
	for (size_t i = j; i-- > 0;)
		if (steps[i].choice == steps[j].choice) {
			clocks[j] = clocks[i];
			return;
		}
}

bool races_find(const struct trail *trail, size_t from,
	void (*found)(void *arg, size_t at, uint64_t initials), void *arg)
{
	if (trail->nr > nr_clocks) {
		struct clock *more =
			realloc(clocks, 2 * trail->nr * sizeof(*clocks));

		if (!more)
			return false;
		clocks = more;
		nr_clocks = 2 * trail->nr;
	}
	for (size_t j = from; j < trail->nr; j++) {
		begin_clock(trail->at, j);
		races_of(trail->at, j, found, arg, true);
	}
	return true;
}
