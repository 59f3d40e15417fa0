/* SPDX-License-Identifier: MIT */
/*
 * In front of each file of a program with wrong rules: mutants are chosen at run time,
 * and src/pcplist/rules.c gives its function another name.
 */
#ifndef TESTS_MUTANTS_WRONG_RULES_H
#define TESTS_MUTANTS_WRONG_RULES_H

extern unsigned int mutant_now;
#define PCPMM_MUTANT mutant_now

#include "arch/mutant.h"

struct pcp_rules;

/* pcp_rules_of() as it is in the library. */
const struct pcp_rules *right_rules_of(unsigned int list_rules);

#endif
