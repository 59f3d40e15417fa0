/* SPDX-License-Identifier: MIT */
/*
 * Lines of one or more files, plain, gzip or xz, as one stream.
 *
 * The packing is told by the first bytes, not by the name, so a pipe works
 * too ("-" is standard input). A line is valid until the next call.
 */
#ifndef REPLAY_READER_H
#define REPLAY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct replay_reader;

struct replay_line {
	const char *text; /* without the newline; text[length] is readable */
	size_t length;
	bool cut; /* the file ended before a newline */
};

int replay_reader_open(struct replay_reader **out, const char *const *paths,
	size_t nr_paths, struct replay_error *err);
void replay_reader_close(struct replay_reader *reader);

/* 1: a line; 0: the end of the last file; -errno with a message. */
int replay_reader_next(struct replay_reader *reader, struct replay_line *line,
	struct replay_error *err);

/* Where the line last returned stands. */
const char *replay_reader_path(const struct replay_reader *reader);
uint64_t replay_reader_line_number(const struct replay_reader *reader);

/*
 * Progress in bytes as they lie on disk. The total is 0 where a part has
 * no size (a pipe).
 */
uint64_t replay_reader_bytes_done(const struct replay_reader *reader);
uint64_t replay_reader_bytes_total(const struct replay_reader *reader);

#endif
