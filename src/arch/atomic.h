/* SPDX-License-Identifier: MIT */
/*
 * atomic.h - atomics whose memory order is part of their name
 *
 * What: loads, stores and a few read-modify-writes by compiler builtins, the
 * same on every machine, and the "full" read-modify-writes of the per-CPU
 * counters, which each backend writes its own way (atomic_arch.h, found
 * through the include path: x86_64/, arm64/ or generic/).
 *
 * Why: a caller shall read the order at the place where it matters, and a
 * benchmark shall cost what the kernel's instruction costs. this_cpu.h has
 * the cheap siblings, atomic against one's own interrupts only.
 *
 * Names: atomic_OPERATION_ORDER_TYPE, with TYPE one of u8 s8 u32 s32 u64 s64
 * ptr, and ORDER one of
 *
 *   relaxed  this one access is atomic; it orders nothing else
 *   acquire  later accesses stay behind it
 *   release  earlier accesses stay before it
 *   full     every earlier access stays before it, every later one behind
 *
 * Full operations, 8 and 32 bit:
 *
 *   operation   x86_64         arm64, LSE   arm64, LL/SC         generic
 *   add         lock add       ldaddal      ldxr add stlxr dmb   builtin
 *   add_return  lock xadd      ldaddal      ldxr add stlxr dmb   builtin
 *   xchg        xchg           swpal        ldxr stlxr dmb       builtin
 *   cmpxchg     lock cmpxchg   casal        ldxr stlxr dmb       builtin
 *
 * All of this file is atomic against the own CPU's interrupts and against all
 * of this file on other CPUs. It is not atomic against another CPU's *local*
 * operations (this_cpu.h): where one of those meets any write of this file,
 * an update may be lost.
 *
 * A cmpxchg that finds another value than the expected one has changed
 * nothing and orders nothing, as in the kernel: whoever needs order on that
 * path asks for it.
 *
 * Arithmetic wraps around, in two's complement, at every width.
 *
 * ThreadSanitizer reads builtins, not inline assembly: its build uses the
 * generic backend.
 */
#ifndef ARCH_ATOMIC_H
#define ARCH_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */

/* The four plain accesses of one type. */
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

/*
 * Pointers: pass (void **)&object->member. Both compilers let a void * access
 * alias every other pointer to an object, so the cast is sound.
 */
static inline void *atomic_load_relaxed_ptr(void *const *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline void *atomic_load_acquire_ptr(void *const *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_relaxed_ptr(void **p, void *v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void atomic_store_release_ptr(void **p, void *v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* Zone and global counters: a sum that nobody orders anything by. */
static inline void atomic_add_relaxed_s64(int64_t *p, int64_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}

/* A count that several CPUs keep. */
static inline void atomic_add_relaxed_u64(uint64_t *p, uint64_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELAXED);
}

/* Returns the new value. */
static inline int64_t atomic_add_return_relaxed_s64(int64_t *p, int64_t v)
{
	return __atomic_add_fetch(p, v, __ATOMIC_RELAXED);
}

/*
 * Try: if *p is *expected, make it @new and return true; else leave it alone,
 * put the value found into *expected and return false. Never fails spuriously.
 */
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

/* Something was done before: who reads the new value by acquire sees it. */
static inline void atomic_add_release_u32(uint32_t *p, uint32_t v)
{
	(void)__atomic_fetch_add(p, v, __ATOMIC_RELEASE);
}

/* A set of bits that nobody orders anything by. */
static inline void atomic_or_relaxed_u64(uint64_t *p, uint64_t bits)
{
	(void)__atomic_fetch_or(p, bits, __ATOMIC_RELAXED);
}

static inline void atomic_and_relaxed_u64(uint64_t *p, uint64_t bits)
{
	(void)__atomic_fetch_and(p, bits, __ATOMIC_RELAXED);
}

/* A word that hands something over: taking it is an acquire. */
static inline bool atomic_cmpxchg_acquire_u32(
	uint32_t *p, uint32_t *expected, uint32_t new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool atomic_cmpxchg_acquire_u64(
	uint64_t *p, uint64_t *expected, uint64_t new)
{
	return __atomic_compare_exchange_n(
		p, expected, new, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* A stack of waiting work: push by release, take all by acquire. */
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

/* Lock words: take with this, drop with atomic_store_release_u32(). */
static inline uint32_t atomic_xchg_acquire_u32(uint32_t *p, uint32_t new)
{
	return __atomic_exchange_n(p, new, __ATOMIC_ACQUIRE);
}

/*
 * Orders every earlier access of this thread before every later one, a store
 * before a load included.
 *
 * ThreadSanitizer cannot see a fence: whatever only a fence orders, it reports
 * as a race. Prefer acquire/release; gcc says the same in a warning, which is
 * off here, where the reader has been told.
 */
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

/*
 * What a backend owes. The bodies are in its atomic_arch.h; a backend that
 * forgets one, or gets a type wrong, does not compile.
 */

/* *p += v. */
static inline void atomic_add_full_s8(int8_t *p, int8_t v);
static inline void atomic_add_full_s32(int32_t *p, int32_t v);

/* *p += v; returns the new value. */
static inline int8_t atomic_add_return_full_s8(int8_t *p, int8_t v);
static inline int32_t atomic_add_return_full_s32(int32_t *p, int32_t v);

/* *p = new; returns the old value. */
static inline int8_t atomic_xchg_full_s8(int8_t *p, int8_t new);
static inline int32_t atomic_xchg_full_s32(int32_t *p, int32_t new);

/*
 * If *p is @old, *p = new. Returns the value found: it was @old exactly if
 * the exchange took place.
 */
static inline int8_t atomic_cmpxchg_full_s8(int8_t *p, int8_t old, int8_t new);
static inline int32_t atomic_cmpxchg_full_s32(
	int32_t *p, int32_t old, int32_t new);

/*
 * The backend also defines ATOMIC_STORES_IN_ORDER: 1 if who sees a store sees
 * all earlier ones of that processor.
 */
#include "atomic_arch.h"

#endif /* ARCH_ATOMIC_H */
