/* SPDX-License-Identifier: MIT */
/* A simulation by counts; see check.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define CHECK_BATCH_MAX (1 << 20) /* a larger number is no batch */

struct check_slot {
	int32_t list[REPLAY_LISTS]; /* blocks */
	int32_t count; /* pages */
	int32_t high, batch;
	int16_t free_factor;
};

struct check_run {
	const struct replay_result *result;
	struct replay_check *check;
	struct check_slot *slots;
	uint32_t *flags; /* per zone */
	uint32_t *obs_of; /* obs sorted by op */
	size_t next; /* in obs_of */
	/* made by the current op */
	int32_t refills, refill_got, refill_list;
	int32_t frees, freed, freed_count;
};

static struct check_slot *check_slot_of(
	struct check_run *run, unsigned cpu, unsigned zone)
{
	return &run->slots[cpu * run->result->nr_zones + zone];
}

static void check_pop(struct check_run *run, struct check_slot *slot, int list)
{
	int order = replay_list_order(list);

	if (!slot->list[list]) {
		int32_t n = replay_refill_size(
			slot->batch > 1 ? slot->batch : 1, order);

		slot->list[list] += n;
		slot->count += n << order;
		run->refills++;
		run->refill_got += n;
		run->refill_list = list;
		run->check->refill_calls_made++;
		run->check->refill_pages_made += (uint64_t)n << order;
	}
	slot->list[list]--;
	slot->count -= 1 << order;
}

/*
 * free_pcppages_bulk(), Linux 6.1: each list is emptied before the next one
 * is looked at.
 */
static void check_bulk_free(
	struct check_run *run, struct check_slot *slot, int32_t n, int list)
{
	int32_t before = slot->count;

	if (n > slot->count)
		n = slot->count;
	run->frees++;
	run->freed_count = before;
	while (n > 0 && slot->count > 0) {
		if (!slot->list[list]) {
			list = replay_bulk_next(list);
			continue;
		}
		slot->list[list]--;
		slot->count -= 1 << replay_list_order(list);
		n -= 1 << replay_list_order(list);
	}
	run->freed += before - slot->count;
	run->check->bulk_free_calls_made++;
	run->check->bulk_free_pages_made += (uint64_t)(before - slot->count);
}

static void check_push(struct check_run *run, struct check_slot *slot,
	const struct replay_op *op)
{
	int list = replay_list_of(op->order, op->mt);
	bool free_high = replay_free_high(op->order, slot->free_factor);
	int32_t mark =
		free_high ? 0
			  : replay_spill_at(slot->high, slot->batch,
				    run->flags[op->zone] & REPLAY_ZF_RECLAIM);

	slot->list[list]++;
	slot->count += 1 << op->order;
	if (slot->count >= mark)
		check_bulk_free(run, slot,
			replay_spill_size(slot->count, mark, slot->batch,
				free_high, &slot->free_factor),
			list);
}

static void check_drain(struct check_run *run, struct check_slot *slot)
{
	while (slot->count > 0)
		check_bulk_free(run, slot, replay_drain_chunk(slot->batch), 0);
}

static void check_pcp_set(struct check_run *run, const struct replay_op *op)
{
	for (unsigned cpu = 0; cpu < run->result->cpus; cpu++) {
		if (op->cpu != REPLAY_NO_CPU && op->cpu != cpu)
			continue;
		check_slot_of(run, cpu, op->zone)->high = (int32_t)op->high;
		check_slot_of(run, cpu, op->zone)->batch =
			op->batch < 1 || op->batch > CHECK_BATCH_MAX
				? 1
				: (int32_t)op->batch;
	}
}

static void check_op(struct check_run *run, const struct replay_op *op)
{
	struct check_slot *slot = NULL;

	if (op->cpu != REPLAY_NO_CPU && op->zone != REPLAY_NO_ZONE)
		slot = check_slot_of(run, op->cpu, op->zone);
	switch (op->kind) {
	case REPLAY_ALLOC:
		if (op->flags & REPLAY_OP_DIRECT)
			break;
		slot->free_factor =
			replay_factor_after_alloc(slot->free_factor);
		check_pop(run, slot, replay_list_of(op->order, op->mt));
		break;
	case REPLAY_FREE:
		if (!(op->flags & REPLAY_OP_DIRECT))
			check_push(run, slot, op);
		break;
	case REPLAY_BULK_ALLOC:
		for (uint32_t i = 0; i < op->n; i++)
			check_pop(run, slot, replay_list_of(0, op->mt));
		break;
	case REPLAY_DRAIN:
		check_drain(run, slot);
		break;
	case REPLAY_DRAIN_REMOTE:
		if (slot->count)
			check_bulk_free(run, slot, (int32_t)op->n, 0);
		break;
	case REPLAY_PCP_SET:
		check_pcp_set(run, op);
		break;
	case REPLAY_ZONE_FLAGS:
		run->flags[op->zone] = op->n;
		break;
	default:
		break;
	}
}

