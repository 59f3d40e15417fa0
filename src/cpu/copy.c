/* SPDX-License-Identifier: MIT */
/* Racy copies of statistics. */
#include "cpu/copy.h"

#include "arch/atomic.h"

void copy_words(void *to, const void *from, size_t size)
{
	const uint64_t *word = from;
	uint64_t *copy = to;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		copy[i] = atomic_load_relaxed_u64(&word[i]);
}

void copy_histogram(
	struct pcpmm_histogram *to, const struct pcpmm_histogram *from)
{
	to->count = atomic_load_relaxed_u64(&from->count);
	to->sum = atomic_load_relaxed_u64(&from->sum);
	to->min = atomic_load_relaxed_u64(&from->min);
	to->max = atomic_load_relaxed_u64(&from->max);
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++)
		to->bucket[i] = atomic_load_relaxed_u32(&from->bucket[i]);
}
