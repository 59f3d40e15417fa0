/* SPDX-License-Identifier: MIT */
/*
 * A CPU's event ring: its thread writes, its thread (or anybody at rest)
 * reads; so head and tail need no order between CPUs. A full ring drops the
 * newest, as ftrace does with overwrite=0.
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

/* One event is to be recorded: time and CPU are filled in here. */
void event_record(struct cpu *cpu, struct pcpmm_event *event);

/* Up to @max events, oldest first, are taken out into @events. */
unsigned int event_ring_take(
	struct event_ring *ring, struct pcpmm_event *events, unsigned int max);

static force_inline bool event_enabled(
	const struct cpu *cpu, enum pcpmm_event_kind kind)
{
	return unlikely(cpu->trace_mask & PCPMM_EVENT_BIT(kind));
}

#endif
