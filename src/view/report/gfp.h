/* SPDX-License-Identifier: MIT */
/* gfp flags as reports of several kernels print them: the bits, and the names. */
#ifndef VIEW_REPORT_GFP_H
#define VIEW_REPORT_GFP_H

#include <stdint.h>
#include <stdio.h>

/* Which bit a flag is. A flag that a kernel does not have is no bit there. */
enum gfp_bits {
	GFP_BITS_2_6_36, /* to 4.3; __GFP_WAIT is __GFP_DIRECT_RECLAIM */
	GFP_BITS_4_4,
	GFP_BITS_4_19,
	GFP_BITS_6_1, /* 5.10 to 6.2 at least; the library's own */
	GFP_BITS_6_12, /* without __GFP_ATOMIC, from 6.3 on */
	NR_GFP_BITS
};

/* The order of the names of single flags. */
enum gfp_order {
	GFP_ORDER_6_1, /* to 6.12 */
	GFP_ORDER_7_3, /* from 6.18 on: that of the bits */
};

/* The library's @gfp in the bits of another kernel. */
uint32_t gfp_to_bits(uint32_t gfp, enum gfp_bits bits);

/* "GFP_KERNEL|__GFP_ZERO", "none"; flags without a name as one number. */
void gfp_print_names(
	uint32_t gfp, enum gfp_bits bits, enum gfp_order order, FILE *out);

#endif
