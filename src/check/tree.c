/* SPDX-License-Identifier: MIT */
/*
 * Drivers that go through all schedules: depth first, with a bound on preemptions or
 * none; or one of each class of equal ones, by source sets and sleep sets (races.c).
 *
 * A node is the choice before a step. What it has in backtrack and not in done is still
 * to be run from there. A choice that sleeps would repeat an execution that was run.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "search.h"

struct node {
	uint64_t enabled, backtrack, done, sleep;
	uint8_t choice;
	uint8_t last; /* task of the step before */
	uint32_t preemptions; /* before it */
	struct model_op op; /* of the choice */
};

struct tree {
	bool reduce;
	struct node *at;
	size_t nr, cap;
	size_t depth; /* in this execution */
	size_t fresh; /* steps from here on are new in it */
};

static uint64_t bit(unsigned int choice)
{
	return UINT64_C(1) << choice;
}

/* Another task than the last one, although that could go on. */
static bool preempts(const struct node *node, unsigned int choice)
{
	return node->last < MODEL_TASKS && node->enabled & bit(node->last) &&
	       choice != node->last && choice < MODEL_TASKS;
}

static bool is_allowed(const struct search *search, const struct node *node,
	unsigned int choice)
{
	const struct tree *tree = search->own;

	return tree->reduce || node->preemptions + preempts(node, choice) <=
				       search->options->preemptions_max;
}

/* Of the choices that slept or were run before, those that the step leaves asleep. */
static uint64_t still_asleep(const struct node *parent, uint64_t enabled)
{
	uint64_t left = (parent->sleep | parent->done) & enabled, asleep = 0;

	for (; left; left &= left - 1) {
		unsigned int choice = lowest_bit(left);
		struct model_op op = model_announced(choice);

		if (choice != parent->choice &&
			!steps_depend(choice, &op, parent->choice, &parent->op))
			asleep |= bit(choice);
	}
	return asleep;
}

static struct node *push(struct tree *tree)
{
	if (tree->nr == tree->cap) {
		size_t cap = tree->cap ? 2 * tree->cap : 256;
		struct node *more = realloc(tree->at, cap * sizeof(*more));

		if (!more)
			return NULL;
		tree->at = more;
		tree->cap = cap;
	}
	return &tree->at[tree->nr++];
}

static uint64_t allowed(
	const struct search *search, const struct node *node, uint64_t choices)
{
	uint64_t set = 0;

	for (; choices; choices &= choices - 1) {
		unsigned int choice = lowest_bit(choices);

		if (is_allowed(search, node, choice))
			set |= bit(choice);
	}
	return set;
}

/* The node's choice, made for the first time. */
static bool new_node(struct search *search, uint64_t enabled, unsigned int last)
{
	struct tree *tree = search->own;
	struct node *node = push(tree), *parent;
	uint64_t candidates;

	if (!node) {
		search->no_memory = true;
		return false;
	}
	parent = tree->nr > 1 ? node - 1 : NULL;
	*node = (struct node){.enabled = enabled, .last = (uint8_t)last};
	if (parent)
		node->preemptions =
			parent->preemptions + preempts(parent, parent->choice);
	if (parent && tree->reduce)
		node->sleep = still_asleep(parent, enabled);
	candidates = allowed(search, node, enabled & ~node->sleep);
	if (!candidates) {
		tree->nr--;
		search->redundant = true;
		return false;
	}
	node->choice = (uint8_t)search_default(candidates, last);
	node->op = model_announced(node->choice);
	node->backtrack = tree->reduce ? bit(node->choice) : candidates;
	return true;
}

static unsigned int tree_choose(
	struct search *search, uint64_t enabled, unsigned int last)
{
	struct tree *tree = search->own;
	struct node *node;

	if (search->free_run)
		return search_default(enabled, last);
	if (tree->depth == tree->nr && !new_node(search, enabled, last)) {
		search->free_run = true;
		return search_default(enabled, last);
	}
	node = &tree->at[tree->depth];
	if (node->enabled != enabled)
		model_fail("the scene is not deterministic: step %zu has other "
			   "choices than before",
			tree->depth);
	/* Addresses may differ from execution to execution. */
	node->op = model_announced(node->choice);
	tree->depth++;
	return node->choice;
}

static void add_backtrack(void *arg, size_t at, uint64_t initials)
{
	struct tree *tree = arg;
	struct node *node = &tree->at[at];

	if (at >= tree->nr || initials & node->backtrack)
		return;
	initials &= node->enabled;
	/* None could have gone there: the order can not be reversed. */
	if (initials)
		node->backtrack |= initials & -initials;
}

static bool tree_next(struct search *search)
{
	struct tree *tree = search->own;

	/* What came behind the last node was run by default. */
	search->trail.nr = tree->depth;
	if (tree->reduce &&
		!races_find(&search->trail, tree->fresh, add_backtrack, tree)) {
		search->no_memory = true;
		return false;
	}
	tree->depth = 0;
	while (tree->nr) {
		struct node *node = &tree->at[tree->nr - 1];
		uint64_t left;

		node->done |= bit(node->choice);
		left = allowed(search, node,
			node->backtrack & ~node->done & ~node->sleep);
		if (left) {
			node->choice = (uint8_t)lowest_bit(left);
			tree->fresh = tree->nr - 1;
			return true;
		}
		tree->nr--;
	}
	search->exhausted = true;
	return false;
}

static void tree_fini(struct search *search)
{
	struct tree *tree = search->own;

	races_fini();
	free(tree->at);
	free(tree);
}

static const struct search_ops tree_ops = {tree_choose, tree_next, tree_fini};

int search_tree(struct search *search, bool reduce)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return -ENOMEM;
	tree->reduce = reduce;
	search->own = tree;
	search->ops = &tree_ops;
	return 0;
}
