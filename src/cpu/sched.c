/* SPDX-License-Identifier: MIT */
/* Handing a CPU from task to task; see sched.h. */
#include "cpu/sched.h"

#include <errno.h>

#include "arch/clock.h"
#include "arch/mutant.h"
#include "arch/wait.h"
#include "cpu/lock.h"
#include "cpu/noise.h"

#define PRIO_INTERRUPT 100 /* above every FIFO task */

void cpu_init(struct cpu *cpu, uint32_t id)
{
	*cpu = (struct cpu){.id = id};
	task_init(&cpu->user, TASK_USER, 0);
	calls_init(cpu);
}

void cpu_fini(struct cpu *cpu)
{
	calls_fini(cpu);
}

/* --- claims ------------------------------------------------------------ */

/* [cpu.claim] acquire, pairs with [cpu.unclaim]: the last thread's task. */
bool cpu_claim(struct cpu *cpu)
{
	uint32_t nobody = 0;

	if (!atomic_cmpxchg_acquire_u32(&cpu->claimed, &nobody, 1))
		return false;
	/* Other fields stay: the task's call may still be queued. */
	atomic_store_relaxed_u32(&cpu->user.prio, 0);
	return true;
}

/* [cpu.unclaim] release, pairs with [cpu.claim]. */
void cpu_unclaim(struct cpu *cpu)
{
	atomic_store_release_u32(&cpu->claimed, 0);
}

/* --- the run lock ----------------------------------------------------- */

/* held_off keeps this thread's handler out of the lists under the lock. */
static void run_lock(struct thread *self, struct cpu *cpu)
{
	self->held_off++;
	compiler_barrier();
	lock_acquire(NULL, &cpu->run_lock, 0);
}

static void run_unlock(struct thread *self, struct cpu *cpu)
{
	lock_release(NULL, &cpu->run_lock, 0);
	compiler_barrier();
	self->held_off--;
	compiler_barrier();
	if (!self->held_off && self->missed) {
		self->missed = 0;
		sched_interrupt();
	}
}

/*
 * [sched.look] acquire, pairs with [sched.owner]: an interrupt may come before
 * its thread has seen that the CPU was granted to it.
 */
static bool was_handed_over(const struct cpu *cpu)
{
	return atomic_load_acquire_u64(&cpu->owner) == arch_self();
}

/* A CPU as which this thread holds a lock that interrupts take; NULL. */
static struct cpu *lock_holder(const struct thread *self)
{
	for (struct task *task = self->tasks; task; task = task->next_mine)
		if (was_handed_over(task->cpu) &&
			task->cpu->irq_off >= IRQ_LOCKED)
			return task->cpu;
	return NULL;
}

static void poll_all(const struct thread *self)
{
	for (struct task *task = self->tasks; task; task = task->next_mine)
		if (was_handed_over(task->cpu))
			cpu_poll(task->cpu);
}

void sched_interrupt(void)
{
	struct thread *self = thread_current();
	struct cpu *holder;

	if (!self)
		return;
	if (self->held_off) {
		self->missed = 1;
		return;
	}
	holder = lock_holder(self);
	if (holder)
		holder->missed = 1;
	else
		poll_all(self);
}

/* --- this thread's tasks ---------------------------------------------- */

/* Each step leaves the list intact: the handler may walk it at any moment. */
static void push_mine(struct thread *self, struct task *task)
{
	task->next_mine = self->tasks;
	compiler_barrier();
	self->tasks = task;
	compiler_barrier();
}

static void pop_mine(struct thread *self, struct task *task)
{
	struct task **link = &self->tasks;

	while (*link != task)
		link = &(*link)->next_mine;
	*link = task->next_mine;
	compiler_barrier();
}

unsigned int sched_nr_masked(void)
{
	const struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;
	unsigned int nr = 0;

	for (; task; task = task->next_mine)
		nr += cpu_is_mine(task->cpu) && task->cpu->irq_off;
	return nr;
}

bool sched_is_atomic(void)
{
	return sched_nr_masked() != 0;
}

/* --- order of tasks --------------------------------------------------- */

static void on_resched(struct cpu *cpu, void *arg)
{
	struct task *task = arg;

	atomic_store_relaxed_u32(&cpu->need_resched, 1);
	/* [resched.free] release, pairs with [resched.queue]: node was read. */
	atomic_store_release_u32(&task->resched_queued, 0);
}

