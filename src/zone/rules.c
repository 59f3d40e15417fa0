/* SPDX-License-Identifier: MIT */
/* Each preset's zone rules. */
#include "zone/rules.h"

#include <pcpmm/machine.h>
#include <stddef.h>

/*
 * The series to 2023 were posted on top of 6.1's rules, or of older equal ones; of those
 * of 2025 and 2026 only the series' own axes are here.
 */
static const struct zone_rules *const rules_of_preset[PCPMM_NR_PRESETS] = {
	[PCPMM_PRESET_LINUX_6_1] = &zone_rules_6_1,
	[PCPMM_PRESET_LINUX_5_10] = &zone_rules_6_1,
	[PCPMM_PRESET_LINUX_6_12] = &zone_rules_6_1,
	[PCPMM_PRESET_LINUX_6_18] = &zone_rules_6_1,
	[PCPMM_PRESET_LINUX_7_3] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_RCU_SWAP_2021] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_KTHREAD_2022] = &zone_rules_6_1,
	[PCPMM_PRESET_REMOTE_FOLD_V4_2023] = &zone_rules_6_1,
	[PCPMM_PRESET_REMOTE_FOLD_V8_2023] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_IPI_MASK_2012] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_SPINLOCK_KEY_2021] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_SPINLOCK_2021] = &zone_rules_6_1,
	[PCPMM_PRESET_SPILL_CHUNKS_V4_2025] = &zone_rules_6_1,
	[PCPMM_PRESET_VMSTAT_SPREAD_2026] = &zone_rules_6_1,
	[PCPMM_PRESET_RFC_PCP_BUDDY_2026] = &zone_rules_6_1,
	[PCPMM_PRESET_PWLOCKS_V4_2026] = &zone_rules_6_1,
};

const struct zone_rules *zone_rules_of(unsigned int preset)
{
	return preset < PCPMM_NR_PRESETS ? rules_of_preset[preset] : NULL;
}
