/* SPDX-License-Identifier: MIT */
/* Interference, as readers see it. */
#include <pcpmm/noise.h>

#include "machine/machine.h"

const char *pcpmm_noise_cause_name(unsigned int cause)
{
	static const char *const names[] = {
		[PCPMM_NOISE_IPI] = "ipi",
		[PCPMM_NOISE_KWORKER] = "kworker",
		[PCPMM_NOISE_KTHREAD] = "kthread",
		[PCPMM_NOISE_GRACE_PERIOD] = "grace_period",
		[PCPMM_NOISE_PCP_LOCK] = "pcp_lock",
	};

	return cause < ARRAY_SIZE(names) ? names[cause] : NULL;
}

void machine_copy_words(void *to, const void *from, size_t size)
{
	const uint64_t *word = from;
	uint64_t *copy = to;

	for (size_t i = 0; i < size / sizeof(*word); i++)
		copy[i] = atomic_load_relaxed_u64(&word[i]);
}

void machine_copy_histogram(
	struct pcpmm_histogram *to, const struct pcpmm_histogram *from)
{
	to->count = atomic_load_relaxed_u64(&from->count);
	to->sum = atomic_load_relaxed_u64(&from->sum);
	to->min = atomic_load_relaxed_u64(&from->min);
	to->max = atomic_load_relaxed_u64(&from->max);
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++)
		to->bucket[i] = atomic_load_relaxed_u32(&from->bucket[i]);
}

void pcpmm_noise_read(const struct pcpmm_cpu *cpu, struct pcpmm_noise *noise)
{
	machine_copy_words(noise, &cpu->base.noise->sums, sizeof(*noise));
}

void pcpmm_noise_histogram(
	const struct pcpmm_cpu *cpu, struct pcpmm_histogram *histogram)
{
	machine_copy_histogram(histogram, &cpu->base.noise->times);
}

void pcpmm_noise_reset(struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < machine->nr_cpus; i++)
		*machine->cpus[i].base.noise = (struct noise){0};
}
