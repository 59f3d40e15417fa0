/* SPDX-License-Identifier: MIT */
/* One CPU of no machine, for tests of what lies below machines. */
#ifndef TESTS_SUPPORT_CPU_H
#define TESTS_SUPPORT_CPU_H

#include "cpu/rcu.h"
#include "cpu/sched.h"
#include "cpu/entry.h"

/* This thread is @cpu from now on; false: another thread is. */
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
