/* SPDX-License-Identifier: MIT */
/* A thread, its task, and when it is a reader. */
#include "cpu/daemon.h"

#include <errno.h>

#include "cpu/rcu.h"

/* The thread registers as a reader, and is offline until it enters a CPU. */
static void daemon_main(void *arg)
{
	struct daemon *daemon = arg;
	struct thread *self = thread_current();

	rcu_thread_join(self, daemon->rcu);
	rcu_offline();
	daemon->main(daemon->arg);
	rcu_online(self->qsbr != 0);
	rcu_thread_part(self, daemon->rcu);
}

int daemon_start(struct daemon *daemon, const char *name, uint8_t rcu,
	enum task_kind kind, unsigned int prio, void (*main)(void *arg),
	void *arg)
{
	daemon->rcu = rcu;
	daemon->main = main;
	daemon->arg = arg;
	task_init(&daemon->task, kind, prio);
	daemon->thread = thread_start(-1, name, daemon_main, daemon);
	return daemon->thread ? 0 : -errno;
}

void daemon_join(struct daemon *daemon)
{
	sched_sleep();
	thread_join(daemon->thread);
	sched_wake();
	daemon->thread = NULL;
}

void daemon_enter(struct daemon *daemon, struct cpu *cpu)
{
	struct thread *self = thread_current();

	sched_enter(self, cpu, &daemon->task);
	rcu_online(self->qsbr != 0);
}

void daemon_leave(struct daemon *daemon, struct cpu *cpu)
{
	rcu_offline();
	sched_leave(cpu, &daemon->task);
}

struct cpu *daemon_enter_spare(
	struct daemon *daemon, const struct smp *smp, int nid)
{
	for (;;) {
		struct cpu *cpu = smp_spare(smp, nid);

		daemon_enter(daemon, cpu);
		if (smp_is_online(smp, cpu->id))
			return cpu;
		daemon_leave(daemon, cpu);
	}
}
