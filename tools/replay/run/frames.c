/* SPDX-License-Identifier: MIT */
/*
 * Compares page frames: which ones the simulated lists gave, and which ones went
 * between lists and buddy.
 *
 * Placing has put what was known at the start into its own frames, so a machine
 * that follows the kernel's rules gives the very frames that the kernel gave.
 * An allocation's frame is compared with its line's. The lines zone_locked and
 * pcpu_drain of one CPU are compared by their turn: the nth simulated one with
 * the nth recorded one, so a line too many or too few counts until the end. Of a
 * drain the CPU is the one whose list is emptied.
 */
#include "../read/grow.h"
#include "run_internal.h"

#include <errno.h>
#include <stdlib.h>

bool run_frame(struct run_frames *frames, uint32_t pfn)
{
	if (GROW(frames->pfns, frames->nr, frames->cap))
		return false;
	frames->pfns[frames->nr++] = pfn;
	return true;
}

static const struct run_frames *frames_of(
	const struct run *run, unsigned int cpu, unsigned int kind)
{
	return kind == REPLAY_FRAME_LOCKED ? &run->cpus[cpu].locked
					   : &run->cpus[cpu].drained;
}

/* Lines of @kind: compared is the number of the recorded or of the simulated
 * ones, whichever is larger, summed over the CPUs. @turn: zeroes. */
static void compare_kind(const struct run *run, unsigned int kind, size_t *turn,
	struct replay_same *out)
{
	const struct replay_result *result = run->result;
	bool any = false;

	for (size_t i = 0; i < result->nr_frames; i++) {
		const struct replay_frame *frame = &result->frames[i];
		const struct run_frames *did;
		size_t at;

		if (frame->kind != kind)
			continue;
		any = true;
		did = frames_of(run, frame->cpu, kind);
		at = turn[frame->cpu]++;
		out->same += at < did->nr && did->pfns[at] == frame->pfn;
	}
	for (unsigned int cpu = 0; any && cpu < pcpmm_nr_cpus(run->machine);
		cpu++) {
		size_t nr = frames_of(run, cpu, kind)->nr;

		out->compared += nr > turn[cpu] ? nr : turn[cpu];
	}
}

int run_compare_frames(const struct run *run, struct replay_frames *out)
{
	unsigned int cpus = pcpmm_nr_cpus(run->machine);
	size_t *turns = calloc(2 * cpus, sizeof(*turns));

	if (!turns)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		out->alloc.same += run->cpus[cpu].alloc.same;
		out->alloc.compared += run->cpus[cpu].alloc.compared;
	}
	compare_kind(run, REPLAY_FRAME_LOCKED, turns, &out->locked);
	compare_kind(run, REPLAY_FRAME_DRAINED, turns + cpus, &out->drained);
	free(turns);
	return 0;
}
