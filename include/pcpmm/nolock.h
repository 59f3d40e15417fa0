/* SPDX-License-Identifier: MIT */
/*
 * Allocate and free from any context, as alloc_pages_nolock() and
 * free_pages_nolock() do (Alexei Starovoitov, Linux 6.15: d7242af86434,
 * 8c57b687e833): every lock is tried once, nothing waits, nothing wakes kswapd.
 *
 * A block whose free finds the zone lock taken is deferred: it is on a list of its
 * zone, in no counter, and no drain finds it. The next ordinary free of a block that
 * goes straight to the buddy of that zone frees all deferred blocks.
 *
 * In some contexts a trylock is wrong or lies: pcpmm_config.nolock_refuses. Both
 * functions may be called in an NMI (pcpmm_nmi_run()), and on a CPU with interrupts
 * off; on no other thread than the CPU's.
 */
#ifndef PCPMM_NOLOCK_H
#define PCPMM_NOLOCK_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

/*
 * A zeroed block of 2^@order pages, of an order that has per-CPU lists, from the
 * zones of node @nid and then others: UNMOVABLE, down to the min mark, in one pass.
 * NULL: no zone gave one without waiting; the context or the order does not allow
 * it; or misuse (pcpmm_misuse_read).
 */
PCPMM_API struct pcpmm_page *pcpmm_alloc_pages_nolock(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int order);

/*
 * Give back a block, however it was allocated. It goes to the CPU's list, which may
 * grow past its high; else to the zone; else it is deferred. Errors as
 * pcpmm_free_pages().
 */
PCPMM_API int pcpmm_free_pages_nolock(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

/* Blocks, since creation, of all CPUs. */
struct pcpmm_nolock_stats {
	uint64_t allocs; /* allocated */
	uint64_t alloc_failed; /* no zone gave a block */
	uint64_t alloc_refused; /* by the context, or the order has no list */
	uint64_t free_listed; /* freed to a list */
	uint64_t free_zone; /* freed to the zone */
	uint64_t free_deferred;
	uint64_t reaped_pages; /* of deferred blocks, freed since */
};

/* Each field exact at rest, racy (never torn) otherwise. Any thread. */
PCPMM_API void pcpmm_nolock_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_nolock_stats *stats);

/*
 * Pages of the zone that are deferred now: neither free nor held. 0 for a zone that
 * does not exist. Any thread, racy.
 */
PCPMM_API uint64_t pcpmm_zone_deferred_pages(struct pcpmm_machine *machine,
	unsigned int nid, enum pcpmm_zone_type type);

PCPMM_END_DECLS

#endif
