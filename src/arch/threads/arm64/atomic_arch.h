/* SPDX-License-Identifier: MIT */
/*
 * arm64/atomic_arch.h - full read-modify-writes: LSE where the build may use
 * it, exclusive pairs elsewhere
 *
 * Chosen at compile time (-march=armv8.1-a or later has LSE), so that a build
 * for a machine is the code of that machine; the kernel patches itself at boot
 * to the same effect.
 */
#ifndef ARCH_ARM64_ATOMIC_ARCH_H
#define ARCH_ARM64_ATOMIC_ARCH_H

#define ARCH_NAME "arm64"
#define ARCH_HAS_CMPXCHG8 1
#define ATOMIC_STORES_IN_ORDER 0

#include "atomic_compare.h"

#ifdef __ARM_FEATURE_ATOMICS
#include "atomic_lse.h"
#else
#include "atomic_llsc.h"
#endif

#endif /* ARCH_ARM64_ATOMIC_ARCH_H */
