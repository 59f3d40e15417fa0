/* SPDX-License-Identifier: MIT */
/*
 * A zone: its frames, its buddy, its watermarks.
 *
 *   operation      lock held by caller  excludes
 *   buddy_*        zone lock            every other buddy_* of the zone
 *   zone_rmqueue_* none; takes it       "
 *   zone_free_*    none; takes it       "
 *   zone_watermark none                 nothing: counters and list lengths are
 *                                       read racily; why that is fine: see
 *                                       zone/watermark.h (kernel: the same)
 *
 * The zone lock is taken with interrupts off. Its rank: cpu/lock.h.
 */
#ifndef ZONE_ZONE_H
#define ZONE_ZONE_H

#include <pcpmm/spill.h>

#include "arch/bits.h"
#include "cpu/ring.h"
#include "cpu/irq_lock.h"
#include "vmstat/counter.h"
#include "vmstat/items.h"
#include "zone/frame.h"
#include "zone/lock.h"
#include "zone/rules.h"

#define ORDER_MAX PCPMM_ORDER_MAX
#define NR_ORDERS PCPMM_NR_ORDERS
#define PAGEBLOCK_ORDER PCPMM_PAGEBLOCK_ORDER
#define PAGEBLOCK_PAGES (1UL << PAGEBLOCK_ORDER)
#define NR_TYPES PCPMM_NR_MIGRATETYPES

/*
 * Bits of zone->nonempty: one for each list that a request can be served from.
 * ISOLATE has none, since no request takes a block of it.
 */
#define NR_FIT_TYPES PCPMM_MIGRATE_ISOLATE
#define NONEMPTY_BIT(order, type) (1ULL << ((type)*NR_ORDERS + (order)))
/* The lists of @type, of @order and up. */
#define NONEMPTY_FITS(order, type)                                             \
	(((1ULL << (NR_ORDERS - (order))) - 1) * NONEMPTY_BIT(order, type))

_Static_assert(NR_FIT_TYPES *NR_ORDERS <= 64, "a bit for each list");

/* alloc_flags of a request inside the zone (kernel names, own bits). */
#define ALLOC_KSWAPD 0x01u /* may wake kswapd */
#define ALLOC_NOFRAGMENT 0x02u /* do not mix types in a pageblock */
#define ALLOC_HIGHATOMIC 0x04u /* may use the high-atomic reserve */
#define ALLOC_MIN_RESERVE 0x08u /* __GFP_HIGH (ALLOC_HIGH to 6.2) */
#define ALLOC_NON_BLOCK 0x10u /* can not reclaim */
#define ALLOC_OOM 0x20u /* OOM victim */
#define ALLOC_CMA 0x40u /* CMA pages allowed */
#define ALLOC_NO_WATERMARKS 0x80u
#define ALLOC_HARDER 0x100u /* to 6.2: atomic, or of a FIFO task */
#define ALLOC_NOLOCK 0x200u /* may not wait: one try of the zone lock */
#define ALLOC_RESERVES                                                         \
	(ALLOC_NON_BLOCK | ALLOC_MIN_RESERVE | ALLOC_HIGHATOMIC | ALLOC_OOM |  \
		ALLOC_HARDER)

enum zone_mark { MARK_MIN, MARK_LOW, MARK_HIGH, NR_MARKS };

/*
 * zone->flags. Any thread sets and clears them, atomically. Read racily: a
 * stale flag delays or repeats a wakeup.
 */
#define ZONE_BOOSTED_WATERMARK 0x1u
#define ZONE_RECLAIM_ACTIVE 0x2u
#define ZONE_BELOW_HIGH 0x4u /* 6.7: an allocation found it below high */
#define ZONE_HAS_CMA 0x8u /* or had; free CMA pages are no request's */
#define ZONE_FOLD_WHEN_LOW 0x10u /* an allocation folds all CPUs; constant */
#define ZONE_READ_SNAPSHOT 0x20u /* below drift_mark checks read snapshots */
#define ZONE_LISTS_TUNED 0x40u /* has ZONE_BELOW_HIGH; constant */
#define ZONE_EACH_FREE 0x80u /* each free asks the list rules; constant */

