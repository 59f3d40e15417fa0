/* SPDX-License-Identifier: MIT */
/*
 * pcp_buddy: each list is a small buddy, and each pageblock may have a CPU that owns
 * it, to whose list its pages are freed, whichever CPU frees.
 *
 * Origin: Johannes Weiner, RFC "PCP buddy" of 3 Apr 2026 (message
 * 20260403194526.477775-1, three patches): threads that free what others have
 * allocated keep one side's lists empty and the other's full, and both sides at the
 * zone lock. Not merged. The refill: piece_refill.h; the spill: piece_spill.h; who
 * owns what: block_owner.h.
 *
 * Decisions of this library, where the posts that were seen do not tell:
 *
 *   a list's lock is taken   the page goes to the zone: a free may come from an
 *                            interrupt, so it tries and does not wait
 *   a CPU goes offline       its pageblocks lose their owner
 *   a block comes back whole it has no owner any more
 *   merging                  at spills and drains, and after phase 0, not at frees
 *   HIGHATOMIC, CMA          their pages go to the zone, as ISOLATE ones do anyway
 *   order 1 to 3             no special rule: what empties a list then (free_factor
 *                            of 6.1) is there since high orders could not merge
 *   high, batch, free_factor those of the list that the page goes to
 *
 * Owner pays: a trylock and its release, preemption off and on, list operations in
 * frames (no stack), and the look for the owner of each page it frees.
 * Interrupted: no CPU. An owner that meets a drainer, or another CPU's free, in its
 * lock goes to the zone.
 * Progress: as pcp_lock.
 *
 * Preemption is off inside, since any CPU may be in any list: a task that displaces
 * one which holds another CPU's lock, and then drains, would wait for ever.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "arch/this_cpu.h"
#include "cpu/entry.h"
#include "pcplist/bulk.h"
#include "pcplist/guard_pcp_lock.h"
#include "pcplist/piece_check.h"
#include "pcplist/piece_refill.h"
#include "pcplist/piece_spill.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

struct pcp_buddy {
	struct block_owners *owners; /* [zone] */
	struct block_owner *blocks; /* of all zones */
	size_t blocks_size; /* bytes */
	struct pieces *pieces; /* [cpu][zone] */
};

/* --- the section ---------------------------------------------------------- */

/* @by, at the list of any CPU. */
static bool try_enter(struct cpu *by, struct pcp_slot *slot)
{
	preempt_disable(by);
	if (likely(lock_try(by, &slot->lock, LOCK_RANK_PCP)))
		return true;
	preempt_enable(by);
	return false;
}

static void wait_enter(struct cpu *by, struct pcp_slot *slot)
{
	preempt_disable(by);
	lock_acquire(by, &slot->lock, LOCK_RANK_PCP);
}

static void leave(struct cpu *by, struct pcp_slot *slot)
{
	lock_release(by, &slot->lock, LOCK_RANK_PCP);
	preempt_enable(by);
}

/* --- alloc ---------------------------------------------------------------- */

static uint32_t take(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	uint32_t pfn = pieces_take(slot, order, type);

	if (!pfn && pieces_refill(slot, order, type, alloc_flags))
		pfn = pieces_take(slot, order, type);
	return pfn;
}

static uint32_t buddy_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	struct cpu *cpu = slot->cpu;
	uint32_t pfn;

	if (unlikely(!try_enter(cpu, slot))) {
		guard_pcp_lock_busy(cpu);
		return 0;
	}
	slot->free_factor >>= 1;
	cpu_guard_point(cpu);
	pfn = take(slot, order, type, alloc_flags);
	leave(cpu, slot);
	return pfn;
}

static unsigned int buddy_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	struct cpu *cpu = slot->cpu;
	unsigned int got = 0;

	if (unlikely(!try_enter(cpu, slot))) {
		guard_pcp_lock_busy(cpu);
		return 0;
	}
	cpu_guard_point(cpu);
	while (got < nr) {
		uint32_t pfn = take(slot, 0, type, alloc_flags);

		if (!pfn)
			break;
		pages[got++] = &slot->zone->memmap[pfn];
	}
	leave(cpu, slot);
	return got;
}

/* --- free ----------------------------------------------------------------- */

/* The list that a page of the block belongs on: the owner's, else @own. */
static struct pcp_slot *slot_for(struct pcp_slot *own, uint32_t owner)
{
	const struct block_owners *owners = pieces_of(own)->owners;

	return owner ? &owners->slots[owner - 1][own->zone->id] : own;
}

/* Of the frees by @own's CPU, whichever list they go to. */
static void count_free(struct pcp_slot *own, uint64_t *frees)
{
	this_cpu_add_u64(own->cpu, frees, 1);
}

