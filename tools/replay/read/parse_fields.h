/* SPDX-License-Identifier: MIT */
/*
 * The fields of each event, one function each; private to the parser. Each
 * returns EVENT, OTHER, or BROKEN with the cursor at the fault. The kernel's
 * events are read in parse_trace_events.c, the kprobes in parse_probes.c.
 */
#ifndef REPLAY_PARSE_FIELDS_H
#define REPLAY_PARSE_FIELDS_H

#include "parse.h"
#include "scan.h"

#define REPLAY_FIELD(name)                                                     \
	enum replay_verdict replay_field_##name(struct replay_parser *parser,  \
		struct scan *scan, struct replay_parsed *parsed)

REPLAY_FIELD(alloc);
REPLAY_FIELD(free);
REPLAY_FIELD(batched);
REPLAY_FIELD(locked);
REPLAY_FIELD(drained);
REPLAY_FIELD(extfrag);
REPLAY_FIELD(free_bulk);
REPLAY_FIELD(refill);
REPLAY_FIELD(refill_ret);
REPLAY_FIELD(bulk);
REPLAY_FIELD(bulk_ret);
REPLAY_FIELD(free_one);
REPLAY_FIELD(free_ok);
REPLAY_FIELD(drain_pz);
REPLAY_FIELD(drain_all);
REPLAY_FIELD(drain_all_ret);
REPLAY_FIELD(drain_remote);
REPLAY_FIELD(pageset);
REPLAY_FIELD(drain_wq);
REPLAY_FIELD(decay);
REPLAY_FIELD(commit);
REPLAY_FIELD(refresh);
REPLAY_FIELD(refresh_ret);
REPLAY_FIELD(kswapd_wake);
REPLAY_FIELD(kswapd_sleep);
REPLAY_FIELD(mark);

#endif
