/* SPDX-License-Identifier: MIT */
/* A drain strategy that is not part of the library; see asymmetric_lock.c. */
#ifndef ASYMMETRIC_LOCK_H
#define ASYMMETRIC_LOCK_H

#include <pcpmm/strategy.h>

extern const struct pcpmm_strategy asymmetric_lock;

#endif
