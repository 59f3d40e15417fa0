/* SPDX-License-Identifier: MIT */
/*
 * What the program gives reclaim (pcpmm/reclaim.h): pages on LRU lists, a
 * function for its cache, a function for OOM. Allocations read the settings, so
 * they are set at rest.
 */
#include <errno.h>
#include <pcpmm/alloc.h>

#include "cpu/copy.h"
#include "machine/refuse.h"
#include "reclaim/lru_batch.h"

/* --- LRU lists -------------------------------------------------------------- */

/* 0, or refused: -EPERM, -EINVAL. */
static int find(struct pcpmm_cpu *cpu, const struct pcpmm_page *page,
	struct lru **lru, uint32_t *pfn)
{
	struct pcpmm_machine *machine = cpu->machine;
	const struct zone *zone = NULL;
	int ret = machine_check_owner(cpu, "changes LRU lists");

	if (ret)
		return ret;
	if (zones_have_frame(&machine->zones, page)) {
		*pfn = (uint32_t)(page - machine->zones.memmap);
		zone = zones_zone_of_pfn(&machine->zones, *pfn);
	}
	if (!zone) {
		machine_refuse(machine, MISUSE_FOREIGN_PAGE,
			"LRU: %p is no page of this machine",
			(const void *)page);
		return -EINVAL;
	}
	*lru = &machine->reclaim.lrus[zone->id];
	return 0;
}

static int refuse(struct pcpmm_machine *machine, uint32_t pfn, const char *why)
{
	machine_refuse(
		machine, MISUSE_BAD_ARGUMENT, "LRU: pfn %#x %s", pfn, why);
	return -EINVAL;
}

/* Likewise for a call that names the list @which as well. */
static int find_for_list(struct pcpmm_cpu *cpu, const struct pcpmm_page *page,
	enum pcpmm_lru which, struct lru **lru, uint32_t *pfn)
{
	int ret = find(cpu, page, lru, pfn);

	if (!ret && (unsigned int)which >= NR_LRUS)
		ret = refuse(cpu->machine, *pfn, "to a list that there is not");
	return ret;
}

static int add(struct pcpmm_cpu *cpu, struct lru *lru, uint32_t pfn,
	enum pcpmm_lru which)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;

	if (reclaim->batch_size)
		return lru_batch_add(reclaim, &cpu->base, lru, pfn, which);
	return lru_add(&cpu->base, lru, pfn, which);
}

int pcpmm_lru_add(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru which)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct lru *lru;
	uint32_t pfn;
	int ret = find_for_list(cpu, page, which, &lru, &pfn);

	if (ret)
		return ret;
	if (add(cpu, lru, pfn, which))
		return refuse(machine, pfn, "is no held single page");
	if (!atomic_load_relaxed_u32(&machine->reclaim.lru_used))
		atomic_store_relaxed_u32(&machine->reclaim.lru_used, 1);
	return 0;
}

int pcpmm_lru_del(struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	struct lru *lru;
	uint32_t pfn;
	int ret = find(cpu, page, &lru, &pfn);

	return ret ? ret : lru_del(&cpu->base, lru, pfn);
}

int pcpmm_lru_move(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru which)
{
	struct lru *lru;
	uint32_t pfn;
	int ret = find_for_list(cpu, page, which, &lru, &pfn);

	return ret ? ret : lru_move(&cpu->base, lru, pfn, which);
}

/* --- functions ---------------------------------------------------------------- */

void pcpmm_reclaim_page_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_page_fn *fn, void *arg)
{
	machine->reclaim.page_fn = fn;
	machine->reclaim.page_arg = arg;
}

void pcpmm_reclaim_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_fn *fn, void *arg)
{
	machine->reclaim.shrink_fn = fn;
	machine->reclaim.shrink_arg = arg;
}

void pcpmm_oom_set(struct pcpmm_machine *machine, pcpmm_oom_fn *fn, void *arg)
{
	machine->reclaim.oom_fn = fn;
	machine->reclaim.oom_arg = arg;
}

void pcpmm_swap_set(struct pcpmm_machine *machine, bool swap)
{
	machine->reclaim.swap = swap;
}

/* --- statistics ------------------------------------------------------- */

void pcpmm_reclaim_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_reclaim_stats *stats)
{
	copy_words(stats, &machine->reclaim.stats, sizeof(*stats));
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		stats->snapshots += atomic_load_relaxed_u64(
			&machine->zones.zone[i]->snapshots);
}
