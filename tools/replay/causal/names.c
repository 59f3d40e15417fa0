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

static bool is_held_head(
	const struct causal *causal, uint32_t frame, unsigned *order)
{
	struct pcpmm_page_info info;

	if (pcpmm_page_inspect(causal->machine, frame, &info) ||
		info.state != PCPMM_PAGE_HELD ||
		frame & ((1u << info.order) - 1))
		return false;
	*order = info.order;
	return true;
}

void names_take_over(struct causal *causal, struct causal_cpu *cpu,
	uint32_t frame, uint32_t pfn, unsigned order)
{
	uint32_t other = names_frame(causal, pfn);
	struct pcpmm_choice choice = {
		.type = PCPMM_MIGRATE_MOVABLE, .direct = true};
	unsigned held;

	if (other != NO_FRAME && other != frame &&
		is_held_head(causal, other, &held) && held == order) {
		names_forget(causal, other, order);
		causal->home[other] = 0;
		if (pcpmm_recorded_free(cpu->cpu,
			    pcpmm_pfn_to_page(causal->machine, other), order,
			    &choice))
			causal->run->refused++;
		did_collect(causal, cpu);
	}
	names_bind(causal, frame, pfn, order);
}

uint32_t names_frame(const struct causal *causal, uint32_t pfn)
{
	return pfn < causal->end ? causal->frame[pfn] : NO_FRAME;
}

/*
 * Memory in use, of which no line has told, becomes a held block of a zone or a
 * listed one of a slot; false: not this frame, or there is none left.
 */
static bool make(struct causal *causal, const struct causal_slot *slot,
	int list, unsigned zone, uint32_t frame, unsigned order)
{
	int ret;

	if (causal->untouched[zone] < 1u << order)
		return false;
	if (slot)
		ret = pcpmm_restore_pcp(causal->machine, slot->cpu, frame,
			order, list_type(causal, list));
	else
		ret = pcpmm_restore_held(causal->machine, frame, order);
	if (!ret)
		causal->untouched[zone] -= 1u << order;
	return !ret;
}

static uint32_t make_somewhere(struct causal *causal,
	const struct causal_slot *slot, int list, unsigned zone, unsigned order)
{
	const struct replay_zone *where = &causal->zones[zone];
	uint32_t *cursor = &causal->cursor[zone * PCPMM_NR_ORDERS + order];
	uint64_t end = (uint64_t)where->start_pfn + where->spanned;
	uint64_t size = 1ull << order;

	if (causal->untouched[zone] < size)
		return NO_FRAME;
	if (*cursor < where->start_pfn)
		*cursor = where->start_pfn;
	for (uint64_t at = (*cursor + size - 1) & ~(size - 1); at + size <= end;
		at += size) {
		*cursor = (uint32_t)(at + size);
		if (at && make(causal, slot, list, zone, (uint32_t)at, order))
			return (uint32_t)at;
	}
	return NO_FRAME;
}

uint32_t names_own(struct causal *causal, uint32_t frame, unsigned zone,
	uint32_t pfn, unsigned order)
{
	if (!causal->free || causal->name[frame] != NO_NAME ||
		names_frame(causal, pfn) != NO_FRAME ||
		!make(causal, NULL, -1, zone, pfn, order))
		return frame;
	causal->home[frame] = 0;
	if (!order)
		vec_push(causal, &causal->spare[zone], frame);
	return pfn;
}

uint32_t names_fresh(struct causal *causal, struct causal_cpu *cpu,
	unsigned zone, uint32_t pfn, unsigned order)
{
	struct pcpmm_choice choice =
		choice_of(causal, zone, PCPMM_MIGRATE_MOVABLE, true);
	uint32_t frame = pfn;
	struct causal_vec *spare = &causal->spare[zone];
	struct pcpmm_page *page;

	if (order > PCPMM_ORDER_MAX)
		return NO_FRAME;
	if (causal->free && make(causal, NULL, -1, zone, pfn, order))
		frame = pfn;
	else if (!order && spare->nr)
		frame = spare->at[--spare->nr];
	else if (!make(causal, NULL, -1, zone, pfn, order))
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
