/* SPDX-License-Identifier: MIT */
/* Event rings of a machine: start, stop, and print as ftrace text. */
#include <errno.h>
#include <inttypes.h>
#include <pcpmm/trace.h>
#include <stdlib.h>

#include "machine/machine.h"

#define ENTRIES_MIN (1u << 4)
#define ENTRIES_MAX (1u << 24)

static void stop(struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		struct cpu *cpu = &machine->cpus[i].base;

		cpu->trace_mask = 0;
		cpu_update_may(cpu, cpu->owner);
		event_ring_destroy(cpu->ring);
		cpu->ring = NULL;
	}
}

int pcpmm_trace_start(
	struct pcpmm_machine *machine, uint32_t mask, uint32_t entries)
{
	if (mask & ~PCPMM_EVENTS_ALL)
		return -EINVAL;
	if (mask && (entries < ENTRIES_MIN || entries > ENTRIES_MAX ||
			    (entries & (entries - 1))))
		return -EINVAL;
	stop(machine);
	if (!mask)
		return 0;
	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		struct cpu *cpu = &machine->cpus[i].base;

		cpu->ring = event_ring_create(entries);
		if (!cpu->ring) {
			stop(machine);
			return -ENOMEM;
		}
		cpu->trace_mask = mask;
		cpu_update_may(cpu, cpu->owner);
	}
	return 0;
}

unsigned int pcpmm_trace_read(
	struct pcpmm_cpu *cpu, struct pcpmm_event *events, unsigned int max)
{
	return cpu->base.ring ? event_ring_take(cpu->base.ring, events, max)
			      : 0;
}

uint64_t pcpmm_trace_dropped(const struct pcpmm_machine *machine)
{
	uint64_t dropped = 0;

	for (unsigned int i = 0; i < machine->smp.nr; i++)
		if (machine->cpus[i].base.ring)
			dropped += machine->cpus[i].base.ring->dropped;
	return dropped;
}

/* --- text ------------------------------------------------------------- */

static void print_kmem_fields(const struct pcpmm_event *event, FILE *out)
{
	const struct pcpmm_event *e = event;

	switch ((enum pcpmm_event_kind)e->kind) {
	case PCPMM_EVENT_MM_PAGE_ALLOC:
		fprintf(out,
			"mm_page_alloc: page=%#x pfn=%#x order=%d "
			"migratetype=%d gfp_flags=%#x\n",
			e->pfn, e->pfn, e->order, e->migratetype, e->gfp);
		break;
	case PCPMM_EVENT_MM_PAGE_FREE:
		fprintf(out, "mm_page_free: page=%#x pfn=%#x order=%d\n",
			e->pfn, e->pfn, e->order);
		break;
	case PCPMM_EVENT_MM_PAGE_FREE_BATCHED:
		fprintf(out, "mm_page_free_batched: page=%#x pfn=%#x order=0\n",
			e->pfn, e->pfn);
		break;
	case PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED:
		fprintf(out,
			"mm_page_alloc_zone_locked: page=%#x pfn=%#x order=%u "
			"migratetype=%d percpu_refill=%d\n",
			e->pfn, e->pfn, e->order, e->migratetype, e->flag);
		break;
	case PCPMM_EVENT_MM_PAGE_PCPU_DRAIN:
		fprintf(out,
			"mm_page_pcpu_drain: page=%#x pfn=%#x order=%d "
			"migratetype=%d\n",
			e->pfn, e->pfn, e->order, e->migratetype);
		break;
	case PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG:
		fprintf(out,
			"mm_page_alloc_extfrag: page=%#x pfn=%#x "
			"alloc_order=%d fallback_order=%d pageblock_order=%d "
			"alloc_migratetype=%d fallback_migratetype=%d "
			"fragmenting=%d change_ownership=%d\n",
			e->pfn, e->pfn, e->order, e->fallback_order,
			PAGEBLOCK_ORDER, e->migratetype, e->fallback_type,
			e->fallback_order < PAGEBLOCK_ORDER, e->flag);
		break;
	case PCPMM_EVENT_PCP_REFILL:
		fprintf(out,
			"pcp_refill: zone=\"%s\" nid=%d order=%d n=%d mt=%d "
			"got=%d\n",
			pcpmm_zone_name(e->zone_type), e->nid, e->order, e->n,
			e->migratetype, e->got);
		break;
	case PCPMM_EVENT_PCP_FREE_BULK:
		fprintf(out,
			"pcp_free_bulk: zone=\"%s\" nid=%d n=%d count=%d "
			"high=%d batch=%d ff=%d got=%d\n",
			pcpmm_zone_name(e->zone_type), e->nid, e->n, e->count,
			e->high, e->batch, e->free_factor, e->got);
		break;
	default:
		break;
	}
}

