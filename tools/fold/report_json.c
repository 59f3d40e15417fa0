/* SPDX-License-Identifier: MIT */
/* `pcpmm fold` for programs; the keys are stable. */
#include "../arena/host.h"
#include "../arena/json.h"
#include "report.h"

static json_t *updates(const struct fold_report *report)
{
	json_t *rows = json_array();

	for (unsigned int account = 0; account < PCPMM_NR_ACCOUNTS; account++)
		for (unsigned int diff = 0; diff < PCPMM_NR_DIFFS; diff++) {
			const struct update_cost *cost =
				&report->updates[update_of(account, diff)];

			json_array_append_new(rows,
				json_pack("{s:s,s:s,s:f,s:f,s:f}", "name",
					pcpmm_account_name(account), "width",
					pcpmm_diff_name(diff), "ns", cost->ns,
					"ratio", cost->ratio, "shared_lines",
					cost->shared_lines));
		}
	return rows;
}

/* The plain updates; null: not measured on this host. */
static json_t *beside(const struct update_cost *costs)
{
	const struct update_cost *contended = &costs[UPDATE_CONTENDED];

	return json_pack("{s:f,s:f,s:f,s:f,s:f,s:o}", "call_ns",
		costs[UPDATE_NOTHING].ns, "unguarded_s8_ns",
		costs[UPDATE_PLAIN].ns, "unguarded_s32_ns",
		costs[UPDATE_PLAIN_S32].ns, "increment_ns",
		costs[UPDATE_INCREMENT].ns, "atomic_ns",
		costs[UPDATE_ATOMIC].ns, "contended_ns",
		contended->measured ? json_real(contended->ns) : json_null());
}

static json_t *fold(const struct arena *arena)
{
	const struct fold_book *book = arena->data;
	struct pcpmm_noise noise = arena_noise(arena);
	uint64_t interruptions = arena_interruptions(&noise);

	return json_pack("{s:s,s:b,s:b,s:I,s:f,s:f,s:f,s:I,s:f,s:f,s:I,s:I,"
			 "s:o}",
		"name", arena_name(arena), "finished", !arena->starved,
		"starved", arena->starved, "folds", (json_int_t)arena->acts,
		"us", json_latency_us(arena, 0.5), "us_p99",
		json_latency_us(arena, 0.99), "us_max",
		json_latency_us(arena, 1), "interruptions",
		(json_int_t)interruptions, "interruptions_per_fold",
		(double)interruptions / arena_rounds(arena), "stolen_us",
		(double)arena_stolen_ns(&noise) / 1e3, "error_max",
		(json_int_t)book->error_max, "error_bound",
		(json_int_t)book->error_bound, "causes", json_causes(&noise));
}

static json_t *bytes(const struct fold_bytes *bytes)
{
	json_t *root = json_object();

	for (unsigned int i = 0; i < PCPMM_NR_DIFFS; i++)
		json_object_set_new(root, pcpmm_diff_name(i),
			json_pack("{s:i,s:i}", "zone", (int)bytes->zone[i],
				"node", (int)bytes->node[i]));
	return root;
}

static json_t *pair(
	const struct fold_pair *pair, unsigned int order, unsigned int account)
{
	return json_pack("{s:i,s:s,s:f,s:f,s:f,s:f}", "order", (int)order,
		"name", pcpmm_account_name(account), "ns", pair->ns, "ratio",
		pair->ratio, "ratio_min", pair->ratio_min, "ratio_max",
		pair->ratio_max);
}

static json_t *pairs(const struct fold_report *report)
{
	json_t *rows = json_array();

	for (unsigned int n = 0; n < FOLD_NR_PAIRS; n++)
		for (unsigned int i = 0; i < PCPMM_NR_ACCOUNTS; i++)
			json_array_append_new(
				rows, pair(&report->pairs[n][i],
					      fold_pair_orders[n], i));
	return rows;
}

int fold_report_json(const struct fold_report *report, const char *path)
{
	const struct arena_settings *settings = report->settings;
	const struct fold_pair *lock =
		&report->pairs[0][PCPMM_ACCOUNT_LOCK_CMPXCHG];
	json_t *folds = json_array();

	for (unsigned int i = 0; i < report->nr_folds; i++)
		json_array_append_new(folds, fold(report->folds[i]));
	return json_write(
		json_pack("{s:s,s:i,s:i,s:s,s:f,s:f,s:I,s:o,s:o,s:o,s:f,s:o,"
			  "s:o}",
			"version", PCPMM_VERSION, "cpus", (int)settings->cpus,
			"host_cpus", (int)arena_host_cpus(), "victim",
			arena_role_name(settings->victim), "rate",
			settings->rate_hz, "seconds", settings->seconds,
			"bound_ms", (json_int_t)(settings->bound_ns / 1000000),
			"account", updates(report), "beside",
			beside(report->updates), "fold", folds, "pair_ratio",
			lock->ratio, "pairs", pairs(report), "bytes",
			bytes(&report->bytes)),
		path);
}
