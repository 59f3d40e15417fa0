/* SPDX-License-Identifier: MIT */
/* The library's rules, with what they refuse put out of reach. */
#include "rules.h"

#include <pcpmm/rules.h>

#define RULES PCPMM_PRESET_LINUX_6_1

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
	return or_never(pcpmm_pcp_refill_size(RULES, batch, (unsigned)order));
}

int16_t replay_factor_after_alloc(int16_t free_factor)
{
	return (int16_t)pcpmm_pcp_factor_after_alloc(RULES, free_factor);
}

bool replay_free_high(int order, int16_t free_factor)
{
	return pcpmm_pcp_free_high(RULES, (unsigned)order, free_factor);
}

int32_t replay_spill_at(int32_t high, int32_t batch, bool reclaim_active)
{
	return or_never(
		pcpmm_pcp_spill_at(RULES, high, batch, reclaim_active, false));
}

int32_t replay_spill_size(int32_t count, int32_t mark, int32_t batch,
	bool free_high, int16_t *free_factor)
{
	int factor = *free_factor;
	int32_t n = pcpmm_pcp_spill_size(
		RULES, count, mark, batch, free_high, &factor);

	if (n >= 0)
		*free_factor = (int16_t)factor;
	return n;
}

int replay_bulk_next(int list)
{
	return pcpmm_pcp_bulk_next(RULES, list);
}

int32_t replay_drain_chunk(int32_t batch)
{
	return or_never(pcpmm_pcp_drain_chunk(RULES, batch));
}
