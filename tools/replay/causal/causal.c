/* SPDX-License-Identifier: MIT */
/* The two runs: one event at a time, in the recorded order. */
#include "causal_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../clock.h"
#include "../infer/pair.h"

#define PROGRESS_EVERY 65536

/* kswapd balances its node between the two lines, at most. */
static void kswapd_line(struct causal *causal, const struct replay_event *event)
{
	bool active = event->kind == REPLAY_EV_KSWAPD_WAKE;

	for (unsigned i = 0; i < causal->nr_zones; i++) {
		const struct replay_zone *zone = &causal->zones[i];

		if (zone->node != event->arg)
			continue;
		causal->reclaim[i] = causal->awake[i] = active;
		pcpmm_restore_reclaim_active(
			causal->machine, zone->node, zone->index, active);
		causal->run->adjusted.flags_kswapd++;
	}
}

/* __zone_set_pageset_high_and_batch(): of all CPUs; from 6.7 the bounds of high. */
static void pageset_line(
	struct causal *causal, const struct replay_event *event)
{
	const struct replay_probe *probe = &causal->trace->probes[event->arg];
	struct causal_printed printed;

	printed_nothing(&printed);
	printed.high = probe->high;
	printed.batch = probe->batch;
	printed.high_min = probe->high_min;
	printed.high_max = probe->high_max;
	for (unsigned i = 0; i < causal->nr_zones; i++) {
		if (causal->zones[i].index != probe->zone_name)
			continue;
		for (unsigned cpu = 0; cpu < causal->nr_cpus; cpu++)
			pageset_follow(
				causal, slot_of(causal, cpu, i), &printed);
		causal->run->adjusted.marks++;
	}
}

static void command_line(
	struct causal *causal, const struct replay_event *event)
{
	causal->cpus[event->cpu].drained = event->kind == REPLAY_EV_DRAIN_PZ
						   ? (uint16_t)event->arg
						   : REPLAY_NO_CPU;
}

static bool goes_on(const struct replay_event *event)
{
	return event->kind == REPLAY_EV_LOCKED ||
	       event->kind == REPLAY_EV_EXTFRAG;
}

static void event_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];

	if (is_done(causal, at))
		return;
	if (!goes_on(event) && event->kind != REPLAY_EV_NONE)
		record_run_end(causal, at);
	switch (event->kind) {
	case REPLAY_EV_ALLOC:
		alloc_line(causal, at);
		break;
	case REPLAY_EV_FREE:
		free_line(causal, at);
		break;
	case REPLAY_EV_LOCKED:
		record_locked_line(causal, at);
		break;
	case REPLAY_EV_DRAINED:
		if (!causal->trace->has_free_bulk &&
			!(event->flags & REPLAY_EV_CAUSED))
			drain_line(causal, at);
		break;
	case REPLAY_EV_FREE_BULK:
		if (!(event->flags & REPLAY_EV_CAUSED))
			drain_line(causal, at);
		break;
	case REPLAY_EV_REFILL:
		record_refill_line(causal, at);
		break;
	case REPLAY_EV_REFILL_RET:
		record_refill_end(causal, at);
		break;
	case REPLAY_EV_BULK:
		bulk_begin(causal, at);
		break;
	case REPLAY_EV_BULK_RET:
		bulk_end(causal, at);
		break;
	case REPLAY_EV_DRAIN_PZ:
	case REPLAY_EV_DRAIN_ALL:
	case REPLAY_EV_DRAIN_ALL_RET:
	case REPLAY_EV_DRAIN_REMOTE:
		command_line(causal, event);
		break;
	case REPLAY_EV_DECAY:
		decay_line(causal, at);
		break;
	case REPLAY_EV_EXTFRAG:
		record_fallback_line(causal, at);
		break;
	case REPLAY_EV_PAGESET:
		pageset_line(causal, event);
		break;
	case REPLAY_EV_KSWAPD_WAKE:
	case REPLAY_EV_KSWAPD_SLEEP:
		kswapd_line(causal, event);
		break;
	default:
		break;
	}
}

