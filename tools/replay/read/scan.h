/* SPDX-License-Identifier: MIT */
/*
 * A cursor over one line. No sscanf and no regular expressions: parsing is
 * on the path of every one of millions of lines.
 */
#ifndef REPLAY_SCAN_H
#define REPLAY_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct scan {
	const char *at;
	const char *end;
	const char *fields; /* where the key=value part begins */
};

static inline bool scan_is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline void scan_spaces(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
}

static inline void scan_token(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != ' ' && *scan->at != '\t')
		scan->at++;
}

static inline int scan_hex_digit(char c)
{
	if (scan_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decimal, or hexadecimal with 0x. False (cursor at the fault) if none. */
static inline bool scan_unsigned(struct scan *scan, uint64_t *value)
{
	const char *p = scan->at, *start;
	uint64_t v = 0;
	int digit;

	if (p + 2 < scan->end && p[0] == '0' && (p[1] | 0x20) == 'x') {
		start = p += 2;
		for (; p < scan->end && (digit = scan_hex_digit(*p)) >= 0; p++)
			v = v << 4 | (unsigned)digit;
		scan->at = p;
		*value = v;
		return p > start && p - start <= 16;
	}
	start = p;
	for (; p < scan->end && scan_is_digit(*p); p++)
		v = v * 10 + (unsigned)(*p - '0');
	scan->at = p;
	*value = v;
	return p > start && p - start <= 19;
}

/* Hexadecimal without 0x, as "page=%p" prints addresses. */
static inline bool scan_bare_hex(struct scan *scan, uint64_t *value)
{
	const char *start = scan->at;
	int digit;

	for (*value = 0; scan->at < scan->end &&
			 (digit = scan_hex_digit(*scan->at)) >= 0;
		scan->at++)
		*value = *value << 4 | (unsigned)digit;
	return scan->at > start && scan->at - start <= 16;
}

/*
 * Puts the cursor behind `key` ("pfn="). Fields keep their order in every
 * kernel, so the search goes on from the last field; only if that fails
 * does it start again.
 */
static inline bool scan_key(struct scan *scan, const char *key, size_t length)
{
	const char *p = scan->at;

	for (int round = 0; round < 2; round++) {
		for (;;) {
			while (p < scan->end && (*p == ' ' || *p == '\t'))
				p++;
			if (p == scan->end)
				break;
			if ((size_t)(scan->end - p) >= length &&
				!memcmp(p, key, length)) {
				scan->at = p + length;
				return true;
			}
			p = memchr(p, ' ', (size_t)(scan->end - p));
			if (!p)
				break;
		}
		p = scan->fields;
	}
	return false;
}

/* The key is in the line; the cursor stays. */
static inline bool scan_has_key(
	const struct scan *scan, const char *key, size_t length)
{
	struct scan look = *scan;

	return scan_key(&look, key, length);
}

#endif
