/* SPDX-License-Identifier: MIT */
/* Puts the probes into the running kernel, as far as it takes them. */
#ifndef RECORD_ARM_H
#define RECORD_ARM_H

#include <stdbool.h>
#include <stdio.h>

struct record_tracing;

/*
 * Make and enable the probes of the table, of these the frequent ones only if
 * @often. Each that the kernel refuses is left out, and the message says what
 * is lost; without any the events go on alone. What was made is written to
 * @log, a line for each probe.
 */
void record_arm(struct record_tracing *tracing, bool often, FILE *log);

/* "probe missed N of its hits" for each probe that did; how many did. */
int record_arm_missed(const struct record_tracing *tracing);

#endif
