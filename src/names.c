/* SPDX-License-Identifier: MIT */
/* Names of enums, as users type and read them. */
#include <errno.h>
#include <pcpmm/machine.h>
#include <string.h>

#include "arch/compiler.h"

static const char *const zone_names[] = {
	[PCPMM_ZONE_DMA] = "DMA",
	[PCPMM_ZONE_DMA32] = "DMA32",
	[PCPMM_ZONE_NORMAL] = "Normal",
	[PCPMM_ZONE_MOVABLE] = "Movable",
	[PCPMM_ZONE_DEVICE] = "Device",
};

static const char *const type_names[] = {
	[PCPMM_MIGRATE_UNMOVABLE] = "Unmovable",
	[PCPMM_MIGRATE_MOVABLE] = "Movable",
	[PCPMM_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[PCPMM_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[PCPMM_MIGRATE_CMA] = "CMA",
	[PCPMM_MIGRATE_ISOLATE] = "Isolate",
};

static const char *const preset_names[] = {
	[PCPMM_PRESET_LINUX_6_1] = "linux-6.1",
};

const char *pcpmm_zone_name(unsigned int zone_type)
{
	return zone_type < ARRAY_SIZE(zone_names) ? zone_names[zone_type]
						  : NULL;
}

const char *pcpmm_migratetype_name(unsigned int migratetype)
{
	return migratetype < ARRAY_SIZE(type_names) ? type_names[migratetype]
						    : NULL;
}

const char *pcpmm_preset_name(unsigned int preset)
{
	return preset < ARRAY_SIZE(preset_names) ? preset_names[preset] : NULL;
}

int pcpmm_preset_by_name(const char *name, enum pcpmm_preset *preset)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(preset_names); i++)
		if (!strcmp(name, preset_names[i])) {
			*preset = (enum pcpmm_preset)i;
			return 0;
		}
	return -ENOENT;
}
