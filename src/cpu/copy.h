/* SPDX-License-Identifier: MIT */
/*
 * Copies of statistics while other CPUs change them: each word is read whole;
 * different words may be of different times.
 */
#ifndef CPU_COPY_H
#define CPU_COPY_H

#include <pcpmm/histogram.h>
#include <stddef.h>

/* @size bytes of uint64_t. */
void copy_words(void *to, const void *from, size_t size);

void copy_histogram(
	struct pcpmm_histogram *to, const struct pcpmm_histogram *from);

#endif
