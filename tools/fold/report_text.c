/* SPDX-License-Identifier: MIT */
/* The tables of `pcpmm fold`. */
#include <inttypes.h>

#include "../arena/text.h"
#include "report.h"

static void print_base(const struct fold_report *report, const char *name,
	unsigned int what, FILE *out)
{
	const struct update_cost *cost = &report->updates[what];

	if (cost->measured)
		fprintf(out, "%-22s %8.2f\n", name, cost->ns);
	else
		fprintf(out, "%-22s %8s\n", name, "-");
}

/* What this build emulates in an update of the default width. */
static void print_notes(FILE *out)
{
	struct pcpmm_config config;
	char note[256];

	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return;
	for (unsigned int n = 0;
		pcpmm_config_note(&config, n, note, sizeof(note)); n++)
		fprintf(out, "# %s\n", note);
}

static void print_updates(const struct fold_report *report, FILE *out)
{
	fprintf(out,
		"# ns an update adds to a call of %.2f ns; ratio to an update "
		"of the same rule and\n"
		"# width that nothing guards; lines that all CPUs share, "
		"written an update of a run.\n"
		"%-22s %8s %8s %8s\n",
		report->updates[UPDATE_NOTHING].ns, "account", "ns", "ratio",
		"lines");
	for (unsigned int account = 0; account < PCPMM_NR_ACCOUNTS; account++)
		for (unsigned int diff = 0; diff < PCPMM_NR_DIFFS; diff++) {
			const struct update_cost *cost =
				&report->updates[update_of(account, diff)];

			fprintf(out, "%-15s %-6s %8.2f %8.2f %8.4f\n",
				pcpmm_account_name(account),
				pcpmm_diff_name(diff), cost->ns, cost->ratio,
				cost->shared_lines);
		}
	print_base(report, "(unguarded s8)", UPDATE_PLAIN, out);
	print_base(report, "(unguarded s32)", UPDATE_PLAIN_S32, out);
	print_base(report, "(plain increment)", UPDATE_INCREMENT, out);
	print_base(report, "(atomic add)", UPDATE_ATOMIC, out);
	print_base(report, "(atomic, contended)", UPDATE_CONTENDED, out);
	print_notes(out);
}

static void print_scene(const struct arena_settings *settings, FILE *out)
{
	fprintf(out, "\n# %u CPUs, victims %s, ", settings->cpus,
		arena_role_name(settings->victim));
	if (settings->rate_hz > 0)
		fprintf(out, "%g folds/s, ", settings->rate_hz);
	else
		fputs("folds without a pause, ", out);
	fprintf(out, "bound %" PRIu64 " ms\n", settings->bound_ns / 1000000);
	text_crowd(settings, out);
}

static void print_fold(const struct arena *arena, FILE *out)
{
	const struct fold_book *book = arena->data;
	struct pcpmm_noise noise = arena_noise(arena);
	double rounds = arena_rounds(arena);

	fprintf(out, "%-8s %-8s %7" PRIu64, arena_name(arena),
		arena->starved ? "STARVED" : "finished", arena->acts);
	text_latency(arena, 0.5, out);
	text_latency(arena, 0.99, out);
	text_latency(arena, 1, out);
	fprintf(out, " %7.2f %8.2f %7" PRIu64 " %7" PRIu64 "\n",
		(double)arena_interruptions(&noise) / rounds,
		(double)arena_stolen_ns(&noise) / 1e3 / rounds, book->error_max,
		book->error_bound);
}

static void print_pairs(const struct fold_report *report, FILE *out)
{
	fprintf(out, "\n# ns a pair of allocation and free\n%-5s", "order");
	for (unsigned int i = 0; i < PCPMM_NR_ACCOUNTS; i++)
		fprintf(out, " %14s", pcpmm_account_name(i));
	fputs("  lock/local, least, most\n", out);
	for (unsigned int n = 0; n < FOLD_NR_PAIRS; n++) {
		const struct fold_pair *pairs = report->pairs[n];

		fprintf(out, "%-5u", fold_pair_orders[n]);
		for (unsigned int i = 0; i < PCPMM_NR_ACCOUNTS; i++)
			fprintf(out, " %14.2f", pairs[i].ns);
		pairs += PCPMM_ACCOUNT_LOCK_CMPXCHG;
		fprintf(out, " %11.3f %6.3f %5.3f\n", pairs->ratio,
			pairs->ratio_min, pairs->ratio_max);
	}
}

void fold_report_text(const struct fold_report *report, FILE *out)
{
	const struct fold_bytes *bytes = &report->bytes;

	print_updates(report, out);
	print_scene(report->settings, out);
	fputs("# us of a fold of all CPUs: p50 p99 max. A fold, all victims: "
	      "interruptions, us\n"
	      "# these took. Pages the counter was wrong by at most before a "
	      "fold, and could be.\n",
		out);
	fprintf(out, "%-8s %-8s %7s %10s %10s %10s %7s %8s %7s %7s\n", "fold",
		"outcome", "folds", "p50", "p99", "max", "interr.", "stolen",
		"error", "bound");
	for (unsigned int i = 0; i < report->nr_folds; i++)
		print_fold(report->folds[i], out);
	print_pairs(report, out);
	fputs("\n# bytes a CPU has for a zone, and for a node\n", out);
	for (unsigned int i = 0; i < PCPMM_NR_DIFFS; i++)
		fprintf(out, "%-4s %4u %4u\n", pcpmm_diff_name(i),
			bytes->zone[i], bytes->node[i]);
}
