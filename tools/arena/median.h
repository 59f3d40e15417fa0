/* SPDX-License-Identifier: MIT */
/* The median of measurements. */
#ifndef ARENA_MEDIAN_H
#define ARENA_MEDIAN_H

/* Sorts @values; @nr is at least 1. */
double median(double *values, unsigned int nr);

#endif
