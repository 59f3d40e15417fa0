/* SPDX-License-Identifier: MIT */
/*
 * gfp_flags as text ("GFP_KERNEL|__GFP_ZERO", "0x140cca", "none") to the
 * bits of Linux 6.1. Names of other kernels that have no bit there are
 * known and dropped; unknown names are counted.
 */
#ifndef REPLAY_GFP_H
#define REPLAY_GFP_H

#include <stddef.h>
#include <stdint.h>

#define REPLAY_GFP_MOVABLE 0x08u
#define REPLAY_GFP_RECLAIMABLE 0x10u

/* Returns the bits and adds the number of unknown names to `*unknown`. */
uint32_t replay_gfp_parse(const char *text, size_t length, uint64_t *unknown);

/*
 * The migratetype that a request with these bits asks for: bits 3 and 4, which
 * are __GFP_MOVABLE and __GFP_RECLAIMABLE in Linux 6.1.
 */
unsigned replay_gfp_migratetype(uint32_t gfp);

#endif
