/* SPDX-License-Identifier: MIT */
/* See text.h. */
#include "text.h"

#include "host.h"

void text_crowd(const struct arena_settings *settings, FILE *out)
{
	unsigned int host = arena_host_cpus();

	if (settings->cpus > host)
		fprintf(out,
			"# The host has %u: victims take turns there, and "
			"latencies tell how long.\n",
			host);
}

void text_latency(const struct arena *arena, double quantile, FILE *out)
{
	uint64_t ns = pcpmm_histogram_quantile(&arena->latency, quantile);
	bool more =
		arena->starved && ns >= arena->settings->bound_ns / 100 * 97;
	char text[32];

	snprintf(text, sizeof(text), "%s%.1f", more ? ">" : "",
		(double)ns / 1e3);
	fprintf(out, " %10s", text);
}
