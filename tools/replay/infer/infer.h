/* SPDX-License-Identifier: MIT */
/*
 * From the lines of a trace to operations that a simulator can execute.
 *
 * A kmem trace says which page frames came and went. It does not say which
 * per-CPU list a freed page entered, what was on the lists when the trace
 * began, which pages a bulk allocation took, or whether kswapd was at work.
 * All of that follows from the kernel's rules and the identity of the
 * pages: see infer.c for how. The result is
 *   ops    what to do, in the order in which it happened;
 *   obs    what the kernel was seen to do because of an op;
 *   init   what each list held at the start.
 */
#ifndef REPLAY_INFER_H
#define REPLAY_INFER_H

#include <stddef.h>

#include <pcpmm/rules.h>

#include "../read/event.h"
#include "../read/trace.h"
#include "rules.h"

enum replay_op_kind {
	REPLAY_NONE,
	REPLAY_ALLOC, /* pfn order mt gfp zone */
	REPLAY_ALLOC_FAIL, /* order mt gfp; the kernel returned no page */
	REPLAY_FREE, /* pfn order; mt: the list that the page entered */
	REPLAY_BULK_ALLOC, /* n order-0 pages: bulk_pfns[first .. first+n) */
	REPLAY_SPLIT, /* block pfn of `order` becomes blocks of order `n` */
	REPLAY_TAKE, /* pfn order leaves the buddy, no line (compaction) */
	REPLAY_DRAIN, /* all of cpu's pages of `zone` go to the buddy */
	REPLAY_DRAIN_REMOTE, /* min(count, batch) of cpu's pages of `zone` */
	REPLAY_REFRESH, /* cpu runs refresh_cpu_vm_stats(n) */
	REPLAY_PCP_SET, /* cpu (REPLAY_NO_CPU: all) zone: high, batch */
	REPLAY_ZONE_FLAGS, /* zone: n = REPLAY_ZF_* */
	REPLAY_PCP_STATE, /* cpu zone: states[first] */
	REPLAY_PCP_BOUNDS, /* zone, all CPUs: batch and bounds of states[first] */
	REPLAY_DECAY, /* cpu zone: decay_pcp_high(); its bulk frees follow */
};

#define REPLAY_OP_DIRECT 0x01 /* ALLOC, FREE: buddy, pcp not touched */
#define REPLAY_OP_BATCHED 0x02 /* FREE: by free_unref_page_list() */
#define REPLAY_OP_MT_SURE 0x04 /* FREE: mt proven, not voted */
#define REPLAY_OP_INFERRED 0x08 /* no line of the trace says this op */
#define REPLAY_OP_UNKNOWN 0x10 /* FREE: page was held before the trace */

#define REPLAY_ZF_BOOSTED 0x1 /* bits as in the kernel's zone->flags */
#define REPLAY_ZF_RECLAIM 0x2
#define REPLAY_ZF_BELOW_HIGH 0x4 /* from 6.7 */

struct replay_op {
	union {
		uint32_t pfn;
		uint32_t first; /* BULK_ALLOC, PCP_STATE, PCP_BOUNDS */
		uint32_t high; /* PCP_SET */
	};
	union {
		uint32_t gfp; /* REPLAY_NO_GFP: not known */
		uint32_t batch; /* PCP_SET */
	};
	uint32_t line;
	uint32_t n;
	uint16_t cpu;
	uint16_t zone; /* index in replay_result.zones */
	uint8_t kind; /* enum replay_op_kind */
	int8_t order;
	uint8_t mt; /* 0..2 (list type) */
	uint8_t flags;
};

#define REPLAY_NO_GFP UINT32_MAX

enum replay_obs_kind { REPLAY_OBS_REFILL, REPLAY_OBS_BULK_FREE };

/*
 * Something the kernel was seen to do. `op` is the op that made it happen:
 * for a refill the allocation that found its list empty, for a bulk free
 * the free that crossed the mark, or the drain. Several obs can share an op.
 */
struct replay_obs {
	uint8_t kind;
	int8_t order; /* REFILL */
	uint8_t mt; /* REFILL */
	bool probed; /* a probe said so; false: derived from page events */
	bool fitted; /* first of its list or pageset: the start was fitted to it */
	uint16_t cpu; /* the list's owner, not the CPU that emptied it */
	uint16_t zone;
	uint32_t op;
	uint32_t line;
	int32_t n; /* asked for: REFILL blocks, BULK_FREE pages */
	int32_t got; /* REFILL blocks gained; BULK_FREE pages freed */
	int32_t count; /* pcp->count just before, in pages */
	int32_t high; /* -1: not known */
	int32_t batch; /* -1: not known */
	int16_t free_factor; /* BULK_FREE, after the raise; -1: not known */
	int16_t pindex; /* BULK_FREE: list emptied first; -1: not known */
	uint32_t zflags; /* UINT32_MAX: not known */
	uint32_t list[REPLAY_LISTS]; /* blocks on each list just before */
};

#define REPLAY_FREE_TYPES 4 /* Unmovable, Movable, Reclaimable, HighAtomic */
#define REPLAY_FREE_ORDERS 11

struct replay_zone {
	char name[12];
	uint8_t index; /* enum replay_zone_name */
	uint8_t node;
	uint32_t start_pfn;
	uint32_t spanned;
	bool free_known; /* pagetypeinfo: */
	uint32_t free[REPLAY_FREE_TYPES][REPLAY_FREE_ORDERS]; /* blocks */
	/* Bit per order: at the start no free block but those that were seen. */
	uint16_t seen_all[REPLAY_FREE_TYPES];
};

