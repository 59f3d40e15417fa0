/* SPDX-License-Identifier: MIT */
/* What the table runs: scenes with designs, and mutants that must be found. */
#ifndef CHECK_CASES_H
#define CHECK_CASES_H

struct check_case {
	const char *scene, *axes;
	const char *mutant; /* NULL: none */
	/* Where a failure is expected: which bug it is, and where it is from. */
	const char *bug;
};

extern const struct check_case cases[]; /* the last one has no scene */

#endif
