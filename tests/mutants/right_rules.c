/* SPDX-License-Identifier: MIT */
/* The table of all rules, whose look-up wrong_rules.c stands in front of. */
#define pcp_rules_of right_rules_of
#include "../../src/pcplist/rules_table.c"