void task_init(struct task *task, enum task_kind kind, unsigned int prio)
{
	*task = (struct task){
		.kind = kind,
		.prio = prio,
		.resched = {.fn = on_resched, .arg = task, .quiet = true},
	};
}

static bool goes_before(const struct task *waiting, const struct task *running)
{
	if (waiting->prio != running->prio)
		return waiting->prio > running->prio;
	return !waiting->prio && waiting->kind != TASK_USER &&
	       running->kind == TASK_USER;
}

/* The first task; among equals the one that waits longest. */
static struct task *best_waiting(const struct cpu *cpu)
{
	struct task *best = cpu->waiting;

	for (struct task *task = best; task; task = task->next)
		if (goes_before(task, best))
			best = task;
	return best;
}

static void remove_waiting(struct cpu *cpu, struct task *task)
{
	struct task **link = &cpu->waiting;

	while (*link != task)
		link = &(*link)->next;
	*link = task->next;
	atomic_store_relaxed_u8(&task->waiting, 0);
}

/* @first: a task that was taken off the CPU goes before its equals. */
static void add_waiting(struct cpu *cpu, struct task *task, bool first)
{
	struct task **link = &cpu->waiting;

	while (!first && *link)
		link = &(*link)->next;
	task->next = *link;
	*link = task;
	atomic_store_relaxed_u8(&task->waiting, 1);
	atomic_store_relaxed_u32(&task->granted, 0);
}

/* --- the CPU changes hands, under the run lock ------------------------ */

static void put_context(struct cpu *cpu, struct task *task)
{
	task->saved = (struct task_context){cpu->irq_off, cpu->preempt_off,
		cpu->in_irq, cpu->held, cpu->memalloc};
}

/* [sched.owner] release, pairs with [sched.look]. */
static void set_running(struct cpu *cpu, struct task *task)
{
	cpu->irq_off = task->saved.irq_off;
	cpu->preempt_off = task->saved.preempt_off;
	cpu->in_irq = task->saved.in_irq;
	cpu->held = task->saved.held;
	if (!MUTANT(MEMALLOC_OF_THE_CPU))
		cpu->memalloc = task->saved.memalloc;
	cpu->curr = task;
	cpu->thread = task->thread;
	atomic_store_relaxed_u32(&cpu->need_resched, cpu->waiting != NULL);
	atomic_store_relaxed_u32(&cpu->tid, task->thread->tid);
	atomic_store_release_u64(&cpu->owner, task->self);
}

static void set_idle(struct cpu *cpu)
{
	cpu->curr = NULL;
	cpu->thread = NULL;
	atomic_store_relaxed_u32(&cpu->tid, 0);
	atomic_store_release_u64(&cpu->owner, 0);
}

/* [sched.grant] release, pairs with [sched.granted]: the CPU as it was left. */
static void grant(struct cpu *cpu, struct task *task)
{
	remove_waiting(cpu, task);
	set_running(cpu, task);
	atomic_store_release_u32(&task->granted, 1);
	/* The task may be gone by now; then no thread waits at this address. */
	wake_word(&task->granted);
}

/* [sched.granted] acquire, pairs with [sched.grant]. */
static void wait_granted(struct task *task)
{
	wait_word(&task->granted, 0);
}

/*
 * [kick.look] full, pairs with [kick.send]: tid is written; now look for calls
 * of raisers that did not see it.
 */
static void look_around(struct cpu *cpu)
{
	atomic_fence_seq_cst();
	cpu_poll(cpu);
}

/* Make the CPU look at its waiting tasks, by the call in @task. */
static void queue_resched(struct cpu *cpu, struct task *task)
{
	uint32_t unused = 0;

	/* [resched.queue] acquire, pairs with [resched.free]: the node. */
	if (atomic_cmpxchg_acquire_u32(&task->resched_queued, &unused, 1))
		cpu_queue_call(cpu, &task->resched);
}

void sched_preempt_later(struct cpu *cpu)
{
	queue_resched(cpu, cpu->curr);
}

/* --- entering and leaving --------------------------------------------- */

