/* SPDX-License-Identifier: MIT */
/*
 * Cuts unpacked bytes into lines; see reader.h.
 *
 * One buffer of READER_BUFFER bytes; what is left of it when the next bytes
 * are needed (less than a line) is moved to its front.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reader.h"
#include "unpack.h"

#define READER_BUFFER (1u << 20)

struct replay_reader {
	const char *const *paths;
	size_t nr_paths;
	size_t path; /* index of the open or the next file */
	size_t named; /* file of the line last returned */
	struct replay_unpack *file;
	uint64_t line_number;
	uint64_t done_before; /* bytes of the files already closed */
	uint64_t total;
	size_t at, have;
	char buffer[READER_BUFFER + 1];
};

static uint64_t reader_size(const char *const *paths, size_t nr_paths)
{
	uint64_t total = 0;
	struct stat st;

	for (size_t i = 0; i < nr_paths; i++) {
		if (!strcmp(paths[i], "-") || stat(paths[i], &st) ||
			!S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}

static int reader_open_next(
	struct replay_reader *reader, struct replay_error *err)
{
	const char *path = reader->paths[reader->path];
	int code;

	reader->file = replay_unpack_open(path);
	if (!reader->file) {
		code = errno ? -errno : -EINVAL;
		return replay_fail(err, code, "%s: %s", path, strerror(-code));
	}
	reader->line_number = 0;
	reader->at = reader->have = 0;
	return 0;
}

static void reader_close_file(struct replay_reader *reader)
{
	reader->done_before += replay_unpack_taken(reader->file);
	replay_unpack_close(reader->file);
	reader->file = NULL;
	reader->path++;
}

int replay_reader_open(struct replay_reader **out, const char *const *paths,
	size_t nr_paths, struct replay_error *err)
{
	struct replay_reader *reader;
	int ret;

	if (!nr_paths)
		return replay_fail(err, -EINVAL, "no trace given");
	reader = malloc(sizeof(*reader));
	if (!reader)
		return replay_fail(err, -ENOMEM, "out of memory");
	memset(reader, 0, offsetof(struct replay_reader, buffer));
	reader->paths = paths;
	reader->nr_paths = nr_paths;
	reader->total = reader_size(paths, nr_paths);
	ret = reader_open_next(reader, err);
	if (ret) {
		free(reader);
		return ret;
	}
	*out = reader;
	return 0;
}

void replay_reader_close(struct replay_reader *reader)
{
	if (!reader)
		return;
	replay_unpack_close(reader->file);
	free(reader);
}

/* Gets more bytes behind those that are left. Bytes, 0 or -errno. */
static long reader_more(struct replay_reader *reader, struct replay_error *err)
{
	const char *why = "read error";
	size_t left = reader->have - reader->at;
	long got;

	if (left == READER_BUFFER)
		return replay_fail(err, -EINVAL,
			"%s: line %llu: longer than %u bytes; not a trace",
			reader->paths[reader->path],
			(unsigned long long)reader->line_number + 1,
			READER_BUFFER);
	memmove(reader->buffer, reader->buffer + reader->at, left);
	reader->at = 0;
	reader->have = left;
	got = replay_unpack_read(reader->file, reader->buffer + left,
		READER_BUFFER - left, &why);
	if (got == -EISDIR)
		return replay_fail(err, (int)got, "%s: %s",
			reader->paths[reader->path], why);
	if (got < 0)
		return replay_fail(err, (int)got, "%s: line %llu: %s",
			reader->paths[reader->path],
			(unsigned long long)reader->line_number + 1, why);
	reader->have += (size_t)got;
	return got;
}

static void reader_take(struct replay_reader *reader, size_t length, bool cut,
	struct replay_line *line)
{
	line->text = reader->buffer + reader->at;
	line->length = length;
	line->cut = cut;
	reader->buffer[reader->at + length] = '\0';
	reader->at += length + (cut ? 0 : 1);
	if (length && line->text[length - 1] == '\r')
		line->length--;
	reader->line_number++;
	reader->named = reader->path;
}

int replay_reader_next(struct replay_reader *reader, struct replay_line *line,
	struct replay_error *err)
{
	size_t searched = 0;
	char *start, *end;
	long got;
	int ret;

	while (reader->path < reader->nr_paths) {
		if (!reader->file) {
			ret = reader_open_next(reader, err);
			if (ret)
				return ret;
		}
		start = reader->buffer + reader->at;
		end = memchr(start + searched, '\n',
			reader->have - reader->at - searched);
		if (end) {
			reader_take(reader, (size_t)(end - start), false, line);
			return 1;
		}
		searched = reader->have - reader->at;
		got = reader_more(reader, err);
		if (got < 0)
			return (int)got;
		if (got)
			continue;
		if (searched) {
			reader_take(reader, searched, true, line);
			return 1;
		}
		reader_close_file(reader);
	}
	return 0;
}

const char *replay_reader_path(const struct replay_reader *reader)
{
	return reader->paths[reader->named];
}

uint64_t replay_reader_line_number(const struct replay_reader *reader)
{
	return reader->line_number;
}

uint64_t replay_reader_bytes_done(const struct replay_reader *reader)
{
	return reader->done_before +
	       (reader->file ? replay_unpack_taken(reader->file) : 0);
}

uint64_t replay_reader_bytes_total(const struct replay_reader *reader)
{
	return reader->total;
}
