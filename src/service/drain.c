/* SPDX-License-Identifier: MIT */
/*
 * Drains that the program asks for: checks of the caller and of the zone; lists
 * off and on. What all drains share is in pcplist/set.c, the rest in the
 * strategy.
 */
#include <errno.h>
#include <pcpmm/cpu.h>
#include <pcpmm/drain.h>

#include "cpu/copy.h"
#include "machine/refuse.h"

/* @zone NULL: all. @only: one CPU, or -1. */
static int drain_others(
	struct pcpmm_cpu *by, struct zone *zone, bool force, int only)
{
	struct pcpmm_machine *machine = by->machine;
	struct pcp_drain drain = {
		.by = &by->base, .zone = zone, .force = force, .only = only};
	int ret = pcp_drain(&machine->pcps, &drain);

	if (ret == -EDEADLK)
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"CPU %u drains inside a drain of its own, or in an "
			"item of mm_percpu_wq: it would wait for itself",
			by->base.id);
	return ret;
}

/* --- what a call names ------------------------------------------------- */

/*
 * Zones [first, end) along zone->sibling: all instances of a type, or the one that
 * is named. first NULL: all zones of the machine.
 */
struct target {
	struct zone *first, *end;
};

static bool find_target(struct pcpmm_machine *machine, unsigned int nid,
	int zone_type, struct target *target)
{
	struct zone *zone =
		machine_populated_zone(machine, nid, (unsigned int)zone_type);

	if (!zone)
		return false;
	*target = (struct target){
		zone, zone_type < NODE_ZONES ? NULL : zone->sibling};
	return true;
}

/* May @cpu drain? Then *@target is what. */
static int check(struct pcpmm_cpu *cpu, unsigned int nid, int zone_type,
	struct target *target)
{
	struct pcpmm_machine *machine = cpu->machine;
	int ret = machine_check_waits(cpu, "drains");

	*target = (struct target){NULL, NULL};
	if (ret || zone_type == PCPMM_DRAIN_ALL_ZONES)
		return ret;
	if (find_target(machine, nid, zone_type, target))
		return 0;
	machine_refuse(machine, MISUSE_BAD_ARGUMENT,
		"node %u has no zone %d to drain", nid, zone_type);
	return -EINVAL;
}

/* The same for one type or instance: PCPMM_DRAIN_ALL_ZONES is refused. */
static int check_one(struct pcpmm_cpu *cpu, unsigned int nid,
	unsigned int zone_type, struct target *target)
{
	if (zone_type > INT32_MAX)
		zone_type = NODE_ZONES;
	return check(cpu, nid, (int)zone_type, target);
}

/* --- drains ----------------------------------------------------------- */

/* A round for each zone of @target; the first error ends it. */
static int drain_target(
	struct pcpmm_cpu *by, const struct target *target, bool force, int only)
{
	struct zone *zone = target->first;
	int ret;

	do {
		ret = drain_others(by, zone, force, only);
		zone = zone ? zone->sibling : NULL;
	} while (!ret && zone != target->end);
	return ret;
}

int pcpmm_drain_all_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, bool force)
{
	struct target target;
	int ret = check(cpu, nid, zone_type, &target);

	return ret ? ret : drain_target(cpu, &target, force, -1);
}

int pcpmm_drain_local_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type)
{
	struct pcp_set *set = &cpu->machine->pcps;
	struct target target;
	int ret = check(cpu, nid, zone_type, &target);

	if (ret)
		return ret;
	if (!target.first)
		pcp_drain_own(set, &cpu->base, &cpu->base, NULL);
	for (struct zone *zone = target.first; zone != target.end;
		zone = zone->sibling)
		pcp_drain_own(set, &cpu->base, &cpu->base, zone);
	return 0;
}

