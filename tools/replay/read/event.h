/* SPDX-License-Identifier: MIT */
/*
 * One line of a trace as 24 bytes.
 *
 * The parser makes events from text, the inference reads them several times.
 * A trace in this form (24 bytes a line instead of 130) fits in memory, so the
 * inference can look ahead: only the event that takes a freed page off its
 * list again tells which list that was.
 */
#ifndef REPLAY_EVENT_H
#define REPLAY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_NO_PFN UINT32_MAX
#define REPLAY_PFN_END 0xf0000000u /* 15 TiB; no frame has this number */
#define REPLAY_ORDER_MAX 15 /* a larger number is no order */
#define REPLAY_NO_OP UINT32_MAX
#define REPLAY_NO_ZONE UINT16_MAX
#define REPLAY_NO_CPU UINT16_MAX
#define REPLAY_NO_MT 0xff
#define REPLAY_LISTS 14
#define REPLAY_CPUS_MAX 4096

enum replay_event_kind {
	REPLAY_EV_NONE, /* struck out: another line stands for it */
	REPLAY_EV_ALLOC, /* pfn order mt gfp; pfn REPLAY_NO_PFN: failed */
	REPLAY_EV_FREE, /* pfn order */
	REPLAY_EV_BATCHED, /* pfn; order 0 */
	REPLAY_EV_LOCKED, /* pfn order mt: one block leaves the buddy */
	REPLAY_EV_DRAINED, /* pfn order mt: one block goes pcp -> buddy */
	REPLAY_EV_EXTFRAG, /* pfn order mt; arg: REPLAY_EXTFRAG_*; gfp: old mt */
	REPLAY_EV_FREE_BULK, /* arg: index of a struct replay_probe */
	REPLAY_EV_REFILL, /* order mt; arg n; pfn: zone name code; gfp: probe */
	REPLAY_EV_REFILL_RET, /* arg got; gfp not 0: of a bulk allocation */
	REPLAY_EV_DECAY, /* arg: index of a struct replay_probe; 6.7 */
	REPLAY_EV_BULK, /* gfp; arg nr; pfn: node asked for, or NO_PFN */
	REPLAY_EV_BULK_RET, /* arg got */
	REPLAY_EV_FREE_ONE, /* pfn order: passed the pcp by */
	REPLAY_EV_FREE_OK, /* order: passed the pcp by */
	REPLAY_EV_COMMIT, /* pfn order mt: a block that was made of freed ones */
	REPLAY_EV_DRAIN_PZ, /* arg: cpu that is drained */
	REPLAY_EV_DRAIN_ALL,
	REPLAY_EV_DRAIN_ALL_RET,
	REPLAY_EV_DRAIN_REMOTE, /* arg: index of a struct replay_probe */
	REPLAY_EV_REFRESH, /* arg do_pagesets */
	REPLAY_EV_REFRESH_RET,
	REPLAY_EV_PAGESET, /* arg: index of a struct replay_probe */
	REPLAY_EV_KSWAPD_WAKE, /* arg nid */
	REPLAY_EV_KSWAPD_SLEEP, /* arg nid */
	REPLAY_EV_MARK, /* arg: enum replay_mark */
};

enum replay_mark {
	REPLAY_MARK_OTHER,
	REPLAY_MARK_FRAMES_END, /* "before-kpageflags end" */
	REPLAY_MARK_BEFORE_BEGIN, /* "before-snapshot begin" */
	REPLAY_MARK_BEFORE_END,
	REPLAY_MARK_AFTER_BEGIN, /* "after-snapshot begin" */
	REPLAY_MARK_AFTER_END,
};

#define REPLAY_EXTFRAG_ORDER_MASK 0xff /* order of the block broken up */
#define REPLAY_EXTFRAG_OWNS 0x100 /* change_ownership=1 */

/* Zone names in the order of the kernel's zone indexes on x86-64. */
enum replay_zone_name {
	REPLAY_ZONE_DMA,
	REPLAY_ZONE_DMA32,
	REPLAY_ZONE_NORMAL,
	REPLAY_ZONE_MOVABLE,
	REPLAY_ZONE_DEVICE,
	REPLAY_ZONE_HIGHMEM,
	REPLAY_ZONE_NAMES,
};

#define REPLAY_EV_BY_KSWAPD 0x01 /* flags: the task was a kswapd */
#define REPLAY_EV_DIRECT 0x02 /* flags: pcp not used (set by inference) */
#define REPLAY_EV_IN_REFILL 0x04 /* flags: LOCKED between refill and ret */
#define REPLAY_EV_MT_SURE 0x08 /* flags: mt of a FREE is proven */
#define REPLAY_EV_WAS_BATCHED 0x10 /* flags: entered by a batched line */
#define REPLAY_EV_SPILLS 0x20 /* flags: FREE; a bulk free follows from it */
#define REPLAY_EV_EARLY 0x80 /* flags: ALLOC; its op is written already */
#define REPLAY_EV_CAUSED 0x40 /* flags: FREE_BULK, DRAINED; a FREE did it */

struct replay_event {
	uint32_t pfn;
	uint32_t gfp;
	uint32_t line; /* over all parts, from 1 */
	uint32_t arg;
	uint16_t cpu;
	uint8_t kind; /* enum replay_event_kind */
	int8_t order;
	uint8_t mt; /* requested, or of the list; REPLAY_NO_MT: not said */
	uint8_t flags;
	uint16_t zone; /* set by inference */
};

#define REPLAY_NO_PROBE UINT32_MAX

/*
 * What a free_bulk, drain_remote, decay or pageset_set probe prints, and from 6.7 a
 * refill probe, after high and alloc_factor have been raised.
 */
struct replay_probe {
	uint64_t pcp; /* address of the list, names cpu and zone */
	uint64_t zp; /* address of the zone, 0: not printed */
	uint64_t zflags;
	int32_t n;
	int32_t count;
	int32_t high;
	int32_t batch;
	int16_t free_factor; /* -1: not printed */
	int16_t pindex;
	/* From 6.7; -1: not printed. */
	int32_t high_min, high_max;
	int16_t alloc_factor, free_count, flags;
	uint8_t zone_name; /* enum replay_zone_name, or REPLAY_ZONE_NAMES */
};

#endif
