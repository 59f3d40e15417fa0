/* SPDX-License-Identifier: MIT */
/*
 * Put recorded state into a machine, at rest: no thread is on a CPU, so the
 * first CPU stands in for the CPU that acts.
 */
#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/restore.h>
#include <pcpmm/rules.h>

#include "machine/machine.h"
#include "machine/tunables.h"
#include "pcplist/bulk.h"
#include "restore/room.h"
#include "zone/block_move.h"
#include "zone/buddy.h"
#include "zone/gate.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"

static struct cpu *actor(struct pcpmm_machine *machine)
{
	return &machine->cpus[0].base;
}

/* The zone that has all frames of the block, or NULL. */
static struct zone *zone_of_block(
	const struct pcpmm_machine *machine, uint64_t pfn, unsigned int order)
{
	struct zone *zone;

	if (order > ORDER_MAX || pfn & ((1UL << order) - 1))
		return NULL;
	zone = zones_zone_of_pfn(&machine->zones, pfn);
	if (!zone || pfn < zone->first_managed ||
		zones_zone_of_pfn(&machine->zones, pfn + (1UL << order) - 1) !=
			zone)
		return NULL;
	return zone;
}

static int take_untouched(struct pcpmm_machine *machine, uint64_t pfn,
	unsigned int order, struct zone **zone)
{
	*zone = zone_of_block(machine, pfn, order);
	if (!*zone)
		return -EINVAL;
	if (!frames_are_held(*zone, pfn, order) ||
		held_pages(machine, *zone) < 1UL << order)
		return -EBUSY;
	(*zone)->restored = true;
	return 0;
}

int pcpmm_restore_block_type(struct pcpmm_machine *machine, uint64_t pfn,
	enum pcpmm_migratetype type)
{
	struct zone *zone = zones_zone_of_pfn(&machine->zones, pfn);

	if (!zone || (unsigned int)type >= NR_TYPES)
		return -EINVAL;
	/* Changes between counted and uncounted types are not supported. */
	if (type == PCPMM_MIGRATE_ISOLATE || type == PCPMM_MIGRATE_CMA)
		return -EINVAL;
	if (pfn >= zone->fresh && pfn < zone->fresh_end)
		return -EBUSY;
	zone_lock_irqsave(actor(machine), zone);
	zone_restore_block_type(zone, pfn, type);
	zone_unlock_irqrestore(actor(machine), zone);
	return 0;
}

int pcpmm_restore_free(
	struct pcpmm_machine *machine, uint64_t pfn, unsigned int order)
{
	struct zone *zone;
	int ret = take_untouched(machine, pfn, order, &zone);

	if (ret)
		return ret;
	put_free(zone, pfn, order);
	return 0;
}

int pcpmm_restore_pcp(struct pcpmm_machine *machine, unsigned int cpu,
	uint64_t pfn, unsigned int order, enum pcpmm_migratetype type)
{
	const struct pcp_rules *rules = machine->pcps.rules;
	struct zone *zone;
	int ret;

	if (cpu >= machine->smp.nr || rules->list_of(order, type) < 0)
		return -EINVAL;
	ret = take_untouched(machine, pfn, order, &zone);
	if (ret)
		return ret;
	put_listed(machine, cpu, zone, pfn, order, type);
	return 0;
}

int pcpmm_restore_held(
	struct pcpmm_machine *machine, uint64_t pfn, unsigned int order)
{
	struct pcpmm_page *page;
	struct zone *zone;
	int ret = take_untouched(machine, pfn, order, &zone);

	if (ret)
		return ret;
	page = &zone->memmap[pfn];
	frame_set_head(page, FRAME_HEAD(FRAME_HELD, order,
				     zone_block_type(zone, pfn), zone->id));
	return 0;
}

/*
 * A list of another kind gets the blocks one by one. Of its blocks as reported those
 * that are parts of larger ones are split off.
 */
static int resize_own_list(struct pcpmm_machine *machine, struct pcp_slot *slot,
	unsigned int order, unsigned int type, unsigned int blocks)
{
	const struct pcp_lists_ops *lists = machine->pcps.ops->lists;
	unsigned int list =
		(unsigned int)slot->zone->pcp_rules->list_of(order, type);
	unsigned int nr = lists->length(slot, list);
	struct cpu *by = actor(machine);

	while (nr > blocks && lists->give(by, slot, order, type))
		nr--;
	for (; nr < blocks; nr++) {
		uint32_t pfn = zone_rmqueue_buddy(
			by, slot->zone, order, type, ALLOC_NO_WATERMARKS);

		if (!pfn)
			return -ENOMEM;
		lists->put(slot, pfn, order, type);
	}
	return 0;
}

