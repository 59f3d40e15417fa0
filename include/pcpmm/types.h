/* SPDX-License-Identifier: MIT */
/*
 * The kernel's nouns as numbers: zones, migratetypes, orders, gfp flags.
 * Values are those of Linux 6.1 on x86-64, so that a recorded trace and a
 * simulated one can be compared without a table.
 */
#ifndef PCPMM_TYPES_H
#define PCPMM_TYPES_H

#include <pcpmm/api.h>
#include <stddef.h>
#include <stdint.h>

PCPMM_BEGIN_DECLS

struct pcpmm_machine;
struct pcpmm_cpu;
struct pcpmm_page;

#define PCPMM_PAGE_SHIFT 12
#define PCPMM_PAGE_SIZE (1UL << PCPMM_PAGE_SHIFT)

#define PCPMM_CPUS_MAX 4096 /* possible CPUs of one machine */
#define PCPMM_NODES_MAX 64 /* nodes of one machine */
#define PCPMM_ZONE_INSTANCES_MAX 8 /* zones of one type on a node */
#define PCPMM_PFN_MAX 0xffffffffUL /* 32-bit frame numbers: 16 TiB */

#define PCPMM_ORDER_MAX 10 /* largest legal order (inclusive) */
#define PCPMM_NR_ORDERS (PCPMM_ORDER_MAX + 1)
#define PCPMM_PAGEBLOCK_ORDER 9
#define PCPMM_COSTLY_ORDER 3
#define PCPMM_NR_PCP_LISTS 14 /* 3 types x orders 0..3, and 2 of order 9 */

enum pcpmm_zone_type {
	PCPMM_ZONE_DMA,
	PCPMM_ZONE_DMA32,
	PCPMM_ZONE_NORMAL,
	PCPMM_ZONE_MOVABLE,
	PCPMM_ZONE_DEVICE, /* printed as the kernel does; never populated */
	PCPMM_NR_ZONES
};

/*
 * Instance @instance, 0 and up, of @type: for each function that takes the type of
 * a zone as a number. Such a function refuses an instance that a machine does not
 * have as it refuses a type. The type alone names the first instance where a
 * function reads or changes one zone, and all instances where it drains or
 * switches lists (pcpmm/drain.h).
 */
#define PCPMM_ZONE_INSTANCE(type, instance) ((type) + 16 * ((instance) + 1))

enum pcpmm_migratetype {
	PCPMM_MIGRATE_UNMOVABLE,
	PCPMM_MIGRATE_MOVABLE,
	PCPMM_MIGRATE_RECLAIMABLE,
	PCPMM_MIGRATE_PCPTYPES, /* the number of types on the pcp lists */
	PCPMM_MIGRATE_HIGHATOMIC = PCPMM_MIGRATE_PCPTYPES,
	PCPMM_MIGRATE_CMA,
	PCPMM_MIGRATE_ISOLATE,
	PCPMM_NR_MIGRATETYPES
};

/* gfp flags, bit values of Linux 6.1. */
#define PCPMM___GFP_DMA 0x1u
#define PCPMM___GFP_HIGHMEM 0x2u
#define PCPMM___GFP_DMA32 0x4u
#define PCPMM___GFP_MOVABLE 0x8u
#define PCPMM___GFP_RECLAIMABLE 0x10u
#define PCPMM___GFP_HIGH 0x20u
#define PCPMM___GFP_IO 0x40u
#define PCPMM___GFP_FS 0x80u
#define PCPMM___GFP_ZERO 0x100u
#define PCPMM___GFP_ATOMIC 0x200u
#define PCPMM___GFP_DIRECT_RECLAIM 0x400u
#define PCPMM___GFP_KSWAPD_RECLAIM 0x800u
#define PCPMM___GFP_WRITE 0x1000u
#define PCPMM___GFP_NOWARN 0x2000u
#define PCPMM___GFP_RETRY_MAYFAIL 0x4000u
#define PCPMM___GFP_NOFAIL 0x8000u
#define PCPMM___GFP_NORETRY 0x10000u
#define PCPMM___GFP_MEMALLOC 0x20000u
#define PCPMM___GFP_COMP 0x40000u
#define PCPMM___GFP_NOMEMALLOC 0x80000u
#define PCPMM___GFP_HARDWALL 0x100000u
#define PCPMM___GFP_THISNODE 0x200000u
#define PCPMM___GFP_ACCOUNT 0x400000u
#define PCPMM___GFP_RECLAIM                                                    \
	(PCPMM___GFP_DIRECT_RECLAIM | PCPMM___GFP_KSWAPD_RECLAIM)

#define PCPMM_GFP_KERNEL (PCPMM___GFP_RECLAIM | PCPMM___GFP_IO | PCPMM___GFP_FS)
#define PCPMM_GFP_NOFS (PCPMM___GFP_RECLAIM | PCPMM___GFP_IO)
#define PCPMM_GFP_NOIO PCPMM___GFP_RECLAIM
#define PCPMM_GFP_ATOMIC                                                       \
	(PCPMM___GFP_HIGH | PCPMM___GFP_ATOMIC | PCPMM___GFP_KSWAPD_RECLAIM)
#define PCPMM_GFP_NOWAIT PCPMM___GFP_KSWAPD_RECLAIM
#define PCPMM_GFP_USER (PCPMM_GFP_KERNEL | PCPMM___GFP_HARDWALL)
#define PCPMM_GFP_HIGHUSER (PCPMM_GFP_USER | PCPMM___GFP_HIGHMEM)
#define PCPMM_GFP_HIGHUSER_MOVABLE (PCPMM_GFP_HIGHUSER | PCPMM___GFP_MOVABLE)
#define PCPMM_GFP_DMA PCPMM___GFP_DMA
#define PCPMM_GFP_DMA32 PCPMM___GFP_DMA32

/*
 * "DMA", "DMA32", "Normal", "Movable", "Device"; NULL when out of range.
 * Any thread.
 */
PCPMM_API const char *pcpmm_zone_name(unsigned int zone_type);

/*
 * "Unmovable" ... "Isolate" as in /proc/pagetypeinfo; NULL when out of range.
 * Any thread.
 */
PCPMM_API const char *pcpmm_migratetype_name(unsigned int migratetype);

PCPMM_END_DECLS

#endif
