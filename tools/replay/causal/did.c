/* SPDX-License-Identifier: MIT */
/* What the machine did in the call that has just ended, from its event ring. */
#include "causal_internal.h"

struct pcpmm_choice choice_of(const struct causal *causal, unsigned zone,
	enum pcpmm_migratetype type, bool direct)
{
	return (struct pcpmm_choice){
		.nid = causal->zones[zone].node,
		.zone_type = (enum pcpmm_zone_type)causal->zones[zone].index,
		.type = type,
		.direct = direct,
	};
}

/* From 6.10 the event prints the type of the page's block, not that of the list. */
static uint32_t drained_from(
	struct causal *causal, const struct pcpmm_event *event)
{
	struct causal_slot *slot;
	int list;

	if (!list_of_home(causal, event->pfn, &slot, &list))
		list = pcpmm_pcp_list_of(
			causal->rules, event->order, event->migratetype);
	return (uint32_t)list;
}

static void take(struct causal *causal, const struct pcpmm_event *event)
{
	struct causal_did *did = &causal->did;
	const unsigned most = sizeof(did->refill) / sizeof(did->refill[0]);

	switch (event->kind) {
	case PCPMM_EVENT_PCP_REFILL:
		did->tried = true;
		if (!event->got || did->refills == most)
			break;
		did->refill[did->refills].list = pcpmm_pcp_list_of(
			causal->rules, event->order, event->migratetype);
		did->refill[did->refills++].got = (unsigned)event->got;
		break;
	case PCPMM_EVENT_PCP_FREE_BULK:
		if (!did->spilled) {
			did->n = event->n;
			did->count = event->count;
		}
		did->spilled = true;
		did->pages += (unsigned)event->got;
		break;
	case PCPMM_EVENT_MM_PAGE_PCPU_DRAIN:
		vec_push(causal, &did->frames, event->pfn);
		vec_push(causal, &did->lists, drained_from(causal, event));
		causal->home[event->pfn] = 0;
		break;
	default:
		break;
	}
}

void did_collect(struct causal *causal, struct causal_cpu *cpu)
{
	struct causal_did *did = &causal->did;
	struct pcpmm_event events[32];
	unsigned nr;

	did->refills = 0;
	did->tried = false;
	did->spilled = false;
	did->n = did->count = -1;
	did->pages = 0;
	did->frames.nr = did->lists.nr = 0;
	while ((nr = pcpmm_trace_read(cpu->cpu, events, 32)))
		for (unsigned i = 0; i < nr; i++)
			take(causal, &events[i]);
}
