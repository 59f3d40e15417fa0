/* SPDX-License-Identifier: MIT */
/* One op on the simulated machine. */
#include "run_internal.h"

#include <sched.h>
#include <stdlib.h>

static const struct replay_zone *zone_of(
	const struct run *run, const struct replay_op *op)
{
	return &run->result->zones[op->zone];
}

static struct pcpmm_choice choice_of(
	const struct run *run, const struct replay_op *op)
{
	const struct replay_zone *zone = zone_of(run, op);

	return (struct pcpmm_choice){
		.nid = zone->node,
		.zone_type = (enum pcpmm_zone_type)zone->index,
		.type = (enum pcpmm_migratetype)op->mt,
		.direct = op->flags & REPLAY_OP_DIRECT,
	};
}

/* Without type and zone bits: the op has both. GFP_KERNEL if not recorded. */
static uint32_t gfp_of(const struct replay_op *op)
{
	const uint32_t types = PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE;
	const uint32_t zones =
		PCPMM___GFP_DMA | PCPMM___GFP_DMA32 | PCPMM___GFP_HIGHMEM;
	uint32_t gfp = op->gfp == REPLAY_NO_GFP ? PCPMM_GFP_KERNEL : op->gfp;

	return gfp & ~(types | zones);
}

/* --- calls that the op caused ----------------------------------------- */

static bool did_grow(struct run_cpu *cpu)
{
	size_t cap = cpu->did_cap ? cpu->did_cap * 2 : 256;
	struct replay_did *more =
		reallocarray(cpu->did, cap, sizeof(*cpu->did));

	if (!more) {
		cpu->out_of_memory = true;
		return false;
	}
	cpu->did = more;
	cpu->did_cap = cap;
	return true;
}

static void take_event(struct run *run, struct run_cpu *cpu, uint32_t index,
	const struct pcpmm_event *event)
{
	bool refill = event->kind == PCPMM_EVENT_PCP_REFILL;
	uint16_t zone = run->zone_of[event->nid][event->zone_type];
	struct replay_traffic *traffic = &cpu->traffic[zone];

	if (cpu->nr_did == cpu->did_cap && !did_grow(cpu))
		return;
	cpu->did[cpu->nr_did] = (struct replay_did){
		.kind = refill ? REPLAY_OBS_REFILL : REPLAY_OBS_BULK_FREE,
		.order = (int8_t)event->order,
		.mt = event->migratetype,
		.cpu = run->result->ops[index].cpu,
		.zone = zone,
		.op = index,
		.seq = (uint32_t)cpu->nr_did,
		.n = event->n,
		.got = event->got,
		.count = event->count,
	};
	cpu->nr_did++;
	if (refill) {
		traffic->refills++;
		traffic->refill_pages += (uint64_t)event->got << event->order;
	} else {
		traffic->bulk_frees++;
		traffic->bulk_free_pages += (uint64_t)event->got;
	}
}

/* A line of a frame, and no call. The kernel has no line for a TAKE. */
static bool take_frame(struct run *run, struct run_cpu *cpu, uint32_t index,
	const struct pcpmm_event *event)
{
	struct run_frames *frames;

	if (!(RUN_FRAME_EVENTS & PCPMM_EVENT_BIT(event->kind)))
		return false;
	frames = event->kind == PCPMM_EVENT_MM_PAGE_PCPU_DRAIN ? &cpu->drained
							       : &cpu->locked;
	if (run->result->ops[index].kind != REPLAY_TAKE &&
		!run_frame(frames, event->pfn))
		cpu->out_of_memory = true;
	return true;
}

static void take_events(struct run *run, struct run_cpu *cpu, uint32_t index)
{
	struct pcpmm_event events[16];
	unsigned int nr;

	while ((nr = pcpmm_trace_read(cpu->cpu, events, 16)))
		for (unsigned int i = 0; i < nr; i++) {
			if (!take_frame(run, cpu, index, &events[i]))
				take_event(run, cpu, index, &events[i]);
		}
}

/* --- pages ------------------------------------------------------------ */

/* [slot.fill] release, pairs with [slot.wait] */
static void fill(struct run *run, uint32_t slot, struct pcpmm_page *page)
{
	atomic_store_explicit(&run->slots[slot].page, page ? page : RUN_FAILED,
		memory_order_release);
}

/*
 * The page to be freed; NULL: there is none. With threads this waits for an
 * allocation that is under way on another CPU. [slot.wait] acquire, pairs with
 * [slot.fill]
 */
static struct pcpmm_page *empty(struct run *run, uint32_t slot)
{
	struct pcpmm_page *page;

	if (slot == RUN_NO_SLOT)
		return NULL;
	while (!(page = atomic_load_explicit(
			 &run->slots[slot].page, memory_order_acquire)) &&
		run->threads)
		sched_yield();
	if (page == RUN_FAILED)
		return NULL;
	atomic_store_explicit(
		&run->slots[slot].page, RUN_FAILED, memory_order_relaxed);
	return page;
}

