/* SPDX-License-Identifier: MIT */
/* Which events a recording has lost. */
#ifndef RECORD_LOST_H
#define RECORD_LOST_H

#include <stdbool.h>
#include <stdio.h>

struct record_tracing;

/*
 * Ask each CPU's buffer; a message for each that lost events. True: some did, so
 * that the trace is not that of the kernel. Counts go to @log.
 */
bool record_lost_report(const struct record_tracing *tracing, FILE *log);

#endif
