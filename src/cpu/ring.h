/* SPDX-License-Identifier: MIT */
/*
 * A CPU's event ring. The CPU's thread writes and reads it, at rest any thread
 * reads it; so head and tail need no order between CPUs. A full ring drops the
 * newest event, as ftrace does with overwrite=0.
 */
#ifndef CPU_RING_H
#define CPU_RING_H

#include <pcpmm/trace.h>

#include "cpu/cpu.h"

struct event_ring {
	uint32_t head; /* next to write */
	uint32_t tail; /* next to read */
	uint32_t mask; /* entries - 1 */
	uint64_t dropped;
	struct pcpmm_event events[];
};

/* @entries is a power of two. NULL: no memory. */
struct event_ring *event_ring_create(uint32_t entries);
void event_ring_destroy(struct event_ring *ring);

/* Record an event; its time and CPU are filled in. */
void event_record(struct cpu *cpu, struct pcpmm_event *event);

/* Move up to @max events, oldest first, to @events. Number moved. */
unsigned int event_ring_take(
	struct event_ring *ring, struct pcpmm_event *events, unsigned int max);

static force_inline bool event_enabled(
	const struct cpu *cpu, enum pcpmm_event_kind kind)
{
	return unlikely(cpu->trace_mask & PCPMM_EVENT_BIT(kind));
}

#endif
