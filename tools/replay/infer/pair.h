/* SPDX-License-Identifier: MIT */
/*
 * The first pass of the inference alone (pair.c): what lines say about each other,
 * without a look at what becomes of any page.
 */
#ifndef REPLAY_PAIR_H
#define REPLAY_PAIR_H

#include "infer.h"

/*
 * Marks up @trace: zones of events, lines that another line stands for, refills
 * without probes, and which free each bulk free followed from (flags; a FREE with
 * REPLAY_EV_SPILLS has the bulk free's event in gfp). Of @out only the zones are
 * set; replay_result_free() frees them. 0, or -errno with a message.
 */
int replay_pair(struct replay_trace *trace, const struct replay_input *in,
	struct replay_result *out, struct replay_error *err);

#endif
