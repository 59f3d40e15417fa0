/* SPDX-License-Identifier: MIT */
/* Functions and their suffixes in /proc/kallsyms; see symbols.h. */
#include "symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum record_symbol_kind record_symbol_suffix(const char *suffix)
{
	if (!*suffix)
		return RECORD_SYMBOL_WHOLE;
	if (*suffix != '.')
		return RECORD_SYMBOL_NONE; /* another, longer name */
	if (strstr(suffix, ".cold"))
		return RECORD_SYMBOL_NONE; /* the unlikely half */
	if (strstr(suffix, ".isra.") || strstr(suffix, ".part."))
		return RECORD_SYMBOL_CHANGED;
	if (!strncmp(suffix, ".constprop.", 11))
		return RECORD_SYMBOL_CONSTPROP;
	if (!strncmp(suffix, ".llvm.", 6))
		return RECORD_SYMBOL_WHOLE; /* only renamed */
	return RECORD_SYMBOL_NONE;
}

/* "ffffffff81234560 t name", without a module; NULL: no function. */
static char *function_of(char *line)
{
	char *rest = line, *type, *name;

	strsep(&rest, " ");
	type = strsep(&rest, " ");
	name = strsep(&rest, "\t\n");
	if (!type || !name || !strchr("tTwW", *type))
		return NULL;
	return rest && strchr(rest, '[') ? NULL : name;
}

/* Of two of a rank nobody knows which one a probe would get. */
static void take(struct record_symbol *found, const char *name,
	enum record_symbol_kind kind)
{
	unsigned char rank = kind == RECORD_SYMBOL_WHOLE ? 2 : 1;

	if (rank == found->rank)
		found->kind = RECORD_SYMBOL_AMBIGUOUS;
	if (rank <= found->rank)
		return;
	*found = (struct record_symbol){.kind = kind, .rank = rank};
	snprintf(found->name, sizeof(found->name), "%s", name);
}

int record_symbols_find(FILE *kallsyms, const char *const *functions, size_t nr,
	struct record_symbol *found)
{
	char *line = NULL;
	size_t size = 0;

	memset(found, 0, nr * sizeof(*found));
	while (getline(&line, &size, kallsyms) >= 0) {
		const char *name = function_of(line);

		for (size_t i = 0; name && i < nr; i++) {
			size_t length = strlen(functions[i]);
			enum record_symbol_kind kind;

			if (strncmp(name, functions[i], length) != 0)
				continue;
			kind = record_symbol_suffix(name + length);
			if (kind != RECORD_SYMBOL_NONE)
				take(&found[i], name, kind);
		}
	}
	free(line);
	return ferror(kallsyms) ? -EIO : 0;
}
