/* SPDX-License-Identifier: MIT */
/* What a counter update costs, by account and width, beside plain ones. */
#ifndef FOLD_UPDATES_H
#define FOLD_UPDATES_H

#include "../arena/settings.h"

/* What is compared: first the plain ones, then each account and width. */
enum {
	UPDATE_NOTHING, /* the call alone, refused: in all others, too */
	UPDATE_INCREMENT, /* of a word in memory */
	UPDATE_ATOMIC, /* add, seq_cst, nobody else on the line */
	UPDATE_CONTENDED, /* the same, another thread does nothing else */
	UPDATE_PLAIN, /* a diff of the kernel's rule, s8, for its owner only */
	UPDATE_PLAIN_S32,
	UPDATE_ACCOUNTS,
	UPDATES_MAX = UPDATE_ACCOUNTS + PCPMM_NR_ACCOUNTS * PCPMM_NR_DIFFS
};

struct update_cost {
	double ns; /* of what is more than UPDATE_NOTHING; that itself: all */
	/* To UPDATE_PLAIN of its width, accounts only; 0: that took no time. */
	double ratio;
	double shared_lines; /* written an update, of a run of +1; accounts only */
	bool measured; /* contended: if the host had two CPUs for us */
};

static inline unsigned int update_of(unsigned int account, unsigned int diff)
{
	return UPDATE_ACCOUNTS + account * PCPMM_NR_DIFFS + diff;
}

/* All in turns, @seconds in all. 0 or -errno, with a reason in @error. */
int updates_measure(
	double seconds, struct update_cost *costs, struct pcpmm_error *error);

#endif
