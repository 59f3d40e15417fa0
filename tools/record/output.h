/* SPDX-License-Identifier: MIT */
/* The folder of a recording: made, filled with the trace, removed on failure. */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

struct record_output {
	const char *path; /* NULL: none of ours */
	bool made; /* the folder was made by us */
	bool keep; /* its content is a recording */
};

/*
 * Make the folder @path, or take an empty one. 0 or the exit status after a
 * message.
 */
int record_output_open(struct record_output *output, const char *path);

/* Without keep: remove what was written. */
void record_output_close(struct record_output *output);

/* "FOLDER/@name" into @path of @size. */
void record_output_name(const struct record_output *output, const char *name,
	char *path, unsigned int size);

/*
 * Pack all that @fd gives into trace.txt.xz; *bytes: unpacked. As open; ends
 * early when a signal asks for it.
 */
int record_output_trace(
	const struct record_output *output, int fd, uint64_t *bytes);

#endif
