/* SPDX-License-Identifier: MIT */
/* The machine at the first line: the state's values and free memory, empty lists. */
#include "causal_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../run/place_internal.h"
#include "../run/place_types.h"

#define EVENTS                                                                 \
	(PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |                             \
		PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK) |                   \
		PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))
#define RING 16384 /* more events than a call can cause */
#define RING_MANY_CPUS 4096
#define MANY_CPUS 64

/* Without a state: the lower half of each zone is in use, the rest is free. */
static void half_free(struct causal *causal)
{
	const uint64_t size = 1u << PCPMM_ORDER_MAX;

	for (size_t i = 0; i < causal->nr_zones; i++) {
		const struct replay_zone *zone = &causal->zones[i];
		uint64_t end = (uint64_t)zone->start_pfn + zone->spanned;
		uint64_t pfn = zone->start_pfn + zone->spanned / 2;

		for (pfn = (pfn + size - 1) & ~(size - 1); pfn + size <= end;
			pfn += size)
			pcpmm_restore_free(
				causal->machine, pfn, PCPMM_ORDER_MAX);
	}
}

/* As the file says, lists in the order of their frames; all else is in use. */
static int free_by_place(struct causal *causal)
{
	struct causal_adjusted *adjusted = &causal->run->adjusted;
	struct place_types types = {0};
	struct replay_buddy *blocks;
	size_t nr;
	int ret = replay_free_blocks(&causal->free->start, causal->zones,
		causal->nr_zones, &blocks, &nr);

	if (!ret)
		ret = place_fit_types(causal->machine, causal->options->dump,
			causal->zones, causal->nr_zones, blocks, nr, NULL,
			&types);
	for (size_t i = 0; !ret && i < nr; i++)
		if (pcpmm_restore_free(causal->machine, blocks[i].pfn,
			    (unsigned)blocks[i].order))
			adjusted->free_pages_without_place +=
				1ull << blocks[i].order;
	adjusted->free_pages_moved = causal->free->moved;
	adjusted->free_frames_taken_back = causal->free->taken_back;
	adjusted->pageblocks_guessed = types.guessed;
	adjusted->free_pages_on_other_lists = types.other_pages;
	free(blocks);
	return ret;
}

/* Free memory has its own names. */
static void name_free(struct causal *causal)
{
	const struct record_frames *frames = &causal->free->start;
	struct pcpmm_page_info info;

	for (uint64_t pfn = record_frames_run_start(frames, 0);
		pfn < frames->end && pfn < causal->end;
		pfn = record_frames_run_start(frames, pfn + 1))
		if (!pcpmm_page_inspect(causal->machine, pfn, &info) &&
			info.state == PCPMM_PAGE_BUDDY)
			causal->name[pfn] = causal->frame[pfn] = (uint32_t)pfn;
}

static int make_machine(struct causal *causal, struct replay_error *err)
{
	const struct replay_result zones = {
		.zones = (struct replay_zone *)(uintptr_t)causal->zones,
		.nr_zones = causal->nr_zones,
		.cpus = causal->trace->cpus,
	};
	struct pcpmm_dump *dump = causal->options->dump;
	struct pcpmm_dump_restored restored;

	causal->machine =
		place_machine(dump, causal->options->preset, &zones, err);
	if (!causal->machine)
		return -EINVAL;
	if (dump)
		pcpmm_dump_restore(dump, causal->machine,
			causal->free ? PCPMM_DUMP_RESTORE_VALUES
				     : PCPMM_DUMP_RESTORE_VALUES |
					       PCPMM_DUMP_RESTORE_TYPES |
					       PCPMM_DUMP_RESTORE_FREE,
			NULL, &restored);
	else
		half_free(causal);
	if (causal->free && free_by_place(causal))
		return replay_fail(err, -ENOMEM, "no memory for the state");
	causal->nr_cpus = pcpmm_nr_cpus(causal->machine);
	causal->end = replay_end_pfn(&zones);
	return 0;
}

static uint32_t *numbers(size_t nr, int byte)
{
	uint32_t *at = malloc((nr + 1) * sizeof(*at));

	if (at)
		memset(at, byte, (nr + 1) * sizeof(*at));
	return at;
}

static bool make_tables(struct causal *causal)
{
	causal->slots = calloc(
		causal->nr_cpus * causal->nr_zones, sizeof(*causal->slots));
	causal->cpus = calloc(causal->nr_cpus, sizeof(*causal->cpus));
	causal->untouched =
		calloc(causal->nr_zones, sizeof(*causal->untouched));
	causal->cursor = numbers(causal->nr_zones * PCPMM_NR_ORDERS, 0);
	causal->name = numbers(causal->end, 0xff);
	causal->frame = numbers(causal->end, 0xff);
	causal->home = numbers(causal->end, 0);
	causal->freed = numbers(causal->end, 0);
	causal->guess = malloc((causal->end >> PCPMM_PAGEBLOCK_ORDER) + 1);
	if (causal->guess)
		memset(causal->guess, 0xff,
			(causal->end >> PCPMM_PAGEBLOCK_ORDER) + 1);
	causal->done = calloc(causal->nr_events / 8 + 1, 1);
	causal->reclaim = calloc(causal->nr_zones, sizeof(*causal->reclaim));
	causal->spare = calloc(causal->nr_zones, sizeof(*causal->spare));
	causal->awake = calloc(causal->nr_zones, sizeof(*causal->awake));
	return causal->slots && causal->cpus && causal->untouched &&
	       causal->cursor && causal->name && causal->frame &&
	       causal->home && causal->freed && causal->guess && causal->done &&
	       causal->reclaim && causal->awake && causal->spare;
}

