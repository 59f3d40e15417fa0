/* SPDX-License-Identifier: MIT */
/* The log-linear histogram. Stores are atomic, for racy readers. */
#include <pcpmm/histogram.h>

#include "arch/atomic.h"
#include "arch/bits.h"

#define BITS PCPMM_HISTOGRAM_BITS
#define PER_OCTAVE (1u << BITS)

/*
 * A value whose highest bit is h >= BITS lies in octave h - BITS + 1; the BITS
 * bits below the highest say in which bucket of it.
 */
static unsigned int bucket_of(uint64_t ns)
{
	unsigned int high;

	if (ns < PER_OCTAVE)
		return (unsigned int)ns;
	if (ns >> PCPMM_HISTOGRAM_MAX_BITS)
		return PCPMM_HISTOGRAM_BUCKETS - 1;
	high = highest_bit(ns);
	return ((high - BITS + 1) << BITS) +
	       (unsigned int)(ns >> (high - BITS)) % PER_OCTAVE;
}

uint64_t pcpmm_histogram_floor(unsigned int i)
{
	unsigned int octave = i >> BITS;

	if (!octave)
		return i;
	if (octave > PCPMM_HISTOGRAM_MAX_BITS - BITS + 1)
		octave = PCPMM_HISTOGRAM_MAX_BITS - BITS + 1;
	return (uint64_t)(PER_OCTAVE + i % PER_OCTAVE) << (octave - 1);
}

void pcpmm_histogram_add(struct pcpmm_histogram *histogram, uint64_t ns)
{
	uint32_t *bucket = &histogram->bucket[bucket_of(ns)];
	uint64_t count = histogram->count;

	if (!count || ns < histogram->min)
		atomic_store_relaxed_u64(&histogram->min, ns);
	if (!count || ns > histogram->max)
		atomic_store_relaxed_u64(&histogram->max, ns);
	atomic_store_relaxed_u32(bucket, *bucket + 1);
	atomic_store_relaxed_u64(&histogram->sum, histogram->sum + ns);
	atomic_store_relaxed_u64(&histogram->count, count + 1);
}

/* At least the share @q of all values lies at or below the result. */
uint64_t pcpmm_histogram_quantile(
	const struct pcpmm_histogram *histogram, double q)
{
	double want = q * (double)histogram->count;
	uint64_t seen = 0;

	if (!histogram->count)
		return 0;
	if (q <= 0)
		return histogram->min;
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++) {
		uint64_t last = pcpmm_histogram_floor(i + 1) - 1;

		seen += histogram->bucket[i];
		if (seen && (double)seen >= want && q < 1)
			return last < histogram->max ? last : histogram->max;
	}
	return histogram->max;
}
