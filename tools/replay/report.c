/* SPDX-License-Identifier: MIT */
/* The whole report, as text and as JSON. */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What the free memory at the start was taken from. */
static void print_free(const struct replay_whole *whole, FILE *out)
{
	const struct replay_free_frames *frames = whole->free;

	if (!whole->free_from)
		return;
	fprintf(out, "free       memory by %s from %s",
		frames->known ? "place," : "number,", whole->free_from);
	if (frames->heads)
		fputs("; kpageflags has first frames only", out);
	if (frames->known && !frames->compared)
		fputs("; there is no buddyinfo to compare it with", out);
	if (frames->known && !frames->mark)
		fputs("\n           no mark \"before-kpageflags end\": taken "
		      "to "
		      "be as at the first line",
			out);
	if (frames->compared)
		fprintf(out,
			"\n           %" PRIu64
			" pages in other blocks than in buddyinfo, which was "
			"copied later",
			frames->moved);
	fputc('\n', out);
}

static void print_input(const struct replay_whole *whole, FILE *out)
{
	const struct replay_trace_stats *stats = &whole->trace->stats;

	fprintf(out, "trace      %" PRIu64 " lines, %zu events, %u CPUs",
		stats->lines, whole->trace->nr_events, whole->cpus);
	if (stats->unknown_lines)
		fprintf(out, ", %" PRIu64 " unknown lines (first: line %u)",
			stats->unknown_lines, stats->first_unknown_line);
	fputc('\n', out);
	if (stats->lost_events)
		fprintf(out,
			"           WARNING: the recorder lost %" PRIu64
			" events; what follows is not exact\n",
			stats->lost_events);
	if (stats->back_lines)
		fprintf(out,
			"           WARNING: time goes back %" PRIu64
			" times (first: line %u); are parts in the wrong "
			"order?\n",
			stats->back_lines, stats->first_back_line);
	fprintf(out, "state      %s\n",
		whole->state ? whole->state
			     : "none: zones and lists from the trace alone");
	if (whole->note[0])
		fprintf(out, "           %s\n", whole->note);
	print_free(whole, out);
	fprintf(out, "machine    %s%s%s\n", whole->preset,
		whole->why[0] ? ": " : "", whole->why);
}

static struct causal_report_input input_of(const struct replay_whole *whole)
{
	const struct replay_trace *trace = whole->trace;

	return (struct causal_report_input){
		.state = whole->state != NULL,
		.free_bulk = trace->has_free_bulk,
		.bulk_alloc = trace->has_bulk,
		.refill = trace->has_refill,
		.lines = trace->stats.lines,
	};
}

void replay_whole_text(const struct replay_whole *whole, FILE *out)
{
	const struct causal_report_input input = input_of(whole);

	print_input(whole, out);
	fputc('\n', out);
	if (whole->causal)
		causal_report_text(whole->causal, &input, out);
	if (whole->causal && whole->explained)
		fputc('\n', out);
	if (whole->explained)
		replay_report_text(whole->explained, out);
	if (whole->what_if) {
		if (whole->causal || whole->explained)
			fputc('\n', out);
		whatif_text(whole->what_if, whole->change, out);
	}
	fprintf(out, "           %.3f s to read, %.3f s in all\n",
		whole->read_seconds, whole->seconds);
}

static bool is_valid(const struct replay_whole *whole)
{
	const struct replay_causal *causal = whole->causal;

	if (causal && (causal->closed.broken[0] || causal->step.broken[0]))
		return false;
	if (whole->what_if && (whole->what_if->recorded.broken[0] ||
				      whole->what_if->changed.broken[0]))
		return false;
	return !whole->explained || !whole->explained->closed->broken[0];
}

static json_t *make_json(const struct replay_whole *whole)
{
	const struct replay_trace_stats *stats = &whole->trace->stats;
	json_t *root = json_pack("{s:I,s:I,s:f,s:f,s:s,s:I,s:I,s:I,s:b}",
		"lines", (json_int_t)stats->lines, "events",
		(json_int_t)whole->trace->nr_events, "lines_per_s",
		(double)stats->lines / whole->seconds, "read_seconds",
		whole->read_seconds, "preset", whole->preset, "unknown_lines",
		(json_int_t)stats->unknown_lines, "lost_events",
		(json_int_t)stats->lost_events, "back_lines",
		(json_int_t)stats->back_lines, "valid", is_valid(whole));
	int ret = root ? 0 : -ENOMEM;

	if (!ret)
		ret = json_object_set_new(root, "free_memory_from",
			whole->free_from ? json_string(whole->free_from)
					 : json_null());
	if (!ret && whole->causal)
		ret = json_object_set_new(
			root, "causal", causal_report_json(whole->causal));
	if (!ret && whole->explained)
		ret = replay_report_json(whole->explained, root);
	if (!ret && whole->what_if)
		ret = json_object_set_new(root, "what_if",
			whatif_json(whole->what_if, whole->change));
	if (!ret)
		return root;
	json_decref(root);
	return NULL;
}

int replay_whole_json(const struct replay_whole *whole, const char *path)
{
	json_t *root = make_json(whole);
	size_t flags = JSON_INDENT(2);
	int ret;

	if (!root)
		return -ENOMEM;
	errno = 0;
	if (!strcmp(path, "-"))
		ret = json_dumpf(root, stdout, flags);
	else
		ret = json_dump_file(root, path, flags);
	json_decref(root);
	return ret ? (errno ? -errno : -EIO) : 0;
}
