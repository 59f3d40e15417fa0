/* SPDX-License-Identifier: MIT */
/* Zone locks: switch their measurement, and read it. */
#include <errno.h>
#include <pcpmm/lock.h>

#include "machine/machine.h"
#include "zone/lock.h"

int pcpmm_lock_stat_set(struct pcpmm_machine *machine, bool on)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < machine->zones.nr; i++)
		ret = zone_lock_stat_set(machine->zones.zone[i], on);
	for (unsigned int i = 0; ret && i < machine->zones.nr; i++)
		zone_lock_stat_set(machine->zones.zone[i], false);
	return ret;
}

int pcpmm_zone_lock_read(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, struct pcpmm_histogram *hold,
	struct pcpmm_histogram *wait)
{
	const struct zone *zone =
		machine_populated_zone(machine, nid, zone_type);

	return zone && zone_lock_stat_read(zone, hold, wait) ? 0 : -EINVAL;
}
