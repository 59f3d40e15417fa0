/* SPDX-License-Identifier: MIT */
/*
 * threads/atomic_compare.h - a load and a comparison, for instruction sets in which
 * these are two instructions anyway
 */
#ifndef ARCH_THREADS_ATOMIC_COMPARE_H
#define ARCH_THREADS_ATOMIC_COMPARE_H

static inline bool atomic_is_null_relaxed(void *const *p)
{
	return !atomic_load_relaxed_ptr(p);
}

static inline bool atomic_below_relaxed_s32(const int32_t *p, int32_t v)
{
	return atomic_load_relaxed_s32(p) < v;
}

static inline bool atomic_below_relaxed_s64(const int64_t *p, int64_t v)
{
	return atomic_load_relaxed_s64(p) < v;
}

#endif /* ARCH_THREADS_ATOMIC_COMPARE_H */
