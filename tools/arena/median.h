/* SPDX-License-Identifier: MIT */
/* The middle of some measurements. */
#ifndef ARENA_MEDIAN_H
#define ARENA_MEDIAN_H

/* Sorts @values, of which there is at least one. */
double median(double *values, unsigned int nr);

#endif
