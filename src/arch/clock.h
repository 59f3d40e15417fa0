/* SPDX-License-Identifier: MIT */
/* Time: the host's monotonic clock, in nanoseconds. */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ns(void);

#endif
