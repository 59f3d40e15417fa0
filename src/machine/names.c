/* SPDX-License-Identifier: MIT */
/* Names of enums, as users type and read them; those of axes are in axes.h. */
#include <pcpmm/machine.h>

#include "arch/compiler.h"
#include "machine/axes.h"

static const char *const zone_names[] = {
	[PCPMM_ZONE_DMA] = "DMA",
	[PCPMM_ZONE_DMA32] = "DMA32",
	[PCPMM_ZONE_NORMAL] = "Normal",
	[PCPMM_ZONE_MOVABLE] = "Movable",
	[PCPMM_ZONE_DEVICE] = "Device",
};

static const char *const type_names[] = {
	[PCPMM_MIGRATE_UNMOVABLE] = "Unmovable",
	[PCPMM_MIGRATE_MOVABLE] = "Movable",
	[PCPMM_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[PCPMM_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[PCPMM_MIGRATE_CMA] = "CMA",
	[PCPMM_MIGRATE_ISOLATE] = "Isolate",
};

#define NAME_OF(names, i) ((i) < ARRAY_SIZE(names) ? (names)[i] : NULL)

const char *pcpmm_zone_name(unsigned int zone_type)
{
	return NAME_OF(zone_names, zone_type);
}

const char *pcpmm_migratetype_name(unsigned int migratetype)
{
	return NAME_OF(type_names, migratetype);
}

const char *pcpmm_preset_name(unsigned int preset)
{
	return axis_value_name(AXIS_preset, preset);
}

const char *pcpmm_drain_name(unsigned int drain)
{
	return axis_value_name(AXIS_drain, drain);
}

const char *pcpmm_account_name(unsigned int account)
{
	return axis_value_name(AXIS_account, account);
}

const char *pcpmm_diff_name(unsigned int diff)
{
	return axis_value_name(AXIS_diff, diff);
}

const char *pcpmm_fold_name(unsigned int fold)
{
	return axis_value_name(AXIS_fold, fold);
}

const char *pcpmm_wmark_check_name(unsigned int wmark_check)
{
	return axis_value_name(AXIS_wmark_check, wmark_check);
}

const char *pcpmm_marks_name(unsigned int marks)
{
	return axis_value_name(AXIS_marks, marks);
}

const char *pcpmm_count_order_name(unsigned int count_order)
{
	return axis_value_name(AXIS_count_order, count_order);
}

const char *pcpmm_reader_name(unsigned int reader)
{
	return axis_value_name(AXIS_reader, reader);
}

const char *pcpmm_ipi_name(unsigned int ipi)
{
	return axis_value_name(AXIS_ipi, ipi);
}

const char *pcpmm_rcu_name(unsigned int rcu)
{
	return axis_value_name(AXIS_rcu, rcu);
}

const char *pcpmm_grace_name(unsigned int grace)
{
	return axis_value_name(AXIS_grace, grace);
}

const char *pcpmm_lru_batch_name(unsigned int lru_batch)
{
	return axis_value_name(AXIS_lru_batch, lru_batch);
}

const char *pcpmm_lru_drain_name(unsigned int lru_drain)
{
	return axis_value_name(AXIS_lru_drain, lru_drain);
}

const char *pcpmm_psi_name(unsigned int psi)
{
	return axis_value_name(AXIS_psi, psi);
}

const char *pcpmm_zone_lock_name(unsigned int zone_lock)
{
	return axis_value_name(AXIS_zone_lock, zone_lock);
}

const char *pcpmm_arch_name(unsigned int arch)
{
	return axis_value_name(AXIS_arch, arch);
}

const char *pcpmm_threshold_refresh_name(unsigned int threshold_refresh)
{
	return axis_value_name(AXIS_threshold_refresh, threshold_refresh);
}

const char *pcpmm_spill_hold_name(unsigned int spill_hold)
{
	return axis_value_name(AXIS_spill_hold, spill_hold);
}

const char *pcpmm_nolock_refuses_name(unsigned int nolock_refuses)
{
	return axis_value_name(AXIS_nolock_refuses, nolock_refuses);
}

const char *pcpmm_list_rules_name(unsigned int list_rules)
{
	return axis_value_name(AXIS_list_rules, list_rules);
}

const char *pcpmm_zone_rules_name(unsigned int zone_rules)
{
	return axis_value_name(AXIS_zone_rules, zone_rules);
}

const char *pcpmm_ipi_mask_lock_name(unsigned int ipi_mask_lock)
{
	return axis_value_name(AXIS_ipi_mask_lock, ipi_mask_lock);
}

int pcpmm_preset_by_name(const char *name, enum pcpmm_preset *preset)
{
	int value = axis_value_by_name(&axes[AXIS_preset], name);

	if (value >= 0)
		*preset = (enum pcpmm_preset)value;
	return value < 0 ? value : 0;
}

int pcpmm_drain_by_name(const char *name, enum pcpmm_drain *drain)
{
	int value = axis_value_by_name(&axes[AXIS_drain], name);

	if (value >= 0)
		*drain = (enum pcpmm_drain)value;
	return value < 0 ? value : 0;
}

bool pcpmm_drain_is_unsound(unsigned int drain)
{
	return drain == PCPMM_DRAIN_IPI_MASK_POSTED ||
	       drain == PCPMM_DRAIN_KTHREAD_POSTED;
}

const char *pcpmm_boot_drift_mark_name(unsigned int boot_drift_mark)
{
	return axis_value_name(AXIS_boot_drift_mark, boot_drift_mark);
}

const char *pcpmm_free_check_name(unsigned int free_check)
{
	return axis_value_name(AXIS_free_check, free_check);
}

const char *pcpmm_layout_name(unsigned int layout)
{
	return axis_value_name(AXIS_layout, layout);
}

const char *pcpmm_need_update_name(unsigned int need_update)
{
	return axis_value_name(AXIS_need_update, need_update);
}

const char *pcpmm_numa_events_name(unsigned int numa_events)
{
	return axis_value_name(AXIS_numa_events, numa_events);
}
