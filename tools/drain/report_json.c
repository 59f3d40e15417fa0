/* SPDX-License-Identifier: MIT */
/* `pcpmm drain` for programs; the keys are stable. */
#include "../arena/json.h"
#include "report.h"
#include "scene.h"

static json_t *counters(const struct pcpmm_drain_stats *stats)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
			 "s:I,s:I,s:I,s:I}",
		"pcp_global_drain", (json_int_t)stats->pcp_global_drain,
		"pcp_global_ipi_saved", (json_int_t)stats->pcp_global_ipi_saved,
		"busy", (json_int_t)stats->busy, "cpus_visited",
		(json_int_t)stats->cpus_visited, "cpus_interrupted",
		(json_int_t)stats->cpus_interrupted, "ipis",
		(json_int_t)stats->ipis, "works", (json_int_t)stats->works,
		"grace_periods", (json_int_t)stats->grace_periods, "misses",
		(json_int_t)stats->misses, "pages", (json_int_t)stats->pages,
		"time_ns", (json_int_t)stats->time_ns, "time_max_ns",
		(json_int_t)stats->time_max_ns, "mask_waits",
		(json_int_t)stats->mask_waits, "mask_sleeps",
		(json_int_t)stats->mask_sleeps, "lockups",
		(json_int_t)stats->lockups, "recursions",
		(json_int_t)stats->recursions);
}

/* Function call interrupts of each CPU. */
static json_t *cal(const struct arena *arena)
{
	json_t *array = json_array();

	for (unsigned int id = 0; id < arena->settings->cpus; id++)
		json_array_append_new(
			array, json_integer((json_int_t)pcpmm_drain_cal(
				       arena->machine, id)));
	return array;
}

/* What the frees on all CPUs have spilled. */
static json_t *spills(const struct arena *arena)
{
	struct pcpmm_spill_stats stats;

	pcpmm_spill_stats_read(arena->machine, &stats);
	return json_pack("{s:I,s:I,s:I,s:I,s:I}", "holds",
		(json_int_t)stats.holds, "pages", (json_int_t)stats.pages,
		"hold_max", (json_int_t)stats.hold_max, "given_up",
		(json_int_t)stats.given_up, "pages_left",
		(json_int_t)stats.pages_left);
}

/* Refills and frees of pcp_buddy; of other strategies all 0. */
static json_t *pieces(const struct arena *arena)
{
	struct pcpmm_pcp_buddy_stats stats;

	pcpmm_pcp_buddy_stats_read(arena->machine, &stats);
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
			 "s:I,s:I,s:I}",
		"recovers", (json_int_t)stats.recovers, "recovered_pages",
		(json_int_t)stats.recovered_pages, "claims",
		(json_int_t)stats.claims, "chunks", (json_int_t)stats.chunks,
		"chunk_pages", (json_int_t)stats.chunk_pages, "fallback_pages",
		(json_int_t)stats.fallback_pages, "frees_own",
		(json_int_t)stats.frees_own, "frees_routed",
		(json_int_t)stats.frees_routed, "frees_unowned",
		(json_int_t)stats.frees_unowned, "frees_busy",
		(json_int_t)stats.frees_busy, "frees_busy_routed",
		(json_int_t)stats.frees_busy_routed, "frees_zone",
		(json_int_t)stats.frees_zone, "merges",
		(json_int_t)stats.merges, "returned_pages",
		(json_int_t)stats.returned_pages, "releases",
		(json_int_t)stats.releases);
}

static json_t *strategy(const struct drain_row *row)
{
	const struct arena *arena = row->arena;
	struct pcpmm_noise noise = arena_noise(arena);
	uint64_t interruptions = arena_interruptions(&noise);
	double drains = arena_rounds(arena);

	return json_pack("{s:s,s:b,s:b,s:I,s:I,s:f,s:f,s:{s:f,s:f,s:f},s:f,s:f,"
			 "s:o,s:o,s:o,s:o,s:o}",
		"name", arena_name(arena), "finished", !arena->starved,
		"starved", arena->starved, "drains", (json_int_t)arena->acts,
		"interruptions", (json_int_t)interruptions,
		"interruptions_per_drain", (double)interruptions / drains,
		"stolen_us", (double)arena_stolen_ns(&noise) / 1e3,
		"latency_us", "p50", json_latency_us(arena, 0.5), "p99",
		json_latency_us(arena, 0.99), "max", json_latency_us(arena, 1),
		"owner_pair_ns", row->owner.pair_ns, "owner_ratio",
		row->owner.ratio, "causes", json_causes(&noise), "counters",
		counters(&arena->stats), "cal", cal(arena), "spills",
		spills(arena), "pieces", pieces(arena));
}

int drain_report_json(const struct drain_report *report, const char *path)
{
	json_t *root = scene_json(report->settings);
	json_t *rows = json_array();

	for (unsigned int i = 0; i < report->nr_rows; i++)
		json_array_append_new(rows, strategy(&report->rows[i]));
	json_object_set_new(root, "strategies", rows);
	return json_write(root, path);
}
