/* SPDX-License-Identifier: MIT */
/*
 * Counters that each CPU changes in a diff of its own.
 *
 * A counter lives on three levels: a diff per CPU, a shared value in its zone
 * or node, and a machine-wide sum (the zone's or node's parent). A change goes
 * to the diff; past the threshold it moves up, to the shared value and to the
 * parent. One type serves zone and node.
 *
 *   exact  = value + sum of diffs              (at rest)
 *   |diff| <= threshold                        (the largest ever in force)
 *   |value - exact| <= online CPUs * threshold
 *
 * What keeps two operations on the diffs of one CPU apart:
 *
 *                mod     own fold  remote fold  dead fold  read  snapshot
 *   mod          thread  thread    atomic       offline    racy  racy
 *   own fold             thread    atomic       offline    racy  racy
 *   remote fold                    mutex        mutex      racy  racy
 *   dead fold                                   mutex      racy  racy
 *
 *   thread   Both run as the owner, which is one thread. The account axis says
 *            how an update keeps the owner's interrupts out.
 *   atomic   They run at the same time; each changes the diff by one atomic
 *            operation. With account lock_cmpxchg only: the others lose
 *            updates or count them twice.
 *   offline  A CPU that is offline does neither mod nor fold.
 *   mutex    The callers hold the config mutex; hotplug, too, which does the
 *            dead fold.
 *   racy     No exclusion. Each level is one atomic word, a reader between two
 *            levels misses at most the amount that is being moved, and every
 *            user of a counter has to accept the drift above.
 *
 * All counter updates are relaxed: they order nothing and nothing waits for
 * them (kernel: the same).
 */
#ifndef VMSTAT_COUNTER_H
#define VMSTAT_COUNTER_H

#include <pcpmm/axes.h>

#include "cpu/smp.h"

/*
 * local_cmpxchg with the window between its load and its store held open, to
 * show which updates are lost in it.
 */
#define ACCOUNT_WINDOW PCPMM_NR_ACCOUNTS
/* Any account, and each update is told to a function. */
#define ACCOUNT_MARKED (PCPMM_NR_ACCOUNTS + 1)

/*
 * The shared part: one in each zone and node; and two machine-wide sums, of the
 * zones and of the nodes.
 */
struct vmstat {
	struct vmstat *parent; /* NULL: this is the machine-wide sum */
	void **diffs; /* [cpu], see vmstat/diff.h; NULL in the sum */
	int64_t *value; /* [item]; relaxed adds by any thread */
	const struct smp *smp; /* the CPUs that count here */
	uint16_t nr_items;
	uint8_t account; /* enum pcpmm_account, or one of the two above */
	uint8_t width; /* of a diff; bytes: 1 or 4 */
	void (*window)(struct pcpmm_cpu *cpu, void *arg);
	void *window_arg;
	void (*mark)(struct cpu *cpu); /* of ACCOUNT_MARKED */
	uint8_t marked_account; /* likewise: enum pcpmm_account */
	uint64_t drift_mark; /* 0: never set; see vmstat/threshold.h */
	/* A word to which each change of one item's shared value is added. */
	int64_t *follower; /* NULL: there is none */
	int16_t followed; /* the item */
};

/* --- storage.c ---------------------------------------------------------- */

/* All counters 0, no diffs yet; the machine-wide sums never get any. -ENOMEM. */
int vmstat_init(struct vmstat *stat, struct vmstat *parent,
	const struct smp *smp, unsigned int nr_items,
	enum pcpmm_account account, enum pcpmm_diff diff);
void vmstat_fini(struct vmstat *stat);

/*
 * From now on what is added to the shared value of @item is added to *@word, too,
 * right after it. At rest; one item of a stat.
 */
void vmstat_follow(struct vmstat *stat, int item, int64_t *word);

/* Bytes of one CPU's part of @nr_items, @width bytes each. */
size_t vmstat_diffs_size(unsigned int nr_items, unsigned int width);

/* The diffs of several stats; one block. */
struct vmstat_diffs {
	void *block;
	size_t size; /* bytes */
};

