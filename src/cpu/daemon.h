/* SPDX-License-Identifier: MIT */
/*
 * Daemons: the machine's own threads (workers, the shepherd, kswapd). Each has
 * one task, with which it runs on a CPU now and then; it is a reader of the
 * machine's RCU flavour only while it is on one.
 */
#ifndef CPU_DAEMON_H
#define CPU_DAEMON_H

#include "cpu/sched.h"
#include "cpu/smp.h"

struct daemon {
	struct thread *thread; /* NULL: not started */
	struct task task;
	uint8_t rcu; /* enum pcpmm_rcu */
	void (*main)(void *arg);
	void *arg;
};

/*
 * Start a thread @name that runs @main(@arg) and enters CPUs with a task of
 * @kind and FIFO priority @prio (0: none). 0, or -errno (-EAGAIN, -ENOMEM).
 * *@daemon must not move until daemon_join().
 */
int daemon_start(struct daemon *daemon, const char *name, uint8_t rcu,
	enum task_kind kind, unsigned int prio, void (*main)(void *arg),
	void *arg);

/*
 * Wait for its end. The daemon may be waiting for a CPU that the caller runs
 * on, so the caller leaves its CPUs meanwhile.
 */
void daemon_join(struct daemon *daemon);

/* Enter @cpu, after the tasks that go first. The daemon's own thread. */
void daemon_enter(struct daemon *daemon, struct cpu *cpu);
void daemon_leave(struct daemon *daemon, struct cpu *cpu);

/*
 * The same on a CPU that can be spared (smp_spare()), which stays online as
 * long as the daemon is on it: hotplug does not take a CPU down while a task
 * runs on it.
 */
struct cpu *daemon_enter_spare(
	struct daemon *daemon, const struct smp *smp, int nid);

#endif