/* The lock of @slot was taken. An owner that can not enter its list is disturbed. */
static void count_busy(struct pcp_slot *own, const struct pcp_slot *slot)
{
	struct pcpmm_pcp_buddy_stats *stats = &pieces_of(own)->stats;

	count_free(own, &stats->frees_busy);
	if (slot == own)
		guard_pcp_lock_busy(own->cpu);
	else
		count_free(own, &stats->frees_busy_routed);
}

static void count_listed(
	struct pcp_slot *own, const struct pcp_slot *slot, uint32_t pfn)
{
	struct pcpmm_pcp_buddy_stats *stats = &pieces_of(own)->stats;

	if (slot != own)
		count_free(own, &stats->frees_routed);
	else if (own->zone->memmap[pfn].piece)
		count_free(own, &stats->frees_own);
	else
		count_free(own, &stats->frees_unowned);
}

/*
 * Enter the list on which the page belongs; NULL: its lock is taken. The owner that
 * is read without the lock is stale if that CPU goes offline meanwhile; inside its
 * lock it can not change. A page that nobody owns stays so until it is free.
 */
static struct pcp_slot *enter_for(struct pcp_slot *own, uint32_t pfn)
{
	const struct block_owners *owners = pieces_of(own)->owners;
	uint32_t owner = block_owner_of(owners, pfn), before;

	for (;;) {
		struct pcp_slot *slot = slot_for(own, owner);

		MUTANT_WINDOW(BUDDY_OWNER_READ_ONCE);
		if (unlikely(!try_enter(own->cpu, slot))) {
			count_busy(own, slot);
			return NULL;
		}
		before = owner;
		owner = block_owner_of(owners, pfn);
		if (likely(owner == before) || MUTANT(BUDDY_OWNER_READ_ONCE))
			return slot;
		leave(own->cpu, slot);
	}
}

/*
 * Inside the lock of @slot. A spill gives back no less than this free has brought: a
 * list that is off keeps nothing, and large blocks do not pile up.
 */
static void put(struct pcp_slot *own, struct pcp_slot *slot, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	int pages;

	pieces_add(slot, pfn, order, type);
	count_listed(own, slot, pfn);
	if (likely(!pcp_may_spill(slot, slot->own.count, 0)))
		return;
	pages = pcp_freed(slot, slot->own.count, 0);
	if (pages)
		pieces_give_back(own->cpu, slot, MAX(pages, 1 << order), true);
}

static void free_past_lists(struct pcp_slot *own, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	if (type >= PIECE_TYPES)
		count_free(own, &pieces_of(own)->stats.frees_zone);
	pieces_free_to_zone(own->cpu, pieces_of(own)->owners, pfn, order, type);
}

static bool buddy_free_block(struct pcp_slot *own, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	struct pcp_slot *slot =
		likely(type < PIECE_TYPES) ? enter_for(own, pfn) : NULL;

	if (unlikely(!slot)) {
		free_past_lists(own, pfn, order, type);
		return true;
	}
	cpu_guard_point(own->cpu);
	put(own, slot, pfn, order, type);
	leave(own->cpu, slot);
	return true;
}

/* Pages that follow one another and have one owner share its section. */
static unsigned int buddy_free_batch(
	struct pcp_slot *own, struct pcpmm_page **pages, unsigned int nr)
{
	const struct block_owners *owners = pieces_of(own)->owners;
	struct zone *zone = own->zone;
	struct pcp_slot *slot = NULL;

	for (unsigned int i = 0; i < nr; i++) {
		uint32_t pfn = page_pfn(zone, pages[i]);
		unsigned int type = zone_block_type(zone, pfn);

		if (event_enabled(own->cpu, PCPMM_EVENT_MM_PAGE_FREE_BATCHED))
			pcp_record_free_batched(own->cpu, zone, pages[i]);
		if (unlikely(type >= PIECE_TYPES)) {
			free_past_lists(own, pfn, 0, type);
			continue;
		}
		if (slot &&
			slot != slot_for(own, block_owner_of(owners, pfn))) {
			leave(own->cpu, slot);
			slot = NULL;
		}
		if (!slot)
			slot = enter_for(own, pfn);
		if (slot)
			put(own, slot, pfn, 0, type);
		else
			free_past_lists(own, pfn, 0, type);
	}
	if (slot)
		leave(own->cpu, slot);
	return nr;
}

/* --- drain ---------------------------------------------------------------- */

/* One hold: at most @pages. *@left: the pages that are listed after it. */
static unsigned int drain_chunk(
	struct cpu *by, struct pcp_slot *slot, int pages, int *left)
{
	unsigned int freed = 0;

	wait_enter(by, slot);
	if (slot->own.count)
		freed = pieces_give_back(by, slot, pages, false);
	*left = slot->own.count;
	leave(by, slot);
	return freed;
}

