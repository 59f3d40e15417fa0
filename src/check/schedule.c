/* SPDX-License-Identifier: MIT */
/* Schedules as text. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "search.h"

#define CHOICE_TEXT 40 /* bytes of one entry, at most */

char *schedule_write(const struct trail *trail)
{
	char *text = malloc(trail->nr * CHOICE_TEXT + 1), *at = text;

	if (!text)
		return NULL;
	*at = '\0';
	for (size_t i = 0; i < trail->nr;) {
		unsigned int choice = trail->at[i].choice;
		size_t end = i;

		while (end < trail->nr && trail->at[end].choice == choice)
			end++;
		at += sprintf(at, "%s%u%s", i ? "," : "", choice % MODEL_TASKS,
			choice >= MODEL_TASKS ? "!" : "");
		if (end - i > 1)
			at += sprintf(at, "*%zu", end - i);
		i = end;
	}
	return text;
}

static bool read_number(
	const char **text, unsigned long max, unsigned int *value)
{
	char *end;
	unsigned long number;

	if (!isdigit((unsigned char)**text))
		return false;
	number = strtoul(*text, &end, 10);
	if (number > max)
		return false;
	*text = end;
	*value = (unsigned int)number;
	return true;
}

int schedule_read(const char **text, unsigned int *repeat)
{
	unsigned int choice;

	*repeat = 1;
	if (!**text)
		return -2;
	if (!read_number(text, MODEL_TASKS - 1, &choice))
		return -1;
	if (**text == '!') {
		choice = MODEL_SIGNAL_OF(choice);
		++*text;
	}
	if (**text == '*') {
		++*text;
		if (!read_number(text, 1000000, repeat) || !*repeat)
			return -1;
	}
	if (**text == ',') {
		++*text;
		return **text ? (int)choice : -1;
	}
	return **text ? -1 : (int)choice;
}
