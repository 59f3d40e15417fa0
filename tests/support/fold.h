/* SPDX-License-Identifier: MIT */
/* What tests of folds share: one item, its value, and what folded it. */
#ifndef TESTS_SUPPORT_FOLD_H
#define TESTS_SUPPORT_FOLD_H

#include <time.h>

#include "support/harness.h"

#define ITEM "nr_mapped"

/* The shared value, without diffs. */
static inline uint64_t mapped(struct pcpmm_machine *machine)
{
	uint64_t value = 0;

	assert_int_equal(pcpmm_vmstat_read(machine, ITEM, &value), 0);
	return value;
}

static inline struct pcpmm_fold_stats stats_of(struct pcpmm_machine *machine)
{
	struct pcpmm_fold_stats stats;

	pcpmm_fold_stats_read(machine, &stats);
	return stats;
}

static inline bool tick_stopped(const struct pcpmm_cpu *cpu)
{
	struct pcpmm_cpu_state state;

	pcpmm_cpu_state_read(cpu, &state);
	return state.tick_stopped;
}

/* The task on @cpu changes the item by one, below its threshold. */
static inline void change(struct pcpmm_cpu *cpu)
{
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 1), 0);
}

/* false: not within two seconds. */
static inline bool wait_for(struct pcpmm_machine *machine, uint64_t value)
{
	const struct timespec pause = {.tv_nsec = 200000};

	for (int i = 0; i < 10000; i++) {
		if (mapped(machine) == value)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

#endif
