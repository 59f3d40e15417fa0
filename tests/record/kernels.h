/* SPDX-License-Identifier: MIT */
/*
 * Layouts of five kernels of Debian on x86-64, as far as probes read them. Each
 * is what its recorded trace was made with, by hand and pahole.
 */
#ifndef TEST_KERNELS_H
#define TEST_KERNELS_H

#include "kernel_btf.h"

#define ZONE(name_at, flags_at)                                                \
	{"zone", "char*", "name", name_at},                                    \
	{                                                                      \
		"zone", "unsigned long", "flags", flags_at                     \
	}

#define PCP(type, name, at)                                                    \
	{                                                                      \
		"per_cpu_pages", type, name, at                                \
	}

/* From 6.7 on. */
#define PCP_AUTOTUNED                                                          \
	PCP("int", "count", 4), PCP("int", "high", 8),                         \
		PCP("int", "high_min", 12), PCP("int", "high_max", 16),        \
		PCP("int", "batch", 20), PCP("u8", "flags", 24),               \
		PCP("u8", "alloc_factor", 25), PCP("short", "free_count", 28)

static const struct test_member members_5_10[] = {ZONE(136, 1160),
	PCP("int", "count", 0), PCP("int", "high", 4), PCP("int", "batch", 8),
	{0}};
static const struct test_member members_6_1[] = {ZONE(168, 1224),
	PCP("int", "count", 4), PCP("int", "high", 8), PCP("int", "batch", 12),
	PCP("short", "free_factor", 16), {0}};
static const struct test_member members_6_12[] = {
	ZONE(184, 1240), PCP_AUTOTUNED, {0}};
static const struct test_member members_6_18[] = {
	ZONE(184, 1272), PCP_AUTOTUNED, {0}};
static const struct test_member members_7_3[] = {
	ZONE(192, 1448), PCP_AUTOTUNED, {0}};

#define FREE_BULK                                                              \
	{                                                                      \
		"void", "free_pcppages_bulk",                                  \
			"zone* zone, int count, pcp* pcp, int pindex"          \
	}
#define DRAINS                                                                 \
	{"void", "drain_pages_zone", "unsigned int cpu, zone* zone"},          \
	{                                                                      \
		"void", "drain_zone_pages", "zone* zone, pcp* pcp"             \
	}

static const struct test_function functions_5_10[] = {
	{"void", "free_pcppages_bulk", "zone* zone, int count, pcp* pcp"},
	{"int", "refresh_cpu_vm_stats", "bool do_pagesets"}, {0}};
static const struct test_function functions_6_1[] = {FREE_BULK, DRAINS,
	{"int", "rmqueue_bulk",
		"zone* zone, unsigned int order, unsigned long count, list* "
		"list, int migratetype, unsigned int alloc_flags"},
	{"unsigned long", "__alloc_pages_bulk",
		"gfp_t gfp, int preferred_nid, nodemask* nodemask, int "
		"nr_pages, list* page_list, page** page_array"},
	{"int", "refresh_cpu_vm_stats", "bool do_pagesets"},
	{"void", "__zone_set_pageset_high_and_batch",
		"zone* zone, unsigned long high, unsigned long batch"},
	{0}};
static const struct test_function functions_6_12[] = {FREE_BULK, DRAINS,
	{"int", "decay_pcp_high", "zone* zone, pcp* pcp"},
	{"void", "free_one_page",
		"zone* zone, page* page, unsigned long pfn, unsigned int "
		"order, int fpi_flags"},
	{"void", "__zone_set_pageset_high_and_batch",
		"zone* zone, unsigned long high_min, unsigned long high_max, "
		"unsigned long batch"},
	{0}};
static const struct test_function functions_6_18[] = {FREE_BULK, DRAINS,
	{"bool", "decay_pcp_high", "zone* zone, pcp* pcp"},
	{"unsigned long", "alloc_pages_bulk_noprof",
		"gfp_t gfp, int preferred_nid, nodemask* nodemask, int "
		"nr_pages, page** page_array"},
	{"bool", "free_frozen_page_commit",
		"zone* zone, pcp* pcp, page* page, int migratetype, unsigned "
		"int order, int fpi_flags"},
	{"void", "__drain_all_pages", "zone* zone, bool force_all_cpus"}, {0}};

static const struct test_kernel kernel_5_10 = {members_5_10, functions_5_10};
static const struct test_kernel kernel_6_1 = {members_6_1, functions_6_1};
static const struct test_kernel kernel_6_12 = {members_6_12, functions_6_12};
static const struct test_kernel kernel_6_18 = {members_6_18, functions_6_18};
static const struct test_kernel kernel_7_3 = {members_7_3, functions_6_18};

#endif
