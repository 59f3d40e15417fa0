/* SPDX-License-Identifier: MIT */
/* The per-CPU event ring. */
#include "cpu/ring.h"

#include <stdlib.h>

#include "arch/clock.h"
#include "cpu/entry.h"

struct event_ring *event_ring_create(uint32_t entries)
{
	struct event_ring *ring = calloc(
		1, sizeof(*ring) + (size_t)entries * sizeof(ring->events[0]));

	if (ring)
		ring->mask = entries - 1;
	return ring;
}

void event_ring_destroy(struct event_ring *ring)
{
	free(ring);
}

/* Masked: an interrupt records its events before or after this one. */
void event_record(struct cpu *cpu, struct pcpmm_event *event)
{
	struct event_ring *ring = cpu->ring;

	irq_save(cpu);
	if (ring->head - ring->tail > ring->mask) {
		ring->dropped++;
	} else {
		event->time_ns = clock_now_ns();
		event->cpu = (uint16_t)cpu->id;
		ring->events[ring->head++ & ring->mask] = *event;
	}
	irq_restore(cpu);
}

unsigned int event_ring_take(
	struct event_ring *ring, struct pcpmm_event *events, unsigned int max)
{
	unsigned int nr = 0;

	while (nr < max && ring->tail != ring->head)
		events[nr++] = ring->events[ring->tail++ & ring->mask];
	return nr;
}
