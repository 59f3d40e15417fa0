/* SPDX-License-Identifier: MIT */
/*
 * The vmstat shepherd: vmstat_shepherd(), Linux 6.1; remote folds as in "fold
 * per-CPU vmstats remotely" (v8, 15 May 2023).
 *
 * A pass looks at each online CPU. A local fold queues the CPU's work item
 * (vmstat_work.h) if the CPU has diffs and the item is not pending; a remote fold
 * takes the diffs itself.
 *
 * Start and stop exclude each other by the services mutex, and passes and
 * refreshes by the config mutex. What CPUs look at without a lock (struct
 * shepherd, the work items) is made by the first start and stays until the
 * machine is destroyed.
 */
#include "service/shepherd.h"

#include <errno.h>
#include <pcpmm/fold.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/wait.h"
#include "cpu/copy.h"
#include "machine/refuse.h"
#include "service/fold.h"
#include "service/tick.h"

/* --- passes ------------------------------------------------------------ */

static bool is_nohz_full(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->base.nohz_full);
}

static bool passed_by(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu)
{
	if (!is_nohz_full(cpu) || (!machine->config.fold_skip_isolated &&
					  machine->config.fold_quiet !=
						  PCPMM_FOLD_QUIET_USER_RETURN))
		return false;
	atomic_add_relaxed_u64(&machine->fold_stats.skipped, 1);
	return true;
}

/*
 * An item that runs is not pending. To 7.2 it may be queued once more while it
 * does, and then runs twice in a row; with shepherd_skips = busy it is not.
 */
static bool look_after(struct pcpmm_machine *machine, struct vmstat_work *work)
{
	bool skip = machine->config.shepherd_skips == PCPMM_SHEPHERD_SKIPS_BUSY
			    ? vmstat_work_busy(work)
			    : vmstat_work_pending(work);

	return !skip && !passed_by(machine, work->cpu) &&
	       vmstat_needs_update(machine, work->cpu->base.id) &&
	       vmstat_work_queue(work);
}

unsigned int shepherd_fold_remote(
	struct pcpmm_cpu *on, unsigned int id, bool pagesets)
{
	struct pcpmm_fold_stats *stats = &on->machine->fold_stats;
	unsigned int changes = fold_remote(on, id, pagesets);

	atomic_add_relaxed_u64(&stats->remote, 1);
	atomic_add_relaxed_u64(&stats->changes, changes);
	return changes;
}

/* Under the config mutex, which keeps hotplug and other passes out. */
static unsigned int pass(struct pcpmm_cpu *on)
{
	struct pcpmm_machine *machine = on->machine;
	unsigned int busy = 0;

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		if (!machine_cpu_online(machine, id))
			continue;
		if (machine->config.fold != PCPMM_FOLD_LOCAL &&
			!passed_by(machine, &machine->cpus[id]))
			busy += shepherd_fold_remote(on, id,
					machine->config.fold_expire !=
						PCPMM_EXPIRE_NO) != 0;
		if (machine->config.fold != PCPMM_FOLD_REMOTE)
			busy += look_after(
				machine, &shepherd_get(machine)->works[id]);
	}
	return busy;
}

int shepherd_check_started(struct pcpmm_machine *machine)
{
	if (machine->config.fold == PCPMM_FOLD_REMOTE || shepherd_runs(machine))
		return 0;
	machine_refuse(machine, MISUSE_BAD_ARGUMENT,
		"fold local: its workers are not started");
	return -EINVAL;
}

/* Items that timers queue while @ticks go by. Others' ticks may add to them. */
static unsigned int elapse(struct pcpmm_machine *machine, uint64_t ticks)
{
	uint64_t *works = &machine->fold_stats.works;
	uint64_t before = atomic_load_relaxed_u64(works);

	tick_elapse(machine, ticks);
	return (unsigned int)(atomic_load_relaxed_u64(works) - before);
}

static int make_pass(struct pcpmm_cpu *on, uint64_t ticks)
{
	struct pcpmm_machine *machine = on->machine;
	uint64_t start = clock_now_ns();
	unsigned int fired = 0;
	int ret;

	mutex_lock(&machine->config_lock);
	ret = shepherd_check_started(machine);
	if (!ret) {
		if (ticks)
			fired = elapse(machine, ticks);
		ret = (int)(fired + pass(on));
		atomic_add_relaxed_u64(&machine->fold_stats.passes, 1);
		atomic_add_relaxed_u64(
			&machine->fold_stats.time_ns, clock_now_ns() - start);
	}
	mutex_unlock(&machine->config_lock);
	return ret;
}

