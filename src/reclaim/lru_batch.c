/* SPDX-License-Identifier: MIT */
/* Per-CPU batches before the LRU lists; see lru_batch.h. */
#include "reclaim/lru_batch.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/entry.h"

int lru_batches_init(struct reclaim *reclaim, unsigned int size)
{
	reclaim->batch_size = size;
	if (!size)
		return 0;
	reclaim->batches =
		calloc(reclaim->smp->nr, sizeof(reclaim->batches[0]));
	return reclaim->batches ? 0 : -ENOMEM;
}

void lru_batches_fini(struct reclaim *reclaim)
{
	free(reclaim->batches);
}

int lru_batch_add(struct reclaim *reclaim, struct cpu *cpu, struct lru *lru,
	uint32_t pfn, enum pcpmm_lru which)
{
	struct pcpmm_page *page = &lru->zone->memmap[pfn];
	struct lru_batch *batch = &reclaim->batches[cpu->id];
	int ret = -EINVAL;

	irq_save(cpu);
	if (frame_heads(page, FRAME_HELD, 0)) {
		frame_set_state(page, FRAME_BATCHED);
		batch->page[batch->nr] =
			(struct lru_batched){lru, pfn, (uint8_t)which};
		atomic_store_relaxed_u32(&batch->nr, batch->nr + 1);
		if (batch->nr == reclaim->batch_size)
			lru_batch_drain(reclaim, cpu, cpu->id);
		ret = 0;
	}
	irq_restore(cpu);
	return ret;
}

unsigned int lru_batch_drain(
	struct reclaim *reclaim, struct cpu *by, unsigned int id)
{
	struct lru_batch *batch;
	unsigned int nr;

	if (!reclaim->batch_size)
		return 0;
	irq_save(by);
	batch = &reclaim->batches[id];
	nr = batch->nr;
	for (unsigned int i = 0; i < nr; i++) {
		const struct lru_batched *page = &batch->page[i];

		lru_add_batched(by, page->lru, page->pfn, page->which);
	}
	atomic_store_relaxed_u32(&batch->nr, 0);
	irq_restore(by);
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
