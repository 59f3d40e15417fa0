/* SPDX-License-Identifier: MIT */
/*
 * Names of functions as the running kernel has them. A compiler that changes a
 * static function gives it a suffix: free_one_page.constprop.0.
 */
#ifndef RECORD_SYMBOLS_H
#define RECORD_SYMBOLS_H

#include <stddef.h>
#include <stdio.h>

enum record_symbol_kind {
	RECORD_SYMBOL_NONE, /* not there: inlined, or another kernel */
	RECORD_SYMBOL_WHOLE, /* arguments as in the source */
	RECORD_SYMBOL_CONSTPROP, /* without those that are constant */
	RECORD_SYMBOL_CHANGED, /* .isra, .part: arguments are not known */
	RECORD_SYMBOL_AMBIGUOUS, /* several functions have that name */
};

struct record_symbol {
	enum record_symbol_kind kind;
	unsigned char rank; /* 2: found whole, 1: found changed */
	char name[96]; /* as a probe must call it */
};

/* What the suffix of @symbol, beginning at @suffix ("" or ".isra.0"), says. */
enum record_symbol_kind record_symbol_suffix(const char *suffix);

/*
 * Find @functions (@nr of them) in @kallsyms, the lines of /proc/kallsyms, and
 * set found[i] for each. A whole function is preferred to a changed one;
 * symbols of modules do not count. 0, or -errno of a failed read.
 */
int record_symbols_find(FILE *kallsyms, const char *const *functions, size_t nr,
	struct record_symbol *found);

#endif
