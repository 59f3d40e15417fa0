/* SPDX-License-Identifier: MIT */
/*
 * Draining the batches before LRU lists: the own one, or all CPUs', by axis
 * lru_drain (docs/pwlocks.md).
 *
 *   work         work items on mm_percpu_wq, which wait in the CPUs' pools with
 *                drains of page lists and with everybody else's items
 *   pwlocks      the caller runs what the item would: "queue_on" is a call, and
 *                there is nothing to flush
 *   user_return  items for housekeeping CPUs; nohz_full ones drain themselves
 *
 * Callers share rounds: a round that began after a caller asked has seen all that
 * the caller has added.
 */
#include <errno.h>
#include <pcpmm/reclaim.h>

#include "cpu/copy.h"
#include "machine/refuse.h"
#include "reclaim/lru_batch.h"
#include "service/lru_drain.h"

/* lru_add_drain_per_cpu() */
static void drain_cpu(struct cpu *by, unsigned int id, void *arg)
{
	struct pcpmm_machine *machine = arg;

	lru_batch_drain(&machine->reclaim, by, id);
}

void lru_drain_init(struct pcpmm_machine *machine)
{
	machine->lru_drain.runner = (struct pw_runner){
		.fn = drain_cpu,
		.arg = machine,
		.workqueues = &machine->workqueues,
		.nr_cpus = machine->smp.nr,
		.key = machine->pwlocks,
	};
}

/* Posted for isolated CPUs: not asked, even if the caller forces all. */
static bool is_skipped(const struct pcpmm_machine *machine, unsigned int id)
{
	return machine->config.lru_drain == PCPMM_LRU_DRAIN_USER_RETURN &&
	       atomic_load_relaxed_u8(&machine->smp.cpu[id]->nohz_full);
}

/* The CPUs of a round. */
static void choose(struct pcpmm_machine *machine, bool force, uint64_t *asked)
{
	struct pcpmm_lru_drain_stats *stats = &machine->lru_drain.stats;

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		if (!machine_cpu_online(machine, id) ||
			(!force && !lru_batch_pages(&machine->reclaim, id)))
			continue;
		if (is_skipped(machine, id))
			atomic_add_relaxed_u64(&stats->skipped, 1);
		else
			cpumask_set(asked, id, true);
	}
}

static int one_round(struct pcpmm_cpu *on, bool force)
{
	struct pcpmm_machine *machine = on->machine;
	uint64_t asked[MASK_WORDS] = {0};
	int ret;

	choose(machine, force, asked);
	ret = pw_run(&machine->lru_drain.runner, &on->base, asked);
	if (!ret)
		atomic_add_relaxed_u64(&machine->lru_drain.stats.rounds, 1);
	return ret;
}

/*
 * [lru.ask] full, pairs with [lru.round]: pages that this thread, or one that it
 * knows of, has added before; the round that raises the generation looks for pages
 * afterwards. So a generation that was raised while the caller waited for the mutex
 * was raised by a round that has seen them.
 */
int pcpmm_lru_add_drain_all(struct pcpmm_cpu *on, bool force)
{
	struct pcpmm_machine *machine = on->machine;
	struct lru_drain *drain = &machine->lru_drain;
	int ret = machine_check_waits(on, "drains LRU batches");
	uint32_t generation;

	if (ret)
		return ret;
	atomic_fence_seq_cst();
	generation = atomic_load_acquire_u32(&drain->generation);
	mutex_lock(&drain->mutex);
	if (generation != drain->generation && !force) {
		atomic_add_relaxed_u64(&drain->stats.shared, 1);
	} else {
		atomic_store_relaxed_u32(
			&drain->generation, drain->generation + 1);
		/* [lru.round] full, pairs with [lru.ask]. */
		atomic_fence_seq_cst();
		ret = one_round(on, force);
	}
	mutex_unlock(&drain->mutex);
	return ret;
}

void pcpmm_lru_drain_stats_read(const struct pcpmm_machine *machine,
	struct pcpmm_lru_drain_stats *stats)
{
	const struct pw_runner *runner = &machine->lru_drain.runner;

	copy_words(stats, &machine->lru_drain.stats, sizeof(*stats));
	stats->works = atomic_load_relaxed_u64(&runner->works);
	stats->remote = atomic_load_relaxed_u64(&runner->remote);
}

int pcpmm_lru_add_drain(struct pcpmm_cpu *cpu)
{
	int ret = machine_check_owner(cpu, "drains its LRU batch");

	return ret ? ret
		   : (int)lru_batch_drain(
			     &cpu->machine->reclaim, &cpu->base, cpu->base.id);
}

/* For the task that added, as posted; here for the CPU: tasks do not migrate. */
void lru_drain_for_user(struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (is_skipped(machine, cpu->base.id) &&
		lru_batch_drain(&machine->reclaim, &cpu->base, cpu->base.id))
		atomic_add_relaxed_u64(
			&machine->lru_drain.stats.user_returns, 1);
}
