/* SPDX-License-Identifier: MIT */
/* The table of probes; see probes.h. Arguments and names: docs/replay.md. */
#include "probes.h"

#define ZONE_NAME                                                              \
	{                                                                      \
		.name = "zone", .source = RECORD_STRING, .argument = "zone",   \
		.structure = "zone", .member = "name"                          \
	}
#define ZONE_FLAGS                                                             \
	{                                                                      \
		.name = "zflags", .source = RECORD_MEMBER, .hex = true,        \
		.argument = "zone", .structure = "zone", .member = "flags"     \
	}
#define ARGUMENT(shown, names)                                                 \
	{                                                                      \
		.name = shown, .source = RECORD_ARGUMENT, .argument = names    \
	}
#define POINTER(shown, names)                                                  \
	{                                                                      \
		.name = shown, .source = RECORD_ARGUMENT, .hex = true,         \
		.argument = names                                              \
	}
#define NEEDED(shown, names)                                                   \
	{                                                                      \
		.name = shown, .source = RECORD_ARGUMENT, .required = true,    \
		.argument = names                                              \
	}
/* Where the kernel does not describe the function: argument @at of @kind. */
#define PLACED(shown, names, at, kind)                                         \
	{                                                                      \
		.name = shown, .source = RECORD_ARGUMENT, .required = true,    \
		.hex = true, .argument = names, .place = at, .type = kind      \
	}
#define PCP(shown, of)                                                         \
	{                                                                      \
		.name = shown, .source = RECORD_MEMBER, .argument = "pcp",     \
		.structure = "per_cpu_pages", .member = of                     \
	}
#define PCP_NEEDED(shown, of)                                                  \
	{                                                                      \
		.name = shown, .source = RECORD_MEMBER, .required = true,      \
		.argument = "pcp", .structure = "per_cpu_pages", .member = of  \
	}
#define RESULT(shown)                                                          \
	{                                                                      \
		.name = shown, .source = RECORD_RESULT, .required = true       \
	}

