/* SPDX-License-Identifier: MIT */
/*
 * Pages in LRU batches, on a stage of four CPUs (drains.h).
 *
 * Uses the public API only.
 */
#ifndef TESTS_SUPPORT_LRU_BATCHES_H
#define TESTS_SUPPORT_LRU_BATCHES_H

#include "support/drains.h"

/* Pages on the list that add_page() adds to, exactly. */
static inline int64_t on_list(struct pcpmm_machine *machine)
{
	uint64_t pages;

	assert_int_equal(pcpmm_zone_stat_snapshot(machine, 0, NORMAL,
				 "nr_zone_inactive_file", &pages),
		0);
	return (int64_t)pages;
}

static inline struct pcpmm_lru_drain_stats lru_stats(
	struct pcpmm_machine *machine)
{
	struct pcpmm_lru_drain_stats stats;

	pcpmm_lru_drain_stats_read(machine, &stats);
	return stats;
}

static inline struct pcpmm_page *add_page(struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

	assert_non_null(page);
	assert_int_equal(pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE), 0);
	return page;
}

static inline void take_back(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		assert_int_equal(pcpmm_lru_del(cpu, pages[i]), 0);
		assert_int_equal(pcpmm_free_pages(cpu, pages[i], 0), 0);
	}
}

/* Add @nr pages as CPU @id, which no thread has entered. */
static inline void add_on(struct pcpmm_machine *machine, unsigned int id,
	struct pcpmm_page **pages, unsigned int nr)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	assert_non_null(cpu);
	for (unsigned int i = 0; i < nr; i++)
		pages[i] = add_page(cpu);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

#endif
