/* SPDX-License-Identifier: MIT */
/* What a strategy from outside may do with a slot. */
#include <pcpmm/strategy.h>

#include "machine/machine.h"

void *pcpmm_slot_private(struct pcpmm_pcp_slot *slot)
{
	return ((struct pcp_slot *)slot)->external;
}

struct pcpmm_cpu *pcpmm_slot_cpu(struct pcpmm_pcp_slot *slot)
{
	return cpu_public(((struct pcp_slot *)slot)->cpu);
}

unsigned int pcpmm_slot_count(const struct pcpmm_pcp_slot *slot)
{
	return (unsigned int)pcp_count((const struct pcp_slot *)slot);
}

unsigned int pcpmm_slot_free(
	struct pcpmm_cpu *by, struct pcpmm_pcp_slot *opaque, unsigned int pages)
{
	struct pcp_slot *slot = (struct pcp_slot *)opaque;
	unsigned int count = (unsigned int)slot->own.count;

	if (!cpu_is_mine(&by->base) || !count || !pages)
		return 0;
	return pcp_free_bulk(
		&by->base, slot, &slot->own, (int)MIN(pages, count), 0);
}
