/* SPDX-License-Identifier: MIT */
/*
 * Work items of the program (pcpmm/workqueue.h). What an item does and when is in
 * src/cpu/workqueue.h; this file checks callers, and keeps a CPU with items of the
 * program online.
 */
#include <errno.h>
#include <pcpmm/workqueue.h>
#include <stdlib.h>

#include "cpu/copy.h"
#include "cpu/entry.h"
#include "cpu/worker_pool.h"
#include "machine/refuse.h"

struct pcpmm_work {
	struct work work;
	struct pcpmm_cpu *cpu;
	pcpmm_work_fn *fn;
	void *arg;
};

const char *pcpmm_wq_name(unsigned int wq)
{
	static const char *const names[PCPMM_NR_WQS] = {
		[PCPMM_MM_PERCPU_WQ] = "mm_percpu_wq",
		[PCPMM_SYSTEM_WQ] = "events",
	};

	return wq < PCPMM_NR_WQS ? names[wq] : NULL;
}

static void run(struct cpu *base, void *arg)
{
	struct pcpmm_work *work = arg;

	work->fn(machine_cpu(base), work->arg);
	base->irq_off = base->preempt_off = 0;
	cpu_poll(base);
	if (base->need_resched)
		cpu_resched(base);
	/* [work.ended] release, pairs with [work.gone]: what the item did. */
	atomic_add_release_u32(&work->cpu->works, (uint32_t)-1);
}

/* --- creation ---------------------------------------------------------------- */

static struct pcpmm_work *refuse(
	struct pcpmm_machine *machine, int reason, const char *why)
{
	return machine_refuse_create(machine, "a work item", reason, why);
}

struct pcpmm_work *pcpmm_work_create(struct pcpmm_machine *machine,
	unsigned int id, enum pcpmm_wq wq, pcpmm_work_fn *fn, void *arg)
{
	struct workqueues *all = &machine->workqueues;
	struct pcpmm_work *work;
	int ret;

	if (id >= machine->smp.nr || (unsigned int)wq >= PCPMM_NR_WQS || !fn)
		return refuse(machine, EINVAL,
			"no such CPU or queue, or no function");
	if (!workqueues_started(all) && sched_is_atomic())
		return refuse(machine, EINVAL,
			"the workers are to be started with interrupts off");
	ret = workqueues_start(all);
	if (ret)
		return refuse(machine, -ret, "no thread for a worker");
	work = malloc(sizeof(*work));
	if (!work)
		return refuse(machine, ENOMEM, "no memory");
	*work = (struct pcpmm_work){
		.cpu = &machine->cpus[id], .fn = fn, .arg = arg};
	work_init(&work->work,
		wq == PCPMM_MM_PERCPU_WQ ? &all->mm_percpu : &all->system, id,
		run, work);
	return work;
}

int pcpmm_work_destroy(struct pcpmm_work *work)
{
	int ret = work ? pcpmm_work_cancel(work) : 0;

	if (ret < 0)
		return ret;
	free(work);
	return 0;
}

/* --- queueing and waiting ------------------------------------------------------ */

/*
 * A CPU goes offline only without items: either the count is seen there, or the
 * CPU is seen to be offline here.
 */
int pcpmm_work_queue(struct pcpmm_work *work)
{
	struct pcpmm_cpu *cpu = work->cpu;
	int ret = 0;

	atomic_add_release_u32(&cpu->works, 1);
	/* [work.counted] full, pairs with [work.offline]. */
	atomic_fence_seq_cst();
	if (!machine_cpu_online(cpu->machine, cpu->base.id))
		ret = -ENODEV;
	else if (work_queue(&work->work))
		return 1;
	atomic_add_release_u32(&cpu->works, (uint32_t)-1);
	return ret;
}

/* May this thread wait for @work? */
static int check_waits(struct pcpmm_work *work, const char *what)
{
	struct pcpmm_machine *machine = work->cpu->machine;

	if (work_is_current(&work->work)) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"a work item %s itself", what);
		return -EDEADLK;
	}
	if (!sched_may_sleep()) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"a thread %s a work item with interrupts or preemption "
			"off",
			what);
		return -EINVAL;
	}
	return 0;
}

int pcpmm_work_flush(struct pcpmm_work *work)
{
	int ret = check_waits(work, "waits for");

	return ret ? ret : work_flush(&work->work);
}

int pcpmm_work_cancel(struct pcpmm_work *work)
{
	int ret = check_waits(work, "cancels");

	if (ret)
		return ret;
	if (!work_cancel_sync(&work->work))
		return 0;
	atomic_add_release_u32(&work->cpu->works, (uint32_t)-1);
	return 1;
}

unsigned int pcpmm_work_state(const struct pcpmm_work *work)
{
	return work_state(&work->work);
}

int pcpmm_msleep(struct pcpmm_cpu *cpu, unsigned int ms)
{
	int ret = machine_check_waits(cpu, "sleeps");

	if (!ret)
		sched_pause_ms(ms);
	return ret;
}

/* --- statistics ----------------------------------------------------------------- */

void pcpmm_work_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_work_stats *stats)
{
	workqueues_stats(&machine->workqueues, stats);
}

void pcpmm_work_histogram(
	const struct pcpmm_machine *machine, struct pcpmm_histogram *histogram)
{
	copy_histogram(histogram, &machine->workqueues.waits);
}
