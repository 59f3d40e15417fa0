/* SPDX-License-Identifier: MIT */
/* The preset of a dump's kernel, and whether another one can be right. */
#include "dump.h"

#include <stdio.h>
#include <string.h>

/* A preset stands for the kernels up to the next one; the first, for older ones. */
static unsigned int first_of(unsigned int i)
{
	return i ? dump_presets[i].kernel : 0;
}

static unsigned int last_of(unsigned int i)
{
	return i + 1 < NR_DUMP_PRESETS ? dump_presets[i + 1].kernel - 1
				       : UINT32_MAX;
}

/* The newest that is possible; without any limit above, 6.1 if that is. */
static unsigned int choose(const struct dump_kernels *kernels)
{
	unsigned int best = NR_DUMP_PRESETS;
	unsigned int i;

	for (i = 0; i < NR_DUMP_PRESETS; i++) {
		bool base = dump_presets[i].preset == PCPMM_PRESET_LINUX_6_1;

		if (kernels->first > kernels->last) {
			if (base)
				return i;
			continue;
		}
		if (dump_kernels_why_not(kernels, first_of(i), last_of(i)))
			continue;
		best = i;
		if (base && kernels->last == UINT32_MAX)
			break;
	}
	return best;
}

enum pcpmm_preset pcpmm_dump_preset(
	const struct pcpmm_dump *dump, char *why, size_t size)
{
	struct dump_kernels kernels;
	const char *nearest = NULL, *name;
	size_t length;
	unsigned int i;

	dump_kernels(dump, &kernels);
	i = choose(&kernels);
	name = pcpmm_preset_name(dump_presets[i].preset);
	dump_kernels_why(&kernels, why, size);
	length = strlen(why);
	if (kernels.exact && kernels.first < dump_presets[i].kernel)
		nearest = "is the oldest preset";
	else if (kernels.exact && kernels.first > dump_presets[i].kernel)
		nearest = "is the nearest preset that is not newer";
	if (nearest && length < size)
		snprintf(why + length, size - length, "; %s %s", name, nearest);
	return dump_presets[i].preset;
}

void dump_doubt_preset(
	struct pcpmm_dump *dump, enum pcpmm_preset preset, const char *name)
{
	struct dump_kernels kernels;
	const char *why;
	unsigned int i;

	dump->preset_note[0] = '\0';
	for (i = 0; i < NR_DUMP_PRESETS; i++) {
		if (dump_presets[i].preset != preset)
			continue;
		dump_kernels(dump, &kernels);
		why = dump_kernels_why_not(&kernels, first_of(i), last_of(i));
		if (why)
			snprintf(dump->preset_note, sizeof(dump->preset_note),
				"preset %s is not right: %s", name, why);
	}
}
