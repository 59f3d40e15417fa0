/* SPDX-License-Identifier: MIT */
/*
 * riscv64/this_cpu_arch.h - local read-modify-writes: interrupts held off
 *
 * As in the kernel, which has no this_cpu operations of its own for riscv64 (up
 * to 6.12, no HAVE_CMPXCHG_LOCAL): an AMO or a reservation would be an atomic
 * operation against all CPUs, and costs one.
 */
#ifndef ARCH_RISCV64_THIS_CPU_ARCH_H
#define ARCH_RISCV64_THIS_CPU_ARCH_H

#include "this_cpu_masked.h"

#endif /* ARCH_RISCV64_THIS_CPU_ARCH_H */
