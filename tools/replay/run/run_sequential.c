/* SPDX-License-Identifier: MIT */
/* One thread is every CPU: ops run in the recorded order. */
#include "run_internal.h"

#define PROGRESS_EVERY 65536

void run_sequential(struct run *run, const struct replay_run_options *options)
{
	const struct replay_result *result = run->result;
	size_t obs = 0;

	for (uint32_t i = 0; i < result->nr_ops; i++) {
		if (obs < result->nr_obs && result->obs[obs].op <= i)
			obs = run_observe(run, obs, i, options->resync);
		run_op(run, i);
		if (options->progress && i % PROGRESS_EVERY == 0)
			options->progress(options->arg, i, result->nr_ops);
	}
}
