/* SPDX-License-Identifier: MIT */
/*
 * One zone's rows: every value that its kernel computed, with the formula.
 *
 * A row does not use the printed value to predict it, with one exception, which
 * the row states: no formula knows whether kswapd was awake, so a stat
 * threshold may be the normal or the pressure one. Inputs that a dump may lack
 * (min_free_kbytes, a CPU that came online) are determined before, in
 * predict_minfree.c and predict_history.c.
 */
#include "predict.h"
#include "pcplist/sizing.h"
#include "vmstat/threshold.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ULL unsigned long long

/* The inputs of the rows of one zone. */
struct zone_rows {
	const struct predict_in *in;
	struct pcpmm_prediction *prediction;
	unsigned int zone;
	const struct pcpmm_dump_zone *info;
	struct zone_wmarks wmarks;
	uint64_t managed;
	unsigned int cpus; /* that share pcp high */
	int batch;
};

static struct predict_row *add_row(struct zone_rows *rows, const char *field,
	int64_t actual, int64_t predicted)
{
	struct pcpmm_prediction *prediction = rows->prediction;
	struct predict_row *row;

	if (dump_grow((void **)&prediction->rows, &prediction->rows_size,
		    prediction->nr_rows, sizeof(*row)))
		return NULL;
	row = &prediction->rows[prediction->nr_rows++];
	memset(row, 0, sizeof(*row));
	snprintf(row->field, sizeof(row->field), "%s", field);
	row->row.nid = rows->info->nid;
	row->row.zone = prediction->zone_names[rows->zone];
	row->row.cpu = -1;
	row->row.actual = actual;
	row->row.predicted = predicted;
	row->row.predicted_max = predicted;
	row->row.matched = actual == predicted;
	return row;
}

static void __attribute__((format(printf, 2, 3)))
say(struct predict_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(row->formula, sizeof(row->formula), format, args);
	va_end(args);
}

/* A difference up to 3 %: boot computed it before all memory was there. */
static void note_boot(struct predict_row *row, const char *remedy)
{
	int64_t off = row->row.actual - row->row.predicted;

	if (!row->row.matched && !row->note[0] &&
		(off < 0 ? -off : off) * 100 <= row->row.predicted * 3)
		snprintf(row->note, sizeof(row->note),
			"nearly: as computed at boot, from fewer managed pages "
			"(%s recomputes it)",
			remedy);
}

static int protection_rows(struct zone_rows *rows)
{
	const struct predict_in *in = rows->in;
	uint64_t managed[PCPMM_DUMP_PROTECTION_MAX] = {0};
	uint64_t reserve[PCPMM_DUMP_PROTECTION_MAX];
	unsigned int own = 0;
	uint64_t above = 0;
	unsigned int i, j;
	char field[24];

	for (j = 0; j < in->nr_kinds; j++) {
		if (strcmp(in->kinds[j], rows->info->name) == 0)
			own = j;
		for (i = 0; i < in->dump->nr_zones; i++) {
			const struct pcpmm_dump_zone *info =
				&in->dump->zones[i].info;

			if (info->nid == rows->info->nid &&
				strcmp(info->name, in->kinds[j]) == 0)
				managed[j] = in->sizes[i].managed;
		}
	}
	zone_lowmem_reserve(managed, in->nr_kinds, own, in->ratio, reserve);
	for (j = own + 1; j < rows->info->nr_protection; j++) {
		struct predict_row *row;

		above += managed[j];
		snprintf(field, sizeof(field), "protection[%u]", j);
		row = add_row(rows, field, (int64_t)rows->info->protection[j],
			(int64_t)reserve[j]);
		if (!row)
			return -1;
		if (in->ratio[own] > 0)
			say(row, "%llu managed above, up to %s / ratio %d",
				(ULL)above, in->kinds[j], in->ratio[own]);
		else
			say(row, "lowmem_reserve_ratio of %s is 0",
				in->kinds[own]);
		if (!in->era->reserves_follow)
			note_boot(row, "reading vm.lowmem_reserve_ratio");
	}
	return 0;
}

