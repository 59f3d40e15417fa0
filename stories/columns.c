/* SPDX-License-Identifier: MIT */
/*
 * A timeline with its acts side by side: the same scene under the old and under
 * the new design. Each act has its own clock, which starts at 0 with the act.
 * Nothing is printed before the end of the story: a row needs the lines of all
 * acts.
 */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_DEFAULT 132 /* characters of a row, if COLUMNS does not say */
#define WIDTH_MIN 72
#define CELL_MIN 24
#define TIME_WIDTH 10 /* ms, and two spaces */
#define ACTS_MAX 8

struct line {
	unsigned int act;
	uint64_t ns; /* since its act began */
	char *text;
};

struct story_columns {
	struct line *lines;
	unsigned int nr, room;
	char *acts[ACTS_MAX];
	uint64_t act_start[ACTS_MAX];
	unsigned int nr_acts;
};

struct story_columns *columns_create(void)
{
	return calloc(1, sizeof(struct story_columns));
}

bool columns_begin_act(
	struct story_columns *columns, const char *name, uint64_t now)
{
	if (columns->nr_acts == ACTS_MAX)
		return false;
	columns->acts[columns->nr_acts] = strdup(name);
	columns->act_start[columns->nr_acts] = now;
	return columns->acts[columns->nr_acts++] != NULL;
}

bool columns_add(struct story_columns *columns, uint64_t now, const char *text)
{
	struct line *line;

	if (!columns->nr_acts)
		return false;
	if (columns->nr == columns->room) {
		unsigned int room = columns->room ? 2 * columns->room : 64;
		void *lines = realloc(columns->lines, room * sizeof(*line));

		if (!lines)
			return false;
		columns->lines = lines;
		columns->room = room;
	}
	line = &columns->lines[columns->nr];
	line->act = columns->nr_acts - 1;
	line->ns = now - columns->act_start[line->act];
	line->text = strdup(text);
	columns->nr += line->text != NULL;
	return line->text != NULL;
}

static int width_of_row(void)
{
	const char *text = getenv("COLUMNS");
	int width = text ? atoi(text) : 0;

	if (width <= 0)
		return WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* Characters of @text for a cell: to the last space that fits. */
static int fitting(const char *text, int width)
{
	int length = (int)strlen(text), at = width;

	if (length <= width)
		return length;
	while (at > 0 && text[at] != ' ')
		at--;
	return at > 0 ? at : width;
}

/* The text of a cell that is not printed yet. */
struct cell {
	char text[320];
	const char *rest;
};

/* The @nth line of @act, its time first; empty when there is none. */
static void fill_cell(const struct story_columns *columns, unsigned int act,
	unsigned int nth, struct cell *cell)
{
	cell->text[0] = '\0';
	cell->rest = cell->text;
	for (unsigned int i = 0; i < columns->nr; i++) {
		const struct line *line = &columns->lines[i];

		if (line->act != act || nth--)
			continue;
		snprintf(cell->text, sizeof(cell->text), "%8.3f  %s",
			(double)line->ns / 1e6, line->text);
		return;
	}
}

/* Print one row of each cell. true: at least one cell had text left. */
static bool print_row(struct cell *cells, unsigned int nr, int width)
{
	bool any = false;

	for (unsigned int act = 0; act < nr; act++)
		any |= *cells[act].rest != '\0';
	for (unsigned int act = 0; any && act < nr; act++) {
		struct cell *cell = &cells[act];
		int indent = cell->rest == cell->text ? 0 : TIME_WIDTH;
		int length = fitting(cell->rest, width - indent);

		printf("%s%*s%.*s", act ? " | " : "", indent, "", length,
			cell->rest);
		if (act + 1 < nr)
			printf("%*s", width - indent - length, "");
		cell->rest += length;
		cell->rest += strspn(cell->rest, " ");
	}
	if (any)
		putchar('\n');
	return any;
}

static void print_heads(const struct story_columns *columns, int width)
{
	putchar('\n');
	for (unsigned int act = 0; act < columns->nr_acts; act++)
		printf("%s%-*.*s", act ? " | " : "", width, width,
			columns->acts[act]);
	putchar('\n');
	for (unsigned int act = 0; act < columns->nr_acts; act++) {
		fputs(act ? "-+-" : "", stdout);
		for (int i = 0; i < width; i++)
			putchar('-');
	}
	putchar('\n');
}

/* The n-th lines of all acts share a row, as all acts play the same scene. */
void columns_print(struct story_columns *columns)
{
	unsigned int nr = columns->nr_acts, max = columns->nr;
	struct cell *cells;
	int width;

	if (!columns->nr)
		return;
	cells = calloc(nr, sizeof(*cells));
	if (!cells)
		return;
	width = width_of_row() / (int)nr - 3;
	if (width < CELL_MIN)
		width = CELL_MIN;
	print_heads(columns, width);
	for (unsigned int nth = 0; nth < max; nth++) {
		for (unsigned int act = 0; act < nr; act++)
			fill_cell(columns, act, nth, &cells[act]);
		while (print_row(cells, nr, width))
			;
	}
	free(cells);
}

void columns_destroy(struct story_columns *columns)
{
	if (!columns)
		return;
	for (unsigned int i = 0; i < columns->nr; i++)
		free(columns->lines[i].text);
	for (unsigned int act = 0; act < columns->nr_acts; act++)
		free(columns->acts[act]);
	free(columns->lines);
	free(columns);
}
