/* SPDX-License-Identifier: MIT */
/*
 * Kicks: interrupting a thread, so that it looks at the queues of its CPUs.
 *
 * A kick carries no data: the thread finds its CPUs and their queues in memory.
 * So a kick that comes late, twice, or to a thread that has left is harmless.
 */
#ifndef ARCH_KICK_H
#define ARCH_KICK_H

#include <stdint.h>

/*
 * From now on in this process, a thread that gets @signal (0: the host's
 * default) runs @look. Returns the signal that was chosen, or -EINVAL (no such
 * signal), -EBUSY (the program handles it).
 */
int kick_install(int signal, void (*look)(void));

/* Send @signal to the thread @tid of this process, if there still is one. */
void kick_send(uint32_t tid, int signal);

#endif
