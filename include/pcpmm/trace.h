/* SPDX-License-Identifier: MIT */
/*
 * The event ring: what each CPU did, with the kernel's trace point names.
 *
 * Switched off, it costs one predicted branch per event. Switched on, each CPU
 * writes its own ring, which only that CPU's thread (at rest any thread) may
 * read.
 */
#ifndef PCPMM_TRACE_H
#define PCPMM_TRACE_H

#include <pcpmm/types.h>
#include <stdio.h>

PCPMM_BEGIN_DECLS

enum pcpmm_event_kind {
	PCPMM_EVENT_MM_PAGE_ALLOC,
	PCPMM_EVENT_MM_PAGE_FREE,
	PCPMM_EVENT_MM_PAGE_FREE_BATCHED,
	PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED,
	PCPMM_EVENT_MM_PAGE_PCPU_DRAIN,
	PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG,
	PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP,
	PCPMM_EVENT_MM_VMSCAN_KSWAPD_WAKE,
	PCPMM_EVENT_MM_VMSCAN_WAKEUP_KSWAPD,
	PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_BEGIN,
	PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_END, /* got: pages */
	PCPMM_EVENT_PCP_REFILL, /* rmqueue_bulk: order, migratetype, n, got */
	PCPMM_EVENT_PCP_FREE_BULK, /* free_pcppages_bulk: n, count, ... */
	PCPMM_NR_EVENTS
};

#define PCPMM_EVENT_BIT(kind) (1u << (kind))
#define PCPMM_EVENTS_KMEM 0x3fu /* the kernel's trace points of kmem */
#define PCPMM_EVENTS_VMSCAN 0x7c0u /* and of vmscan */
#define PCPMM_EVENTS_ALL ((1u << PCPMM_NR_EVENTS) - 1)

struct pcpmm_event {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint32_t pfn; /* 0: failed allocation, or no page */
	uint32_t gfp;
	uint16_t cpu;
	uint8_t kind; /* enum pcpmm_event_kind */
	uint8_t order;
	uint8_t migratetype;
	uint8_t zone_type;
	uint8_t nid;
	uint8_t flag; /* percpu_refill, change_ownership */
	int32_t n; /* asked for: blocks (refill), pages (free_bulk) */
	int32_t got; /* blocks got (refill), pages freed (free_bulk) */
	int32_t count; /* pcp->count before the bulk free */
	int32_t high; /* pcp->high */
	int16_t batch; /* pcp->batch */
	int16_t free_factor; /* after this free raised it */
	uint8_t fallback_order; /* extfrag */
	uint8_t fallback_type; /* extfrag */
};

/*
 * Record the kinds in @mask in a ring of @entries (a power of two, 2^4..2^24)
 * for each CPU; a full ring drops new events and counts them. A mask of 0 stops
 * recording and frees the rings. At rest only. 0, -EINVAL, -ENOMEM.
 */
PCPMM_API int pcpmm_trace_start(
	struct pcpmm_machine *machine, uint32_t mask, uint32_t entries);

/* Take up to @max events out of @cpu's ring, oldest first. Number taken. */
PCPMM_API unsigned int pcpmm_trace_read(
	struct pcpmm_cpu *cpu, struct pcpmm_event *events, unsigned int max);

/* Events that did not fit, over all CPUs. */
PCPMM_API uint64_t pcpmm_trace_dropped(const struct pcpmm_machine *machine);

/*
 * Empty all rings into @out as ftrace text, in order of time: the lines that
 * "pcpmm replay" and the kernel's own tools read. At rest only. 0 or -EIO.
 */
PCPMM_API int pcpmm_trace_print(struct pcpmm_machine *machine, FILE *out);

PCPMM_END_DECLS

#endif
