/* SPDX-License-Identifier: MIT */
/*
 * One CPU's part of the counters of a zone or node: a threshold and one diff
 * for each item, all bytes (mainline) or all 32 bit (2023 series, v4 and
 * later). The width is a constant in every caller, and is optimised away.
 *
 *   [0] threshold   [1 + item] diff
 *
 * threshold: any thread stores it, the owner reads it racily: a stale one is in
 * force for one more update. diff: the owner changes it as its account axis
 * says; with lock_cmpxchg a remote fold takes it, too.
 */
#ifndef VMSTAT_DIFF_H
#define VMSTAT_DIFF_H

#include "arch/this_cpu.h"
#include "cpu/entry.h"

#define WIDTH_S8 1
#define WIDTH_S32 4

static force_inline int8_t *diff_s8(void *diffs, int item)
{
	return (int8_t *)diffs + 1 + item;
}

static force_inline int32_t *diff_s32(void *diffs, int item)
{
	return (int32_t *)diffs + 1 + item;
}

static force_inline int diff_threshold(const void *diffs, unsigned int width)
{
	return width == WIDTH_S8 ? atomic_load_relaxed_s8(diffs)
				 : atomic_load_relaxed_s32(diffs);
}

static inline void diff_set_threshold(
	void *diffs, unsigned int width, int threshold)
{
	if (width == WIDTH_S8)
		atomic_store_relaxed_s8(diffs, (int8_t)threshold);
	else
		atomic_store_relaxed_s32(diffs, threshold);
}

/* Owner. Plain on purpose: see arch/this_cpu.h. */
static force_inline int diff_load(void *diffs, unsigned int width, int item)
{
	return width == WIDTH_S8 ? this_cpu_read_s8(diff_s8(diffs, item))
				 : this_cpu_read_s32(diff_s32(diffs, item));
}

static force_inline void diff_store(
	void *diffs, unsigned int width, int item, int diff)
{
	if (width == WIDTH_S8)
		this_cpu_write_s8(diff_s8(diffs, item), (int8_t)diff);
	else
		this_cpu_write_s32(diff_s32(diffs, item), diff);
}

/* One access, racy: for readers, and for diffs that other CPUs may change. */
static force_inline int diff_peek(void *diffs, unsigned int width, int item)
{
	return width == WIDTH_S8
		       ? atomic_load_relaxed_s8(diff_s8(diffs, item))
		       : atomic_load_relaxed_s32(diff_s32(diffs, item));
}

/* Atomic against this CPU's interrupts; true if it was @old. */
static force_inline bool diff_cmpxchg_local(struct cpu *cpu, void *diffs,
	unsigned int width, int item, int old, int new)
{
	if (width == WIDTH_S8)
		return this_cpu_cmpxchg_s8(cpu, diff_s8(diffs, item),
			       (int8_t)old, (int8_t) new) == old;
	return this_cpu_cmpxchg_s32(cpu, diff_s32(diffs, item), old, new) ==
	       old;
}

/* Atomic against all CPUs. */
static force_inline bool diff_cmpxchg_full(
	void *diffs, unsigned int width, int item, int old, int new)
{
	if (width == WIDTH_S8)
		return atomic_cmpxchg_full_s8(diff_s8(diffs, item), (int8_t)old,
			       (int8_t) new) == old;
	return atomic_cmpxchg_full_s32(diff_s32(diffs, item), old, new) == old;
}

static inline int diff_take_local(
	struct cpu *cpu, void *diffs, unsigned int width, int item)
{
	return width == WIDTH_S8
		       ? this_cpu_xchg_s8(cpu, diff_s8(diffs, item), 0)
		       : this_cpu_xchg_s32(cpu, diff_s32(diffs, item), 0);
}

static inline int diff_take_full(void *diffs, unsigned int width, int item)
{
	return width == WIDTH_S8
		       ? atomic_xchg_full_s8(diff_s8(diffs, item), 0)
		       : atomic_xchg_full_s32(diff_s32(diffs, item), 0);
}

#endif
