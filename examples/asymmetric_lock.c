/* SPDX-License-Identifier: MIT */
/*
 * asymmetric_lock: a pcp lock that costs its owner no atomic operation.
 *
 * Dekker's two flags, with the barrier on one side only: the owner sets
 * `inside`, then reads `claimed`; a drainer sets `claimed`, then reads
 * `inside`. Each must read after its own store is visible. The owner, which
 * enters a million times a second, only has a compiler barrier; the drainer,
 * which comes rarely, makes the host execute a barrier on every running thread
 * of the process (membarrier), once for all lists.
 *
 * Owner pays: two stores and a load of its own cache line.
 * Interrupted: host CPUs that run a thread of this process, for the barrier.
 * Progress: a drainer waits for at most one section of each owner.
 */
#include "asymmetric_lock.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A slot's private memory. */
struct flags {
	atomic_uint inside; /* the owner writes */
	atomic_uint claimed; /* a drainer writes */
};

/* Fails also in an interrupt that arrived inside the owner's own section. */
static bool enter(void *slot_private)
{
	struct flags *flags = slot_private;

	if (atomic_load_explicit(&flags->inside, memory_order_relaxed))
		return false;
	atomic_store_explicit(&flags->inside, 1, memory_order_relaxed);
	/* Pairs with the membarrier in claim_all(). */
	atomic_signal_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&flags->claimed, memory_order_acquire))
		return true;
	atomic_store_explicit(&flags->inside, 0, memory_order_release);
	return false;
}

/* Release: a drainer that reads 0 sees every change made inside. */
static void leave(void *slot_private)
{
	struct flags *flags = slot_private;

	atomic_store_explicit(&flags->inside, 0, memory_order_release);
}

static void claim_all(struct pcpmm_pcp_slot *const *slots, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct flags *flags = pcpmm_slot_private(slots[i]);

		atomic_store_explicit(&flags->claimed, 1, memory_order_relaxed);
	}
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/* Acquire: pairs with leave(). Release: the next enter() sees the new list. */
static unsigned int drain_one(struct pcpmm_cpu *by, struct pcpmm_pcp_slot *slot)
{
	struct flags *flags = pcpmm_slot_private(slot);
	unsigned int pages;

	while (atomic_load_explicit(&flags->inside, memory_order_acquire))
		sched_yield();
	pages = pcpmm_slot_free(by, slot, pcpmm_slot_count(slot));
	atomic_store_explicit(&flags->claimed, 0, memory_order_release);
	return pages;
}

static unsigned int drain(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *const *slots, unsigned int nr, void *arg)
{
	unsigned int pages = 0;

	(void)arg;
	claim_all(slots, nr);
	for (unsigned int i = 0; i < nr; i++)
		pages += drain_one(by, slots[i]);
	return pages;
}

static int init(void *arg)
{
	(void)arg;
	return syscall(SYS_membarrier,
		       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)
		       ? -EOPNOTSUPP
		       : 0;
}

const struct pcpmm_strategy asymmetric_lock = {
	.size = sizeof(asymmetric_lock),
	.name = "asymmetric_lock",
	.private_size = sizeof(struct flags),
	.init = init,
	.enter = enter,
	.leave = leave,
	.drain = drain,
};
