/* SPDX-License-Identifier: MIT */
/*
 * The vmstat shepherd: vmstat_shepherd(), vmstat_update(), vmstat_refresh() and
 * quiet_vmstat(), Linux 6.1; remote folds as in "fold per-CPU vmstats remotely"
 * (v8, 15 May 2023).
 *
 * Each CPU has one work item that runs vmstat_update(). Its state:
 *
 *   IDLE      not queued; a pass of the shepherd queues it if the CPU has diffs
 *   QUEUED    queued to the CPU's worker, which waits for the CPU
 *   DELAYED   its last run folded something; the next pass queues it again
 *
 * The shepherd sets QUEUED, under the config mutex. The work item sets IDLE or
 * DELAYED, without the mutex, as the last thing that it does.
 */
#include <errno.h>
#include <pcpmm/fold.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/wait.h"
#include "cpu/copy.h"
#include "cpu/daemon.h"
#include "cpu/worker.h"
#include "machine/refuse.h"
#include "service/fold.h"
#include "service/shepherd.h"

enum { IDLE, QUEUED, DELAYED };

struct vmstat_work {
	struct work update; /* no task waits for it */
	struct work refresh; /* config mutex; its queuer waits for it */
	struct worker *worker;
	struct pcpmm_cpu *cpu;
	uint32_t state; /* of update */
};

struct shepherd {
	struct pcpmm_machine *machine;
	struct vmstat_work *works; /* [cpu]; NULL: remote fold */
	struct daemon daemon; /* no thread: passes by hand */
	uint32_t stop; /* waited for */
	uint32_t interval_ms;
};

/* --- the work item of a CPU -------------------------------------------- */

/* need_update: some diff of a populated zone, or of a node, is not 0. */
static bool needs_update(const struct pcpmm_machine *machine, unsigned int id)
{
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		if (vmstat_needs_fold(&machine->zones.zone[i]->stat, id))
			return true;
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		if (vmstat_needs_fold(&machine->nodes[nid].stat, id))
			return true;
	return false;
}

/* On the CPU itself. Number of changes. */
static unsigned int fold_here(struct pcpmm_cpu *cpu)
{
	unsigned int changes = fold_own(cpu, cpu->machine->config.fold_expire);

	atomic_add_relaxed_u64(&cpu->machine->fold_stats.changes, changes);
	return changes;
}

/*
 * vmstat_update(), on the CPU itself. A countdown that does not reach 0 is no
 * change (up to 6.5), so a list of a remote node may never be drained.
 */
static void vmstat_update(struct cpu *base, void *arg)
{
	struct vmstat_work *work = arg;
	struct pcpmm_cpu *cpu = machine_cpu(base);
	struct pcpmm_fold_stats *stats = &cpu->machine->fold_stats;
	unsigned int changes = fold_here(cpu);

	atomic_add_relaxed_u64(&stats->requeues, changes != 0);
	/* [vmstat.armed] release, pairs with [vmstat.look]: the fold. */
	atomic_store_release_u32(&work->state, changes ? DELAYED : IDLE);
}

static void refresh_vm_stats(struct cpu *cpu, void *arg)
{
	(void)arg;
	fold_here(machine_cpu(cpu));
}

static void queue(struct shepherd *shepherd, struct vmstat_work *work)
{
	atomic_store_relaxed_u32(&work->state, QUEUED);
	atomic_add_relaxed_u64(&shepherd->machine->fold_stats.works, 1);
	worker_queue(work->worker, &work->update);
}

/* --- passes ------------------------------------------------------------ */

static bool passed_by(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu)
{
	if (!machine->config.fold_skip_isolated ||
		!atomic_load_relaxed_u8(&cpu->base.nohz_full))
		return false;
	atomic_add_relaxed_u64(&machine->fold_stats.skipped, 1);
	return true;
}

/* [vmstat.look] acquire, pairs with [vmstat.armed]. true: it was queued. */
static bool look_after(struct shepherd *shepherd, struct vmstat_work *work)
{
	struct pcpmm_machine *machine = shepherd->machine;
	uint32_t state = atomic_load_acquire_u32(&work->state);

	if (state == QUEUED)
		return false;
	if (state == IDLE &&
		(passed_by(machine, work->cpu) ||
			!needs_update(machine, work->cpu->base.id)))
		return false;
	queue(shepherd, work);
	return true;
}

static unsigned int fold_from_afar(
	struct pcpmm_cpu *on, unsigned int id, bool pagesets)
{
	struct pcpmm_fold_stats *stats = &on->machine->fold_stats;
	unsigned int changes = fold_remote(on, id, pagesets);

	atomic_add_relaxed_u64(&stats->remote, 1);
	atomic_add_relaxed_u64(&stats->changes, changes);
	return changes;
}

