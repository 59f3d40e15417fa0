/* SPDX-License-Identifier: MIT */
/*
 * The one table of axes: the choices of a machine, their names, and the values
 * of each preset.
 *
 * A row is all that a new axis needs beside its enum (pcpmm/axes.h), its field
 * of struct pcpmm_config and its docs: configurations, names, machine files and
 * the command line read this table.
 *
 * Kernels and posted series are the values of row `preset`. Posted series are
 * based on the rules of Linux 6.1; each row names the presets that differ from
 * its base value.
 */
#ifndef MACHINE_AXES_H
#define MACHINE_AXES_H

#include <pcpmm/machine.h>

#include "machine/kernel_arch.h"

#define AXIS_FILE 1u /* a machine file may set it */
#define AXIS_CHOICE 2u /* no kernel's behaviour: presets leave it alone */
#define AXIS_BOOL 4u /* the field is a bool; of BOOL rows */

/* The names of architectures, from the table of what their kernels can do. */
#define KERNEL_ARCH_NAME(value, text, ...) NAME(value, text)

/* clang-format off */
/* Of all kernels from 6.12 on. */
#define SINCE_6_12(value)						\
	IN(LINUX_6_12, value)						\
	IN(LINUX_6_18, value)						\
	IN(LINUX_7_3, value)

/*
 * ENUM(key, number of values, flags, base value,
 *	(NAME(value, text) of each value),
 *	(IN(preset, value) of each preset that differs))
 * BOOL(key, flags, base value, (likewise))
 *
 * The key is the name of the field, and the text that users type. Keys become
 * enumerators, and the names of values designated elements, so the compiler
 * refuses a duplicate key.
 */
#define AXIS_ROWS(ENUM, BOOL)						\
ENUM(preset, PCPMM_NR_PRESETS, AXIS_FILE, PCPMM_PRESET_LINUX_6_1,	\
	(NAME(PCPMM_PRESET_LINUX_6_1, "linux-6.1")			\
	 NAME(PCPMM_PRESET_LINUX_5_10, "linux-5.10")			\
	 NAME(PCPMM_PRESET_LINUX_6_12, "linux-6.12")			\
	 NAME(PCPMM_PRESET_LINUX_6_18, "linux-6.18")			\
	 NAME(PCPMM_PRESET_LINUX_7_3, "linux-7.3")			\
	 NAME(PCPMM_PRESET_RFC_RCU_SWAP_2021, "rfc-rcu-swap-2021")	\
	 NAME(PCPMM_PRESET_RFC_KTHREAD_2022, "rfc-kthread-2022")	\
	 NAME(PCPMM_PRESET_REMOTE_FOLD_V4_2023, "remote-fold-v4-2023")	\
	 NAME(PCPMM_PRESET_REMOTE_FOLD_V8_2023, "remote-fold-v8-2023")	\
	 NAME(PCPMM_PRESET_RFC_IPI_MASK_2012, "rfc-ipi-mask-2012")	\
	 NAME(PCPMM_PRESET_RFC_SPINLOCK_KEY_2021, "rfc-spinlock-key-2021") \
	 NAME(PCPMM_PRESET_RFC_SPINLOCK_2021, "rfc-spinlock-2021")	\
	 NAME(PCPMM_PRESET_SPILL_CHUNKS_V4_2025, "spill-chunks-v4-2025") \
	 NAME(PCPMM_PRESET_VMSTAT_SPREAD_2026, "vmstat-spread-2026")	\
	 NAME(PCPMM_PRESET_RFC_PCP_BUDDY_2026, "rfc-pcp-buddy-2026")	\
	 NAME(PCPMM_PRESET_PWLOCKS_V4_2026, "pwlocks-v4-2026")),	\
	()) /* a preset has itself: axes_choose() */			\
