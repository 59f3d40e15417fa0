/* SPDX-License-Identifier: MIT */
/* Allocate a block and free it at once: the list's head stays in the cache. */
#include "bench.h"
#include "clock.h"

#define PAIRS 2048 /* a chunk: longer than a clock read, shorter than a tick */

bool hot_chunk(struct lane *lane, struct sample *sample)
{
	const struct contestant *who = lane->who;
	unsigned int order = lane->what->order;
	struct pcpmm_cpu *cpu = lane->cpu;
	uint64_t start = time_ns();

	for (unsigned int i = 0; i < PAIRS; i++) {
		struct pcpmm_page *page =
			who->alloc(cpu, PCPMM_GFP_KERNEL, order);

		if (!page || who->free(cpu, page, order))
			return false;
	}
	*sample =
		(struct sample){.alloc_ns = time_ns() - start, .pairs = PAIRS};
	return true;
}
