/* SPDX-License-Identifier: MIT */
/*
 * Checks an inference: do the kernel's rules, applied to the ops and the lists
 * at the start, give the refills and bulk frees that were recorded?
 *
 * Simulates counts only (blocks per list, no pages), by the rules of Linux
 * 6.1's rmqueue_bulk(), nr_pcp_free() and free_pcppages_bulk(), in a closed
 * loop: the lists are never corrected. A call that does not agree here can not
 * agree in a full simulation, either.
 */
#ifndef TEST_REPLAY_CHECK_H
#define TEST_REPLAY_CHECK_H

#include "infer/infer.h"

struct replay_check {
	/* recorded, and of these the ones simulated alike by the same op */
	uint64_t refill_calls, refill_calls_same;
	uint64_t refill_pages, refill_pages_same;
	uint64_t bulk_free_calls, bulk_free_calls_same;
	uint64_t bulk_free_pages, bulk_free_pages_same;
	/* simulated, whether recorded or not */
	uint64_t refill_calls_made, refill_pages_made;
	uint64_t bulk_free_calls_made, bulk_free_pages_made;
	uint64_t counts, counts_same; /* pcp->count at bulk frees */
	uint32_t first_line; /* of the first difference, 0: none */
};

/* 0 or -ENOMEM. */
int replay_check(
	const struct replay_result *result, struct replay_check *check);

#endif
