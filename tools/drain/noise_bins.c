/* SPDX-License-Identifier: MIT */
/* Converts a log-linear histogram of ns to buckets of whole us. */
#include "report.h"

void noise_bins_add(struct noise_bins *bins, const struct noise_report *report,
	const struct pcpmm_histogram *histogram)
{
	uint64_t width_ns = (uint64_t)report->bucket_us * 1000;

	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++) {
		uint64_t low = pcpmm_histogram_floor(i);
		uint64_t middle =
			low + (pcpmm_histogram_floor(i + 1) - low) / 2;

		/* Minimum and maximum are known exactly. */
		if (middle > histogram->max)
			middle = histogram->max;
		if (middle < histogram->min)
			middle = histogram->min;
		if (middle / width_ns < report->entries)
			bins->count[middle / width_ns] += histogram->bucket[i];
		else
			bins->over += histogram->bucket[i];
	}
}
