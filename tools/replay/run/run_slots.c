/* SPDX-License-Identifier: MIT */
/* Links each free to its allocation. */
#include "run_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t slots_of(const struct replay_op *op)
{
	switch (op->kind) {
	case REPLAY_ALLOC:
	case REPLAY_TAKE:
		return 1;
	case REPLAY_BULK_ALLOC:
		return op->n;
	case REPLAY_SPLIT:
		return 1u << ((unsigned int)op->order - op->n);
	default:
		return 0;
	}
}

/* The pass over the ops: which op fills a slot, and which empties it. */
struct linker {
	struct run *run;
	uint32_t *at; /* [pfn]: slot of its page at this point of the pass */
	uint64_t end;
	uint32_t next;
};

static void fill(struct linker *linker, uint32_t pfn, uint16_t cpu)
{
	uint32_t slot = linker->next++;

	linker->run->slots[slot].cpu = cpu;
	if (pfn < linker->end)
		linker->at[pfn] = slot;
}

static uint32_t take(struct linker *linker, uint32_t pfn)
{
	uint32_t slot = RUN_NO_SLOT;

	if (pfn < linker->end) {
		slot = linker->at[pfn];
		linker->at[pfn] = RUN_NO_SLOT;
	}
	return slot;
}

static void link_op(struct linker *linker, uint32_t index)
{
	const struct replay_result *result = linker->run->result;
	const struct replay_op *op = &result->ops[index];
	uint32_t nr = slots_of(op);

	linker->run->empties[index] = RUN_NO_SLOT;
	if (op->kind == REPLAY_FREE || op->kind == REPLAY_SPLIT)
		linker->run->empties[index] = take(linker, op->pfn);
	linker->run->fills[index] = linker->next;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t pfn = op->pfn;

		if (op->kind == REPLAY_BULK_ALLOC)
			pfn = result->bulk_pfns[op->first + i];
		else if (op->kind == REPLAY_SPLIT)
			pfn += i << op->n;
		fill(linker, pfn, op->cpu);
	}
}

/* Pages held before the trace, which placing has put into their frames. */
static void link_held(struct linker *linker)
{
	struct run *run = linker->run;

	for (size_t i = 0; i < run->result->nr_held; i++) {
		const struct replay_held *held = &run->result->held[i];
		struct pcpmm_page *page =
			pcpmm_pfn_to_page(run->machine, held->pfn);
		struct pcpmm_page_info info;

		if (pcpmm_page_inspect(run->machine, held->pfn, &info) ||
			info.state != PCPMM_PAGE_HELD ||
			info.order != (unsigned int)held->order)
			page = RUN_FAILED;
		atomic_store_explicit(&run->slots[linker->next].page, page,
			memory_order_relaxed);
		fill(linker, held->pfn, REPLAY_NO_CPU);
	}
}

int run_slots_create(struct run *run)
{
	const struct replay_result *result = run->result;
	struct linker linker = {.run = run, .end = replay_end_pfn(result)};

	run->nr_slots = result->nr_held;
	for (size_t i = 0; i < result->nr_ops; i++)
		run->nr_slots += slots_of(&result->ops[i]);
	run->slots = calloc(run->nr_slots + 1, sizeof(run->slots[0]));
	run->fills = calloc(result->nr_ops + 1, sizeof(run->fills[0]));
	run->empties = calloc(result->nr_ops + 1, sizeof(run->empties[0]));
	linker.at = malloc(linker.end * sizeof(linker.at[0]));
	if (!run->slots || !run->fills || !run->empties || !linker.at) {
		free(linker.at);
		return -ENOMEM;
	}
	memset(linker.at, 0xff, linker.end * sizeof(linker.at[0]));
	link_held(&linker);
	for (uint32_t i = 0; i < result->nr_ops; i++)
		link_op(&linker, i);
	free(linker.at);
	return 0;
}

void run_slots_destroy(struct run *run)
{
	free(run->slots);
	free(run->fills);
	free(run->empties);
}