int pcpmm_drain_pages_zone(struct pcpmm_cpu *on, unsigned int id,
	unsigned int nid, unsigned int zone_type, unsigned int pages)
{
	struct pcpmm_machine *machine = on->machine;
	struct target target;
	int ret = check_one(on, nid, zone_type, &target);

	if (ret)
		return ret;
	if (id >= machine->smp.nr)
		return -EINVAL;
	if (id != on->base.id && !machine->pcps.ops->reaches_others) {
		if (pages)
			return -EOPNOTSUPP;
		return drain_target(on, &target, true, (int)id);
	}
	for (struct zone *zone = target.first; zone != target.end;
		zone = zone->sibling)
		machine->pcps.owner.drain_own(
			&on->base, &machine->cpus[id].slots[zone->id], pages);
	return 0;
}

/* --- lists off and on ------------------------------------------------- */

static void resize_all(
	struct pcpmm_machine *machine, struct zone *zone, int high, int batch)
{
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		pcp_resize(&machine->cpus[id].slots[zone->id], high, batch);
}

static void switch_lists(
	struct pcpmm_machine *machine, struct zone *zone, bool disabled)
{
	zone->pcp_disabled = disabled;
	pcp_set_bounds(zone, disabled ? 0 : zone->pageset_high_min,
		disabled ? 0 : zone->pageset_high_max);
	resize_all(machine, zone, disabled ? 0 : zone->pageset_high,
		disabled ? 1 : zone->pageset_batch);
}

/* Turn the lists of all zones off or on. false: some are, and nothing is done. */
static bool set_disabled(struct pcpmm_machine *machine,
	const struct target *target, bool disabled)
{
	bool may = true;

	mutex_lock(&machine->config_lock);
	for (struct zone *zone = target->first; zone != target->end;
		zone = zone->sibling)
		may &= zone->pcp_disabled != disabled;
	for (struct zone *zone = target->first; may && zone != target->end;
		zone = zone->sibling)
		switch_lists(machine, zone, disabled);
	mutex_unlock(&machine->config_lock);
	return may;
}

/*
 * high = 0 first, the forced drain second: pages freed in between spill at
 * once, pages listed before are drained, and a free that finds the list's lock
 * held goes to the buddy. The kernel holds its pageset mutex until enable; here
 * a flag keeps other threads from resizing, so that no thread can wait for
 * itself.
 */
int pcpmm_pcp_disable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type)
{
	struct target target;
	int ret = check_one(cpu, nid, zone_type, &target);

	if (ret)
		return ret;
	if (!set_disabled(cpu->machine, &target, true))
		return -EBUSY;
	ret = drain_target(cpu, &target, true, -1);
	if (ret)
		set_disabled(cpu->machine, &target, false);
	return ret;
}

int pcpmm_pcp_enable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type)
{
	struct target target;
	int ret = check_one(cpu, nid, zone_type, &target);

	if (ret)
		return ret;
	return set_disabled(cpu->machine, &target, false) ? 0 : -EINVAL;
}

/* --- statistics ------------------------------------------------------- */

void pcpmm_drain_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_stats *stats)
{
	copy_words(stats, &machine->pcps.stats, sizeof(*stats));
}

void pcpmm_drain_window_set(struct pcpmm_machine *machine,
	void (*fn)(
		struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg),
	void *arg)
{
	machine->pcps.window = fn;
	machine->pcps.window_arg = arg;
}

void pcpmm_drain_memory_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_memory *memory)
{
	*memory = (struct pcpmm_drain_memory){.kernel_known = true};
	machine->pcps.ops->memory(&machine->pcps, memory);
}

uint64_t pcpmm_drain_cal(const struct pcpmm_machine *machine, unsigned int id)
{
	return id < machine->smp.nr ? pcp_cal(&machine->pcps, id) : 0;
}

void pcpmm_drain_histogram(
	const struct pcpmm_machine *machine, struct pcpmm_histogram *histogram)
{
	copy_histogram(histogram, &machine->pcps.times);
}
