/* SPDX-License-Identifier: MIT */
/* The formulas of sizing.h, with their arguments from a dump. */
#include "predict.h"
#include "pcplist/sizing.h"

void predict_wmarks(const struct predict_in *in, unsigned int zone,
	uint64_t min_free_kbytes, struct zone_wmarks *wmarks)
{
	/* The formula is for pages of 4 KiB, and only divides by their size. */
	uint64_t pages = min_free_kbytes / in->page_kbytes;

	zone_watermarks(&in->sizes[zone], pages * 4, in->lowmem_pages,
		in->era->wmark_rule, in->sysctl.watermark_scale_factor, wmarks);
}

unsigned int predict_batch_cap(const struct predict_in *in)
{
	return in->era->batch_cap_pages * 4 / in->page_kbytes;
}

unsigned int predict_high_cpus(const struct predict_in *in, unsigned int nid)
{
	bool other =
		in->onlined_node >= 0 && (unsigned int)in->onlined_node != nid;

	return pcp_high_cpus(in->node_online[nid], in->online, other);
}

int predict_high(const struct predict_in *in, unsigned int zone, uint64_t low)
{
	uint64_t managed = in->sizes[zone].managed;

	return pcp_high(low, managed,
		(unsigned int)in->sysctl.percpu_pagelist_high_fraction,
		predict_high_cpus(in, in->dump->zones[zone].info.nid),
		pcp_batch(managed, predict_batch_cap(in)));
}
