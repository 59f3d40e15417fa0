/* SPDX-License-Identifier: MIT */
/* Names of enums, as users type and read them. */
#include <errno.h>
#include <pcpmm/machine.h>
#include <string.h>

#include "arch/compiler.h"

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

static const char *const preset_names[] = {
	[PCPMM_PRESET_LINUX_6_1] = "linux-6.1",
	[PCPMM_PRESET_RFC_RCU_SWAP_2021] = "rfc-rcu-swap-2021",
	[PCPMM_PRESET_RFC_KTHREAD_2022] = "rfc-kthread-2022",
	[PCPMM_PRESET_REMOTE_FOLD_V4_2023] = "remote-fold-v4-2023",
	[PCPMM_PRESET_REMOTE_FOLD_V8_2023] = "remote-fold-v8-2023",
};

static const char *const drain_names[] = {
	[PCPMM_DRAIN_PCP_LOCK] = "pcp_lock",
	[PCPMM_DRAIN_IPI_ALL] = "ipi_all",
	[PCPMM_DRAIN_IPI_MASK] = "ipi_mask",
	[PCPMM_DRAIN_IPI_MASK_POSTED] = "ipi_mask_posted",
	[PCPMM_DRAIN_IPI_MASK_LOCKED] = "ipi_mask_locked",
	[PCPMM_DRAIN_WORKQUEUE] = "workqueue",
	[PCPMM_DRAIN_KTHREAD] = "kthread",
	[PCPMM_DRAIN_KTHREAD_POSTED] = "kthread_posted",
	[PCPMM_DRAIN_RCU_SWAP] = "rcu_swap",
	[PCPMM_DRAIN_EXTERNAL] = "external",
};

static const char *const account_names[] = {
	[PCPMM_ACCOUNT_LOCAL_CMPXCHG] = "local_cmpxchg",
	[PCPMM_ACCOUNT_IRQOFF] = "irqoff",
	[PCPMM_ACCOUNT_LOCK_CMPXCHG] = "lock_cmpxchg",
};

static const char *const diff_names[] = {
	[PCPMM_DIFF_S8] = "s8",
	[PCPMM_DIFF_S32] = "s32",
};

static const char *const fold_names[] = {
	[PCPMM_FOLD_LOCAL] = "local",
	[PCPMM_FOLD_REMOTE] = "remote",
	[PCPMM_FOLD_BOTH] = "both",
};

static const char *const wmark_check_names[] = {
	[PCPMM_WMARK_CHECK_MIN_RESERVE] = "min_reserve",
	[PCPMM_WMARK_CHECK_HARDER] = "harder",
	[PCPMM_WMARK_CHECK_HALVING] = "halving",
};

static const char *const marks_names[] = {
	[PCPMM_MARKS_SCALE_FACTOR] = "scale_factor",
	[PCPMM_MARKS_QUARTER] = "quarter",
};

static const char *const count_order_names[] = {
	[PCPMM_COUNT_BEFORE_LISTS] = "before_lists",
	[PCPMM_COUNT_AFTER_LISTS] = "after_lists",
};

static const char *const reader_names[] = {
	[PCPMM_READER_PRESSURE_THRESHOLD] = "pressure_threshold",
	[PCPMM_READER_RAW] = "raw",
	[PCPMM_READER_DRIFT_SNAPSHOT] = "drift_snapshot",
	[PCPMM_READER_THROTTLE_SNAPSHOT] = "throttle_snapshot",
};

static const char *const ipi_names[] = {
	[PCPMM_IPI_SIGNAL] = "signal",
	[PCPMM_IPI_POLLED] = "polled",
};

static const char *const rcu_names[] = {
	[PCPMM_RCU_SCHED] = "sched",
	[PCPMM_RCU_MEMB] = "memb",
	[PCPMM_RCU_QSBR] = "qsbr",
};

static const char *const grace_names[] = {
	[PCPMM_GRACE_EXPEDITED] = "expedited",
	[PCPMM_GRACE_NORMAL] = "normal",
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
	return NAME_OF(preset_names, preset);
}

const char *pcpmm_drain_name(unsigned int drain)
{
	return NAME_OF(drain_names, drain);
}

const char *pcpmm_account_name(unsigned int account)
{
	return NAME_OF(account_names, account);
}

const char *pcpmm_diff_name(unsigned int diff)
{
	return NAME_OF(diff_names, diff);
}

const char *pcpmm_fold_name(unsigned int fold)
{
	return NAME_OF(fold_names, fold);
}

const char *pcpmm_wmark_check_name(unsigned int wmark_check)
{
	return NAME_OF(wmark_check_names, wmark_check);
}

const char *pcpmm_marks_name(unsigned int marks)
{
	return NAME_OF(marks_names, marks);
}

const char *pcpmm_count_order_name(unsigned int count_order)
{
	return NAME_OF(count_order_names, count_order);
}

const char *pcpmm_reader_name(unsigned int reader)
{
	return NAME_OF(reader_names, reader);
}

const char *pcpmm_ipi_name(unsigned int ipi)
{
	return NAME_OF(ipi_names, ipi);
}

const char *pcpmm_rcu_name(unsigned int rcu)
{
	return NAME_OF(rcu_names, rcu);
}

const char *pcpmm_grace_name(unsigned int grace)
{
	return NAME_OF(grace_names, grace);
}

static int find_name(
	const char *const *names, unsigned int nr, const char *name)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(name, names[i]))
			return (int)i;
	return -ENOENT;
}

int pcpmm_preset_by_name(const char *name, enum pcpmm_preset *preset)
{
	int i = find_name(preset_names, ARRAY_SIZE(preset_names), name);

	if (i >= 0)
		*preset = (enum pcpmm_preset)i;
	return i < 0 ? i : 0;
}

int pcpmm_drain_by_name(const char *name, enum pcpmm_drain *drain)
{
	int i = find_name(drain_names, ARRAY_SIZE(drain_names), name);

	if (i >= 0)
		*drain = (enum pcpmm_drain)i;
	return i < 0 ? i : 0;
}

bool pcpmm_drain_is_unsound(unsigned int drain)
{
	return drain == PCPMM_DRAIN_IPI_MASK_POSTED ||
	       drain == PCPMM_DRAIN_KTHREAD_POSTED;
}
