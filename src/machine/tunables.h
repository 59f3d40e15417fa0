/* SPDX-License-Identifier: MIT */
/* Values that follow from sizes and sysctls, and when they are computed. */
#ifndef MACHINE_TUNABLES_H
#define MACHINE_TUNABLES_H

#include "machine/machine.h"

/* Boot: min_free_kbytes, marks, reserves, pagesets, thresholds. */
void tunables_boot(struct pcpmm_machine *machine, enum pcpmm_thp thp,
	const uint64_t *late_pages);
/* setup_per_zone_wmarks: marks, then every pageset. */
void tunables_update_marks(struct pcpmm_machine *machine);
void tunables_update_reserves(struct pcpmm_machine *machine);
/* After a change of some lowmem_reserve[]. */
void tunables_update_routes(struct pcpmm_machine *machine);
/* zone_pcp_update of all zones; @onlining: 1 while a CPU comes up. */
void tunables_update_pagesets(
	struct pcpmm_machine *machine, unsigned int onlining);
/* refresh_zone_stat_thresholds. */
void tunables_update_thresholds(struct pcpmm_machine *machine);

#endif
