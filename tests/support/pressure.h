/* SPDX-License-Identifier: MIT */
/*
 * A small machine that runs out of memory: zones of a few thousand pages, and
 * a hoard that holds all pages which a kind of request can get.
 *
 * Uses the public API only.
 */
#ifndef TESTS_SUPPORT_PRESSURE_H
#define TESTS_SUPPORT_PRESSURE_H

#include "support/drains.h"

#define PRESSURE_PAGES 8192 /* of a zone */
#define HOARD_MAX (2 * PRESSURE_PAGES)
/* gfp of a request that wakes no kswapd and does not reclaim. */
#define QUIETLY 0u
/* gfp of a request with a single pass of reclaim, which wakes no kswapd. */
#define ONE_PASS                                                               \
	(PCPMM___GFP_DIRECT_RECLAIM | PCPMM___GFP_IO | PCPMM___GFP_FS |        \
		PCPMM___GFP_NORETRY)

struct hoard {
	struct pcpmm_page *page[HOARD_MAX];
	unsigned int nr;
};

/* Zone Normal, and DMA32 of @dma32 pages if not 0; min_free_kbytes 1024. */
static inline void pressure_init(
	struct stage *stage, unsigned int cpus, uint64_t dma32)
{
	stage_init(stage, PCPMM_DRAIN_PCP_LOCK);
	stage->config.nr_cpus = cpus;
	stage->config.sysctl.min_free_kbytes = 1024;
	stage->node.zones[DMA32] = (struct pcpmm_zone_config){
		SHAPE_START_PFN, dma32, dma32, dma32};
	stage->node.zones[NORMAL] =
		(struct pcpmm_zone_config){SHAPE_START_PFN + dma32,
			PRESSURE_PAGES, PRESSURE_PAGES, PRESSURE_PAGES};
}

static inline struct pcpmm_machine *pressure_create(unsigned int cpus)
{
	struct stage stage;

	pressure_init(&stage, cpus, 0);
	return stage_create(&stage);
}

static inline struct pcpmm_zone_truth truth_of(
	struct pcpmm_machine *machine, unsigned int zone)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, zone, &truth), 0);
	return truth;
}

static inline struct pcpmm_misuse misuse_of(struct pcpmm_machine *machine)
{
	struct pcpmm_misuse misuse;

	pcpmm_misuse_read(machine, &misuse);
	return misuse;
}

static inline struct pcpmm_reclaim_stats reclaim_of(
	struct pcpmm_machine *machine)
{
	struct pcpmm_reclaim_stats stats;

	pcpmm_reclaim_stats_read(machine, &stats);
	return stats;
}

static inline struct pcpmm_kswapd_state kswapd_of(struct pcpmm_machine *machine)
{
	struct pcpmm_kswapd_state state;

	assert_int_equal(pcpmm_kswapd_read(machine, 0, &state), 0);
	return state;
}

/* --- the hoard --------------------------------------------------------- */

/* Allocate single pages until such a request fails. */
static inline void hoard_all(
	struct hoard *hoard, struct pcpmm_cpu *cpu, uint32_t gfp)
{
	struct pcpmm_page *page;

	while (hoard->nr < HOARD_MAX && (page = pcpmm_alloc_pages(cpu, gfp, 0)))
		hoard->page[hoard->nr++] = page;
	assert_true(hoard->nr < HOARD_MAX);
}

/* Allocate single pages while zone Normal has more than @free in the buddy. */
static inline void hoard_down_to(
	struct hoard *hoard, struct pcpmm_cpu *cpu, uint32_t gfp, uint64_t free)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);

	while (truth_of(machine, NORMAL).free > free) {
		struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, 0);

		assert_non_null(page);
		assert_true(hoard->nr < HOARD_MAX);
		hoard->page[hoard->nr++] = page;
	}
}

static inline void hoard_give(
	struct hoard *hoard, struct pcpmm_cpu *cpu, unsigned int nr)
{
	for (; nr && hoard->nr; nr--)
		assert_int_equal(
			pcpmm_free_pages(cpu, hoard->page[--hoard->nr], 0), 0);
}

/* Put the last @nr pages on LRU list @lru; the first of them is the oldest. */
static inline void hoard_to_lru(struct hoard *hoard, struct pcpmm_cpu *cpu,
	unsigned int nr, enum pcpmm_lru lru)
{
	assert_true(nr <= hoard->nr);
	hoard->nr -= nr;
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(
			pcpmm_lru_add(cpu, hoard->page[hoard->nr + i], lru), 0);
}

/* Each second frame can be reclaimed, so that no block comes free. */
static inline void hoard_fragment(struct hoard *hoard, struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_page **page = hoard->page;
	unsigned int nr = 0;

	hoard_all(hoard, cpu, PCPMM___GFP_MEMALLOC);
	for (unsigned int i = 0; i < hoard->nr; i++)
		if (pcpmm_page_to_pfn(machine, page[i]) % 2 == 0)
			assert_int_equal(pcpmm_lru_add(cpu, page[i],
						 PCPMM_LRU_INACTIVE_FILE),
				0);
		else
			page[nr++] = page[i];
	hoard->nr = nr;
}

/* Free all: the hoard, and all pages on LRU lists. */
static inline void hoard_end(struct hoard *hoard, struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);

	hoard_give(hoard, cpu, hoard->nr);
	for (uint64_t pfn = SHAPE_START_PFN;
		pfn < SHAPE_START_PFN + 2 * PRESSURE_PAGES; pfn++) {
		struct pcpmm_page *page = pcpmm_pfn_to_page(machine, pfn);

		if (!page || state_of_pfn(machine, pfn) != PCPMM_PAGE_LRU)
			continue;
		assert_int_equal(pcpmm_lru_del(cpu, page), 0);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
	expect_all_free(machine);
}

/* --- a test of it ------------------------------------------------------ */

/* The machine, and CPU 0, entered by this thread, which hoards. */
struct pressure {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct hoard hoard;
};

static inline void pressure_begin(
	struct pressure *pressure, const struct stage *stage)
{
	pressure->machine = stage_create(stage);
	pressure->cpu = pcpmm_cpu_enter(pressure->machine, 0);
	pressure->hoard.nr = 0;
}

static inline void pressure_end(struct pressure *pressure)
{
	pcpmm_kswapd_stop(pressure->machine);
	pcpmm_reclaim_page_set(pressure->machine, NULL, NULL);
	hoard_end(&pressure->hoard, pressure->cpu);
	pcpmm_machine_destroy(pressure->machine);
}

#endif
