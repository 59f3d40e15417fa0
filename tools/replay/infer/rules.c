/* SPDX-License-Identifier: MIT */
/* The library's rules, with what they refuse put out of reach. */
#include "rules.h"

#include <pcpmm/rules.h>

#define RULES PCPMM_LIST_RULES_6_1

static int32_t or_never(int32_t n)
{
	return n < 0 ? INT32_MAX : n;
}

int replay_list_of(int order, unsigned mt)
{
	return pcpmm_pcp_list_of(RULES, (unsigned)order, mt);
}

int replay_list_order(int list)
{
	return pcpmm_pcp_list_order(RULES, list);
}

unsigned replay_list_type(int list)
{
	return (unsigned)pcpmm_pcp_list_type(RULES, list);
}

int32_t replay_refill_size(int32_t batch, int order)
{
	struct pcpmm_pcp_state state = {.batch = batch};

	return or_never(pcpmm_pcp_refill(RULES, &state, 0, (unsigned)order, 0));
}

int16_t replay_factor_after_alloc(int16_t free_factor)
{
	struct pcpmm_pcp_state state = {.batch = 1, .free_factor = free_factor};

	pcpmm_pcp_alloc(RULES, &state);
	return (int16_t)state.free_factor;
}

bool replay_free_high(int order, int16_t free_factor)
{
	const struct pcpmm_pcp_state state = {
		.batch = 1, .free_factor = free_factor};

	return pcpmm_pcp_free_high(RULES, &state, 0, (unsigned)order);
}

int32_t replay_spill_at(int32_t high, int32_t batch, bool reclaim_active)
{
	const struct pcpmm_pcp_state state = {.high = high, .batch = batch};

	return or_never(pcpmm_pcp_spill_at(RULES, &state, 0,
		reclaim_active ? PCPMM_ZONE_RECLAIM_ACTIVE : 0, false));
}

/* The mark is high here: what lowered it does not change the size. */
int32_t replay_spill_size(int32_t count, int32_t mark, int32_t batch,
	bool free_high, int16_t *free_factor)
{
	struct pcpmm_pcp_state state = {
		.high = mark, .batch = batch, .free_factor = *free_factor};
	int32_t n;

	if (!free_high && count < mark)
		count = mark;
	n = pcpmm_pcp_free(RULES, &state, count, free_high ? 1 : 0, 0);

	if (n >= 0)
		*free_factor = (int16_t)state.free_factor;
	return n;
}

int replay_bulk_next(int list)
{
	struct pcpmm_pcp_turn turn = {.list = (uint32_t)list};
	uint32_t others = ((1u << PCPMM_NR_PCP_LISTS) - 1) & ~(1u << list);

	if (pcpmm_pcp_turn_next(RULES, &turn, others, 1))
		return -1;
	return (int)turn.list;
}

int32_t replay_drain_chunk(int32_t batch)
{
	return or_never(pcpmm_pcp_drain_chunk(RULES, batch));
}
