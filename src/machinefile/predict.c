/* SPDX-License-Identifier: MIT */
/* Collect a dump's inputs, run the formulas on them, keep the rows. */
#include "machine/error.h"
#include "predict.h"

#include <pcpmm/proc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool zone_seen(const struct pcpmm_dump *dump, const char *name)
{
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++) {
		if (strcmp(dump->zones[i].info.name, name) == 0)
			return true;
	}
	return false;
}

/*
 * The zone kinds that the dump's kernel was built with, in order. Kernels
 * before 4.12 print populated zones only, so the most likely other kinds are
 * added until there are as many as protection[] has entries.
 */
static void find_kinds(struct predict_in *in)
{
	static const char *const order[] = {
		"DMA", "DMA32", "Normal", "HighMem", "Movable", "Device"};
	static const char *const likely[] = {
		"Movable", "Normal", "DMA32", "Device", "DMA", "HighMem"};
	const unsigned int nr = sizeof(order) / sizeof(order[0]);
	bool use[sizeof(order) / sizeof(order[0])];
	unsigned int have = 0;
	unsigned int want = 0;
	unsigned int i, j;

	for (i = 0; i < in->dump->nr_zones; i++) {
		if (in->dump->zones[i].info.nr_protection > want)
			want = in->dump->zones[i].info.nr_protection;
	}
	for (i = 0; i < nr; i++) {
		use[i] = zone_seen(in->dump, order[i]);
		have += use[i];
	}
	for (j = 0; j < nr && have < want; j++) {
		for (i = 0; strcmp(order[i], likely[j]) != 0; i++)
			;
		have += !use[i];
		use[i] = true;
	}
	for (i = 0; i < nr; i++) {
		if (use[i])
			in->kinds[in->nr_kinds++] = order[i];
	}
}

/* lowmem_reserve_ratio by zone index: the sysctl's, or the defaults. */
static void find_ratios(struct predict_in *in)
{
	bool known = pcpmm_dump_sysctl(in->dump, "vm.lowmem_reserve_ratio");
	unsigned int i;

	for (i = 0; i < in->nr_kinds; i++) {
		if (known && i < PCPMM_NR_ZONES)
			in->ratio[i] = in->sysctl.lowmem_reserve_ratio[i];
		else if (known)
			in->ratio[i] = 0;
		else if (strncmp(in->kinds[i], "DMA", 3) == 0)
			in->ratio[i] = 256;
		else if (strcmp(in->kinds[i], "Normal") == 0)
			in->ratio[i] = 32;
	}
}

static void find_sysctls(struct predict_in *in)
{
	const char *const *names = pcpmm_sysctl_names();
	const char *value;
	unsigned int i;
	char why[128];

	in->sysctl.min_free_kbytes = -1;
	in->sysctl.watermark_scale_factor = 10;
	for (i = 0; names[i]; i++) {
		value = pcpmm_dump_sysctl(in->dump, names[i]);
		if (value)
			sysctl_parse(
				&in->sysctl, names[i], value, why, sizeof(why));
	}
	in->old_fraction = (unsigned int)in->sysctl.percpu_pagelist_fraction;
}

static void find_zones(struct predict_in *in)
{
	const struct pcpmm_dump *dump = in->dump;
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++) {
		const struct pcpmm_dump_zone *info = &dump->zones[i].info;

		in->sizes[i].managed =
			info->has_managed ? info->managed : info->present;
		in->sizes[i].populated = info->present != 0;
		in->sizes[i].highmem = info->type < 0;
		in->sizes[i].movable = info->type == PCPMM_ZONE_MOVABLE;
	}
	in->lowmem_pages = zone_lowmem_pages(
		in->sizes, dump->nr_zones, in->era->wmark_rule);
}

static void find_cpus(struct predict_in *in)
{
	unsigned int cpu;

	for (cpu = 0; cpu < in->dump->nr_cpus; cpu++) {
		if (!in->dump->online[cpu])
			continue;
		in->online++;
		in->node_online[pcpmm_dump_cpu_node(in->dump, cpu)]++;
	}
}

/* No row moves any more, so pointers to their texts stay valid. */
static void finish_rows(struct pcpmm_prediction *prediction)
{
	unsigned int i;

	for (i = 0; i < prediction->nr_rows; i++) {
		struct predict_row *row = &prediction->rows[i];

		row->row.field = row->field;
		row->row.formula = row->formula;
		row->row.note = row->note;
		prediction->matched += row->row.matched;
	}
}

static int predict_all(
	struct predict_in *in, struct pcpmm_prediction *prediction)
{
	unsigned int i;
	int err;

	find_sysctls(in);
	find_kinds(in);
	find_ratios(in);
	find_zones(in);
	find_cpus(in);
	predict_min_free(in, prediction);
	predict_history(in, prediction);
	for (i = 0; i < in->dump->nr_zones; i++) {
		strcpy(prediction->zone_names[i], in->dump->zones[i].info.name);
		if (!in->sizes[i].populated)
			continue;
		err = predict_zone(in, i, prediction);
		if (err)
			return err;
	}
	finish_rows(prediction);
	return 0;
}

static int check_arguments(const struct pcpmm_dump *dump,
	const struct predict_era *era,
	const struct pcpmm_predict_options *options, struct pcpmm_error *error)
{
	if (!era)
		return error_set(error, -EINVAL, "unknown era");
	if (options && options->size != sizeof(*options))
		return error_set(error, -EINVAL, "options of another size");
	if (!dump->nr_zones)
		return error_set(error, -EINVAL, "no zoneinfo was read");
	if (options && options->page_kbytes &&
		(options->page_kbytes < 4 || options->page_kbytes > 64 ||
			(options->page_kbytes & (options->page_kbytes - 1))))
		return error_set(error, -EINVAL,
			"pages of %u KiB: 4, 8, 16, 32 or 64 expected",
			options->page_kbytes);
	if (options && options->history == PCPMM_PREDICT_HISTORY_ONLINED &&
		!pcpmm_dump_cpu_online(dump, options->onlined_cpu))
		return error_set(error, -EINVAL,
			"CPU %u came online last? It is not online",
			options->onlined_cpu);
	return 0;
}

