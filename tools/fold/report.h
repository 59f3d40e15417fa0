/* SPDX-License-Identifier: MIT */
/* Reports on the cost of counting and folding, as text and as JSON. */
#ifndef FOLD_REPORT_H
#define FOLD_REPORT_H

#include <stdio.h>

#include "../arena/arena.h"
#include "bytes.h"
#include "fold_game.h"
#include "updates.h"

#define FOLD_NR_PAIRS 2
extern const unsigned int fold_pair_orders[FOLD_NR_PAIRS];

/* Medians over several machines of an account, and the extremes. */
struct fold_pair {
	double ns;
	double ratio, ratio_min, ratio_max; /* to local_cmpxchg */
};

struct fold_report {
	const struct arena_settings *settings;
	const struct update_cost *updates; /* [UPDATES_MAX] */
	struct arena *const *folds; /* that have run */
	unsigned int nr_folds;
	/* Order 0 counts only when a list refills or spills; the other order
	 * is one that lists do not keep. [account] */
	struct fold_pair pairs[FOLD_NR_PAIRS][PCPMM_NR_ACCOUNTS];
	struct fold_bytes bytes;
};

void fold_report_text(const struct fold_report *report, FILE *out);
/* 0 or -errno; "-" is stdout. */
int fold_report_json(const struct fold_report *report, const char *path);

#endif
