/* SPDX-License-Identifier: MIT */
/*
 * Calls as recorded. The lines of a refill come before that of the allocation that
 * caused it, so they wait for it; the lines of a bulk free follow its cause.
 */
#include "causal_internal.h"

/* Lines between a refill and that of the allocation that it was for, at most. */
#define LINES_BETWEEN 4096

uint32_t record_next(const struct causal *causal, uint32_t at)
{
	uint16_t cpu = causal->events[at].cpu;

	do
		at++;
	while (at < causal->nr_events && causal->events[at].cpu != cpu);
	return at;
}

/* --- refills ------------------------------------------------------------------ */

static int list_of_event(
	const struct causal *causal, const struct replay_event *event)
{
	if (event->order < 0 || event->mt >= PCPMM_MIGRATE_PCPTYPES)
		return -1;
	return pcpmm_pcp_list_of(
		causal->rules, (unsigned)event->order, event->mt);
}

struct causal_refill *record_refill_of(
	struct causal_cpu *cpu, unsigned zone, int list)
{
	for (unsigned i = 0; i < cpu->nr_pending; i++)
		if (cpu->pending[i].zone == zone &&
			cpu->pending[i].list == list)
			return &cpu->pending[i];
	return NULL;
}

void record_refill_drop(struct causal_cpu *cpu, struct causal_refill *refill)
{
	struct causal_vec pfns = refill->pfns;

	cpu->nr_pending--;
	for (; refill < &cpu->pending[cpu->nr_pending]; refill++)
		*refill = refill[1];
	*refill = (struct causal_refill){.pfns = {pfns.at, 0, pfns.cap}};
}

static bool tells_of_page(const struct replay_event *event)
{
	return event->kind == REPLAY_EV_ALLOC ||
	       event->kind == REPLAY_EV_FREE ||
	       event->kind == REPLAY_EV_LOCKED ||
	       event->kind == REPLAY_EV_DRAINED;
}

/*
 * The line of the allocation that refilled: the next line about the refill's first page;
 * the number of events: none is near. *@unseen: the page is freed without such a line.
 */
static uint32_t allocation_line(const struct causal *causal, uint32_t at,
	const struct causal_refill *refill, bool *unseen)
{
	for (uint32_t i = at; i < causal->nr_events && i - at < LINES_BETWEEN;
		i++) {
		const struct replay_event *event = &causal->events[i];

		if (event->pfn != refill->pfns.at[0] || is_done(causal, i) ||
			!tells_of_page(event))
			continue;
		*unseen = event->kind == REPLAY_EV_FREE;
		if (event->kind == REPLAY_EV_ALLOC &&
			event->zone == refill->zone &&
			list_of_event(causal, event) == refill->list)
			return i;
		break;
	}
	return (uint32_t)causal->nr_events;
}

/*
 * The allocation took the zone lock when it refilled, which may be long before its
 * line, and on another CPU: it is done here. A page without a line was taken by a bulk
 * allocation; if these have no probe, nothing that is recorded caused the refill.
 */
static void do_its_allocation(
	struct causal *causal, uint32_t at, struct causal_refill *refill)
{
	bool unseen = false;
	uint32_t line = allocation_line(causal, at, refill, &unseen);
	uint16_t cpu = causal->events[at].cpu;

	if (unseen && !causal->trace->has_bulk) {
		bulk_unseen(causal, slot_of(causal, cpu, refill->zone), refill);
		record_refill_drop(&causal->cpus[cpu], refill);
	} else if (line > at && line < causal->nr_events) {
		causal->run->adjusted.alone += line != record_next(causal, at);
		alloc_of_refill(causal, line, cpu);
		set_done(causal, line);
	}
}

static bool is_of_unseen_bulk(
	const struct causal *causal, const struct replay_event *event)
{
	return event->kind == REPLAY_EV_REFILL_RET && event->gfp &&
	       !causal->trace->has_bulk;
}

static void close_refill(struct causal *causal, uint32_t at)
{
	struct causal_cpu *cpu = &causal->cpus[causal->events[at].cpu];
	struct causal_refill *refill = &cpu->refill, spare;

	if (!refill->open)
		return;
	refill->open = false;
	if (!refill->pfns.nr || refill->list < 0)
		return;
	if (is_of_unseen_bulk(causal, &causal->events[at])) {
		bulk_unseen(causal,
			slot_of(causal, causal->events[at].cpu, refill->zone),
			refill);
		return;
	}
	if (cpu->nr_pending == CAUSAL_PENDING) {
		refill_score(causal, cpu->pending[0].line,
			slot_of(causal, causal->events[at].cpu,
				cpu->pending[0].zone),
			cpu->pending[0].list, -1, &cpu->pending[0]);
		record_refill_drop(cpu, &cpu->pending[0]);
	}
	spare = cpu->pending[cpu->nr_pending];
	cpu->pending[cpu->nr_pending++] = *refill;
	*refill = spare;
	refill->open = false;
	if (cpu->bulk == REPLAY_NO_OP)
		do_its_allocation(
			causal, at, &cpu->pending[cpu->nr_pending - 1]);
}

static void open_refill(struct causal *causal, uint32_t at, int list)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_refill *refill = &causal->cpus[event->cpu].refill;

	close_refill(causal, at);
	refill->open = true;
	refill->loose = false;
	refill->zone = event->zone;
	refill->list = (int8_t)list;
	refill->line = event->line;
	refill->pfns.nr = 0;
	printed_nothing(&refill->printed);
}

void record_refill_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	const struct replay_trace *trace = causal->trace;

	open_refill(causal, at, list_of_event(causal, event));
	if (event->gfp < trace->nr_probes)
		printed_from(&causal->cpus[event->cpu].refill.printed,
			&trace->probes[event->gfp]);
}

