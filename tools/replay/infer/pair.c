/* SPDX-License-Identifier: MIT */
/*
 * First pass: what lines say about each other.
 *
 * - A page of a batched free has two lines: mm_page_free when it is made
 *   ready (the whole batch first) and mm_page_free_batched when it enters
 *   its list. The first is struck out, the second becomes the free.
 * - Pages of a block that the kernel made of freed ones (7.x, vmalloc areas) have an
 *   mm_page_free line each; a commit probe tells of the block. They are struck out, the
 *   commit becomes the free.
 * - free_one and free_pages_ok probes, and orders that have no list, mark
 *   frees that pass the per-CPU lists by.
 * - The zone_locked lines between refill and refill_ret are the refill.
 *   Without these probes a refill is a run of zone_locked lines of one kind
 *   on one CPU that is longer than one page, or whose page is not the one
 *   allocated next. A single page that is allocated at once was taken from
 *   the buddy directly, except where batch is 1.
 */
#include <errno.h>
#include <stdlib.h>

#include "infer_internal.h"

/* Lines of an interrupt that can come between a free and its bulk free. */
#define PAIR_INTERRUPT 8

struct pair_cpu {
	uint32_t run_first, run_last; /* zone_locked run, or INFER_NONE */
	uint32_t run_length;
	uint32_t free_ok; /* free_pages_ok event just before, or INFER_NONE */
	uint32_t last_free; /* last free that may have entered a list */
	uint32_t since; /* events since it */
	bool in_refill;
};

static void pair_free(struct infer *infer, struct pair_cpu *cpu, uint32_t at,
	struct page_info *page)
{
	struct replay_event *events = infer->trace->events;
	struct replay_event *event = &events[at];

	if (replay_list_of(event->order, 0) < 0 ||
		(cpu->free_ok != INFER_NONE &&
			events[cpu->free_ok].order == event->order))
		event->flags |= REPLAY_EV_DIRECT;
	cpu->free_ok = INFER_NONE;
	page->event = at;
	page->place = PAGE_BUDDY;
}

/* A later line that speaks for an mm_page_free line of the same page. */
static void pair_again(
	struct infer *infer, uint32_t at, struct page_info *page, unsigned flag)
{
	struct replay_event *events = infer->trace->events;
	struct replay_event *event = &events[at];

	event->kind = REPLAY_EV_FREE;
	event->flags |= (uint8_t)flag;
	if (page->place == PAGE_BUDDY) {
		event->order = events[page->event].order;
		events[page->event].kind = REPLAY_EV_NONE;
		if (replay_list_of(event->order, 0) < 0)
			event->flags |= REPLAY_EV_DIRECT;
	} else if (flag == REPLAY_EV_DIRECT) {
		/* free_one without a free: not the end of an allocation. */
		event->kind = REPLAY_EV_NONE;
		return;
	} else if (replay_list_of(event->order, 0) < 0) {
		event->flags |= REPLAY_EV_DIRECT;
	}
	page->event = at;
	page->place = PAGE_BUDDY;
}

/* All pages of the block have been made ready, and entered no list. */
static bool pair_is_ready(struct infer *infer, const struct replay_event *event)
{
	for (uint32_t i = 0; i < 1u << event->order; i++) {
		struct page_info *page =
			pfnmap_get(&infer->pages, event->pfn + i);

		if (!page) {
			infer->no_memory = true;
			return false;
		}
		if (page->place != PAGE_BUDDY ||
			infer_event(infer, page->event)->kind !=
				REPLAY_EV_FREE ||
			infer_event(infer, page->event)->order)
			return false;
	}
	return true;
}

static void pair_commit(struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);

	if (!pair_is_ready(infer, event)) {
		event->kind = REPLAY_EV_NONE;
		return;
	}
	for (uint32_t i = 0; i < 1u << event->order; i++) {
		struct page_info *page =
			pfnmap_get(&infer->pages, event->pfn + i);

		infer_event(infer, page->event)->kind = REPLAY_EV_NONE;
		page->place = PAGE_PCP;
	}
	event->kind = REPLAY_EV_FREE;
	event->flags |= REPLAY_EV_WAS_BATCHED;
	pair_free(infer, cpu, at, pfnmap_get(&infer->pages, event->pfn));
}

static bool pair_batch_is_one(const struct infer *infer, unsigned zone)
{
	for (size_t i = 0; i < infer->in->nr_pcps; i++) {
		if (infer->in->pcps[i].zone == zone)
			return infer->in->pcps[i].batch <= 1;
	}
	return zone < infer->out->nr_zones &&
	       infer->out->zones[zone].index == REPLAY_ZONE_DMA;
}

/* A run of zone_locked lines has ended with event `at` of the same CPU. */
static void pair_run_end(struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *events = infer->trace->events;
	const struct replay_event *first = &events[cpu->run_first];
	bool refill;

	if (cpu->run_first == INFER_NONE)
		return;
	refill = cpu->run_length > 1 || events[at].kind != REPLAY_EV_ALLOC ||
		 events[at].pfn != first->pfn ||
		 pair_batch_is_one(infer, first->zone);
	if (first->mt > 2 || replay_list_of(first->order, first->mt) < 0)
		refill = false;
	for (uint32_t i = cpu->run_first; refill && i <= cpu->run_last; i++) {
		if (events[i].kind == REPLAY_EV_LOCKED &&
			events[i].cpu == first->cpu)
			events[i].flags |= REPLAY_EV_IN_REFILL;
	}
	cpu->run_first = INFER_NONE;
}