int pcpmm_restore_pcp_list(struct pcpmm_machine *machine, unsigned int cpu,
	unsigned int nid, unsigned int zone_type, unsigned int order,
	enum pcpmm_migratetype type, unsigned int blocks)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);
	struct pcp_stack *list;
	struct pcp_lists *pcp;
	int index = machine->pcps.rules->list_of(order, type);
	struct pcp_slot *slot;
	unsigned int nr, got;

	if (cpu >= machine->smp.nr || !zone || index < 0)
		return -EINVAL;
	slot = &machine->cpus[cpu].slots[zone->id];
	if (machine->pcps.ops->lists)
		return resize_own_list(machine, slot, order, type, blocks);
	pcp = pcp_lists_of(slot);
	list = &pcp->lists[index];
	nr = pcp_stack_length(pcp->pool, list);
	for (; nr > blocks; nr--) {
		unsigned int page_type;
		uint32_t pfn;

		pcp_stack_take_oldest(pcp->pool, list, &pfn, 1);
		page_type = frame_type(&zone->memmap[pfn]);
		frame_set_state(&zone->memmap[pfn], FRAME_NONE);
		zone_free_one(actor(machine), zone, pfn, order, page_type);
		pcp_add_count(pcp, -(1 << order));
	}
	got = pcp_add_blocks(actor(machine), zone, pcp, order, blocks - nr,
		type, ALLOC_NO_WATERMARKS);
	list_restored(machine, slot);
	return got == blocks - nr ? 0 : -ENOMEM;
}

int pcpmm_restore_pcp_frames(struct pcpmm_machine *machine, unsigned int cpu,
	unsigned int nid, unsigned int zone_type, unsigned int order,
	enum pcpmm_migratetype type, uint32_t *frames, unsigned int max)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);
	int index = machine->pcps.rules->list_of(order, type);
	struct pcp_stack_iter iter;
	struct pcp_lists *pcp;
	unsigned int nr = 0;
	uint32_t pfn;

	if (cpu >= machine->smp.nr || !zone || index < 0)
		return -EINVAL;
	if (machine->pcps.ops->lists)
		return -EOPNOTSUPP;
	pcp = pcp_lists_of(&machine->cpus[cpu].slots[zone->id]);
	iter = pcp_stack_begin(pcp->pool, &pcp->lists[index]);
	while (nr < max && (pfn = pcp_stack_next_older(&iter)))
		frames[nr++] = pfn;
	return (int)pcp_stack_length(pcp->pool, &pcp->lists[index]);
}

int pcpmm_restore_zone(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, const struct pcpmm_zone_values *values)
{
	struct zone *zone = machine_zone(machine, nid, zone_type);

	if (!zone || values->min > values->low || values->low > values->high)
		return -EINVAL;
	zone_set_mark(zone, MARK_MIN, values->min);
	zone_set_mark(zone, MARK_LOW, values->low);
	zone_set_mark(zone, MARK_HIGH, values->high);
	zone_set_boost(zone, values->boost);
	for (unsigned int i = 0; i < NODE_ZONES; i++)
		atomic_store_relaxed_u64(
			&zone->lowmem_reserve[i], values->protection[i]);
	tunables_update_routes(machine);
	return 0;
}

int pcpmm_restore_pageset(struct pcpmm_machine *machine, unsigned int cpu,
	unsigned int nid, unsigned int zone_type, int high, int batch,
	int free_factor)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);
	struct pcp_slot *slot;

	if (cpu >= machine->smp.nr || !zone || high < 0 || batch < 1 ||
		free_factor < -1 || free_factor > PCPMM_PCP_FACTOR_MAX)
		return -EINVAL;
	if (zone->pcp_disabled)
		return -EBUSY;
	slot = &machine->cpus[cpu].slots[zone->id];
	pcp_resize(slot, high, batch);
	if (zone->pcp_rules->tuned)
		atomic_store_relaxed_s32(&slot->high, high);
	else if (free_factor >= 0)
		slot->free_factor = (int16_t)free_factor;
	return 0;
}

int pcpmm_restore_pcp_state(struct pcpmm_machine *machine, unsigned int cpu,
	unsigned int nid, unsigned int zone_type,
	const struct pcpmm_pcp_state *state)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);
	struct pcp_slot *slot;
	int ret;

	if (state->high_min < 0 || state->high_min > state->high_max ||
		state->free_count < 0 || state->free_count > INT16_MAX ||
		state->alloc_factor < 0 ||
		state->alloc_factor > PCPMM_PCP_FACTOR_MAX)
		return -EINVAL;
	ret = pcpmm_restore_pageset(machine, cpu, nid, zone_type, state->high,
		state->batch, state->free_factor);
	if (ret)
		return ret;
	slot = &machine->cpus[cpu].slots[zone->id];
	if (zone->pcp_rules->tuned)
		pcp_set_bounds(zone, state->high_min, state->high_max);
	pcp_store_state(slot, state);
	return 0;
}

static int restore_flag(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, uint32_t flag, bool set)
{
	struct zone *zone = machine_zone(machine, nid, zone_type);

	if (!zone)
		return -EINVAL;
	if (set)
		zone_set_flag(zone, flag);
	else
		zone_clear_flag(zone, flag);
	return 0;
}

int pcpmm_restore_below_high(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, int below)
{
	struct zone *zone = machine_zone(machine, nid, zone_type);

	if (!zone || !(zone_flags(zone) & ZONE_LISTS_TUNED))
		return -EINVAL;
	return restore_flag(
		machine, nid, zone_type, ZONE_BELOW_HIGH, below != 0);
}

int pcpmm_restore_reclaim_active(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, int active)
{
	return restore_flag(
		machine, nid, zone_type, ZONE_RECLAIM_ACTIVE, active != 0);
}
