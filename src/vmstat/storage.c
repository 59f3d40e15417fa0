/* SPDX-License-Identifier: MIT */
/* The memory of counters: shared values, and a diff for each CPU. */
#include <errno.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "arch/memory.h"
#include "vmstat/counter.h"
#include "vmstat/diff.h"

/* The shared values of each stat have cache lines of their own. */
int vmstat_init(struct vmstat *stat, struct vmstat *parent,
	const struct smp *smp, unsigned int nr_items,
	enum pcpmm_account account, enum pcpmm_diff diff)
{
	*stat = (struct vmstat){
		.smp = smp,
		.parent = parent,
		.nr_items = (uint16_t)nr_items,
		.account = (uint8_t)account,
		.width = diff == PCPMM_DIFF_S8 ? WIDTH_S8 : WIDTH_S32,
	};
	stat->value = memory_alloc_aligned(nr_items * sizeof(stat->value[0]));
	return stat->value ? 0 : -ENOMEM;
}

void vmstat_follow(struct vmstat *stat, int item, int64_t *word)
{
	stat->follower = word;
	stat->followed = (int16_t)item;
}

void vmstat_fini(struct vmstat *stat)
{
	free(stat->value);
	free(stat->diffs);
}

size_t vmstat_diffs_size(unsigned int nr_items, unsigned int width)
{
	return round_up_pow2((1 + nr_items) * width, sizeof(uint32_t));
}

static size_t diffs_size(const struct vmstat *stat)
{
	return vmstat_diffs_size(stat->nr_items, stat->width);
}

/* One CPU's diffs of all stats are adjacent; no other CPU's share a line. */
int vmstat_diffs_init(struct vmstat_diffs *diffs, struct vmstat *const *stats,
	unsigned int nr_stats)
{
	unsigned int nr_cpus = stats[0]->smp->nr;
	size_t per_cpu = 0;
	char *at;

	for (unsigned int i = 0; i < nr_stats; i++)
		per_cpu += diffs_size(stats[i]);
	per_cpu = round_up_pow2(per_cpu, CACHE_LINE);
	diffs->size = nr_cpus * per_cpu;
	diffs->block = memory_alloc_aligned(diffs->size);
	if (!diffs->block)
		return -ENOMEM;
	at = diffs->block;
	for (unsigned int i = 0; i < nr_stats; i++) {
		struct vmstat *stat = stats[i];

		stat->diffs = calloc(nr_cpus, sizeof(stat->diffs[0]));
		if (!stat->diffs)
			return -ENOMEM;
		for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
			stat->diffs[cpu] = at + cpu * per_cpu;
		at += diffs_size(stat);
	}
	return 0;
}

void vmstat_diffs_fini(struct vmstat_diffs *diffs)
{
	free(diffs->block);
}
