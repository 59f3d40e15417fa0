/* SPDX-License-Identifier: MIT */
/* The threads behind kthread workers. */
#include "cpu/kthread_worker.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/wait.h"
#include "cpu/daemon.h"
#include "cpu/noise.h"
#include "cpu/entry.h"

struct kthread_worker {
	struct cpu *cpu;
	struct daemon daemon;
	struct call *queue; /* newest first */
	uint32_t events; /* queued or stopped so far; waited for */
	uint32_t stop;
};

static void run_items(struct kthread_worker *worker)
{
	struct call *item = call_oldest_first(call_take(&worker->queue));

	while (item) {
		struct kthread_work *work =
			container_of(item, struct kthread_work, call);
		struct call *next = item->next;

		item->fn(worker->cpu, item->arg);
		/* [work.done]; from here on its owner may reuse the item. */
		atomic_store_release_u32(&work->done, 1);
		wake_word(&work->done);
		item = next;
	}
}

static void run_on_cpu(struct kthread_worker *worker)
{
	struct cpu *cpu = worker->cpu;
	uint64_t start;
	bool was_idle;

	daemon_enter(&worker->daemon, cpu);
	was_idle = !sched_displaces_user(cpu);
	start = clock_now_ns();
	run_items(worker);
	if (was_idle) {
		irq_save(cpu);
		noise_add_idle(cpu, clock_now_ns() - start);
		irq_restore(cpu);
	}
	daemon_leave(&worker->daemon, cpu);
}

static void worker_main(void *arg)
{
	struct kthread_worker *worker = arg;

	for (;;) {
		/* [worker.look] */
		uint32_t events = atomic_load_acquire_u32(&worker->events);

		if (atomic_load_relaxed_ptr((void *const *)&worker->queue))
			run_on_cpu(worker);
		else if (atomic_load_relaxed_u32(&worker->stop))
			return;
		else
			wait_word(&worker->events, events);
	}
}

struct kthread_worker *kthread_worker_create(struct cpu *cpu,
	enum task_kind kind, unsigned int prio, const char *name)
{
	struct kthread_worker *worker = calloc(1, sizeof(*worker));
	int ret;

	if (!worker)
		return NULL;
	worker->cpu = cpu;
	ret = daemon_start(&worker->daemon, name, cpu->rcu, kind, prio,
		worker_main, worker);
	if (!ret)
		return worker;
	free(worker);
	errno = -ret;
	return NULL;
}

size_t kthread_worker_memory(void)
{
	return sizeof(struct kthread_worker) + thread_memory();
}

/* [worker.wake] release, pairs with [worker.look] acquire: what is queued. */
static void wake(struct kthread_worker *worker)
{
	atomic_add_release_u32(&worker->events, 1);
	wake_word(&worker->events);
}

void kthread_queue_work(
	struct kthread_worker *worker, struct kthread_work *work)
{
	atomic_store_relaxed_u32(&work->done, 0);
	call_push(&worker->queue, &work->call);
	wake(worker);
}

void kthread_flush_work(struct kthread_work *work)
{
	sched_wait(&work->done, 0);
}

void kthread_worker_destroy(struct kthread_worker *worker)
{
	if (!worker)
		return;
	atomic_store_relaxed_u32(&worker->stop, 1);
	wake(worker);
	daemon_join(&worker->daemon);
	free(worker);
}
