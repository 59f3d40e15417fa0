/* SPDX-License-Identifier: MIT */
/* A CPU without a machine, for tests of the folders below src/machine. */
#ifndef TESTS_SUPPORT_CPU_H
#define TESTS_SUPPORT_CPU_H

#include "cpu/rcu.h"
#include "cpu/sched.h"
#include "cpu/entry.h"

/* Enter @cpu with this thread; false: another thread has entered it. */
static inline bool enter_cpu(struct cpu *cpu)
{
	struct thread *self;

	if (!cpu_claim(cpu))
		return false;
	self = thread_get();
	if (!self) {
		cpu_unclaim(cpu);
		return false;
	}
	rcu_thread_join(self, (enum pcpmm_rcu)cpu->rcu);
	sched_enter(self, cpu, &cpu->user);
	return true;
}

static inline void leave_cpu(struct cpu *cpu)
{
	struct thread *self = cpu->thread;

	cpu_poll(cpu);
	sched_leave(cpu, &cpu->user);
	cpu_unclaim(cpu);
	rcu_thread_part(self, (enum pcpmm_rcu)cpu->rcu);
	thread_put(self);
}

#endif
