/* SPDX-License-Identifier: MIT */
/* The slots of all CPUs: one block, a CPU's zones on lines of their own. */
#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "pcplist/set.h"

int pcp_slots_init(struct pcp_set *set, const struct smp *smp,
	struct zone *const *zones, unsigned int nr_zones)
{
	set->smp = smp;
	set->nr_zones = nr_zones;
	set->slots_size = smp->nr * nr_zones * sizeof(struct pcp_slot);
	set->slots_block = memory_alloc_aligned(set->slots_size);
	set->slots = calloc(smp->nr, sizeof(set->slots[0]));
	if (!set->slots_block || !set->slots)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < smp->nr; cpu++) {
		struct pcp_slot *slots = set->slots_block;

		set->slots[cpu] = slots + cpu * nr_zones;
		for (unsigned int i = 0; i < nr_zones; i++)
			pcp_slot_init(
				&set->slots[cpu][i], zones[i], smp->cpu[cpu]);
	}
	return 0;
}

void pcp_slots_fini(struct pcp_set *set)
{
	free(set->slots);
	free(set->slots_block);
}
