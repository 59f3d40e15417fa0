/* SPDX-License-Identifier: MIT */
/* The thread that lets time go by. It runs on no CPU. */
#include <errno.h>
#include <pcpmm/tick.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/wait.h"
#include "cpu/mutex.h"
#include "service/tick.h"

#define TICK_US_MAX 1000000u

struct ticker {
	struct pcpmm_machine *machine;
	struct thread *thread;
	uint64_t tick_ns;
	uint32_t stop; /* waited for */
};

bool tick_is_driven(const struct pcpmm_machine *machine)
{
	return atomic_load_relaxed_ptr((void *const *)&machine->ticker) != NULL;
}

/* Ticks that the host made late come together. */
static void ticker_main(void *arg)
{
	struct ticker *ticker = arg;
	uint64_t start = clock_now_ns(), done = 0;
	uint32_t ms = (uint32_t)MAX(ticker->tick_ns / 1000000, (uint64_t)1);

	while (!wait_word_ms(&ticker->stop, 0, ms)) {
		uint64_t due = (clock_now_ns() - start) / ticker->tick_ns;

		if (due == done)
			continue;
		tick_elapse(ticker->machine, due - done);
		done = due;
	}
}

static int start(struct pcpmm_machine *machine, unsigned int tick_us)
{
	struct ticker *ticker = calloc(1, sizeof(*ticker));
	int ret;

	if (!ticker)
		return -ENOMEM;
	ticker->machine = machine;
	ticker->tick_ns = 1000ull * tick_us;
	ticker->thread = thread_start(-1, "tick", ticker_main, ticker);
	if (!ticker->thread) {
		ret = -errno;
		free(ticker);
		return ret;
	}
	atomic_store_release_ptr((void **)&machine->ticker, ticker);
	return 0;
}

int pcpmm_tick_start(struct pcpmm_machine *machine, unsigned int tick_us)
{
	int ret;

	if (!tick_us || tick_us > TICK_US_MAX)
		return -EINVAL;
	mutex_lock(&machine->services);
	ret = machine->ticker ? -EBUSY : start(machine, tick_us);
	mutex_unlock(&machine->services);
	return ret;
}

void pcpmm_tick_stop(struct pcpmm_machine *machine)
{
	struct ticker *ticker;

	mutex_lock(&machine->services);
	ticker = machine->ticker;
	if (ticker) {
		atomic_store_release_u32(&ticker->stop, 1);
		wake_word(&ticker->stop);
		sched_sleep();
		thread_join(ticker->thread);
		sched_wake();
		atomic_store_release_ptr((void **)&machine->ticker, NULL);
		free(ticker);
	}
	mutex_unlock(&machine->services);
}
