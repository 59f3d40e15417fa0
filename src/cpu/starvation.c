/* SPDX-License-Identifier: MIT */
/* Windows for starved tasks; see starvation.h. */
#include "cpu/starvation.h"

#include "cpu/runq.h"

/* Ticks. */
struct answer {
	uint64_t delay; /* from the begin to the first period */
	uint64_t period;
	uint64_t window; /* at the end of each period */
	uint64_t duration; /* of all periods; NEVER: no end */
};

static const struct answer answers[PCPMM_NR_STARVATIONS] = {
	[PCPMM_STARVATION_FAIR_SERVER] = {0, HZ, HZ / 20, NEVER},
	[PCPMM_STARVATION_RT_THROTTLE] = {0, HZ, HZ / 20, NEVER},
	[PCPMM_STARVATION_STALLD] = {60 * HZ, HZ, 1, 3 * HZ},
};

/* The thread that entered the CPU is FIFO, and holds up normal tasks. */
static bool starves(const struct cpu *cpu, enum pcpmm_starvation answer)
{
	if (!cpu_task_prio(cpu) || cpu_is_idle(cpu))
		return false;
	return answer == PCPMM_STARVATION_RT_THROTTLE ||
	       atomic_load_relaxed_u32(&cpu->nr_waiting_normal) ||
	       starvation_is_served(cpu);
}

static bool in_window(const struct answer *answer, uint64_t elapsed)
{
	return elapsed >= answer->delay &&
	       (elapsed - answer->delay) % answer->period >=
		       answer->period - answer->window;
}

static void set_serving(struct thread *self, struct cpu *cpu, bool serving)
{
	if (cpu->starvation.serving == serving)
		return;
	atomic_store_relaxed_u8(&cpu->starvation.serving, serving);
	runq_look_again(self, cpu);
}

bool starvation_tick(struct thread *self, struct cpu *cpu,
	enum pcpmm_starvation kind, uint64_t now)
{
	const struct answer *answer = &answers[kind];
	struct starvation *starvation = &cpu->starvation;

	if (!starves(cpu, kind))
		starvation->since = NEVER;
	else if (starvation->since == NEVER ||
		 (answer->duration != NEVER &&
			 now - starvation->since >=
				 answer->delay + answer->duration))
		starvation->since = now;
	set_serving(self, cpu,
		starvation->since != NEVER &&
			in_window(answer, now - starvation->since));
	return starvation->serving;
}
