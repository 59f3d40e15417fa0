/* SPDX-License-Identifier: MIT */
/*
 * this_cpu.h - "local" read-modify-writes on data of the CPU of the caller
 *
 * What: the operations that the kernel's this_cpu_*() are made of, on 8 and
 * 32 bit signed counters, and one on 64 bit event counts. They are atomic
 * against this CPU's own interrupts and nothing else, which is what makes them
 * cheap: no bus lock on x86-64, no order on arm64. The bodies are in
 * this_cpu_ops.h and this_cpu_arch.h, found through the include path (threads/,
 * and the folder of the instruction set in it). Reads and writes are plain.
 *
 *                     add u64         xchg                  cmpxchg
 *   x86_64            add             cmpxchg loop          cmpxchg
 *   arm64, LSE        stadd           swp                   cas
 *   arm64, LL/SC      ldxr add stxr   ldxr stxr             ldxr stxr
 *   s390x             laag            cs loop               cs, see atomic.h
 *   loongarch64       amadd           amswap; 8 bit: ll sc  ll sc, see atomic.h
 *   riscv64, generic  irqs off, plain irqs off, plain       irqs off, plain
 *
 * What each is atomic against:
 *
 *                                        x86_64  arm64, s390x,  riscv64, generic
 *                                                loongarch64
 *   an interrupt (signal) on this CPU    yes     yes            masked meanwhile
 *   a load of another CPU (old or new,
 *   never half of each)                  yes     yes            yes
 *   a local operation of another CPU     NO      yes            NO
 *   an atomic_*_full_*() of another CPU  NO      yes            NO
 *
 * The second column follows from the instruction sets, as in the kernel: there a
 * local operation is an atomic one, unordered but on s390x. Portable code assumes
 * the columns with NO; if it can not, atomic.h has the full form.
 *
 * None of them orders any other access, not even for the compiler.
 *
 * @cpu is the CPU that the caller runs on and *p belongs to. Only
 * threads/this_cpu_masked.h looks at it: it masks the CPU's interrupts meanwhile. The mask is the
 * simulated machine's, so a file that uses this one includes cpu/cpu.h as well.
 */
#ifndef ARCH_THIS_CPU_H
#define ARCH_THIS_CPU_H

#include <stdint.h>

#include "arch/atomic.h"

struct cpu;

/*
 * One plain access by the owner. An interrupt of the same CPU may come between
 * two of them. ThreadSanitizer has to see plain accesses: so it detects a local
 * access that races with a remote one.
 */
static inline int8_t this_cpu_read_s8(const int8_t *p);
static inline int32_t this_cpu_read_s32(const int32_t *p);
static inline void this_cpu_write_s8(int8_t *p, int8_t v);
static inline void this_cpu_write_s32(int32_t *p, int32_t v);

/* *p += v. u64: event counters. */
static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v);

/* *p = new; returns the old value. */
static inline int8_t this_cpu_xchg_s8(struct cpu *cpu, int8_t *p, int8_t new);
static inline int32_t this_cpu_xchg_s32(
	struct cpu *cpu, int32_t *p, int32_t new);

/*
 * If *p is @old, *p = new. Returns the value found: it was @old exactly if
 * the exchange took place.
 */
static inline int8_t this_cpu_cmpxchg_s8(
	struct cpu *cpu, int8_t *p, int8_t old, int8_t new);
static inline int32_t this_cpu_cmpxchg_s32(
	struct cpu *cpu, int32_t *p, int32_t old, int32_t new);

/*
 * Bodies. this_cpu_arch.h also defines THIS_CPU_MASKS_IRQS: 1 if it gets its
 * atomicity from the CPU's soft mask, so that only interrupts which respect that
 * are excluded; 0 if a bare signal handler is excluded too.
 */
#include "this_cpu_ops.h"
#include "this_cpu_arch.h"

#endif /* ARCH_THIS_CPU_H */
