/* SPDX-License-Identifier: MIT */
/*
 * Hot pairs on CPU 0, the machine otherwise at rest.
 *
 * Strategies take turns, so that a slow phase of the host affects all of them;
 * the ratio is computed inside each repetition for the same reason. A
 * repetition's figure is the median of its chunks, so that a chunk which the
 * host interrupted does not change it.
 */
#include "owner.h"

#include <pcpmm/alloc.h>
#include <pcpmm/cpu.h>

#include <errno.h>
#include <stdlib.h>

#include "../clock.h"
#include "median.h"

#define REPETITIONS 11
#define CHUNK_PAIRS 512
#define CHUNKS_MAX 4096

static int run_chunk(struct pcpmm_cpu *cpu, unsigned int order)
{
	for (unsigned int i = 0; i < CHUNK_PAIRS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

		if (!page || pcpmm_free_pages(cpu, page, order))
			return -ENOMEM;
	}
	return 0;
}

/* One repetition of one strategy. */
static int run_chunks(struct pcpmm_cpu *cpu, unsigned int order,
	uint64_t time_ns, double *chunks, double *pair)
{
	uint64_t start, now, end;
	unsigned int nr = 0;
	int ret = run_chunk(cpu, order); /* fills the list and the caches */

	now = clock_ns();
	end = now + time_ns;
	while (!ret && (!nr || now < end)) {
		start = clock_ns();
		ret = run_chunk(cpu, order);
		now = clock_ns();
		chunks[nr++ % CHUNKS_MAX] = (double)(now - start) / CHUNK_PAIRS;
	}
	if (!ret)
		*pair = median(chunks, nr < CHUNKS_MAX ? nr : CHUNKS_MAX);
	return ret;
}

static int repeat(
	struct arena *arena, unsigned int order, uint64_t time_ns, double *pair)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(arena->machine, 0);
	double *chunks;
	int ret, left;

	if (!cpu)
		return -errno;
	chunks = calloc(CHUNKS_MAX, sizeof(*chunks));
	ret = chunks ? run_chunks(cpu, order, time_ns, chunks, pair) : -ENOMEM;
	free(chunks);
	left = pcpmm_cpu_leave(cpu);
	return ret ? ret : left;
}

int owner_measure(struct arena *const *arenas, unsigned int nr,
	unsigned int base, unsigned int order, double seconds,
	struct owner_cost *costs)
{
	double pairs[OWNER_ARENAS_MAX][REPETITIONS] = {{0}};
	uint64_t time_ns = (uint64_t)(seconds * (double)NS_PER_S / REPETITIONS);

	for (unsigned int r = 0; r < REPETITIONS; r++) {
		/* Each strategy is first in turn. */
		for (unsigned int i = 0; i < nr; i++) {
			unsigned int who = (i + r) % nr;
			int ret = repeat(
				arenas[who], order, time_ns, &pairs[who][r]);

			if (ret)
				return ret;
		}
	}
	for (unsigned int who = 0; who < nr; who++) {
		double ratios[REPETITIONS];

		for (unsigned int r = 0; r < REPETITIONS; r++)
			ratios[r] = pairs[who][r] / pairs[base][r];
		costs[who].ratio = median(ratios, REPETITIONS);
	}
	/* After the ratios: median() sorts. */
	for (unsigned int who = 0; who < nr; who++)
		costs[who].pair_ns = median(pairs[who], REPETITIONS);
	return 0;
}
