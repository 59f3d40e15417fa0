/* SPDX-License-Identifier: MIT */
/* Caches of objects: the public calls; see slab.h. */
#include "service/slab.h"

#include <errno.h>
#include <inttypes.h>
#include <pcpmm/alloc.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "arch/memory.h"
#include "cpu/entry.h"
#include "machine/error.h"
#include "machine/refuse.h"

/* --- creation ---------------------------------------------------------------- */

static struct pcpmm_slab_cache *refuse(
	struct pcpmm_machine *machine, int reason, const char *why)
{
	return machine_refuse_create(machine, "a slab cache", reason, why);
}

static bool is_valid(unsigned int size, unsigned int capacity)
{
	return size >= PCPMM_SLAB_SIZE_MIN && size <= PCPMM_SLAB_SIZE_MAX &&
	       size % 8 == 0 && capacity >= 2 && capacity <= PCPMM_SHEAF_MAX &&
	       capacity % 2 == 0;
}

static void destroy(struct pcpmm_slab_cache *cache)
{
	sheaves_fini(cache);
	memory_unmap(cache->slabs, cache->slabs_size);
	mutex_fini(&cache->flush_mutex);
	free(cache);
}

struct pcpmm_slab_cache *pcpmm_slab_create(
	struct pcpmm_machine *machine, unsigned int size, unsigned int capacity)
{
	struct pcpmm_slab_cache *cache;

	if (!is_valid(size, capacity))
		return refuse(machine, EINVAL, "the size or the capacity");
	if (sched_is_atomic())
		return refuse(machine, EINVAL, "interrupts are off");
	cache = memory_alloc_aligned(sizeof(*cache));
	if (!cache)
		return refuse(machine, ENOMEM, "no memory");
	cache->machine = machine;
	cache->size = size;
	cache->per_slab = (1u << PCPMM_PAGE_SHIFT) / size;
	cache->capacity = capacity;
	mutex_init(&cache->flush_mutex);
	cache->slabs_size = machine->zones.end_pfn * sizeof(struct slab);
	cache->slabs = memory_map_sparse(cache->slabs_size);
	if (!cache->slabs || sheaves_init(cache)) {
		destroy(cache);
		return refuse(machine, ENOMEM, "no memory");
	}
	mutex_lock(&machine->config_lock);
	cache->next = machine->slab_caches;
	machine->slab_caches = cache;
	mutex_unlock(&machine->config_lock);
	return cache;
}

static void forget(struct pcpmm_slab_cache *cache)
{
	struct pcpmm_machine *machine = cache->machine;
	struct pcpmm_slab_cache **link = &machine->slab_caches;

	mutex_lock(&machine->config_lock);
	while (*link != cache)
		link = &(*link)->next;
	*link = cache->next;
	mutex_unlock(&machine->config_lock);
}

int pcpmm_slab_destroy(struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache)
{
	int pages = pcpmm_slab_shrink(on, cache);

	if (pages < 0)
		return pages;
	if (cache->nr_slabs) {
		machine_refuse(cache->machine, MISUSE_BAD_ARGUMENT,
			"a slab cache is destroyed, and %" PRIu64
			" of its pages have objects in use",
			cache->nr_slabs);
		return -EBUSY;
	}
	forget(cache);
	destroy(cache);
	return 0;
}

/* At rest; the pages go with the machine. */
void slab_destroy_all(struct pcpmm_machine *machine)
{
	while (machine->slab_caches) {
		struct pcpmm_slab_cache *cache = machine->slab_caches;

		machine->slab_caches = cache->next;
		destroy(cache);
	}
}

/* --- objects ------------------------------------------------------------------ */

/* One more slab. false: no page. */
static bool grow(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint32_t gfp)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, 0);

	if (page)
		slab_add(cache, &cpu->base, page);
	return page;
}

/* Another CPU may take what this one has grown: then it grows again. */
uint64_t pcpmm_slab_alloc(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint32_t gfp)
{
	uint64_t object;

	if (unlikely(machine_check_owner(cpu, "allocates an object")))
		return 0;
	while (unlikely(!(object = sheaf_take(cache, &cpu->base))))
		if (!grow(cpu, cache, gfp))
			return 0;
	atomic_store_relaxed_u8(slab_mark_of(cache, object), 1);
	return object;
}

static int refuse_free(struct pcpmm_slab_cache *cache, uint64_t object,
	enum misuse misuse, const char *why)
{
	machine_refuse(
		cache->machine, misuse, "object %#" PRIx64 " %s", object, why);
	return -EINVAL;
}

