/* SPDX-License-Identifier: MIT */
/*
 * Plain and packed files behind one read call; see unpack.h.
 *
 * Files of several members (pigz, parallel xz, concatenated parts) are read
 * through to the last one.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unpack.h"

#define UNPACK_BUFFER (1u << 18)

struct replay_unpack {
	int fd;
	struct archive *archive;
	bool opened; /* the archive's header was read */
	bool end;
	const char *block; /* unpacked, not yet handed out */
	size_t left;
	char why[160];
};

#define MAGIC(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t length;
	const char *why;
} unpack_refused[] = {
	{MAGIC("\x17\x08\x44tracing"),
		"trace.dat of trace-cmd, not text: convert it with "
		"'trace-cmd report FILE'"},
	{MAGIC("PERFILE2"),
		"perf.data of perf, not text: convert it with 'perf script -i "
		"FILE'"},
	{MAGIC("PK\x03\x04"), "zip: unpack it first"},
	{MAGIC("7z\xbc\xaf\x27\x1c"), "7z: unpack it first"},
	{MAGIC("GRZipII"), "packed by grzip: unpack it first"},
	{MAGIC("LRZI"), "packed by lrzip: unpack it first"},
	{MAGIC("\x89LZO"), "packed by lzop: unpack it first"},
};

const char *replay_unpack_refuse(const char *bytes, size_t length)
{
	const size_t count = sizeof(unpack_refused) / sizeof(unpack_refused[0]);

	for (size_t i = 0; i < count; i++) {
		if (length >= unpack_refused[i].length &&
			!memcmp(bytes, unpack_refused[i].bytes,
				unpack_refused[i].length))
			return unpack_refused[i].why;
	}
	return NULL;
}

void replay_unpack_filters(struct archive *archive)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_compress(archive);
}

struct replay_unpack *replay_unpack_open(const char *path)
{
	struct replay_unpack *file = calloc(1, sizeof(*file));
	int err;

	if (!file)
		return NULL;
	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				     : dup(STDIN_FILENO);
	err = file->fd < 0 ? errno : 0;
	if (!err)
		file->archive = archive_read_new();
	if (!err && !file->archive)
		err = ENOMEM;
	if (!err) {
		replay_unpack_filters(file->archive);
		archive_read_support_format_raw(file->archive);
		archive_read_support_format_empty(file->archive);
		return file;
	}
	replay_unpack_close(file);
	errno = err;
	return NULL;
}

void replay_unpack_close(struct replay_unpack *file)
{
	if (!file)
		return;
	archive_read_free(file->archive);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

static long unpack_failed(struct replay_unpack *file, const char **why)
{
	const char *text = archive_error_string(file->archive);
	int err = archive_errno(file->archive);

	if (err == ENOMEM || err == EIO || err == EISDIR) {
		*why = strerror(err);
		return -err;
	}
	/* liblzma says nothing more exact, and zlib nothing at all. */
	if (!text)
		text = "the archive is truncated or damaged";
	else if (strstr(text, "runcated") || strstr(text, "No progress"))
		text = "the archive is truncated";
	strncpy(file->why, text, sizeof(file->why) - 1);
	*why = file->why;
	return -EINVAL;
}

/* Looks at the first bytes, and finds the packing by them. */
static long unpack_start(struct replay_unpack *file, const char **why)
{
	struct archive_entry *entry;
	int ret = archive_read_open_fd(file->archive, file->fd, UNPACK_BUFFER);

	file->opened = true;
	if (ret == ARCHIVE_OK)
		ret = archive_read_next_header(file->archive, &entry);
	if (ret == ARCHIVE_EOF)
		file->end = true;
	return ret == ARCHIVE_OK || ret == ARCHIVE_EOF
		       ? 0
		       : unpack_failed(file, why);
}

static long unpack_block(struct replay_unpack *file, const char **why)
{
	const void *block = NULL;
	la_int64_t offset = 0;
	int ret = archive_read_data_block(
		file->archive, &block, &file->left, &offset);

	if (ret == ARCHIVE_EOF) {
		file->left = 0;
		file->end = true;
		return 0;
	}
	if (ret < ARCHIVE_OK)
		return unpack_failed(file, why);
	file->block = block;
	*why = offset ? NULL : replay_unpack_refuse(block, file->left);
	return *why ? -EINVAL : 0;
}

long replay_unpack_read(
	struct replay_unpack *file, char *to, size_t size, const char **why)
{
	long err = file->opened ? 0 : unpack_start(file, why);

	while (!err && !file->left && !file->end)
		err = unpack_block(file, why);
	if (err)
		return err;
	if (size > file->left)
		size = file->left;
	if (!size)
		return 0;
	memcpy(to, file->block, size);
	file->block += size;
	file->left -= size;
	return (long)size;
}

uint64_t replay_unpack_taken(const struct replay_unpack *file)
{
	int64_t taken = archive_filter_bytes(file->archive, -1);

	return taken > 0 ? (uint64_t)taken : 0;
}
