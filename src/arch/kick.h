/* SPDX-License-Identifier: MIT */
/*
 * Kicks: what makes a thread look at its CPUs' queues, wherever it is.
 *
 * A kick says nothing but "look": which CPUs are meant stands in memory that
 * the thread owns, so a kick that comes too late, twice, or to a thread that
 * has left is harmless.
 */
#ifndef ARCH_KICK_H
#define ARCH_KICK_H

#include <stdint.h>

/*
 * From now on in this process, a thread that gets @signal (0: the host's
 * default) runs @look. The signal that was chosen; -EINVAL (no such signal),
 * -EBUSY (the program handles it).
 */
int kick_install(int signal, void (*look)(void));

/* Send @signal to the thread @tid of this process, if there still is one. */
void kick_send(uint32_t tid, int signal);

#endif