/* Before 5.x boost is not printed, but all three marks contain it. */
static void note_boost(struct zone_rows *rows, struct predict_row *row)
{
	uint64_t boost = rows->info->min - rows->wmarks.min;

	if (row->row.matched || rows->info->has_boost ||
		rows->info->min <= rows->wmarks.min || boost % 512 ||
		rows->info->low - rows->wmarks.low != boost ||
		rows->info->high - rows->wmarks.high != boost)
		return;
	snprintf(row->note, sizeof(row->note),
		"fits with a watermark boost of %llu pages, which this kernel "
		"does not print",
		(ULL)boost);
}

static void say_min(const struct zone_rows *rows, struct predict_row *row)
{
	const struct zone_size_in *size = &rows->in->sizes[rows->zone];

	if (size->highmem || (size->movable && rows->in->era->wmark_rule ==
						       ZONE_WMARK_NOT_MOVABLE))
		say(row, "clamp(managed %llu / 1024, 32, 128) + boost %llu",
			(ULL)rows->managed, (ULL)rows->info->boost);
	else
		say(row,
			"share: min_free_kbytes %llu / %u * managed %llu / "
			"lowmem %llu, + boost %llu",
			(ULL)rows->prediction->min_free_kbytes,
			rows->in->page_kbytes, (ULL)rows->managed,
			(ULL)rows->in->lowmem_pages, (ULL)rows->info->boost);
}

static int wmark_rows(struct zone_rows *rows)
{
	bool quarter = rows->in->era->wmark_rule == ZONE_WMARK_QUARTER;
	const struct zone_wmarks *wmarks = &rows->wmarks;
	const struct {
		const char *name;
		uint64_t actual;
		uint64_t base;
		uint64_t below; /* the mark that this one is computed from */
		const char *below_name;
	} marks[] = {
		{"min", rows->info->min, wmarks->min, 0, ""},
		{"low", rows->info->low, wmarks->low, wmarks->min, "min"},
		{"high", rows->info->high, wmarks->high,
			quarter ? wmarks->min : wmarks->low,
			quarter ? "min" : "low"},
		{"promo", rows->info->promo, wmarks->promo, wmarks->high,
			"high"},
	};
	unsigned int nr = rows->info->has_promo ? 4 : 3;
	uint64_t share = rows->in->lowmem_pages
				 ? rows->prediction->min_free_kbytes /
					   rows->in->page_kbytes *
					   rows->managed /
					   rows->in->lowmem_pages
				 : 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct predict_row *row =
			add_row(rows, marks[i].name, (int64_t)marks[i].actual,
				(int64_t)(marks[i].base + rows->info->boost));

		if (!row)
			return -1;
		if (i == 0)
			say_min(rows, row);
		else if (quarter)
			say(row, "%s %llu + share %llu / %d",
				marks[i].below_name, (ULL)marks[i].below,
				(ULL)share, i == 1 ? 4 : 2);
		else
			say(row,
				"%s %llu + max(share %llu / 4, managed %llu * "
				"%d / "
				"10000) + boost %llu",
				marks[i].below_name, (ULL)marks[i].below,
				(ULL)share, (ULL)rows->managed,
				rows->in->sysctl.watermark_scale_factor,
				(ULL)rows->info->boost);
		note_boost(rows, row);
		note_boot(row, "writing vm.min_free_kbytes");
	}
	return 0;
}

static int32_t pageset_value(
	const struct pcpmm_dump_pageset *set, size_t offset)
{
	return *(const int32_t *)((const char *)set + offset);
}

static bool same_on_all_cpus(const struct zone_rows *rows, size_t offset)
{
	const struct pcpmm_dump_pageset *sets =
		rows->in->dump->zones[rows->zone].pagesets;
	unsigned int i;

	for (i = 1; i < rows->info->nr_pagesets; i++) {
		if (pageset_value(&sets[i], offset) !=
			pageset_value(&sets[0], offset))
			return false;
	}
	return true;
}

/* Completes a row of a per-CPU value: range, formula, note. */
typedef void finish_row(const struct zone_rows *rows, struct predict_row *row);

