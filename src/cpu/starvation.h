/* SPDX-License-Identifier: MIT */
/*
 * What a kernel does for normal tasks that starve behind a FIFO task: now and then
 * it lets them go first, for a short window.
 *
 *              begins when           window                    for
 *   fair_server  a normal task waits  50 ms at the end of each  as long as one
 *                                     second                    waits
 *   rt_throttle  the FIFO task runs   likewise                  as long as it
 *                                                               runs
 *   stalld       a normal task waits  after 60 s, one tick in   3 s, then 60 s
 *                                     each second               again
 *
 * fair_server: the deadline server for normal tasks, Linux 6.12 on; runtime 50 ms,
 * period 1 s, deferred to the end of its period. rt_throttle: sched_rt_runtime_us
 * = 950000 of 1000000. stalld: the daemon's defaults, -t 60 -p 1000000000 -r 20000
 * -d 3; its 20 us are one tick here, as a window can not be shorter.
 */
#ifndef CPU_STARVATION_H
#define CPU_STARVATION_H

#include <pcpmm/axes.h>

#include "cpu/timer.h"

/*
 * A tick of @cpu at @now. true: a window is open. One caller at a time; @self as
 * for runq_look_again().
 */
bool starvation_tick(struct thread *self, struct cpu *cpu,
	enum pcpmm_starvation answer, uint64_t now);

/* Normal tasks wait for @cpu, or one runs while a FIFO task waits. Racy. */
static inline bool starvation_is_served(const struct cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->starvation.serving) &&
	       (atomic_load_relaxed_u32(&cpu->nr_waiting_normal) ||
		       atomic_load_relaxed_u8(&cpu->user.waiting));
}

#endif
