/* SPDX-License-Identifier: MIT */
/* Per-CPU batches before the LRU lists; see lru_batch.h. */
#include "reclaim/lru_batch.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/mutant.h"

int lru_batches_init(struct reclaim *reclaim, unsigned int size, bool key)
{
	reclaim->batch_size = size;
	if (!size)
		return 0;
	reclaim->batches =
		calloc(reclaim->smp->nr, sizeof(reclaim->batches[0]));
	if (!reclaim->batches)
		return -ENOMEM;
	reclaim->batch_lock = (struct pwlock){
		.locks = (char *)&reclaim->batches[0].lock,
		.stride = sizeof(reclaim->batches[0]),
		.rank = LOCK_RANK_LRU_BATCH,
		.key = key,
	};
	return 0;
}

void lru_batches_fini(struct reclaim *reclaim)
{
	free(reclaim->batches);
}

/* --- the section ----------------------------------------------------------- */

/* @by changes the batch of CPU @id. */
static struct lru_batch *begin(
	struct reclaim *reclaim, struct cpu *by, unsigned int id)
{
	pw_lock(&reclaim->batch_lock, by, id);
	return &reclaim->batches[id];
}

static void end(struct reclaim *reclaim, struct cpu *by, unsigned int id)
{
	pw_unlock(&reclaim->batch_lock, by, id);
}

/* --- in the section ---------------------------------------------------------- */

static unsigned int __drain(struct lru_batch *batch, struct cpu *by)
{
	unsigned int nr = batch->nr;

	for (unsigned int i = 0; i < nr; i++) {
		const struct lru_batched *page = &batch->page[i];

		lru_add_batched(by, page->lru, page->pfn, page->which);
	}
	MUTANT_WINDOW(PWLOCKS_LOCKS_OWN);
	MUTANT_WINDOW(PWLOCKS_OWNER_LOCAL);
	atomic_store_relaxed_u32(&batch->nr, 0);
	return nr;
}

/* --- one batch ---------------------------------------------------------------- */

int lru_batch_add(struct reclaim *reclaim, struct cpu *cpu, struct lru *lru,
	uint32_t pfn, enum pcpmm_lru which)
{
	struct pcpmm_page *page = &lru->zone->memmap[pfn];
	struct lru_batch *batch = begin(reclaim, cpu, cpu->id);
	int ret = -EINVAL;

	if (frame_heads(page, FRAME_HELD, 0)) {
		frame_set_state(page, FRAME_BATCHED);
		batch->page[batch->nr] =
			(struct lru_batched){lru, pfn, (uint8_t)which};
		atomic_store_relaxed_u32(&batch->nr, batch->nr + 1);
		if (batch->nr == reclaim->batch_size)
			__drain(batch, cpu);
		ret = 0;
	}
	end(reclaim, cpu, cpu->id);
	return ret;
}

unsigned int lru_batch_drain(
	struct reclaim *reclaim, struct cpu *by, unsigned int id)
{
	unsigned int nr;

	if (!reclaim->batch_size)
		return 0;
	nr = __drain(begin(reclaim, by, id), by);
	end(reclaim, by, id);
	return nr;
}

unsigned int lru_batch_pages(const struct reclaim *reclaim, unsigned int id)
{
	return reclaim->batch_size
		       ? atomic_load_relaxed_u32(&reclaim->batches[id].nr)
		       : 0;
}

uint64_t lru_batches_of(const struct reclaim *reclaim, const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int id = 0; reclaim->batch_size && id < reclaim->smp->nr;
		id++)
		for (unsigned int i = 0; i < reclaim->batches[id].nr; i++)
			pages += reclaim->batches[id].page[i].lru->zone == zone;
	return pages;
}