ENUM(list_rules, PCPMM_NR_LIST_RULES, AXIS_FILE, PCPMM_LIST_RULES_6_1,	\
	(NAME(PCPMM_LIST_RULES_6_1, "6.1")				\
	 NAME(PCPMM_LIST_RULES_5_10, "5.10")				\
	 NAME(PCPMM_LIST_RULES_6_12, "6.12")				\
	 NAME(PCPMM_LIST_RULES_6_18, "6.18")				\
	 NAME(PCPMM_LIST_RULES_7_3, "7.3")),				\
	(IN(LINUX_5_10, PCPMM_LIST_RULES_5_10)				\
	 IN(LINUX_6_12, PCPMM_LIST_RULES_6_12)				\
	 IN(LINUX_6_18, PCPMM_LIST_RULES_6_18)				\
	 IN(LINUX_7_3, PCPMM_LIST_RULES_7_3)))				\
ENUM(thp, PCPMM_NR_THPS, AXIS_FILE | AXIS_CHOICE, PCPMM_THP_ALWAYS,	\
	(NAME(PCPMM_THP_ALWAYS, "always")				\
	 NAME(PCPMM_THP_NEVER, "never")),				\
	())								\
ENUM(boot, PCPMM_NR_BOOTS, AXIS_CHOICE, PCPMM_BOOT_FREE,		\
	(NAME(PCPMM_BOOT_FREE, "free")					\
	 NAME(PCPMM_BOOT_HELD, "held")),				\
	())								\
ENUM(backing, PCPMM_NR_BACKINGS, AXIS_FILE | AXIS_CHOICE, PCPMM_BACKING_NONE, \
	(NAME(PCPMM_BACKING_NONE, "none")				\
	 NAME(PCPMM_BACKING_ANON, "anon")				\
	 NAME(PCPMM_BACKING_MEMFD, "memfd")				\
	 NAME(PCPMM_BACKING_HUGE, "huge")),				\
	())								\
ENUM(drain, PCPMM_NR_DRAINS, AXIS_FILE, PCPMM_DRAIN_PCP_LOCK,		\
	(NAME(PCPMM_DRAIN_PCP_LOCK, "pcp_lock")				\
	 NAME(PCPMM_DRAIN_IPI_ALL, "ipi_all")				\
	 NAME(PCPMM_DRAIN_IPI_MASK, "ipi_mask")				\
	 NAME(PCPMM_DRAIN_IPI_MASK_POSTED, "ipi_mask_posted")		\
	 NAME(PCPMM_DRAIN_IPI_MASK_LOCKED, "ipi_mask_locked")		\
	 NAME(PCPMM_DRAIN_WORKQUEUE, "workqueue")			\
	 NAME(PCPMM_DRAIN_KTHREAD, "kthread")				\
	 NAME(PCPMM_DRAIN_KTHREAD_POSTED, "kthread_posted")		\
	 NAME(PCPMM_DRAIN_RCU_SWAP, "rcu_swap")				\
	 NAME(PCPMM_DRAIN_PERCPU_SPINLOCK_2021, "percpu_spinlock_2021")	\
	 NAME(PCPMM_DRAIN_PCP_SPINLOCK_2021, "pcp_spinlock_2021")	\
	 NAME(PCPMM_DRAIN_EXTERNAL, "external")				\
	 NAME(PCPMM_DRAIN_PCP_BUDDY, "pcp_buddy")),			\
	(IN(RFC_IPI_MASK_2012, PCPMM_DRAIN_IPI_MASK)			\
	 IN(RFC_SPINLOCK_KEY_2021, PCPMM_DRAIN_PERCPU_SPINLOCK_2021)	\
	 IN(RFC_SPINLOCK_2021, PCPMM_DRAIN_PCP_SPINLOCK_2021)		\
	 IN(RFC_PCP_BUDDY_2026, PCPMM_DRAIN_PCP_BUDDY)			\
	 IN(RFC_RCU_SWAP_2021, PCPMM_DRAIN_RCU_SWAP)			\
	 IN(RFC_KTHREAD_2022, PCPMM_DRAIN_KTHREAD)			\
	 IN(LINUX_5_10, PCPMM_DRAIN_WORKQUEUE)))			\
