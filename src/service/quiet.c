/* SPDX-License-Identifier: MIT */
/*
 * quiet_vmstat(), and the proposals of Aaron Tomlin and Marcelo Tosatti for what
 * it misses (axis fold_quiet):
 *
 *   no           nothing
 *   tick_stop    at the moment when the tick stops, if the CPU's work item is
 *                pending (mainline). A CPU whose tick stays stopped over idle
 *                exit and entry is not folded again.
 *   every_idle   at each stop of the tick, also if it is stopped already: RFC of
 *                3 February 2022
 *   dirty        likewise, and at return to user mode; a flag of the CPU, set by
 *                each counter update, takes the place of the search for diffs
 *                and of the question whether the item is pending: v7 and v8,
 *                August and September 2022
 *   user_return  likewise, but nohz_full CPUs start their own work items, which
 *                the return to user mode cancels, and the shepherd leaves them
 *                alone; at idle the fold stands behind the early return of a
 *                stop that changes nothing, so that it misses the case that the
 *                series is about: v12 and v13, December 2022 and January 2023
 *
 * None was merged. src/vmstat tells of each update that a marking policy needs.
 */
#include "service/quiet.h"

#include <errno.h>
#include <pcpmm/cpu.h>
#include <pcpmm/tick.h>

#include "arch/mutant.h"
#include "machine/refuse.h"
#include "service/fold.h"
#include "service/lru_drain.h"
#include "service/shepherd.h"

static enum pcpmm_fold_quiet policy_of(const struct pcpmm_cpu *cpu)
{
	return cpu->machine->config.fold_quiet;
}

static void fold(struct pcpmm_cpu *cpu)
{
	struct pcpmm_fold_stats *stats = &cpu->machine->fold_stats;

	atomic_add_relaxed_u64(&stats->changes, fold_own(cpu, false));
	atomic_add_relaxed_u64(&stats->quiet, 1);
}

/* Nothing is folded unless the shepherd runs, with work items. */
static void fold_if_needed(struct pcpmm_cpu *cpu)
{
	const struct vmstat_work *work =
		shepherd_work(cpu->machine, cpu->base.id);

	if (!work ||
		(!vmstat_marks_dirty(cpu->machine) &&
			!vmstat_work_pending(work)) ||
		!vmstat_needs_update(cpu->machine, cpu->base.id))
		return;
	fold(cpu);
}

void quiet_at_stop(struct pcpmm_cpu *cpu, bool was_stopped, bool unchanged)
{
	switch (policy_of(cpu)) {
	case PCPMM_FOLD_QUIET_NO:
		return;
	case PCPMM_FOLD_QUIET_TICK_STOP:
		if (was_stopped && !MUTANT(QUIET_WHILE_STOPPED))
			return;
		break;
	case PCPMM_FOLD_QUIET_USER_RETURN:
		if (was_stopped && unchanged)
			return;
		break;
	default:
		break;
	}
	fold_if_needed(cpu);
}

/* --- return to user mode ------------------------------------------------- */

static void fold_for_user(struct pcpmm_cpu *cpu)
{
	struct vmstat_work *work = shepherd_work(cpu->machine, cpu->base.id);

	if (!vmstat_marks_dirty(cpu->machine) || !work ||
		!atomic_load_relaxed_u8(&cpu->base.nohz_full) ||
		!atomic_load_relaxed_u8(&cpu->base.tick_stopped))
		return;
	if (!MUTANT(CANCEL_WITHOUT_FOLD))
		fold_if_needed(cpu);
	if (policy_of(cpu) == PCPMM_FOLD_QUIET_USER_RETURN)
		vmstat_work_cancel(work);
}

int pcpmm_cpu_user_return(struct pcpmm_cpu *cpu)
{
	int ret = machine_check_owner(cpu, "returns to user mode");

	if (ret)
		return ret;
	if (cpu->base.irq_off || cpu->base.preempt_off)
		return -EBUSY;
	cpu_poll(&cpu->base);
	fold_for_user(cpu);
	lru_drain_for_user(cpu);
	return 0;
}

/* --- counter updates ------------------------------------------------------ */

/*
 * The work item first, the flag second, as posted: with v12 an update that finds
 * the flag set leaves the item alone.
 */
void quiet_mark(struct cpu *base)
{
	struct pcpmm_cpu *cpu = machine_cpu(base);
	struct vmstat_work *work;

	if (policy_of(cpu) == PCPMM_FOLD_QUIET_USER_RETURN &&
		!atomic_load_relaxed_u8(&base->stat_dirty) &&
		atomic_load_relaxed_u8(&base->nohz_full)) {
		work = shepherd_work(cpu->machine, base->id);
		if (work)
			vmstat_work_delay(work);
	}
	atomic_store_relaxed_u8(&base->stat_dirty, 1);
}