/* The interval goes by, unless a thread drives the time. */
int pcpmm_shepherd_pass(struct pcpmm_cpu *on)
{
	int ret = machine_check_waits(on, "folds others");

	if (ret)
		return ret;
	return make_pass(on,
		tick_is_driven(on->machine) ? 0 : vmstat_interval(on->machine));
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

static bool is_told_to_stop(const struct shepherd *shepherd)
{
	return atomic_load_relaxed_u32(&shepherd->stop);
}

static void wake(struct shepherd *shepherd)
{
	atomic_add_release_u32(&shepherd->wakeups, 1);
	wake_word(&shepherd->wakeups);
}

/* Every interval of the host's clock, on a CPU that can be spared. */
static void pass_by_clock(struct shepherd *shepherd)
{
	struct daemon *daemon = &shepherd->daemon;
	uint32_t none = atomic_load_acquire_u32(&shepherd->wakeups);

	while (!is_told_to_stop(shepherd) &&
		!wait_word_ms(
			&shepherd->wakeups, none, interval_ms(shepherd))) {
		struct cpu *on =
			daemon_enter_spare(daemon, &shepherd->machine->smp, -1);

		pcpmm_shepherd_pass(machine_cpu(on));
		daemon_leave(daemon, on);
	}
}

/* Under the timer lock. */
static void on_timer(struct timer *timer)
{
	struct shepherd *shepherd = container_of(timer, struct shepherd, timer);

	atomic_store_relaxed_u32(&shepherd->due, 1);
	wake(shepherd);
}

/*
 * A deferrable delayed work item of the CPU on which its timer lies: a CPU whose
 * tick is stopped makes no pass, and behind a FIFO task the pass waits.
 */
static void pass_by_ticks(struct shepherd *shepherd)
{
	struct pcpmm_machine *machine = shepherd->machine;
	unsigned int id = tick_housekeeping_cpu(machine, 0);

	while (!is_told_to_stop(shepherd)) {
		uint32_t seen = atomic_load_acquire_u32(&shepherd->wakeups);

		if (!timer_pending(&shepherd->timer) &&
			!atomic_load_relaxed_u32(&shepherd->due))
			timer_add(&machine->timers, &shepherd->timer, id,
				timers_round(&machine->timers,
					vmstat_interval(machine)));
		if (!atomic_xchg_acquire_u32(&shepherd->due, 0)) {
			wait_word(&shepherd->wakeups, seen);
			continue;
		}
		id = shepherd->timer.cpu; /* hotplug may have moved it */
		daemon_enter(&shepherd->daemon, &machine->cpus[id].base);
		make_pass(&machine->cpus[id], 0);
		daemon_leave(&shepherd->daemon, &machine->cpus[id].base);
	}
	timer_del(&machine->timers, &shepherd->timer);
}

static void shepherd_main(void *arg)
{
	struct shepherd *shepherd = arg;

	if (shepherd->interval_ms == PCPMM_INTERVAL_TICKS)
		pass_by_ticks(shepherd);
	else
		pass_by_clock(shepherd);
}

/* --- start and stop, under the services mutex ---------------------------- */

/* [shepherd.made] release, pairs with [shepherd.get]. */
static struct shepherd *get_or_make(struct pcpmm_machine *machine)
{
	struct shepherd *shepherd = shepherd_get(machine);
	bool local = machine->config.fold != PCPMM_FOLD_REMOTE;

	if (shepherd)
		return shepherd;
	shepherd = calloc(1, sizeof(*shepherd));
	if (!shepherd)
		return NULL;
	shepherd->machine = machine;
	shepherd->timer = (struct timer){.fn = on_timer, .deferrable = true};
	if (local)
		shepherd->works = vmstat_works_create(machine);
	if (local && !shepherd->works) {
		free(shepherd);
		return NULL;
	}
	atomic_store_release_ptr((void **)&machine->shepherd, shepherd);
	return shepherd;
}

static void stop_works(struct shepherd *shepherd)
{
	unsigned int nr = shepherd->machine->smp.nr;

	for (unsigned int id = 0; shepherd->works && id < nr; id++)
		vmstat_work_stop(&shepherd->works[id]);
}

/* From here on nothing is queued: passes and refreshes refuse, timers look. */
static void set_runs(struct shepherd *shepherd, bool runs)
{
	mutex_lock(&shepherd->machine->config_lock);
	atomic_store_relaxed_u32(&shepherd->runs, runs);
	mutex_unlock(&shepherd->machine->config_lock);
}

static void stop(struct shepherd *shepherd)
{
	if (shepherd->daemon.thread) {
		atomic_store_relaxed_u32(&shepherd->stop, 1);
		wake(shepherd);
		daemon_join(&shepherd->daemon);
	}
	set_runs(shepherd, false);
	stop_works(shepherd);
}

static int start(struct shepherd *shepherd)
{
	int ret = 0;

	if (shepherd->works)
		ret = workqueues_start(&shepherd->machine->workqueues);
	if (ret)
		return ret;
	set_runs(shepherd, true);
	if (!shepherd->interval_ms)
		return 0;
	atomic_store_relaxed_u32(&shepherd->stop, 0);
	atomic_store_relaxed_u32(&shepherd->due, 0);
	ret = daemon_start(&shepherd->daemon, "vmstat_shepherd",
		(uint8_t)shepherd->machine->pcps.rcu.flavour, TASK_KWORKER, 0,
		shepherd_main, shepherd);
	if (ret)
		stop(shepherd);
	return ret;
}

int pcpmm_shepherd_start(
	struct pcpmm_machine *machine, unsigned int interval_ms)
{
	struct shepherd *shepherd;
	int ret = -EBUSY;

	mutex_lock(&machine->services);
	if (!shepherd_runs(machine)) {
		shepherd = get_or_make(machine);
		ret = -ENOMEM;
		if (shepherd) {
			shepherd->interval_ms = interval_ms;
			ret = start(shepherd);
		}
	}
	mutex_unlock(&machine->services);
	return ret;
}

void pcpmm_shepherd_stop(struct pcpmm_machine *machine)
{
	mutex_lock(&machine->services);
	if (shepherd_runs(machine))
		stop(shepherd_get(machine));
	mutex_unlock(&machine->services);
}

void shepherd_destroy(struct pcpmm_machine *machine)
{
	struct shepherd *shepherd = shepherd_get(machine);

	if (!shepherd)
		return;
	free(shepherd->works);
	free(shepherd);
}

/* --- by any thread ------------------------------------------------------ */

void pcpmm_fold_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_fold_stats *stats)
{
	copy_words(stats, &machine->fold_stats, sizeof(*stats));
}