ENUM(account, PCPMM_NR_ACCOUNTS, AXIS_FILE, PCPMM_ACCOUNT_LOCAL_CMPXCHG, \
	(NAME(PCPMM_ACCOUNT_LOCAL_CMPXCHG, "local_cmpxchg")		\
	 NAME(PCPMM_ACCOUNT_IRQOFF, "irqoff")				\
	 NAME(PCPMM_ACCOUNT_LOCK_CMPXCHG, "lock_cmpxchg")),		\
	(IN(REMOTE_FOLD_V4_2023, PCPMM_ACCOUNT_LOCK_CMPXCHG)		\
	 IN(REMOTE_FOLD_V8_2023, PCPMM_ACCOUNT_LOCK_CMPXCHG)))		\
ENUM(diff, PCPMM_NR_DIFFS, AXIS_FILE, PCPMM_DIFF_S8,			\
	(NAME(PCPMM_DIFF_S8, "s8")					\
	 NAME(PCPMM_DIFF_S32, "s32")),					\
	(IN(REMOTE_FOLD_V4_2023, PCPMM_DIFF_S32)			\
	 IN(REMOTE_FOLD_V8_2023, PCPMM_DIFF_S32)))			\
ENUM(fold, PCPMM_NR_FOLDS, AXIS_FILE, PCPMM_FOLD_LOCAL,			\
	(NAME(PCPMM_FOLD_LOCAL, "local")				\
	 NAME(PCPMM_FOLD_REMOTE, "remote")				\
	 NAME(PCPMM_FOLD_BOTH, "both")),				\
	(IN(REMOTE_FOLD_V4_2023, PCPMM_FOLD_REMOTE)			\
	 IN(REMOTE_FOLD_V8_2023, PCPMM_FOLD_REMOTE)))			\
ENUM(fold_quiet, PCPMM_NR_FOLD_QUIETS, AXIS_FILE, PCPMM_FOLD_QUIET_TICK_STOP, \
	(NAME(PCPMM_FOLD_QUIET_NO, "no")				\
	 NAME(PCPMM_FOLD_QUIET_TICK_STOP, "tick_stop")			\
	 NAME(PCPMM_FOLD_QUIET_EVERY_IDLE, "every_idle")		\
	 NAME(PCPMM_FOLD_QUIET_DIRTY, "dirty")				\
	 NAME(PCPMM_FOLD_QUIET_USER_RETURN, "user_return")),		\
	())								\
ENUM(fold_timer, PCPMM_NR_FOLD_TIMERS, AXIS_FILE, PCPMM_FOLD_TIMER_OWN,	\
	(NAME(PCPMM_FOLD_TIMER_OWN, "own")				\
	 NAME(PCPMM_FOLD_TIMER_HOUSEKEEPING, "housekeeping")),		\
	(SINCE_6_12(PCPMM_FOLD_TIMER_HOUSEKEEPING)))			\
ENUM(fold_requeue, PCPMM_NR_FOLD_REQUEUES, AXIS_FILE,			\
	PCPMM_FOLD_REQUEUE_ROUND,					\
	(NAME(PCPMM_FOLD_REQUEUE_ROUND, "round")			\
	 NAME(PCPMM_FOLD_REQUEUE_SPREAD, "spread")),			\
	(IN(VMSTAT_SPREAD_2026, PCPMM_FOLD_REQUEUE_SPREAD)))		\
ENUM(shepherd_skips, PCPMM_NR_SHEPHERD_SKIPS, AXIS_FILE,		\
	PCPMM_SHEPHERD_SKIPS_PENDING,					\
	(NAME(PCPMM_SHEPHERD_SKIPS_PENDING, "pending")			\
	 NAME(PCPMM_SHEPHERD_SKIPS_BUSY, "busy")),			\
	(IN(VMSTAT_SPREAD_2026, PCPMM_SHEPHERD_SKIPS_BUSY)		\
	 IN(LINUX_7_3, PCPMM_SHEPHERD_SKIPS_BUSY)))			\
