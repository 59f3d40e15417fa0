/* SPDX-License-Identifier: MIT */
/*
 * Log-linear histogram of times: exact below 32 ns, then 32 buckets for each
 * power of two, so that a value is known to about 3 %.
 */
#ifndef PCPMM_HISTOGRAM_H
#define PCPMM_HISTOGRAM_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

#define PCPMM_HISTOGRAM_BITS 5 /* log2 of the buckets of a power of two */
#define PCPMM_HISTOGRAM_MAX_BITS 40 /* values from 2^40 ns on share the last */
#define PCPMM_HISTOGRAM_BUCKETS                                                \
	((PCPMM_HISTOGRAM_MAX_BITS - PCPMM_HISTOGRAM_BITS + 1)                 \
		<< PCPMM_HISTOGRAM_BITS)

/* All zero: an empty histogram. Unit: ns. */
struct pcpmm_histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t min; /* meaningless while count is 0 */
	uint64_t max;
	uint32_t bucket[PCPMM_HISTOGRAM_BUCKETS];
};

/* Smallest value of bucket @i; PCPMM_HISTOGRAM_BUCKETS: end of the last. */
PCPMM_API uint64_t pcpmm_histogram_floor(unsigned int i);

/* Add one value. One thread at a time. */
PCPMM_API void pcpmm_histogram_add(
	struct pcpmm_histogram *histogram, uint64_t ns);

/*
 * The value that a fraction @q (0..1) of all values does not exceed, to the
 * precision above; @q 0: the smallest value, 1: the largest. An empty histogram
 * gives 0.
 */
PCPMM_API uint64_t pcpmm_histogram_quantile(
	const struct pcpmm_histogram *histogram, double q);

PCPMM_END_DECLS

#endif
