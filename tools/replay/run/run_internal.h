/* SPDX-License-Identifier: MIT */
/* Shared by both kinds of run: the machine, the pages, one op. */
#ifndef REPLAY_RUN_INTERNAL_H
#define REPLAY_RUN_INTERNAL_H

#include <stdatomic.h>

#include "run.h"

#define RUN_EVENTS                                                             \
	(PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |                             \
		PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK))
#define RUN_FRAME_EVENTS                                                       \
	(PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED) |              \
		PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))

/* The frames of one kind of lines, in their order. */
struct run_frames {
	uint32_t *pfns;
	size_t nr, cap;
};

/* One CPU's part of a run; only its thread writes it. */
struct run_cpu {
	struct pcpmm_cpu *cpu;
	struct replay_did *did;
	size_t nr_did, did_cap;
	struct replay_traffic *traffic; /* [zone] */
	struct replay_counts counts;
	struct run_frames locked, drained; /* simulated lines */
	struct replay_same alloc;
	uint64_t failed_allocs, skipped_frees, refused;
	bool out_of_memory;
};

/*
 * A recorded page is identified by its allocation, not by its pfn, which many
 * allocations share: each allocation fills slots, each free empties one.
 */
struct run_slot {
	/* NULL: not yet; RUN_FAILED: none. [slot.fill] release, pairs with
	 * [slot.wait] acquire: the page's own fields. */
	_Atomic(struct pcpmm_page *) page;
	uint16_t cpu; /* that allocated it; REPLAY_NO_CPU: before the trace */
};

#define RUN_FAILED ((struct pcpmm_page *)1)
#define RUN_NO_SLOT UINT32_MAX

struct run {
	struct pcpmm_machine *machine;
	const struct replay_result *result;
	struct run_cpu *cpus;
	struct run_slot *slots;
	size_t nr_slots;
	uint32_t *fills; /* [op]: first slot an allocation or split fills */
	uint32_t *empties; /* [op]: slot that a free or split empties */
	uint8_t zone_of[PCPMM_NODES_MAX][PCPMM_NR_ZONES];
	uint64_t moves; /* between lists and buddy, as lines tell */
	bool compares_frames; /* lists are never corrected */
	bool threads; /* a free waits for its allocation */
	atomic_int gate; /* threads: 0 wait, 1 run, -1 end */
};

/* Create all ops' slots; those of pages held before the trace are filled. */
int run_slots_create(struct run *run);
void run_slots_destroy(struct run *run);

/* Execute ops[index] on its CPU, and add its calls to the CPU's part. */
void run_op(struct run *run, uint32_t index);

/* Ops that a machine can not do while other CPUs run. */
bool run_op_is_global(const struct replay_op *op);

/*
 * Compare the recorded bulk frees that op @op caused, from obs[at] on, with the
 * lists just before the op; @resync: also correct the lists. Of several bulk
 * frees of one CPU and zone only the first is compared, as it changes the
 * lists. Returns the next position.
 */
size_t run_observe(struct run *run, size_t at, uint32_t op, bool resync);

/*
 * frames.c: takes a line that names a frame; the frames of all CPUs, compared with
 * the recorded ones. false, -ENOMEM: no memory.
 */
bool run_frame(struct run_frames *frames, uint32_t pfn);
int run_compare_frames(const struct run *run, struct replay_frames *out);

/* The whole run. */
int run_sequential(struct run *run, const struct replay_run_options *options);
int run_threads(struct run *run);

#endif
