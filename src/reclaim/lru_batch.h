/* SPDX-License-Identifier: MIT */
/*
 * Batches of pages on their way to LRU lists (struct pagevec, lru_add_drain()): a
 * CPU gathers pages that were added and takes the lists' locks once for all.
 *
 *   0 <= nr <= size; a page in a batch has state BATCHED
 *
 * Batch k is changed with its pwlock (cpu/pwlock.h): by CPU k, with interrupts off;
 * with the key on by any CPU, with interrupts off and the lock of batch k. nr is
 * read racily by drainers of all CPUs: a page that is added after the look waits for
 * the next drain.
 */
#ifndef RECLAIM_LRU_BATCH_H
#define RECLAIM_LRU_BATCH_H

#include "reclaim/reclaim.h"

#define LRU_BATCH_MAX 31 /* PAGEVEC_SIZE of the largest era */

struct lru_batch {
	struct spinlock lock; /* with the key on */
	uint32_t nr;
	struct lru_batched {
		struct lru *lru;
		uint32_t pfn;
		uint8_t which; /* enum pcpmm_lru */
	} page[LRU_BATCH_MAX];
};

/* @size pages a CPU, 0: no batches. @key: of the pwlock. 0 or -ENOMEM. */
int lru_batches_init(struct reclaim *reclaim, unsigned int size, bool key);
void lru_batches_fini(struct reclaim *reclaim);

/* Add a held single page to the CPU's batch, which is drained if full. -EINVAL. */
int lru_batch_add(struct reclaim *reclaim, struct cpu *cpu, struct lru *lru,
	uint32_t pfn, enum pcpmm_lru which);

/*
 * lru_add_drain_cpu(): put the pages of CPU @id's batch on their lists. @by is that
 * CPU, or has taken it down, or with the key on any other. Number of pages.
 */
unsigned int lru_batch_drain(
	struct reclaim *reclaim, struct cpu *by, unsigned int id);

/* Pages in the batch of CPU @id. Racy. */
unsigned int lru_batch_pages(const struct reclaim *reclaim, unsigned int id);

/* Pages of @zone in all batches. At rest. */
uint64_t lru_batches_of(const struct reclaim *reclaim, const struct zone *zone);

#endif
