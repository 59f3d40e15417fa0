/* SPDX-License-Identifier: MIT */
/*
 * Arrays that grow: GROW(array, used, capacity) provides for one more
 * element; true if there is no memory.
 */
#ifndef REPLAY_GROW_H
#define REPLAY_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define GROW(array, used, cap)                                                 \
	((used) == (cap) &&                                                    \
		grow_array((void **)&(array), &(cap), sizeof(*(array))))

static inline bool grow_array(void **array, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap + *cap / 2 : 1024;
	void *grown;

	if (more > SIZE_MAX / size)
		return true;
	grown = realloc(*array, more * size);
	if (!grown)
		return true;
	*array = grown;
	*cap = more;
	return false;
}

#endif