BOOL(fold_skip_isolated, AXIS_FILE, false, (SINCE_6_12(true)))		\
ENUM(fold_expire, PCPMM_NR_EXPIRES, AXIS_FILE, PCPMM_EXPIRE_YES,	\
	(NAME(PCPMM_EXPIRE_NO, "no")					\
	 NAME(PCPMM_EXPIRE_YES, "yes")					\
	 NAME(PCPMM_EXPIRE_COUNTED, "counted")),			\
	(IN(REMOTE_FOLD_V4_2023, PCPMM_EXPIRE_NO)			\
	 SINCE_6_12(PCPMM_EXPIRE_COUNTED)))				\
ENUM(starvation, PCPMM_NR_STARVATIONS, AXIS_FILE, PCPMM_STARVATION_NONE, \
	(NAME(PCPMM_STARVATION_NONE, "none")				\
	 NAME(PCPMM_STARVATION_FAIR_SERVER, "fair_server")		\
	 NAME(PCPMM_STARVATION_RT_THROTTLE, "rt_throttle")		\
	 NAME(PCPMM_STARVATION_STALLD, "stalld")),			\
	(SINCE_6_12(PCPMM_STARVATION_FAIR_SERVER)))			\
ENUM(kthread_prio, PCPMM_NR_KTHREAD_PRIOS, AXIS_FILE,			\
	PCPMM_KTHREAD_PRIO_FIFO_LOW,					\
	(NAME(PCPMM_KTHREAD_PRIO_FIFO_LOW, "fifo_low")			\
	 NAME(PCPMM_KTHREAD_PRIO_FIFO, "fifo")				\
	 NAME(PCPMM_KTHREAD_PRIO_NORMAL, "normal")),			\
	())								\
ENUM(up, PCPMM_NR_UPS, AXIS_FILE, PCPMM_UP_NO,				\
	(NAME(PCPMM_UP_NO, "no")					\
	 NAME(PCPMM_UP_IRQS_OFF, "irqs_off")				\
	 NAME(PCPMM_UP_TRYLOCK_FAILS, "trylock_fails")			\
	 NAME(PCPMM_UP_TRYLOCK_SUCCEEDS, "trylock_succeeds")),		\
	())								\
BOOL(isolation_flush, AXIS_FILE, false, (IN(LINUX_6_18, true)		\
	 IN(LINUX_7_3, true)))						\
BOOL(refresh_drain, AXIS_FILE, false,					\
	(IN(REMOTE_FOLD_V4_2023, true)))				\
ENUM(wmark_check, PCPMM_NR_WMARK_CHECKS, AXIS_FILE,			\
	PCPMM_WMARK_CHECK_MIN_RESERVE_ATOMIC,				\
	(NAME(PCPMM_WMARK_CHECK_MIN_RESERVE_ATOMIC, "min_reserve_atomic") \
	 NAME(PCPMM_WMARK_CHECK_MIN_RESERVE, "min_reserve")		\
	 NAME(PCPMM_WMARK_CHECK_HARDER, "harder")			\
	 NAME(PCPMM_WMARK_CHECK_HALVING, "halving")),			\
	(IN(LINUX_5_10, PCPMM_WMARK_CHECK_HARDER)			\
	 SINCE_6_12(PCPMM_WMARK_CHECK_MIN_RESERVE)))			\
ENUM(marks, PCPMM_NR_MARKS, AXIS_FILE, PCPMM_MARKS_SCALE_FACTOR,	\
	(NAME(PCPMM_MARKS_SCALE_FACTOR, "scale_factor")			\
	 NAME(PCPMM_MARKS_QUARTER, "quarter")				\
	 NAME(PCPMM_MARKS_NOT_MOVABLE, "not_movable")),			\
	(SINCE_6_12(PCPMM_MARKS_NOT_MOVABLE)))				\
ENUM(boot_drift_mark, PCPMM_NR_BOOT_DRIFT_MARKS, AXIS_FILE,		\
	PCPMM_BOOT_DRIFT_MARK_EARLY,					\
	(NAME(PCPMM_BOOT_DRIFT_MARK_EARLY, "early")			\
	 NAME(PCPMM_BOOT_DRIFT_MARK_LATE, "late")),			\
	(SINCE_6_12(PCPMM_BOOT_DRIFT_MARK_LATE)))			\
