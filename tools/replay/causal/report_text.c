/* SPDX-License-Identifier: MIT */
/* The prediction for people: the headline, a table, and what it does not show. */
#include "report.h"

#include <inttypes.h>

static void cell(FILE *out, double value, uint64_t n)
{
	if (n)
		fprintf(out, " %9.3f %%", 100 * value);
	else
		fprintf(out, " %9s  ", "-");
}

static double part(uint64_t right, uint64_t n)
{
	return n ? (double)right / (double)n : 0;
}

static void of(FILE *out, const char *what, uint64_t closed, uint64_t step)
{
	if (closed == step)
		fprintf(out, "  of %" PRIu64 " %s\n", closed, what);
	else
		fprintf(out, "  of %" PRIu64 ", %" PRIu64 " %s\n", closed, step,
			what);
}

static void print_calls(FILE *out, const char *name,
	const struct causal_calls *closed, const struct causal_calls *step)
{
	fprintf(out, "  %-9s predicted", name);
	cell(out, part(closed->predicted, closed->recorded), closed->recorded);
	cell(out, part(step->predicted, step->recorded), step->recorded);
	of(out, "recorded calls", closed->recorded, step->recorded);
	fprintf(out, "  %-9s false    ", "");
	cell(out, part(closed->falsely, closed->recorded), closed->recorded);
	cell(out, part(step->falsely, step->recorded), step->recorded);
	fprintf(out,
		"  %" PRIu64 ", %" PRIu64 " calls that were not recorded\n",
		closed->falsely, step->falsely);
	fprintf(out, "  %-9s size     ", "");
	cell(out, 1 - part(closed->off_pages, closed->pages), closed->pages);
	cell(out, 1 - part(step->off_pages, step->pages), step->pages);
	of(out, "pages of predicted calls", closed->pages, step->pages);
}

static void print_rate(FILE *out, const char *name, const char *what,
	const struct causal_rate *closed, const struct causal_rate *step)
{
	fprintf(out, "  %-19s", name);
	cell(out, part(closed->right, closed->n), closed->n);
	cell(out, part(step->right, step->n), step->n);
	of(out, what, closed->n, step->n);
}

static void print_table(const struct replay_causal *causal, FILE *out)
{
	const struct causal_score *closed = &causal->closed.score;
	const struct causal_score *step = &causal->step.score;
	const struct causal_rate *list = &causal->list_of_free;

	fputs("predicted  from the state and earlier lines only; step: put "
	      "right after each error\n"
	      "                             closed        step\n",
		out);
	print_calls(out, "refills", &closed->refill, &step->refill);
	print_calls(out, "spills", &closed->spill, &step->spill);
	print_rate(out, "frame allocated", "allocations", &closed->pfn_alloc,
		&step->pfn_alloc);
	print_rate(out, "frames spilled", "blocks, in their order",
		&closed->pfn_spill, &step->pfn_spill);
	print_rate(out, "frames refilled", "blocks seen in the buddy before",
		&closed->pfn_refill, &step->pfn_refill);
	print_rate(out, "list of a free", "frees", list, list);
	print_rate(out, "zone", "allocations", &closed->zone, &step->zone);
}

static void print_adjusted(const struct replay_causal *causal, FILE *out)
{
	const struct causal_adjusted *closed = &causal->closed.adjusted;
	const struct causal_adjusted *step = &causal->step.adjusted;

	fputs("\nadjusted   taken from the recording, or changed to follow it "
	      "(closed, step)\n",
		out);
#define X(key, text)                                                           \
	if (closed->key || step->key)                                          \
		fprintf(out, "  %9" PRIu64 " %9" PRIu64 "  %s\n", closed->key, \
			step->key, text);
	CAUSAL_ADJUSTED(X)
#undef X
}

static void print_unknown(const struct replay_causal *causal, FILE *out)
{
	const struct causal_unknown *closed = &causal->closed.unknown;

	fprintf(out,
		"\nunknown    to the end: the content of %" PRIu64
		" lists, the count of %" PRIu64 " pagesets, the state of "
		"%" PRIu64 "\n"
		"           not scored for that: %" PRIu64 " refills, %" PRIu64
		" spills, %" PRIu64 " allocations, %" PRIu64 " frees\n",
		closed->lists, closed->slots, closed->states, closed->refills,
		closed->spills, closed->allocations, closed->frees);
}

static void print_limits(const struct causal_report_input *input, FILE *out)
{
	fputs("\nnot shown  the order of events, the zone that served and the "
	      "frames a refill brings are\n"
	      "           given to the lists; so is that a drain came. "
	      "docs/replay.md says what follows.\n",
		out);
	if (!input->state)
		fputs("           No state: high and batch are known from the "
		      "first bulk free of each pageset on.\n",
			out);
	if (!input->free_bulk)
		fputs("           No free_bulk probe: counts are known from "
		      "the first spill, by the mark it reached.\n",
			out);
	if (!input->bulk_alloc)
		fputs("           No bulk_alloc probe: pages that bulk "
		      "allocations took are missed until a line shows it.\n",
			out);
	if (!input->refill)
		fputs("           No refill probe: runs of zone_locked lines "
		      "are cut by the rule for a refill's size.\n",
			out);
}

static void print_books(const struct replay_causal *causal,
	const struct causal_report_input *input, FILE *out)
{
	const struct causal_run *runs[] = {&causal->closed, &causal->step};

	for (unsigned i = 0; i < 2; i++) {
		if (runs[i]->broken[0])
			fprintf(out, "           BROKEN (%s): %s\n",
				i ? "step" : "closed", runs[i]->broken);
		if (runs[i]->refused || runs[i]->skipped)
			fprintf(out,
				"           %s: %" PRIu64 " frees refused, "
				"%" PRIu64 " without a frame\n",
				i ? "step" : "closed", runs[i]->refused,
				runs[i]->skipped);
	}
	fprintf(out,
		"\nspeed      %.2f M lines/s in each run (closed %.3f s, step "
		"%.3f s)\n",
		2 * (double)input->lines /
			(causal->closed.seconds + causal->step.seconds) / 1e6,
		causal->closed.seconds, causal->step.seconds);
}

void causal_report_text(const struct replay_causal *causal,
	const struct causal_report_input *input, FILE *out)
{
	print_table(causal, out);
	print_adjusted(causal, out);
	print_unknown(causal, out);
	print_limits(input, out);
	print_books(causal, input, out);
}
