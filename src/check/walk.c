/* SPDX-License-Identifier: MIT */
/*
 * Drivers that draw: a uniform walk; PCT, "A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs" (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS
 * 2010); and the replay of a schedule.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "search.h"

#define DEPTH_DEFAULT 3
#define DEPTH_MAX 8

struct walk {
	uint64_t state; /* of the generator */
	/* PCT: the highest goes on; it falls at the given steps. */
	unsigned int depth;
	uint64_t longest; /* steps of an execution, so far */
	uint64_t fall[DEPTH_MAX];
	uint64_t priority[MODEL_CHOICES];
	uint64_t lowest;
	/* Replay. */
	const char *schedule;
	int choice;
	unsigned int left;
};

/* splitmix64: Steele, Lea, Flood, OOPSLA 2014. */
static uint64_t draw(struct walk *walk)
{
	uint64_t z = walk->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

unsigned int search_default(uint64_t enabled, unsigned int last)
{
	if (last < MODEL_TASKS && enabled >> last & 1)
		return last;
	return lowest_bit(enabled);
}

static void walk_fini(struct search *search)
{
	free(search->own);
}

static int walk_init(struct search *search, const struct search_ops *ops)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->state = search->options->seed;
	search->own = walk;
	search->ops = ops;
	return 0;
}

/* --- uniform ---------------------------------------------------------------------- */

static unsigned int random_choose(
	struct search *search, uint64_t enabled, unsigned int last)
{
	struct walk *walk = search->own;
	unsigned int nr = nr_bits(enabled);
	unsigned int skip = (unsigned int)(draw(walk) % nr);

	(void)last;
	while (skip--)
		enabled &= enabled - 1;
	return lowest_bit(enabled);
}

static bool random_next(struct search *search)
{
	(void)search;
	return true;
}

static const struct search_ops random_ops = {
	random_choose, random_next, walk_fini};

int search_random(struct search *search)
{
	return walk_init(search, &random_ops);
}

/* --- PCT ---------------------------------------------------------------------------- */

static void pct_begin(struct walk *walk)
{
	for (unsigned int i = 0; i < MODEL_CHOICES; i++)
		walk->priority[i] = DEPTH_MAX + 1 + (draw(walk) >> 8);
	for (unsigned int i = 0; i + 1 < walk->depth; i++)
		walk->fall[i] = draw(walk) % (walk->longest + 1);
	walk->lowest = DEPTH_MAX;
}

static unsigned int highest(const struct walk *walk, uint64_t enabled)
{
	unsigned int best = lowest_bit(enabled);

	for (; enabled; enabled &= enabled - 1) {
		unsigned int choice = lowest_bit(enabled);

		if (walk->priority[choice] > walk->priority[best])
			best = choice;
	}
	return best;
}

static unsigned int pct_choose(
	struct search *search, uint64_t enabled, unsigned int last)
{
	struct walk *walk = search->own;
	unsigned int choice = highest(walk, enabled);

	(void)last;
	for (unsigned int i = 0; i + 1 < walk->depth; i++)
		if (walk->fall[i] == search->trail.nr) {
			walk->priority[choice] = walk->lowest--;
			choice = highest(walk, enabled);
		}
	return choice;
}

static bool pct_next(struct search *search)
{
	struct walk *walk = search->own;

	if (search->trail.nr > walk->longest)
		walk->longest = search->trail.nr;
	pct_begin(walk);
	return true;
}

static const struct search_ops pct_ops = {pct_choose, pct_next, walk_fini};

int search_pct(struct search *search)
{
	unsigned int depth = search->options->depth;
	struct walk *walk;

	if (depth > DEPTH_MAX)
		return -EINVAL;
	if (walk_init(search, &pct_ops))
		return -ENOMEM;
	walk = search->own;
	walk->depth = depth ? depth : DEPTH_DEFAULT;
	pct_begin(walk);
	return 0;
}

/* --- replay --------------------------------------------------------------------------- */

static unsigned int replay_choose(
	struct search *search, uint64_t enabled, unsigned int last)
{
	struct walk *walk = search->own;

	if (!walk->left && walk->choice >= 0)
		walk->choice = schedule_read(&walk->schedule, &walk->left);
	/* Behind its end by default. */
	if (walk->choice < 0)
		return search_default(enabled, last);
	if (enabled >> walk->choice & 1) {
		walk->left--;
		return (unsigned int)walk->choice;
	}
	/* It can not be followed: the rest of this entry is left out. */
	search->astray = true;
	walk->left = 0;
	return search_default(enabled, last);
}

static bool replay_next(struct search *search)
{
	(void)search;
	return false;
}

static const struct search_ops replay_ops = {
	replay_choose, replay_next, walk_fini};

int search_replay(struct search *search)
{
	const char *text = search->options->schedule;
	unsigned int repeat;
	struct walk *walk;
	int choice;

	if (!text)
		return -EINVAL;
	while ((choice = schedule_read(&text, &repeat)) >= 0)
		;
	if (choice == -1)
		return -EINVAL;
	if (walk_init(search, &replay_ops))
		return -ENOMEM;
	walk = search->own;
	walk->schedule = search->options->schedule;
	return 0;
}
