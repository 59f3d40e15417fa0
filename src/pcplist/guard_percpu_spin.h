/* SPDX-License-Identifier: MIT */
/*
 * percpu_spin: the owner's lists of all zones, guarded by interrupts off and, if a
 * key is on, by one lock of the CPU, for which the owner waits; "mm: Remote LRU
 * per-cpu pagevec cache/per-cpu page list drain support", 21 Sep 2021 (Nicolas Saenz
 * Julienne). The key was the static key remote_pcpu_cache_access.
 *
 * Cost to the owner, key off: that of irqoff, and two loads of a line of its own (in a
 * kernel a static key is a patched jump, and costs neither); key on: also an
 * uncontended lock and its release.
 *
 * The key is read exactly once a section: the section remembers what it did. If the
 * leave read it again, and the key had changed in between, a lock that another CPU
 * holds would be released, or the own one never.
 */
#ifndef PCPLIST_GUARD_PERCPU_SPIN_H
#define PCPLIST_GUARD_PERCPU_SPIN_H

#include "pcplist/guard_pcp_spin.h"

/* A CPU's; the `private` of all its slots. */
struct percpu_spin {
	uint32_t key; /* 1: the lock is used */
	uint32_t locked; /* the section that runs has the lock; owner */
	struct spinlock lock;
} cacheline_aligned;

static force_inline struct pcp_lists *guard_percpu_spin_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	struct percpu_spin *percpu = slot->private;

	guard_spin_mask(cpu);
	if (unlikely(atomic_load_relaxed_u32(&percpu->key))) {
		guard_spin_lock(cpu, &percpu->lock);
		percpu->locked = 1;
	}
	return &slot->own;
}

static force_inline void guard_percpu_spin_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	struct percpu_spin *percpu = slot->private;

	(void)pcp;
	if (unlikely(MUTANT(KEY_READ_TWICE)
			     ? atomic_load_relaxed_u32(&percpu->key)
			     : percpu->locked)) {
		percpu->locked = 0;
		lock_release(cpu, &percpu->lock, LOCK_RANK_PCP);
	}
	guard_spin_unmask(cpu);
}

#endif
