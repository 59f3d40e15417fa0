/* SPDX-License-Identifier: MIT */
/*
 * LRU lists of a zone: which held pages reclaim may have, oldest last.
 *
 *   state      on a list  whose                  leaves it by
 *   LRU        yes        reclaim's, by the lock  lru_del, lru_isolate
 *   ISOLATED   no         who isolated it         lru_putback, or freed
 *
 *   nr[lru] = pages on that list
 *   NR_ZONE_INACTIVE_ANON + lru, and the node's, = nr[lru] plus their drift
 *
 * A stand-in: the kernel has one set of lists a node, and passes pages of zones
 * by that are of no use; these are a zone's own, so there are none to pass by.
 * It also gathers pages on each CPU before it adds them; here they are added at
 * once. The lock is taken with interrupts off, and nothing else inside it.
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

/* A held single page of the zone, as the newest. 0, -EINVAL: it is none. */
int lru_add(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru which);
/* 0, -EBUSY isolated, -EINVAL on no list. */
int lru_del(struct cpu *cpu, struct lru *lru, uint32_t pfn);
int lru_move(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru which);

/* Take up to @nr of the oldest of @which off, for a verdict. Number taken. */
unsigned int lru_isolate(struct cpu *cpu, struct lru *lru,
	enum pcpmm_lru which, unsigned int nr, uint32_t *pfns);
/* Put an isolated page back, as the newest of @which. It came off @from. */
void lru_putback(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru from, enum pcpmm_lru which);
/* An isolated page is nobody's: held, and not counted any more. */
void lru_release(struct cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru from);

/* Up to @nr of the oldest of the active list become the newest of the other. */
unsigned int lru_deactivate(struct cpu *cpu, struct lru *lru,
	enum pcpmm_lru active, unsigned int nr);

#endif
