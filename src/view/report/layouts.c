/* SPDX-License-Identifier: MIT */
/*
 * What each kernel's report has, as tables. 2.6.36 from a published report of
 * 2.6.37, 4.4 and 4.19 from published ones of 4.4 to 4.19; 5.10 to 7.3 as
 * documented in docs/failure-report.md, and published reports of 5.10, 6.12 and
 * 7.1.
 */
#include <errno.h>
#include <string.h>

#include "view/report/report.h"

/* clang-format off */
static const char *const tail_2_6_36[] = {
	"RAM", "reserved", "shared", "non-shared", NULL};
static const char *const tail_4_4[] = {
	"RAM", "HighMem/MovableOnly", "reserved", "hwpoisoned", NULL};
static const char *const tail_7_3[] = {
	"RAM", "HighMem/MovableOnly", "reserved", "cma reserved", "hwpoisoned",
	"memcg", NULL};

#define GLOBAL_LRU							\
	"active_anon inactive_anon isolated_anon\n"			\
	"active_file inactive_file isolated_file\n"
#define GLOBAL_6_1							\
	GLOBAL_LRU							\
	"unevictable dirty writeback\n"					\
	"slab_reclaimable slab_unreclaimable\n"				\
	"mapped shmem pagetables\n"					\
	"sec_pagetables bounce\n"					\
	"kernel_misc_reclaimable\n"					\
	"free free_pcp free_cma"
#define ZONE_LRU							\
	"active_anon inactive_anon active_file inactive_file unevictable "
#define ZONE_KERNEL							\
	"dirty writeback mapped shmem slab_reclaimable "		\
	"slab_unreclaimable kernel_stack pagetables unstable bounce "
#define NODE_LRU							\
	ZONE_LRU "isolated(anon) isolated(file) mapped dirty writeback "\
	"shmem shmem_thp shmem_pmdmapped anon_thp "
#define NODE_6_1							\
	NODE_LRU "writeback_tmp kernel_stack pagetables "		\
	"sec_pagetables all_unreclaimable?"
#define ZONE_6_1							\
	"free boost min low high reserved_highatomic " ZONE_LRU		\
	"writepending present managed mlocked bounce free_pcp "		\
	"local_pcp free_cma"

