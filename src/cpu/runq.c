/* SPDX-License-Identifier: MIT */
/*
 * The tasks of a CPU: which one runs, which ones wait, and how the CPU is handed
 * from one to the next; see runq.h.
 */
#include "cpu/runq.h"

#include "arch/mutant.h"
#include "arch/clock.h"
#include "arch/wait.h"
#include "cpu/lock.h"
#include "cpu/psi.h"

static void on_resched(struct cpu *cpu, void *arg)
{
	struct resched *resched = arg;

	atomic_store_relaxed_u32(&cpu->need_resched, 1);
	/* [resched.free] release, pairs with [resched.queue]: node was read. */
	atomic_store_release_u32(&resched->queued, 0);
}

static void resched_init(struct resched *resched)
{
	*resched = (struct resched){
		.call = {.fn = on_resched, .arg = resched, .quiet = true}};
}

void cpu_init(struct cpu *cpu, uint32_t id)
{
	*cpu = (struct cpu){.id = id, .starvation.since = UINT64_MAX};
	task_init(&cpu->user, TASK_USER, 0);
	resched_init(&cpu->resched);
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

/*
 * held_off keeps this thread's handler out of the lists under the lock. NULL: a
 * thread that is on no CPU, whose handler does nothing.
 */
static void run_lock(struct thread *self, struct cpu *cpu)
{
	if (self)
		self->held_off++;
	compiler_barrier();
	lock_acquire(NULL, &cpu->run_lock, 0);
}

/* A signal that came meanwhile stays noted in self->missed. */
static void run_unlock(struct thread *self, struct cpu *cpu)
{
	if (cpu->psi)
		psi_change(cpu, clock_now_ns());
	lock_release(NULL, &cpu->run_lock, 0);
	compiler_barrier();
	if (self)
		self->held_off--;
	compiler_barrier();
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

/* --- order of tasks --------------------------------------------------- */

void task_init(struct task *task, enum task_kind kind, unsigned int prio)
{
	*task = (struct task){.kind = kind, .prio = prio};
	resched_init(&task->resched);
}

/* While starved tasks are served they run in the deadline class. */
static uint32_t prio_of(const struct cpu *cpu, const struct task *task)
{
	return !task->prio && atomic_load_relaxed_u8(&cpu->starvation.serving)
		       ? PRIO_DEADLINE
		       : task->prio;
}

/* Racy: marked a moment late, it goes first a moment longer. */
static bool is_hog(const struct task *task)
{
	return atomic_load_relaxed_u8(&task->hog);
}

static bool goes_before(const struct cpu *cpu, const struct task *waiting,
	const struct task *running)
{
	uint32_t prio = prio_of(cpu, waiting), other = prio_of(cpu, running);

	if (prio != other)
		return prio > other;
	if (waiting->prio || running->prio || waiting->kind == TASK_USER)
		return false;
	return running->kind == TASK_USER ||
	       (is_hog(running) && !is_hog(waiting));
}

/* The first task; among equals the one that waits longest. */
static struct task *best_waiting(const struct cpu *cpu)
{
	struct task *best = cpu->waiting;

	for (struct task *task = best; task; task = task->next)
		if (goes_before(cpu, task, best))
			best = task;
	return best;
}

/* A waiting task's priority does not change. */
static void count_waiting(struct cpu *cpu, const struct task *task, uint32_t by)
{
	atomic_store_relaxed_u32(&cpu->nr_waiting, cpu->nr_waiting + by);
	if (!task->prio)
		atomic_store_relaxed_u32(
			&cpu->nr_waiting_normal, cpu->nr_waiting_normal + by);
}

static void remove_waiting(struct cpu *cpu, struct task *task)
{
	struct task **link = &cpu->waiting;

	while (*link != task)
		link = &(*link)->next;
	*link = task->next;
	if (task->displaced)
		cpu->nr_displaced--;
	task->displaced = false;
	atomic_store_relaxed_u8(&task->waiting, 0);
	count_waiting(cpu, task, -1u);
}

/* @first: a task that was taken off the CPU goes before its equals. */
static void add_waiting(struct cpu *cpu, struct task *task, bool first)
{
	struct task **link = &cpu->waiting;

	while (!first && *link)
		link = &(*link)->next;
	task->next = *link;
	*link = task;
	task->displaced = first;
	if (first)
		cpu->nr_displaced++;
	atomic_store_relaxed_u8(&task->waiting, 1);
	count_waiting(cpu, task, 1);
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
	cpu_update_may(cpu, task->self);
	atomic_store_release_u64(&cpu->owner, task->self);
}

static void set_idle(struct cpu *cpu)
{
	cpu->curr = NULL;
	cpu->thread = NULL;
	atomic_store_relaxed_u32(&cpu->tid, 0);
	cpu_update_may(cpu, 0);
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

/* Make the CPU look at its waiting tasks. */
static void queue_resched(struct cpu *cpu, struct resched *resched)
{
	uint32_t unused = 0;

	/* [resched.queue] acquire, pairs with [resched.free]: the node. */
	if (atomic_cmpxchg_acquire_u32(&resched->queued, &unused, 1))
		cpu_queue_call(cpu, &resched->call);
}

void runq_resched_later(struct cpu *cpu)
{
	queue_resched(cpu, &cpu->resched);
}

void runq_look_again(struct thread *self, struct cpu *cpu)
{
	run_lock(self, cpu);
	if (cpu->curr)
		queue_resched(cpu, &cpu->resched);
	run_unlock(self, cpu);
}

/* --- operations -------------------------------------------------------- */

/* Make @task this thread's, with a fresh context. */
void runq_adopt(struct thread *self, struct cpu *cpu, struct task *task)
{
	task->self = arch_self();
	task->thread = self;
	task->cpu = cpu;
	task->saved = (struct task_context){0};
	push_mine(self, task);
}

bool runq_enter(struct thread *self, struct cpu *cpu, struct task *task)
{
	bool at_once;

	run_lock(self, cpu);
	at_once = !cpu->curr;
	if (at_once) {
		set_running(cpu, task);
	} else {
		add_waiting(cpu, task, false);
		if (goes_before(cpu, task, cpu->curr))
			queue_resched(cpu, &task->resched);
	}
	run_unlock(self, cpu);
	return at_once;
}

bool runq_try_enter(struct thread *self, struct cpu *cpu, struct task *task)
{
	bool idle;

	if (!cpu_is_idle(cpu))
		return false;
	runq_adopt(self, cpu, task);
	run_lock(self, cpu);
	idle = !cpu->curr;
	if (idle)
		set_running(cpu, task);
	run_unlock(self, cpu);
	if (!idle)
		pop_mine(self, task);
	return idle;
}

/* Under the run lock: hand the CPU to the best waiting task, or make it idle. */
static void run_next(struct cpu *cpu)
{
	struct task *next = best_waiting(cpu);

	if (next)
		grant(cpu, next);
	else
		set_idle(cpu);
}

void runq_leave(struct cpu *cpu, struct task *task)
{
	struct thread *self = task->thread;

	run_lock(self, cpu);
	run_next(cpu);
	run_unlock(self, cpu);
	pop_mine(self, task);
}

void runq_sleep(struct thread *self, struct cpu *cpu, struct task *task)
{
	run_lock(self, cpu);
	put_context(cpu, task);
	run_next(cpu);
	run_unlock(self, cpu);
}

bool runq_preempt(struct thread *self, struct cpu *cpu, enum task_kind *by)
{
	struct task *task = cpu->curr, *next;
	bool preempted;

	run_lock(self, cpu);
	cpu->need_resched = 0;
	next = best_waiting(cpu);
	preempted = next && goes_before(cpu, next, task);
	if (preempted) {
		*by = next->kind;
		put_context(cpu, task);
		add_waiting(cpu, task, true);
		grant(cpu, next);
	}
	run_unlock(self, cpu);
	return preempted;
}

void runq_set_prio(struct cpu *cpu, unsigned int prio)
{
	struct thread *self = cpu->thread;

	run_lock(self, cpu);
	atomic_store_relaxed_u32(&cpu->curr->prio, prio);
	run_unlock(self, cpu);
	cpu->need_resched = 1;
}

void runq_set_stalled(struct cpu *cpu, bool stalled)
{
	struct thread *self = cpu->thread;

	run_lock(self, cpu);
	cpu->curr->stalled = stalled;
	cpu->psi->nr_stalled += stalled ? 1u : -1u;
	run_unlock(self, cpu);
}

void runq_copy_psi(struct cpu *cpu, struct psi_cpu *copy)
{
	struct thread *self = thread_current();

	run_lock(self, cpu);
	*copy = *cpu->psi;
	run_unlock(self, cpu);
}

/* [sched.granted] acquire, pairs with [sched.grant]. */
void runq_wait_granted(struct task *task)
{
	wait_word(&task->granted, 0);
}
