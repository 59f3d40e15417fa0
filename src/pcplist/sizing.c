/* SPDX-License-Identifier: MIT */
/* Batch and high of the per-CPU lists; see sizing.h. */
#include "sizing.h"

#include <limits.h>

#include "arch/bits.h"

static int to_int(uint64_t x)
{
	return x < INT_MAX ? (int)x : INT_MAX;
}

static uint64_t power_of_two_below(uint64_t x)
{
	return x ? 1ULL << highest_bit(x) : 0;
}

int pcp_batch_raw(uint64_t managed, unsigned int cap_pages)
{
	uint64_t batch = managed >> 10;

	if (batch > cap_pages)
		batch = cap_pages;
	batch /= 4;
	if (batch < 1)
		batch = 1;
	/* Not a power of two: pages of even and odd lists would never mix. */
	return to_int(power_of_two_below(batch + batch / 2) - 1);
}

int pcp_batch(uint64_t managed, unsigned int cap_pages)
{
	int batch = pcp_batch_raw(managed, cap_pages);

	return batch > 1 ? batch : 1;
}

unsigned int pcp_high_cpus(unsigned int node_cpus_online,
	unsigned int cpus_online, unsigned int onlining)
{
	unsigned int cpus = node_cpus_online + onlining;

	if (!cpus)
		cpus = cpus_online;
	return cpus ? cpus : 1;
}

int pcp_high(uint64_t low, uint64_t managed, unsigned int fraction,
	unsigned int cpus, int batch)
{
	int share = to_int((fraction ? managed / fraction : low) / cpus);

	return share > batch * 4 ? share : batch * 4;
}

void pcp_high_bounds(uint64_t low, uint64_t managed, unsigned int fraction,
	unsigned int cpus, int batch, int *high_min, int *high_max)
{
	*high_min = pcp_high(low, managed, fraction, cpus, batch);
	*high_max = pcp_high(low, managed,
		fraction ? fraction : PCP_HIGH_MAX_FRACTION, cpus, batch);
}

int pcp_high_sixfold(int batch_raw)
{
	return 6 * batch_raw;
}

void pcp_high_old_fraction(uint64_t managed, unsigned int fraction,
	unsigned int page_shift, int *high, int *batch)
{
	int quarter;

	*high = to_int(managed / fraction);
	quarter = *high / 4 > 1 ? *high / 4 : 1;
	*batch = quarter < (int)page_shift * 8 ? quarter : (int)page_shift * 8;
}
