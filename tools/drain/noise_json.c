/* SPDX-License-Identifier: MIT */
/* `pcpmm noise` for programs; the keys are stable. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../arena/json.h"
#include "report.h"
#include "scene.h"

/* Buckets that are not empty: [{us, count}, ...]. */
static json_t *buckets(
	const struct noise_report *report, const struct noise_bins *bins)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < report->entries; i++)
		if (bins->count[i])
			json_array_append_new(list,
				json_pack("{s:I,s:I}", "us",
					(json_int_t)i * report->bucket_us,
					"count", (json_int_t)bins->count[i]));
	return list;
}

static json_t *victim_json(const struct noise_report *report,
	const struct arena_victim *victim, struct noise_bins *bins)
{
	const struct pcpmm_histogram *histogram = &victim->histogram;
	double count = (double)histogram->count;

	memset(bins->count, 0, report->entries * sizeof(*bins->count));
	bins->over = 0;
	noise_bins_add(bins, report, histogram);
	return json_pack("{s:i,s:o,s:I,s:I,s:f,s:f,s:f,s:I,s:o}", "cpu",
		(int)victim->id, "histogram", buckets(report, bins), "over",
		(json_int_t)bins->over, "count", (json_int_t)histogram->count,
		"min_us", count > 0 ? (double)histogram->min / 1e3 : 0.0,
		"avg_us",
		count > 0 ? (double)histogram->sum / 1e3 / count : 0.0,
		"max_us", count > 0 ? (double)histogram->max / 1e3 : 0.0,
		"interruptions",
		(json_int_t)arena_interruptions(&victim->noise), "causes",
		json_causes(&victim->noise));
}

int noise_report_json(const struct noise_report *report, const char *path)
{
	const struct arena *arena = report->arena;
	struct noise_bins bins = {.over = 0};
	json_t *root, *victims;

	bins.count = calloc(report->entries, sizeof(*bins.count));
	if (!bins.count)
		return -ENOMEM;
	root = scene_json(arena->settings);
	victims = json_array();
	json_object_set_new(root, "strategy", json_string(arena_name(arena)));
	json_object_set_new(root, "finished", json_boolean(!arena->starved));
	json_object_set_new(root, "starved", json_boolean(arena->starved));
	json_object_set_new(
		root, "drains", json_integer((json_int_t)arena->acts));
	json_object_set_new(root, "bucket_us", json_integer(report->bucket_us));
	json_object_set_new(root, "entries", json_integer(report->entries));
	for (unsigned int i = 0; i < arena->nr_victims; i++)
		json_array_append_new(victims,
			victim_json(report, &arena->victims[i], &bins));
	json_object_set_new(root, "victims", victims);
	free(bins.count);
	return json_write(root, path);
}
