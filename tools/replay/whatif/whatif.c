/* SPDX-License-Identifier: MIT */
/* Two machines in the state of the recording, one of them changed. */
#include "whatif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../infer/pair.h"
#include "../run/place_internal.h"

struct plan {
	const struct whatif_options *options;
	const struct replay_trace *trace;
	const struct replay_result *zones;
	bool changed; /* the machine being made is the changed one */
	enum pcpmm_list_rules rules; /* of that one */
};

static int choose(
	struct pcpmm_config *config, const void *arg, struct replay_error *err)
{
	struct plan *plan = (struct plan *)(uintptr_t)arg;
	int ret = 0;

	if (plan->changed)
		ret = whatif_change_config(&plan->options->change, config, err);
	plan->rules = config->list_rules;
	return ret;
}

/*
 * Free memory and pageblock types are the state's; lists are empty, as a state says
 * how many pages they hold, but not which, and other rules would hold others.
 */
static int fill(struct plan *plan, struct pcpmm_machine *machine,
	struct replay_error *err)
{
	struct pcpmm_dump_restored restored;

	if (plan->options->dump)
		pcpmm_dump_restore(plan->options->dump, machine,
			PCPMM_DUMP_RESTORE_TYPES | PCPMM_DUMP_RESTORE_FREE |
				(plan->changed ? 0 : PCPMM_DUMP_RESTORE_VALUES),
			NULL, &restored);
	if (!plan->changed)
		return 0;
	return whatif_change_machine(&plan->options->change, machine, err);
}

static int run_once(
	struct plan *plan, struct whatif_run *run, struct replay_error *err)
{
	struct pcpmm_machine *machine =
		place_machine_changed(plan->options->dump,
			plan->options->preset, plan->zones, choose, plan, err);
	int ret;

	if (!machine)
		return -EINVAL;
	ret = fill(plan, machine, err);
	if (!ret)
		ret = whatif_traffic(plan->trace, plan->zones, machine,
			plan->rules, run, err);
	pcpmm_machine_destroy(machine);
	return ret;
}

int replay_what_if(const struct replay_trace *trace,
	const struct replay_input *in, const struct whatif_options *options,
	struct whatif_result *out, struct replay_error *err)
{
	struct replay_trace mine = *trace;
	struct replay_result zones = {0};
	struct plan plan = {options, &mine, &zones, false, 0};
	int ret;

	memset(out, 0, sizeof(*out));
	mine.events = replay_trace_copy_events(trace);
	if (!mine.events)
		return replay_fail(err, -ENOMEM, "no memory for the events");
	ret = replay_pair(&mine, in, &zones, err);
	zones.cpus = trace->cpus;
	if (!ret)
		ret = run_once(&plan, &out->recorded, err);
	plan.changed = true;
	if (!ret)
		ret = run_once(&plan, &out->changed, err);
	free(mine.events);
	replay_result_free(&zones);
	return ret;
}
