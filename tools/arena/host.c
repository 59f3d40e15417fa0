/* SPDX-License-Identifier: MIT */
/* See host.h. */
#include "host.h"

#include <sched.h>

/* 0: not known. */
static unsigned int allowed_cpus(cpu_set_t *allowed)
{
	if (sched_getaffinity(0, sizeof(*allowed), allowed))
		return 0;
	return (unsigned int)CPU_COUNT(allowed);
}

unsigned int arena_host_cpus(void)
{
	cpu_set_t allowed;

	return allowed_cpus(&allowed);
}

int arena_host_cpu(unsigned int i)
{
	unsigned int nr, at, wanted;
	cpu_set_t allowed;

	nr = allowed_cpus(&allowed);
	if (nr < 2)
		return -1;
	wanted = i ? 1 + (i - 1) % (nr - 1) : 0;
	for (at = 0; at < CPU_SETSIZE; at++)
		if (CPU_ISSET(at, &allowed) && !wanted--)
			return (int)at;
	return -1;
}
