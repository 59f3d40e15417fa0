/* SPDX-License-Identifier: MIT */
/* One thread is every CPU: ops run in the recorded order. */
#include "run_internal.h"

#define PROGRESS_EVERY 65536

/* Whether op @index ends while the copy after the run is being made. */
static bool is_copied(
	const struct run *run, const struct replay_after *after, uint32_t index)
{
	uint32_t line = run->result->ops[index].line;

	if (!after->to)
		return index + 1 == run->result->nr_ops;
	return line >= after->from && line <= after->to;
}

static int look_after(
	struct run *run, struct replay_after *after, uint32_t index)
{
	const struct replay_op *op = &run->result->ops[index];
	uint64_t moves = 0;
	bool lists = !after->counts.compared || op->flags & REPLAY_OP_DIRECT;

	for (unsigned int i = 0; i < pcpmm_nr_cpus(run->machine); i++)
		moves += run->cpus[i].locked.nr + run->cpus[i].drained.nr;
	lists |= moves != run->moves;
	run->moves = moves;
	return replay_after_look(after, run->machine, lists);
}

int run_sequential(struct run *run, const struct replay_run_options *options)
{
	const struct replay_result *result = run->result;
	struct replay_after *after = options->after;
	size_t obs = 0;
	int ret = 0;

	for (uint32_t i = 0; i < result->nr_ops; i++) {
		if (obs < result->nr_obs && result->obs[obs].op <= i)
			obs = run_observe(run, obs, i, options->resync);
		run_op(run, i);
		if (after && after->dump && is_copied(run, after, i))
			ret = look_after(run, after, i);
		if (ret)
			break;
		if (options->progress && i % PROGRESS_EVERY == 0)
			options->progress(options->arg, i, result->nr_ops);
	}
	/* No op between the marks: the end it is. */
	if (!ret && after && after->dump && !after->counts.compared &&
		result->nr_ops)
		ret = look_after(run, after, (uint32_t)result->nr_ops - 1);
	return ret;
}
