/* SPDX-License-Identifier: MIT */
/*
 * Free blocks as text and back: lines of an order, each with a first frame and
 * then gaps in blocks of that order. See frames.h, docs/replay.md.
 */
#include "frames.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TITLE "kpageflags 1"
#define LINE_TOKENS 12
#define NR_LISTS (RECORD_FRAMES_ORDER_MAX + 1)

/* --- writing ------------------------------------------------------------ */

/* Blocks of one order, on their way into its lines. */
struct list {
	FILE *file;
	char *text;
	size_t size;
	uint64_t last; /* first frame of the last block */
	uint64_t gap; /* to it from the block before, in blocks */
	uint64_t repeat; /* how often that gap came, not yet written */
	int tokens; /* of the current line; 0: none begun */
};

static void end_gap(struct list *list)
{
	if (!list->repeat)
		return;
	fprintf(list->file, " +%" PRIx64, list->gap);
	if (list->repeat > 1)
		fprintf(list->file, "*%" PRIx64, list->repeat);
	list->repeat = 0;
	if (++list->tokens == LINE_TOKENS) {
		fputc('\n', list->file);
		list->tokens = 0;
	}
}

static void add_block(
	struct list *list, const char *name, uint64_t pfn, unsigned int order)
{
	uint64_t gap = (pfn - list->last) >> order;

	if (list->repeat && gap == list->gap) {
		list->repeat++;
	} else {
		end_gap(list);
		if (!list->tokens) {
			fprintf(list->file, "%s: %" PRIx64, name, pfn);
			list->tokens = 1;
		} else {
			list->gap = gap;
			list->repeat = 1;
		}
	}
	list->last = pfn;
}

uint64_t record_frames_run_end(const struct record_frames *frames, uint64_t pfn)
{
	while (pfn < frames->end && record_frames_is_free(frames, pfn)) {
		if (pfn % 64 == 0 && frames->free[pfn / 64] == UINT64_MAX)
			pfn += 64;
		else
			pfn++;
	}
	return pfn < frames->end ? pfn : frames->end;
}

uint64_t record_frames_run_start(
	const struct record_frames *frames, uint64_t pfn)
{
	while (pfn < frames->end && !record_frames_is_free(frames, pfn)) {
		if (pfn % 64 == 0 && !frames->free[pfn / 64])
			pfn += 64;
		else
			pfn++;
	}
	return pfn < frames->end ? pfn : frames->end;
}

unsigned int record_frames_largest(
	uint64_t pfn, uint64_t end, unsigned int order_max)
{
	unsigned int order = 0;

	while (order < order_max && !(pfn >> order & 1) &&
		pfn + (UINT64_C(2) << order) <= end)
		order++;
	return order;
}

static void add_run(const struct record_frames *frames, struct list *lists,
	uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		unsigned int order = frames->heads
					     ? 0
					     : record_frames_largest(pfn, end,
						       frames->order_max);
		char name[16];

		snprintf(name, sizeof(name), "%u", order);
		add_block(&lists[order], frames->heads ? "head" : name, pfn,
			order);
		pfn += UINT64_C(1) << order;
	}
}

int record_frames_write(const struct record_frames *frames, FILE *file)
{
	struct list lists[NR_LISTS] = {{0}};
	unsigned int order;
	uint64_t pfn = 0;
	int ret = 0;

	fprintf(file, TITLE "\nend: %" PRIx64 "\n", frames->end);
	for (order = 0; order < NR_LISTS && !ret; order++) {
		lists[order].file =
			open_memstream(&lists[order].text, &lists[order].size);
		ret = lists[order].file ? 0 : -EIO;
	}
	while (!ret &&
		(pfn = record_frames_run_start(frames, pfn)) < frames->end) {
		uint64_t end = record_frames_run_end(frames, pfn);

		add_run(frames, lists, pfn, end);
		pfn = end;
	}
	for (order = 0; order < NR_LISTS && lists[order].file; order++) {
		end_gap(&lists[order]);
		if (lists[order].tokens)
			fputc('\n', lists[order].file);
		if (fclose(lists[order].file))
			ret = -EIO;
		else
			fwrite(lists[order].text, 1, lists[order].size, file);
		free(lists[order].text);
	}
	return ret || ferror(file) ? -EIO : 0;
}

/* --- reading ------------------------------------------------------------ */

struct reader {
	int (*block)(void *arg, uint64_t pfn, int order);
	void *arg;
	uint64_t end;
};

static bool take_hex(const char **at, uint64_t *value)
{
	char *end;

	/* No sign and no blank, which strtoull() would take. */
	if (!strspn(*at, "0123456789abcdef"))
		return false;
	errno = 0;
	*value = strtoull(*at, &end, 16);
	*at = end;
	return !errno;
}

/* Whether a block at @pfn lies in memory, and may lie there. */
static bool fits(const struct reader *reader, uint64_t pfn, int order)
{
	uint64_t size = UINT64_C(1) << (order < 0 ? 0 : order);

	return pfn % size == 0 && pfn < reader->end &&
	       size <= reader->end - pfn;
}

/* What follows "ORDER:" in a line. */
static int take_blocks(const struct reader *reader, const char *at, int order)
{
	unsigned int shift = order < 0 ? 0 : (unsigned int)order;
	uint64_t pfn, gap, repeat;
	int ret;

	if (*at++ != ' ' || !take_hex(&at, &pfn) || !fits(reader, pfn, order))
		return -EINVAL;
	ret = reader->block(reader->arg, pfn, order);
	while (!ret && *at == ' ' && at[1] == '+') {
		at += 2;
		repeat = 1;
		if (!take_hex(&at, &gap) || !gap || gap > reader->end >> shift)
			return -EINVAL;
		if (*at == '*') {
			at++;
			if (!take_hex(&at, &repeat))
				return -EINVAL;
		}
		for (; repeat && !ret; repeat--) {
			pfn += gap << shift;
			if (!fits(reader, pfn, order))
				return -EINVAL;
			ret = reader->block(reader->arg, pfn, order);
		}
	}
	if (!ret && *at && *at != '\n')
		return -EINVAL;
	return ret;
}

static int take_line(struct reader *reader, const char *line, unsigned int nr)
{
	char *colon;
	long order;

	if (nr == 1)
		return strncmp(line, TITLE "\n", strlen(TITLE "\n")) ? -EINVAL
								     : 0;
	if (nr == 2) {
		if (strncmp(line, "end: ", 5) != 0)
			return -EINVAL;
		line += 5;
		return take_hex(&line, &reader->end) && *line == '\n' ? 0
								      : -EINVAL;
	}
	if (!strncmp(line, "head:", 5))
		return take_blocks(reader, line + 5, -1);
	if (*line < '0' || *line > '9')
		return -EINVAL;
	order = strtol(line, &colon, 10);
	if (*colon != ':' || order > RECORD_FRAMES_ORDER_MAX)
		return -EINVAL;
	return take_blocks(reader, colon + 1, (int)order);
}

int record_frames_parse(const char *text,
	int (*block)(void *arg, uint64_t pfn, int order), void *arg,
	unsigned int *line)
{
	struct reader reader = {.block = block, .arg = arg};
	int ret = 0;

	*line = 0;
	while (!ret && *text) {
		const char *next = strchr(text, '\n');

		ret = take_line(&reader, text, ++*line);
		text = next ? next + 1 : text + strlen(text);
	}
	return !ret && *line < 2 ? -EINVAL : ret;
}