static const struct report_layout layouts[PCPMM_NR_REPORTS] = {
	[PCPMM_REPORT_2_6_36] = {
		.head = HEAD_STOP,
		.gfp_bits = GFP_BITS_2_6_36,
		.pcp_lines = true,
		.global = GLOBAL_LRU
			"unevictable dirty writeback unstable\n"
			"free slab_reclaimable slab_unreclaimable\n"
			"mapped shmem pagetables bounce",
		.zone = "free min low high " ZONE_LRU
			"isolated(anon) isolated(file) present mlocked "
			ZONE_KERNEL "writeback_tmp pages_scanned "
			"all_unreclaimable?",
		.nr_reserve = 4,
		.believed = true,
		.swap_stats = true,
		.tail = tail_2_6_36,
	},
	[PCPMM_REPORT_4_4] = {
		.head = HEAD_COLON,
		.gfp_bits = GFP_BITS_4_4,
		.global = GLOBAL_LRU
			"unevictable dirty writeback unstable\n"
			"slab_reclaimable slab_unreclaimable\n"
			"mapped shmem pagetables bounce\n"
			"free free_pcp free_cma",
		.zone = "free min low high " ZONE_LRU
			"isolated(anon) isolated(file) present managed mlocked "
			ZONE_KERNEL "free_pcp local_pcp free_cma writeback_tmp "
			"pages_scanned all_unreclaimable?",
		.types = "UMEHCI",
		.nr_reserve = 4,
		.swap_stats = true,
		.tail = tail_4_4,
		.hugepages = true,
	},
	[PCPMM_REPORT_4_19] = {
		.head = HEAD_TWO_LINES,
		.gfp_bits = GFP_BITS_4_19,
		.global = GLOBAL_LRU
			"unevictable dirty writeback unstable\n"
			"slab_reclaimable slab_unreclaimable\n"
			"mapped shmem pagetables bounce\n"
			"free free_pcp free_cma",
		.node = NODE_LRU "writeback_tmp unstable all_unreclaimable?",
		.zone = "free min low high " ZONE_LRU
			"writepending present managed mlocked kernel_stack "
			"pagetables bounce free_pcp local_pcp free_cma",
		.types = "UMEHCI",
		.nr_reserve = 5,
		.thp_blank = true,
		.swap_stats = true,
		.tail = tail_4_4,
		.hugepages = true,
	},
	[PCPMM_REPORT_5_10] = {
		.head = HEAD_ONE_LINE,
		.gfp_bits = GFP_BITS_6_1,
		.global = GLOBAL_LRU
			"unevictable dirty writeback\n"
			"slab_reclaimable slab_unreclaimable\n"
			"mapped shmem pagetables bounce\n"
			"free free_pcp free_cma",
		.node = NODE_LRU
			"writeback_tmp kernel_stack all_unreclaimable?",
		.zone = "free min low high reserved_highatomic " ZONE_LRU
			"writepending present managed mlocked pagetables "
			"bounce free_pcp local_pcp free_cma",
		.types = "UMEHCI",
		.nr_reserve = 5,
		.thp_blank = true,
		.highatomic_capital = true,
		.swap_stats = true,
		.tail = tail_4_4,
		.hugepages = true,
	},
	[PCPMM_REPORT_6_1] = {
		.head = HEAD_ONE_LINE,
		.gfp_bits = GFP_BITS_6_1,
		.global = GLOBAL_6_1,
		.node = NODE_6_1,
		.zone = ZONE_6_1,
		.types = "UMEHCI",
		.scope = SCOPE_REQUEST,
		.nr_reserve = 5,
		.thp_blank = true,
		.highatomic_capital = true,
		.tail = tail_4_4,
		.hugepages = true,
	},
	[PCPMM_REPORT_6_12] = {
		.head = HEAD_ONE_LINE,
		.gfp_bits = GFP_BITS_6_12,
		.global = GLOBAL_6_1,
		.node = NODE_6_1,
		.zone = ZONE_6_1,
		.types = "UMEHCI",
		.scope = SCOPE_REQUEST,
		.nr_reserve = 5,
		.highatomic_capital = true,
		.tail = tail_4_4,
		.hugepages = true,
	},
	[PCPMM_REPORT_7_3] = {
		.head = HEAD_ONE_LINE,
		.gfp_bits = GFP_BITS_6_12,
		.gfp_order = GFP_ORDER_7_3,
		.global = GLOBAL_6_1,
		.node = NODE_LRU "kernel_stack pagetables sec_pagetables "
			"all_unreclaimable? Balloon gpu_active gpu_reclaim",
		.zone = "free boost min low high reserved_highatomic "
			"free_highatomic " ZONE_LRU "writepending zspages "
			"present managed mlocked bounce free_pcp local_pcp "
			"free_cma",
		.types = "UMEHCI",
		.scope = SCOPE_REQUEST,
		.nr_reserve = 5,
		.tail = tail_7_3,
		.hugepages = true,
	},
};
/* clang-format on */

static const char *const names[] = {
	"preset", "2.6.36", "4.4", "4.19", "5.10", "6.1", "6.12", "7.3", NULL};

_Static_assert(ARRAY_SIZE(names) == PCPMM_NR_REPORTS + 1, "a name each");

enum pcpmm_report_layout report_of_kernel(enum pcpmm_layout kernel)
{
	static const enum pcpmm_report_layout reports[PCPMM_NR_LAYOUTS] = {
		[PCPMM_LAYOUT_5_10] = PCPMM_REPORT_5_10,
		[PCPMM_LAYOUT_6_1] = PCPMM_REPORT_6_1,
		[PCPMM_LAYOUT_6_12] = PCPMM_REPORT_6_12,
		[PCPMM_LAYOUT_6_18] = PCPMM_REPORT_6_12,
		[PCPMM_LAYOUT_7_3] = PCPMM_REPORT_7_3,
	};

	return reports[kernel];
}

const struct report_layout *report_layout_of(enum pcpmm_report_layout layout)
{
	return (unsigned int)layout < PCPMM_NR_REPORTS ? &layouts[layout]
						       : NULL;
}

const char *const *pcpmm_report_names(void)
{
	return names;
}

int pcpmm_report_by_name(const char *name, enum pcpmm_report_layout *layout)
{
	for (unsigned int i = 0; i < PCPMM_NR_REPORTS; i++)
		if (!strcmp(names[i], name)) {
			*layout = (enum pcpmm_report_layout)i;
			return 0;
		}
	return -ENOENT;
}
