/* SPDX-License-Identifier: MIT */
/* Which kernel has which counters; see names.h. */
#include "vmstat/names.h"

#include <string.h>

#include "vmstat/items.h"

const struct vmstat_names *vmstat_names_of(enum pcpmm_layout layout)
{
	static const struct vmstat_names *const kernels[PCPMM_NR_LAYOUTS] = {
		[PCPMM_LAYOUT_5_10] = &vmstat_names_5_10,
		[PCPMM_LAYOUT_6_1] = &vmstat_names_6_1,
		[PCPMM_LAYOUT_6_12] = &vmstat_names_6_12,
		[PCPMM_LAYOUT_6_18] = &vmstat_names_6_18,
		[PCPMM_LAYOUT_7_3] = &vmstat_names_7_3,
	};

	return kernels[layout];
}

bool vmstat_names_have(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

unsigned int vmstat_names_items(const char *const *list,
	const char *const *items, unsigned int nr, unsigned int least)
{
	for (; *list; list++) {
		int item = vmstat_find(items, (int)nr, *list);

		if (item >= (int)least)
			least = (unsigned int)item + 1;
	}
	return least;
}
