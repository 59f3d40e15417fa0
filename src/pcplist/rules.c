/* SPDX-License-Identifier: MIT */
/* Each preset's rules, and the public functions that check and call them. */
#include "pcplist/rules.h"

#include <errno.h>
#include <pcpmm/rules.h>

/*
 * The series to 2023 were posted on top of 6.1's rules, or of older equal ones; of those
 * of 2025 and 2026 only the series' own axes are here.
 */
static const struct pcp_rules *const rules_of_preset[PCPMM_NR_PRESETS] = {
	[PCPMM_PRESET_LINUX_6_1] = &pcp_rules_6_1,
	[PCPMM_PRESET_LINUX_5_10] = &pcp_rules_6_1,
	[PCPMM_PRESET_LINUX_6_12] = &pcp_rules_6_1,
	[PCPMM_PRESET_LINUX_6_18] = &pcp_rules_6_1,
	[PCPMM_PRESET_LINUX_7_3] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_RCU_SWAP_2021] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_KTHREAD_2022] = &pcp_rules_6_1,
	[PCPMM_PRESET_REMOTE_FOLD_V4_2023] = &pcp_rules_6_1,
	[PCPMM_PRESET_REMOTE_FOLD_V8_2023] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_IPI_MASK_2012] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_SPINLOCK_KEY_2021] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_SPINLOCK_2021] = &pcp_rules_6_1,
	[PCPMM_PRESET_SPILL_CHUNKS_V4_2025] = &pcp_rules_6_1,
	[PCPMM_PRESET_VMSTAT_SPREAD_2026] = &pcp_rules_6_1,
	[PCPMM_PRESET_RFC_PCP_BUDDY_2026] = &pcp_rules_6_1,
	[PCPMM_PRESET_PWLOCKS_V4_2026] = &pcp_rules_6_1,
};

const struct pcp_rules *pcp_rules_of(unsigned int preset)
{
	return preset < PCPMM_NR_PRESETS ? rules_of_preset[preset] : NULL;
}

/* --- ranges ----------------------------------------------------------- */

static bool is_list(const struct pcp_rules *rules, int list)
{
	return rules && list >= 0 && (unsigned int)list < rules->nr_lists;
}

static bool is_batch(int batch)
{
	return batch >= 1 && batch <= PCPMM_PCP_BATCH_MAX;
}

static bool is_factor(int free_factor)
{
	return free_factor >= 0 && free_factor <= PCPMM_PCP_FACTOR_MAX;
}

/* --- which list ------------------------------------------------------- */

int pcpmm_pcp_list_of(
	enum pcpmm_preset preset, unsigned int order, unsigned int type)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return rules ? rules->list_of(order, type) : -1;
}

int pcpmm_pcp_list_order(enum pcpmm_preset preset, int list)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return is_list(rules, list) ? (int)rules->list_order((unsigned int)list)
				    : -1;
}

int pcpmm_pcp_list_type(enum pcpmm_preset preset, int list)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return is_list(rules, list) ? (int)rules->list_type((unsigned int)list)
				    : -1;
}

int pcpmm_pcp_listed_as(enum pcpmm_preset preset, unsigned int block_type)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return rules ? rules->listed_as(block_type) : -1;
}

/* --- allocation ------------------------------------------------------- */

int pcpmm_pcp_refill_size(
	enum pcpmm_preset preset, int batch, unsigned int order)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	if (!rules || !is_batch(batch) || order > PCPMM_ORDER_MAX)
		return -EINVAL;
	return rules->refill_size(batch, order);
}

int pcpmm_pcp_factor_after_alloc(enum pcpmm_preset preset, int free_factor)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	if (!rules || !is_factor(free_factor))
		return -EINVAL;
	return rules->factor_after_alloc(free_factor);
}

/* --- free ------------------------------------------------------------- */

bool pcpmm_pcp_free_high(
	enum pcpmm_preset preset, unsigned int order, int free_factor)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return rules && is_factor(free_factor) &&
	       rules->free_high(order, free_factor);
}

int pcpmm_pcp_spill_at(enum pcpmm_preset preset, int high, int batch,
	bool reclaim_active, bool free_high)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	if (!rules || high < 0 || !is_batch(batch))
		return -EINVAL;
	return rules->spill_at(high, batch, reclaim_active, free_high);
}

int pcpmm_pcp_spill_size(enum pcpmm_preset preset, int count, int mark,
	int batch, bool free_high, int *free_factor)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);
	struct pcp_spill spill;

	if (!rules || count < 0 || mark < 0 || !is_batch(batch) ||
		!is_factor(*free_factor))
		return -EINVAL;
	spill = rules->spill_size(count, mark, batch, *free_factor, free_high);
	*free_factor = spill.free_factor;
	return spill.pages;
}

/* --- bulk free -------------------------------------------------------- */

int pcpmm_pcp_bulk_first(enum pcpmm_preset preset, int freed)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	if (!rules || (freed != -1 && !is_list(rules, freed)))
		return -1;
	return (int)rules->bulk_first(freed);
}

int pcpmm_pcp_bulk_next(enum pcpmm_preset preset, int list)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return is_list(rules, list) ? (int)rules->bulk_next((unsigned int)list)
				    : -1;
}

int pcpmm_pcp_drain_chunk(enum pcpmm_preset preset, int batch)
{
	const struct pcp_rules *rules = pcp_rules_of(preset);

	return rules && is_batch(batch) ? rules->drain_chunk(batch) : -EINVAL;
}
