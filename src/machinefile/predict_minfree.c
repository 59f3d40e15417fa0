/* SPDX-License-Identifier: MIT */
/*
 * Where min_free_kbytes comes from: the sysctl if it is known, else the value
 * that the kernel computes at boot. With a sysctl the text has both values.
 */
#include "predict.h"

#include <stdio.h>

static const char *const path_names[] = {
	[ZONE_BOOT_SMALL] = "square root of lowmem (RAM below 512 MiB)",
	[ZONE_BOOT_THP_NEVER] =
		"square root of lowmem (transparent_hugepage=never)",
	[ZONE_BOOT_THP] = "khugepaged's wish (transparent_hugepage=always)",
};

/* The value at boot; sizes[].high is scratch space. */
static uint64_t boot_value(struct predict_in *in, enum zone_boot_path path)
{
	const struct zone_boot_rules rules = {
		.wmark_rule = in->era->wmark_rule,
		.cap_kbytes = in->era->min_free_cap_kbytes,
		.page_kbytes = in->page_kbytes,
		.pageblock_pages = in->pageblock_pages,
		.khugepaged_all_zones = in->era->khugepaged_all_zones,
	};

	if (path == ZONE_BOOT_THP_NEVER && in->era->boot_once)
		path = ZONE_BOOT_SMALL;
	return zone_boot_min_free_kbytes(in->sizes, in->dump->nr_zones, path,
		&rules, in->sysctl.watermark_scale_factor);
}

/* Sum over zones of the differences of computed and printed min marks. */
static uint64_t distance(
	const struct predict_in *in, uint64_t min_free_kbytes, uint64_t *sum)
{
	const struct pcpmm_dump_zone *info;
	struct zone_wmarks wmarks;
	uint64_t total = 0;
	unsigned int i;

	*sum = 0;
	for (i = 0; i < in->dump->nr_zones; i++) {
		uint64_t actual;

		info = &in->dump->zones[i].info;
		predict_wmarks(in, i, min_free_kbytes, &wmarks);
		actual = info->min > info->boost ? info->min - info->boost : 0;
		total += actual > wmarks.min ? actual - wmarks.min
					     : wmarks.min - actual;
		*sum += actual;
	}
	return total;
}

static enum zone_boot_path path_of(const struct predict_in *in, bool thp)
{
	return zone_boot_path(
		in->sizes, in->dump->nr_zones, thp, in->page_kbytes);
}

/* No sysctl: the path of the options, or the one that fits best. */
static void from_boot(
	struct predict_in *in, struct pcpmm_prediction *prediction)
{
	enum pcpmm_predict_thp thp = in->options->thp;
	enum zone_boot_path path = path_of(in, thp != PCPMM_PREDICT_THP_NEVER);
	enum zone_boot_path never = path_of(in, false);
	uint64_t value = boot_value(in, path);
	uint64_t off, other, sum;

	off = distance(in, value, &sum);
	if (thp == PCPMM_PREDICT_THP_AUTO && never != path) {
		other = boot_value(in, never);
		if (distance(in, other, &sum) < off) {
			path = never;
			value = other;
			off = distance(in, value, &sum);
		}
	}
	prediction->min_free_kbytes = value;
	/* Boot frees some memory late, so a small difference still fits. */
	snprintf(prediction->min_free_origin,
		sizeof(prediction->min_free_origin),
		"computed as at boot: %s%s", path_names[path],
		off * 50 <= sum
			? ""
			: "; the printed marks do not fit it, so it was "
			  "probably set by hand: give the sysctls");
}

static void from_sysctl(
	struct predict_in *in, struct pcpmm_prediction *prediction)
{
	uint64_t value = (uint64_t)in->sysctl.min_free_kbytes;
	enum zone_boot_path thp = path_of(in, true);
	enum zone_boot_path never = path_of(in, false);
	uint64_t thp_value = boot_value(in, thp);
	uint64_t never_value = boot_value(in, never);

	prediction->min_free_kbytes = value;
	if (thp == never)
		snprintf(prediction->min_free_origin,
			sizeof(prediction->min_free_origin),
			"from the sysctls; boot computes %llu: %s",
			(unsigned long long)thp_value, path_names[thp]);
	else
		snprintf(prediction->min_free_origin,
			sizeof(prediction->min_free_origin),
			"from the sysctls; boot computes %llu: %s, or %llu: %s",
			(unsigned long long)thp_value, path_names[thp],
			(unsigned long long)never_value, path_names[never]);
}

void predict_min_free(
	struct predict_in *in, struct pcpmm_prediction *prediction)
{
	if (in->sysctl.min_free_kbytes >= 0)
		from_sysctl(in, prediction);
	else
		from_boot(in, prediction);
}