/* Under the config mutex, which keeps hotplug and other passes out. */
static unsigned int pass(struct shepherd *shepherd, struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = on->machine;
	unsigned int busy = 0;

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		if (!machine_cpu_online(machine, id))
			continue;
		if (machine->config.fold != PCPMM_FOLD_LOCAL &&
			!passed_by(machine, &machine->cpus[id]))
			busy += fold_from_afar(on, id,
					machine->config.fold_expire) != 0;
		if (machine->config.fold != PCPMM_FOLD_REMOTE)
			busy += look_after(shepherd, &shepherd->works[id]);
	}
	return busy;
}

static int check_started(struct pcpmm_machine *machine)
{
	if (machine->config.fold == PCPMM_FOLD_REMOTE || machine->shepherd)
		return 0;
	machine_refuse(machine, MISUSE_BAD_ARGUMENT,
		"fold local: its workers are not started");
	return -EINVAL;
}

int pcpmm_shepherd_pass(struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = on->machine;
	uint64_t start = clock_now_ns();
	int ret = machine_check_waits(on, "folds others");

	if (ret)
		return ret;
	mutex_lock(&machine->config_lock);
	ret = check_started(machine);
	if (!ret) {
		ret = (int)pass(machine->shepherd, on);
		atomic_add_relaxed_u64(&machine->fold_stats.passes, 1);
		atomic_add_relaxed_u64(
			&machine->fold_stats.time_ns, clock_now_ns() - start);
	}
	mutex_unlock(&machine->config_lock);
	return ret;
}

/* --- refresh ----------------------------------------------------------- */

/* schedule_on_each_cpu(): waits for each item, for ever behind a FIFO task. */
static void refresh_on_each(struct shepherd *shepherd)
{
	struct pcpmm_machine *machine = shepherd->machine;
	uint64_t asked[MASK_WORDS] = {0};

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		struct vmstat_work *work = &shepherd->works[id];

		if (!machine_cpu_online(machine, id))
			continue;
		cpumask_set(asked, id, true);
		atomic_add_relaxed_u64(&machine->fold_stats.works, 1);
		worker_queue(work->worker, &work->refresh);
	}
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		if (cpumask_test(asked, id))
			work_flush(&shepherd->works[id].refresh);
}

static unsigned int negative_sums(const struct pcpmm_machine *machine)
{
	unsigned int negative = 0;

	for (int i = 0; i < NR_ZONE_ITEMS; i++)
		negative += i != NR_ZONE_WRITE_PENDING &&
			    i != NR_FREE_CMA_PAGES &&
			    vmstat_read_raw(&machine->zone_sum, i) < 0;
	for (int i = 0; i < NR_NODE_ITEMS; i++)
		negative += i != NR_WRITEBACK &&
			    vmstat_read_raw(&machine->node_sum, i) < 0;
	return negative;
}

int pcpmm_vmstat_refresh(struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = on->machine;
	uint64_t start = clock_now_ns();
	int ret = machine_check_waits(on, "folds others");

	if (ret)
		return ret;
	/* First: this CPU's diffs count the drained pages, folded below. */
	if (machine->config.refresh_drain)
		pcp_drain_everything(&machine->pcps, &on->base);
	mutex_lock(&machine->config_lock);
	ret = check_started(machine);
	for (unsigned int id = 0; !ret && id < machine->smp.nr; id++)
		if (machine->config.fold == PCPMM_FOLD_REMOTE &&
			machine_cpu_online(machine, id))
			fold_from_afar(on, id, machine->config.fold_expire);
	if (!ret && machine->config.fold != PCPMM_FOLD_REMOTE)
		refresh_on_each(machine->shepherd);
	mutex_unlock(&machine->config_lock);
	if (ret)
		return ret;
	atomic_add_relaxed_u64(&machine->fold_stats.refreshes, 1);
	atomic_add_relaxed_u64(
		&machine->fold_stats.time_ns, clock_now_ns() - start);
	return (int)negative_sums(machine);
}

int pcpmm_vmstat_fold_remote(struct pcpmm_cpu *on, unsigned int id)
{
	struct pcpmm_machine *machine = on->machine;
	int ret = machine_check_waits(on, "folds others");

	if (ret)
		return ret;
	if (id >= machine->smp.nr || machine->config.fold == PCPMM_FOLD_LOCAL)
		return -EINVAL;
	mutex_lock(&machine->config_lock);
	ret = (int)fold_from_afar(on, id, false);
	mutex_unlock(&machine->config_lock);
	return ret;
}

/* --- at idle ----------------------------------------------------------- */

