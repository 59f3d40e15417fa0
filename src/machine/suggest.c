/* SPDX-License-Identifier: MIT */
/* "Did you mean ...?": the nearest of a list of names. */
#include <pcpmm/machine.h>

#include <string.h>

#define NAME_MAX_LENGTH 64

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Insertions, deletions and replacements that turn one into the other. */
static unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int row[NAME_MAX_LENGTH + 1];
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);
	size_t i, j;

	if (length_a > NAME_MAX_LENGTH || length_b > NAME_MAX_LENGTH)
		return NAME_MAX_LENGTH + 1;
	for (j = 0; j <= length_b; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= length_a; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (j = 1; j <= length_b; j++) {
			unsigned int above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1,
				diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length_b];
}

const char *pcpmm_nearest_name(const char *name, const char *const *names)
{
	const char *nearest = NULL;
	unsigned int best = NAME_MAX_LENGTH + 1;
	unsigned int i;

	for (i = 0; names[i]; i++) {
		unsigned int distance = edit_distance(name, names[i]);

		if (distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	if (!nearest || best > strlen(nearest) / 3 + 1)
		return NULL;
	return nearest;
}
