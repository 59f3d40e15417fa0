/* SPDX-License-Identifier: MIT */
/* Which CPUs are online, and which of them can be spared. */
#include "cpu/smp.h"

#include <errno.h>
#include <stdlib.h>

int smp_init(struct smp *smp, struct cpu **cpu, unsigned int nr)
{
	*smp = (struct smp){.cpu = cpu, .nr = nr};
	smp->online = calloc(CPUMASK_WORDS(nr), sizeof(smp->online[0]));
	return smp->online ? 0 : -ENOMEM;
}

void smp_fini(struct smp *smp)
{
	free(smp->online);
}

void smp_set_online(struct smp *smp, unsigned int id, bool online)
{
	cpumask_set(smp->online, id, online);
	atomic_store_relaxed_u32(
		&smp->nr_online, smp->nr_online + (online ? 1u : -1u));
}

static unsigned int how_spare(const struct cpu *cpu, int nid)
{
	return 8 * !cpu_task_prio(cpu) +
	       4 * !atomic_load_relaxed_u8(&cpu->nohz_full) +
	       2 * (nid < 0 || (unsigned int)nid == cpu->nid) +
	       cpu_is_idle(cpu);
}

struct cpu *smp_spare(const struct smp *smp, int nid)
{
	struct cpu *best = smp->cpu[0];
	unsigned int best_spare = 0;

	for (unsigned int id = 0; id < smp->nr; id++) {
		unsigned int spare = 1 + how_spare(smp->cpu[id], nid);

		if (!smp_is_online(smp, id) || spare <= best_spare)
			continue;
		best = smp->cpu[id];
		best_spare = spare;
	}
	return best;
}
