/* SPDX-License-Identifier: MIT */
/* The table of `pcpmm drain`. */
#include <inttypes.h>

#include "../arena/text.h"
#include "report.h"
#include "scene.h"

static void print_row(const struct drain_row *row, FILE *out)
{
	const struct arena *arena = row->arena;
	struct pcpmm_noise noise = arena_noise(arena);
	double drains = arena_rounds(arena);

	fprintf(out, "%-20s %-8s %7" PRIu64, arena_name(arena),
		arena->starved ? "STARVED" : "finished", arena->acts);
	text_latency(arena, 0.5, out);
	text_latency(arena, 0.99, out);
	text_latency(arena, 1, out);
	fprintf(out, " %7.1f %7.2f %8.2f %7.2f %8.2f %6.2f\n",
		(double)arena->stats.pages / drains,
		(double)arena_interruptions(&noise) / drains,
		(double)arena_stolen_ns(&noise) / 1e3 / drains,
		(double)noise.count[PCPMM_NOISE_PCP_LOCK] / drains,
		row->owner.pair_ns, row->owner.ratio);
}

/* As pcpmm_proc_print() would print them, but for all rows at once. */
static void print_interrupts(const struct arena *arena, FILE *out)
{
	uint64_t cal, sum = 0, most = 0;

	for (unsigned int id = 0; id < arena->settings->cpus; id++) {
		cal = pcpmm_drain_cal(arena->machine, id);
		sum += cal;
		most = cal > most ? cal : most;
	}
	fprintf(out,
		"%-20s %16" PRIu64 " %20" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n",
		arena_name(arena), arena->stats.pcp_global_drain,
		arena->stats.pcp_global_ipi_saved, sum, most);
}

static void print_spills(const struct arena *arena, FILE *out)
{
	struct pcpmm_spill_stats stats;

	pcpmm_spill_stats_read(arena->machine, &stats);
	fprintf(out,
		"%-20s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		" %10" PRIu64 "\n",
		arena_name(arena), stats.holds, stats.pages, stats.hold_max,
		stats.given_up, stats.pages_left);
}

static bool has_pieces(const struct arena *arena)
{
	return arena->choice == PCPMM_DRAIN_PCP_BUDDY;
}

static void print_refills(const struct arena *arena, FILE *out)
{
	struct pcpmm_pcp_buddy_stats stats;

	pcpmm_pcp_buddy_stats_read(arena->machine, &stats);
	fprintf(out,
		"%-20s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
		" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
		arena_name(arena), stats.recovered_pages, stats.claims,
		stats.chunk_pages, stats.fallback_pages, stats.frees_routed,
		stats.frees_busy, stats.merges);
}

/* Nothing if no strategy has pieces. */
static void print_buddies(const struct drain_report *report, FILE *out)
{
	bool any = false;

	for (unsigned int i = 0; i < report->nr_rows; i++)
		any = any || has_pieces(report->rows[i].arena);
	if (!any)
		return;
	fputs("\n# Lists that are buddies. Refills: pages recovered, blocks "
	      "claimed, pages in chunks\n"
	      "# and by fallback. Frees to another CPU's list, and to the zone "
	      "since a list was\n"
	      "# locked; pairs of pieces merged.\n",
		out);
	fprintf(out, "%-20s %9s %9s %9s %9s %9s %9s %9s\n", "strategy",
		"recovered", "claims", "chunks", "fallback", "routed", "busy",
		"merges");
	for (unsigned int i = 0; i < report->nr_rows; i++)
		if (has_pieces(report->rows[i].arena))
			print_refills(report->rows[i].arena, out);
}

void drain_report_text(const struct drain_report *report, FILE *out)
{
	scene_text(report->settings, out);
	fputs("# us of a drain: p50 p99 max. A drain, all victims: pages given "
	      "back, interruptions,\n"
	      "# us these took, times an owner met a drainer in its lock. "
	      "Owner: ns a hot pair,\n"
	      "# ratio to ipi_all's. A starved drain lasted longer than the "
	      "bound.\n",
		out);
	fprintf(out, "%-20s %-8s %7s %10s %10s %10s %7s %7s %8s %7s %8s %6s\n",
		"strategy", "outcome", "drains", "p50", "p99", "max", "pages",
		"interr.", "stolen", "lock", "pair", "ratio");
	for (unsigned int i = 0; i < report->nr_rows; i++)
		print_row(&report->rows[i], out);
	fputs("\n# Counters of 2012: drains; those whose mask had fewer bits "
	      "than half of the CPUs.\n"
	      "# Function call interrupts (CAL): of all CPUs; of the CPU with "
	      "most.\n",
		out);
	fprintf(out, "%-20s %16s %20s %8s %8s\n", "strategy",
		"pcp_global_drain", "pcp_global_ipi_saved", "CAL", "most");
	for (unsigned int i = 0; i < report->nr_rows; i++)
		print_interrupts(report->rows[i].arena, out);
	fputs("\n# Spills of frees: sections, or chunks, that gave pages back; "
	      "these pages, and the\n"
	      "# most in one hold; spills that lost the list's lock, and pages "
	      "they left.\n",
		out);
	fprintf(out, "%-20s %10s %10s %10s %10s %10s\n", "strategy", "holds",
		"pages", "hold_max", "given_up", "left");
	for (unsigned int i = 0; i < report->nr_rows; i++)
		print_spills(report->rows[i].arena, out);
	print_buddies(report, out);
}
