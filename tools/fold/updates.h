/* SPDX-License-Identifier: MIT */
/* Cost of a counter update by account and width, beside plain updates. */
#ifndef FOLD_UPDATES_H
#define FOLD_UPDATES_H

#include "../arena/settings.h"

/* Kinds of update: first the plain ones, then each account and width. */
enum {
	UPDATE_NOTHING, /* a refused call alone; part of every other kind */
	UPDATE_INCREMENT, /* of a word in memory */
	UPDATE_ATOMIC, /* add, seq_cst, no other thread on the cache line */
	UPDATE_CONTENDED, /* the same, while another thread only does this */
	UPDATE_PLAIN, /* a diff of the kernel's rule, s8, unguarded */
	UPDATE_PLAIN_S32,
	UPDATE_ACCOUNTS,
	UPDATES_MAX = UPDATE_ACCOUNTS + PCPMM_NR_ACCOUNTS * PCPMM_NR_DIFFS
};

struct update_cost {
	double ns; /* beyond UPDATE_NOTHING; of UPDATE_NOTHING: in full */
	/* To UPDATE_PLAIN of the same width, accounts only; 0: undefined. */
	double ratio;
	double shared_lines; /* written per update; accounts only */
	bool measured; /* false: contended, and the host had no two CPUs */
};

static inline unsigned int update_of(unsigned int account, unsigned int diff)
{
	return UPDATE_ACCOUNTS + account * PCPMM_NR_DIFFS + diff;
}

/* All kinds in turns, @seconds in all. 0 or -errno with a reason in @error. */
int updates_measure(
	double seconds, struct update_cost *costs, struct pcpmm_error *error);

#endif
