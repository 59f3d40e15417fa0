/* SPDX-License-Identifier: MIT */
/*
 * The table for people; unit: ns per pair of allocation and free.
 *
 *   p25 median p75   over repetitions, loop and call included
 *   net              median of the differences to null in each repetition
 *   alloc            the allocation's part, where it is timed separately
 *   x pcpmm          net over pcpmm's net, median over repetitions: 3 means
 *                    that it takes three times as long
 */
#include <stdio.h>

#include "bench.h"

static void print_row(
	const struct bench *bench, const struct cell *cell, unsigned int who)
{
	unsigned int repetitions = bench->options.repetitions;
	struct spread pair = spread_pair(cell, who, repetitions);
	struct spread net = spread_net(cell, who, repetitions);
	double alloc = spread_alloc(cell, who, repetitions).median;
	double ratio = ratio_to_pcpmm(cell, who, repetitions);

	printf("%-18s %-9s %9.2f %9.2f %9.2f", cell->name,
		bench->contestants[who].name, pair.p25, pair.median, pair.p75);
	if (who == CONTESTANT_NULL)
		printf(" %9s", "-");
	else
		printf(" %9.2f", net.median);
	if (alloc > 0)
		printf(" %9.2f", alloc);
	else
		printf(" %9s", "-");
	if (who == CONTESTANT_NULL || ratio <= 0)
		printf(" %8s\n", "-");
	else
		printf(" %8.2f\n", ratio);
}

void report_text(const struct bench *bench)
{
	struct fact facts[FACTS_MAX];
	unsigned int nr = context_facts(bench, facts);

	for (unsigned int i = 0; i < nr; i++)
		printf("# %-12s %s\n", facts[i].key, facts[i].value);
	for (unsigned int i = 0; i < bench->nr_contestants; i++)
		printf("# %-12s %s\n", bench->contestants[i].name,
			bench->contestants[i].origin);
	printf("# ns a pair\n%-18s %-9s %9s %9s %9s %9s %9s %8s\n",
		"# benchmark", "who", "p25", "median", "p75", "net", "alloc",
		"x pcpmm");
	for (unsigned int i = 0; i < bench->nr_cells; i++)
		for (unsigned int who = 0; who < bench->nr_contestants; who++)
			print_row(bench, &bench->cells[i], who);
}