ENUM(count_order, PCPMM_NR_COUNT_ORDERS, AXIS_FILE, PCPMM_COUNT_BEFORE_LISTS, \
	(NAME(PCPMM_COUNT_BEFORE_LISTS, "before_lists")			\
	 NAME(PCPMM_COUNT_AFTER_LISTS, "after_lists")),			\
	())								\
ENUM(reader, PCPMM_NR_READERS, AXIS_FILE, PCPMM_READER_PRESSURE_THRESHOLD, \
	(NAME(PCPMM_READER_PRESSURE_THRESHOLD, "pressure_threshold")	\
	 NAME(PCPMM_READER_RAW, "raw")					\
	 NAME(PCPMM_READER_DRIFT_SNAPSHOT, "drift_snapshot")		\
	 NAME(PCPMM_READER_THROTTLE_SNAPSHOT, "throttle_snapshot")	\
	 NAME(PCPMM_READER_FOLD_WHEN_LOW, "fold_when_low")),		\
	(IN(REMOTE_FOLD_V8_2023, PCPMM_READER_THROTTLE_SNAPSHOT)	\
	 SINCE_6_12(PCPMM_READER_THROTTLE_SNAPSHOT)))			\
BOOL(drain_retry, AXIS_FILE, true, ())					\
ENUM(threshold_refresh, PCPMM_NR_THRESHOLD_REFRESHES, AXIS_FILE,	\
	PCPMM_THRESHOLD_REFRESH_UP_AND_DOWN,				\
	(NAME(PCPMM_THRESHOLD_REFRESH_UP_AND_DOWN, "up_and_down")	\
	 NAME(PCPMM_THRESHOLD_REFRESH_DOWN_ONLY, "down_only")),		\
	())								\
BOOL(wq_mem_reclaim, AXIS_FILE, true, ())				\
BOOL(wq_cpu_intensive, AXIS_FILE, false, (SINCE_6_12(true)))		\
ENUM(psi, PCPMM_NR_PSIS, AXIS_FILE, PCPMM_PSI_WHOLE,			\
	(NAME(PCPMM_PSI_WHOLE, "whole")					\
	 NAME(PCPMM_PSI_RECLAIM, "reclaim")				\
	 NAME(PCPMM_PSI_OFF, "off")),					\
	(IN(RFC_RCU_SWAP_2021, PCPMM_PSI_RECLAIM)			\
	 IN(RFC_KTHREAD_2022, PCPMM_PSI_RECLAIM)))			\
ENUM(ipi, PCPMM_NR_IPIS, AXIS_FILE, PCPMM_IPI_SIGNAL,			\
	(NAME(PCPMM_IPI_SIGNAL, "signal")				\
	 NAME(PCPMM_IPI_POLLED, "polled")),				\
	())								\
ENUM(rcu, PCPMM_NR_RCUS, AXIS_FILE, PCPMM_RCU_SCHED,			\
	(NAME(PCPMM_RCU_SCHED, "sched")					\
	 NAME(PCPMM_RCU_MEMB, "memb")					\
	 NAME(PCPMM_RCU_QSBR, "qsbr")					\
	 NAME(PCPMM_RCU_EPOCH, "epoch")),				\
	())								\
ENUM(grace, PCPMM_NR_GRACES, AXIS_FILE, PCPMM_GRACE_EXPEDITED,		\
	(NAME(PCPMM_GRACE_EXPEDITED, "expedited")			\
	 NAME(PCPMM_GRACE_NORMAL, "normal")),				\
	())								\
ENUM(zone_lock, PCPMM_NR_ZONE_LOCKS, AXIS_FILE | AXIS_CHOICE,		\
	PCPMM_ZONE_LOCK_TTAS,						\
	(NAME(PCPMM_ZONE_LOCK_TTAS, "ttas")				\
	 NAME(PCPMM_ZONE_LOCK_BACKOFF, "backoff")			\
	 NAME(PCPMM_ZONE_LOCK_TICKET, "ticket")),			\
	())								\
