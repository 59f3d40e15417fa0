/* SPDX-License-Identifier: MIT */
/* Interrupts of all CPUs that a thread is; those of one are in cpu.h. */
#ifndef CPU_ENTRY_H
#define CPU_ENTRY_H

#include "cpu/cpu.h"

/* What the signal handler of a kicked thread runs. */
void entry_signal(void);
/* A signal that came while @self held its handler off, by runq.c. */
void entry_missed(struct thread *self);
/* A place where this thread may take interrupts. */
void entry_poll_all(const struct thread *self);
/* On how many CPUs it runs on this thread has interrupts off. */
unsigned int entry_nr_masked(void);

#endif
