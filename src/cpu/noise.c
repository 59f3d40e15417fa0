/* SPDX-License-Identifier: MIT */
/* Sums and a histogram of interruptions. */
#include "cpu/noise.h"

static void add(uint64_t *sum, uint64_t n)
{
	atomic_store_relaxed_u64(sum, *sum + n);
}

void noise_count(struct cpu *cpu, enum pcpmm_noise_cause cause)
{
	if (!cpu->noise)
		return;
	add(&cpu->noise->sums.count[cause], 1);
}

void noise_count_remote(struct cpu *cpu, enum pcpmm_noise_cause cause)
{
	if (cpu->noise)
		atomic_add_relaxed_u64(&cpu->noise->sums.count[cause], 1);
}

void noise_add(struct cpu *cpu, enum pcpmm_noise_cause cause, uint64_t ns)
{
	struct pcpmm_noise *sums;

	if (!cpu->noise)
		return;
	sums = &cpu->noise->sums;
	add(&sums->count[cause], 1);
	add(&sums->time_ns[cause], ns);
	if (ns > sums->max_ns[cause])
		atomic_store_relaxed_u64(&sums->max_ns[cause], ns);
	pcpmm_histogram_add(&cpu->noise->times, ns);
}

void noise_add_idle(struct cpu *cpu, uint64_t ns)
{
	if (!cpu->noise)
		return;
	add(&cpu->noise->sums.idle_count, 1);
	add(&cpu->noise->sums.idle_ns, ns);
}