static void print_vmscan_fields(const struct pcpmm_event *e, FILE *out)
{
	switch ((enum pcpmm_event_kind)e->kind) {
	case PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP:
		fprintf(out, "mm_vmscan_kswapd_sleep: nid=%d\n", e->nid);
		break;
	case PCPMM_EVENT_MM_VMSCAN_KSWAPD_WAKE:
		fprintf(out, "mm_vmscan_kswapd_wake: nid=%d order=%d\n", e->nid,
			e->order);
		break;
	case PCPMM_EVENT_MM_VMSCAN_WAKEUP_KSWAPD:
		fprintf(out,
			"mm_vmscan_wakeup_kswapd: nid=%d order=%d "
			"gfp_flags=%#x\n",
			e->nid, e->order, e->gfp);
		break;
	case PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_BEGIN:
		fprintf(out,
			"mm_vmscan_direct_reclaim_begin: order=%d "
			"gfp_flags=%#x\n",
			e->order, e->gfp);
		break;
	case PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_END:
		fprintf(out, "mm_vmscan_direct_reclaim_end: nr_reclaimed=%d\n",
			e->got);
		break;
	default:
		break;
	}
}

static void print_event(const struct pcpmm_event *event, FILE *out)
{
	uint64_t us = event->time_ns / 1000;

	fprintf(out, "%16s-%-7d [%03u] ..... %5" PRIu64 ".%06" PRIu64 ": ",
		"pcpmm", 0, event->cpu, us / 1000000, us % 1000000);
	if (PCPMM_EVENT_BIT(event->kind) & PCPMM_EVENTS_VMSCAN)
		print_vmscan_fields(event, out);
	else
		print_kmem_fields(event, out);
}

static const struct pcpmm_event *oldest(const struct event_ring *ring)
{
	if (!ring || ring->tail == ring->head)
		return NULL;
	return &ring->events[ring->tail & ring->mask];
}

/* A heap would be faster, but CPUs are few and people read the text. */
static struct event_ring *next_ring(const struct pcpmm_machine *machine)
{
	struct event_ring *best = NULL;

	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		struct event_ring *ring = machine->cpus[i].base.ring;

		if (oldest(ring) && (!best || oldest(ring)->time_ns <
						      oldest(best)->time_ns))
			best = ring;
	}
	return best;
}

int pcpmm_trace_print(struct pcpmm_machine *machine, FILE *out)
{
	struct event_ring *ring;
	uint64_t nr = 0;

	for (unsigned int i = 0; i < machine->smp.nr; i++)
		if (machine->cpus[i].base.ring)
			nr += machine->cpus[i].base.ring->head -
			      machine->cpus[i].base.ring->tail;
	fprintf(out,
		"# tracer: nop\n#\n# entries-in-buffer/entries-written: "
		"%" PRIu64 "/%" PRIu64 "   #P:%u\n#\n",
		nr, nr + pcpmm_trace_dropped(machine), machine->smp.nr);
	while ((ring = next_ring(machine))) {
		print_event(oldest(ring), out);
		ring->tail++;
	}
	return ferror(out) ? -EIO : 0;
}
