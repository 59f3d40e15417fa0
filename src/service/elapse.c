/* SPDX-License-Identifier: MIT */
/*
 * Time that goes by: timers expire, CPUs take their ticks, and starved tasks get
 * their windows (pcpmm/tick.h).
 */
#include <errno.h>
#include <pcpmm/tick.h>

#include "arch/wait.h"
#include "cpu/entry.h"
#include "cpu/starvation.h"
#include "service/tick.h"

#define WINDOW_MS 50 /* of the fair server */

_Static_assert(HZ == PCPMM_HZ, "pcpmm/tick.h");

static void tick_all(struct pcpmm_machine *machine)
{
	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		struct pcpmm_cpu *cpu = &machine->cpus[id];

		if (machine_cpu_online(machine, id) && !cpu_is_idle(&cpu->base))
			tick_on(cpu);
	}
}

/* --- normal tasks behind FIFO tasks ---------------------------------------- */

/* @open: bits of the CPUs that have a window open. */
static bool serve_starved(struct pcpmm_machine *machine, uint64_t *open)
{
	struct thread *self = thread_current();
	uint64_t now = timers_now(&machine->timers);
	bool any = false;

	for (unsigned int id = 0; id < machine->smp.nr; id++) {
		bool is_open = starvation_tick(self, &machine->cpus[id].base,
			machine->config.starvation, now);

		cpumask_set(open, id, is_open);
		any |= is_open;
	}
	if (self)
		entry_missed(self);
	return any;
}

static bool served_now(
	const struct pcpmm_machine *machine, const uint64_t *open)
{
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		if (cpumask_test(open, id) &&
			starvation_is_served(&machine->cpus[id].base))
			return true;
	return false;
}

/*
 * Where a program lets time go by, no time goes by while tasks run: they have
 * until all of them have run, but no longer than the window of the host's time.
 */
static void let_starved_run(
	const struct pcpmm_machine *machine, const uint64_t *open)
{
	struct thread *self = thread_current();
	uint32_t never = 0;

	for (unsigned int ms = 0; ms < WINDOW_MS && served_now(machine, open);
		ms++) {
		if (self)
			entry_poll_all(self);
		wait_word_ms(&never, 0, 1);
	}
}

/* Tick by tick, as the windows are shorter than most steps. */
static void elapse_and_serve(struct pcpmm_machine *machine, uint64_t ticks)
{
	uint64_t open[MASK_WORDS] = {0};

	mutex_lock(&machine->elapse);
	for (; ticks; ticks--) {
		timers_elapse(&machine->timers, 1);
		tick_all(machine);
		if (serve_starved(machine, open) && !tick_is_driven(machine))
			let_starved_run(machine, open);
	}
	mutex_unlock(&machine->elapse);
}

void tick_elapse(struct pcpmm_machine *machine, uint64_t ticks)
{
	if (machine->config.starvation != PCPMM_STARVATION_NONE) {
		elapse_and_serve(machine, ticks);
	} else {
		timers_elapse(&machine->timers, ticks);
		tick_all(machine);
	}
	if (thread_current())
		entry_poll_all(thread_current());
}

uint64_t pcpmm_jiffies(const struct pcpmm_machine *machine)
{
	return timers_now(&machine->timers);
}

int pcpmm_tick_advance(struct pcpmm_machine *machine, uint64_t ticks)
{
	if (tick_is_driven(machine))
		return -EBUSY;
	tick_elapse(machine, ticks);
	return 0;
}
