/* SPDX-License-Identifier: MIT */
/*
 * gfp flags of several kernels.
 *
 * Bits are those of published reports: GFP_ATOMIC was mode:0x20 in 2.6.36,
 * 0x2080020 in 4.4, 0x480020 in 4.19, 0xa20 in 5.10, and is 0x820 from 6.3 on.
 * The order of names is that of recorded traces (5.10 to 7.3).
 */
#include "view/report/gfp.h"

#include <inttypes.h>
#include <pcpmm/types.h>
#include <stdbool.h>

#include "arch/compiler.h"

/* clang-format off */
/* A flag: its bit in 6.1, and in the three older sets of bits. */
static const struct {
	uint32_t gfp;
	uint32_t old[GFP_BITS_6_1];
} flags[] = {
	{PCPMM___GFP_DMA,		{0x1, 0x1, 0x1}},
	{PCPMM___GFP_HIGHMEM,		{0x2, 0x2, 0x2}},
	{PCPMM___GFP_DMA32,		{0x4, 0x4, 0x4}},
	{PCPMM___GFP_MOVABLE,		{0x8, 0x8, 0x8}},
	{PCPMM___GFP_RECLAIMABLE,	{0x80000, 0x10, 0x10}},
	{PCPMM___GFP_HIGH,		{0x20, 0x20, 0x20}},
	{PCPMM___GFP_IO,		{0x40, 0x40, 0x40}},
	{PCPMM___GFP_FS,		{0x80, 0x80, 0x80}},
	{PCPMM___GFP_ZERO,		{0x8000, 0x8000, 0x8000}},
	{PCPMM___GFP_ATOMIC,		{0, 0x80000, 0x80000}},
	{PCPMM___GFP_DIRECT_RECLAIM,	{0x10, 0x400000, 0x200000}},
	{PCPMM___GFP_KSWAPD_RECLAIM,	{0, 0x2000000, 0x400000}},
	{PCPMM___GFP_WRITE,		{0, 0x1000000, 0x100}},
	{PCPMM___GFP_NOWARN,		{0x200, 0x200, 0x200}},
	{PCPMM___GFP_RETRY_MAYFAIL,	{0x400, 0x400, 0x400}},
	{PCPMM___GFP_NOFAIL,		{0x800, 0x800, 0x800}},
	{PCPMM___GFP_NORETRY,		{0x1000, 0x1000, 0x1000}},
	{PCPMM___GFP_MEMALLOC,		{0, 0x2000, 0x2000}},
	{PCPMM___GFP_COMP,		{0x4000, 0x4000, 0x4000}},
	{PCPMM___GFP_NOMEMALLOC,	{0x10000, 0x10000, 0x10000}},
	{PCPMM___GFP_HARDWALL,		{0x20000, 0x20000, 0x20000}},
	{PCPMM___GFP_THISNODE,		{0x40000, 0x40000, 0x40000}},
	{PCPMM___GFP_ACCOUNT,		{0, 0x100000, 0x100000}},
};
/* clang-format on */

uint32_t gfp_to_bits(uint32_t gfp, enum gfp_bits bits)
{
	uint32_t result = 0;

	if (bits == GFP_BITS_6_1)
		return gfp;
	if (bits == GFP_BITS_6_12)
		return gfp & ~PCPMM___GFP_ATOMIC;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (gfp & flags[i].gfp)
			result |= flags[i].old[bits];
	return result;
}

struct name {
	uint32_t gfp;
	const char *name;
};

#define TRANSHUGE_LIGHT                                                        \
	((PCPMM_GFP_HIGHUSER_MOVABLE | PCPMM___GFP_COMP |                      \
		 PCPMM___GFP_NOMEMALLOC | PCPMM___GFP_NOWARN) &                \
		~PCPMM___GFP_RECLAIM)

