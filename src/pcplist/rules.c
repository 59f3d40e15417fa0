/* SPDX-License-Identifier: MIT */
/* The public functions: they check, and call the tables. */
#include "pcplist/rules.h"

#include <errno.h>

/* --- ranges ----------------------------------------------------------- */

static bool is_list(const struct pcp_rules *rules, int list)
{
	return rules && list >= 0 && (unsigned int)list < rules->nr_lists;
}

static bool is_batch(int batch)
{
	return batch >= 1 && batch <= PCPMM_PCP_BATCH_MAX;
}

static bool is_factor(int factor)
{
	return factor >= 0 && factor <= PCPMM_PCP_FACTOR_MAX;
}

static bool is_state(const struct pcpmm_pcp_state *state)
{
	return is_batch(state->batch) && state->high >= 0 &&
	       state->high_min >= 0 && state->high_min <= state->high_max &&
	       is_factor(state->free_factor) &&
	       is_factor(state->alloc_factor) && state->free_count >= 0 &&
	       state->free_count <= PCPMM_PCP_BATCH_MAX << PCPMM_PCP_FACTOR_MAX;
}

static bool may(const struct pcp_rules *rules,
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	return rules && is_state(state) && count >= 0 &&
	       order <= PCPMM_ORDER_MAX;
}

/* --- which list ------------------------------------------------------- */

int pcpmm_pcp_list_of(
	enum pcpmm_list_rules list_rules, unsigned int order, unsigned int type)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return rules ? rules->list_of(order, type) : -1;
}

int pcpmm_pcp_list_order(enum pcpmm_list_rules list_rules, int list)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return is_list(rules, list) ? (int)rules->list_order((unsigned int)list)
				    : -1;
}

int pcpmm_pcp_list_type(enum pcpmm_list_rules list_rules, int list)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return is_list(rules, list) ? (int)rules->list_type((unsigned int)list)
				    : -1;
}

int pcpmm_pcp_listed_as(
	enum pcpmm_list_rules list_rules, unsigned int block_type)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return rules ? rules->listed_as(block_type) : -1;
}

/* --- allocation ------------------------------------------------------- */

int pcpmm_pcp_alloc(
	enum pcpmm_list_rules list_rules, struct pcpmm_pcp_state *state)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	if (!may(rules, state, 0, 0))
		return -EINVAL;
	rules->alloc(state);
	return 0;
}

int pcpmm_pcp_refill(enum pcpmm_list_rules list_rules,
	struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int zone_flags)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return may(rules, state, count, order)
		       ? rules->refill(state, count, order, zone_flags)
		       : -EINVAL;
}

/* --- free ------------------------------------------------------------- */

int pcpmm_pcp_free(enum pcpmm_list_rules list_rules,
	struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int zone_flags)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return may(rules, state, count, order)
		       ? rules->free(state, count, order, zone_flags)
		       : -EINVAL;
}

bool pcpmm_pcp_free_high(enum pcpmm_list_rules list_rules,
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return may(rules, state, count, order) &&
	       rules->free_high(state, count, order);
}

int pcpmm_pcp_spill_at(enum pcpmm_list_rules list_rules,
	const struct pcpmm_pcp_state *state, int count, unsigned int zone_flags,
	bool free_high)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return may(rules, state, count, 0)
		       ? rules->spill_at(state, count, zone_flags, free_high)
		       : -EINVAL;
}

int pcpmm_pcp_decay(enum pcpmm_list_rules list_rules,
	struct pcpmm_pcp_state *state, int count)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	if (!may(rules, state, count, 0))
		return -EINVAL;
	return rules->decay ? rules->decay(state, count).pages : 0;
}

/* --- bulk free -------------------------------------------------------- */

int pcpmm_pcp_turn_begin(enum pcpmm_list_rules list_rules, int freed,
	struct pcpmm_pcp_turn *turn)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	if (!rules || (freed != -1 && !is_list(rules, freed)))
		return -EINVAL;
	rules->turn_begin(turn, freed);
	return 0;
}

int pcpmm_pcp_turn_next(enum pcpmm_list_rules list_rules,
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	if (!rules || !nonempty || nonempty >> rules->nr_lists || pages < 1 ||
		turn->list >= rules->nr_lists || turn->blocks < 0)
		return -EINVAL;
	rules->turn_next(turn, nonempty, pages);
	return 0;
}

int pcpmm_pcp_drain_chunk(enum pcpmm_list_rules list_rules, int batch)
{
	const struct pcp_rules *rules = pcp_rules_of(list_rules);

	return rules && is_batch(batch) ? rules->drain_chunk(batch) : -EINVAL;
}
