/* SPDX-License-Identifier: MIT */
/* Locks in virtual time; see lock_queue.h. */
#include "lock_queue.h"

#include <stdlib.h>

#define LOCKS 2
#define BEHIND 128 /* holds that a lock remembers: more than CPUs can queue */

/* --- the script ------------------------------------------------------------ */

bool lock_script_begin(struct lock_script *script, unsigned int nr_cpus)
{
	*script = (struct lock_script){.nr = 1, .nr_cpus = nr_cpus};
	script->first = calloc(2 * nr_cpus, sizeof(script->first[0]));
	script->last = calloc(2 * nr_cpus, sizeof(script->last[0]));
	return script->first && script->last;
}

static bool make_room(struct lock_script *script)
{
	uint32_t room = script->room ? 2 * script->room : 4096;
	void *holds;

	if (script->nr < script->room)
		return true;
	holds = realloc(script->holds, room * sizeof(script->holds[0]));
	if (!holds)
		return false;
	script->holds = holds;
	script->room = room;
	return true;
}

bool lock_script_add(struct lock_script *script, const struct lock_hold *hold)
{
	bool kworker = hold->use == LOCK_FOLD;
	unsigned int thread = hold->cpu + (kworker ? 0 : script->nr_cpus);
	uint32_t *last = &script->last[thread];

	if (!make_room(script))
		return false;
	script->holds[script->nr] = *hold;
	script->holds[script->nr].next = 0;
	if (*last)
		script->holds[*last].next = script->nr;
	else
		script->first[thread] = script->nr;
	*last = script->nr++;
	return true;
}

void lock_script_end(struct lock_script *script)
{
	free(script->holds);
	free(script->first);
	free(script->last);
	*script = (struct lock_script){0};
}

/* --- the queues ------------------------------------------------------------ */

struct past {
	double end_ns;
	const struct lock_hold *hold;
};

struct queue {
	double free_ns; /* when the last one in the queue is done */
	struct past past[BEHIND];
	unsigned int nr; /* holds so far; past[nr % BEHIND] is the oldest */
};

/* A thread on its way to the lock of its next hold. */
struct walker {
	uint32_t hold; /* 0: its script has ended */
	double comes_ns;
};

static void walk(const struct lock_script *script, struct walker *walker,
	uint32_t hold, double from_ns)
{
	const struct lock_hold *next;

	walker->hold = hold;
	if (!hold)
		return;
	next = &script->holds[hold];
	walker->comes_ns = from_ns + next->think_ns;
	if (walker->comes_ns < (double)next->start_ns)
		walker->comes_ns = (double)next->start_ns;
}

/* The other thread of its CPU is at a lock until @ends_ns. */
static void hold_off(struct walker *walker, double ends_ns)
{
	if (walker->comes_ns < ends_ns)
		walker->comes_ns = ends_ns;
}

/* The one that comes first; NULL: none. */
static struct walker *first_of(struct walker *walkers, unsigned int nr)
{
	struct walker *first = NULL;

	for (unsigned int i = 0; i < nr; i++)
		if (walkers[i].hold &&
			(!first || walkers[i].comes_ns < first->comes_ns))
			first = &walkers[i];
	return first;
}

static void note_longest(
	struct lock_waits *waits, const struct queue *queue, double comes_ns)
{
	for (unsigned int use = 0; use < NR_LOCK_USES; use++)
		waits->ahead[use] = 0;
	waits->ahead_pages = 0;
	for (unsigned int i = 0; i < BEHIND && i < queue->nr; i++) {
		const struct past *past = &queue->past[i];

		if (past->end_ns <= comes_ns)
			continue;
		waits->ahead[past->hold->use]++;
		if (past->hold->pages > waits->ahead_pages)
			waits->ahead_pages = past->hold->pages;
	}
}

static void count_wait(struct lock_waits *waits, const struct queue *queue,
	double comes_ns, double wait_ns)
{
	waits->holds++;
	if (wait_ns <= 0)
		return;
	waits->contended++;
	waits->total_ns += (uint64_t)wait_ns;
	if ((uint64_t)wait_ns <= waits->max_ns)
		return;
	waits->max_ns = (uint64_t)wait_ns;
	note_longest(waits, queue, comes_ns);
}

/* It comes, waits and holds. When it is done. */
static double take(struct queue *queue, const struct lock_costs *costs,
	struct lock_waits *waits, const struct lock_hold *hold, double comes_ns)
{
	double begins = queue->free_ns > comes_ns ? queue->free_ns : comes_ns;
	double ends = begins + costs->hold_ns + hold->pages * costs->page_ns;

	count_wait(&waits[hold->use], queue, comes_ns, begins - comes_ns);
	queue->past[queue->nr++ % BEHIND] = (struct past){ends, hold};
	queue->free_ns = ends;
	return ends;
}

static void play(const struct lock_script *script,
	const struct lock_costs *costs, struct lock_waits *waits,
	struct walker *walkers, struct queue *queues)
{
	unsigned int nr = 2 * script->nr_cpus;
	struct walker *walker;

	for (unsigned int i = 0; i < nr; i++)
		walk(script, &walkers[i], script->first[i], 0);
	while ((walker = first_of(walkers, nr))) {
		const struct lock_hold *hold = &script->holds[walker->hold];
		unsigned int thread = (unsigned int)(walker - walkers);
		double ends = take(&queues[hold->lock], costs, waits, hold,
			walker->comes_ns);

		walk(script, walker, hold->next, ends);
		hold_off(&walkers[(thread + script->nr_cpus) % nr], ends);
	}
}

bool lock_script_play(const struct lock_script *script,
	const struct lock_costs *costs, struct lock_waits *waits)
{
	struct walker *walkers =
		calloc(2 * script->nr_cpus, sizeof(walkers[0]));
	struct queue *queues = calloc(LOCKS, sizeof(queues[0]));
	bool room = walkers && queues;

	for (unsigned int use = 0; use < NR_LOCK_USES; use++)
		waits[use] = (struct lock_waits){0};
	if (room)
		play(script, costs, waits, walkers, queues);
	free(queues);
	free(walkers);
	return room;
}