/* One row if all CPUs agree, else one per CPU. */
static int pageset_rows(struct zone_rows *rows, const char *field,
	size_t offset, int64_t predicted, finish_row *finish)
{
	const struct pcpmm_dump_pageset *sets =
		rows->in->dump->zones[rows->zone].pagesets;
	unsigned int nr = rows->info->nr_pagesets;
	bool same = same_on_all_cpus(rows, offset);
	unsigned int i;

	for (i = 0; i < (same && nr ? 1 : nr); i++) {
		struct predict_row *row = add_row(rows, field,
			pageset_value(&sets[i], offset), predicted);

		if (!row)
			return -1;
		if (!same)
			row->row.cpu = (int)sets[i].cpu;
		finish(rows, row);
	}
	return 0;
}

static void say_high(const struct zone_rows *rows, struct predict_row *row)
{
	int fraction = rows->in->sysctl.percpu_pagelist_high_fraction;

	if (fraction)
		say(row, "max(managed %llu / %d / %u CPUs, 4 * batch %d)",
			(ULL)rows->managed, fraction, rows->cpus, rows->batch);
	else
		say(row, "max(low %llu / %u CPUs, 4 * batch %d)",
			(ULL)rows->wmarks.low, rows->cpus, rows->batch);
}

static void finish_high(const struct zone_rows *rows, struct predict_row *row)
{
	say_high(rows, row);
	if (!row->row.matched && predict_high(rows->in, rows->zone,
					 rows->info->low) == row->row.actual)
		snprintf(row->note, sizeof(row->note),
			"follows from the printed low watermark %llu",
			(ULL)rows->info->low);
}

static void finish_bounds(const struct zone_rows *rows, struct predict_row *row)
{
	int high_min, high_max;

	pcp_high_bounds(rows->wmarks.low, rows->managed,
		(unsigned int)rows->in->sysctl.percpu_pagelist_high_fraction,
		rows->cpus, rows->batch, &high_min, &high_max);
	row->row.predicted = high_min;
	row->row.predicted_max = high_max;
	row->row.matched =
		!row->row.actual ||
		(row->row.actual >= high_min && row->row.actual <= high_max);
	if (rows->in->sysctl.percpu_pagelist_high_fraction)
		say_high(rows, row);
	else
		say(row,
			"0 or from max(low %llu / %u CPUs, 4 * batch %d) to "
			"max(managed %llu / 8 / %u CPUs, 4 * batch)",
			(ULL)rows->wmarks.low, rows->cpus, rows->batch,
			(ULL)rows->managed, rows->cpus);
	if (!row->row.matched)
		snprintf(row->note, sizeof(row->note),
			"from before the last change of the bounds? It is "
			"clamped when next used");
}

static void finish_sixfold(
	const struct zone_rows *rows, struct predict_row *row)
{
	if (rows->in->old_fraction)
		say(row, "managed %llu / percpu_pagelist_fraction %u",
			(ULL)rows->managed, rows->in->old_fraction);
	else
		say(row, "6 * batch before it is raised to 1");
}

static void finish_batch(const struct zone_rows *rows, struct predict_row *row)
{
	say(row, "max(1, 2^n - 1) from min(managed %llu / 1024, %u) * 3 / 8",
		(ULL)rows->managed, predict_batch_cap(rows->in));
}

static void finish_bound(const struct zone_rows *rows, struct predict_row *row)
{
	say(row, "max(low %llu / %u CPUs, 4 * batch %d); max: managed / 8",
		(ULL)rows->wmarks.low, rows->cpus, rows->batch);
}

/* Kernels later than 6.12 print the bounds themselves. */
static int bound_rows(struct zone_rows *rows)
{
	const struct dump_zone *zone = &rows->in->dump->zones[rows->zone];
	int high_min, high_max;

	if (!zone->info.nr_pagesets || zone->pagesets[0].high_min < 0)
		return 0;
	pcp_high_bounds(rows->wmarks.low, rows->managed,
		(unsigned int)rows->in->sysctl.percpu_pagelist_high_fraction,
		rows->cpus, rows->batch, &high_min, &high_max);
	return pageset_rows(rows, "pcp_high_min",
		       offsetof(struct pcpmm_dump_pageset, high_min), high_min,
		       finish_bound) ||
	       pageset_rows(rows, "pcp_high_max",
		       offsetof(struct pcpmm_dump_pageset, high_max), high_max,
		       finish_bound);
}

