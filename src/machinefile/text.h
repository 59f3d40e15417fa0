/* SPDX-License-Identifier: MIT */
/*
 * Read text line by line, with errors that point at file:line:column.
 *
 * The text need not end in a newline or a NUL; nothing is copied. A function
 * that does not find what it takes leaves the cursor in place.
 */
#ifndef MACHINEFILE_TEXT_H
#define MACHINEFILE_TEXT_H

#include <pcpmm/machine.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	const char *name; /* of the file, for errors */
	const char *at; /* what is still to be read of this line */
	const char *end; /* of this line, without \r and \n */
	const char *line; /* start of this line */
	const char *next; /* start of the next line */
	const char *limit; /* end of the text */
	unsigned long number; /* of this line, from 1 */
	struct pcpmm_error *error; /* may be NULL */
};

void text_init(struct text *text, const char *name, const char *start,
	size_t length, struct pcpmm_error *error);

/* Go to the next line, past its blanks and quote marks; false at the end. */
bool text_line(struct text *text);

/* Whether only blanks are left on this line. */
bool text_at_end(struct text *text);

/* Take @literal; blanks before it are skipped. */
bool text_take(struct text *text, const char *literal);

/* Take a word, up to the next blank; its length, 0 if there is none. */
size_t text_word(struct text *text, const char **word);

/* Take a decimal number; false if there is none or it exceeds @max. */
bool text_number(struct text *text, uint64_t max, uint64_t *value);

/* Write "name:line:column: ..." for the cursor's place; returns -EINVAL. */
int text_error(const struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The same where text_number() took nothing: "5 pages: out of range", or
 * "number of pages expected" if there is none. @unit may be "".
 */
int text_number_error(const struct text *text, const char *unit);

#endif
