/* SPDX-License-Identifier: MIT */
/* What a recorder that was killed (kill -9) left in tracefs. */
#ifndef RECORD_LEFTOVER_H
#define RECORD_LEFTOVER_H

/*
 * Remove the instances and probes of dead recorders, and say so. Those of a
 * living one stay: the kernel does not remove what is in use.
 */
void record_leftover_remove(void);

/* Remove all probes of @group. */
void record_leftover_probes(const char *group);

#endif
