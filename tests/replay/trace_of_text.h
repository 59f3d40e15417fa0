/* SPDX-License-Identifier: MIT */
/* A small trace, as pcpmm replay reads it. */
#ifndef TEST_TRACE_OF_TEXT_H
#define TEST_TRACE_OF_TEXT_H

#include "trace_file.h"

#include "read/trace.h"

static inline void trace_of_text(struct replay_trace *trace, const char *text)
{
	struct replay_error err;
	struct trace_file file;
	const char *path = file.path;

	trace_file_text(&file, text);
	assert_int_equal(
		replay_trace_read(trace, &path, 1, NULL, NULL, &err), 0);
	trace_file_remove(&file);
}

#endif
