/* SPDX-License-Identifier: MIT */
/* Read tab-separated test data; lines that begin with # are comments. */
#ifndef GOLDEN_TSV_H
#define GOLDEN_TSV_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TSV_FIELDS_MAX 24

struct tsv {
	FILE *file;
	char line[8192];
	char *field[TSV_FIELDS_MAX];
	int nr;
};

/* Folder of the tests: from the environment, or below the current folder. */
static inline const char *tests_folder(void)
{
	const char *folder = getenv("PCPMM_TESTS");

	return folder ? folder : "tests";
}

static inline bool tsv_open(struct tsv *tsv, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", tests_folder(), name);
	tsv->file = fopen(path, "re");
	if (!tsv->file)
		perror(path);
	return tsv->file != NULL;
}

/* The next row, split; empty fields are kept. */
static inline bool tsv_next(struct tsv *tsv)
{
	char *rest;

	do {
		if (!fgets(tsv->line, sizeof(tsv->line), tsv->file))
			return false;
		tsv->line[strcspn(tsv->line, "\n")] = '\0';
	} while (tsv->line[0] == '#' || tsv->line[0] == '\0');
	rest = tsv->line;
	for (tsv->nr = 0; rest && tsv->nr < TSV_FIELDS_MAX; tsv->nr++)
		tsv->field[tsv->nr] = strsep(&rest, "\t");
	return true;
}

static inline unsigned long long tsv_number(const struct tsv *tsv, int field)
{
	return strtoull(tsv->field[field], NULL, 10);
}

#endif
