/* SPDX-License-Identifier: MIT */
/*
 * Medians and quartiles. A comparison of two contestants is computed inside
 * each repetition first: a slow phase of the host affects both.
 */
#include <stdlib.h>

#include "bench.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double sorted_quantile(const double *values, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t below = (size_t)at;
	double part = at - (double)below;

	if (below + 1 >= n)
		return values[n - 1];
	return values[below] * (1 - part) + values[below + 1] * part;
}

double quantile(double *values, size_t n, double p)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof(*values), by_value);
	return sorted_quantile(values, n, p);
}

double median_ratio(const double *ns, const double *base, unsigned int nr)
{
	static double ratios[REPETITIONS_MAX];

	if (!base)
		return 0;
	for (unsigned int i = 0; i < nr; i++)
		ratios[i] = base[i] > 0 ? ns[i] / base[i] : 0;
	return quantile(ratios, nr, 0.5);
}

static struct spread spread_of(double *values, unsigned int n)
{
	if (!n)
		return (struct spread){0};
	qsort(values, n, sizeof(*values), by_value);
	return (struct spread){
		.p25 = sorted_quantile(values, n, 0.25),
		.median = sorted_quantile(values, n, 0.5),
		.p75 = sorted_quantile(values, n, 0.75),
	};
}

struct spread spread_pair(
	const struct cell *cell, unsigned int who, unsigned int repetitions)
{
	double values[REPETITIONS_MAX];

	for (unsigned int i = 0; i < repetitions; i++)
		values[i] = cell->results[who][i].pair_ns;
	return spread_of(values, repetitions);
}

struct spread spread_alloc(
	const struct cell *cell, unsigned int who, unsigned int repetitions)
{
	double values[REPETITIONS_MAX];

	for (unsigned int i = 0; i < repetitions; i++)
		values[i] = cell->results[who][i].alloc_ns;
	return spread_of(values, repetitions);
}

static double net(const struct cell *cell, unsigned int who, unsigned int i)
{
	return cell->results[who][i].pair_ns -
	       cell->results[CONTESTANT_NULL][i].pair_ns;
}

struct spread spread_net(
	const struct cell *cell, unsigned int who, unsigned int repetitions)
{
	double values[REPETITIONS_MAX];

	for (unsigned int i = 0; i < repetitions; i++)
		values[i] = net(cell, who, i);
	return spread_of(values, repetitions);
}

double ratio_to_pcpmm(
	const struct cell *cell, unsigned int who, unsigned int repetitions)
{
	double values[REPETITIONS_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < repetitions; i++) {
		double own = net(cell, CONTESTANT_PCPMM, i);

		if (own > 0)
			values[n++] = net(cell, who, i) / own;
	}
	return quantile(values, n, 0.5);
}

double ratio_to_null(
	const struct cell *cell, unsigned int who, unsigned int repetitions)
{
	double values[REPETITIONS_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < repetitions; i++) {
		double null = cell->results[CONTESTANT_NULL][i].pair_ns;

		if (null > 0)
			values[n++] = cell->results[who][i].pair_ns / null;
	}
	return quantile(values, n, 0.5);
}
