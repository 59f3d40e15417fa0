/* SPDX-License-Identifier: MIT */
/*
 * What a broken library does besides breaking an invariant: it crashes, aborts, or loops
 * without a step. Each ends the execution and not the program.
 */
#ifndef ARCH_MODEL_TRAP_H
#define ARCH_MODEL_TRAP_H

/* 0, -ENOMEM, -EAGAIN. The process's handlers and its virtual timer come back after. */
int trap_begin(void);
void trap_end(void);

#endif
