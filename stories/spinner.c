/* SPDX-License-Identifier: MIT */
/* A task that runs on its CPU until scene_spin_end(), and never sleeps. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	atomic_store(&spinner->ready, true);
	while (!atomic_load(&spinner->stop))
		; /* user mode */
}

/*
 * A nohz_full CPU has one more tick, which stops. Interruptions are counted from
 * here on.
 */
static void stop_tick(struct scene_spinner *spinner)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(spinner->machine, spinner->id);
	struct pcpmm_cpu_state state;

	pcpmm_cpu_state_read(cpu, &state);
	if (!state.nohz_full)
		return;
	pcpmm_tick_advance(spinner->machine, 1);
	while (!state.tick_stopped)
		pcpmm_cpu_state_read(cpu, &state);
	story_say(spinner->story, (int)spinner->id, "its tick stops");
	scene_wait_interruptions(
		spinner->machine, spinner->id, 1, STORY_PATIENCE_MS);
	pcpmm_noise_reset(spinner->machine);
}

void scene_spin(struct scene_spinner *spinner)
{
	spinner->thread = scene_run(
		spinner->story, spinner->machine, spinner->id, spin, spinner);
	scene_expect(spinner->story, &spinner->ready, "the spinner starts");
	stop_tick(spinner);
}

void scene_spin_end(struct scene_spinner *spinner)
{
	story_say(spinner->story, (int)spinner->id, "the spinner ends");
	atomic_store(&spinner->stop, true);
	pcpmm_cpu_join(spinner->thread);
}
