/* SPDX-License-Identifier: MIT */
/*
 * One CPU allocates, the other frees; a ring of pointers connects them. The
 * producer's list runs empty and the consumer's spills all the time, so every
 * page goes through the buddy. The producer's time counts; it waits while the
 * ring is full, so the slower side sets the pace.
 */
#include <ck_pr.h>
#include <sched.h>

#include "bench.h"
#include "clock.h"

#define PAGES 4096 /* a chunk */
#define SPIN_YIELD 4096 /* polls before the CPU is yielded to the other side */

static void pause_a_little(unsigned int *looks)
{
	ck_pr_stall();
	if (++*looks % SPIN_YIELD == 0)
		sched_yield();
}

void cross_prepare(struct lane *lane, struct rng *rng)
{
	(void)rng;
	if (!lane->index)
		ck_ring_init(&lane->team->ring, RING_ENTRIES);
}

static bool hand_over(struct team *team, struct pcpmm_page *page)
{
	unsigned int looks = 0;

	while (!ck_ring_enqueue_spsc(&team->ring, team->ring_buffer, page)) {
		if (ck_pr_load_uint(&team->stop))
			return false;
		pause_a_little(&looks);
	}
	return true;
}

bool cross_chunk(struct lane *lane, struct sample *sample)
{
	const struct contestant *who = lane->who;
	unsigned int order = lane->what->order;
	uint64_t start = time_ns();

	for (unsigned int i = 0; i < PAGES; i++) {
		struct pcpmm_page *page =
			who->alloc(lane->cpu, PCPMM_GFP_KERNEL, order);

		if (!page)
			return false;
		if (!hand_over(lane->team, page)) {
			who->free(lane->cpu, page, order);
			return false;
		}
	}
	*sample =
		(struct sample){.alloc_ns = time_ns() - start, .pairs = PAGES};
	return true;
}

/* Release: a consumer that sees the stop sees every page in the ring. */
void cross_finish(struct lane *lane)
{
	ck_pr_fence_release();
	ck_pr_store_uint(&lane->team->stop, 1);
}

void cross_assist(struct lane *lane)
{
	struct team *team = lane->team;
	unsigned int looks = 0;
	bool stop = false;
	void *page;

	for (;;) {
		if (ck_ring_dequeue_spsc(
			    &team->ring, team->ring_buffer, &page)) {
			if (lane->who->free(lane->cpu, page, lane->what->order))
				lane->failed = true;
			continue;
		}
		/* Empty after the stop was seen: no more pages will come. */
		if (stop)
			return;
		stop = ck_pr_load_uint(&team->stop);
		ck_pr_fence_acquire();
		pause_a_little(&looks);
	}
}
