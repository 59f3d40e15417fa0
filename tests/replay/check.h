/* SPDX-License-Identifier: MIT */
/*
 * Checks an inference: do the kernel's rules, given the ops and the lists
 * at the start, make the refills and bulk frees that were recorded?
 *
 * Simulates counts only (blocks per list, no pages), by the rules of Linux
 * 6.1's rmqueue_bulk(), nr_pcp_free() and free_pcppages_bulk(), closed loop:
 * nothing is ever corrected. What does not agree here cannot agree in a full
 * simulation either.
 */
#ifndef TEST_REPLAY_CHECK_H
#define TEST_REPLAY_CHECK_H

#include "infer/infer.h"

struct replay_check {
	/* recorded, and those of them made by the same op in the same way */
	uint64_t refill_calls, refill_calls_same;
	uint64_t refill_pages, refill_pages_same;
	uint64_t bulk_free_calls, bulk_free_calls_same;
	uint64_t bulk_free_pages, bulk_free_pages_same;
	/* made by the rules, whether recorded or not */
	uint64_t refill_calls_made, refill_pages_made;
	uint64_t bulk_free_calls_made, bulk_free_pages_made;
	uint64_t counts, counts_same; /* pcp->count at bulk frees */
	uint32_t first_line; /* of the first difference, 0: none */
};

/* 0 or -ENOMEM. */
int replay_check(
	const struct replay_result *result, struct replay_check *check);

#endif