ENUM(arch, PCPMM_NR_ARCHS, AXIS_FILE | AXIS_CHOICE, PCPMM_ARCH_X86_64,	\
	(KERNEL_ARCH_ROWS(KERNEL_ARCH_NAME)),				\
	()) /* limits account and fold: kernel_arch.h */		\
ENUM(free_check, PCPMM_NR_FREE_CHECKS, AXIS_FILE | AXIS_CHOICE,		\
	PCPMM_FREE_CHECK_RACY,						\
	(NAME(PCPMM_FREE_CHECK_RACY, "racy")				\
	 NAME(PCPMM_FREE_CHECK_EXCHANGE, "exchange")),			\
	())								\
ENUM(ipi_mask_lock, PCPMM_NR_IPI_MASK_LOCKS, AXIS_FILE,			\
	PCPMM_IPI_MASK_LOCK_SPIN,					\
	(NAME(PCPMM_IPI_MASK_LOCK_SPIN, "spin")				\
	 NAME(PCPMM_IPI_MASK_LOCK_NONE, "none")				\
	 NAME(PCPMM_IPI_MASK_LOCK_MUTEX, "mutex")			\
	 NAME(PCPMM_IPI_MASK_LOCK_RAW_SPIN, "raw_spin")			\
	 NAME(PCPMM_IPI_MASK_LOCK_TRYLOCK, "trylock")			\
	 NAME(PCPMM_IPI_MASK_LOCK_OWN_BIT, "own_bit")			\
	 NAME(PCPMM_IPI_MASK_LOCK_SUMMARY, "summary")),			\
	())								\
ENUM(lru_batch, PCPMM_NR_LRU_BATCHES, AXIS_FILE | AXIS_CHOICE,		\
	PCPMM_LRU_BATCH_NONE,						\
	(NAME(PCPMM_LRU_BATCH_NONE, "none")				\
	 NAME(PCPMM_LRU_BATCH_15, "15")					\
	 NAME(PCPMM_LRU_BATCH_31, "31")),				\
	())								\
ENUM(lru_drain, PCPMM_NR_LRU_DRAINS, AXIS_FILE, PCPMM_LRU_DRAIN_WORK,	\
	(NAME(PCPMM_LRU_DRAIN_WORK, "work")				\
	 NAME(PCPMM_LRU_DRAIN_PWLOCKS, "pwlocks")			\
	 NAME(PCPMM_LRU_DRAIN_PWLOCKS_AUTO, "pwlocks_auto")		\
	 NAME(PCPMM_LRU_DRAIN_USER_RETURN, "user_return")),		\
	(IN(PWLOCKS_V4_2026, PCPMM_LRU_DRAIN_PWLOCKS)))			\
ENUM(spill_hold, PCPMM_NR_SPILL_HOLDS, AXIS_FILE, PCPMM_SPILL_HOLD_WHOLE, \
	(NAME(PCPMM_SPILL_HOLD_WHOLE, "whole")				\
	 NAME(PCPMM_SPILL_HOLD_CHUNKS, "chunks")),			\
	(IN(SPILL_CHUNKS_V4_2025, PCPMM_SPILL_HOLD_CHUNKS)		\
	 IN(LINUX_7_3, PCPMM_SPILL_HOLD_CHUNKS)))			\
ENUM(nolock_refuses, PCPMM_NR_NOLOCK_REFUSES, AXIS_FILE,		\
	PCPMM_NOLOCK_REFUSES_UP_NMI,					\
	(NAME(PCPMM_NOLOCK_REFUSES_UP_NMI, "up_nmi")			\
	 NAME(PCPMM_NOLOCK_REFUSES_RT_IRQ, "rt_irq")			\
	 NAME(PCPMM_NOLOCK_REFUSES_NOTHING, "nothing")),		\
	())								\
