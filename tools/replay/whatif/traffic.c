/* SPDX-License-Identifier: MIT */
/* A trace's allocations and frees on a machine that does as it does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../run/place.h"
#include "whatif.h"

#define EVENTS                                                                 \
	(PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |                             \
		PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK))
#define RING 1024
#define SAMPLE_EVERY 256 /* events */

struct traffic {
	const struct replay_trace *trace;
	const struct replay_zone *zones;
	size_t nr_zones;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu **cpus;
	unsigned int nr_cpus;
	enum pcpmm_list_rules rules;
	struct pcpmm_page **page; /* [recorded pfn]: what stands for it */
	uint8_t *order; /* [recorded pfn]: of that block */
	uint64_t end; /* first pfn behind all zones */
	struct pcpmm_page **bulk; /* pages that no line names yet */
	size_t nr_bulk, bulk_cap;
	struct whatif_run *run;
};

/* --- what the machine did ------------------------------------------------------ */

/* @spill: the call was a free. */
static void take_events(
	struct traffic *traffic, struct pcpmm_cpu *cpu, bool spill)
{
	struct whatif_run *run = traffic->run;
	struct pcpmm_event events[16];
	unsigned int nr;

	while ((nr = pcpmm_trace_read(cpu, events, 16)))
		for (unsigned int i = 0; i < nr; i++) {
			const struct pcpmm_event *event = &events[i];

			if (event->kind == PCPMM_EVENT_PCP_REFILL) {
				run->refills++;
				run->refill_pages += (uint64_t)event->got
						     << event->order;
			} else if (spill) {
				run->spills++;
				run->spill_pages += (uint64_t)event->got;
			} else {
				run->drained_pages += (uint64_t)event->got;
			}
		}
}

static void sample(struct traffic *traffic)
{
	struct whatif_run *run = traffic->run;
	uint64_t held = 0;

	for (unsigned int i = 0; i < traffic->nr_cpus; i++)
		for (size_t zone = 0; zone < traffic->nr_zones; zone++) {
			struct pcpmm_pcp_info info;

			if (!pcpmm_pcp_read(pcpmm_cpu_get(traffic->machine, i),
				    traffic->zones[zone].node,
				    traffic->zones[zone].index, &info))
				held += (uint64_t)info.count;
		}
	run->samples++;
	run->held_sum += held;
	if (held > run->held_max)
		run->held_max = held;
}

/* --- pages ------------------------------------------------------------------------ */

static struct pcpmm_choice choice_of(const struct traffic *traffic,
	const struct replay_event *event, bool direct)
{
	const struct replay_zone *zone = &traffic->zones[event->zone];

	return (struct pcpmm_choice){
		.nid = zone->node,
		.zone_type = (enum pcpmm_zone_type)zone->index,
		.type = event->mt <= PCPMM_MIGRATE_RECLAIMABLE
				? (enum pcpmm_migratetype)event->mt
				: PCPMM_MIGRATE_MOVABLE,
		.direct = direct,
	};
}

/* A page that was in use before the trace: its own frame, or another one. */
static struct pcpmm_page *from_before(
	struct traffic *traffic, const struct replay_event *event)
{
	struct pcpmm_choice choice = choice_of(traffic, event, true);

	traffic->run->unseen++;
	if (!event->order && traffic->nr_bulk)
		return traffic->bulk[--traffic->nr_bulk];
	if (!pcpmm_restore_held(
		    traffic->machine, event->pfn, (unsigned int)event->order))
		return pcpmm_pfn_to_page(traffic->machine, event->pfn);
	/* Not the workload's: a stand-in for memory that was in use. */
	return pcpmm_recorded_alloc(traffic->cpus[event->cpu], &choice,
		PCPMM_GFP_KERNEL, (unsigned int)event->order);
}

static void forget(struct traffic *traffic, uint32_t pfn)
{
	if (traffic->page[pfn] && traffic->nr_bulk < traffic->bulk_cap &&
		!traffic->order[pfn])
		traffic->bulk[traffic->nr_bulk++] = traffic->page[pfn];
	traffic->page[pfn] = NULL;
}

