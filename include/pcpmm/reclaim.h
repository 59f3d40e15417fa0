/* SPDX-License-Identifier: MIT */
/*
 * Direct reclaim: what an allocation does when no zone is above its min mark
 * and its flags allow it to wait (__GFP_DIRECT_RECLAIM).
 *
 * The library keeps no LRU. The program says how pages are got back; the rule
 * around it is the kernel's since 2.6.36 (9ee493ce0a60): no progress, no
 * drain. After progress the free lists are tried; if they still have nothing,
 * drain_all_pages once, and the free lists once more.
 */
#ifndef PCPMM_RECLAIM_H
#define PCPMM_RECLAIM_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

#define PCPMM_RECLAIM_TARGET 32 /* pages: SWAP_CLUSTER_MAX */

/*
 * Try to free @target pages on behalf of @cpu, by pcpmm_free_pages() and its
 * like. Pages freed; 0: no progress, the allocation fails. Called on @cpu with
 * interrupts on, never inside itself: allocations from within may use the
 * reserves (PF_MEMALLOC) and reclaim nothing.
 */
typedef unsigned long pcpmm_reclaim_fn(struct pcpmm_cpu *cpu,
	unsigned int order, unsigned long target, void *arg);

/* Set it, or with NULL turn direct reclaim off (default). At rest only. */
PCPMM_API void pcpmm_reclaim_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_fn *fn, void *arg);

PCPMM_END_DECLS

#endif