int pcpmm_slab_free(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint64_t object)
{
	int ret = machine_check_owner(cpu, "frees an object");
	uint8_t *mark;

	if (unlikely(ret))
		return ret;
	mark = slab_mark_of(cache, object);
	if (unlikely(!mark))
		return refuse_free(cache, object, MISUSE_FOREIGN_PAGE,
			"is none of this cache");
	if (unlikely(!atomic_load_relaxed_u8(mark)))
		return refuse_free(
			cache, object, MISUSE_DOUBLE_FREE, "is free");
	atomic_store_relaxed_u8(mark, 0);
	sheaf_put(cache, &cpu->base, object);
	return 0;
}

/* --- flushes -------------------------------------------------------------------- */

int pcpmm_slab_flush(struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache)
{
	int ret = machine_check_waits(on, "flushes sheaves");

	if (ret)
		return ret;
	mutex_lock(&cache->flush_mutex);
	ret = sheaves_flush(cache, on);
	mutex_unlock(&cache->flush_mutex);
	return ret;
}

int pcpmm_slab_shrink(struct pcpmm_cpu *on, struct pcpmm_slab_cache *cache)
{
	int ret = pcpmm_slab_flush(on, cache), pages = 0;
	uint32_t pfn;

	if (ret)
		return ret;
	while ((pfn = slab_remove_empty(cache, &on->base))) {
		pcpmm_free_pages(on, &cache->machine->zones.memmap[pfn], 0);
		pages++;
	}
	return pages;
}

void slab_cpu_offline(struct pcpmm_cpu *on, unsigned int id)
{
	for (struct pcpmm_slab_cache *cache = on->machine->slab_caches; cache;
		cache = cache->next)
		sheaf_flush(&on->base, id, cache);
}

/* --- statistics and checks ------------------------------------------------------- */

void pcpmm_slab_stats_read(
	const struct pcpmm_slab_cache *cache, struct pcpmm_slab_stats *stats)
{
	uint64_t pages = atomic_load_relaxed_u64(&cache->nr_slabs);

	*stats = (struct pcpmm_slab_stats){
		.pages = pages,
		.objects = pages * cache->per_slab,
		.sheaved = sheaves_objects(cache),
		.shared = atomic_load_relaxed_u64(&cache->nr_free),
		.flushes = atomic_load_relaxed_u64(&cache->flushes),
		.works = atomic_load_relaxed_u64(&cache->runner.works),
		.remote = atomic_load_relaxed_u64(&cache->runner.remote),
		.busy = sheaves_busy(cache),
	};
	stats->held = stats->objects - stats->sheaved - stats->shared;
}

/* What the slabs themselves say. */
struct tally {
	uint64_t slabs, held, free;
	bool strayed; /* a slab whose page is not held */
};

static void tally_slab(
	const struct pcpmm_slab_cache *cache, uint32_t pfn, struct tally *tally)
{
	const struct slab *slab = &cache->slabs[pfn];
	const struct pcpmm_page *page = &cache->machine->zones.memmap[pfn];

	tally->slabs++;
	tally->free += nr_bits(slab->free);
	for (unsigned int i = 0; i < cache->per_slab; i++)
		tally->held += slab->held[i];
	tally->strayed |= !slab->exists || !frame_heads(page, FRAME_HELD, 0);
}

/* At most as far as their number says: the list may be a circle. */
static struct tally tally_slabs(const struct pcpmm_slab_cache *cache)
{
	struct tally tally = {0};
	uint32_t pfn = cache->first[SLABS_ALL];

	for (; pfn && tally.slabs <= cache->nr_slabs;
		pfn = cache->slabs[pfn].links[SLABS_ALL].next)
		tally_slab(cache, pfn, &tally);
	return tally;
}

static int check(
	const struct pcpmm_slab_cache *cache, struct pcpmm_error *error)
{
	struct tally tally = tally_slabs(cache);
	uint64_t sheaved = sheaves_objects(cache);

	if (tally.slabs == cache->nr_slabs && tally.free == cache->nr_free &&
		!tally.strayed &&
		tally.slabs * cache->per_slab ==
			tally.held + sheaved + tally.free)
		return 0;
	return error_set(error, -EUCLEAN,
		"objects of %u bytes: %" PRIu64 " slabs of %u%s, %" PRIu64
		" held, %" PRIu64 " in sheaves, %" PRIu64
		" free; counted %" PRIu64 " slabs, %" PRIu64 " free",
		cache->size, tally.slabs, cache->per_slab,
		tally.strayed ? ", some on pages that are not held" : "",
		tally.held, sheaved, tally.free, cache->nr_slabs,
		cache->nr_free);
}

int slab_check(const struct pcpmm_machine *machine, struct pcpmm_error *error)
{
	int ret = 0;

	for (const struct pcpmm_slab_cache *cache = machine->slab_caches;
		!ret && cache; cache = cache->next)
		ret = check(cache, error);
	return ret;
}