static void check_differs(struct check_run *run, const struct replay_obs *obs)
{
	if (!run->check->first_line)
		run->check->first_line = obs->line;
}

static void check_refill(struct check_run *run, const struct replay_obs *obs)
{
	struct replay_check *check = run->check;
	uint64_t pages = (uint64_t)obs->got << obs->order;

	check->refill_calls++;
	check->refill_pages += pages;
	if (run->refills <= 0 ||
		run->refill_list != replay_list_of(obs->order, obs->mt)) {
		check_differs(run, obs);
		return;
	}
	run->refills--;
	check->refill_calls_same++;
	pages = (uint64_t)(obs->got < run->refill_got ? obs->got
						      : run->refill_got)
		<< obs->order;
	check->refill_pages_same += pages;
	run->refill_got -= obs->got;
}

static void check_bulk(struct check_run *run, const struct replay_obs *obs)
{
	struct replay_check *check = run->check;

	check->bulk_free_calls++;
	check->bulk_free_pages += (uint64_t)obs->got;
	check->counts++;
	if (run->frees <= 0) {
		check_differs(run, obs);
		check->counts_same +=
			check_slot_of(run, obs->cpu, obs->zone)->count ==
			obs->count;
		return;
	}
	run->frees--;
	check->counts_same += run->freed_count == obs->count;
	if (run->freed_count != obs->count)
		check_differs(run, obs);
	check->bulk_free_calls_same++;
	check->bulk_free_pages_same +=
		(uint64_t)(obs->got < run->freed ? obs->got : run->freed);
	run->freed -= obs->got;
}

static void check_compare(struct check_run *run, uint32_t op)
{
	const struct replay_obs *obs;

	while (run->next < run->result->nr_obs) {
		obs = &run->result->obs[run->obs_of[run->next]];
		if (obs->op != op)
			break;
		if (obs->kind == REPLAY_OBS_REFILL)
			check_refill(run, obs);
		else
			check_bulk(run, obs);
		run->next++;
	}
	run->refills = run->refill_got = 0;
	run->frees = run->freed = 0;
}

struct check_key {
	uint32_t op, obs;
};

static int check_by_op(const void *a, const void *b)
{
	const struct check_key *x = a, *y = b;

	if (x->op != y->op)
		return x->op < y->op ? -1 : 1;
	return x->obs < y->obs ? -1 : x->obs > y->obs;
}

static int check_sort(struct check_run *run)
{
	size_t n = run->result->nr_obs;
	struct check_key *keys = malloc((n + 1) * sizeof(*keys));

	run->obs_of = malloc((n + 1) * sizeof(*run->obs_of));
	if (!keys || !run->obs_of) {
		free(keys);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		keys[i] =
			(struct check_key){run->result->obs[i].op, (uint32_t)i};
	qsort(keys, n, sizeof(*keys), check_by_op);
	for (size_t i = 0; i < n; i++)
		run->obs_of[i] = keys[i].obs;
	free(keys);
	return 0;
}

static void check_start(struct check_run *run)
{
	const struct replay_result *result = run->result;

	for (size_t i = 0; i < result->nr_init; i++) {
		const struct replay_init *init = &result->init[i];
		struct check_slot *slot =
			check_slot_of(run, init->cpu, init->zone);

		slot->count = init->count;
		/* Unknown high and batch: never spill, refill one by one. */
		slot->high = init->high < 0 ? INT32_MAX : init->high;
		slot->batch = init->batch < 1 || init->batch > CHECK_BATCH_MAX
				      ? 1
				      : init->batch;
		slot->free_factor = init->free_factor;
		for (int l = 0; l < REPLAY_LISTS; l++)
			slot->list[l] =
				(int32_t)(init->first[l + 1] - init->first[l]);
	}
}

int replay_check(const struct replay_result *result, struct replay_check *check)
{
	struct check_run run = {.result = result, .check = check};
	int ret = -ENOMEM;

	memset(check, 0, sizeof(*check));
	run.slots = calloc(result->cpus * result->nr_zones, sizeof(*run.slots));
	run.flags = calloc(result->nr_zones, sizeof(*run.flags));
	if (run.slots && run.flags)
		ret = check_sort(&run);
	if (!ret) {
		check_start(&run);
		for (uint32_t i = 0; i < result->nr_ops; i++) {
			check_op(&run, &result->ops[i]);
			check_compare(&run, i);
		}
		check_compare(&run, REPLAY_NO_OP);
	}
	free(run.slots);
	free(run.flags);
	free(run.obs_of);
	return ret;
}