/* Refills whose allocation no line shows. */
static void refills_left(struct causal *causal)
{
	for (unsigned i = 0; i < causal->nr_cpus; i++) {
		struct causal_cpu *cpu = &causal->cpus[i];

		for (unsigned k = 0; k < cpu->nr_pending; k++)
			refill_score(causal, cpu->pending[k].line,
				slot_of(causal, i, cpu->pending[k].zone),
				cpu->pending[k].list, -1, &cpu->pending[k]);
	}
}

static void count_unknown(struct causal *causal)
{
	struct causal_unknown *unknown = &causal->run->unknown;

	for (size_t i = 0; i < causal->nr_cpus * causal->nr_zones; i++) {
		const struct causal_slot *slot = &causal->slots[i];

		if (!slot->used)
			continue;
		unknown->lists += (unsigned)__builtin_popcount(
			slot->used & ~(unsigned)slot->known);
		unknown->slots += !slot->count_known;
		unknown->states += !slot->state_known;
	}
}

static void check_machine(struct causal *causal)
{
	struct pcpmm_error error = {""};

	if (pcpmm_validate(causal->machine, &error))
		memcpy(causal->run->broken, error.text,
			sizeof(causal->run->broken) < sizeof(error.text)
				? sizeof(causal->run->broken)
				: sizeof(error.text));
	causal->run->broken[sizeof(causal->run->broken) - 1] = '\0';
	if (pcpmm_trace_dropped(causal->machine) && !causal->run->broken[0])
		snprintf(causal->run->broken, sizeof(causal->run->broken),
			"a bulk free of more blocks than the ring holds");
}

static int run_once(struct causal *causal, bool step, struct causal_run *run,
	struct replay_error *err)
{
	const struct replay_causal_options *options = causal->options;
	double start = clock_s();
	int ret;

	causal->step = step;
	causal->run = run;
	ret = causal_start(causal, err);
	for (uint32_t i = 0; !ret && i < causal->nr_events; i++) {
		event_line(causal, i);
		if (options->progress && i % PROGRESS_EVERY == 0)
			options->progress(options->arg,
				i + (step ? causal->nr_events : 0),
				2 * causal->nr_events);
		if (causal->no_memory)
			ret = replay_fail(err, -ENOMEM, "out of memory");
	}
	if (!ret) {
		refills_left(causal);
		count_unknown(causal);
		check_machine(causal);
	}
	causal_end(causal);
	run->seconds = clock_s() - start;
	return ret;
}

static int run_both(const struct causal *plan, struct replay_causal *out,
	struct replay_error *err)
{
	struct causal causal = *plan;
	int ret = run_once(&causal, false, &out->closed, err);

	if (ret)
		return ret;
	causal = *plan;
	return run_once(&causal, true, &out->step, err);
}

int replay_causal(struct replay_trace *trace, const struct replay_input *in,
	const struct replay_causal_options *options, struct replay_causal *out,
	struct replay_error *err)
{
	struct replay_trace mine = *trace;
	struct replay_result zones = {0};
	struct causal plan = {.options = options};
	struct pcpmm_config config;
	double start = clock_s();
	int ret;

	memset(out, 0, sizeof(*out));
	pcpmm_config_init(&config, sizeof(config), options->preset);
	plan.rules = config.list_rules;
	if (!options->in_place)
		mine.events = replay_trace_copy_events(trace);
	if (!mine.events)
		return replay_fail(err, -ENOMEM, "no memory for the events");
	ret = replay_pair(&mine, in, &zones, err);
	if (!ret)
		ret = causal_lists_of_frees(mine.events, mine.nr_events,
			replay_end_pfn(&zones), plan.rules, &out->list_of_free);
	plan.trace = &mine;
	plan.events = mine.events;
	plan.nr_events = mine.nr_events;
	plan.zones = zones.zones;
	plan.nr_zones = zones.nr_zones;
	if (options->dump && in->free)
		plan.free = in->free;
	if (!ret)
		ret = run_both(&plan, out, err);
	if (!options->in_place)
		free(mine.events);
	replay_result_free(&zones);
	out->seconds = clock_s() - start;
	return ret;
}
