/* SPDX-License-Identifier: MIT */
/* Compares pcp->count with the recorded count, before the op that caused it. */
#include "run_internal.h"

#include <stdlib.h>

/* Pages that the causing op adds before the kernel looks at the count. */
static int own_pages(const struct replay_op *op, const struct replay_obs *obs)
{
	return op->kind == REPLAY_FREE && op->cpu == obs->cpu &&
			       op->zone == obs->zone
		       ? 1 << op->order
		       : 0;
}

static int own_list(const struct replay_op *op, const struct replay_obs *obs)
{
	return own_pages(op, obs) ? replay_list_of(op->order, op->mt) : -1;
}

static void compare(struct run *run, const struct replay_obs *obs)
{
	struct replay_counts *counts = &run->cpus[obs->cpu].counts;
	const struct replay_zone *zone = &run->result->zones[obs->zone];
	struct pcpmm_pcp_info info;
	int count;

	if (pcpmm_pcp_read(pcpmm_cpu_get(run->machine, obs->cpu), zone->node,
		    zone->index, &info))
		return;
	count = info.count + own_pages(&run->result->ops[obs->op], obs);
	if (obs->fitted)
		return;
	counts->compared++;
	counts->exact += count == obs->count;
	counts->off_pages += (uint64_t)abs(count - obs->count);
}

/* Make the lists as recorded, without the block that the op is about to add. */
static void correct(struct run *run, const struct replay_obs *obs)
{
	const struct replay_zone *zone = &run->result->zones[obs->zone];
	int own = own_list(&run->result->ops[obs->op], obs);

	for (int list = 0; list < REPLAY_LISTS; list++) {
		unsigned int type = replay_list_type(list);
		uint32_t blocks = obs->list[list];

		blocks -= list == own && blocks;
		pcpmm_restore_pcp_list(run->machine, obs->cpu, zone->node,
			zone->index, (unsigned int)replay_list_order(list),
			(enum pcpmm_migratetype)type, blocks);
	}
}

size_t run_observe(struct run *run, size_t at, uint32_t op, bool resync)
{
	const struct replay_result *result = run->result;
	const struct replay_obs *last = NULL;

	for (; at < result->nr_obs && result->obs[at].op <= op; at++) {
		const struct replay_obs *obs = &result->obs[at];

		if (obs->kind != REPLAY_OBS_BULK_FREE || obs->op != op ||
			obs->count < 0)
			continue;
		if (last && last->cpu == obs->cpu && last->zone == obs->zone)
			continue;
		last = obs;
		compare(run, obs);
		if (resync)
			correct(run, obs);
	}
	return at;
}