static void run_on(struct thread *self, struct cpu *cpu, struct task *task)
{
	bool wait;

	run_lock(self, cpu);
	wait = cpu->curr != NULL;
	if (wait) {
		add_waiting(cpu, task, false);
		if (goes_before(task, cpu->curr))
			queue_resched(cpu, task);
	} else {
		set_running(cpu, task);
	}
	run_unlock(self, cpu);
	if (wait)
		wait_granted(task);
	look_around(cpu);
}

/* Under the run lock: hand the CPU to the best waiting task, or idle it. */
static void run_next(struct cpu *cpu)
{
	struct task *next = best_waiting(cpu);

	if (next)
		grant(cpu, next);
	else
		set_idle(cpu);
}

/* Make @task this thread's, with a fresh context. */
static void adopt(struct thread *self, struct cpu *cpu, struct task *task)
{
	task->self = arch_self();
	task->thread = self;
	task->cpu = cpu;
	task->saved = (struct task_context){0};
	push_mine(self, task);
}

void sched_enter(struct thread *self, struct cpu *cpu, struct task *task)
{
	adopt(self, cpu, task);
	run_on(self, cpu, task);
}

static bool try_enter(struct thread *self, struct cpu *cpu, struct task *task)
{
	bool idle;

	if (!cpu_is_idle(cpu))
		return false;
	adopt(self, cpu, task);
	run_lock(self, cpu);
	idle = !cpu->curr;
	if (idle)
		set_running(cpu, task);
	run_unlock(self, cpu);
	if (!idle)
		pop_mine(self, task);
	return idle;
}

void sched_leave(struct cpu *cpu, struct task *task)
{
	struct thread *self = task->thread;

	run_lock(self, cpu);
	run_next(cpu);
	run_unlock(self, cpu);
	pop_mine(self, task);
}

/* --- letting others go first ------------------------------------------ */

static enum pcpmm_noise_cause cause_of(enum task_kind kind)
{
	return kind == TASK_KTHREAD ? PCPMM_NOISE_KTHREAD : PCPMM_NOISE_KWORKER;
}

/*
 * Wait until the CPU is granted to @task again. A thread that is inside a
 * section of another one of its CPUs stays a reader meanwhile.
 */
static void wait_turn(struct thread *self, struct task *task)
{
	bool reading = sched_is_atomic();

	self->reading += reading;
	wait_granted(task);
	self->reading -= reading;
	atomic_fence_seq_cst(); /* [kick.look], for the next poll */
}

void sched_preempt(struct cpu *cpu)
{
	struct thread *self = cpu->thread;
	struct task *task = cpu->curr, *next;
	enum task_kind kind;
	uint64_t start;

	run_lock(self, cpu);
	cpu->need_resched = 0;
	next = best_waiting(cpu);
	if (!next || !goes_before(next, task)) {
		run_unlock(self, cpu);
		return;
	}
	kind = next->kind;
	start = clock_now_ns();
	put_context(cpu, task);
	add_waiting(cpu, task, true);
	grant(cpu, next);
	run_unlock(self, cpu);
	wait_turn(self, task);
	if (task->kind == TASK_USER)
		noise_add(cpu, cause_of(kind), clock_now_ns() - start);
}

void sched_set_prio(struct cpu *cpu, unsigned int prio)
{
	struct thread *self = cpu->thread;

	run_lock(self, cpu);
	atomic_store_relaxed_u32(&cpu->curr->prio, prio);
	run_unlock(self, cpu);
	cpu->need_resched = 1;
	cpu_resched(cpu);
}

/* --- sleeping --------------------------------------------------------- */

static bool may_sleep(const struct cpu *cpu)
{
	return cpu_is_mine(cpu) && !cpu->irq_off && !cpu->preempt_off;
}

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
		run_lock(self, cpu);
		put_context(cpu, task);
		run_next(cpu);
		run_unlock(self, cpu);
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
	if (!try_enter(self, target, &proxy))
		return false;
	look_around(target);
	sched_leave(target, &proxy);
	return true;
}

/* The target may itself wait for any CPU of this thread. */
void sched_help(struct cpu *target, unsigned int *turns)
{
	struct thread *self = thread_current();

	poll_all(self);
	if (!cpu_is_mine(target) && cpu_has_calls(target) &&
		stand_in(self, target))
		return;
	spin_pause(turns);
}
