/* SPDX-License-Identifier: MIT */
/* The table of `pcpmm drain`. */
#include <inttypes.h>

#include "report.h"

void report_scene(const struct drain_settings *settings, FILE *out)
{
	fprintf(out, "# %u CPUs, victims %s, fill %u pages, ", settings->cpus,
		drain_victim_name(settings->victim), settings->fill_pages);
	if (settings->rate_hz > 0)
		fprintf(out, "%g drains/s, ", settings->rate_hz);
	else
		fputs("drains without a pause, ", out);
	fprintf(out, "bound %" PRIu64 " ms, ipi %s, rcu %s %s\n",
		settings->bound_ns / 1000000, pcpmm_ipi_name(settings->ipi),
		pcpmm_rcu_name(settings->rcu),
		pcpmm_grace_name(settings->grace));
	report_crowd(settings, out);
}

void report_crowd(const struct drain_settings *settings, FILE *out)
{
	unsigned int host = arena_host_cpus();

	if (settings->cpus > host)
		fprintf(out,
			"# The host has %u: victims take turns there, and "
			"latencies tell how long.\n",
			host);
}

void report_latency(const struct arena *arena, double quantile, FILE *out)
{
	uint64_t ns = pcpmm_histogram_quantile(&arena->latency, quantile);
	bool more =
		arena->starved && ns >= arena->settings->bound_ns / 100 * 97;
	char text[32];

	snprintf(text, sizeof(text), "%s%.1f", more ? ">" : "",
		(double)ns / 1e3);
	fprintf(out, " %10s", text);
}

static void print_row(const struct drain_row *row, FILE *out)
{
	const struct arena *arena = row->arena;
	struct pcpmm_noise noise = arena_noise(arena);
	/* The one that starved was one, too. */
	double drains = (double)(arena->acts + (arena->starved ? 1 : 0));

	fprintf(out, "%-16s %-8s %7" PRIu64, arena_name(arena),
		arena->starved ? "STARVED" : "finished", arena->acts);
	report_latency(arena, 0.5, out);
	report_latency(arena, 0.99, out);
	report_latency(arena, 1, out);
	fprintf(out, " %7.1f %7.2f %8.2f %7.2f %8.2f %6.2f\n",
		(double)arena->stats.pages / drains,
		(double)arena_interruptions(&noise) / drains,
		(double)arena_stolen_ns(&noise) / 1e3 / drains,
		(double)noise.count[PCPMM_NOISE_PCP_LOCK] / drains,
		row->owner.pair_ns, row->owner.ratio);
}

void drain_report_text(const struct drain_report *report, FILE *out)
{
	report_scene(report->settings, out);
	fputs("# us of a drain: p50 p99 max. A drain, all victims: pages given "
	      "back, interruptions,\n"
	      "# us these took, times an owner met a drainer in its lock. "
	      "Owner: ns a hot pair,\n"
	      "# ratio to ipi_all's. A starved drain lasted longer than the "
	      "bound.\n",
		out);
	fprintf(out, "%-16s %-8s %7s %10s %10s %10s %7s %7s %8s %7s %8s %6s\n",
		"strategy", "outcome", "drains", "p50", "p99", "max", "pages",
		"interr.", "stolen", "lock", "pair", "ratio");
	for (unsigned int i = 0; i < report->nr_rows; i++)
		print_row(&report->rows[i], out);
}