/* Lists that a kernel does not have hold nothing. */
static uint16_t no_lists(const struct causal *causal)
{
	uint16_t none = 0;

	for (int list = 0; list < CAUSAL_LISTS; list++)
		if (pcpmm_pcp_list_order(causal->rules, list) < 0)
			none |= (uint16_t)(1u << list);
	return none;
}

static void start_tables(struct causal *causal)
{
	for (size_t i = 0; i < causal->nr_zones; i++) {
		struct pcpmm_zone_truth truth;

		if (!pcpmm_zone_truth_read(causal->machine,
			    causal->zones[i].node, causal->zones[i].index,
			    &truth))
			causal->untouched[i] = truth.held;
	}
	for (unsigned cpu = 0; cpu < causal->nr_cpus; cpu++) {
		struct causal_cpu *mine = &causal->cpus[cpu];

		mine->locked = NO_NAME;
		mine->bulk = REPLAY_NO_OP;
		mine->drained = REPLAY_NO_CPU;
		mine->nid = causal->options->dump
				    ? pcpmm_dump_cpu_node(
					      causal->options->dump, cpu)
				    : 0;
		for (unsigned zone = 0; zone < causal->nr_zones; zone++)
			*slot_of(causal, cpu, zone) = (struct causal_slot){
				.cpu = (uint16_t)cpu,
				.zone = (uint16_t)zone,
				.known = no_lists(causal),
				.factor_most = PCPMM_PCP_FACTOR_MAX,
				.learned_by = NO_NAME,
				.state_known =
					causal->rules == PCPMM_LIST_RULES_5_10,
			};
	}
}

static int enter_cpus(struct causal *causal, struct replay_error *err)
{
	unsigned cpus = causal->trace->cpus;
	int ret = replay_place_online(
		causal->machine, causal->nr_cpus, cpus, err);

	if (ret)
		return ret;
	for (unsigned i = 0; i < causal->nr_cpus; i++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(causal->machine, i);

		causal->cpus[i].cpu = cpu;
		if (!cpu && i < cpus)
			return replay_fail(err, -ENODEV,
				"CPU %u of the trace can not be online", i);
	}
	return 0;
}

int causal_start(struct causal *causal, struct replay_error *err)
{
	int ret = make_machine(causal, err);

	if (ret)
		return ret;
	if (!make_tables(causal))
		return replay_fail(err, -ENOMEM, "no memory for the replay");
	start_tables(causal);
	if (causal->free)
		name_free(causal);
	ret = enter_cpus(causal, err);
	if (ret)
		return ret;
	if (pcpmm_trace_start(causal->machine, EVENTS,
		    causal->nr_cpus > MANY_CPUS ? RING_MANY_CPUS : RING))
		return replay_fail(err, -ENOMEM, "no memory for the rings");
	return 0;
}

static void free_vecs(struct causal *causal)
{
	for (unsigned i = 0; i < causal->nr_cpus && causal->cpus; i++) {
		for (unsigned k = 0; k < CAUSAL_PENDING; k++)
			free(causal->cpus[i].pending[k].pfns.at);
		free(causal->cpus[i].refill.pfns.at);
	}
	for (unsigned list = 0; list < CAUSAL_LISTS; list++)
		free(causal->names[list].at);
	for (size_t i = 0; i < causal->nr_zones && causal->spare; i++)
		free(causal->spare[i].at);
	free(causal->spare);
	free(causal->taken.at);
	free(causal->did.frames.at);
	free(causal->did.lists.at);
	free(causal->bulk.pfns.at);
	free(causal->bulk.lists.at);
	free(causal->frames.at);
}

void causal_end(struct causal *causal)
{
	for (unsigned i = 0; i < causal->nr_cpus && causal->cpus; i++)
		if (causal->cpus[i].cpu)
			pcpmm_cpu_leave(causal->cpus[i].cpu);
	free_vecs(causal);
	free(causal->slots);
	free(causal->cpus);
	free(causal->untouched);
	free(causal->cursor);
	free(causal->name);
	free(causal->frame);
	free(causal->home);
	free(causal->freed);
	free(causal->guess);
	free(causal->done);
	free(causal->reclaim);
	free(causal->awake);
	if (causal->machine)
		pcpmm_machine_destroy(causal->machine);
}
