/* SPDX-License-Identifier: MIT */
/* LRU lists and their counters; see lru.h. */
#include "reclaim/lru.h"

#include <errno.h>

#include "arch/mutant.h"
#include "cpu/irq_lock.h"

static void lru_lock(struct cpu *cpu, struct lru *lru)
{
	lock_irqsave(cpu, &lru->lock, LOCK_RANK_LRU);
}

static void lru_unlock(struct cpu *cpu, struct lru *lru)
{
	lock_irqrestore(cpu, &lru->lock, LOCK_RANK_LRU);
}

/* --- under the lock ---------------------------------------------------- */

static void count(
	struct cpu *cpu, struct lru *lru, enum pcpmm_lru which, long delta)
{
	atomic_store_relaxed_u64(
		&lru->nr[which], lru->nr[which] + (uint64_t)delta);
	vmstat_mod(cpu, &lru->zone->stat, NR_ZONE_INACTIVE_ANON + (int)which,
		delta);
	vmstat_mod(cpu, lru->node_stat, NR_INACTIVE_ANON + (int)which, delta);
}

static void __lru_push(struct lru *lru, uint32_t pfn, enum pcpmm_lru which)
{
	struct pcpmm_page *page = &lru->zone->memmap[pfn];

	frame_set_state(page, FRAME_LRU);
	page->lru = (uint8_t)which;
	frame_list_add_head(lru->zone->memmap, &lru->list[which], pfn);
}

static void __lru_take(struct lru *lru, uint32_t pfn)
{
	struct pcpmm_page *page = &lru->zone->memmap[pfn];

	frame_list_del(lru->zone->memmap, &lru->list[page->lru], pfn);
}

/* The kernel counts isolated pages as anon or file only. */
static int isolated_item(enum pcpmm_lru which)
{
	return lru_is_file(which) ? NR_ISOLATED_FILE : NR_ISOLATED_ANON;
}

/*
 * 0, or the reason why the page is on no list. The page may have been reclaimed
 * and have another holder; but no page gets on or off a list without this lock.
 */
static racy_reader int __why_not(const struct lru *lru, uint32_t pfn)
{
	switch (frame_state(&lru->zone->memmap[pfn])) {
	case FRAME_LRU:
		return 0;
	case FRAME_ISOLATED:
	case FRAME_BATCHED:
		return -EBUSY;
	default:
		return -EINVAL;
	}
}

/* --- one page ----------------------------------------------------------- */

int lru_add(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which)
{
	bool held;

	lru_lock(cpu, lru);
	held = frame_claim(&lru->zone->memmap[pfn], 0);
	if (held) {
		__lru_push(lru, pfn, which);
		count(cpu, lru, which, 1);
	}
	lru_unlock(cpu, lru);
	return held ? 0 : -EINVAL;
}

void lru_add_batched(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which)
{
	lru_lock(cpu, lru);
	__lru_push(lru, pfn, which);
	count(cpu, lru, which, 1);
	lru_unlock(cpu, lru);
}

int lru_del(struct cpu *cpu, struct lru *lru, uint32_t pfn)
{
	struct pcpmm_page *page = &lru->zone->memmap[pfn];
	int ret;

	lru_lock(cpu, lru);
	ret = __why_not(lru, pfn);
	if (!ret) {
		__lru_take(lru, pfn);
		count(cpu, lru, page->lru, -1);
		frame_set_state(page, FRAME_HELD);
	}
	lru_unlock(cpu, lru);
	return ret;
}

int lru_move(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which)
{
	enum pcpmm_lru from;
	int ret;

	lru_lock(cpu, lru);
	ret = __why_not(lru, pfn);
	if (!ret) {
		from = lru->zone->memmap[pfn].lru;
		__lru_take(lru, pfn);
		__lru_push(lru, pfn, which);
		if (from != which) {
			count(cpu, lru, from, -1);
			count(cpu, lru, which, 1);
		}
	}
	lru_unlock(cpu, lru);
	return ret;
}

/* --- reclaim ------------------------------------------------------------ */

unsigned int lru_isolate(struct cpu *cpu, struct lru *lru, enum pcpmm_lru which,
	unsigned int nr, uint32_t *pfns)
{
	struct frame_list *list = &lru->list[which];
	unsigned int got = 0;

	lru_lock(cpu, lru);
	while (got < nr && list->first) {
		pfns[got] = list->last;
		__lru_take(lru, pfns[got]);
		if (!MUTANT(LRU_NOT_ISOLATED))
			frame_set_state(
				&lru->zone->memmap[pfns[got]], FRAME_ISOLATED);
		got++;
	}
	count(cpu, lru, which, -(long)got);
	lru_unlock(cpu, lru);
	vmstat_mod(cpu, lru->node_stat, isolated_item(which), (long)got);
	return got;
}

void lru_putback(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru from, enum pcpmm_lru which)
{
	lru_lock(cpu, lru);
	__lru_push(lru, pfn, which);
	count(cpu, lru, which, 1);
	lru_unlock(cpu, lru);
	vmstat_mod(cpu, lru->node_stat, isolated_item(from), -1);
}

void lru_release(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru from)
{
	frame_set_state(&lru->zone->memmap[pfn], FRAME_HELD);
	vmstat_mod(cpu, lru->node_stat, isolated_item(from), -1);
}

unsigned int lru_deactivate(struct cpu *cpu, struct lru *lru,
	enum pcpmm_lru active, unsigned int nr)
{
	enum pcpmm_lru inactive = active - 1;
	struct frame_list *list = &lru->list[active];
	unsigned int moved = 0;

	lru_lock(cpu, lru);
	for (; moved < nr && list->first; moved++) {
		uint32_t pfn = list->last;

		__lru_take(lru, pfn);
		__lru_push(lru, pfn, inactive);
	}
	count(cpu, lru, active, -(long)moved);
	count(cpu, lru, inactive, (long)moved);
	lru_unlock(cpu, lru);
	return moved;
}
