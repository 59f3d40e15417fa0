/* SPDX-License-Identifier: MIT */
/* queue_on and flush of pwlocks; see pwlock.h. */
#include "cpu/pwlock.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/cpumask.h"

struct pw_item {
	struct work work;
	struct pw_runner *runner;
};

static void run_here(struct cpu *cpu, void *arg)
{
	const struct pw_item *item = arg;

	item->runner->fn(cpu, cpu->id, item->runner->arg);
}

/* The items, at the first run. */
static int prepare(struct pw_runner *runner)
{
	struct workqueue *wq = &runner->workqueues->mm_percpu;
	int ret = workqueues_start(runner->workqueues);

	if (ret || runner->items)
		return ret;
	runner->items = calloc(runner->nr_cpus, sizeof(runner->items[0]));
	if (!runner->items)
		return -ENOMEM;
	for (unsigned int id = 0; id < runner->nr_cpus; id++) {
		struct pw_item *item = &runner->items[id];

		item->runner = runner;
		work_init(&item->work, wq, id, run_here, item);
	}
	return 0;
}

/* Queue on each CPU, then wait for each. */
static int by_works(struct pw_runner *runner, const uint64_t *asked)
{
	int ret = prepare(runner);

	if (ret)
		return ret;
	for (unsigned int id = 0; id < runner->nr_cpus; id++)
		if (cpumask_test(asked, id)) {
			work_queue(&runner->items[id].work);
			atomic_add_relaxed_u64(&runner->works, 1);
		}
	for (unsigned int id = 0; id < runner->nr_cpus; id++)
		if (cpumask_test(asked, id))
			work_flush(&runner->items[id].work);
	return 0;
}

/* The function gets the CPU by number, not as its own. */
static int by_locks(
	struct pw_runner *runner, struct cpu *by, const uint64_t *asked)
{
	for (unsigned int id = 0; id < runner->nr_cpus; id++)
		if (cpumask_test(asked, id)) {
			runner->fn(by,
				MUTANT(PWLOCKS_DRAINS_CALLER) ? by->id : id,
				runner->arg);
			atomic_add_relaxed_u64(&runner->remote, 1);
		}
	return 0;
}

int pw_run(struct pw_runner *runner, struct cpu *by, const uint64_t *asked)
{
	return runner->key ? by_locks(runner, by, asked)
			   : by_works(runner, asked);
}

void pw_runner_fini(struct pw_runner *runner)
{
	free(runner->items);
}