/* All in chunks, as pcp_lock, with the first look inside the lock. */
static unsigned int buddy_drain(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	const struct pcp_rules *rules = slot->zone->pcp_rules;
	unsigned int freed = 0;
	int left;

	if (pages)
		return drain_chunk(by, slot, (int)pages, &left);
	do
		freed += drain_chunk(by, slot,
			rules->drain_chunk(
				atomic_load_relaxed_s32(&slot->batch)),
			&left);
	while (left);
	return freed;
}

static void buddy_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct pcp_cursor at = {0};
	struct pcp_slot *slot;

	while ((slot = pcp_next_slot(set, drain, &at)))
		drain->pages += buddy_drain(drain->by, slot, 0);
}

/*
 * In one hold, so that no free of another CPU comes between the last page and the
 * release: what finds the list after it looks for the owner again.
 */
static void buddy_cpu_offline(struct pcp_set *set, struct cpu *cpu)
{
	for (unsigned int i = 0; i < set->nr_zones; i++) {
		struct pcp_slot *slot = &set->slots[cpu->id][i];

		wait_enter(cpu, slot);
		if (slot->own.count)
			pieces_give_back(cpu, slot, slot->own.count, false);
		if (!MUTANT(BUDDY_OWNER_KEPT)) {
			zone_lock_irqsave(cpu, slot->zone);
			block_release_all(slot);
			zone_unlock_irqrestore(cpu, slot->zone);
		}
		leave(cpu, slot);
	}
}

/* --- memory --------------------------------------------------------------- */

static size_t nr_blocks(const struct zone *zone)
{
	return zone_block_index(zone, zone->start_pfn + zone->spanned) + 1;
}

/* Frees that go past the lists: of ISOLATE blocks, and those that may not wait. */
static void came_back(void *owners, uint64_t pfn)
{
	block_returned(owners, pfn);
}

static int map_owners(struct pcp_set *set, struct pcp_buddy *state)
{
	struct block_owner *at;
	size_t nr = 0;

	for (unsigned int i = 0; i < set->nr_zones; i++)
		nr += nr_blocks(set->slots[0][i].zone);
	state->blocks_size = nr * sizeof(state->blocks[0]);
	state->blocks = memory_map_sparse(state->blocks_size);
	state->owners = calloc(set->nr_zones, sizeof(state->owners[0]));
	if (!state->blocks || !state->owners)
		return -ENOMEM;
	at = state->blocks;
	for (unsigned int i = 0; i < set->nr_zones; i++) {
		struct zone *zone = set->slots[0][i].zone;

		state->owners[i] = (struct block_owners){
			zone, set->slots, at, nr_blocks(zone)};
		zone->came_back_arg = &state->owners[i];
		zone->came_back = came_back;
		at += nr_blocks(zone);
	}
	return 0;
}

static int buddy_init(struct pcp_set *set)
{
	struct pcp_buddy *state = calloc(1, sizeof(*state));
	struct pieces *at;

	set->state = state;
	if (!state || map_owners(set, state))
		return -ENOMEM;
	at = memory_alloc_aligned(
		set->smp->nr * set->nr_zones * sizeof(state->pieces[0]));
	state->pieces = at;
	if (!at)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++, at++) {
			at->owners = &state->owners[i];
			set->slots[cpu][i].private = at;
		}
	return 0;
}

static void buddy_fini(struct pcp_set *set)
{
	struct pcp_buddy *state = set->state;

	if (!state)
		return;
	memory_unmap(state->blocks, state->blocks_size);
	free(state->owners);
	free(state->pieces);
	free(state);
}

/* The kernel's record of a pageblock is not known. */
static void buddy_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	const struct pcp_buddy *state = set->state;

	memory->here.list = sizeof(set->slots[0]->lock) +
			    sizeof(set->slots[0]->private) +
			    sizeof(state->pieces[0]);
	memory->here.machine = pcp_mask_size(set) + sizeof(*state) +
			       set->nr_zones * sizeof(state->owners[0]) +
			       state->blocks_size;
	memory->kernel_known = false;
}

static const struct pcp_owner_ops buddy_owner = {
	.guard = PCP_GUARD_pieces,
	.alloc = buddy_alloc,
	.alloc_bulk = buddy_alloc_bulk,
	.free = buddy_free_block,
	.free_batch = buddy_free_batch,
	.drain_own = buddy_drain,
};

const struct pcp_drain_ops pcp_buddy_ops = {
	.name = "pcp_buddy",
	.owner = &buddy_owner,
	.reaches_others = true,
	.drain_mask = buddy_drain_mask,
	.memory = buddy_memory,
	.init = buddy_init,
	.fini = buddy_fini,
	.cpu_offline = buddy_cpu_offline,
	.lists = &pieces_lists,
};