static void alloc_line(
	struct traffic *traffic, const struct replay_event *event)
{
	struct pcpmm_choice choice = choice_of(traffic, event, false);
	struct pcpmm_cpu *cpu = traffic->cpus[event->cpu];
	struct whatif_run *run = traffic->run;
	struct pcpmm_page *page;

	if (event->pfn >= traffic->end)
		return;
	/* It was freed without a line. */
	forget(traffic, event->pfn);
	page = pcpmm_recorded_alloc(
		cpu, &choice, PCPMM_GFP_KERNEL, (unsigned int)event->order);
	take_events(traffic, cpu, false);
	run->allocs++;
	run->listed += pcpmm_pcp_list_of(traffic->rules,
			       (unsigned int)event->order, 0) >= 0;
	if (!page) {
		run->failed++;
		return;
	}
	traffic->page[event->pfn] = page;
	traffic->order[event->pfn] = (uint8_t)event->order;
}

static void free_line(struct traffic *traffic, const struct replay_event *event)
{
	struct pcpmm_cpu *cpu = traffic->cpus[event->cpu];
	struct pcpmm_page *page;

	if (event->pfn >= traffic->end)
		return;
	page = traffic->page[event->pfn];
	if (page && traffic->order[event->pfn] != event->order) {
		forget(traffic, event->pfn);
		page = NULL;
	}
	if (!page)
		page = from_before(traffic, event);
	traffic->page[event->pfn] = NULL;
	if (!page)
		return;
	if (pcpmm_free_pages(cpu, page, (unsigned int)event->order))
		traffic->run->refused++;
	take_events(traffic, cpu, true);
	traffic->run->frees++;
}

/* Pages of a bulk allocation have no lines; the frees to come name them. */
static void bulk_line(struct traffic *traffic, const struct replay_event *begin,
	unsigned int got)
{
	struct pcpmm_cpu *cpu = traffic->cpus[begin->cpu];
	struct pcpmm_page *pages[256];

	while (got) {
		unsigned int want = got < 256 ? got : 256, have;

		have = pcpmm_alloc_pages_bulk(
			cpu, begin->gfp & ~PCPMM___GFP_ZERO, want, pages);
		take_events(traffic, cpu, false);
		traffic->run->allocs += have;
		traffic->run->listed += have;
		for (unsigned int i = 0; i < have; i++)
			if (traffic->nr_bulk < traffic->bulk_cap)
				traffic->bulk[traffic->nr_bulk++] = pages[i];
		if (have < want)
			break;
		got -= want;
	}
}

/* --- lines ------------------------------------------------------------------------- */

static void drain_line(
	struct traffic *traffic, const struct replay_event *event)
{
	struct pcpmm_cpu *cpu = traffic->cpus[event->cpu];

	for (size_t i = 0; i < traffic->nr_zones; i++)
		pcpmm_drain_pages_zone(cpu, event->arg, traffic->zones[i].node,
			traffic->zones[i].index, 0);
	take_events(traffic, cpu, false);
}

static void kswapd_line(
	struct traffic *traffic, const struct replay_event *event)
{
	for (size_t i = 0; i < traffic->nr_zones; i++)
		if (traffic->zones[i].node == event->arg)
			pcpmm_restore_reclaim_active(traffic->machine,
				traffic->zones[i].node, traffic->zones[i].index,
				event->kind == REPLAY_EV_KSWAPD_WAKE);
}

