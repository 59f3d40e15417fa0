/* SPDX-License-Identifier: MIT */
/* Interference: read and reset its statistics. */
#include <pcpmm/noise.h>

#include "cpu/copy.h"
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

void pcpmm_noise_read(const struct pcpmm_cpu *cpu, struct pcpmm_noise *noise)
{
	copy_words(noise, &cpu->base.noise->sums, sizeof(*noise));
}

void pcpmm_noise_histogram(
	const struct pcpmm_cpu *cpu, struct pcpmm_histogram *histogram)
{
	copy_histogram(histogram, &cpu->base.noise->times);
}

void pcpmm_noise_reset(struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		*machine->cpus[i].base.noise = (struct noise){0};
}
