/* SPDX-License-Identifier: MIT */
/*
 * A bulk allocation, by its probes: that many pages, without a line each, from the
 * zone and list that its flags ask for.
 */
#include "causal_internal.h"

#include <stdlib.h>

#define PAGES_MAX 512 /* more at once: in several parts */

void bulk_begin(struct causal *causal, uint32_t at)
{
	struct causal_cpu *cpu = &causal->cpus[causal->events[at].cpu];

	cpu->bulk = at;
	cpu->bulk_single = 0;
}

/* What was taken, then what is still on the list: the order of the refills. */
struct stretch {
	uint32_t frames[PAGES_MAX];
	unsigned nr;
};

static void name_refills(struct causal *causal, struct causal_cpu *cpu,
	struct causal_slot *slot, int list, const struct stretch *taken,
	unsigned before, uint32_t line)
{
	struct causal_vec all = {0};
	unsigned at = before;

	for (unsigned i = 0; i < taken->nr; i++)
		vec_push(causal, &all, taken->frames[i]);
	list_frames(causal, slot, list);
	for (size_t i = 0; i < causal->frames.nr; i++)
		vec_push(causal, &all, causal->frames.at[i]);
	for (unsigned i = 0; i < causal->did.refills && !causal->no_memory;
		i++) {
		unsigned got = causal->did.refill[i].got;
		struct causal_refill *recorded =
			record_refill_of(cpu, slot->zone, list);

		if (at + got > all.nr)
			got = (unsigned)all.nr - at;
		refill_name(causal, slot, list, all.at + at, got, recorded);
		refill_score(causal, line, slot, list, (long)got, recorded);
		if (recorded)
			record_refill_drop(cpu, recorded);
		else if (causal->step)
			slot->known &= (uint16_t) ~(1u << list);
		at += got;
	}
	free(all.at);
}

/* Refills that the simulation did not make: what they left is on the list. */
static void missed(struct causal *causal, struct causal_cpu *cpu,
	struct causal_slot *slot, int list, uint32_t line)
{
	struct causal_refill *recorded;

	while ((recorded = record_refill_of(cpu, slot->zone, list))) {
		bool known = slot->known & (1u << list);

		refill_score(causal, line, slot, list, -1, recorded);
		if (known && causal->step) {
			list_take_all(causal, slot, list);
			for (size_t i = 0; i < recorded->pfns.nr; i++)
				vec_push(causal, &causal->names[list],
					recorded->pfns.at[i]);
			list_set(causal, slot, list);
			causal->run->adjusted.lists_set++;
		}
		record_refill_drop(cpu, recorded);
	}
}

/*
 * How many pages it took is not known: what the list had, and the first of the refill at
 * least. It is not scored, as what caused it is not recorded.
 */
void bulk_unseen(struct causal *causal, struct causal_slot *slot,
	const struct causal_refill *refill)
{
	bool known = slot->known & (1u << refill->list);

	slot->used |= (uint16_t)(1u << refill->list);
	causal->run->unknown.refills++;
	causal->run->adjusted.bulk_unseen++;
	if (known && !causal->step)
		return;
	if (known)
		causal->run->adjusted.taken_unseen +=
			list_length(causal, slot, refill->list);
	else
		unknown_before_alloc(causal, slot, refill->list, true, 0);
	if (known)
		list_take_all(causal, slot, refill->list);
	causal->names[refill->list].nr = 0;
	for (size_t i = 1; i < refill->pfns.nr; i++)
		vec_push(causal, &causal->names[refill->list],
			refill->pfns.at[i]);
	list_set(causal, slot, refill->list);
	unknown_list_seen(slot, refill->list);
}

/*
 * Pages that a bulk allocation of @nr took from a list of unknown content before it
 * refilled, by the counts before and then; -1: a count is not known.
 */
static long before_refill(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_refill *recorded,
	unsigned nr)
{
	long taken;

	if (!slot->count_known || recorded->printed.count < 0)
		return -1;
	taken = (long)pageset_of(causal, slot).count - recorded->printed.count;
	return taken < 0 || taken >= (long)nr ? -1 : taken;
}

/* true: the list will be known. */
static bool prepare_unknown(struct causal *causal, struct causal_cpu *cpu,
	struct causal_slot *slot, int list, unsigned nr)
{
	const struct causal_refill *recorded =
		record_refill_of(cpu, slot->zone, list);
	long before = recorded ? before_refill(causal, slot, recorded, nr) : -1;

	if (before < 0) {
		unknown_before_alloc(causal, slot, list, false, nr);
		return false;
	}
	unknown_before_refill(causal, slot, list, (unsigned)before);
	return true;
}

static void take(struct causal *causal, struct causal_cpu *cpu,
	const struct pcpmm_choice *choice, struct causal_slot *slot,
	unsigned nr, uint32_t line)
{
	int list = pcpmm_pcp_list_of(causal->rules, 0, choice->type);
	struct pcpmm_page *pages[PAGES_MAX];
	struct stretch taken;
	unsigned before;
	bool emptied = false;

	slot->used |= (uint16_t)(1u << list);
	if (!(slot->known & (1u << list)))
		emptied = prepare_unknown(causal, cpu, slot, list, nr);
	before = list_length(causal, slot, list);
	taken.nr = pcpmm_recorded_alloc_bulk(
		cpu->cpu, choice, PCPMM_GFP_KERNEL, nr, pages);
	did_collect(causal, cpu);
	for (unsigned i = 0; i < taken.nr; i++)
		taken.frames[i] =
			(uint32_t)pcpmm_page_to_pfn(causal->machine, pages[i]);
	name_refills(causal, cpu, slot, list, &taken, before, line);
	if (emptied)
		unknown_list_seen(slot, list);
	for (unsigned i = 0; i < taken.nr; i++)
		causal->home[taken.frames[i]] =
			HOME_BULK | list_home(causal, slot, list);
	causal->run->adjusted.bulk_pages_given += nr;
}

void bulk_end(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	const struct replay_event *begin;
	struct pcpmm_choice choice;
	struct causal_slot *slot = NULL;
	unsigned nid = cpu->nid, left;

	if (cpu->bulk == REPLAY_NO_OP)
		return;
	begin = &causal->events[cpu->bulk];
	left = event->arg > cpu->bulk_single ? event->arg - cpu->bulk_single
					     : 0;
	cpu->bulk = REPLAY_NO_OP;
	if (begin->pfn != REPLAY_NO_PFN && begin->pfn < PCPMM_NODES_MAX)
		nid = begin->pfn;
	if (pcpmm_recorded_choice(cpu->cpu, nid, begin->gfp, 0, &choice) ||
		choice.type >= PCPMM_MIGRATE_PCPTYPES)
		return;
	for (unsigned zone = 0; zone < causal->nr_zones; zone++)
		if (causal->zones[zone].node == choice.nid &&
			causal->zones[zone].index == choice.zone_type)
			slot = slot_of(causal, event->cpu, zone);
	if (!slot)
		return;
	while (left) {
		unsigned nr = left < PAGES_MAX ? left : PAGES_MAX;

		take(causal, cpu, &choice, slot, nr, event->line);
		left -= nr;
	}
	missed(causal, cpu, slot,
		pcpmm_pcp_list_of(causal->rules, 0, choice.type), event->line);
}
