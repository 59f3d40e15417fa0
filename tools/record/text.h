/* SPDX-License-Identifier: MIT */
/* Small texts in memory: whole files of /proc, read again into the same room. */
#ifndef RECORD_TEXT_H
#define RECORD_TEXT_H

#include <stddef.h>

struct record_text {
	char *text;
	size_t length, size;
};

/*
 * The whole of @path, with a 0 at its end. Room is kept for a second reading of
 * a somewhat longer text. 0 or -errno; the text is empty then.
 */
int record_text_read(struct record_text *text, const char *path);
void record_text_free(struct record_text *text);

/* Appends; what does not fit into memory is left out. */
__attribute__((format(printf, 2, 3))) void record_text_add(
	struct record_text *text, const char *format, ...);

/* Into the file @name of @folder; an empty text makes none. Exit status. */
int record_text_write(
	const struct record_text *text, const char *folder, const char *name);

#endif
