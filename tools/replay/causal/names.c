/* SPDX-License-Identifier: MIT */
/*
 * Names: frame[name[f]] == f for each frame whose name is not out of date. In a
 * closed run a frame that is predicted wrongly keeps its name, although another
 * frame has it by then: that is the prediction it will be compared by.
 */
#include "causal_internal.h"

void names_forget(struct causal *causal, uint32_t frame, unsigned order)
{
	for (uint32_t i = 0; i < 1u << order && frame + i < causal->end; i++) {
		uint32_t name = causal->name[frame + i];

		if (name != NO_NAME && causal->frame[name] == frame + i)
			causal->frame[name] = NO_FRAME;
		causal->name[frame + i] = NO_NAME;
	}
}

void names_bind(
	struct causal *causal, uint32_t frame, uint32_t pfn, unsigned order)
{
	names_forget(causal, frame, order);
	for (uint32_t i = 0; i < 1u << order; i++) {
		if (frame + i >= causal->end || pfn + i >= causal->end)
			return;
		causal->name[frame + i] = pfn + i;
		causal->frame[pfn + i] = frame + i;
	}
}

uint32_t names_frame(const struct causal *causal, uint32_t pfn)
{
	return pfn < causal->end ? causal->frame[pfn] : NO_FRAME;
}

/* Memory in use, of which no line has told, becomes a held block or a listed one. */
static int make(const struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t frame, unsigned order)
{
	if (!slot)
		return pcpmm_restore_held(causal->machine, frame, order);
	return pcpmm_restore_pcp(causal->machine, slot->cpu, frame, order,
		list_type(causal, list));
}

static uint32_t make_somewhere(struct causal *causal,
	const struct causal_slot *slot, int list, unsigned zone, unsigned order)
{
	const struct replay_zone *where = &causal->zones[zone];
	uint32_t *cursor = &causal->cursor[zone * PCPMM_NR_ORDERS + order];
	uint64_t end = (uint64_t)where->start_pfn + where->spanned;
	uint64_t size = 1ull << order;

	if (*cursor < where->start_pfn)
		*cursor = where->start_pfn;
	for (uint64_t at = (*cursor + size - 1) & ~(size - 1); at + size <= end;
		at += size) {
		*cursor = (uint32_t)(at + size);
		if (at && !make(causal, slot, list, (uint32_t)at, order))
			return (uint32_t)at;
	}
	return NO_FRAME;
}

uint32_t names_fresh(struct causal *causal, struct causal_cpu *cpu,
	unsigned zone, uint32_t pfn, unsigned order)
{
	struct pcpmm_choice choice =
		choice_of(causal, zone, PCPMM_MIGRATE_MOVABLE, true);
	uint32_t frame = pfn;
	struct pcpmm_page *page;

	if (order > PCPMM_ORDER_MAX)
		return NO_FRAME;
	if (make(causal, NULL, -1, pfn, order))
		frame = make_somewhere(causal, NULL, -1, zone, order);
	if (frame == NO_FRAME) {
		page = pcpmm_recorded_alloc(
			cpu->cpu, &choice, PCPMM_GFP_KERNEL, order);
		if (!page)
			return NO_FRAME;
		frame = (uint32_t)pcpmm_page_to_pfn(causal->machine, page);
		causal->run->adjusted.injected++;
	}
	names_bind(causal, frame, pfn, order);
	causal->home[frame] = 0;
	return frame;
}

bool names_fresh_listed(
	struct causal *causal, const struct causal_slot *slot, int list)
{
	unsigned order = list_order(causal, list);
	uint32_t frame = make_somewhere(causal, slot, list, slot->zone, order);

	if (frame == NO_FRAME)
		return false;
	names_forget(causal, frame, order);
	causal->home[frame] = list_home(causal, slot, list);
	return true;
}
