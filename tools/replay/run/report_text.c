/* SPDX-License-Identifier: MIT */
/* The report for people. */
#include <errno.h>
#include <inttypes.h>

#include "report.h"

/* The end of a row: how much of what was compared is right. */
static void print_percent(FILE *out, uint64_t right, uint64_t compared)
{
	if (compared)
		fprintf(out, "%7.2f %%\n",
			100.0 * replay_ratio(right, compared));
	else
		fprintf(out, "%7s %%\n", "-");
}

static void print_agree(FILE *out, const char *name, const char *unit,
	uint64_t matched, uint64_t recorded, uint64_t did)
{
	fprintf(out,
		"  %-10s %-6s %9" PRIu64 " recorded %9" PRIu64
		" simulated %9" PRIu64 " matched  ",
		name, unit, recorded, did, matched);
}

static void print_kind(
	FILE *out, const char *name, const struct replay_agree *agree)
{
	print_agree(out, name, "calls", agree->matched_calls,
		agree->recorded_calls, agree->did_calls);
	print_percent(out, agree->right_calls, agree->scored_calls);
	print_agree(out, "", "pages", agree->matched_pages,
		agree->recorded_pages, agree->did_pages);
	print_percent(out, agree->right_pages, agree->scored_pages);
}

static void print_right(FILE *out, const char *what, const char *name,
	const char *how, uint64_t right, uint64_t compared)
{
	fprintf(out,
		"  %-10s %-6s %9" PRIu64 " compared %9s           %9" PRIu64
		" %-9s",
		what, name, compared, "", right, how);
	print_percent(out, right, compared);
}

static void print_counts(
	FILE *out, const char *name, const struct replay_counts *counts)
{
	print_right(out, "pcp->count", name, "exact", counts->exact,
		counts->compared);
}

static void print_same(
	FILE *out, const char *name, const struct replay_same *same)
{
	print_right(out, "frames", name, "same", same->same, same->compared);
}

static void print_inferred(const struct replay_report *report, FILE *out)
{
	const struct replay_infer_stats *stats = &report->result->stats;
	const struct replay_place_stats *place = report->place;

	fprintf(out,
		"inferred   %" PRIu64 " blocks on lists at the start (%" PRIu64
		" never seen again), %" PRIu64 " held,\n"
		"           %u bulk-allocated pages (%u without a probe), %u "
		"drains; %u frees on a voted list\n",
		place->pcp_blocks, place->pcp_made_up, place->held_blocks,
		stats->bulk_pages, stats->bulk_inferred, stats->drains_inferred,
		stats->mt_voted);
	fprintf(out,
		"           free pages: %" PRIu64 " where first used, %" PRIu64
		" by number",
		place->free_seen, place->free_made_up);
	if (place->free_listed)
		fprintf(out, ", %" PRIu64 " by kpageflags alone",
			place->free_listed);
	if (place->free_missing)
		fprintf(out, ", %" PRIu64 " found no room",
			place->free_missing);
	fputc('\n', out);
}

uint64_t replay_report_made_up(
	const struct replay_result *result, unsigned int kind)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < result->nr_ops; i++)
		nr += result->ops[i].kind == kind &&
		      (result->ops[i].flags & REPLAY_OP_INFERRED);
	return nr;
}

static void print_by_place(const struct replay_report *report, FILE *out)
{
	fprintf(out,
		"           kpageflags: %" PRIu64
		" frames free in it are in use by the trace; the types of "
		"%" PRIu64 " pageblocks\n"
		"           are guesses, which make lists %" PRIu64
		" pages longer than pagetypeinfo has them\n",
		report->result->disputed, report->place->types.guessed,
		report->place->types.other_pages);
}

static void print_adjusted(const struct replay_report *report, FILE *out)
{
	const struct replay_infer_stats *stats = &report->result->stats;

	fprintf(out,
		"adjusted   to explain the recording: %u allocations done "
		"before "
		"their lines,\n"
		"           pages taken without a line: %u for a refill, %u "
		"for a "
		"page below, %u for a free, %u for a count;\n",
		stats->early, stats->forced_by_refill, stats->forced_by_page,
		stats->forced_by_free, stats->settled);
	fprintf(out,
		"           reclaim flags raised %u times, lowered %u times, "
		"%" PRIu64
		" changes of marks, %u pages not where the rules put them;\n",
		stats->flags_raised, stats->flags_lowered,
		replay_report_made_up(report->result, REPLAY_PCP_SET),
		stats->astray);
	fprintf(out,
		"           free_factor not 0 at the start of %u lists, "
		"unknown "
		"of %u; fitted: the first %u refills, %u bulk frees\n",
		stats->factors_set, stats->factors_unknown,
		stats->fitted_refills, stats->fitted_spills);
	if (report->result->nr_states)
		fprintf(out,
			"           the first probes of %" PRIu64
			" pagesets tell what the rules remembered before\n",
			replay_report_made_up(
				report->result, REPLAY_PCP_STATE));
	if (report->result->by_place)
		print_by_place(report, out);
	fputc('\n', out);
}

