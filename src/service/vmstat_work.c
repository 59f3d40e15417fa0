/* SPDX-License-Identifier: MIT */
/* A CPU's vmstat work; see vmstat_work.h. */
#include "service/vmstat_work.h"

#include <stdlib.h>

#include "cpu/timer.h"
#include "machine/numa.h"
#include "service/fold.h"
#include "service/shepherd.h"
#include "service/tick.h"

/* need_update: some diff of a populated zone, or of its node, is not 0; in 5.10
 * NUMA events count in place of the node's. */
static bool has_diffs(const struct pcpmm_machine *machine, unsigned int id)
{
	bool numa = machine->config.need_update == PCPMM_NEED_UPDATE_ZONE_NUMA;
	unsigned int last = UINT32_MAX;

	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		const struct zone *zone = machine->zones.zone[i];

		if (vmstat_needs_fold(&zone->stat, id))
			return true;
		if (numa) {
			if (numa_has_diffs(&machine->cpus[id], i))
				return true;
			continue;
		}
		if (zone->nid != last &&
			vmstat_needs_fold(&machine->nodes[zone->nid].stat, id))
			return true;
		last = zone->nid;
	}
	return false;
}

bool vmstat_needs_update(const struct pcpmm_machine *machine, unsigned int id)
{
	if (vmstat_marks_dirty(machine))
		return atomic_load_relaxed_u8(
			&machine->cpus[id].base.stat_dirty);
	return has_diffs(machine, id);
}

unsigned int vmstat_fold_here(struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = cpu->machine;
	unsigned int changes = fold_own(cpu, true);

	atomic_add_relaxed_u64(&machine->fold_stats.changes, changes);
	return changes;
}

/* --- the item ------------------------------------------------------------ */

static void queue(struct vmstat_work *work)
{
	atomic_add_relaxed_u64(&work->cpu->machine->fold_stats.works, 1);
	work_queue(&work->update);
}

/* vmstat_update(), on the CPU itself. */
static void vmstat_update(struct cpu *base, void *arg)
{
	struct vmstat_work *work = arg;
	struct pcpmm_cpu *cpu = machine_cpu(base);

	atomic_store_relaxed_u32(&work->running, 1);
	/* [vmstat.armed] release, pairs with [vmstat.look]: the item has begun,
	 * so that it may be queued again. */
	atomic_store_release_u32(&work->pending, PENDING_NOT);
	if (vmstat_fold_here(cpu) && vmstat_work_delay(work))
		atomic_add_relaxed_u64(&cpu->machine->fold_stats.requeues, 1);
	atomic_store_relaxed_u32(&work->running, 0);
}

static void refresh_vm_stats(struct cpu *cpu, void *arg)
{
	(void)arg;
	vmstat_fold_here(machine_cpu(cpu));
}

/* Under the timer lock, which vmstat_work_stop() takes after the shepherd has
 * stopped: what is queued here is waited for. */
static void on_timer(struct timer *timer)
{
	struct vmstat_work *work =
		container_of(timer, struct vmstat_work, timer);
	bool runs = shepherd_runs(work->cpu->machine);

	atomic_store_relaxed_u32(
		&work->pending, runs ? PENDING_QUEUED : PENDING_NOT);
	if (runs)
		queue(work);
}

/* [vmstat.look] acquire, pairs with [vmstat.armed]. */
static bool set_pending(struct vmstat_work *work, enum vmstat_pending pending)
{
	uint32_t not = PENDING_NOT;

	return atomic_cmpxchg_acquire_u32(&work->pending, &not, pending);
}

bool vmstat_work_queue(struct vmstat_work *work)
{
	if (!set_pending(work, PENDING_QUEUED))
		return false;
	queue(work);
	return true;
}

/*
 * To 6.8 the timer lies on the CPU that starts it, which is the item's own; from
 * 6.9 on (aae17ebb53cd) on a housekeeping CPU.
 */
static unsigned int timer_base(const struct vmstat_work *work)
{
	const struct pcpmm_machine *machine = work->cpu->machine;

	if (machine->config.fold_timer == PCPMM_FOLD_TIMER_HOUSEKEEPING)
		return tick_housekeeping_cpu(machine, work->cpu->base.id);
	return work->cpu->base.id;
}

uint64_t vmstat_interval(const struct pcpmm_machine *machine)
{
	return (uint64_t)HZ * (uint64_t)atomic_load_relaxed_s32(
				      &machine->config.sysctl.stat_interval);
}

/* Ticks to the item's next run. */
static uint64_t next_run(const struct vmstat_work *work)
{
	const struct pcpmm_machine *machine = work->cpu->machine;
	uint64_t interval = vmstat_interval(machine);

	if (machine->config.fold_requeue == PCPMM_FOLD_REQUEUE_SPREAD)
		return timers_spread(
			&machine->timers, interval, work->cpu->base.id);
	return timers_round(&machine->timers, interval);
}

bool vmstat_work_delay(struct vmstat_work *work)
{
	struct pcpmm_machine *machine = work->cpu->machine;

	if (!shepherd_runs(machine) ||
		!machine_cpu_online(machine, work->cpu->base.id) ||
		!set_pending(work, PENDING_TIMER))
		return false;
	timer_add(&machine->timers, &work->timer, timer_base(work),
		next_run(work));
	return true;
}

void vmstat_work_cancel(struct vmstat_work *work)
{
	if (timer_del(&work->cpu->machine->timers, &work->timer))
		atomic_store_relaxed_u32(&work->pending, PENDING_NOT);
}

void vmstat_work_flush(struct vmstat_work *work)
{
	work_flush(&work->update);
}

/* --- creation and stop --------------------------------------------------- */

struct vmstat_work *vmstat_works_create(struct pcpmm_machine *machine)
{
	struct vmstat_work *works = calloc(machine->smp.nr, sizeof(works[0]));
	struct workqueue *wq = &machine->workqueues.mm_percpu;

	for (unsigned int id = 0; works && id < machine->smp.nr; id++) {
		struct vmstat_work *work = &works[id];

		work->cpu = &machine->cpus[id];
		work->timer =
			(struct timer){.fn = on_timer, .deferrable = true};
		work_init(&work->update, wq, id, vmstat_update, work);
		work_init(&work->refresh, wq, id, refresh_vm_stats, NULL);
	}
	return works;
}

/* A timer may still have been started by who saw the shepherd run. */
void vmstat_work_stop(struct vmstat_work *work)
{
	vmstat_work_cancel(work);
	if (workqueues_started(&work->cpu->machine->workqueues))
		work_flush(&work->update);
	vmstat_work_cancel(work);
}
