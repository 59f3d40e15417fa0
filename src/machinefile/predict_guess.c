/* SPDX-License-Identifier: MIT */
/*
 * What nobody told: the version of a dump's kernel, and the size of its pages.
 * Both are chosen by what was printed, and said.
 */
#include "predict.h"

#include <stdio.h>
#include <string.h>

/* The last kernel of the era: one before the next era begins. */
static unsigned int last_of(unsigned int era)
{
	unsigned int last = UINT32_MAX;
	unsigned int i;

	for (i = 0; i < PCPMM_NR_ERAS; i++) {
		unsigned int first = predict_era(i)->first;

		if (first > predict_era(era)->first && first - 1 < last)
			last = first - 1;
	}
	return last;
}

static bool possible(unsigned int era, unsigned int first, unsigned int last)
{
	return last_of(era) >= first && predict_era(era)->first <= last;
}

static unsigned int matches(const struct pcpmm_dump *dump, unsigned int era)
{
	struct pcpmm_prediction *prediction =
		pcpmm_predict(dump, (enum pcpmm_era)era, NULL, NULL);
	unsigned int matched = prediction ? prediction->matched : 0;

	pcpmm_prediction_free(prediction);
	return matched;
}

/* Of the possible eras the one with most matches; of equal ones the latest. */
static enum pcpmm_era best_fit(
	const struct pcpmm_dump *dump, unsigned int first, unsigned int last)
{
	enum pcpmm_era best = PCPMM_ERA_LINUX_6_1;
	unsigned int most = 0;
	bool any = false;
	unsigned int i;

	for (i = 0; i < PCPMM_NR_ERAS; i++) {
		unsigned int matched;

		if (!possible(i, first, last))
			continue;
		matched = matches(dump, i);
		if (any && (matched < most ||
				   (matched == most &&
					   predict_era(i)->first <
						   predict_era(best)->first)))
			continue;
		any = true;
		best = (enum pcpmm_era)i;
		most = matched;
	}
	return best;
}

/* The era of a kernel: the last that does not begin after it. */
static enum pcpmm_era era_of(unsigned int kernel)
{
	unsigned int i;

	for (i = 0; i < PCPMM_NR_ERAS; i++) {
		if (possible(i, kernel, kernel))
			break;
	}
	return (enum pcpmm_era)i;
}

enum pcpmm_era pcpmm_era_of_dump(
	const struct pcpmm_dump *dump, char *why, size_t size)
{
	static const char *const begin = "no --preset: ";
	struct dump_kernels kernels;

	snprintf(why, size, "%s", "");
	dump_kernels(dump, &kernels);
	if (!kernels.exact && (kernels.first > kernels.last ||
				      possible(PCPMM_ERA_LINUX_6_1,
					      kernels.first, kernels.last)))
		return PCPMM_ERA_LINUX_6_1;
	snprintf(why, size, "%s", begin);
	if (size > strlen(begin))
		dump_kernels_why(
			&kernels, why + strlen(begin), size - strlen(begin));
	return kernels.exact ? era_of(kernels.first)
			     : best_fit(dump, kernels.first, kernels.last);
}

bool pcpmm_era_fits(const struct pcpmm_dump *dump, enum pcpmm_era era,
	char *why, size_t size)
{
	struct dump_kernels kernels;
	const char * not ;

	snprintf(why, size, "%s", "");
	if (!predict_era(era))
		return false;
	dump_kernels(dump, &kernels);
	not = dump_kernels_why_not(
		&kernels, predict_era(era)->first, last_of(era));
	if (not )
		snprintf(why, size, "%s", not );
	return !not ;
}
