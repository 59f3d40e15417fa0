/* SPDX-License-Identifier: MIT */
/* model/atomic_ops.h - loads, stores and simple read-modify-writes: a point each */
#ifndef ARCH_MODEL_ATOMIC_OPS_H
#define ARCH_MODEL_ATOMIC_OPS_H

#include "model.h"

/* clang-format off */

#define MODEL_LOAD_STORE(T, type)					\
static inline type atomic_load_relaxed_##T(const type *p)		\
{									\
	model_point(MODEL_LOAD, p, sizeof(*p), false);			\
	return *(const volatile type *)p;				\
}									\
									\
static inline type atomic_load_acquire_##T(const type *p)		\
{									\
	return atomic_load_relaxed_##T(p);				\
}									\
									\
static inline void atomic_store_relaxed_##T(type *p, type v)		\
{									\
	model_point(MODEL_STORE, p, sizeof(*p), true);			\
	*(volatile type *)p = v;					\
}									\
									\
static inline void atomic_store_release_##T(type *p, type v)		\
{									\
	atomic_store_relaxed_##T(p, v);					\
}

MODEL_LOAD_STORE(u8, uint8_t)
MODEL_LOAD_STORE(s8, int8_t)
MODEL_LOAD_STORE(u32, uint32_t)
MODEL_LOAD_STORE(s32, int32_t)
MODEL_LOAD_STORE(u64, uint64_t)
MODEL_LOAD_STORE(s64, int64_t)

#undef MODEL_LOAD_STORE

/* ORDER: as in the name; executions are sequentially consistent. */
#define MODEL_ADD(ORDER, T, type)					\
static inline void atomic_add_##ORDER##_##T(type *p, type v)		\
{									\
	model_point(MODEL_RMW, p, sizeof(*p), true);			\
	*p = (type)(*p + v);						\
}

MODEL_ADD(relaxed, s64, int64_t)
MODEL_ADD(relaxed, u64, uint64_t)
MODEL_ADD(release, u32, uint32_t)

#undef MODEL_ADD

#define MODEL_CMPXCHG(ORDER, T, type)					\
static inline bool atomic_cmpxchg_##ORDER##_##T(			\
	type *p, type *expected, type new)				\
{									\
	model_point(MODEL_RMW, p, sizeof(*p), true);			\
	if (*p == *expected) {						\
		*p = new;						\
		return true;						\
	}								\
	*expected = *p;							\
	return false;							\
}

MODEL_CMPXCHG(relaxed, u32, uint32_t)
MODEL_CMPXCHG(acquire, u32, uint32_t)
MODEL_CMPXCHG(relaxed, u64, uint64_t)
MODEL_CMPXCHG(release, ptr, void *)

#undef MODEL_CMPXCHG

#define MODEL_XCHG(ORDER, T, type)					\
static inline type atomic_xchg_##ORDER##_##T(type *p, type new)	\
{									\
	type old;							\
									\
	model_point(MODEL_RMW, p, sizeof(*p), true);			\
	old = *p;							\
	*p = new;							\
	return old;							\
}

MODEL_XCHG(relaxed, u64, uint64_t)
MODEL_XCHG(acquire, u32, uint32_t)
MODEL_XCHG(acquire, ptr, void *)

#undef MODEL_XCHG

/* clang-format on */

static inline void *atomic_load_relaxed_ptr(void *const *p)
{
	model_point(MODEL_LOAD, p, sizeof(*p), false);
	return *(void *const volatile *)p;
}

static inline void *atomic_load_acquire_ptr(void *const *p)
{
	return atomic_load_relaxed_ptr(p);
}

static inline void atomic_store_release_ptr(void **p, void *v)
{
	model_point(MODEL_STORE, p, sizeof(*p), true);
	*(void *volatile *)p = v;
}

static inline void own_add_u32(uint32_t *p, uint32_t v)
{
	model_point(MODEL_STORE, p, sizeof(*p), true);
	*(volatile uint32_t *)p += v;
}

static inline uint32_t atomic_fetch_add_relaxed_u32(uint32_t *p, uint32_t v)
{
	uint32_t old;

	model_point(MODEL_RMW, p, sizeof(*p), true);
	old = *p;
	*p = old + v;
	return old;
}

static inline void atomic_or_relaxed_u64(uint64_t *p, uint64_t bits)
{
	model_point(MODEL_RMW, p, sizeof(*p), true);
	*p |= bits;
}

static inline void atomic_and_relaxed_u64(uint64_t *p, uint64_t bits)
{
	model_point(MODEL_RMW, p, sizeof(*p), true);
	*p &= bits;
}

static inline void atomic_and_release_u64(uint64_t *p, uint64_t bits)
{
	atomic_and_relaxed_u64(p, bits);
}

static inline void atomic_fence_seq_cst(void)
{
	model_point(MODEL_FENCE, NULL, 0, false);
}

#endif
