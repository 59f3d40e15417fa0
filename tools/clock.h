/* SPDX-License-Identifier: MIT */
/* The clock of all times in these tools: monotonic. */
#ifndef CLOCK_H
#define CLOCK_H

#include <errno.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000ull

static inline uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static inline double clock_s(void)
{
	return (double)clock_ns() / (double)NS_PER_S;
}

static inline struct timespec clock_time(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_S),
		.tv_nsec = (long)(ns % NS_PER_S),
	};
}

/* Sleep until @ns; return at once if it has passed. */
static inline void clock_wait(uint64_t ns)
{
	struct timespec then = clock_time(ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) ==
		EINTR)
		;
}

#endif