ENUM(zone_rules, PCPMM_NR_ZONE_RULES, AXIS_FILE, PCPMM_ZONE_RULES_6_1,	\
	(NAME(PCPMM_ZONE_RULES_6_1, "6.1")				\
	 NAME(PCPMM_ZONE_RULES_5_10, "5.10")				\
	 NAME(PCPMM_ZONE_RULES_6_12, "6.12")				\
	 NAME(PCPMM_ZONE_RULES_6_18, "6.18")				\
	 NAME(PCPMM_ZONE_RULES_7_3, "7.3")),				\
	(IN(LINUX_5_10, PCPMM_ZONE_RULES_5_10)				\
	 IN(LINUX_6_12, PCPMM_ZONE_RULES_6_12)				\
	 IN(LINUX_6_18, PCPMM_ZONE_RULES_6_18)				\
	 IN(LINUX_7_3, PCPMM_ZONE_RULES_7_3)))				\
ENUM(layout, PCPMM_NR_LAYOUTS, AXIS_FILE, PCPMM_LAYOUT_6_1,		\
	(NAME(PCPMM_LAYOUT_6_1, "6.1")					\
	 NAME(PCPMM_LAYOUT_5_10, "5.10")				\
	 NAME(PCPMM_LAYOUT_6_12, "6.12")				\
	 NAME(PCPMM_LAYOUT_6_18, "6.18")				\
	 NAME(PCPMM_LAYOUT_7_3, "7.3")),				\
	(IN(LINUX_5_10, PCPMM_LAYOUT_5_10)				\
	 IN(LINUX_6_12, PCPMM_LAYOUT_6_12)				\
	 IN(LINUX_6_18, PCPMM_LAYOUT_6_18)				\
	 IN(LINUX_7_3, PCPMM_LAYOUT_7_3)))				\
ENUM(need_update, PCPMM_NR_NEED_UPDATES, AXIS_FILE,			\
	PCPMM_NEED_UPDATE_ZONE_NODE,					\
	(NAME(PCPMM_NEED_UPDATE_ZONE_NODE, "zone_node")			\
	 NAME(PCPMM_NEED_UPDATE_ZONE_NUMA, "zone_numa")),		\
	(IN(LINUX_5_10, PCPMM_NEED_UPDATE_ZONE_NUMA)))			\
ENUM(numa_events, PCPMM_NR_NUMA_EVENTS, AXIS_FILE,			\
	PCPMM_NUMA_EVENTS_APART,					\
	(NAME(PCPMM_NUMA_EVENTS_APART, "apart")				\
	 NAME(PCPMM_NUMA_EVENTS_DIFFS, "diffs")),			\
	(IN(LINUX_5_10, PCPMM_NUMA_EVENTS_DIFFS)))			\
BOOL(allow_unsound, AXIS_FILE | AXIS_CHOICE, false, ())

#define AXIS_ID(key, ...) AXIS_##key,
/* clang-format on */

enum axis_id { AXIS_ROWS(AXIS_ID, AXIS_ID) NR_AXES };

/* A preset in which an axis does not have its base value. */
struct axis_exception {
	int preset; /* -1 ends the list */
	unsigned int value;
};

struct axis {
	const char *key;
	size_t offset; /* of the field in struct pcpmm_config */
	size_t size; /* of the field: a bool or an enum */
	unsigned int flags;
	unsigned int nr_values;
	const char *const *values; /* names, NULL-terminated */
	unsigned int base;
	const struct axis_exception *exceptions;
};

extern const struct axis axes[NR_AXES];

/* The row of @key, or NULL. */
const struct axis *axis_find(const char *key);

/* Name of a value; NULL if it is out of range. */
const char *axis_value_name(enum axis_id id, unsigned int value);
/* Value by name, or -ENOENT. */
int axis_value_by_name(const struct axis *axis, const char *name);

unsigned int axis_load(
	const struct pcpmm_config *config, const struct axis *axis);
/* @value must be one of @axis. */
void axis_store(struct pcpmm_config *config, const struct axis *axis,
	unsigned int value);

/*
 * Set each axis to @preset's value, on the architecture of @config; rows with the
 * flag AXIS_CHOICE only if @choices. @preset must be in range.
 */
void axes_choose(
	struct pcpmm_config *config, enum pcpmm_preset preset, bool choices);
/* Set @arch, and the axes that depend on it to what it makes of the preset's. */
void axes_choose_arch(struct pcpmm_config *config, enum pcpmm_arch arch);

#endif