static unsigned int page_shift(unsigned int page_kbytes)
{
	unsigned int shift;

	for (shift = 10; page_kbytes > 1; page_kbytes /= 2)
		shift++;
	return shift;
}

static int high_rows(struct zone_rows *rows)
{
	const size_t offset = offsetof(struct pcpmm_dump_pageset, high);
	int high = predict_high(rows->in, rows->zone, rows->wmarks.low);

	switch (rows->in->era->high_rule) {
	case PREDICT_HIGH_LOW_WMARK:
		return pageset_rows(
			rows, "pcp_high", offset, high, finish_high);
	case PREDICT_HIGH_BOUNDS:
		return pageset_rows(
			       rows, "pcp_high", offset, high, finish_bounds) ||
		       bound_rows(rows);
	case PREDICT_HIGH_SIXFOLD:
		break;
	}
	high = pcp_high_sixfold(
		pcp_batch_raw(rows->managed, predict_batch_cap(rows->in)));
	if (rows->in->old_fraction)
		pcp_high_old_fraction(rows->managed, rows->in->old_fraction,
			page_shift(rows->in->page_kbytes), &high, &rows->batch);
	return pageset_rows(rows, "pcp_high", offset, high, finish_sixfold);
}

static void finish_threshold(
	const struct zone_rows *rows, struct predict_row *row)
{
	unsigned int online = rows->in->online;
	int pressure = vmstat_pressure_threshold(
		rows->wmarks.low, rows->wmarks.min, online);

	if (!row->row.matched && row->row.actual == pressure) {
		say(row,
			"pressure (kswapd was awake): (low %llu - min %llu) / "
			"%u CPUs; normally %lld",
			(ULL)rows->wmarks.low, (ULL)rows->wmarks.min, online,
			(long long)row->row.predicted);
		row->row.predicted = pressure;
		row->row.predicted_max = pressure;
		row->row.matched = true;
		return;
	}
	say(row, "2 * fls(%u CPUs) * (1 + fls(managed %llu / %u)), <= %d",
		online, (ULL)rows->managed,
		(128u << 10) / rows->in->page_kbytes, VMSTAT_THRESHOLD_MAX);
}

int predict_zone(const struct predict_in *in, unsigned int zone,
	struct pcpmm_prediction *prediction)
{
	struct zone_rows rows = {
		.in = in,
		.prediction = prediction,
		.zone = zone,
		.info = &in->dump->zones[zone].info,
		.managed = in->sizes[zone].managed,
	};

	predict_wmarks(in, zone, prediction->min_free_kbytes, &rows.wmarks);
	rows.cpus = predict_high_cpus(in, rows.info->nid);
	rows.batch = pcp_batch(rows.managed, predict_batch_cap(in));
	if (protection_rows(&rows) || wmark_rows(&rows))
		return -ENOMEM;
	/* A show_mem text has no lists. */
	if (rows.info->nr_pagesets &&
		in->dump->zones[zone].pagesets[0].batch < 0)
		return 0;
	if (high_rows(&rows))
		return -ENOMEM;
	if (pageset_rows(&rows, "pcp_batch",
		    offsetof(struct pcpmm_dump_pageset, batch), rows.batch,
		    finish_batch))
		return -ENOMEM;
	/* Kernels without SMP have, and print, no thresholds. */
	if (rows.info->nr_pagesets &&
		in->dump->zones[zone].pagesets[0].stat_threshold < 0)
		return 0;
	if (pageset_rows(&rows, "stat_threshold",
		    offsetof(struct pcpmm_dump_pageset, stat_threshold),
		    vmstat_normal_threshold(
			    rows.managed * in->page_kbytes / 4, in->online),
		    finish_threshold))
		return -ENOMEM;
	return 0;
}
