/* SPDX-License-Identifier: MIT */
/*
 * A drain strategy of one's own: what guards the owner's list, and how others
 * empty it. Fill a struct pcpmm_strategy, name it in pcpmm_config.strategy and
 * set pcpmm_config.drain to PCPMM_DRAIN_EXTERNAL.
 *
 * A slot is one CPU's list of one zone. The contract:
 *
 *   - Between a true @enter and its @leave the owner alone changes the list.
 *     @enter runs at every allocation and free, @leave at the end of it;
 *     interrupts are as they were.
 *   - @enter must not wait for anybody: an interrupt, or a task that took the
 *     CPU over, may have come inside the section, and a drainer may be at
 *     work. It returns false instead, and the page goes to or comes from the
 *     buddy.
 *   - @drain empties slots from another CPU. It must keep every owner out of
 *     a slot while it calls pcpmm_slot_free(), and see all that the owner did
 *     before. One drain at a time; it is under the machine's drain mutex.
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
	/* After the last CPU was left; also after a failed creation. NULL. */
	void (*fini)(void *arg);
	bool (*enter)(void *slot_private);
	void (*leave)(void *slot_private);
	/*
	 * Empty @nr slots on behalf of CPU @by. Slots of one CPU follow each
	 * other. Pages given back.
	 */
	unsigned int (*drain)(struct pcpmm_cpu *by,
		struct pcpmm_pcp_slot *const *slots, unsigned int nr,
		void *arg);
	void *arg; /* given to init, fini and drain */
};

/* The slot's private memory; what enter and leave are given. */
PCPMM_API void *pcpmm_slot_private(struct pcpmm_pcp_slot *slot);
/* Whose it is, and of which zone. Any thread. */
PCPMM_API struct pcpmm_cpu *pcpmm_slot_cpu(struct pcpmm_pcp_slot *slot);
/* Pages on the list; racy unless the owner is kept out. */
PCPMM_API unsigned int pcpmm_slot_count(const struct pcpmm_pcp_slot *slot);

/*
 * Give at most @pages pages of the slot back to the buddy, as CPU @by. Only
 * inside drain, with the owner kept out. Pages given back.
 */
PCPMM_API unsigned int pcpmm_slot_free(
	struct pcpmm_cpu *by, struct pcpmm_pcp_slot *slot, unsigned int pages);

PCPMM_END_DECLS

#endif