/* @stats have been initialised, for the same CPUs; at least one. -ENOMEM. */
int vmstat_diffs_init(struct vmstat_diffs *diffs, struct vmstat *const *stats,
	unsigned int nr_stats);
void vmstat_diffs_fini(struct vmstat_diffs *diffs);

/* --- counter.c ---------------------------------------------------------- */

/* One CPU's threshold. Any thread, racy. */
void vmstat_set_threshold(struct vmstat *stat, unsigned int cpu, int threshold);
int vmstat_threshold(const struct vmstat *stat, unsigned int cpu);
/* The thresholds of all online CPUs. Any thread, racy. */
void vmstat_set_thresholds(struct vmstat *stat, int threshold);
/* One CPU's diff. Any thread, racy. */
int vmstat_diff(const struct vmstat *stat, unsigned int cpu, int item);

/*
 * Set what runs in the window of a stat with account local_cmpxchg, at rest.
 * NULL: no window, the update is one instruction.
 */
void vmstat_set_window(struct vmstat *stat,
	void (*window)(struct pcpmm_cpu *cpu, void *arg), void *arg);

/*
 * Call @mark(cpu) after each update of a diff, on its CPU, in any context. At
 * rest, and for good.
 */
void vmstat_set_mark(struct vmstat *stat, void (*mark)(struct cpu *cpu));

/* Add @amount to the shared values, past all diffs. Any thread. */
void vmstat_add_shared(struct vmstat *stat, int item, int64_t amount);

/* A caller that wants each update to be seen has to make each. */
static inline bool vmstat_has_window(const struct vmstat *stat)
{
	return stat->account == ACCOUNT_WINDOW;
}

/* Add @delta to @item (mod_zone_page_state, mod_node_page_state). */
void vmstat_mod(struct cpu *cpu, struct vmstat *stat, int item, long delta);
/*
 * As @n calls of vmstat_mod() one after the other: the same diff, and the same
 * sum moved up, at once. @delta is not 0; n may be 0.
 */
void vmstat_mod_many(struct cpu *cpu, struct vmstat *stat, int item, long delta,
	unsigned int n);
/* Add 1 or -1, with the overstep that keeps a run of them in the diff. */
void vmstat_inc(struct cpu *cpu, struct vmstat *stat, int item);
void vmstat_dec(struct cpu *cpu, struct vmstat *stat, int item);

/* The shared value alone; may be negative. */
static inline int64_t vmstat_read_raw(const struct vmstat *stat, int item)
{
	return atomic_load_relaxed_s64(&stat->value[item]);
}

/* The value as the kernel shows it: a negative one is transient and reads 0. */
static inline uint64_t vmstat_read(const struct vmstat *stat, int item)
{
	int64_t value = vmstat_read_raw(stat, item);

	return value < 0 ? 0 : (uint64_t)value;
}

/* Shared value plus the diffs of the CPUs that are online. */
int64_t vmstat_snapshot_raw(const struct vmstat *stat, int item);

/* The same; a negative sum is transient and reads 0. */
static inline uint64_t vmstat_snapshot(const struct vmstat *stat, int item)
{
	int64_t sum = vmstat_snapshot_raw(stat, item);

	return sum < 0 ? 0 : (uint64_t)sum;
}

/*
 * Fold @cpu's diffs: value += diff, diff = 0, and the same amounts into
 * @sums[item] for the parent. Number of items that were not zero. Owner only.
 */
unsigned int vmstat_fold(struct cpu *cpu, struct vmstat *stat, int64_t *sums);
/* The same from another CPU, while @cpu runs or is dead; one caller at a time. */
unsigned int vmstat_fold_remote(
	unsigned int cpu, struct vmstat *stat, int64_t *sums);
/* Add folded sums to the machine-wide counters. Number not zero. */
unsigned int vmstat_fold_sums(struct vmstat *global, const int64_t *sums);

/* Some diff of @cpu is not zero (need_update); racy unless owner. */
bool vmstat_needs_fold(const struct vmstat *stat, unsigned int cpu);

#endif
