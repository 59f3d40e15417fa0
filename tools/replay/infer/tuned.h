/* SPDX-License-Identifier: MIT */
/*
 * What the rules from 6.7 on remember of a pageset: a high that floats, factors and
 * counts (struct pcpmm_pcp_state). No file prints it; probes do, at a bulk free and,
 * where it is there, at a refill. From the first print on the rules carry it on
 * beside the shadow lists. Before that it is taken to be such that the rules make
 * of it what is printed first: the run begins there with what the kernel had.
 *
 * With the rules of other kernels nothing here does anything.
 */
#ifndef REPLAY_TUNED_H
#define REPLAY_TUNED_H

#include "infer_internal.h"

static inline bool is_tuned(const struct infer *infer)
{
	return infer->in->rules >= PCPMM_LIST_RULES_6_12;
}

/* A trace of such a kernel, by whatever rules it is replayed. */
static inline bool high_floats(const struct infer *infer)
{
	return is_tuned(infer) || infer->trace->has_6_12;
}

/* Of zoneinfo, at the start of a walk; nothing else is known. */
void tuned_reset(struct infer *infer);

/* An allocation from a list of @slot; @refilled: the first page of its refill. */
void tuned_allocated(struct infer *infer, unsigned cpu,
	struct shadow_slot *slot, bool refilled);

/* The probe of a refill, before its pages. */
void tuned_refill_line(struct infer *infer, uint32_t at);
/* A refill without a probe begins on @slot. */
void tuned_refill(struct infer *infer, uint32_t slot, unsigned order);
/* It has got all that it may ask for, which is not known before the first print. */
bool tuned_is_full(const struct shadow_slot *slot, uint32_t got);

/* The free at @at is about to enter its list; @after: pages then. */
void tuned_freed(
	struct infer *infer, uint32_t at, uint32_t slot, int32_t after);

/*
 * The bulk free of @probe, which no line explains, is a further part of one that was
 * interrupted; the op that caused it, REPLAY_NO_OP: it is not.
 */
uint32_t tuned_rest(
	struct infer *infer, uint32_t slot, const struct replay_probe *probe);

/* __zone_set_pageset_high_and_batch(): batch and bounds, and not high itself. */
void tuned_bounds(struct infer *infer, const struct replay_event *event,
	uint16_t zone, const struct replay_probe *probe);

/* decay_pcp_high() of the CPU's own list. */
void tuned_decay(struct infer *infer, uint32_t at);

#endif
