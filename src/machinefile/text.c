/* SPDX-License-Identifier: MIT */
/* Cursor over lines of text; see text.h. */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Characters of a long path that an error shows: the last ones. */
#define NAME_SHOWN 120

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void text_init(struct text *text, const char *name, const char *start,
	size_t length, struct pcpmm_error *error)
{
	memset(text, 0, sizeof(*text));
	text->name = name;
	text->at = start;
	text->end = start;
	text->line = start;
	text->next = start;
	text->limit = start + length;
	text->error = error;
}

static void skip_blanks(struct text *text)
{
	while (text->at < text->end && is_blank(*text->at))
		text->at++;
}

/* "> " before lines that a mail quotes, also more than once. */
static void skip_quotes(struct text *text)
{
	skip_blanks(text);
	while (text->at < text->end && *text->at == '>') {
		text->at++;
		skip_blanks(text);
	}
}

bool text_line(struct text *text)
{
	const char *newline;

	if (text->next == text->limit)
		return false;
	text->line = text->next;
	text->at = text->line;
	text->number++;
	newline = memchr(text->line, '\n', (size_t)(text->limit - text->line));
	text->end = newline ? newline : text->limit;
	text->next = newline ? newline + 1 : text->limit;
	skip_quotes(text);
	return true;
}

bool text_at_end(struct text *text)
{
	skip_blanks(text);
	return text->at == text->end;
}

bool text_take(struct text *text, const char *literal)
{
	const char *start = text->at;
	size_t length = strlen(literal);

	skip_blanks(text);
	if ((size_t)(text->end - text->at) < length ||
		memcmp(text->at, literal, length) != 0) {
		text->at = start;
		return false;
	}
	text->at += length;
	return true;
}

size_t text_word(struct text *text, const char **word)
{
	skip_blanks(text);
	*word = text->at;
	while (text->at < text->end && !is_blank(*text->at))
		text->at++;
	return (size_t)(text->at - *word);
}

bool text_number(struct text *text, uint64_t max, uint64_t *value)
{
	const char *start = text->at;
	uint64_t sum = 0;
	bool any = false;

	skip_blanks(text);
	while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
		uint64_t digit = (uint64_t)(*text->at - '0');

		if (digit > max || sum > (max - digit) / 10) {
			text->at = start;
			return false;
		}
		sum = sum * 10 + digit;
		text->at++;
		any = true;
	}
	if (!any) {
		text->at = start;
		return false;
	}
	*value = sum;
	return true;
}

static void print(struct pcpmm_error *error, size_t from, const char *format,
	va_list args)
{
	if (from < sizeof(error->text))
		vsnprintf(error->text + from, sizeof(error->text) - from,
			format, args);
}

int text_error(const struct text *text, const char *format, ...)
{
	struct pcpmm_error *error = text->error;
	size_t length = strlen(text->name);
	const char *at = text->at;
	va_list args;
	int from;

	if (!error)
		return -EINVAL;
	while (at < text->end && is_blank(*at))
		at++;
	from = snprintf(error->text, sizeof(error->text),
		"%s%s:%lu:%td: ", length > NAME_SHOWN ? "..." : "",
		length > NAME_SHOWN ? text->name + length - NAME_SHOWN
				    : text->name,
		text->number, at - text->line + 1);
	va_start(args, format);
	print(error, from < 0 ? 0 : (size_t)from, format, args);
	va_end(args);
	return -EINVAL;
}

int text_number_error(const struct text *text, const char *unit)
{
	const char *at = text->at;
	size_t length = 0;

	while (at < text->end && is_blank(*at))
		at++;
	if (at < text->end && *at == '-')
		length++;
	while (at + length < text->end && at[length] >= '0' &&
		at[length] <= '9')
		length++;
	if (!length || (length == 1 && *at == '-'))
		return text_error(
			text, "number%s%s expected", *unit ? " of " : "", unit);
	return text_error(text, "%.*s%s%s: out of range",
		length > 40 ? 40 : (int)length, at, *unit ? " " : "", unit);
}
