/* SPDX-License-Identifier: MIT */
/*
 * The scan of a node's lists.
 *
 *   quota of a list = its length >> priority
 *
 * All lists are scanned in turn, 32 pages a turn, until the quotas are used up
 * or the target is reached. Inactive lists give pages; an active list refills
 * its inactive one as long as that is the shorter. Stand-in for
 * shrink_lruvec(): anon and file are balanced by their lengths, and no page is
 * written out.
 */
#include "reclaim/lru_batch.h"
#include "cpu/entry.h"

#define TURN PCPMM_RECLAIM_TARGET

struct quotas {
	uint64_t of[NODE_INSTANCES_MAX][NR_LRUS]; /* by place in the node */
};

static bool is_scanned(const struct reclaim *reclaim, enum pcpmm_lru which)
{
	return lru_is_file(which) || reclaim->swap;
}

static bool is_eligible(const struct reclaim_node *node, unsigned int i,
	const struct scan_control *sc)
{
	return node->zones[i]->type <= sc->highest_zoneidx;
}

static struct lru *lru_of(const struct reclaim *reclaim,
	const struct reclaim_node *node, unsigned int i)
{
	return &reclaim->lrus[node->zones[i]->id];
}

/* --- one turn of one list ----------------------------------------------- */

static void count_scan(struct reclaim *reclaim, const struct scan_control *sc,
	const struct lru *lru, enum pcpmm_lru which, uint64_t scanned,
	uint64_t stolen)
{
	bool file = lru_is_file(which);
	unsigned int nid = lru->zone->nid;

	reclaim->count_of_node(sc->cpu, nid,
		sc->kswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, scanned);
	reclaim->count_of_node(
		sc->cpu, nid, file ? PGSCAN_FILE : PGSCAN_ANON, scanned);
	reclaim->count_of_node(sc->cpu, nid,
		sc->kswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, stolen);
	reclaim->count_of_node(
		sc->cpu, nid, file ? PGSTEAL_FILE : PGSTEAL_ANON, stolen);
}

/*
 * kswapd uses pcp lists, and calls the program, which may use them, with
 * preemption off: a FIFO task that preempted it inside a list's section would
 * keep every drainer of that list waiting, for any time. Only tasks of the
 * machine preempt a task in direct reclaim, and these soon finish.
 */
static void hold_cpu(const struct scan_control *sc)
{
	if (sc->kswapd)
		preempt_disable(sc->cpu);
}

static void let_cpu_go(const struct scan_control *sc)
{
	if (sc->kswapd)
		preempt_enable(sc->cpu);
}

static enum pcpmm_verdict verdict(struct reclaim *reclaim,
	const struct scan_control *sc, struct pcpmm_page *page,
	enum pcpmm_lru which)
{
	enum pcpmm_verdict word;

	if (!reclaim->page_fn)
		return PCPMM_PAGE_RECLAIM;
	hold_cpu(sc);
	word = reclaim->page_fn(
		cpu_public(sc->cpu), page, which, reclaim->page_arg);
	let_cpu_go(sc);
	return word;
}

/* shrink_inactive_list */
static unsigned int shrink_inactive(struct reclaim *reclaim, struct lru *lru,
	enum pcpmm_lru which, unsigned int nr, struct scan_control *sc)
{
	struct pcpmm_page *memmap = lru->zone->memmap, *free[TURN];
	unsigned int got, nr_free = 0;
	uint32_t pfns[TURN];

	got = lru_isolate(sc->cpu, lru, which, nr, pfns);
	for (unsigned int i = 0; i < got; i++) {
		enum pcpmm_verdict word =
			verdict(reclaim, sc, &memmap[pfns[i]], which);

		if (word == PCPMM_PAGE_RECLAIM) {
			lru_release(sc->cpu, lru, pfns[i], which);
			free[nr_free++] = &memmap[pfns[i]];
			continue;
		}
		if (word == PCPMM_PAGE_ACTIVATE)
			reclaim->count(sc->cpu, PGACTIVATE, 1);
		lru_putback(sc->cpu, lru, pfns[i], which,
			which + (word == PCPMM_PAGE_ACTIVATE));
	}
	hold_cpu(sc);
	reclaim->free_pages(sc->cpu, free, nr_free);
	let_cpu_go(sc);
	count_scan(reclaim, sc, lru, which, got, nr_free);
	sc->scanned += got;
	sc->reclaimed += nr_free;
	return got;
}

/* shrink_active_list, while the inactive one is low */
static unsigned int shrink_active(struct reclaim *reclaim, struct lru *lru,
	enum pcpmm_lru which, unsigned int nr, struct scan_control *sc)
{
	unsigned int moved;

	if (lru_pages(lru, which - 1) >= lru_pages(lru, which))
		return 0;
	moved = lru_deactivate(sc->cpu, lru, which, nr);
	reclaim->count_of_node(sc->cpu, lru->zone->nid, PGREFILL, moved);
	reclaim->count(sc->cpu, PGDEACTIVATE, moved);
	return moved;
}

/* --- all lists of a node ------------------------------------------------- */

static bool take_quotas(const struct reclaim *reclaim,
	const struct reclaim_node *node, const struct scan_control *sc,
	struct quotas *quotas)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < node->nr_zones; i++)
		for (unsigned int which = 0; which < NR_LRUS; which++) {
			uint64_t quota = 0;

			if (is_eligible(node, i, sc) &&
				is_scanned(reclaim, which))
				quota = lru_pages(lru_of(reclaim, node, i),
						which) >>
					sc->priority;
			quotas->of[i][which] = quota;
			sum += quota;
		}
	return sum != 0;
}

/* Scan up to 32 pages of each list with quota left. true: some were scanned. */
static bool one_turn(struct reclaim *reclaim, struct reclaim_node *node,
	struct scan_control *sc, struct quotas *quotas)
{
	bool any = false;

	for (unsigned int i = 0; i < node->nr_zones; i++)
		for (unsigned int which = 0; which < NR_LRUS; which++) {
			uint64_t *quota = &quotas->of[i][which];
			unsigned int nr = (unsigned int)MIN(*quota, TURN);
			unsigned int done;

			if (!nr)
				continue;
			done = (lru_is_active(which) ? shrink_active
						     : shrink_inactive)(reclaim,
				lru_of(reclaim, node, i), which, nr, sc);
			*quota = done ? *quota - done : 0;
			any |= done != 0;
		}
	return any;
}

void reclaim_shrink_node(struct reclaim *reclaim, struct reclaim_node *node,
	struct scan_control *sc)
{
	uint64_t before = sc->reclaimed;
	struct quotas quotas;

	lru_batch_drain(reclaim, sc->cpu, sc->cpu->id); /* lru_add_drain() */
	if (!take_quotas(reclaim, node, sc, &quotas))
		return;
	while (sc->reclaimed - before < sc->target &&
		one_turn(reclaim, node, sc, &quotas))
		;
	sc->from_lists += sc->reclaimed - before;
	if (sc->reclaimed > before)
		atomic_store_relaxed_u32(&node->failures, 0);
}

void reclaim_shrink_cache(
	struct reclaim *reclaim, struct scan_control *sc, uint64_t before)
{
	uint64_t done = sc->reclaimed - before;

	if (!reclaim->shrink_fn || done >= sc->target)
		return;
	hold_cpu(sc);
	sc->reclaimed += reclaim->shrink_fn(cpu_public(sc->cpu), sc->order,
		sc->target - done, reclaim->shrink_arg);
	let_cpu_go(sc);
}
