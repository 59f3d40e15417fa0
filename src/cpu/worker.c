/* SPDX-License-Identifier: MIT */
/* The threads behind work queues and kthread workers. */
#include "cpu/worker.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/futex.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "arch/thread.h"

struct worker {
	struct cpu *cpu;
	struct task task;
	struct thread *thread;
	struct call *queue; /* newest first */
	uint32_t events; /* queued or stopped so far; a futex */
	uint32_t stop;
};

static void run_items(struct worker *worker)
{
	struct call *item = call_oldest_first(call_take(&worker->queue));

	while (item) {
		struct work *work =
			container_of(item, struct work, call);
		struct call *next = item->next;

		item->fn(worker->cpu->context, item->arg);
		/* [work.done]; from here on the item is its owner's. */
		atomic_store_release_u32(&work->done, 1);
		futex_wake(&work->done);
		item = next;
	}
}

/* A reader only while it is on the CPU. */
static void run_on_cpu(struct worker *worker)
{
	struct cpu *cpu = worker->cpu;
	uint64_t start;
	bool was_idle;

	sched_enter(cpu, &worker->task);
	was_idle = !sched_displaces_user(cpu);
	start = clock_now_ns();
	rcu_online();
	run_items(worker);
	rcu_offline();
	if (was_idle)
		noise_add_idle(cpu, clock_now_ns() - start);
	sched_leave(cpu, &worker->task);
}

static void run_until_stopped(struct worker *worker)
{
	for (;;) {
		/* [worker.look] */
		uint32_t events = atomic_load_acquire_u32(&worker->events);

		if (atomic_load_relaxed_ptr((void *const *)&worker->queue)) {
			run_on_cpu(worker);
		} else if (atomic_load_relaxed_u32(&worker->stop)) {
			return;
		} else {
			futex_wait(&worker->events, events);
		}
	}
}

static void worker_main(void *arg)
{
	struct worker *worker = arg;
	enum pcpmm_rcu rcu = worker->cpu->rcu;

	rcu_thread_join(rcu);
	rcu_offline();
	run_until_stopped(worker);
	rcu_online();
	rcu_thread_part(rcu);
}

struct worker *worker_create(struct cpu *cpu, enum task_kind kind,
	unsigned int prio, const char *name)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int error;

	if (!worker)
		return NULL;
	worker->cpu = cpu;
	task_init(&worker->task, kind, prio);
	worker->thread = thread_start(-1, name, worker_main, worker);
	if (worker->thread)
		return worker;
	error = errno;
	free(worker);
	errno = error;
	return NULL;
}

/* [worker.wake] release, pairs with [worker.look] acquire: what is queued. */
static void wake(struct worker *worker)
{
	atomic_add_release_u32(&worker->events, 1);
	futex_wake(&worker->events);
}

void worker_queue(struct worker *worker, struct work *work)
{
	atomic_store_relaxed_u32(&work->done, 0);
	call_push(&worker->queue, &work->call);
	wake(worker);
}

void work_flush(struct work *work)
{
	sched_wait(&work->done, 0);
}

void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	atomic_store_relaxed_u32(&worker->stop, 1);
	wake(worker);
	thread_join(worker->thread);
	free(worker);
}
