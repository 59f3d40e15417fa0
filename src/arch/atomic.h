/* SPDX-License-Identifier: MIT */
/*
 * atomic.h - atomics whose memory order is part of their name
 *
 * What: loads, stores and a few read-modify-writes (atomic_ops.h), and the
 * "full" read-modify-writes of the per-CPU counters, which are written for each
 * instruction set (atomic_arch.h). Both files are found through the include
 * path: threads/, and the folder of the instruction set in it.
 *
 * Why: the order can be read at the call, and a benchmark costs what the
 * kernel's instruction costs. this_cpu.h has the cheap variants, atomic against
 * interrupts of the same CPU only.
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
 *                  xchg                       cmpxchg
 *   x86_64         xchg                       lock cmpxchg
 *   arm64, LSE     swpal                      casal
 *   arm64, LL/SC   ldxr stlxr dmb             ldxr stlxr dmb
 *   s390x          cs loop                    cs; 8 bit: cs loop on the word
 *   riscv64        amoswap.aqrl; 8 bit:       lr sc.rl fence; 8 bit: on the
 *                  lr sc.rl fence on the word word
 *   loongarch64    amswap_db; 8 bit: dbar     dbar ll sc dbar; 8 bit: on the
 *                  ll sc dbar on the word     word
 *   generic        builtin                    builtin
 *
 * On the word: the instruction set has no such operation of 8 bit, and the
 * aligned word around the byte is exchanged (threads/byte_lane.h).
 *
 * All operations of this file are atomic against interrupts of the same CPU and
 * against the operations of this file on other CPUs. They are not atomic
 * against another CPU's *local* operations (this_cpu.h): if one of those meets
 * a write by this file, an update may be lost.
 *
 * A cmpxchg that finds another value than the expected one changes nothing and
 * orders nothing, as in the kernel: a caller that needs order on that path has
 * to add it.
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

/* Operations of each type. */
#define ATOMIC_LOAD_STORE_OF(T, type)					\
static inline type atomic_load_relaxed_##T(const type *p);		\
static inline type atomic_load_acquire_##T(const type *p);		\
static inline void atomic_store_relaxed_##T(type *p, type v);		\
static inline void atomic_store_release_##T(type *p, type v);

ATOMIC_LOAD_STORE_OF(u8, uint8_t)
ATOMIC_LOAD_STORE_OF(s8, int8_t)
ATOMIC_LOAD_STORE_OF(u32, uint32_t)
ATOMIC_LOAD_STORE_OF(s32, int32_t)
ATOMIC_LOAD_STORE_OF(u64, uint64_t)
ATOMIC_LOAD_STORE_OF(s64, int64_t)

#undef ATOMIC_LOAD_STORE_OF

/* clang-format on */

/*
 * Pointers: the caller passes (void **)&object->member. Both compilers let a
 * void * access alias every other pointer to an object, so the cast is sound.
 */
static inline void *atomic_load_relaxed_ptr(void *const *p);
static inline void *atomic_load_acquire_ptr(void *const *p);
static inline void atomic_store_release_ptr(void **p, void *v);

/* A relaxed load that is compared at once: on x86-64 one instruction does both. */
static inline bool atomic_is_null_relaxed(void *const *p);
/* *p < v. */
static inline bool atomic_below_relaxed_s32(const int32_t *p, int32_t v);
static inline bool atomic_below_relaxed_s64(const int64_t *p, int64_t v);

/* Sums, counts and sets of bits that order nothing. */
static inline void atomic_add_relaxed_s64(int64_t *p, int64_t v);
static inline void atomic_add_relaxed_u64(uint64_t *p, uint64_t v);
static inline void atomic_or_relaxed_u64(uint64_t *p, uint64_t bits);
static inline void atomic_and_relaxed_u64(uint64_t *p, uint64_t bits);

/* *p = new; returns the old value. */
static inline uint64_t atomic_xchg_relaxed_u64(uint64_t *p, uint64_t new);

/*
 * *p += v by the only writer, a plain read and write: a nesting count, which an interrupt
 * in between leaves as it found it. Others read it racily.
 */
static inline void own_add_u32(uint32_t *p, uint32_t v);

/* Returns the old value. */
static inline uint32_t atomic_fetch_add_relaxed_u32(uint32_t *p, uint32_t v);

/* A reader that sees the new value by acquire sees what was done before. */
static inline void atomic_add_release_u32(uint32_t *p, uint32_t v);
static inline void atomic_and_release_u64(uint64_t *p, uint64_t bits);

/*
 * If *p is *expected, *p becomes @new and the answer is true. Else *p stays as
 * it is, *expected becomes the value found, and the answer is false. None of
 * these fails spuriously, and a failure is relaxed.
 */
static inline bool atomic_cmpxchg_relaxed_u32(
	uint32_t *p, uint32_t *expected, uint32_t new);
static inline bool atomic_cmpxchg_relaxed_u64(
	uint64_t *p, uint64_t *expected, uint64_t new);
/* The same; acquire, if it succeeds. */
static inline bool atomic_cmpxchg_acquire_u32(
	uint32_t *p, uint32_t *expected, uint32_t new);
/* A stack of waiting calls: push by release, take all by acquire. */
static inline bool atomic_cmpxchg_release_ptr(
	void **p, void **expected, void *new);
static inline void *atomic_xchg_acquire_ptr(void **p, void *new);
/* A lock word: taken with this, dropped with atomic_store_release_u32(). */
static inline uint32_t atomic_xchg_acquire_u32(uint32_t *p, uint32_t new);

/*
 * Orders every earlier access of this thread before every later one, a store
 * before a load included.
 *
 * ThreadSanitizer does not see a fence: it reports whatever only a fence
 * orders as a race. Prefer acquire and release.
 */
static inline void atomic_fence_seq_cst(void);

/*
 * Read-modify-writes of the per-CPU counters, written for each instruction set.
 */

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
 * Bodies. A backend that forgets one, or gets a type wrong, does not compile.
 * atomic_arch.h also defines
 *
 *   ATOMIC_STORES_IN_ORDER  1 if a processor that sees a store sees all earlier
 *                           ones of the storing processor
 *   ARCH_NAME               the instruction set, "riscv64"; or "generic"
 *   ARCH_HAS_CMPXCHG8       0 if 8 bit operations are made on the word; generic: 1,
 *                           it is the compiler's business
 */
#include "atomic_ops.h"
#include "atomic_arch.h"

#endif /* ARCH_ATOMIC_H */
