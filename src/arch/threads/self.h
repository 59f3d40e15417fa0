/* SPDX-License-Identifier: MIT */
/* Inside of the backend: how a thread that the library starts gets its struct. */
#ifndef ARCH_THREADS_SELF_H
#define ARCH_THREADS_SELF_H

#include "arch/thread.h"

/* The key is there from now on; false: the host has none left. */
bool self_prepare(void);
/* @thread is this thread's struct; NULL: it has none. false: no memory. */
bool self_set(struct thread *thread);
/* This thread as the host names it. */
uint32_t self_tid(void);

#endif
