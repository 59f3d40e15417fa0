/* SPDX-License-Identifier: MIT */
/* A thread on its CPUs: entering, leaving, sleeping, waiting; see sched.h. */
#include "cpu/sched.h"

#include "arch/wait.h"
#include "cpu/entry.h"

/* --- entering and leaving --------------------------------------------- */

/*
 * [kick.look] full, pairs with [kick.send]: tid is written; now look for calls
 * of raisers that did not see it.
 */
static void look_around(struct cpu *cpu)
{
	atomic_fence_seq_cst();
	cpu_poll(cpu);
}

static void run_on(struct thread *self, struct cpu *cpu, struct task *task)
{
	bool at_once = runq_enter(self, cpu, task);

	entry_missed(self);
	if (!at_once)
		runq_wait_granted(task);
	look_around(cpu);
}

void sched_enter(struct thread *self, struct cpu *cpu, struct task *task)
{
	runq_adopt(self, cpu, task);
	run_on(self, cpu, task);
}

void sched_leave(struct cpu *cpu, struct task *task)
{
	struct thread *self = task->thread;

	runq_leave(cpu, task);
	entry_missed(self);
}

void sched_set_prio(struct cpu *cpu, unsigned int prio)
{
	struct thread *self = cpu->thread;

	runq_set_prio(cpu, prio);
	entry_missed(self);
	cpu_resched(cpu);
}

bool sched_is_atomic(void)
{
	return entry_nr_masked() != 0;
}

static bool may_sleep(const struct cpu *cpu)
{
	return cpu_is_mine(cpu) && !cpu->irq_off && !cpu->preempt_off;
}

bool sched_may_sleep(void)
{
	const struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;

	for (; task; task = task->next_mine)
		if (cpu_is_mine(task->cpu) && !may_sleep(task->cpu))
			return false;
	return true;
}

/* --- sleeping --------------------------------------------------------- */

void sched_sleep(void)
{
	struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;

	for (; task; task = task->next_mine) {
		struct cpu *cpu = task->cpu;

		if (!may_sleep(cpu))
			continue;
		cpu_poll(cpu);
		task->asleep = true;
		if (task->sleeps)
			task->sleeps(task);
		runq_sleep(self, cpu, task);
		entry_missed(self);
	}
}

void sched_wake(void)
{
	struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;

	for (; task; task = task->next_mine)
		if (task->asleep) {
			task->asleep = false;
			run_on(self, task->cpu, task);
			if (task->wakes)
				task->wakes(task);
		}
}

void sched_pause_ms(uint32_t ms)
{
	uint32_t never = 0;

	sched_sleep();
	wait_word_ms(&never, 0, ms);
	sched_wake();
}

void sched_wait(uint32_t *word, uint32_t value)
{
	if (atomic_load_acquire_u32(word) != value)
		return;
	sched_sleep();
	wait_word(word, value);
	sched_wake();
}

/* --- waiting for an interrupt elsewhere ------------------------------- */

/*
 * The proxy goes before every task, as an interrupt does: if its thread had to
 * wait for a task there, it could not take the interrupts of its own CPU.
 */
static bool stand_in(struct thread *self, struct cpu *target)
{
	struct task proxy;

	task_init(&proxy, TASK_PROXY, PRIO_INTERRUPT);
	if (!runq_try_enter(self, target, &proxy))
		return false;
	entry_missed(self);
	look_around(target);
	sched_leave(target, &proxy);
	return true;
}

/* The target may itself wait for any CPU of this thread. */
void sched_help(struct cpu *target, unsigned int *turns)
{
	struct thread *self = thread_current();

	entry_poll_all(self);
	if (!cpu_is_mine(target) && cpu_has_calls(target) &&
		stand_in(self, target))
		return;
	spin_pause(turns);
}
