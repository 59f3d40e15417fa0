/* SPDX-License-Identifier: MIT */
/* The command line of pcpmm-bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "bench.h"

#define EXIT_USAGE 2

/* -1: go on; else the exit status, after the output. */
int bench_options(struct options *options, int argc, char **argv);

#endif
