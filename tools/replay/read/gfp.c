/* SPDX-License-Identifier: MIT */
/* Names of gfp flags; see gfp.h. Values: Linux 6.1. */
#include <string.h>

#include "gfp.h"
#include "scan.h"

struct gfp_name {
	const char *name;
	uint32_t bits;
};

static const struct gfp_name gfp_names[] = {
	{"GFP_HIGHUSER_MOVABLE", 0x100cca},
	{"__GFP_COMP", 0x40000},
	{"__GFP_ZERO", 0x100},
	{"GFP_KERNEL_ACCOUNT", 0x400cc0},
	{"GFP_KERNEL", 0xcc0},
	{"__GFP_NOWARN", 0x2000},
	{"__GFP_NORETRY", 0x10000},
	{"__GFP_WRITE", 0x1000},
	{"GFP_NOWAIT", 0x800},
	{"GFP_NOFS", 0xc40},
	{"GFP_NOIO", 0xc00},
	{"GFP_ATOMIC", 0xa20},
	{"GFP_USER", 0x100cc0},
	{"GFP_HIGHUSER", 0x100cc2},
	{"GFP_TRANSHUGE", 0x1c24ca},
	{"GFP_TRANSHUGE_LIGHT", 0x1c20ca},
	{"GFP_DMA", 0x1},
	{"GFP_DMA32", 0x4},
	{"GFP_TEMPORARY", 0xcd0},
	{"GFP_IOFS", 0xc0},
	{"__GFP_DMA", 0x1},
	{"__GFP_HIGHMEM", 0x2},
	{"__GFP_DMA32", 0x4},
	{"__GFP_MOVABLE", 0x8},
	{"__GFP_RECLAIMABLE", 0x10},
	{"__GFP_HIGH", 0x20},
	{"__GFP_IO", 0x40},
	{"__GFP_FS", 0x80},
	{"__GFP_ATOMIC", 0x200},
	{"__GFP_DIRECT_RECLAIM", 0x400},
	{"__GFP_KSWAPD_RECLAIM", 0x800},
	{"__GFP_RECLAIM", 0xc00},
	{"__GFP_WAIT", 0xc00},
	{"__GFP_RETRY_MAYFAIL", 0x4000},
	{"__GFP_REPEAT", 0x4000},
	{"__GFP_NOFAIL", 0x8000},
	{"__GFP_MEMALLOC", 0x20000},
	{"__GFP_NOMEMALLOC", 0x80000},
	{"__GFP_HARDWALL", 0x100000},
	{"__GFP_THISNODE", 0x200000},
	{"__GFP_ACCOUNT", 0x400000},
	/* Known, but without a bit in a 6.1 kernel as Debian builds it. */
	{"none", 0},
	{"GFP_NOTRACK", 0},
	{"__GFP_NOTRACK", 0},
	{"__GFP_COLD", 0},
	{"__GFP_CMA", 0},
	{"__GFP_NO_KSWAPD", 0},
	{"__GFP_OTHER_NODE", 0},
	{"__GFP_NOLOCKDEP", 0},
	{"__GFP_NO_OBJ_EXT", 0},
	{"__GFP_ZEROTAGS", 0},
	{"__GFP_SKIP_ZERO", 0},
	{"__GFP_SKIP_KASAN", 0},
	{"__GFP_SKIP_KASAN_POISON", 0},
	{"__GFP_SKIP_KASAN_UNPOISON", 0},
};

static bool gfp_one(const char *name, size_t length, uint32_t *bits)
{
	struct scan scan = {name, name + length, name};
	uint64_t value;

	for (size_t i = 0; i < sizeof(gfp_names) / sizeof(gfp_names[0]); i++) {
		if (strlen(gfp_names[i].name) == length &&
			!memcmp(gfp_names[i].name, name, length)) {
			*bits = gfp_names[i].bits;
			return true;
		}
	}
	if (!scan_unsigned(&scan, &value) || value > UINT32_MAX)
		return false;
	*bits = (uint32_t)value;
	return scan.at == scan.end;
}

uint32_t replay_gfp_parse(const char *text, size_t length, uint64_t *unknown)
{
	const char *end = text + length, *bar;
	uint32_t all = 0, bits;

	while (text < end) {
		bar = memchr(text, '|', (size_t)(end - text));
		if (!bar)
			bar = end;
		if (gfp_one(text, (size_t)(bar - text), &bits))
			all |= bits;
		else
			(*unknown)++;
		text = bar + 1;
	}
	return all;
}

unsigned replay_gfp_migratetype(uint32_t gfp)
{
	if (gfp & REPLAY_GFP_MOVABLE)
		return 1;
	return gfp & REPLAY_GFP_RECLAIMABLE ? 2 : 0;
}
