/* SPDX-License-Identifier: MIT */
/* The exact counts of a machine's zones, beside its counters. */
#ifndef TOOLS_SHOW_TRUTH_H
#define TOOLS_SHOW_TRUTH_H

#include <stdio.h>

struct pcpmm_machine;

/* A line for each zone with pages. 0, -ENOMEM or -EIO. */
int show_truth(struct pcpmm_machine *machine, FILE *out);

#endif
