/* SPDX-License-Identifier: MIT */
#include "outcomes.h"

#include <stdlib.h>

/* A value's bits are spread, and 0 becomes another value. */
static uint64_t mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	value ^= value >> 31;
	return value ? value : 1;
}

static bool insert(struct outcomes *outcomes, uint64_t value)
{
	size_t i = value & (outcomes->cap - 1);

	while (outcomes->at[i] && outcomes->at[i] != value)
		i = (i + 1) & (outcomes->cap - 1);
	if (outcomes->at[i])
		return false;
	outcomes->at[i] = value;
	return true;
}

static bool grow(struct outcomes *outcomes)
{
	struct outcomes more = {.cap = outcomes->cap ? 2 * outcomes->cap : 64};

	more.at = calloc(more.cap, sizeof(*more.at));
	if (!more.at)
		return false;
	for (size_t i = 0; i < outcomes->cap; i++)
		if (outcomes->at[i])
			insert(&more, outcomes->at[i]);
	free(outcomes->at);
	outcomes->at = more.at;
	outcomes->cap = more.cap;
	return true;
}

bool outcomes_add(struct outcomes *outcomes, uint64_t outcome)
{
	uint64_t value = mix(outcome);

	if (2 * outcomes->nr >= outcomes->cap && !grow(outcomes))
		return false;
	if (insert(outcomes, value)) {
		outcomes->nr++;
		outcomes->hash += value;
	}
	return true;
}

void outcomes_fini(struct outcomes *outcomes)
{
	free(outcomes->at);
	*outcomes = (struct outcomes){0};
}
