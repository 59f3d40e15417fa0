/* SPDX-License-Identifier: MIT */
/* Time: a microsecond a step; and the host's, for a report. */
#include "arch/clock.h"

#include <time.h>

#include "model.h"

uint64_t clock_now_ns(void)
{
	return 1000 * model_time();
}

double model_host_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
