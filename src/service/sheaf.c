/* SPDX-License-Identifier: MIT */
/* A CPU's free objects, and who empties them; see slab.h. */
#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "cpu/cpumask.h"
#include "service/slab.h"

int sheaves_init(struct pcpmm_slab_cache *cache)
{
	struct pcpmm_machine *machine = cache->machine;

	cache->sheaves = memory_alloc_aligned(
		machine->smp.nr * sizeof(cache->sheaves[0]));
	if (!cache->sheaves)
		return -ENOMEM;
	cache->pw = (struct pwlock){
		.locks = (char *)&cache->sheaves[0].lock,
		.stride = sizeof(cache->sheaves[0]),
		.rank = LOCK_RANK_SHEAF,
		.key = machine->pwlocks,
	};
	cache->runner = (struct pw_runner){
		.fn = sheaf_flush,
		.arg = cache,
		.workqueues = &machine->workqueues,
		.nr_cpus = machine->smp.nr,
		.key = machine->pwlocks,
	};
	return 0;
}

void sheaves_fini(struct pcpmm_slab_cache *cache)
{
	pw_runner_fini(&cache->runner);
	free(cache->sheaves);
}

/* --- the owner ------------------------------------------------------------------ */

/* NULL: another CPU has the sheaf. */
static struct sheaf *try_begin(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	struct sheaf *sheaf = &cache->sheaves[cpu->id];

	if (MUTANT(SHEAF_OWNER_LOCAL)) {
		irq_save(cpu);
		return sheaf;
	}
	if (likely(pw_trylock(&cache->pw, cpu, cpu->id)))
		return sheaf;
	atomic_store_relaxed_u64(&sheaf->busy, sheaf->busy + 1);
	return NULL;
}

static void end(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	if (MUTANT(SHEAF_OWNER_LOCAL))
		irq_restore(cpu);
	else
		pw_unlock(&cache->pw, cpu, cpu->id);
}

static void set_nr(struct sheaf *sheaf, unsigned int nr)
{
	atomic_store_relaxed_u32(&sheaf->nr, nr);
}

uint64_t sheaf_take(struct pcpmm_slab_cache *cache, struct cpu *cpu)
{
	struct sheaf *sheaf = try_begin(cache, cpu);
	uint64_t object = 0;

	if (unlikely(!sheaf)) {
		slab_take(cache, cpu, &object, 1);
		return object;
	}
	if (!sheaf->nr)
		set_nr(sheaf, slab_take(cache, cpu, sheaf->objects,
				      cache->capacity / 2));
	if (sheaf->nr) {
		object = sheaf->objects[sheaf->nr - 1];
		set_nr(sheaf, sheaf->nr - 1);
	}
	end(cache, cpu);
	return object;
}

void sheaf_put(struct pcpmm_slab_cache *cache, struct cpu *cpu, uint64_t object)
{
	struct sheaf *sheaf = try_begin(cache, cpu);

	if (unlikely(!sheaf)) {
		slab_put(cache, cpu, &object, 1);
		return;
	}
	if (sheaf->nr == cache->capacity) {
		unsigned int kept = cache->capacity / 2;

		slab_put(cache, cpu, &sheaf->objects[kept], sheaf->nr - kept);
		set_nr(sheaf, kept);
	}
	sheaf->objects[sheaf->nr] = object;
	set_nr(sheaf, sheaf->nr + 1);
	end(cache, cpu);
}

/* --- flushes -------------------------------------------------------------------- */

void sheaf_flush(struct cpu *by, unsigned int id, void *arg)
{
	struct pcpmm_slab_cache *cache = arg;
	unsigned int target = MUTANT(SHEAF_FLUSHES_CALLER) ? by->id : id;
	struct sheaf *sheaf = &cache->sheaves[target];

	pw_lock(&cache->pw, by, target);
	slab_put(cache, by, sheaf->objects, sheaf->nr);
	MUTANT_WINDOW(SHEAF_OWNER_LOCAL);
	set_nr(sheaf, 0);
	pw_unlock(&cache->pw, by, target);
}

int sheaves_flush(struct pcpmm_slab_cache *cache, struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = cache->machine;
	uint64_t asked[MASK_WORDS] = {0};
	int ret;

	for (unsigned int id = 0; id < machine->smp.nr; id++)
		if (machine_cpu_online(machine, id) &&
			atomic_load_relaxed_u32(&cache->sheaves[id].nr))
			cpumask_set(asked, id, true);
	ret = pw_run(&cache->runner, &on->base, asked);
	if (!ret)
		atomic_add_relaxed_u64(&cache->flushes, 1);
	return ret;
}

/* --- sums ------------------------------------------------------------------------ */

uint64_t sheaves_objects(const struct pcpmm_slab_cache *cache)
{
	uint64_t objects = 0;

	for (unsigned int id = 0; id < cache->machine->smp.nr; id++)
		objects += atomic_load_relaxed_u32(&cache->sheaves[id].nr);
	return objects;
}

uint64_t sheaves_busy(const struct pcpmm_slab_cache *cache)
{
	uint64_t busy = 0;

	for (unsigned int id = 0; id < cache->machine->smp.nr; id++)
		busy += atomic_load_relaxed_u64(&cache->sheaves[id].busy);
	return busy;
}
