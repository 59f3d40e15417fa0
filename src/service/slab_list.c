/* SPDX-License-Identifier: MIT */
/* Slabs, and the lists that they are on; see slab.h. */
#include "service/slab.h"

#include "arch/bits.h"
#include "cpu/irq_lock.h"

static void lock(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	lock_irqsave(cpu, &cache->lock, LOCK_RANK_SLAB);
}

static void unlock(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	lock_irqrestore(cpu, &cache->lock, LOCK_RANK_SLAB);
}

/* --- under the lock ------------------------------------------------------------ */

static void link_first(
	struct pcpmm_slab_cache *cache, enum slab_list list, uint32_t pfn)
{
	struct slab_links *links = &cache->slabs[pfn].links[list];

	links->prev = 0;
	links->next = cache->first[list];
	if (links->next)
		cache->slabs[links->next].links[list].prev = pfn;
	cache->first[list] = pfn;
}

static void unlink_slab(
	struct pcpmm_slab_cache *cache, enum slab_list list, uint32_t pfn)
{
	const struct slab_links *links = &cache->slabs[pfn].links[list];

	if (links->prev)
		cache->slabs[links->prev].links[list].next = links->next;
	else
		cache->first[list] = links->next;
	if (links->next)
		cache->slabs[links->next].links[list].prev = links->prev;
}

static void add_free(struct pcpmm_slab_cache *cache, int64_t nr)
{
	atomic_store_relaxed_u64(
		&cache->nr_free, cache->nr_free + (uint64_t)nr);
}

static void add_slabs(struct pcpmm_slab_cache *cache, int64_t nr)
{
	atomic_store_relaxed_u64(
		&cache->nr_slabs, cache->nr_slabs + (uint64_t)nr);
	add_free(cache, nr * (int64_t)cache->per_slab);
}

static uint64_t take_from(struct pcpmm_slab_cache *cache, uint32_t pfn)
{
	struct slab *slab = &cache->slabs[pfn];
	unsigned int i = lowest_bit(slab->free);

	slab->free &= slab->free - 1;
	if (!slab->free)
		unlink_slab(cache, SLABS_WITH_FREE, pfn);
	return ((uint64_t)pfn << PCPMM_PAGE_SHIFT) + (uint64_t)i * cache->size;
}

static void put_back(struct pcpmm_slab_cache *cache, uint64_t object)
{
	uint32_t pfn = (uint32_t)(object >> PCPMM_PAGE_SHIFT);
	struct slab *slab = &cache->slabs[pfn];
	uint64_t offset = object & ((1u << PCPMM_PAGE_SHIFT) - 1);

	if (!slab->free)
		link_first(cache, SLABS_WITH_FREE, pfn);
	slab->free |= 1ULL << offset / cache->size;
}

/* --- operations ---------------------------------------------------------------- */

void slab_add(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	const struct pcpmm_page *page)
{
	uint32_t pfn = (uint32_t)(page - cache->machine->zones.memmap);

	lock(cache, cpu);
	cache->slabs[pfn].free = slab_full_mask(cache);
	atomic_store_relaxed_u8(&cache->slabs[pfn].exists, 1);
	link_first(cache, SLABS_WITH_FREE, pfn);
	link_first(cache, SLABS_ALL, pfn);
	add_slabs(cache, 1);
	unlock(cache, cpu);
}

unsigned int slab_take(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	uint64_t *objects, unsigned int nr)
{
	unsigned int got = 0;

	lock(cache, cpu);
	while (got < nr && cache->first[SLABS_WITH_FREE])
		objects[got++] =
			take_from(cache, cache->first[SLABS_WITH_FREE]);
	add_free(cache, -(int64_t)got);
	unlock(cache, cpu);
	return got;
}

void slab_put(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	const uint64_t *objects, unsigned int nr)
{
	lock(cache, cpu);
	for (unsigned int i = 0; i < nr; i++)
		put_back(cache, objects[i]);
	add_free(cache, nr);
	unlock(cache, cpu);
}

uint32_t slab_remove_empty(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	uint32_t pfn;

	lock(cache, cpu);
	pfn = cache->first[SLABS_WITH_FREE];
	while (pfn && cache->slabs[pfn].free != slab_full_mask(cache))
		pfn = cache->slabs[pfn].links[SLABS_WITH_FREE].next;
	if (pfn) {
		unlink_slab(cache, SLABS_WITH_FREE, pfn);
		unlink_slab(cache, SLABS_ALL, pfn);
		cache->slabs[pfn].free = 0;
		atomic_store_relaxed_u8(&cache->slabs[pfn].exists, 0);
		add_slabs(cache, -1);
	}
	unlock(cache, cpu);
	return pfn;
}

/* exists is racy for an object that nobody holds: misuse, which may be missed. */
uint8_t *slab_mark_of(struct pcpmm_slab_cache *cache, uint64_t object)
{
	uint64_t pfn = object >> PCPMM_PAGE_SHIFT;
	uint64_t offset = object & ((1u << PCPMM_PAGE_SHIFT) - 1);

	if (pfn >= cache->machine->zones.end_pfn || offset % cache->size ||
		offset / cache->size >= cache->per_slab ||
		!atomic_load_relaxed_u8(&cache->slabs[pfn].exists))
		return NULL;
	return &cache->slabs[pfn].held[offset / cache->size];
}
