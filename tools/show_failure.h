/* SPDX-License-Identifier: MIT */
/* What a kernel would print if a request of a machine failed now. */
#ifndef TOOLS_SHOW_FAILURE_H
#define TOOLS_SHOW_FAILURE_H

#include <stdio.h>

struct pcpmm_machine;

/* The request, as the command line has it; NULL: GFP_KERNEL, no mask. */
struct show_failure {
	const char *layout; /* one of pcpmm_report_names() */
	const char *gfp;
	const char *nodemask; /* "0,2-3" */
	long order;
};

/* Check all of it before a machine is built: -1, or EXIT_USAGE after a message. */
int show_failure_check(const struct show_failure *failure);

/*
 * Print the report, by the first CPU that is online. 0, -EIO, or another -errno,
 * whose reason is pcpmm_last_error().
 */
int show_failure(struct pcpmm_machine *machine,
	const struct show_failure *failure, FILE *out);

#endif
