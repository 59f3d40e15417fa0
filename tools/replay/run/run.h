/* SPDX-License-Identifier: MIT */
/*
 * Executes the ops that were inferred from a trace, on a machine in the state
 * in which the trace begins.
 *
 * sequential  one thread is every CPU; ops run in the recorded order and the
 *             result is the same to the byte each time.
 * threads     each recorded CPU is a thread that runs its own ops in order; of
 *             the order between CPUs only "allocated before freed" is kept.
 */
#ifndef REPLAY_RUN_H
#define REPLAY_RUN_H

#include <pcpmm/pcpmm.h>

#include "../infer/infer.h"
#include "../read/error.h"
#include "after.h"

/* A simulated call, in order; the counterpart of replay_obs. */
struct replay_did {
	uint8_t kind; /* enum replay_obs_kind */
	int8_t order; /* REFILL */
	uint8_t mt; /* REFILL */
	uint16_t cpu;
	uint16_t zone; /* index in replay_result.zones */
	uint32_t op;
	uint32_t seq; /* order within the CPU */
	int32_t n;
	int32_t got; /* REFILL blocks, BULK_FREE pages */
	int32_t count; /* BULK_FREE: pcp->count just before */
};

/* Traffic of one CPU with one zone. */
struct replay_traffic {
	uint64_t allocs, alloc_pages; /* bulk ones included */
	uint64_t frees, freed_pages;
	uint64_t cross_frees; /* allocated on another CPU */
	uint64_t refills, refill_pages;
	uint64_t bulk_frees, bulk_free_pages;
};

/* pcp->count against the recorded one, at each recorded bulk free. */
struct replay_counts {
	uint64_t compared;
	uint64_t exact;
	uint64_t off_pages; /* sum of |difference| */
};

/* Frames that are the recorded ones, of those compared; see frames.c. */
struct replay_same {
	uint64_t same, compared;
};

struct replay_frames {
	struct replay_same alloc; /* of list allocations */
	struct replay_same locked; /* of lines zone_locked, by CPU and turn */
	struct replay_same drained; /* of lines pcpu_drain, the same */
};

struct replay_run {
	struct replay_did *did;
	size_t nr_did, did_cap;
	struct replay_traffic *traffic; /* [cpu * nr_zones + zone] */
	struct replay_counts counts;
	struct replay_frames frames; /* closed run only */
	uint64_t failed_allocs; /* the simulated zone had none left */
	uint64_t skipped_frees; /* of pages that could not be allocated */
	uint64_t refused; /* misuse reported by the library: must be 0 */
	uint64_t leaked_pages; /* neither free, nor listed, nor held */
	char broken[256]; /* pcpmm_validate()'s message; "": no error */
	double seconds;
};

typedef void replay_run_progress_fn(void *arg, uint64_t done, uint64_t total);

struct replay_run_options {
	bool threads;
	struct replay_after *after; /* NULL: no comparison; sequential only */
	bool resync; /* correct the lists after each comparison */
	replay_run_progress_fn *progress; /* may be NULL */
	void *arg;
};

/*
 * Sort observations by the op that caused them, then by line: a trace sometimes
 * has the cause after its effect. Once, before a run or a comparison.
 */
void replay_sort_obs(struct replay_result *result);

/* 0, -ENOMEM, or -errno of the machine; @run must be freed in any case. */
int replay_run(struct pcpmm_machine *machine,
	const struct replay_result *result,
	const struct replay_run_options *options, struct replay_run *run,
	struct replay_error *err);
void replay_run_free(struct replay_run *run);

#endif
