/* SPDX-License-Identifier: MIT */
/*
 * Timers, and the time of a machine in jiffies.
 *
 * A timer lies on the base of one CPU. Time goes by when a thread calls
 * timers_elapse(), which runs the expired timers of each CPU in its place:
 *
 *   a CPU whose tick runs     all of its expired timers
 *   a CPU whose tick stopped  nothing, until one that is not deferrable expires;
 *                             then all, since the CPU looks at both
 *
 * So a deferrable timer on a CPU with a stopped tick may never run.
 *
 * One lock covers the time and all bases. It has no rank: timer functions run
 * under it, and take only locks that no holder takes a timer lock inside of.
 */
#ifndef CPU_TIMER_H
#define CPU_TIMER_H

#include "cpu/lock.h"
#include "cpu/smp.h"

#define HZ 250u /* ticks a second, as Debian configures its kernels */
#define NEVER UINT64_MAX

struct timer {
	struct timer *next; /* of its base */
	/* Under the timer lock, any thread. It must not wait. */
	void (*fn)(struct timer *timer);
	uint64_t expires; /* jiffies */
	uint32_t cpu; /* its base */
	bool deferrable;
	uint8_t pending; /* timer lock; read racily: stale for one more look */
};

struct timers {
	struct spinlock lock;
	uint64_t jiffies; /* timer lock; read racily */
	struct timer **base; /* [cpu] */
	struct smp *smp;
};

/* -ENOMEM. */
int timers_init(struct timers *timers, struct smp *smp);
void timers_fini(struct timers *timers);

static inline uint64_t timers_now(const struct timers *timers)
{
	return atomic_load_relaxed_u64(&timers->jiffies);
}

static inline bool timer_pending(const struct timer *timer)
{
	return atomic_load_relaxed_u8(&timer->pending);
}

/* Start a timer @delay ticks from now on the base of @cpu. It is not pending. */
void timer_add(struct timers *timers, struct timer *timer, unsigned int cpu,
	uint64_t delay);
/* Stop it. false: it was not pending. Its function does not run any more. */
bool timer_del(struct timers *timers, struct timer *timer);

/* When the next timer of @cpu that is not deferrable expires, or NEVER. */
uint64_t timers_next(struct timers *timers, unsigned int cpu);
/* A CPU goes offline: its timers move to the base of CPU @to. */
void timers_migrate(struct timers *timers, unsigned int from, unsigned int to);

/* @ticks go by. */
void timers_elapse(struct timers *timers, uint64_t ticks);

/*
 * @delay ticks from now, rounded to a full second as round_jiffies_relative()
 * does: down within the first quarter of a second, else up; never to now.
 */
uint64_t timers_round(const struct timers *timers, uint64_t delay);
/*
 * Ticks to the next moment of @cpu: intervals of @interval ticks are divided among
 * the online CPUs, in the order of their numbers. More than 0.
 */
uint64_t timers_spread(
	const struct timers *timers, uint64_t interval, unsigned int cpu);

#endif
