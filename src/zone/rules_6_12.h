/* SPDX-License-Identifier: MIT */
/* The rules of 6.12 that later kernels have, too. */
#ifndef ZONE_RULES_6_12_H
#define ZONE_RULES_6_12_H

#include "zone/rules_6_1.h"

uint64_t zone_highatomic_max_6_12(uint64_t managed);

#endif
