/* SPDX-License-Identifier: MIT */
/*
 * How each kernel computes sizes. 4.6: watermark_scale_factor; 4.17: khugepaged
 * counts only zones that the kernel can use (b7d349c74129); 4.19: batches up to 63
 * (d8a759b57035); 5.7: min_free_kbytes to 256 MiB (ee8eb9a5fe86); 5.14: pcp high
 * from the low watermark, and a second pass of the boot without huge pages (5.16, not
 * in 5.10); 6.6: Movable is not lowmem; 6.7: pcp high floats; 6.18: protection is
 * recomputed when boot frees its memory. 7.3 has the formulas of 6.18.
 */
#include "predict.h"
#include "pcplist/sizing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct predict_era eras[PCPMM_NR_ERAS] = {
	[PCPMM_ERA_LINUX_3_4] = {"linux-3.4", 0, ZONE_WMARK_QUARTER,
		PREDICT_HIGH_SIXFOLD, PCP_BATCH_CAP_OLD_PAGES,
		ZONE_MIN_FREE_CAP_OLD_KBYTES, true, true, false},
	[PCPMM_ERA_LINUX_4_11] = {"linux-4.11", 4006, ZONE_WMARK_SCALE_FACTOR,
		PREDICT_HIGH_SIXFOLD, PCP_BATCH_CAP_OLD_PAGES,
		ZONE_MIN_FREE_CAP_OLD_KBYTES, true, true, false},
	[PCPMM_ERA_LINUX_4_18] = {"linux-4.18", 4017, ZONE_WMARK_SCALE_FACTOR,
		PREDICT_HIGH_SIXFOLD, PCP_BATCH_CAP_OLD_PAGES,
		ZONE_MIN_FREE_CAP_OLD_KBYTES, false, true, false},
	[PCPMM_ERA_LINUX_5_4] = {"linux-5.4", 4019, ZONE_WMARK_SCALE_FACTOR,
		PREDICT_HIGH_SIXFOLD, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_OLD_KBYTES, false, true, false},
	[PCPMM_ERA_LINUX_5_10] = {"linux-5.10", 5007, ZONE_WMARK_SCALE_FACTOR,
		PREDICT_HIGH_SIXFOLD, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_KBYTES, false, true, false},
	[PCPMM_ERA_LINUX_6_1] = {"linux-6.1", 5014, ZONE_WMARK_SCALE_FACTOR,
		PREDICT_HIGH_LOW_WMARK, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_KBYTES, false, false, false},
	[PCPMM_ERA_LINUX_6_6] = {"linux-6.6", 6006, ZONE_WMARK_NOT_MOVABLE,
		PREDICT_HIGH_LOW_WMARK, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_KBYTES, false, false, false},
	[PCPMM_ERA_LINUX_6_12] = {"linux-6.12", 6007, ZONE_WMARK_NOT_MOVABLE,
		PREDICT_HIGH_BOUNDS, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_KBYTES, false, false, false},
	[PCPMM_ERA_LINUX_6_18] = {"linux-6.18", 6018, ZONE_WMARK_NOT_MOVABLE,
		PREDICT_HIGH_BOUNDS, PCP_BATCH_CAP_PAGES,
		ZONE_MIN_FREE_CAP_KBYTES, false, false, true},
};

const struct predict_era *predict_era(unsigned int era)
{
	return era < PCPMM_NR_ERAS ? &eras[era] : NULL;
}

const char *pcpmm_era_name(unsigned int era)
{
	return era < PCPMM_NR_ERAS ? eras[era].name : NULL;
}

/* Posted series, and the formulas of the kernels that they were based on. */
static const struct {
	const char *name;
	enum pcpmm_era era;
} series[] = {
	{"rfc-ipi-mask-2012", PCPMM_ERA_LINUX_6_1},
	{"rfc-rcu-swap-2021", PCPMM_ERA_LINUX_6_1},
	{"rfc-spinlock-key-2021", PCPMM_ERA_LINUX_6_1},
	{"rfc-spinlock-2021", PCPMM_ERA_LINUX_6_1},
	{"rfc-kthread-2022", PCPMM_ERA_LINUX_6_1},
	{"remote-fold-v4-2023", PCPMM_ERA_LINUX_6_1},
	{"remote-fold-v8-2023", PCPMM_ERA_LINUX_6_1},
	{"spill-chunks-v4-2025", PCPMM_ERA_LINUX_6_12},
	{"vmstat-spread-2026", PCPMM_ERA_LINUX_6_12},
	{"rfc-pcp-buddy-2026", PCPMM_ERA_LINUX_6_12},
	{"pwlocks-v4-2026", PCPMM_ERA_LINUX_6_12},
};

int pcpmm_era_by_name(const char *name, enum pcpmm_era *era)
{
	unsigned int version, patchlevel, number;
	char sublevel[8];
	int fields;
	unsigned int i;

	for (i = 0; i < sizeof(series) / sizeof(series[0]); i++)
		if (strcmp(name, series[i].name) == 0) {
			*era = series[i].era;
			return 0;
		}
	fields = sscanf(
		name, "linux-%3u.%3u%7s", &version, &patchlevel, sublevel);
	if (fields < 2 || (fields == 3 && sublevel[0] != '.'))
		return -ENOENT;
	number = version * 1000 + patchlevel;
	*era = PCPMM_ERA_LINUX_3_4;
	for (i = 0; i < PCPMM_NR_ERAS; i++) {
		if (number >= eras[i].first && eras[i].first > eras[*era].first)
			*era = (enum pcpmm_era)i;
	}
	return 0;
}
