/* SPDX-License-Identifier: MIT */
/* One function a story, one file a function. */
#ifndef STORIES_TABLE_H
#define STORIES_TABLE_H

#include "story.h"

int story_drift_2010(struct story *story);
int story_drain_late_2022(struct story *story);
int story_fair_server_2024(struct story *story);
int story_failure_report_2010(struct story *story);
int story_fifo_starves_fold_2023(struct story *story);
int story_ipi_mask_2012(struct story *story);
int story_ipi_storm_2010(struct story *story);
int story_kthread_deadlock_2022(struct story *story);
int story_kthread_null_worker_2022(struct story *story);
int story_last_zone_2012(struct story *story);
int story_lost_update_v1_2023(struct story *story);
int story_livelock_2010(struct story *story);
int story_mask_race_2012(struct story *story);
int story_nohz_drain_2021(struct story *story);
int story_nohz_hang_2023(struct story *story);
int story_pcp_disable(struct story *story);
int story_pressure_worse_2012(struct story *story);
int story_pwlocks_2026(struct story *story);
int story_purger_2026(struct story *story);
int story_rcu_two_derefs(struct story *story);
int story_remote_pageset_expire(struct story *story);
int story_rescuer_2017(struct story *story);
int story_shepherd_twice_2026(struct story *story);
int story_spill_hold_2025(struct story *story);
int story_nolock_stranded_2025(struct story *story);
int story_spread_2026(struct story *story);
int story_sticky_drift_mark(struct story *story);
int story_trylock_type(struct story *story);
int story_vmstat_refresh_hang_2023(struct story *story);
int story_zone_instances_2023(struct story *story);

#endif