const struct record_probe record_probes[] = {
	{
		.event = "free_bulk",
		.functions = {"free_pcppages_bulk"},
		.lost = "count, high and batch at a spill are taken from the "
			"simulated lists and zoneinfo",
		.fields = {ZONE_NAME, NEEDED("n", "count"),
			POINTER("pcp", "pcp"), ARGUMENT("pindex", "pindex"),
			PCP_NEEDED("count", "count"), PCP("high", "high"),
			PCP("high_min", "high_min"),
			PCP("high_max", "high_max"), PCP("batch", "batch"),
			PCP("flags", "flags"), PCP("af", "alloc_factor"),
			PCP("fc", "free_count"), PCP("ff", "free_factor"),
			ZONE_FLAGS},
	},
	{
		.event = "refill",
		.functions = {"rmqueue_bulk"},
		.lost = "a refill is a run of mm_page_alloc_zone_locked lines, "
			"and what it asked for is not known",
		.fields = {ZONE_NAME, NEEDED("order", "order"),
			NEEDED("n", "count"), POINTER("list", "list"),
			NEEDED("mt", "migratetype"),
			POINTER("aflags", "alloc_flags")},
	},
	{
		.event = "refill_ret",
		.functions = {"rmqueue_bulk"},
		.at_return = true,
		.lost = "how many blocks a refill got is counted in lines",
		.fields = {RESULT("got")},
	},
	{
		.event = "bulk_alloc",
		.functions = {"alloc_pages_bulk_noprof", "__alloc_pages_bulk"},
		.lost = "pages allocated in bulk are found from what is "
			"missing later",
		.fields = {{.name = "gfp",
				   .source = RECORD_ARGUMENT,
				   .required = true,
				   .hex = true,
				   .argument = "gfp"},
			ARGUMENT("nid", "preferred_nid|nid"),
			NEEDED("nr", "nr_pages")},
	},
	{
		.event = "bulk_alloc_ret",
		.functions = {"alloc_pages_bulk_noprof", "__alloc_pages_bulk"},
		.at_return = true,
		.lost = "how many pages a bulk allocation got is not known",
		.fields = {RESULT("got")},
	},
	{
		.event = "free_one",
		.functions = {"free_one_page"},
		/* Arguments that moved must not look like an order. */
		.filter = "order <= 15",
		.lost = "frees past the lists are found from where pages are "
			"seen next",
		.fields = {PLACED("page", "page", 2, "x64"),
			PLACED("pfn", "pfn", 3, "x64"),
			PLACED("order", "order", 4, "x32"),
			POINTER("fpi", "fpi_flags")},
	},
	{
		.event = "free_pages_ok",
		.functions = {"__free_pages_ok"},
		.lost = "frees of orders without a list are told by their "
			"order",
		.fields = {POINTER("page", "page"), NEEDED("order", "order"),
			POINTER("fpi", "fpi_flags")},
	},
	{
		.event = "drain_pz",
		.functions = {"drain_pages_zone"},
		.lost = "a bulk free without a free before it counts as a "
			"drain",
		.fields = {NEEDED("cpu", "cpu"), ZONE_NAME},
	},
	{
		.event = "drain_remote",
		.functions = {"drain_zone_pages"},
		.lost = "remote drains count as bulk frees without a cause",
		.fields = {ZONE_NAME, PCP_NEEDED("count", "count"),
			PCP("batch", "batch")},
	},
	{
		.event = "drain_wq",
		.functions = {"drain_local_pages_wq"},
		.some = true,
		.lost = "a drain by a worker is a bulk free without a cause",
	},
	{
		.event = "drain_all",
		.functions = {"__drain_all_pages", "drain_all_pages"},
		.lost = "where a drain of all CPUs begins is not known",
		.fields = {POINTER("zone", "zone"),
			ARGUMENT("force", "force_all_cpus")},
	},
	{
		.event = "drain_all_ret",
		.functions = {"__drain_all_pages", "drain_all_pages"},
		.at_return = true,
		.lost = "where a drain of all CPUs ends is not known",
	},
	{
		.event = "vmstat_refresh",
		.functions = {"refresh_cpu_vm_stats"},
		.lost = "no folds: they do not touch lists",
		.fields = {NEEDED("do_pagesets", "do_pagesets")},
	},
	{
		.event = "vmstat_refresh_ret",
		.functions = {"refresh_cpu_vm_stats"},
		.at_return = true,
		.lost = "no folds: they do not touch lists",
		.fields = {RESULT("changes")},
	},
	{
		.event = "decay",
		.functions = {"decay_pcp_high"},
		.some = true,
		.lost = "the decay of high is simulated",
		.fields = {ZONE_NAME, PCP("count", "count"),
			PCP("high", "high"), PCP("high_min", "high_min"),
			PCP("high_max", "high_max"), PCP("batch", "batch")},
	},
	{
		.event = "decay_ret",
		.functions = {"decay_pcp_high"},
		.some = true,
		.at_return = true,
		.lost = "whether a decay freed pages is not known",
		.fields = {RESULT("todo")},
	},
	{
		.event = "pageset_set",
		.functions = {"__zone_set_pageset_high_and_batch"},
		.lost = "a change of high and batch shows at the next spill",
		/* To 6.6 a is high and b is batch; later they have names. */
		.fields = {ZONE_NAME, NEEDED("a", "high|high_min"),
			NEEDED("b", "batch"), ARGUMENT("high_min", "high_min"),
			ARGUMENT("high_max", "high_max"),
			ARGUMENT("batch", "batch")},
	},
	{
		.event = "commit",
		.functions = {"free_frozen_page_commit",
			"free_unref_page_commit"},
		.often = true,
		.lost = "which list a page entered is inferred",
		.fields = {ZONE_NAME, POINTER("pcp", "pcp"),
			POINTER("page", "page"), ARGUMENT("mt", "migratetype"),
			ARGUMENT("order", "order"),
			{.name = "fpi",
				.source = RECORD_ARGUMENT,
				.hex = true,
				.unhashed = true,
				.argument = "fpi_flags"},
			PCP("count", "count"), PCP("high", "high"),
			PCP("flags", "flags"), PCP("af", "alloc_factor"),
			PCP("fc", "free_count"), ZONE_FLAGS},
	},
};

const size_t record_nr_probes =
	sizeof(record_probes) / sizeof(record_probes[0]);
