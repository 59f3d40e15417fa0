/* SPDX-License-Identifier: MIT */
/*
 * arm64/this_cpu_arch.h - local read-modify-writes: the unordered atomics
 *
 * arm64 has no cheaper form than its relaxed atomics, so a local operation is
 * atomic against other CPUs as well. No caller may rely on that (this_cpu.h).
 */
#ifndef ARCH_ARM64_THIS_CPU_ARCH_H
#define ARCH_ARM64_THIS_CPU_ARCH_H

#define THIS_CPU_MASKS_IRQS 0

#ifdef __ARM_FEATURE_ATOMICS
#include "this_cpu_lse.h"
#else
#include "this_cpu_llsc.h"
#endif

#endif /* ARCH_ARM64_THIS_CPU_ARCH_H */