void record_refill_end(struct causal *causal, uint32_t at)
{
	close_refill(causal, at);
}

/* Blocks that no refill exceeds. */
static int largest_refill(const struct causal *causal,
	const struct causal_slot *slot, unsigned order)
{
	struct pcpmm_pcp_state state = pageset_of(causal, slot).state;

	if (state.high_max)
		return state.batch << PCPMM_PCP_FACTOR_MAX;
	return pcpmm_pcp_refill(causal->rules, &state, 0, order, 0);
}

/* Without probes a run of lines may be several refills, one after the other. */
static bool run_goes_on(const struct causal *causal,
	const struct causal_refill *refill, const struct replay_event *event)
{
	int most;

	if (!refill->open || refill->zone != event->zone ||
		refill->list != list_of_event(causal, event))
		return false;
	most = largest_refill(causal, slot_of(causal, event->cpu, event->zone),
		(unsigned)event->order);
	if (most < 0 || refill->pfns.nr < (unsigned)most)
		return true;
	causal->run->adjusted.counts_cut++;
	return false;
}

void record_locked_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_cpu *cpu = &causal->cpus[event->cpu];

	bool probed = event->flags & REPLAY_EV_IN_REFILL;
	int list = list_of_event(causal, event);

	cpu->last_locked = event->pfn;
	if (!probed && (!causal->trace->has_refill || list < 0)) {
		cpu->locked = event->pfn;
		return;
	}
	if ((!causal->trace->has_refill || !probed) &&
		!run_goes_on(causal, &cpu->refill, event)) {
		open_refill(causal, at, list);
		cpu->refill.loose = !probed;
	}
	cpu->refill.zone = event->zone;
	vec_push(causal, &cpu->refill.pfns, event->pfn);
	guess_refilled(causal, event->pfn);
}

/*
 * From 6.10 a block that is claimed whole or stolen has this line only. A page that was
 * claimed in part has its zone_locked line before it.
 */
static bool took_a_page(const struct causal *causal,
	const struct causal_cpu *cpu, const struct replay_event *event)
{
	return causal->rules != PCPMM_LIST_RULES_5_10 &&
	       causal->rules != PCPMM_LIST_RULES_6_1 &&
	       cpu->last_locked != event->pfn && event->pfn < causal->end;
}

/* Of overlapping spans the smaller one lies inside the other. */
static uint16_t zone_of(const struct causal *causal, uint32_t pfn)
{
	uint32_t least = UINT32_MAX;
	uint16_t found = 0;

	for (size_t i = 0; i < causal->nr_zones; i++) {
		const struct replay_zone *zone = &causal->zones[i];

		if (pfn < zone->start_pfn ||
			pfn - zone->start_pfn >= zone->spanned ||
			zone->spanned >= least)
			continue;
		least = zone->spanned;
		found = (uint16_t)i;
	}
	return found;
}

void record_fallback_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_cpu *cpu = &causal->cpus[event->cpu];

	if (!took_a_page(causal, cpu, event))
		return;
	if (cpu->refill.open) {
		cpu->refill.zone = zone_of(causal, event->pfn);
		vec_push(causal, &cpu->refill.pfns, event->pfn);
	} else {
		cpu->locked = event->pfn;
	}
}

/*
 * Lines without a refill around them, where refills have probes: one page was taken
 * from the buddy, of several the probe's line is lost.
 */
void record_run_end(struct causal *causal, uint32_t at)
{
	struct causal_cpu *cpu = &causal->cpus[causal->events[at].cpu];

	if (cpu->refill.open && cpu->refill.loose && cpu->refill.pfns.nr < 2) {
		cpu->refill.open = false;
		if (cpu->refill.pfns.nr)
			cpu->locked = cpu->refill.pfns.at[0];
	}
	if (!causal->trace->has_refill || cpu->refill.loose)
		close_refill(causal, at);
}

/* --- bulk frees --------------------------------------------------------------- */

/* Pages of one call; in 7.3 it frees in chunks, each with a line of the probe. */
static bool goes_on(const struct causal *causal, uint64_t pcp, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];

	if (event->kind == REPLAY_EV_DRAINED)
		return true;
	return event->kind == REPLAY_EV_FREE_BULK && pcp &&
	       causal->rules == PCPMM_LIST_RULES_7_3 &&
	       causal->trace->probes[event->arg].pcp == pcp;
}

void record_bulk(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_bulk *bulk = &causal->bulk;
	uint64_t pcp = 0;

	bulk->n = -1;
	printed_nothing(&bulk->printed);
	bulk->pages = 0;
	bulk->pfns.nr = bulk->lists.nr = 0;
	bulk->line = event->line;
	if (event->kind == REPLAY_EV_FREE_BULK) {
		printed_from(
			&bulk->printed, &causal->trace->probes[event->arg]);
		bulk->n = causal->trace->probes[event->arg].n;
		pcp = causal->trace->probes[event->arg].pcp;
		at = record_next(causal, at);
	}
	for (; at < causal->nr_events && goes_on(causal, pcp, at);
		at = record_next(causal, at)) {
		event = &causal->events[at];
		if (event->kind == REPLAY_EV_FREE_BULK) {
			set_done(causal, at);
			bulk->n += causal->trace->probes[event->arg].n;
			continue;
		}
		set_done(causal, at);
		vec_push(causal, &bulk->pfns, event->pfn);
		vec_push(causal, &bulk->lists,
			(uint32_t)list_of_event(causal, event));
		bulk->pages += 1u << event->order;
	}
	if (bulk->n < 0)
		bulk->n = (int32_t)bulk->pages;
}
