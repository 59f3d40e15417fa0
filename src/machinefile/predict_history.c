/* SPDX-License-Identifier: MIT */
/*
 * pcp high depends on whether a CPU came online after the last recalculation,
 * which a dump does not say. page_alloc_cpu_online() counts that CPU on every
 * node, so the highs of the other nodes are too small (or, on a node without
 * CPUs, far too large) until a sysctl is written.
 */
#include "predict.h"

#include <stdio.h>

/* Number of zones whose printed high fits in->onlined_node. */
static unsigned int count_fits(
	const struct predict_in *in, uint64_t min_free_kbytes)
{
	struct zone_wmarks wmarks;
	unsigned int fits = 0;
	unsigned int i;

	for (i = 0; i < in->dump->nr_zones; i++) {
		const struct dump_zone *zone = &in->dump->zones[i];

		if (!zone->info.nr_pagesets)
			continue;
		predict_wmarks(in, i, min_free_kbytes, &wmarks);
		fits += predict_high(in, i, wmarks.low) ==
			zone->pagesets[0].high;
	}
	return fits;
}

static void infer(struct predict_in *in, struct pcpmm_prediction *prediction)
{
	unsigned int best, fits;
	int best_node = -1;
	unsigned int nid;

	best = count_fits(in, prediction->min_free_kbytes);
	for (nid = 0; nid < in->dump->nr_nodes; nid++) {
		if (!in->node_online[nid])
			continue;
		in->onlined_node = (int)nid;
		fits = count_fits(in, prediction->min_free_kbytes);
		if (fits > best) {
			best = fits;
			best_node = (int)nid;
		}
	}
	in->onlined_node = best_node;
	if (best_node >= 0)
		snprintf(prediction->history, sizeof(prediction->history),
			"inferred from pcp high: a CPU of node %d came online "
			"last, nothing was recalculated since",
			best_node);
}

void predict_history(struct predict_in *in, struct pcpmm_prediction *prediction)
{
	const struct pcpmm_predict_options *options = in->options;

	in->onlined_node = -1;
	if (options->history == PCPMM_PREDICT_HISTORY_ONLINED) {
		in->onlined_node = (int)pcpmm_dump_cpu_node(
			in->dump, options->onlined_cpu);
		snprintf(prediction->history, sizeof(prediction->history),
			"as told: CPU %u (node %d) came online last, nothing "
			"was recalculated since",
			options->onlined_cpu, in->onlined_node);
	} else if (options->history == PCPMM_PREDICT_HISTORY_AUTO &&
		   in->era->high_rule == PREDICT_HIGH_LOW_WMARK) {
		infer(in, prediction);
	}
}
