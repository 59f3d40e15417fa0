/* SPDX-License-Identifier: MIT */
/* Pages for users: frame numbers, addresses, states. */
#include <errno.h>
#include <pcpmm/alloc.h>

#include "machine/machine.h"

uint64_t pcpmm_page_to_pfn(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page)
{
	return (uint64_t)(page - machine->zones.memmap);
}

struct pcpmm_page *pcpmm_pfn_to_page(
	struct pcpmm_machine *machine, uint64_t pfn)
{
	const struct zone *zone = zones_zone_of_pfn(&machine->zones, pfn);

	if (!zone || pfn < zone->first_managed)
		return NULL;
	return &machine->zones.memmap[pfn];
}

void *pcpmm_page_address(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page)
{
	if (!machine->backing || !page)
		return NULL;
	return machine->backing +
	       (pcpmm_page_to_pfn(machine, page) << PCPMM_PAGE_SHIFT);
}

/* The head of the block around @pfn; @pfn itself if no block has it. */
static racy_reader uint64_t head_of(
	const struct pcpmm_machine *machine, uint64_t pfn)
{
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		uint64_t head = round_down_pow2(pfn, 1UL << order);
		const struct pcpmm_page *page = &machine->zones.memmap[head];

		if (frame_state(page) != FRAME_NONE)
			return frame_order(page) >= order ? head : pfn;
	}
	return pfn;
}

static racy_reader enum pcpmm_page_state state_of(
	const struct zone *zone, uint64_t pfn, const struct pcpmm_page *head)
{
	switch (frame_state(head)) {
	case FRAME_BUDDY:
		return PCPMM_PAGE_BUDDY;
	case FRAME_PCP:
		return PCPMM_PAGE_PCP;
	case FRAME_DEFERRED:
		return PCPMM_PAGE_DEFERRED;
	case FRAME_HELD:
		return PCPMM_PAGE_HELD;
	case FRAME_LRU:
	case FRAME_ISOLATED:
	case FRAME_BATCHED:
		return PCPMM_PAGE_LRU;
	default:
		if (pfn >= zone->fresh && pfn < zone->fresh_end)
			return PCPMM_PAGE_BUDDY;
		return zone->boot_held ? PCPMM_PAGE_HELD : PCPMM_PAGE_NONE;
	}
}

racy_reader int pcpmm_page_inspect(const struct pcpmm_machine *machine,
	uint64_t pfn, struct pcpmm_page_info *info)
{
	const struct zone *zone = zones_zone_of_pfn(&machine->zones, pfn);
	const struct pcpmm_page *head;

	if (!zone)
		return -EINVAL;
	head = &machine->zones.memmap[head_of(machine, pfn)];
	*info = (struct pcpmm_page_info){
		.state = state_of(zone, pfn, head),
		.order =
			frame_state(head) == FRAME_NONE ? 0 : frame_order(head),
		.nid = zone->nid,
		.zone_type = (enum pcpmm_zone_type)zone->type,
		.block_type = zone_block_type(zone, pfn),
		.zone_instance = zone->instance,
	};
	return 0;
}
