/* SPDX-License-Identifier: MIT */
/* The look-ahead for programs; the keys are stable. */
#include <errno.h>

#include "report.h"

static json_t *ratio(uint64_t matched, uint64_t recorded)
{
	return recorded ? json_real(replay_ratio(matched, recorded))
			: json_null();
}

static json_t *agreement(const struct replay_report *report)
{
	const struct replay_agree *refill = &report->total->refill;
	const struct replay_agree *bulk = &report->total->bulk_free;
	const struct replay_counts *closed = &report->closed->counts;
	const struct replay_counts *resync = &report->resync->counts;

	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "count_resync_exact",
		ratio(resync->exact, resync->compared), "count_closed_exact",
		ratio(closed->exact, closed->compared), "refill_calls",
		ratio(refill->right_calls, refill->scored_calls),
		"refill_pages",
		ratio(refill->right_pages, refill->scored_pages),
		"bulk_free_calls", ratio(bulk->right_calls, bulk->scored_calls),
		"bulk_free_pages",
		ratio(bulk->right_pages, bulk->scored_pages));
}

/* @key and @key with _n; null where nothing was recorded. */
static void put_same(
	json_t *object, const char *key, const struct replay_same *same)
{
	char n[32];

	snprintf(n, sizeof(n), "%s_n", key);
	json_object_set_new(object, key, ratio(same->same, same->compared));
	json_object_set_new(
		object, n, json_integer((json_int_t)same->compared));
}

static json_t *frames(const struct replay_frames *frames)
{
	json_t *object = json_object();

	put_same(object, "alloc", &frames->alloc);
	put_same(object, "locked", &frames->locked);
	put_same(object, "drained", &frames->drained);
	return object;
}

static json_t *after(const struct replay_after *after)
{
	const struct {
		const char *key, *n;
		const struct replay_equal *equal;
	} rows[] = {
		{"counts", "counts_n", &after->counts},
		{"buddyinfo", "buddyinfo_n", &after->buddy},
		{"pagetypeinfo", "pagetypeinfo_n", &after->types},
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct replay_equal *equal = rows[i].equal;

		json_object_set_new(object, rows[i].key,
			equal->compared ? json_integer((json_int_t)equal->equal)
					: json_null());
		json_object_set_new(object, rows[i].n,
			json_integer((json_int_t)equal->compared));
	}
	json_object_set_new(object, "marks", json_boolean(after->to));
	return object;
}

static json_t *part(const struct replay_agree *agree)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "recorded_calls",
		(json_int_t)agree->recorded_calls, "recorded_pages",
		(json_int_t)agree->recorded_pages, "simulated_calls",
		(json_int_t)agree->did_calls, "simulated_pages",
		(json_int_t)agree->did_pages, "matched_calls",
		(json_int_t)agree->matched_calls, "matched_pages",
		(json_int_t)agree->matched_pages);
}

static json_t *cpu_zone(
	const struct replay_report *report, unsigned int cpu, size_t zone)
{
	size_t at = cpu * report->result->nr_zones + zone;
	const struct replay_traffic *did = &report->closed->traffic[at];
	const struct replay_zone *where = &report->result->zones[zone];

	return json_pack("{s:i,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "node",
		where->node, "zone", where->name, "allocs",
		(json_int_t)did->allocs, "alloc_pages",
		(json_int_t)did->alloc_pages, "frees", (json_int_t)did->frees,
		"freed_pages", (json_int_t)did->freed_pages, "cross_cpu_frees",
		(json_int_t)did->cross_frees, "refill",
		part(&report->parts[at].refill), "bulk_free",
		part(&report->parts[at].bulk_free));
}

static json_t *cpus(const struct replay_report *report)
{
	json_t *list = json_array();

	for (unsigned int cpu = 0; cpu < report->cpus; cpu++) {
		json_t *zones = json_array();

		for (size_t z = 0; z < report->result->nr_zones; z++)
			json_array_append_new(zones, cpu_zone(report, cpu, z));
		json_array_append_new(list, json_pack("{s:i,s:o}", "cpu",
						    (int)cpu, "zones", zones));
	}
	return list;
}

static json_t *inferred(const struct replay_report *report)
{
	const struct replay_infer_stats *stats = &report->result->stats;
	const struct replay_place_stats *place = report->place;

	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "list_blocks",
		(json_int_t)place->pcp_blocks, "list_blocks_never_seen",
		(json_int_t)place->pcp_made_up, "held_blocks",
		(json_int_t)place->held_blocks, "free_pages_seen",
		(json_int_t)place->free_seen, "free_pages_by_number",
		(json_int_t)place->free_made_up, "free_pages_by_place",
		(json_int_t)place->free_listed, "free_pages_missing",
		(json_int_t)place->free_missing, "bulk_pages_without_probe",
		(json_int_t)stats->bulk_inferred, "frees_on_voted_list",
		(json_int_t)stats->mt_voted);
}

static json_t *adjusted(const struct replay_report *report)
{
	const struct replay_infer_stats *stats = &report->result->stats;
	const struct {
		const char *key;
		uint64_t number;
	} rows[] = {
		{"early", stats->early},
		{"bulk_pages_without_probe", stats->bulk_inferred},
		{"forced_by_refill", stats->forced_by_refill},
		{"forced_by_page", stats->forced_by_page},
		{"forced_by_free", stats->forced_by_free},
		{"settled", stats->settled},
		{"flags_raised", stats->flags_raised},
		{"flags_lowered", stats->flags_lowered},
		{"marks",
			replay_report_made_up(report->result, REPLAY_PCP_SET)},
		{"states", replay_report_made_up(
				   report->result, REPLAY_PCP_STATE)},
		{"drains", stats->drains_inferred},
		{"frees_on_voted_list", stats->mt_voted},
		{"fitted_refills", stats->fitted_refills},
		{"fitted_spills", stats->fitted_spills},
		{"free_factors", stats->factors_set},
		{"free_factors_unknown", stats->factors_unknown},
		{"free_pages_not_placed", report->place->free_absent},
		{"free_pages_moved", report->free ? report->free->moved : 0},
		{"free_frames_disputed", report->result->disputed},
		{"pageblocks_guessed", report->place->types.guessed},
		{"free_pages_on_other_lists", report->place->types.other_pages},
		{"astray", stats->astray},
		{"live_again", stats->live_again},
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(object, rows[i].key,
			json_integer((json_int_t)rows[i].number));
	return object;
}

int replay_report_json(const struct replay_report *report, json_t *root)
{
	json_t *mine = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I}",
		"mode", report->mode, "agreement", agreement(report), "frames",
		frames(&report->closed->frames), "after", after(report->after),
		"cpus", cpus(report), "inferred", inferred(report), "adjusted",
		adjusted(report), "leaked_pages",
		(json_int_t)report->closed->leaked_pages, "failed_allocations",
		(json_int_t)report->closed->failed_allocs, "refused_frees",
		(json_int_t)report->closed->refused);
	int ret = mine ? json_object_update(root, mine) : -1;

	json_decref(mine);
	return ret ? -ENOMEM : 0;
}