/* The first that fits is taken, so a sum comes before its parts. */
static const struct name sums[] = {
	{TRANSHUGE_LIGHT | PCPMM___GFP_DIRECT_RECLAIM, "GFP_TRANSHUGE"},
	{TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT"},
	{PCPMM_GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE"},
	{PCPMM_GFP_HIGHUSER, "GFP_HIGHUSER"},
	{PCPMM_GFP_USER, "GFP_USER"},
	{PCPMM_GFP_KERNEL | PCPMM___GFP_ACCOUNT, "GFP_KERNEL_ACCOUNT"},
	{PCPMM_GFP_KERNEL, "GFP_KERNEL"},
	{PCPMM_GFP_NOFS, "GFP_NOFS"},
	{PCPMM_GFP_ATOMIC, "GFP_ATOMIC"},
	{PCPMM_GFP_NOIO, "GFP_NOIO"},
	{PCPMM_GFP_NOWAIT, "GFP_NOWAIT"},
};

static const struct name order_6_1[] = {
	{PCPMM_GFP_DMA, "GFP_DMA"},
	{PCPMM___GFP_HIGHMEM, "__GFP_HIGHMEM"},
	{PCPMM_GFP_DMA32, "GFP_DMA32"},
	{PCPMM___GFP_HIGH, "__GFP_HIGH"},
	{PCPMM___GFP_ATOMIC, "__GFP_ATOMIC"},
	{PCPMM___GFP_IO, "__GFP_IO"},
	{PCPMM___GFP_FS, "__GFP_FS"},
	{PCPMM___GFP_NOWARN, "__GFP_NOWARN"},
	{PCPMM___GFP_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
	{PCPMM___GFP_NOFAIL, "__GFP_NOFAIL"},
	{PCPMM___GFP_NORETRY, "__GFP_NORETRY"},
	{PCPMM___GFP_COMP, "__GFP_COMP"},
	{PCPMM___GFP_ZERO, "__GFP_ZERO"},
	{PCPMM___GFP_NOMEMALLOC, "__GFP_NOMEMALLOC"},
	{PCPMM___GFP_MEMALLOC, "__GFP_MEMALLOC"},
	{PCPMM___GFP_HARDWALL, "__GFP_HARDWALL"},
	{PCPMM___GFP_THISNODE, "__GFP_THISNODE"},
	{PCPMM___GFP_RECLAIMABLE, "__GFP_RECLAIMABLE"},
	{PCPMM___GFP_MOVABLE, "__GFP_MOVABLE"},
	{PCPMM___GFP_ACCOUNT, "__GFP_ACCOUNT"},
	{PCPMM___GFP_WRITE, "__GFP_WRITE"},
	{PCPMM___GFP_RECLAIM, "__GFP_RECLAIM"},
	{PCPMM___GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
	{PCPMM___GFP_KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM"},
};

static const struct name order_7_3[] = {
	{PCPMM_GFP_DMA, "GFP_DMA"},
	{PCPMM_GFP_DMA32, "GFP_DMA32"},
	{PCPMM___GFP_RECLAIM, "__GFP_RECLAIM"},
	{PCPMM___GFP_HIGHMEM, "__GFP_HIGHMEM"},
	{PCPMM___GFP_MOVABLE, "__GFP_MOVABLE"},
	{PCPMM___GFP_RECLAIMABLE, "__GFP_RECLAIMABLE"},
	{PCPMM___GFP_HIGH, "__GFP_HIGH"},
	{PCPMM___GFP_IO, "__GFP_IO"},
	{PCPMM___GFP_FS, "__GFP_FS"},
	{PCPMM___GFP_ZERO, "__GFP_ZERO"},
	{PCPMM___GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
	{PCPMM___GFP_KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM"},
	{PCPMM___GFP_WRITE, "__GFP_WRITE"},
	{PCPMM___GFP_NOWARN, "__GFP_NOWARN"},
	{PCPMM___GFP_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
	{PCPMM___GFP_NOFAIL, "__GFP_NOFAIL"},
	{PCPMM___GFP_NORETRY, "__GFP_NORETRY"},
	{PCPMM___GFP_MEMALLOC, "__GFP_MEMALLOC"},
	{PCPMM___GFP_COMP, "__GFP_COMP"},
	{PCPMM___GFP_NOMEMALLOC, "__GFP_NOMEMALLOC"},
	{PCPMM___GFP_HARDWALL, "__GFP_HARDWALL"},
	{PCPMM___GFP_THISNODE, "__GFP_THISNODE"},
	{PCPMM___GFP_ACCOUNT, "__GFP_ACCOUNT"},
};

/* What is left of a set of flags while it is printed. */
struct text {
	FILE *out;
	uint32_t left;
	enum gfp_bits bits;
	bool any;
};

static void print_known(struct text *text, const struct name *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint32_t gfp = names[i].gfp;

		if (text->bits == GFP_BITS_6_12)
			gfp &= ~PCPMM___GFP_ATOMIC;
		if (!gfp || (text->left & gfp) != gfp)
			continue;
		fprintf(text->out, "%s%s", text->any ? "|" : "", names[i].name);
		text->left &= ~gfp;
		text->any = true;
	}
}

void gfp_print_names(
	uint32_t gfp, enum gfp_bits bits, enum gfp_order order, FILE *out)
{
	struct text text = {.out = out, .left = gfp, .bits = bits};

	if (bits == GFP_BITS_6_12)
		text.left &= ~PCPMM___GFP_ATOMIC;
	print_known(&text, sums, ARRAY_SIZE(sums));
	if (order == GFP_ORDER_7_3)
		print_known(&text, order_7_3, ARRAY_SIZE(order_7_3));
	else
		print_known(&text, order_6_1, ARRAY_SIZE(order_6_1));
	if (text.left)
		fprintf(out, "%s0x%" PRIx32, text.any ? "|" : "", text.left);
	else if (!text.any)
		fputs("none", out);
}
