/* SPDX-License-Identifier: MIT */
/* The set of what executions came to. */
#ifndef CHECK_OUTCOMES_H
#define CHECK_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outcomes {
	uint64_t *at; /* 0: free; open addressing */
	size_t nr, cap;
	uint64_t hash; /* of the set, in any order */
};

/* false: no memory. */
bool outcomes_add(struct outcomes *outcomes, uint64_t outcome);
void outcomes_fini(struct outcomes *outcomes);

#endif