static void do_alloc(struct run *run, struct run_cpu *cpu,
	const struct replay_op *op, uint32_t slot)
{
	struct pcpmm_choice choice = choice_of(run, op);
	struct replay_traffic *traffic = &cpu->traffic[op->zone];
	struct pcpmm_page *page = pcpmm_recorded_alloc(
		cpu->cpu, &choice, gfp_of(op), (unsigned int)op->order);

	if (op->kind == REPLAY_ALLOC && !choice.direct) {
		cpu->alloc.compared++;
		cpu->alloc.same += page && pcpmm_page_to_pfn(run->machine,
						   page) == op->pfn;
	}
	fill(run, slot, page);
	if (!page) {
		cpu->failed_allocs++;
		return;
	}
	traffic->allocs++;
	traffic->alloc_pages += 1ull << op->order;
}

static void do_bulk_alloc(struct run *run, struct run_cpu *cpu,
	const struct replay_op *op, uint32_t slot)
{
	struct pcpmm_choice choice = choice_of(run, op);
	struct replay_traffic *traffic = &cpu->traffic[op->zone];
	struct pcpmm_page *pages[64];
	uint32_t done = 0, got, want;

	do {
		want = op->n - done < 64 ? op->n - done : 64;
		got = pcpmm_recorded_alloc_bulk(
			cpu->cpu, &choice, gfp_of(op), want, pages);
		for (uint32_t i = 0; i < got; i++)
			fill(run, slot + done + i, pages[i]);
		done += got;
	} while (got && got == want && done < op->n);
	for (uint32_t i = done; i < op->n; i++)
		fill(run, slot + i, NULL);
	cpu->failed_allocs += op->n - done;
	traffic->allocs += done;
	traffic->alloc_pages += done;
}

/*
 * A free that passes the lists by goes by the type of the pageblock. If the frame is
 * the recorded one, so is its pageblock; else the recording's has to do.
 */
static enum pcpmm_migratetype type_of_direct(const struct run *run,
	const struct replay_op *op, const struct pcpmm_page *page)
{
	struct pcpmm_page_info info;
	uint64_t pfn = pcpmm_page_to_pfn(run->machine, page);

	if (pfn == op->pfn && !pcpmm_page_inspect(run->machine, pfn, &info))
		return info.block_type;
	return (enum pcpmm_migratetype)op->mt;
}

static void do_free(struct run *run, struct run_cpu *cpu,
	const struct replay_op *op, uint32_t slot)
{
	struct pcpmm_choice choice = choice_of(run, op);
	struct replay_traffic *traffic = &cpu->traffic[op->zone];
	struct pcpmm_page *page = empty(run, slot);

	if (!page) {
		cpu->skipped_frees++;
		return;
	}
	if (choice.direct)
		choice.type = type_of_direct(run, op, page);
	if (pcpmm_recorded_free(
		    cpu->cpu, page, (unsigned int)op->order, &choice)) {
		cpu->refused++;
		return;
	}
	traffic->frees++;
	traffic->freed_pages += 1ull << op->order;
	traffic->cross_frees += run->slots[slot].cpu != op->cpu &&
				run->slots[slot].cpu != REPLAY_NO_CPU;
}

static void do_split(struct run *run, struct run_cpu *cpu,
	const struct replay_op *op, uint32_t from, uint32_t to)
{
	struct pcpmm_page *page = empty(run, from);
	uint32_t blocks = 1u << ((unsigned int)op->order - op->n);

	if (page && pcpmm_split_pages(
			    cpu->cpu, page, (unsigned int)op->order, op->n)) {
		cpu->refused++;
		page = NULL;
	}
	for (uint32_t i = 0; i < blocks; i++) {
		struct pcpmm_page *part = NULL;

		if (page)
			part = pcpmm_pfn_to_page(run->machine,
				pcpmm_page_to_pfn(run->machine, page) +
					((uint64_t)i << op->n));
		fill(run, to + i, part);
	}
}

/* --- commands --------------------------------------------------------- */

static void do_pcp_set(struct run *run, const struct replay_op *op)
{
	const struct replay_zone *zone = zone_of(run, op);
	unsigned int first = op->cpu, last = op->cpu;

	if (op->cpu == REPLAY_NO_CPU) {
		first = 0;
		last = pcpmm_nr_cpus(run->machine) - 1;
	}
	for (unsigned int cpu = first; cpu <= last; cpu++)
		pcpmm_restore_pageset(run->machine, cpu, zone->node,
			zone->index, (int)op->high, (int)op->batch, -1);
}

static void read_state(const struct run *run, unsigned int cpu,
	const struct replay_zone *zone, struct pcpmm_pcp_state *state,
	int *count)
{
	struct pcpmm_pcp_info info = {.batch = 1};

	pcpmm_pcp_read(pcpmm_cpu_get(run->machine, cpu), zone->node,
		zone->index, &info);
	*count = info.count;
	*state = (struct pcpmm_pcp_state){
		.batch = info.batch,
		.high = info.high,
		.high_min = info.high_min,
		.high_max = info.high_max,
		.free_factor = info.free_factor,
		.free_count = info.free_count,
		.alloc_factor = info.alloc_factor,
		.flags = info.flags,
	};
}