/* Pages of a pageblock on arm64; x86 has 512 pages of 4 KiB. */
static unsigned int pageblock_pages(unsigned int page_kbytes)
{
	return page_kbytes <= 8 ? 512 : page_kbytes == 64 ? 8192 : 2048;
}

/* With pages of one size; NULL: no memory. */
static struct pcpmm_prediction *predict_with(
	const struct predict_in *inputs, unsigned int page_kbytes)
{
	struct predict_in in = *inputs;
	struct pcpmm_prediction *prediction = calloc(1, sizeof(*prediction));
	int err = -ENOMEM;

	in.page_kbytes = page_kbytes;
	in.pageblock_pages = pageblock_pages(page_kbytes);
	in.sizes = calloc(in.dump->nr_zones, sizeof(*in.sizes));
	if (prediction) {
		prediction->page_kbytes = page_kbytes;
		prediction->zone_names = calloc(
			in.dump->nr_zones, sizeof(*prediction->zone_names));
	}
	if (in.sizes && prediction && prediction->zone_names)
		err = predict_all(&in, prediction);
	free(in.sizes);
	if (!err)
		return prediction;
	pcpmm_prediction_free(prediction);
	return NULL;
}

/*
 * Rows that tell the size of a page: batches, thresholds, min marks. 0 if a batch
 * is not matched: it needs no input but the size of the zone.
 */
static unsigned int fits_page_size(const struct pcpmm_prediction *prediction)
{
	unsigned int fits = 0;
	unsigned int i;

	for (i = 0; i < prediction->nr_rows; i++) {
		const struct predict_row *row = &prediction->rows[i];
		bool batch = strcmp(row->field, "pcp_batch") == 0;

		if (batch && !row->row.matched)
			return 0;
		if (batch || strcmp(row->field, "min") == 0 ||
			strcmp(row->field, "stat_threshold") == 0)
			fits += row->row.matched;
	}
	return fits;
}

/* Pages of 4 KiB, unless a larger size explains strictly more. */
static struct pcpmm_prediction *infer_page_size(const struct predict_in *in)
{
	static const unsigned int others[] = {16, 64};
	struct pcpmm_prediction *best = predict_with(in, 4);
	unsigned int i;

	for (i = 0; best && i < sizeof(others) / sizeof(others[0]); i++) {
		struct pcpmm_prediction *other = predict_with(in, others[i]);

		if (other && fits_page_size(other) > fits_page_size(best)) {
			pcpmm_prediction_free(best);
			best = other;
			snprintf(best->page_origin, sizeof(best->page_origin),
				"inferred: batches, thresholds and min marks "
				"fit it better than 4 KiB");
		} else {
			pcpmm_prediction_free(other);
		}
	}
	return best;
}

struct pcpmm_prediction *pcpmm_predict(const struct pcpmm_dump *dump,
	enum pcpmm_era era, const struct pcpmm_predict_options *options,
	struct pcpmm_error *error)
{
	static const struct pcpmm_predict_options defaults = {
		.size = sizeof(defaults)};
	const struct predict_in in = {
		.dump = dump,
		.era = predict_era(era),
		.options = options ? options : &defaults,
	};
	struct pcpmm_prediction *prediction;

	if (check_arguments(dump, in.era, options, error))
		return NULL;
	if (in.options->page_kbytes)
		prediction = predict_with(&in, in.options->page_kbytes);
	else if (dump->page_kbytes)
		prediction = predict_with(&in, dump->page_kbytes);
	else
		prediction = infer_page_size(&in);
	if (prediction && in.options->page_kbytes)
		snprintf(prediction->page_origin,
			sizeof(prediction->page_origin), "as told");
	else if (prediction && dump->page_kbytes > 4)
		snprintf(prediction->page_origin,
			sizeof(prediction->page_origin),
			"the smallest block of the free lists");
	if (!prediction)
		error_set(error, -ENOMEM, "out of memory");
	return prediction;
}

void pcpmm_prediction_free(struct pcpmm_prediction *prediction)
{
	if (!prediction)
		return;
	free(prediction->rows);
	free(prediction->zone_names);
	free(prediction);
}

unsigned int pcpmm_prediction_checked(const struct pcpmm_prediction *prediction)
{
	return prediction->nr_rows;
}

unsigned int pcpmm_prediction_matched(const struct pcpmm_prediction *prediction)
{
	return prediction->matched;
}

const struct pcpmm_prediction_row *pcpmm_prediction_row(
	const struct pcpmm_prediction *prediction, unsigned int index)
{
	if (index >= prediction->nr_rows)
		return NULL;
	return &prediction->rows[index].row;
}

uint64_t pcpmm_prediction_min_free_kbytes(
	const struct pcpmm_prediction *prediction)
{
	return prediction->min_free_kbytes;
}

const char *pcpmm_prediction_history(const struct pcpmm_prediction *prediction)
{
	return prediction->history;
}

const char *pcpmm_prediction_min_free_origin(
	const struct pcpmm_prediction *prediction)
{
	return prediction->min_free_origin;
}

unsigned int pcpmm_prediction_page_kbytes(
	const struct pcpmm_prediction *prediction)
{
	return prediction->page_kbytes;
}

const char *pcpmm_prediction_page_origin(
	const struct pcpmm_prediction *prediction)
{
	return prediction->page_origin;
}
