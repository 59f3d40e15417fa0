/* SPDX-License-Identifier: MIT */
/*
 * Read the version of a kernel: uname -a, uname -r or /proc/version, alone or in a
 * line "uname: ..." among others.
 */
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "6.1.192-2": a release begins with two numbers and a dot between them. */
static bool is_release(const char *word, unsigned int *version,
	unsigned int *patchlevel, char text[16])
{
	unsigned int sublevel;
	int fields =
		sscanf(word, "%3u.%3u.%4u", version, patchlevel, &sublevel);

	if (!isdigit((unsigned char)*word) || fields < 2)
		return false;
	if (fields == 3)
		snprintf(text, 16, "%u.%u.%u", *version, *patchlevel, sublevel);
	else
		snprintf(text, 16, "%u.%u", *version, *patchlevel);
	return true;
}

/* The release stands behind "Linux version", "Linux HOST", or alone. */
static bool take_release(struct pcpmm_dump *dump, struct text *text)
{
	unsigned int version, patchlevel;
	char copy[64];
	const char *word;
	size_t length;

	text_take(text, "uname:");
	if (text_take(text, "Linux"))
		text_word(text, &word);
	length = text_word(text, &word);
	if (!length || length >= sizeof(copy))
		return false;
	memcpy(copy, word, length);
	copy[length] = '\0';
	if (!is_release(copy, &version, &patchlevel, dump->told_text))
		return false;
	dump->told_kernel = version * 1000 + patchlevel;
	return true;
}

int dump_read_uname(struct pcpmm_dump *dump, struct text *text)
{
	while (text_line(text))
		if (take_release(dump, text))
			return 0;
	return text_error(text, "no version of a kernel in it, as in uname -a");
}