/* high comes down; the pages above it are given back by commands of their own. */
static void do_decay(struct run *run, const struct replay_op *op)
{
	const struct replay_zone *zone = zone_of(run, op);
	struct pcpmm_pcp_state state;
	int count;

	read_state(run, op->cpu, zone, &state, &count);
	pcpmm_pcp_decay(run->result->rules, &state, count);
	pcpmm_restore_pcp_state(
		run->machine, op->cpu, zone->node, zone->index, &state);
}

static void do_bounds(struct run *run, const struct replay_op *op)
{
	const struct pcpmm_pcp_state *bounds = &run->result->states[op->first];
	const struct replay_zone *zone = zone_of(run, op);
	struct pcpmm_pcp_state state;
	int count;

	for (unsigned int cpu = 0; cpu < pcpmm_nr_cpus(run->machine); cpu++) {
		read_state(run, cpu, zone, &state, &count);
		state.batch = bounds->batch;
		state.high_min = bounds->high_min;
		state.high_max = bounds->high_max;
		pcpmm_restore_pcp_state(
			run->machine, cpu, zone->node, zone->index, &state);
	}
}

bool run_op_is_global(const struct replay_op *op)
{
	return op->kind == REPLAY_PCP_SET || op->kind == REPLAY_ZONE_FLAGS ||
	       op->kind == REPLAY_PCP_BOUNDS;
}

/* Of a pageset, by its own CPU, or of the machine. */
static bool sets_state(const struct replay_op *op)
{
	return run_op_is_global(op) || op->kind == REPLAY_PCP_STATE ||
	       op->kind == REPLAY_DECAY;
}

static void do_state(struct run *run, const struct replay_op *op)
{
	const struct replay_zone *zone = zone_of(run, op);

	if (op->kind == REPLAY_PCP_SET)
		do_pcp_set(run, op);
	else if (op->kind == REPLAY_PCP_STATE)
		pcpmm_restore_pcp_state(run->machine, op->cpu, zone->node,
			zone->index, &run->result->states[op->first]);
	else if (op->kind == REPLAY_PCP_BOUNDS)
		do_bounds(run, op);
	else if (op->kind == REPLAY_DECAY)
		do_decay(run, op);
	else {
		pcpmm_restore_reclaim_active(run->machine, zone->node,
			zone->index, (op->n & REPLAY_ZF_RECLAIM) != 0);
		/* Refused where lists have no such flag. */
		pcpmm_restore_below_high(run->machine, zone->node, zone->index,
			(op->n & REPLAY_ZF_BELOW_HIGH) != 0);
	}
}

/*
 * Pages of a pageset that drain_zone_pages() takes: one batch. Where lists decay, the
 * last part of what lies above high is smaller; it is given.
 */
static unsigned int batch_of(const struct run *run, const struct replay_op *op)
{
	const struct replay_zone *zone = zone_of(run, op);
	struct pcpmm_pcp_info info = {.batch = 1};

	if (run->result->rules >= PCPMM_LIST_RULES_6_12 && op->n)
		return op->n;
	pcpmm_pcp_read(pcpmm_cpu_get(run->machine, op->cpu), zone->node,
		zone->index, &info);
	return (unsigned int)info.batch;
}

void run_op(struct run *run, uint32_t index)
{
	const struct replay_op *op = &run->result->ops[index];
	const struct replay_zone *zone;
	struct run_cpu *cpu;

	if (sets_state(op)) {
		do_state(run, op);
		return;
	}
	cpu = &run->cpus[op->cpu];
	switch ((enum replay_op_kind)op->kind) {
	case REPLAY_ALLOC:
	case REPLAY_TAKE:
		do_alloc(run, cpu, op, run->fills[index]);
		break;
	case REPLAY_BULK_ALLOC:
		do_bulk_alloc(run, cpu, op, run->fills[index]);
		break;
	case REPLAY_FREE:
		do_free(run, cpu, op, run->empties[index]);
		break;
	case REPLAY_SPLIT:
		do_split(run, cpu, op, run->empties[index], run->fills[index]);
		break;
	case REPLAY_DRAIN:
		zone = zone_of(run, op);
		pcpmm_drain_pages_zone(
			cpu->cpu, op->cpu, zone->node, zone->index, 0);
		break;
	case REPLAY_DRAIN_REMOTE:
		zone = zone_of(run, op);
		pcpmm_drain_pages_zone(cpu->cpu, op->cpu, zone->node,
			zone->index, batch_of(run, op));
		break;
	case REPLAY_REFRESH:
		pcpmm_vmstat_fold(cpu->cpu, 0);
		break;
	case REPLAY_ALLOC_FAIL: /* there was no page: nothing to repeat */
	case REPLAY_NONE:
	case REPLAY_PCP_SET:
	case REPLAY_ZONE_FLAGS:
	case REPLAY_PCP_STATE:
	case REPLAY_PCP_BOUNDS:
	case REPLAY_DECAY:
		break;
	}
	take_events(run, cpu, index);
}
