/* SPDX-License-Identifier: MIT */
/* Sums of a run over all victims and causes. */
#include "arena.h"

double arena_rounds(const struct arena *arena)
{
	return (double)(arena->acts + (arena->starved ? 1 : 0));
}

uint64_t arena_interruptions(const struct pcpmm_noise *noise)
{
	return noise->count[PCPMM_NOISE_IPI] +
	       noise->count[PCPMM_NOISE_KWORKER] +
	       noise->count[PCPMM_NOISE_KTHREAD] +
	       noise->count[PCPMM_NOISE_GRACE_PERIOD];
}

uint64_t arena_stolen_ns(const struct pcpmm_noise *noise)
{
	return noise->time_ns[PCPMM_NOISE_IPI] +
	       noise->time_ns[PCPMM_NOISE_KWORKER] +
	       noise->time_ns[PCPMM_NOISE_KTHREAD] +
	       noise->time_ns[PCPMM_NOISE_GRACE_PERIOD];
}

struct pcpmm_noise arena_noise(const struct arena *arena)
{
	struct pcpmm_noise sum = {{0}, {0}, {0}, 0, 0};

	for (unsigned int i = 0; i < arena->nr_victims; i++) {
		const struct pcpmm_noise *noise = &arena->victims[i].noise;

		for (unsigned int cause = 0; cause < PCPMM_NR_NOISE_CAUSES;
			cause++) {
			sum.count[cause] += noise->count[cause];
			sum.time_ns[cause] += noise->time_ns[cause];
			if (noise->max_ns[cause] > sum.max_ns[cause])
				sum.max_ns[cause] = noise->max_ns[cause];
		}
		sum.idle_count += noise->idle_count;
		sum.idle_ns += noise->idle_ns;
	}
	return sum;
}
