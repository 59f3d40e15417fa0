/* SPDX-License-Identifier: MIT */
/* Arrays of numbers that grow; without memory the run ends. */
#include "causal_internal.h"

#include <string.h>

#include "../read/grow.h"

void vec_push(struct causal *causal, struct causal_vec *vec, uint32_t value)
{
	if (GROW(vec->at, vec->nr, vec->cap)) {
		causal->no_memory = true;
		return;
	}
	vec->at[vec->nr++] = value;
}

void vec_insert(struct causal *causal, struct causal_vec *vec, size_t at,
	uint32_t value)
{
	size_t behind = vec->nr - at;

	vec_push(causal, vec, value);
	if (causal->no_memory)
		return;
	memmove(vec->at + at + 1, vec->at + at, behind * sizeof(vec->at[0]));
	vec->at[at] = value;
}

void vec_remove(struct causal_vec *vec, size_t at)
{
	vec->nr--;
	memmove(vec->at + at, vec->at + at + 1,
		(vec->nr - at) * sizeof(vec->at[0]));
}

long vec_find(const struct causal_vec *vec, uint32_t value)
{
	for (size_t i = vec->nr; i-- > 0;)
		if (vec->at[i] == value)
			return (long)i;
	return -1;
}
