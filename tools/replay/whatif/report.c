/* SPDX-License-Identifier: MIT */
/* The two runs side by side. */
#include "whatif.h"

#include <inttypes.h>

#include "report.h"

/* X(key, text): a count of a run. */
#define COUNTS(X)                                                              \
	X(allocs, "allocations")                                               \
	X(frees, "frees")                                                      \
	X(refills, "refills")                                                  \
	X(refill_pages, "  pages")                                             \
	X(spills, "spills, by frees")                                          \
	X(spill_pages, "  pages")                                              \
	X(drained_pages, "pages drained")                                      \
	X(zone_locks, "zone lock taken")                                       \
	X(held_max, "pages on lists, most")                                    \
	X(failed, "allocations that failed")                                   \
	X(unseen, "frees of memory from before")

static double hits(const struct whatif_run *run)
{
	return run->listed ? 1.0 - (double)run->refills / (double)run->listed
			   : 0.0;
}

static double held(const struct whatif_run *run)
{
	return run->samples ? (double)run->held_sum / (double)run->samples
			    : 0.0;
}

static void ratio(double from, double to, FILE *out)
{
	if (from > 0)
		fprintf(out, " %8.2f\n", to / from);
	else
		fprintf(out, " %8s\n", "-");
}

static void row(const char *text, uint64_t from, uint64_t to, FILE *out)
{
	fprintf(out, "  %-28s %14" PRIu64 " %14" PRIu64, text, from, to);
	ratio((double)from, (double)to, out);
}

void whatif_text(
	const struct whatif_result *result, const char *change, FILE *out)
{
	const struct whatif_run *from = &result->recorded;
	const struct whatif_run *to = &result->changed;

	fprintf(out, "What if %s\n  %-28s %14s %14s %8s\n", change, "",
		"as recorded", "what if", "ratio");
#define X(key, text) row(text, from->key, to->key, out);
	COUNTS(X)
#undef X
	fprintf(out, "  %-28s %14.1f %14.1f", "pages on lists, mean",
		held(from), held(to));
	ratio(held(from), held(to), out);
	fprintf(out, "  %-28s %13.2f%% %13.2f%%\n", "allocations from a list",
		100 * hits(from), 100 * hits(to));
	fputs("  Both columns are simulated, from lists that begin empty. The "
	      "calls and their\n  order are the recorded ones: what the other "
	      "kernel's callers would have done\n  differently is not shown.\n",
		out);
}

static json_t *run_json(const struct whatif_run *run)
{
	json_t *json = json_object();

#define X(key, text)                                                           \
	json_object_set_new(json, #key, json_integer((json_int_t)run->key));
	COUNTS(X)
#undef X
	json_object_set_new(json, "held_mean", json_real(held(run)));
	json_object_set_new(json, "list_hits",
		run->listed ? json_real(hits(run)) : json_null());
	json_object_set_new(
		json, "refused_frees", json_integer((json_int_t)run->refused));
	return json;
}

json_t *whatif_json(const struct whatif_result *result, const char *change)
{
	json_t *json = json_object();

	json_object_set_new(json, "change", json_string(change));
	json_object_set_new(json, "recorded", run_json(&result->recorded));
	json_object_set_new(json, "changed", run_json(&result->changed));
	return json;
}
