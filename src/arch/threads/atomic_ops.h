/* SPDX-License-Identifier: MIT */
/*
 * threads/atomic_ops.h - loads, stores and simple read-modify-writes by
 * compiler builtins, the same on every instruction set
 */
#ifndef ARCH_THREADS_ATOMIC_OPS_H
#define ARCH_THREADS_ATOMIC_OPS_H

/* clang-format off */

#define ATOMIC_LOAD_STORE(T, type)					\
static inline type atomic_load_relaxed_##T(const type *p)		\
{									\
	return __atomic_load_n(p, __ATOMIC_RELAXED);			\
}									\
									\
static inline type atomic_load_acquire_##T(const type *p)		\
{									\
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);			\
}									\
									\
static inline void atomic_store_relaxed_##T(type *p, type v)		\
{									\
	__atomic_store_n(p, v, __ATOMIC_RELAXED);			\
}									\
									\
static inline void atomic_store_release_##T(type *p, type v)		\
{									\
	__atomic_store_n(p, v, __ATOMIC_RELEASE);			\
}

ATOMIC_LOAD_STORE(u8, uint8_t)
ATOMIC_LOAD_STORE(s8, int8_t)
ATOMIC_LOAD_STORE(u32, uint32_t)
ATOMIC_LOAD_STORE(s32, int32_t)
ATOMIC_LOAD_STORE(u64, uint64_t)
ATOMIC_LOAD_STORE(s64, int64_t)

#undef ATOMIC_LOAD_STORE

/* clang-format on */

static inline void *atomic_load_relaxed_ptr(void *const *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline void *atomic_load_acquire_ptr(void *const *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_release_ptr(void **p, void *v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static inline void own_add_u32(uint32_t *p, uint32_t v)
{
	*p += v;
}

static inline void atomic_add_relaxed_s64(int64_t *p, int64_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}

static inline void atomic_add_relaxed_u64(uint64_t *p, uint64_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}

static inline uint64_t atomic_xchg_relaxed_u64(uint64_t *p, uint64_t new)
{
	return __atomic_exchange_n(p, new, __ATOMIC_RELAXED);
}

static inline bool atomic_cmpxchg_relaxed_u32(
	uint32_t *p, uint32_t *expected, uint32_t new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline bool atomic_cmpxchg_relaxed_u64(
	uint64_t *p, uint64_t *expected, uint64_t new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline uint32_t atomic_fetch_add_relaxed_u32(uint32_t *p, uint32_t v)
{
	return __atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}

static inline void atomic_add_release_u32(uint32_t *p, uint32_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELEASE);
}

static inline void atomic_or_relaxed_u64(uint64_t *p, uint64_t bits)
{
	(void)__atomic_fetch_or(p, bits, __ATOMIC_RELAXED);
}

static inline void atomic_and_relaxed_u64(uint64_t *p, uint64_t bits)
{
	(void)__atomic_fetch_and(p, bits, __ATOMIC_RELAXED);
}

static inline void atomic_and_release_u64(uint64_t *p, uint64_t bits)
{
	(void)__atomic_fetch_and(p, bits, __ATOMIC_RELEASE);
}

static inline bool atomic_cmpxchg_acquire_u32(
	uint32_t *p, uint32_t *expected, uint32_t new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool atomic_cmpxchg_release_ptr(
	void **p, void **expected, void *new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static inline void *atomic_xchg_acquire_ptr(void **p, void *new)
{
	return __atomic_exchange_n(p, new, __ATOMIC_ACQUIRE);
}

static inline uint32_t atomic_xchg_acquire_u32(uint32_t *p, uint32_t new)
{
	return __atomic_exchange_n(p, new, __ATOMIC_ACQUIRE);
}

/* gcc warns that ThreadSanitizer sees no fence; atomic.h says so as well. */
#if defined(__SANITIZE_THREAD__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
static inline void atomic_fence_seq_cst(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#if defined(__SANITIZE_THREAD__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* ARCH_THREADS_ATOMIC_OPS_H */
