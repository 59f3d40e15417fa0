/* SPDX-License-Identifier: MIT */
/*
 * What nobody told: the version of a dump's kernel, and the size of its pages.
 * Both are chosen by what was printed, and said.
 */
#include "predict.h"

#include <stdio.h>

#define PATCHLEVELS 1000 /* of a version, as eras count */

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

/* 5.13 and later print a boost in every populated zone. */
static bool lacks_boost(const struct pcpmm_dump *dump)
{
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++) {
		if (dump->zones[i].info.has_boost)
			return false;
	}
	return dump->nr_zones != 0;
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

enum pcpmm_era pcpmm_era_of_dump(
	const struct pcpmm_dump *dump, char *why, size_t size)
{
	unsigned int first = dump->first_kernel;
	unsigned int last = dump->last_kernel ? dump->last_kernel : UINT32_MAX;
	const char *line = dump->first_line;
	const char *has = "has a";
	unsigned int limit;

	snprintf(why, size, "%s", "");
	if (last == UINT32_MAX && lacks_boost(dump)) {
		last = 5012;
		line = "boost";
		has = "has no";
	} else if (last != UINT32_MAX) {
		line = dump->last_line;
	}
	if (first > last || possible(PCPMM_ERA_LINUX_6_1, first, last))
		return PCPMM_ERA_LINUX_6_1;
	limit = last == UINT32_MAX ? first : last;
	snprintf(why, size,
		"no --preset: the dump %s '%s' line, so it is of Linux %u.%u "
		"or %s",
		has, *line ? line : "nameless", limit / PATCHLEVELS,
		limit % PATCHLEVELS, last == UINT32_MAX ? "later" : "older");
	return best_fit(dump, first, last);
}