struct free_list {
	struct frame_list frames;
	uint64_t nr; /* blocks; written under the lock, read racily */
};

struct free_area {
	struct free_list list[NR_TYPES];
};

struct pcp_rules; /* pcplist/rules.h */
struct pcp_chunks; /* pcplist/chunks.h */

struct zone {
	/* Read by every allocation; written at creation and by sysctls. */
	struct pcpmm_page *memmap; /* [pfn], of the whole machine */
	uint64_t mark[NR_MARKS]; /* without boost */
	uint64_t boost; /* lock, but stores of 0 without; read racily */
	uint32_t flags;
	uint64_t lowmem_reserve[PCPMM_NR_ZONES];
	uint8_t id; /* index among the machine's zones */
	uint8_t type; /* enum pcpmm_zone_type */
	uint8_t nid;
	uint8_t wmark_check; /* enum pcpmm_wmark_check */
	uint8_t count_order; /* enum pcpmm_count_order */
	uint8_t instance; /* among the node's zones of this type */
	uint32_t boost_factor; /* sysctl, unit 1/10000 */
	uint64_t start_pfn;
	uint64_t spanned;
	uint64_t present;
	uint64_t managed;
	int pageset_high; /* what new pagesets get */
	int pageset_batch;
	int pageset_high_min; /* from 6.7: the bounds of high */
	int pageset_high_max;
	/* The bounds in force: 0 while lists are disabled. Config mutex; read
	 * racily by owners: stale for one more operation. */
	int high_min;
	int high_max;
	bool small_lists; /* from 6.7: a CPU's cache holds three batches; boot */
	bool pcp_disabled; /* lists stay at high 0, batch 1; config mutex */
	uint8_t *block_type; /* [pageblock]; lock; read racily by free */
	uint64_t block_word[NR_TYPES]; /* by type; see zone/pageblock.h */
	/*
	 * [NR_NUMA_ITEMS]: sums of dead CPUs, minus what numa_stat = 0 has
	 * cleared; relaxed adds
	 */
	int64_t *numa;
	uint64_t nr_reserved_highatomic; /* lock; read racily */
	/*
	 * Free pages that checks keep from requests without reserves: with
	 * rules->hides_free_reserve those on HIGHATOMIC's lists, else
	 * nr_reserved_highatomic. Likewise.
	 */
	uint64_t unusable_highatomic;
	const struct zone_rules *rules;
	const struct pcp_rules *pcp_rules; /* of the lists; see pcplist/set.h */
	const struct pcp_chunks *spill_chunks; /* NULL: spill_hold is whole */
	struct zone_lock_stat *lock_stat; /* NULL: not measured; set at rest */
	uint8_t lock_kind; /* enum pcpmm_zone_lock */
	bool lock_inline; /* "ttas", and not measured */

	/* Read by every allocation, written by each change of a term. */
	cacheline_aligned int64_t gate; /* see zone/gate.h */

	cacheline_aligned struct vmstat stat; /* NR_ZONE_ITEMS */

