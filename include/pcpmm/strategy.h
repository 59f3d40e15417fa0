/* SPDX-License-Identifier: MIT */
/*
 * A drain strategy of the program: what guards the owner's list, and how a
 * drainer empties it. Fill a struct pcpmm_strategy, set pcpmm_config.strategy
 * to it and pcpmm_config.drain to PCPMM_DRAIN_EXTERNAL.
 *
 * A slot is one CPU's list of one zone. The contract:
 *
 *   - Between an @enter that returned true and its @leave only the owner
 *     changes the list. @enter runs at the start of every allocation and free,
 *     @leave at its end; the library does not mask interrupts for them.
 *   - @enter must not wait: it may run in an interrupt, or in a task that took
 *     the CPU over, while the displaced task is between @enter and @leave; or a
 *     drainer may have the list. In these cases it returns false, and the page
 *     goes to or comes from the buddy.
 *   - @drain empties slots from another CPU. It must keep every owner out of
 *     a slot while it calls pcpmm_slot_free(), and must see all that the owner
 *     did before. One drain at a time, under the machine's drain mutex.
 *
 * examples/asymmetric_lock.c is one, with a membarrier in place of the atomics.
 */
#ifndef PCPMM_STRATEGY_H
#define PCPMM_STRATEGY_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

struct pcpmm_pcp_slot;

#define PCPMM_SLOT_PRIVATE_MAX 64 /* bytes */

struct pcpmm_strategy {
	size_t size; /* sizeof(struct pcpmm_strategy) of the caller */
	const char *name; /* for reports */
	/*
	 * Memory of the strategy in each slot, 0..PCPMM_SLOT_PRIVATE_MAX
	 * bytes, zeroed, aligned to a cache line.
	 */
	size_t private_size;
	/* Once per machine, before any CPU is entered. NULL: nothing to do.
	 * 0, or -errno: the machine is not created. */
	int (*init)(void *arg);
	/* After the last CPU was left, or creation failed. NULL: none. */
	void (*fini)(void *arg);
	bool (*enter)(void *slot_private);
	void (*leave)(void *slot_private);
	/*
	 * Empty @nr slots, as CPU @by. Slots of one CPU follow each other.
	 * Number of pages given back.
	 */
	unsigned int (*drain)(struct pcpmm_cpu *by,
		struct pcpmm_pcp_slot *const *slots, unsigned int nr,
		void *arg);
	void *arg; /* given to init, fini and drain */
};

/* The slot's private memory; passed to enter and leave. */
PCPMM_API void *pcpmm_slot_private(struct pcpmm_pcp_slot *slot);
/* The CPU that owns the slot. Any thread. */
PCPMM_API struct pcpmm_cpu *pcpmm_slot_cpu(struct pcpmm_pcp_slot *slot);
/* Pages on the list; racy unless the owner is kept out. */
PCPMM_API unsigned int pcpmm_slot_count(const struct pcpmm_pcp_slot *slot);

/*
 * Give at most @pages pages of the slot back to the buddy, as CPU @by. Only
 * inside drain, with the owner kept out. Number of pages given back.
 */
PCPMM_API unsigned int pcpmm_slot_free(
	struct pcpmm_cpu *by, struct pcpmm_pcp_slot *slot, unsigned int pages);

PCPMM_END_DECLS

#endif
