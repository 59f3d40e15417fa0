/* SPDX-License-Identifier: MIT */
/*
 * Slabs and sheaves (pcpmm/slab.h).
 *
 *   slab_list.c   slabs, and the lists that they are on
 *   sheaf.c       a CPU's free objects, and flushes
 *   slab.c        caches, and the public calls
 *
 * At rest, for each cache:
 *
 *   nr_slabs * per_slab = held + objects in sheaves + free objects in slabs
 *   a slab is on the list SLABS_WITH_FREE if and only if it has a free object
 *
 * Who may change what:
 *
 *   sheaf k          its pwlock (cpu/pwlock.h)
 *   slabs, lists     the cache's lock, inside a sheaf's; a slab exists while its
 *                    page does, and the page goes back only if all are free
 *   held[] of a slab the holder of the object, or who has it from a list
 */
#ifndef SERVICE_SLAB_H
#define SERVICE_SLAB_H

#include <pcpmm/slab.h>

#include "machine/machine.h"

#define SLAB_OBJECTS_MAX (4096 / PCPMM_SLAB_SIZE_MIN)

enum slab_list {
	SLABS_WITH_FREE, /* from which objects are taken */
	SLABS_ALL,
	NR_SLAB_LISTS
};

struct slab {
	uint64_t free; /* bit i: object i is free here */
	struct slab_links {
		uint32_t next, prev; /* pfn; 0: the end */
	} links[NR_SLAB_LISTS];
	uint8_t exists; /* any thread reads it */
	uint8_t held[SLAB_OBJECTS_MAX]; /* 1: the program has the object */
};

struct sheaf {
	struct spinlock lock; /* with the key on */
	uint32_t nr; /* read racily: a flush may miss what comes later */
	uint64_t busy; /* owner; relaxed */
	uint64_t objects[PCPMM_SHEAF_MAX];
} cacheline_aligned;

struct pcpmm_slab_cache {
	/* Constant. */
	struct pcpmm_machine *machine;
	unsigned int size, per_slab, capacity;
	struct slab *slabs; /* [pfn], lazily touched */
	size_t slabs_size;
	struct sheaf *sheaves; /* [cpu] */
	struct pwlock pw; /* of the sheaves */

	struct pw_runner runner; /* flush_mutex */
	struct mutex flush_mutex; /* ranks as the machine's config_lock */
	struct pcpmm_slab_cache *next; /* of the machine's; config_lock */
	uint64_t flushes; /* relaxed adds */

	struct spinlock lock;
	uint32_t first[NR_SLAB_LISTS]; /* pfn; lock */
	uint64_t nr_slabs, nr_free; /* lock; read racily */
} cacheline_aligned;

/* --- slab_list.c ------------------------------------------------------------- */

static inline uint64_t slab_full_mask(const struct pcpmm_slab_cache *cache)
{
	return UINT64_MAX >> (64 - cache->per_slab);
}

/* Make a slab of @page, which the caller holds. */
void slab_add(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	const struct pcpmm_page *page);
/* Take up to @nr free objects. Number taken. */
unsigned int slab_take(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	uint64_t *objects, unsigned int nr);
void slab_put(struct pcpmm_slab_cache *cache, struct cpu *cpu,
	const uint64_t *objects, unsigned int nr);
/* A slab without an object elsewhere is one no more: its pfn, which is the caller's
 * then; 0: there is none. */
uint32_t slab_remove_empty(struct pcpmm_slab_cache *cache, struct cpu *cpu);
/* The mark of an object; NULL: this cache has no such object. */
uint8_t *slab_mark_of(struct pcpmm_slab_cache *cache, uint64_t object);

/* --- sheaf.c ----------------------------------------------------------------- */

/* -ENOMEM or 0. */
int sheaves_init(struct pcpmm_slab_cache *cache);
void sheaves_fini(struct pcpmm_slab_cache *cache);
/* An object off a list; 0: there is none on the CPU's nor on the shared one. */
uint64_t sheaf_take(struct pcpmm_slab_cache *cache, struct cpu *cpu);
void sheaf_put(
	struct pcpmm_slab_cache *cache, struct cpu *cpu, uint64_t object);
/* Empty the sheaf of CPU @id; @cache: struct pcpmm_slab_cache. */
void sheaf_flush(struct cpu *by, unsigned int id, void *cache);
/* Those of all online CPUs. Under flush_mutex. */
int sheaves_flush(struct pcpmm_slab_cache *cache, struct pcpmm_cpu *on);
uint64_t sheaves_objects(const struct pcpmm_slab_cache *cache);
uint64_t sheaves_busy(const struct pcpmm_slab_cache *cache);

/* --- slab.c ------------------------------------------------------------------ */

/* @on has taken CPU @id down. Under config_lock. */
void slab_cpu_offline(struct pcpmm_cpu *on, unsigned int id);
/* The equations above, for all caches. At rest. 0 or -EUCLEAN. */
int slab_check(const struct pcpmm_machine *machine, struct pcpmm_error *error);
void slab_destroy_all(struct pcpmm_machine *machine);

#endif