	/* On another cache line than the lists: a waiter that spins must not
	 * take their line away from the holder. */
	cacheline_aligned struct spinlock lock; /* "ticket": the one served */
	uint32_t next_ticket; /* "ticket": of the next CPU that comes */
	/*
	 * MOVABLE blocks of the largest order, untouched since creation: frames
	 * [fresh, fresh_end). They come after all others of free_area[10] and
	 * are counted in that list's nr. Lock.
	 */
	uint64_t fresh;
	uint64_t fresh_end;
	/* Frames below are not managed. boot_held: the start of the zone. */
	uint64_t first_managed;
	bool boot_held; /* untouched frames are held, not free */
	bool restored; /* boot_held: frames may have left that state */
	bool has_inner; /* another zone lies inside the span */
	uint64_t max_drift; /* upper bound of the pages that diffs can hide */
	uint64_t breaches; /* undetected violations of min; lock */
	/* Lock; given_up and pages_left: relaxed adds. Read racily. */
	struct pcpmm_spill_stats spills;
	/*
	 * A block at @pfn has come to the buddy past the per-CPU lists; lock. NULL:
	 * no strategy wants to know. Set at creation.
	 */
	void (*came_back)(void *arg, uint64_t pfn);
	void *came_back_arg;
	struct pcpmm_page *deferred; /* see zone/deferred.h */
	uint64_t deferred_pages; /* on it; relaxed adds */
	bool lock_reenters; /* zone_try_begin() of the holder's CPU succeeds */
	struct zone *sibling; /* the next instance; NULL: the last; constant */
	/* Checks by a snapshot; relaxed adds by any CPU, so a line of its own. */
	cacheline_aligned uint64_t snapshots;
	/*
	 * NONEMPTY_BIT()s of the lists with nr != 0. Written with nr, under the
	 * lock; read racily: a stale bit ends at an empty list, or at a block
	 * that is not found.
	 */
	cacheline_aligned uint64_t nonempty;
	cacheline_aligned struct free_area free_area[NR_ORDERS];
};

static inline bool zone_contains(const struct zone *zone, uint64_t pfn)
{
	return pfn - zone->start_pfn < zone->spanned;
}

static inline bool zone_populated(const struct zone *zone)
{
	return zone->present != 0;
}

static inline bool zone_managed(const struct zone *zone)
{
	return zone->managed != 0;
}

static inline uint32_t page_pfn(
	const struct zone *zone, const struct pcpmm_page *page)
{
	return (uint32_t)(page - zone->memmap);
}

static inline size_t zone_block_index(const struct zone *zone, uint64_t pfn)
{
	return (pfn >> PAGEBLOCK_ORDER) - (zone->start_pfn >> PAGEBLOCK_ORDER);
}

static inline enum pcpmm_migratetype zone_block_type(
	const struct zone *zone, uint64_t pfn)
{
	return (enum pcpmm_migratetype)atomic_load_relaxed_u8(
		&zone->block_type[zone_block_index(zone, pfn)]);
}

static force_inline void zone_lock_irqsave(struct cpu *cpu, struct zone *zone)
{
	irq_lock_begin(cpu);
	if (likely(zone->lock_inline))
		lock_acquire(cpu, &zone->lock, LOCK_RANK_ZONE);
	else
		zone_lock_by_kind(cpu, zone);
}

static force_inline void zone_unlock_irqrestore(
	struct cpu *cpu, struct zone *zone)
{
	if (likely(zone->lock_inline))
		lock_release(cpu, &zone->lock, LOCK_RANK_ZONE);
	else
		zone_unlock_by_kind(cpu, zone);
	irq_lock_end(cpu);
}

/* @how: what zone_try_begin() returned, and not ZONE_BUSY. */
static force_inline void zone_try_end(
	struct cpu *cpu, struct zone *zone, enum zone_try how)
{
	if (likely(how == ZONE_LOCKED))
		zone_unlock_irqrestore(cpu, zone);
	else
		irq_lock_end(cpu);
}

/*
 * A watermark with its boost, as checks use it. The boost may be stale by one
 * steal or one balance.
 */
static inline uint64_t zone_mark_pages(
	const struct zone *zone, enum zone_mark mark)
{
	return atomic_load_relaxed_u64(&zone->mark[mark]) +
	       atomic_load_relaxed_u64(&zone->boost);
}

static inline uint32_t zone_flags(const struct zone *zone)
{
	return atomic_load_relaxed_u32(&zone->flags);
}

#endif
