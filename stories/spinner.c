/* SPDX-License-Identifier: MIT */
/* A task that runs on its CPU until scene_spin_end(), and never sleeps. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A nohz_full CPU has one more tick, which stops. Interruptions are counted from
 * here on.
 */
static void stop_tick(struct scene_spinner *spinner, struct pcpmm_cpu *cpu)
{
	struct pcpmm_cpu_state state;

	pcpmm_tick_advance(spinner->machine, 1);
	pcpmm_cpu_state_read(cpu, &state);
	if (!state.tick_stopped)
		story_give_up(spinner->story, EXIT_FAILURE,
			"the tick of CPU %u does not stop", spinner->id);
	story_say(spinner->story, (int)spinner->id, "its tick stops");
	pcpmm_noise_reset(spinner->machine);
}

static void spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct scene_spinner *spinner = arg;
	int ret = pcpmm_cpu_set_fifo(cpu, spinner->fifo);
	struct pcpmm_cpu_state state;
	char class[32] = "a normal task";

	if (ret)
		story_give_up(spinner->story, EXIT_FAILURE,
			"CPU %u can not be FIFO: %s", spinner->id,
			strerror(-ret));
	if (spinner->before)
		spinner->before(spinner->story, cpu);
	pcpmm_cpu_state_read(cpu, &state);
	if (state.fifo)
		snprintf(class, sizeof(class), "SCHED_FIFO %u", state.fifo);
	story_say(spinner->story, (int)spinner->id, "spins, %s%s", class,
		state.nohz_full ? ", nohz_full" : "");
	if (state.nohz_full)
		stop_tick(spinner, cpu);
	atomic_store(&spinner->ready, true);
	while (!atomic_load(&spinner->stop))
		; /* user mode */
}

void scene_spin(struct scene_spinner *spinner)
{
	spinner->thread = scene_run(
		spinner->story, spinner->machine, spinner->id, spin, spinner);
	scene_expect(spinner->story, &spinner->ready, "the spinner starts");
}

void scene_spin_end(struct scene_spinner *spinner)
{
	story_say(spinner->story, (int)spinner->id, "the spinner ends");
	atomic_store(&spinner->stop, true);
	pcpmm_cpu_join(spinner->thread);
}
