/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for slub's sheaves: objects of one size, and a stock of free ones on
 * each CPU, which another CPU may have to empty.
 *
 *   slab         a page of the machine, order 0, cut into objects
 *   shared list  the slabs that have free objects, under one lock
 *   sheaf        a CPU's free objects, at most `capacity`
 *
 * An allocation takes from the CPU's sheaf. An empty one gets half of its capacity
 * from the shared list first, a full one gives half back at a free. The owner tries
 * its sheaf's lock only; if another CPU has it, the call uses the shared list.
 *
 * pcpmm_slab_flush() empties the sheaves of all CPUs, as kmem_cache_shrink() and
 * kmem_cache_destroy() do. Who does it is the axis lru_drain, for the series of 2026
 * has one switch for both (docs/pwlocks.md):
 *
 *   work, user_return   a work item on each CPU with objects, on mm_percpu_wq; the
 *                       caller waits: for ever, behind a FIFO task
 *   pwlocks             the caller, in order, each under the sheaf's lock
 *   pwlocks_auto        as pwlocks if a CPU is nohz_full at creation, else as work
 *
 * Simpler than slub: one list for all nodes, one sheaf a CPU without a spare one, no
 * barn of full sheaves, no remote frees (a free stays on the CPU that frees), no
 * debugging, no RCU. Linux 6.18 and later have sheaves.
 * (Leonardo Bras, Marcelo Tosatti, "pwlocks" v4, 18 May 2026,
 * 20260519012754.240804-1-leobras.c@gmail.com.)
 */
#ifndef PCPMM_SLAB_H
#define PCPMM_SLAB_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

#define PCPMM_SLAB_SIZE_MIN 64 /* bytes an object */
#define PCPMM_SLAB_SIZE_MAX 4096
#define PCPMM_SHEAF_MAX 128 /* objects of a CPU */

struct pcpmm_slab_cache;

/*
 * A cache of objects of @size bytes, PCPMM_SLAB_SIZE_MIN to MAX, a multiple of 8;
 * sheaves hold up to @capacity objects, an even number from 2 to PCPMM_SHEAF_MAX. It
 * has no page at first. NULL and errno: EINVAL, ENOMEM. Any thread that has not
 * interrupts off. pcpmm_machine_destroy() frees caches that are left.
 */
PCPMM_API struct pcpmm_slab_cache *pcpmm_slab_create(
	struct pcpmm_machine *machine, unsigned int size,
	unsigned int capacity);

/*
 * Flush, give all pages back, and end the cache. No other thread may use it. 0;
 * -EBUSY: an object is held, and the cache stays; and as pcpmm_slab_flush().
 */
PCPMM_API int pcpmm_slab_destroy(
	struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache);

/*
 * An object, by its physical address: frame << 12, and the offset in the page. May
 * allocate a page by @gfp. 0: no memory within the watermarks, or misuse. The thread
 * is on @cpu; in interrupts, too.
 */
PCPMM_API uint64_t pcpmm_slab_alloc(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint32_t gfp);

/*
 * Give an object back, to the sheaf of @cpu. 0; -EINVAL: it is no held object of this
 * cache (double free, foreign, inside of an object); -EPERM (wrong thread). An error
 * changes nothing. Two frees of one object at the same moment may both succeed.
 */
PCPMM_API int pcpmm_slab_free(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint64_t object);

/*
 * All free objects go from the sheaves of online CPUs to the shared list. An object
 * that is freed meanwhile may stay in a sheaf. One call a cache at a time; others
 * wait. 0, -EPERM, -EINVAL (interrupts or preemption off); -EAGAIN or -ENOMEM: no
 * thread or memory for workers.
 */
PCPMM_API int pcpmm_slab_flush(
	struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache);

/*
 * kmem_cache_shrink(): flush, then give the pages of slabs without a held object back
 * to the machine. Number of pages; errors as pcpmm_slab_flush().
 */
PCPMM_API int pcpmm_slab_shrink(
	struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache);

/*
 * What a cache has, exact at rest, and sums since its creation. Each field is read as
 * one atomic load; two fields may be of different moments. Any thread.
 */
struct pcpmm_slab_stats {
	uint64_t pages; /* slabs */
	uint64_t objects; /* of all slabs: held + sheaved + shared */
	uint64_t held;
	uint64_t sheaved; /* free, in sheaves */
	uint64_t shared; /* free, in slabs */
	uint64_t flushes;
	uint64_t works; /* items queued by flushes */
	uint64_t remote; /* sheaves that the caller emptied, by pwlocks */
	uint64_t busy; /* allocs and frees that found their sheaf locked */
};
PCPMM_API void pcpmm_slab_stats_read(
	const struct pcpmm_slab_cache *cache, struct pcpmm_slab_stats *stats);

PCPMM_END_DECLS

#endif
