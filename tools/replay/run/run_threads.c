/* SPDX-License-Identifier: MIT */
/*
 * Each recorded CPU is a thread that runs its own ops in their order. A free
 * waits for its allocation; CPUs wait for nothing else. There is no cycle of
 * waits, as the recorded order satisfies all of them.
 */
#include "run_internal.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

struct worker {
	struct run *run;
	uint16_t id;
	struct pcpmm_cpu_thread *thread;
};

/* CPU 0 runs commands to the whole machine, when it reaches them. */
static bool is_mine(const struct replay_op *op, uint16_t id)
{
	return run_op_is_global(op) ? id == 0 : op->cpu == id;
}

static void work(struct pcpmm_cpu *cpu, void *arg)
{
	struct worker *worker = arg;
	const struct replay_result *result = worker->run->result;

	size_t obs = 0;
	int gate;

	worker->run->cpus[worker->id].cpu = cpu;
	while (!(gate = atomic_load(&worker->run->gate)))
		sched_yield();
	if (gate < 0)
		return;
	for (uint32_t i = 0; i < result->nr_ops; i++) {
		if (!is_mine(&result->ops[i], worker->id))
			continue;
		while (obs < result->nr_obs && result->obs[obs].op < i)
			obs++;
		if (obs < result->nr_obs && result->obs[obs].op == i)
			obs = run_observe(worker->run, obs, i, false);
		run_op(worker->run, i);
	}
}

/*
 * All threads run or none: the others would wait for the allocations of a
 * missing thread. So they wait at a gate until all are created.
 */
int run_threads(struct run *run)
{
	uint16_t cpus = run->result->cpus;
	struct worker *workers = calloc(cpus, sizeof(*workers));
	int ret = 0;

	if (!workers)
		return -ENOMEM;
	for (uint16_t i = 0; i < cpus && !ret; i++) {
		workers[i] = (struct worker){.run = run, .id = i};
		workers[i].thread =
			pcpmm_cpu_run(run->machine, i, -1, work, &workers[i]);
		ret = workers[i].thread ? 0 : -errno;
	}
	atomic_store(&run->gate, ret ? -1 : 1);
	for (uint16_t i = 0; i < cpus; i++)
		if (workers[i].thread)
			pcpmm_cpu_join(workers[i].thread);
	free(workers);
	return ret;
}
