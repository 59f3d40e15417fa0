/* SPDX-License-Identifier: MIT */
/*
 * LRU lists of a zone: the held pages that reclaim may take, oldest last.
 *
 *   state      on a list  belongs to                 ends with
 *   LRU        yes        the holder of the lock     lru_del, lru_isolate
 *   ISOLATED   no         the task that isolated it  lru_putback, a free
 *   BATCHED    no         the batch's CPU            lru_batch_drain
 *
 *   nr[lru] = pages on that list
 *   NR_ZONE_INACTIVE_ANON + lru, and the node's, = nr[lru] plus their drift
 *
 * A stand-in: the kernel has one set of lists a node, and skips pages of zones
 * that the request can not use; here each zone has its own lists, so there are
 * none to skip. The kernel gathers pages on each CPU before it adds them; here
 * that is a choice (lru_batch.h). The lock is taken with interrupts off; no other
 * lock is taken inside it.
 */
#ifndef RECLAIM_LRU_H
#define RECLAIM_LRU_H

#include <pcpmm/reclaim.h>

#include "zone/zone.h"

#define NR_LRUS PCPMM_NR_LRUS

struct lru {
	cacheline_aligned struct spinlock lock;
	struct frame_list list[NR_LRUS];
	uint64_t nr[NR_LRUS]; /* lock; read racily: a quota a page off */
	struct zone *zone;
	struct vmstat *node_stat;
};

static inline bool lru_is_active(enum pcpmm_lru lru)
{
	return lru & 1;
}

static inline bool lru_is_file(enum pcpmm_lru lru)
{
	return lru >= PCPMM_LRU_INACTIVE_FILE;
}

static inline uint64_t lru_pages(const struct lru *lru, enum pcpmm_lru which)
{
	return atomic_load_relaxed_u64(&lru->nr[which]);
}

/* Add a held single page of the zone as the newest. -EINVAL: it is none. */
int lru_add(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which);
/* The same for a page of a CPU's batch (lru_batch.h). */
void lru_add_batched(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which);
/* Take off, or move, a page. -EBUSY: isolated or batched; -EINVAL: on no list. */
int lru_del(struct cpu *cpu, struct lru *lru, uint32_t pfn);
int lru_move(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru which);

/* Isolate up to @nr of the oldest pages of @which. Number isolated. */
unsigned int lru_isolate(struct cpu *cpu, struct lru *lru, enum pcpmm_lru which,
	unsigned int nr, uint32_t *pfns);
/* Put an isolated page back, as the newest of @which. It came off @from. */
void lru_putback(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru from, enum pcpmm_lru which);
/* An isolated page becomes a held one, and is not counted any more. */
void lru_release(
	struct cpu *cpu, struct lru *lru, uint32_t pfn, enum pcpmm_lru from);

/* Move up to @nr of the oldest active pages to the inactive list, as newest. */
unsigned int lru_deactivate(struct cpu *cpu, struct lru *lru,
	enum pcpmm_lru active, unsigned int nr);

#endif