/* One "cpu:" paragraph of /proc/zoneinfo. */
struct replay_pcp {
	uint16_t cpu;
	uint16_t zone; /* index in replay_input.zones */
	int32_t count;
	int32_t high;
	int32_t batch;
	int32_t high_min, high_max; /* -1, 0: not printed */
};

struct replay_input {
	/* Those of 6.1 also stand for 5.10's, which the lists are inferred by. */
	enum pcpmm_list_rules rules;
	const struct replay_zone *zones; /* none: made up from the pfns */
	size_t nr_zones;
	const struct replay_pcp *pcps; /* none: from the trace alone */
	size_t nr_pcps;
	const struct replay_free_frames *free; /* NULL: not known by place */
};

/* What list `l` of (cpu, zone) held: init_pfns[first[l] .. first[l + 1]). */
struct replay_init {
	uint16_t cpu;
	uint16_t zone;
	int32_t count; /* pages on all lists at the first line */
	int32_t high; /* -1: not known */
	int32_t batch; /* -1: not known */
	int16_t free_factor;
	uint32_t unseen; /* pages that never left: REPLAY_NO_PFN entries */
	uint32_t first[REPLAY_LISTS + 1];
};

/* A block that was in use at the start and is freed in the trace. */
struct replay_held {
	uint32_t pfn;
	uint16_t zone;
	int8_t order;
	uint8_t mt; /* list it is freed to: its pageblock's type */
};

struct replay_block_type {
	uint32_t block; /* pfn >> 9 */
	uint8_t mt; /* at the start, by the first evidence */
	bool voted; /* nothing but the use of its pages tells it */
};

struct replay_block_change {
	uint32_t op; /* in force from this op on */
	uint32_t block;
	uint8_t mt;
};

/* A free block at the start, in the order in which they were first used. */
struct replay_buddy {
	uint32_t pfn;
	uint16_t zone;
	int8_t order;
	uint8_t mt;
	bool unused; /* no line names a part of it: kpageflags has it */
};

/* A frame that a line names on its way between a list and the buddy. */
enum replay_frame_kind { REPLAY_FRAME_LOCKED, REPLAY_FRAME_DRAINED };

struct replay_frame {
	uint32_t pfn;
	uint16_t cpu; /* LOCKED: took it; DRAINED: owner of the list */
	uint8_t kind; /* enum replay_frame_kind */
};

struct replay_infer_stats {
	uint32_t bulk_pages; /* on BULK_ALLOC ops */
	uint32_t bulk_inferred; /* of these, without a probe */
	uint32_t held_pages;
	uint32_t init_pages;
	uint32_t init_unseen;
	uint32_t counts_checked; /* free_bulk count against the shadow */
	uint32_t counts_exact;
	uint32_t snapshot_checked; /* zoneinfo counts against the shadow */
	uint32_t snapshot_exact;
	uint32_t live_again; /* allocated while already held: lost lines */
	uint32_t astray; /* page was not where the rules put it */
	uint32_t migrated; /* allocated on another CPU than its line says */
	uint32_t early; /* allocations whose lines are late */
	uint32_t mt_voted; /* frees whose list is a vote */
	uint32_t drains_inferred;
	/* Pages without a line, taken off a list because of: */
	uint32_t forced_by_refill; /* the list was refilled, so it was empty */
	uint32_t forced_by_page; /* a page below them was taken or freed */
	uint32_t forced_by_free; /* a page pushed onto them outlived them */
	uint32_t settled; /* a count; allocations done early for it as well */
	uint32_t flags_raised, flags_lowered; /* kswapd at work, or no more */
	uint32_t fitted_refills; /* first of its list: what it held is fitted */
	uint32_t fitted_spills; /* first of its pageset: the count is fitted */
	uint32_t factors_set; /* free_factor of the start found, and not 0 */
	uint32_t factors_unknown; /* nothing tells it: taken to be 0 */
};

struct replay_result {
	struct replay_zone *zones;
	size_t nr_zones;
	struct replay_op *ops;
	size_t nr_ops;
	struct replay_obs *obs;
	size_t nr_obs;
	struct pcpmm_pcp_state *states;
	size_t nr_states;
	enum pcpmm_list_rules rules; /* of the input */
	uint32_t *bulk_pfns;
	size_t nr_bulk_pfns;
	struct replay_init *init; /* every (cpu, zone) that is touched */
	size_t nr_init;
	uint32_t *init_pfns;
	size_t nr_init_pfns;
	struct replay_held *held;
	size_t nr_held;
	struct replay_block_type *types;
	size_t nr_types;
	struct replay_block_change *changes;
	size_t nr_changes;
	struct replay_buddy *buddy;
	size_t nr_buddy;
	bool by_place; /* these are all: kpageflags was there */
	uint64_t disputed; /* frames free in it that the trace shows in use */
	struct replay_frame *frames; /* in the order of their lines */
	size_t nr_frames;
	uint16_t cpus; /* highest CPU seen + 1 */
	struct replay_infer_stats stats;
};

/*
 * Infer. Marks up `trace` (struck-out lines, lists of frees) and fills
 * `out`. 0, -EINVAL (with a message) or -ENOMEM.
 */
int replay_infer(struct replay_trace *trace, const struct replay_input *in,
	struct replay_result *out, struct replay_error *err);
void replay_result_free(struct replay_result *out);

/* The zone that has frame @pfn, as its index; REPLAY_NO_ZONE: none has. */
uint16_t replay_zone_of(
	const struct replay_zone *zones, size_t nr_zones, uint32_t pfn);

/* First frame behind all zones; at least 1. */
uint64_t replay_end_pfn(const struct replay_result *result);

#endif
