/* SPDX-License-Identifier: MIT */
/* The exact counts of a zone beside its counter; watermark checks. */
#include <errno.h>
#include <pcpmm/vmstat.h>

#include "machine/machine.h"
#include "view/counts.h"
#include "zone/buddy.h"
#include "zone/watermark.h"

static int first_online(const struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		if (machine_cpu_online(machine, i))
			return (int)i;
	return 0;
}

int pcpmm_zone_truth_read(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, struct pcpmm_zone_truth *truth)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);

	if (!zone)
		return -EINVAL;
	*truth = (struct pcpmm_zone_truth){
		.managed = zone->managed,
		.free = buddy_pages(zone),
		.pcp = zone_listed_pages(machine, zone),
		.nr_free_pages = vmstat_read_raw(&zone->stat, NR_FREE_PAGES),
		.snapshot = vmstat_snapshot_raw(&zone->stat, NR_FREE_PAGES),
		.min = zone_mark_pages(zone, MARK_MIN),
		.low = zone_mark_pages(zone, MARK_LOW),
		.high = zone_mark_pages(zone, MARK_HIGH),
		.drift_mark = atomic_load_relaxed_u64(&zone->stat.drift_mark),
		.stat_threshold = vmstat_threshold(
			&zone->stat, (unsigned int)first_online(machine)),
		.breaches = atomic_load_relaxed_u64(&zone->breaches),
		.deferred = atomic_load_relaxed_u64(&zone->deferred_pages),
	};
	truth->held =
		truth->managed - truth->free - truth->pcp - truth->deferred;
	return 0;
}

/* NULL: no such zone, order or mark. */
static struct zone *find_marked(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, unsigned int order, enum pcpmm_mark mark)
{
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);

	if (!zone || order > ORDER_MAX || (unsigned int)mark >= NR_MARKS)
		return NULL;
	return zone;
}

bool pcpmm_zone_watermark_ok(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, unsigned int order, enum pcpmm_mark mark)
{
	struct zone *zone = find_marked(machine, nid, zone_type, order, mark);

	return zone && zone_watermark_full(zone, order, (enum zone_mark)mark,
			       zone->type, 0, 0);
}

bool pcpmm_zone_watermark_ok_safe(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, unsigned int order,
	enum pcpmm_mark mark)
{
	struct zone *zone = find_marked(machine, nid, zone_type, order, mark);

	return zone &&
	       zone_watermark_ok_safe(zone, order,
		       zone_mark_pages(zone, (enum zone_mark)mark), zone->type);
}