/*
 * quiet_vmstat() folds only if the shepherd has queued the work item. So a CPU
 * whose tick was stopped before it had any diffs is never folded (found by
 * Aaron Tomlin, 2022).
 */
void shepherd_quiet(struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct shepherd *shepherd = machine->shepherd;

	if (!machine->config.fold_quiet || !shepherd || !shepherd->works)
		return;
	if (atomic_load_acquire_u32(&shepherd->works[cpu->base.id].state) ==
			IDLE ||
		!needs_update(machine, cpu->base.id))
		return;
	atomic_add_relaxed_u64(
		&machine->fold_stats.changes, fold_own(cpu, false));
	atomic_add_relaxed_u64(&machine->fold_stats.quiet, 1);
}

/* --- the thread -------------------------------------------------------- */

static uint32_t interval_ms(const struct shepherd *shepherd)
{
	if (shepherd->interval_ms != PCPMM_INTERVAL_SYSCTL)
		return shepherd->interval_ms;
	return 1000u *
	       (uint32_t)MAX(
		       atomic_load_relaxed_s32(
			       &shepherd->machine->config.sysctl.stat_interval),
		       1);
}

static void shepherd_main(void *arg)
{
	struct shepherd *shepherd = arg;
	struct daemon *daemon = &shepherd->daemon;

	while (!wait_word_ms(&shepherd->stop, 0, interval_ms(shepherd))) {
		struct cpu *on =
			daemon_enter_spare(daemon, &shepherd->machine->smp, -1);

		pcpmm_shepherd_pass(machine_cpu(on));
		daemon_leave(daemon, on);
	}
}

/* --- start and stop ---------------------------------------------------- */

static int start_works(struct shepherd *shepherd)
{
	struct pcpmm_machine *machine = shepherd->machine;

	shepherd->works = calloc(machine->smp.nr, sizeof(shepherd->works[0]));
	if (!shepherd->works)
		return -ENOMEM;
	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		struct vmstat_work *work = &shepherd->works[id];
		char name[24];

		snprintf(name, sizeof(name), "vmstat/%u", id);
		work->cpu = &machine->cpus[id];
		work->update.call =
			(struct call){.fn = vmstat_update, .arg = work};
		work->refresh.call = (struct call){.fn = refresh_vm_stats};
		work->worker =
			worker_create(&work->cpu->base, TASK_KWORKER, 0, name);
		if (!work->worker)
			return -errno;
	}
	return 0;
}

static void destroy(struct shepherd *shepherd)
{
	unsigned int nr = shepherd->machine->smp.nr;

	for (unsigned int id = 0; shepherd->works && id < nr; id++)
		worker_destroy(shepherd->works[id].worker);
	free(shepherd->works);
	free(shepherd);
}

static int start(struct shepherd *shepherd)
{
	int ret = 0;

	if (shepherd->machine->config.fold != PCPMM_FOLD_REMOTE)
		ret = start_works(shepherd);
	if (ret || !shepherd->interval_ms)
		return ret;
	return daemon_start(&shepherd->daemon, "vmstat_shepherd",
		(uint8_t)shepherd->machine->pcps.rcu.flavour, TASK_KWORKER, 0,
		shepherd_main, shepherd);
}

int pcpmm_shepherd_start(
	struct pcpmm_machine *machine, unsigned int interval_ms)
{
	struct shepherd *shepherd;
	int ret;

	if (machine->shepherd)
		return -EBUSY;
	shepherd = calloc(1, sizeof(*shepherd));
	if (!shepherd)
		return -ENOMEM;
	shepherd->machine = machine;
	shepherd->interval_ms = interval_ms;
	machine->shepherd = shepherd;
	ret = start(shepherd);
	if (!ret)
		return 0;
	machine->shepherd = NULL;
	destroy(shepherd);
	return ret;
}

void pcpmm_shepherd_stop(struct pcpmm_machine *machine)
{
	struct shepherd *shepherd = machine->shepherd;

	if (!shepherd)
		return;
	if (shepherd->daemon.thread) {
		atomic_store_release_u32(&shepherd->stop, 1);
		wake_word(&shepherd->stop);
		daemon_join(&shepherd->daemon);
	}
	machine->shepherd = NULL;
	destroy(shepherd);
}

void pcpmm_fold_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_fold_stats *stats)
{
	copy_words(stats, &machine->fold_stats, sizeof(*stats));
}

int pcpmm_vmstat_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg)
{
	if (!machine->config.allow_unsound)
		return -EPERM;
	if (machine->zone_sum.account != PCPMM_ACCOUNT_LOCAL_CMPXCHG)
		return -EINVAL;
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		vmstat_set_window(&machine->zones.zone[i]->stat, fn, arg);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_set_window(&machine->nodes[nid].stat, fn, arg);
	return 0;
}
