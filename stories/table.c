/* SPDX-License-Identifier: MIT */
/* All stories, in the order of what they tell about. */
#include "table.h"

#include <stddef.h>

const struct story_row story_table[] = {
	{"ipi-mask-2012",
		"IPIs only to CPUs that hold pages: how many it saves",
		story_ipi_mask_2012},
	{"last-zone-2012", "a mask that only the last zone decides",
		story_last_zone_2012},
	{"nohz-drain-2021",
		"a drain that waits for a worker behind a FIFO spinner",
		story_nohz_drain_2021},
	{"rcu-two-derefs",
		"what one section may do with a list that is swapped",
		story_rcu_two_derefs},
	{"kthread-deadlock-2022",
		"a worker is created under the mutex that its memory needs",
		story_kthread_deadlock_2022},
	{"kthread-null-worker-2022",
		"a CPU without worker: the caller's lists are drained instead",
		story_kthread_null_worker_2022},
	{"pcp-disable", "lists switched off: no free leaves a page on one",
		story_pcp_disable},
	{"trylock-type",
		"a free that loses the trylock, of a page with a type of its "
		"own",
		story_trylock_type},
	{"drift-2010", "a counter above low, a zone below min, with 64 CPUs",
		story_drift_2010},
	{"sticky-drift-mark", "a mark that is set once and never cleared",
		story_sticky_drift_mark},
	{"fifo-starves-fold-2023",
		"counters behind a FIFO spinner, folded from afar",
		story_fifo_starves_fold_2023},
	{"vmstat-refresh-hang-2023",
		"reading vm.stat_refresh waits for a FIFO spinner",
		story_vmstat_refresh_hang_2023},
	{"lost-update-v1-2023",
		"an unlocked update under a remote fold: 5 + 1 = 11",
		story_lost_update_v1_2023},
	{"remote-pageset-expire",
		"who brings another node's pages back, and who forgets to",
		story_remote_pageset_expire},
	{NULL, NULL, NULL},
};
