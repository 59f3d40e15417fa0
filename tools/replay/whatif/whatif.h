/* SPDX-License-Identifier: MIT */
/*
 * What another kernel, or another setting, would have done with a recorded workload:
 * the trace's allocations and frees on two machines that begin alike, one as recorded,
 * one changed, and what each of them did.
 *
 * Given are: which CPU asks for what and when, the zone that served it, bulk
 * allocations, drains on command, folds, and when kswapd worked. Nothing else of the
 * trace is used: lists, refills, spills and the buddy are each machine's own. A
 * workload that would have behaved differently on the other kernel is not shown: the
 * same calls come in the same order.
 */
#ifndef REPLAY_WHATIF_H
#define REPLAY_WHATIF_H

#include <pcpmm/pcpmm.h>
#include <stdio.h>

#include "../infer/infer.h"
#include "../read/error.h"
#include "../read/trace.h"

/* What the two machines differ in. */
struct whatif_change {
	const char *
		text; /* KEY=VALUE,..: axes (with preset), sysctls, high, batch */
};

/* What a machine did with the trace. */
struct whatif_run {
	uint64_t allocs, frees; /* blocks, of orders that have lists or not */
	uint64_t listed; /* allocations of an order that has lists */
	uint64_t refills, refill_pages;
	uint64_t spills, spill_pages; /* by frees */
	uint64_t drained_pages; /* by decay, countdown and commands */
	uint64_t zone_locks; /* takings of all zones' locks */
	uint64_t samples, held_sum, held_max; /* pages on all lists */
	uint64_t failed; /* allocations: the zone had no block */
	uint64_t unseen; /* pages freed that the trace had not allocated */
	uint64_t refused; /* frees that the library refused */
	char broken[256]; /* pcpmm_validate()'s message; "" */
};

struct whatif_result {
	struct whatif_run recorded, changed;
};

struct whatif_options {
	struct pcpmm_dump *dump; /* NULL: no state */
	enum pcpmm_preset preset; /* of the machine as recorded */
	struct whatif_change change;
};

/* Both runs. @trace is not changed. 0, or -errno with a message. */
int replay_what_if(const struct replay_trace *trace,
	const struct replay_input *in, const struct whatif_options *options,
	struct whatif_result *out, struct replay_error *err);

void whatif_text(
	const struct whatif_result *result, const char *change, FILE *out);

/* --- change.c ---------------------------------------------------------------- */

/* The axes of the change; 0 or -errno with a message, for each unknown key. */
int whatif_change_config(const struct whatif_change *change,
	struct pcpmm_config *config, struct replay_error *err);
/* Its sysctls, and high and batch of all lists, on the created machine. */
int whatif_change_machine(const struct whatif_change *change,
	struct pcpmm_machine *machine, struct replay_error *err);

/* --- traffic.c --------------------------------------------------------------- */

/* The trace's calls on @machine, which has @rules. Lines are paired (infer/pair.h). */
int whatif_traffic(const struct replay_trace *paired,
	const struct replay_result *zones, struct pcpmm_machine *machine,
	enum pcpmm_list_rules rules, struct whatif_run *run,
	struct replay_error *err);

#endif