static void event_line(struct traffic *traffic, uint32_t at, uint32_t *bulk)
{
	const struct replay_event *event = &traffic->trace->events[at];

	switch (event->kind) {
	case REPLAY_EV_ALLOC:
		if (event->pfn != REPLAY_NO_PFN)
			alloc_line(traffic, event);
		break;
	case REPLAY_EV_FREE:
		free_line(traffic, event);
		break;
	case REPLAY_EV_BULK:
		bulk[event->cpu] = at + 1;
		break;
	case REPLAY_EV_BULK_RET:
		if (bulk[event->cpu])
			bulk_line(traffic,
				&traffic->trace->events[bulk[event->cpu] - 1],
				event->arg);
		bulk[event->cpu] = 0;
		break;
	case REPLAY_EV_DRAIN_PZ:
		drain_line(traffic, event);
		break;
	case REPLAY_EV_REFRESH:
		pcpmm_vmstat_fold(traffic->cpus[event->cpu], event->arg != 0);
		take_events(traffic, traffic->cpus[event->cpu], false);
		break;
	case REPLAY_EV_KSWAPD_WAKE:
	case REPLAY_EV_KSWAPD_SLEEP:
		kswapd_line(traffic, event);
		break;
	default:
		break;
	}
}

/* --- one run ------------------------------------------------------------------------ */

static int begin(struct traffic *traffic, struct replay_error *err)
{
	int ret;

	traffic->nr_cpus = pcpmm_nr_cpus(traffic->machine);
	traffic->cpus = calloc(traffic->nr_cpus, sizeof(*traffic->cpus));
	traffic->page = calloc(traffic->end + 1, sizeof(*traffic->page));
	traffic->order = calloc(traffic->end + 1, sizeof(*traffic->order));
	traffic->bulk_cap = traffic->end;
	traffic->bulk = calloc(traffic->end + 1, sizeof(*traffic->bulk));
	if (!traffic->cpus || !traffic->page || !traffic->order ||
		!traffic->bulk)
		return -ENOMEM;
	ret = replay_place_online(
		traffic->machine, traffic->nr_cpus, traffic->trace->cpus, err);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < traffic->nr_cpus; i++)
		traffic->cpus[i] = pcpmm_cpu_enter(traffic->machine, i);
	if (pcpmm_lock_stat_set(traffic->machine, true))
		return -ENOMEM;
	return pcpmm_trace_start(traffic->machine, EVENTS, RING);
}

static void end(struct traffic *traffic)
{
	struct whatif_run *run = traffic->run;
	struct pcpmm_error error = {""};

	for (size_t i = 0; i < traffic->nr_zones; i++) {
		struct pcpmm_histogram hold;

		if (!pcpmm_zone_lock_read(traffic->machine,
			    traffic->zones[i].node, traffic->zones[i].index,
			    &hold, NULL))
			run->zone_locks += hold.count;
	}
	if (pcpmm_validate(traffic->machine, &error))
		snprintf(
			run->broken, sizeof(run->broken), "%.255s", error.text);
	for (unsigned int i = 0; traffic->cpus && i < traffic->nr_cpus; i++)
		if (traffic->cpus[i])
			pcpmm_cpu_leave(traffic->cpus[i]);
	free(traffic->cpus);
	free(traffic->page);
	free(traffic->order);
	free(traffic->bulk);
}

int whatif_traffic(const struct replay_trace *paired,
	const struct replay_result *zones, struct pcpmm_machine *machine,
	enum pcpmm_list_rules rules, struct whatif_run *run,
	struct replay_error *err)
{
	struct traffic traffic = {
		.trace = paired,
		.zones = zones->zones,
		.nr_zones = zones->nr_zones,
		.machine = machine,
		.rules = rules,
		.end = replay_end_pfn(zones),
		.run = run,
	};
	uint32_t *bulk = calloc(paired->cpus + 1u, sizeof(*bulk));
	int ret = bulk ? begin(&traffic, err) : -ENOMEM;

	for (uint32_t i = 0; !ret && i < paired->nr_events; i++) {
		if (paired->events[i].cpu >= traffic.nr_cpus)
			continue;
		event_line(&traffic, i, bulk);
		if (i % SAMPLE_EVERY == 0)
			sample(&traffic);
	}
	end(&traffic);
	free(bulk);
	return ret == -ENOMEM ? replay_fail(err, ret,
					"no memory for the trace's pages")
			      : ret;
}
