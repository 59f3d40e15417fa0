/* SPDX-License-Identifier: MIT */
/* The folder, and the packed trace in it by libarchive; see output.h. */
#include "output.h"
#include "command.h"
#include "say.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACE_NAME "trace.txt.xz"
#define BLOCK (256u << 10)

/* Entries of @path beside . and ..; -1 with errno. */
static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int nr = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		nr += strcmp(entry->d_name, ".") != 0 &&
		      strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return nr;
}

int record_output_open(struct record_output *output, const char *path)
{
	int entries;

	/* Without a path: what is there is not ours. */
	*output = (struct record_output){.made = !mkdir(path, 0777)};
	if (!output->made && errno != EEXIST)
		return record_fail("%s: %s", path, strerror(errno));
	entries = count_entries(path);
	if (entries > 0)
		return record_fail("%s: is not empty; --out names another "
				   "folder",
			path);
	if (entries < 0 || access(path, W_OK))
		return record_fail("%s: %s", path, strerror(errno));
	output->path = path;
	return 0;
}

static int remove_entry(
	const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	if (ftw->level > 0)
		remove(path);
	return 0;
}

void record_output_close(struct record_output *output)
{
	if (!output->path || output->keep)
		return;
	/* It was empty, so all that is in it is ours. */
	nftw(output->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	if (output->made)
		rmdir(output->path);
	output->path = NULL;
}

void record_output_name(const struct record_output *output, const char *name,
	char *path, unsigned int size)
{
	snprintf(path, size, "%s/%s", output->path, name);
}

/* A plain file in an xz stream. */
static int open_packed(struct archive *archive, const char *path)
{
	struct archive_entry *entry;
	int ret;

	if (archive_write_set_format_raw(archive) != ARCHIVE_OK ||
		archive_write_add_filter_xz(archive) != ARCHIVE_OK)
		return -1;
	/* Fast, and all CPUs where this libarchive knows how. */
	archive_write_set_filter_option(
		archive, "xz", "compression-level", "1");
	archive_write_set_filter_option(archive, "xz", "threads", "0");
	if (archive_write_open_filename(archive, path) != ARCHIVE_OK)
		return -1;
	entry = archive_entry_new();
	if (!entry)
		return -1;
	archive_entry_set_pathname(entry, "trace.txt");
	archive_entry_set_filetype(entry, AE_IFREG);
	ret = archive_write_header(archive, entry);
	archive_entry_free(entry);
	return ret == ARCHIVE_OK ? 0 : -1;
}

static int copy(
	struct archive *archive, int fd, const char *path, uint64_t *bytes)
{
	char *block = malloc(BLOCK);
	ssize_t got;
	int ret = 0;

	*bytes = 0;
	if (!block)
		return record_fail("no memory");
	while (!ret && (got = read(fd, block, BLOCK)) != 0) {
		if (got < 0)
			ret = record_fail(
				"reading the trace: %s", strerror(errno));
		else if (archive_write_data(archive, block, (size_t)got) < 0)
			ret = record_fail(
				"%s: %s", path, archive_error_string(archive));
		else
			ret = record_command_interrupted();
		if (!ret)
			*bytes += (uint64_t)got;
	}
	free(block);
	return ret;
}

int record_output_trace(
	const struct record_output *output, int fd, uint64_t *bytes)
{
	struct archive *archive = archive_write_new();
	char path[4096];
	int ret;

	record_output_name(output, TRACE_NAME, path, sizeof(path));
	if (!archive)
		return record_fail("no memory");
	if (open_packed(archive, path))
		ret = record_fail(
			"%s: %s", path, archive_error_string(archive));
	else
		ret = copy(archive, fd, path, bytes);
	if (archive_write_close(archive) != ARCHIVE_OK && !ret)
		ret = record_fail(
			"%s: %s", path, archive_error_string(archive));
	archive_write_free(archive);
	return ret;
}
