/* SPDX-License-Identifier: MIT */
/*
 * The inside of a prediction: the inputs from a dump, the rules of an era (a
 * range of kernel versions), and the rows that compare predicted and printed
 * values.
 */
#ifndef MACHINEFILE_PREDICT_H
#define MACHINEFILE_PREDICT_H

#include "dump.h"
#include <pcpmm/predict.h>
#include "zone/sizing.h"

/* How the kernel computes pcp->high. */
enum predict_high {
	PREDICT_HIGH_SIXFOLD, /* six batches, or percpu_pagelist_fraction */
	PREDICT_HIGH_LOW_WMARK, /* a part of the low watermark */
	PREDICT_HIGH_BOUNDS, /* floats between two bounds */
};

struct predict_era {
	const char *name;
	unsigned int first; /* kernel: version * 1000 + patchlevel */
	enum zone_wmark_rule wmark_rule;
	enum predict_high high_rule;
	unsigned int batch_cap_pages; /* of 4 KiB */
	uint64_t min_free_cap_kbytes;
	bool khugepaged_all_zones;
	bool boot_once; /* min_free_kbytes without huge pages: one pass */
	bool reserves_follow; /* protection, whenever managed pages change */
};

const struct predict_era *predict_era(unsigned int era);

/* The formulas' inputs from the dump. */
struct predict_in {
	const struct pcpmm_dump *dump;
	const struct predict_era *era;
	const struct pcpmm_predict_options *options;

	unsigned int page_kbytes;
	unsigned int pageblock_pages;
	struct zone_size_in *sizes; /* one per zone of the dump */
	uint64_t lowmem_pages;
	unsigned int online; /* CPUs */
	unsigned int node_online[PCPMM_NODES_MAX];

	/* Zone kinds of that kernel by index, as protection[] counts them. */
	unsigned int nr_kinds;
	const char *kinds[PCPMM_DUMP_PROTECTION_MAX];
	int32_t ratio[PCPMM_DUMP_PROTECTION_MAX];

	int onlined_node; /* of the CPU that came online last; -1: none */

	struct pcpmm_sysctls sysctl;
	unsigned int old_fraction; /* vm.percpu_pagelist_fraction */
};

struct predict_row {
	struct pcpmm_prediction_row row; /* texts set after the last row */
	char field[24];
	char formula[224];
	char note[160];
};

struct pcpmm_prediction {
	struct predict_row *rows;
	unsigned int nr_rows, rows_size;
	unsigned int matched;
	uint64_t min_free_kbytes;
	char min_free_origin[256];
	char history[128];
	unsigned int page_kbytes;
	char page_origin[128];
	char (*zone_names)[12]; /* one per zone of the dump */
};

/* Set min_free_kbytes, and the text that says its origin. */
void predict_min_free(
	struct predict_in *in, struct pcpmm_prediction *prediction);

/* The watermarks without boost that follow from @min_free_kbytes. */
void predict_wmarks(const struct predict_in *in, unsigned int zone,
	uint64_t min_free_kbytes, struct zone_wmarks *wmarks);

/* A CPU's high of that zone by the rule of 5.13..6.6; see pcp_high(). */
int predict_high(const struct predict_in *in, unsigned int zone, uint64_t low);

/* Number of CPUs that share high, given in->onlined_node. */
unsigned int predict_high_cpus(const struct predict_in *in, unsigned int nid);

/* The largest chunk that a batch is derived from, in pages of that size. */
unsigned int predict_batch_cap(const struct predict_in *in);

/* Set in->onlined_node, and the text that says its origin. */
void predict_history(
	struct predict_in *in, struct pcpmm_prediction *prediction);

/* Add all rows of one populated zone. 0 or -ENOMEM. */
int predict_zone(const struct predict_in *in, unsigned int zone,
	struct pcpmm_prediction *prediction);

#endif
