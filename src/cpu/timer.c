/* SPDX-License-Identifier: MIT */
/* Timers and their bases; see timer.h. */
#include "cpu/timer.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/mutant.h"

int timers_init(struct timers *timers, struct smp *smp)
{
	*timers = (struct timers){.smp = smp};
	timers->base = calloc(smp->nr, sizeof(timers->base[0]));
	return timers->base ? 0 : -ENOMEM;
}

void timers_fini(struct timers *timers)
{
	free(timers->base);
}

/* An interrupt may start a timer. */
static void timers_lock(struct timers *timers)
{
	lock_acquire_irqsave(&timers->lock);
}

static void timers_unlock(struct timers *timers)
{
	lock_release_irqrestore(&timers->lock);
}

/* --- under the lock ------------------------------------------------------ */

/* In order of expiry; among equals the first that was started. */
static void insert(struct timers *timers, struct timer *timer)
{
	struct timer **link = &timers->base[timer->cpu];

	while (*link && (*link)->expires <= timer->expires)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
	atomic_store_relaxed_u8(&timer->pending, 1);
}

static void detach(struct timers *timers, struct timer *timer)
{
	struct timer **link = &timers->base[timer->cpu];

	while (*link != timer)
		link = &(*link)->next;
	*link = timer->next;
	atomic_store_relaxed_u8(&timer->pending, 0);
}

/* The CPU looks at its timers: its tick runs, or was programmed for one. */
static bool looks(const struct timers *timers, unsigned int cpu)
{
	const struct timer *timer = timers->base[cpu];

	if (MUTANT(DEFERRABLE_FIRES) ||
		!atomic_load_relaxed_u8(&timers->smp->cpu[cpu]->tick_stopped))
		return true;
	while (timer && timer->deferrable)
		timer = timer->next;
	return timer && timer->expires <= timers->jiffies;
}

static void run_base(struct timers *timers, unsigned int cpu)
{
	struct timer *timer = timers->base[cpu];

	if (!timer || timer->expires > timers->jiffies || !looks(timers, cpu))
		return;
	for (; timer && timer->expires <= timers->jiffies;
		timer = timers->base[cpu]) {
		detach(timers, timer);
		timer->fn(timer);
	}
}

/* --- operations ---------------------------------------------------------- */

void timer_add(struct timers *timers, struct timer *timer, unsigned int cpu,
	uint64_t delay)
{
	timers_lock(timers);
	timer->cpu = cpu;
	timer->expires = timers->jiffies + delay;
	insert(timers, timer);
	timers_unlock(timers);
}

bool timer_del(struct timers *timers, struct timer *timer)
{
	bool pending;

	timers_lock(timers);
	pending = timer->pending;
	if (pending)
		detach(timers, timer);
	timers_unlock(timers);
	return pending;
}

uint64_t timers_next(struct timers *timers, unsigned int cpu)
{
	const struct timer *timer;
	uint64_t next;

	timers_lock(timers);
	timer = timers->base[cpu];
	while (timer && timer->deferrable)
		timer = timer->next;
	next = timer ? timer->expires : NEVER;
	timers_unlock(timers);
	return next;
}

void timers_migrate(struct timers *timers, unsigned int from, unsigned int to)
{
	struct timer *timer;

	timers_lock(timers);
	while ((timer = timers->base[from])) {
		detach(timers, timer);
		timer->cpu = to;
		insert(timers, timer);
	}
	timers_unlock(timers);
}

void timers_elapse(struct timers *timers, uint64_t ticks)
{
	timers_lock(timers);
	atomic_store_relaxed_u64(&timers->jiffies, timers->jiffies + ticks);
	for (unsigned int cpu = 0; cpu < timers->smp->nr; cpu++)
		run_base(timers, cpu);
	timers_unlock(timers);
}

uint64_t timers_round(const struct timers *timers, uint64_t delay)
{
	uint64_t now = timers_now(timers), at = now + delay;
	uint64_t rest = at % HZ;
	uint64_t rounded = rest < HZ / 4 ? at - rest : at - rest + HZ;

	return rounded > now ? rounded - now : delay;
}

uint64_t timers_spread(
	const struct timers *timers, uint64_t interval, unsigned int cpu)
{
	uint64_t now = timers_now(timers), at = now - now % interval;
	unsigned int before = 0;

	for (unsigned int id = 0; id < cpu; id++)
		before += smp_is_online(timers->smp, id);
	at += interval * before / smp_nr_online(timers->smp);
	return at > now ? at - now : at + interval - now;
}