static void pair_locked(struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *events = infer->trace->events;
	struct replay_event *event = &events[at], *first;

	if (infer->trace->has_refill) {
		if (cpu->in_refill)
			event->flags |= REPLAY_EV_IN_REFILL;
		return;
	}
	if (cpu->run_first != INFER_NONE) {
		first = &events[cpu->run_first];
		if (first->order != event->order || first->mt != event->mt ||
			first->zone != event->zone)
			pair_run_end(infer, cpu, at);
	}
	if (cpu->run_first == INFER_NONE) {
		cpu->run_first = at;
		cpu->run_length = 0;
	}
	cpu->run_last = at;
	cpu->run_length++;
}

/*
 * The free that caused a bulk free is the CPU's last event before it; the
 * lines of an interrupt may stand between them. Drain lines alone must follow
 * the free immediately. A command that frees in bulk ends the search.
 */
static void pair_spill(struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at), *before;
	uint32_t far = event->kind == REPLAY_EV_FREE_BULK ? PAIR_INTERRUPT : 0;

	if (cpu->last_free == INFER_NONE || cpu->since > far)
		return;
	before = infer_event(infer, cpu->last_free);
	if (before->kind != REPLAY_EV_FREE ||
		(before->flags & (REPLAY_EV_DIRECT | REPLAY_EV_SPILLS)))
		return;
	/* gfp of a FREE has no meaning of its own. */
	before->flags |= REPLAY_EV_SPILLS;
	before->gfp = at;
	event->flags |= REPLAY_EV_CAUSED;
}

/* Zone and page of an event that is about a page. */
static struct page_info *pair_page(struct infer *infer, uint32_t at)
{
	struct replay_event *event = &infer->trace->events[at];
	struct page_info *page;

	event->zone = infer_zone_of(infer, event->pfn);
	if (event->zone == REPLAY_NO_ZONE) {
		infer->out->stats.astray++;
		event->kind = REPLAY_EV_NONE;
		return NULL;
	}
	page = pfnmap_get(&infer->pages, event->pfn);
	if (!page)
		infer->no_memory = true;
	return page;
}

static void pair_page_event(
	struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *event = &infer->trace->events[at];
	struct page_info *page = pair_page(infer, at);

	if (!page)
		return;
	switch (event->kind) {
	case REPLAY_EV_FREE:
		pair_free(infer, cpu, at, page);
		break;
	case REPLAY_EV_BATCHED:
		pair_again(infer, at, page, REPLAY_EV_WAS_BATCHED);
		break;
	case REPLAY_EV_FREE_ONE:
		pair_again(infer, at, page, REPLAY_EV_DIRECT);
		break;
	case REPLAY_EV_COMMIT:
		pair_commit(infer, cpu, at);
		break;
	case REPLAY_EV_LOCKED:
		pair_locked(infer, cpu, at);
		page->place = PAGE_LOCKED;
		break;
	case REPLAY_EV_DRAINED:
		infer->has_drained = true;
		if (!infer->trace->has_free_bulk)
			pair_spill(infer, cpu, at);
		page->place = PAGE_PCP;
		break;
	default:
		page->place = PAGE_HELD;
		break;
	}
}

static bool pair_about_page(const struct replay_event *event)
{
	switch (event->kind) {
	case REPLAY_EV_ALLOC:
		return event->pfn != REPLAY_NO_PFN;
	case REPLAY_EV_FREE:
	case REPLAY_EV_BATCHED:
	case REPLAY_EV_LOCKED:
	case REPLAY_EV_DRAINED:
	case REPLAY_EV_FREE_ONE:
	case REPLAY_EV_COMMIT:
		return true;
	default:
		return false;
	}
}

static void pair_event(struct infer *infer, struct pair_cpu *cpu, uint32_t at)
{
	struct replay_event *event = &infer->trace->events[at];

	if (event->kind != REPLAY_EV_LOCKED && event->kind != REPLAY_EV_EXTFRAG)
		pair_run_end(infer, cpu, at);
	switch (event->kind) {
	case REPLAY_EV_REFILL:
		cpu->in_refill = true;
		break;
	case REPLAY_EV_REFILL_RET:
		cpu->in_refill = false;
		break;
	case REPLAY_EV_FREE_OK:
		cpu->free_ok = at;
		break;
	case REPLAY_EV_FREE_BULK:
		pair_spill(infer, cpu, at);
		break;
	case REPLAY_EV_DRAIN_PZ:
	case REPLAY_EV_DRAIN_REMOTE:
	case REPLAY_EV_DECAY:
		cpu->last_free = INFER_NONE;
		break;
	default:
		if (pair_about_page(event))
			pair_page_event(infer, cpu, at);
		break;
	}
	if (event->kind == REPLAY_EV_FREE) {
		cpu->last_free = at;
		cpu->since = 0;
	} else if (event->kind != REPLAY_EV_NONE &&
		   event->kind != REPLAY_EV_LOCKED) {
		cpu->since++;
	}
}

int infer_pair(struct infer *infer)
{
	const struct replay_trace *trace = infer->trace;
	struct pair_cpu *cpus = calloc(trace->cpus, sizeof(*cpus));

	if (!cpus)
		return -ENOMEM;
	for (unsigned i = 0; i < trace->cpus; i++) {
		cpus[i].run_first = INFER_NONE;
		cpus[i].free_ok = INFER_NONE;
		cpus[i].last_free = INFER_NONE;
	}
	for (uint32_t i = 0; i < trace->nr_events && !infer->no_memory; i++)
		pair_event(infer, &cpus[trace->events[i].cpu], i);
	for (unsigned i = 0; i < trace->cpus; i++) {
		if (cpus[i].run_first != INFER_NONE)
			pair_run_end(infer, &cpus[i], cpus[i].run_last);
	}
	free(cpus);
	return infer->no_memory ? -ENOMEM : 0;
}
