/* SPDX-License-Identifier: MIT */
/*
 * A spill in chunks, between which the list's lock is given up: spill_hold =
 * chunks, of pcp_lock. The algorithm of free_frozen_page_commit() of Linux 6.19
 * (Joshua Hahn, "mm/page_alloc: Batch page freeing in free_frozen_page_commit",
 * v4, 13 Oct 2025), with the amounts of the machine's own rules:
 *
 *   to_free     computed once, from the count and the mark at entry
 *   a chunk     min(to_free, batch) pages, from the list of the page just freed
 *   end         to_free is used up, or the lists are empty: inside the lock
 *   in between  unlock; interrupts, and tasks that go first; trylock
 *   lock lost   the rest of to_free is forgotten, and stays listed until the next
 *               free finds the count at its mark; the caller must not unlock
 *
 * The kernel also gives up if the task is on another CPU after the unlock, whose
 * list would then be the wrong one. A task of this library never migrates inside
 * a call, so that can not happen here.
 */
#ifndef PCPLIST_CHUNKS_H
#define PCPLIST_CHUNKS_H

#include "pcplist/pcp.h"

struct pcp_guard; /* pcplist/core.h */

/* A machine with spill_hold = chunks; see pcpmm_spill_window_set(). */
struct pcp_chunks {
	void (*window)(struct pcpmm_cpu *cpu, void *arg); /* set at rest */
	void *window_arg;
};

/*
 * Give @pages pages back, in chunks; @freed as for pcp_free_bulk(). Inside
 * @guard. true: inside it again; false: the guard is gone, and with it @pcp.
 */
bool pcp_free_chunks(const struct pcp_guard *guard, struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int freed);

#endif
