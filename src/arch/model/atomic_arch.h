/* SPDX-License-Identifier: MIT */
/*
 * model/atomic_arch.h - full read-modify-writes, a point each; and where each operation
 * is called, which a report prints
 */
#ifndef ARCH_MODEL_ATOMIC_ARCH_H
#define ARCH_MODEL_ATOMIC_ARCH_H

#define ARCH_NAME "model"
#define ARCH_HAS_CMPXCHG8 1
#define ATOMIC_STORES_IN_ORDER 1 /* sequentially consistent */

#include "atomic_compare.h"

/* clang-format off */

#define MODEL_FULL_OPS(T, type)						\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	type old;							\
									\
	model_point(MODEL_RMW, p, sizeof(*p), true);			\
	old = *p;							\
	*p = new;							\
	return old;							\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	type found;							\
									\
	model_point(MODEL_RMW, p, sizeof(*p), true);			\
	found = *p;							\
	if (found == old)						\
		*p = new;						\
	return found;							\
}

MODEL_FULL_OPS(s8, int8_t)
MODEL_FULL_OPS(s32, int32_t)

#undef MODEL_FULL_OPS

/* A function of the same name is called: a macro is not expanded inside itself. */
#define MODEL_CALL(name, ...)						\
	({								\
		MODEL_AT(name);						\
		name(__VA_ARGS__);					\
	})

#define atomic_load_relaxed_u8(p) MODEL_CALL(atomic_load_relaxed_u8, p)
#define atomic_load_acquire_u8(p) MODEL_CALL(atomic_load_acquire_u8, p)
#define atomic_store_relaxed_u8(p, v) MODEL_CALL(atomic_store_relaxed_u8, p, v)
#define atomic_store_release_u8(p, v) MODEL_CALL(atomic_store_release_u8, p, v)
#define atomic_load_relaxed_s8(p) MODEL_CALL(atomic_load_relaxed_s8, p)
#define atomic_load_acquire_s8(p) MODEL_CALL(atomic_load_acquire_s8, p)
#define atomic_store_relaxed_s8(p, v) MODEL_CALL(atomic_store_relaxed_s8, p, v)
#define atomic_store_release_s8(p, v) MODEL_CALL(atomic_store_release_s8, p, v)
#define atomic_load_relaxed_u32(p) MODEL_CALL(atomic_load_relaxed_u32, p)
#define atomic_load_acquire_u32(p) MODEL_CALL(atomic_load_acquire_u32, p)
#define atomic_store_relaxed_u32(p, v) MODEL_CALL(atomic_store_relaxed_u32, p, v)
#define atomic_store_release_u32(p, v) MODEL_CALL(atomic_store_release_u32, p, v)
#define atomic_load_relaxed_s32(p) MODEL_CALL(atomic_load_relaxed_s32, p)
#define atomic_load_acquire_s32(p) MODEL_CALL(atomic_load_acquire_s32, p)
#define atomic_store_relaxed_s32(p, v) MODEL_CALL(atomic_store_relaxed_s32, p, v)
#define atomic_store_release_s32(p, v) MODEL_CALL(atomic_store_release_s32, p, v)
#define atomic_load_relaxed_u64(p) MODEL_CALL(atomic_load_relaxed_u64, p)
#define atomic_load_acquire_u64(p) MODEL_CALL(atomic_load_acquire_u64, p)
#define atomic_store_relaxed_u64(p, v) MODEL_CALL(atomic_store_relaxed_u64, p, v)
#define atomic_store_release_u64(p, v) MODEL_CALL(atomic_store_release_u64, p, v)
#define atomic_load_relaxed_s64(p) MODEL_CALL(atomic_load_relaxed_s64, p)
#define atomic_load_acquire_s64(p) MODEL_CALL(atomic_load_acquire_s64, p)
#define atomic_store_relaxed_s64(p, v) MODEL_CALL(atomic_store_relaxed_s64, p, v)
#define atomic_store_release_s64(p, v) MODEL_CALL(atomic_store_release_s64, p, v)
#define atomic_load_relaxed_ptr(p) MODEL_CALL(atomic_load_relaxed_ptr, p)
#define atomic_load_acquire_ptr(p) MODEL_CALL(atomic_load_acquire_ptr, p)
#define atomic_store_release_ptr(p, v) MODEL_CALL(atomic_store_release_ptr, p, v)
#define atomic_is_null_relaxed(p) MODEL_CALL(atomic_is_null_relaxed, p)
#define atomic_below_relaxed_s32(p, v) MODEL_CALL(atomic_below_relaxed_s32, p, v)
#define atomic_below_relaxed_s64(p, v) MODEL_CALL(atomic_below_relaxed_s64, p, v)
#define atomic_add_relaxed_s64(p, v) MODEL_CALL(atomic_add_relaxed_s64, p, v)
#define atomic_add_relaxed_u64(p, v) MODEL_CALL(atomic_add_relaxed_u64, p, v)
#define atomic_or_relaxed_u64(p, v) MODEL_CALL(atomic_or_relaxed_u64, p, v)
#define atomic_and_relaxed_u64(p, v) MODEL_CALL(atomic_and_relaxed_u64, p, v)
#define atomic_xchg_relaxed_u64(p, v) MODEL_CALL(atomic_xchg_relaxed_u64, p, v)
#define atomic_fetch_add_relaxed_u32(p, v) MODEL_CALL(atomic_fetch_add_relaxed_u32, p, v)
#define atomic_add_release_u32(p, v) MODEL_CALL(atomic_add_release_u32, p, v)
#define atomic_and_release_u64(p, v) MODEL_CALL(atomic_and_release_u64, p, v)
#define atomic_cmpxchg_relaxed_u32(p, e, v) MODEL_CALL(atomic_cmpxchg_relaxed_u32, p, e, v)
#define atomic_cmpxchg_relaxed_u64(p, e, v) MODEL_CALL(atomic_cmpxchg_relaxed_u64, p, e, v)
#define atomic_cmpxchg_acquire_u32(p, e, v) MODEL_CALL(atomic_cmpxchg_acquire_u32, p, e, v)
#define atomic_cmpxchg_release_ptr(p, e, v) MODEL_CALL(atomic_cmpxchg_release_ptr, p, e, v)
#define atomic_xchg_acquire_ptr(p, v) MODEL_CALL(atomic_xchg_acquire_ptr, p, v)
#define atomic_xchg_acquire_u32(p, v) MODEL_CALL(atomic_xchg_acquire_u32, p, v)
#define own_add_u32(p, v) MODEL_CALL(own_add_u32, p, v)
#define atomic_fence_seq_cst() MODEL_CALL(atomic_fence_seq_cst)
#define atomic_xchg_full_s8(p, v) MODEL_CALL(atomic_xchg_full_s8, p, v)
#define atomic_xchg_full_s32(p, v) MODEL_CALL(atomic_xchg_full_s32, p, v)
#define atomic_cmpxchg_full_s8(p, e, v) MODEL_CALL(atomic_cmpxchg_full_s8, p, e, v)
#define atomic_cmpxchg_full_s32(p, e, v) MODEL_CALL(atomic_cmpxchg_full_s32, p, e, v)

/* clang-format on */

#endif
