/* SPDX-License-Identifier: MIT */
/* What is really in a machine's zones, beside what its counters say. */
#ifndef TOOLS_SHOW_TRUTH_H
#define TOOLS_SHOW_TRUTH_H

#include <stdio.h>

struct pcpmm_machine;

/* A line for each zone with pages. 0, -ENOMEM or -EIO. */
int show_truth(struct pcpmm_machine *machine, FILE *out);

#endif
