/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/vm/stat_refresh: vmstat_refresh(), Linux 6.1; and patch 12 of "fold
 * per-CPU vmstats remotely" (v8, 15 May 2023), which folds from the caller's CPU.
 */
#include <errno.h>
#include <pcpmm/fold.h>

#include "arch/clock.h"
#include "machine/refuse.h"
#include "service/shepherd.h"

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
		work_queue(&work->refresh);
	}
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		if (cpumask_test(asked, id))
			work_flush(&shepherd->works[id].refresh);
}

static unsigned int negative_sums(const struct pcpmm_machine *machine)
{
	unsigned int negative = 0;

	for (int i = 0; i < machine->zone_sum.nr_items; i++)
		negative += i != NR_ZONE_WRITE_PENDING &&
			    i != NR_FREE_CMA_PAGES &&
			    vmstat_read_raw(&machine->zone_sum, i) < 0;
	for (int i = 0; i < machine->node_sum.nr_items; i++)
		negative += i != NR_WRITEBACK &&
			    vmstat_read_raw(&machine->node_sum, i) < 0;
	return negative;
}

/* To 5.13, by its text: a zone's counter below 0 is an error, and no node's is. */
static bool has_negative_zone_sum(const struct pcpmm_machine *machine)
{
	for (int i = 0; i < machine->zone_sum.nr_items; i++)
		if (vmstat_read_raw(&machine->zone_sum, i) < 0)
			return true;
	return false;
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
	ret = shepherd_check_started(machine);
	for (unsigned int id = 0; !ret && id < machine->smp.nr; id++)
		if (machine->config.fold == PCPMM_FOLD_REMOTE &&
			machine_cpu_online(machine, id))
			shepherd_fold_remote(on, id,
				machine->config.fold_expire != PCPMM_EXPIRE_NO);
	if (!ret && machine->config.fold != PCPMM_FOLD_REMOTE)
		refresh_on_each(shepherd_get(machine));
	mutex_unlock(&machine->config_lock);
	if (ret)
		return ret;
	atomic_add_relaxed_u64(&machine->fold_stats.refreshes, 1);
	atomic_add_relaxed_u64(
		&machine->fold_stats.time_ns, clock_now_ns() - start);
	if (machine->config.layout == PCPMM_LAYOUT_5_10) {
		if (!has_negative_zone_sum(machine))
			return 0;
		machine_refuse(machine, MISUSE_NONE,
			"stat_refresh: a zone's counter is negative");
		return -EINVAL;
	}
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
	ret = (int)shepherd_fold_remote(on, id, false);
	mutex_unlock(&machine->config_lock);
	return ret;
}
