/* SPDX-License-Identifier: MIT */
/*
 * Small traces for the tests: text or bytes in a temporary file, which is
 * removed afterwards.
 */
#ifndef TEST_TRACE_FILE_H
#define TEST_TRACE_FILE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct trace_file {
	char path[4096];
};

static inline void trace_file_bytes(
	struct trace_file *file, const void *bytes, size_t size)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(file->path, sizeof(file->path), "%s/pcpmm-replay-XXXXXX",
		dir && *dir ? dir : P_tmpdir);
	fd = mkstemp(file->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

static inline void trace_file_text(struct trace_file *file, const char *text)
{
	trace_file_bytes(file, text, strlen(text));
}

static inline void trace_file_remove(struct trace_file *file)
{
	unlink(file->path);
}

#endif
