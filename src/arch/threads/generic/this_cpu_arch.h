/* SPDX-License-Identifier: MIT */
/* generic/this_cpu_arch.h - local read-modify-writes: interrupts held off */
#ifndef ARCH_GENERIC_THIS_CPU_ARCH_H
#define ARCH_GENERIC_THIS_CPU_ARCH_H

#include "this_cpu_masked.h"

#endif /* ARCH_GENERIC_THIS_CPU_ARCH_H */
