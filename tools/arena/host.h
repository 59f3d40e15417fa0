/* SPDX-License-Identifier: MIT */
/* The host's CPUs. */
#ifndef ARENA_HOST_H
#define ARENA_HOST_H

/* CPUs of the host that this program may use; 0: not known. */
unsigned int arena_host_cpus(void);

/*
 * The host CPU of thread @i: thread 0 is the machine's CPU 0, the victims'
 * threads follow. No victim shares CPU 0's host CPU: CPU 0, waiting for a
 * victim, could keep that victim from running. -1: the host has one CPU only.
 */
int arena_host_cpu(unsigned int i);

#endif