static void print_row(const struct replay_report *report, FILE *out,
	unsigned int cpu, size_t zone)
{
	size_t at = cpu * report->result->nr_zones + zone;
	const struct replay_traffic *did = &report->closed->traffic[at];
	const struct replay_agreement *part = &report->parts[at];
	const struct replay_zone *where = &report->result->zones[zone];

	if (!did->allocs && !did->frees && !part->refill.recorded_calls &&
		!part->bulk_free.recorded_calls)
		return;
	fprintf(out,
		"%4u  %u %-8s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %6" PRIu64
		"/%-6" PRIu64 " %8" PRIu64 "/%-8" PRIu64 " %6" PRIu64
		"/%-6" PRIu64 " %8" PRIu64 "/%" PRIu64 "\n",
		cpu, where->node, where->name, did->allocs, did->frees,
		did->cross_frees, part->refill.recorded_calls, did->refills,
		part->refill.recorded_pages, did->refill_pages,
		part->bulk_free.recorded_calls, did->bulk_frees,
		part->bulk_free.recorded_pages, did->bulk_free_pages);
}

static void print_table(const struct replay_report *report, FILE *out)
{
	fputs(" CPU  node zone     allocs    frees cross-CPU  refills "
	      "rec/sim  pages rec/sim    bulk frees rec/sim  pages rec/sim\n",
		out);
	for (unsigned int cpu = 0; cpu < report->cpus; cpu++)
		for (size_t zone = 0; zone < report->result->nr_zones; zone++)
			print_row(report, out, cpu, zone);
	fputc('\n', out);
}

static void print_agreement(const struct replay_report *report, FILE *out)
{
	fputs("agreement  a call is matched if the same CPU, zone and list did "
	      "it for the same event;\n"
	      "           percentages are without the first calls, which are "
	      "fitted\n",
		out);
	print_kind(out, "refill", &report->total->refill);
	print_kind(out, "bulk free", &report->total->bulk_free);
	print_counts(out, "closed", &report->closed->counts);
	print_counts(out, "resync", &report->resync->counts);
	print_same(out, "alloc", &report->closed->frames.alloc);
	print_same(out, "locked", &report->closed->frames.locked);
	print_same(out, "drained", &report->closed->frames.drained);
	if (report->total->first_line)
		fprintf(out, "  first difference at line %u\n",
			report->total->first_line);
}

static void print_equal(
	FILE *out, const char *file, const struct replay_equal *equal)
{
	if (equal->compared)
		fprintf(out, ", %" PRIu64 "/%" PRIu64 " of %s", equal->equal,
			equal->compared, file);
}

/* The copy after the run, if there is one. */
static void print_after(const struct replay_report *report, FILE *out)
{
	const struct replay_after *after = report->after;

	if (!after->counts.compared)
		return;
	fprintf(out,
		"\nafter      equal numbers: %" PRIu64 "/%" PRIu64
		" counts of zoneinfo",
		after->counts.equal, after->counts.compared);
	print_equal(out, "buddyinfo", &after->buddy);
	print_equal(out, "pagetypeinfo", &after->types);
	fprintf(out, "\n           %s\n",
		after->to ? "at the best moment between the marks of the copy: "
			    "no line says when it was made"
			  : "at the last line: what came between it and the "
			    "copy is not known");
}

static void print_books(const struct replay_report *report, FILE *out)
{
	const struct replay_run *run = report->closed;

	fprintf(out,
		"\nbooks      %" PRIu64 " pages leaked, %" PRIu64
		" allocations failed, %" PRIu64 " frees refused\n",
		run->leaked_pages, run->failed_allocs, run->refused);
	if (run->broken[0])
		fprintf(out, "           BROKEN: %s\n", run->broken);
	fprintf(out,
		"speed      %.2f M lines/s (%.3f s, of which %.3f s ran)\n",
		(double)report->trace->stats.lines / report->seconds / 1e6,
		report->seconds, run->seconds);
}

void replay_report_text(const struct replay_report *report, FILE *out)
{
	fprintf(out,
		"explained  with a look at later lines: what makes the "
		"recording "
		"plausible (%s)\n",
		report->mode);
	print_inferred(report, out);
	print_adjusted(report, out);
	print_table(report, out);
	print_agreement(report, out);
	print_after(report, out);
	print_books(report, out);
}

static void print_call(const struct replay_report *report,
	const struct replay_did *did, FILE *out)
{
	const struct replay_zone *zone = &report->result->zones[did->zone];
	bool refill = did->kind == REPLAY_OBS_REFILL;

	fprintf(out, "%u\t%u\t%u\t%s\t%s\t%d\t%u\t%d\t%d\t%d\n",
		report->result->ops[did->op].line, did->cpu, zone->node,
		zone->name, refill ? "refill" : "free_bulk", did->order,
		did->mt, did->n, did->got, refill ? -1 : did->count);
}

int replay_report_calls(const struct replay_report *report, const char *path)
{
	FILE *out = fopen(path, "w");
	int ret = 0;

	if (!out)
		return -errno;
	fputs("line\tcpu\tnode\tzone\tcall\torder\tmigratetype\tn\tgot\tcount"
	      "\n",
		out);
	for (size_t i = 0; i < report->closed->nr_did; i++)
		print_call(report, &report->closed->did[i], out);
	if (ferror(out))
		ret = -EIO;
	if (fclose(out))
		ret = -errno;
	return ret;
}
