/* SPDX-License-Identifier: MIT */
/*
 * A tracefs instance of our own: buffers, events and marks that no other user of
 * the tracer sees or changes. The global buffer is never touched.
 *
 * Instance and group of probes are named after the process. The instance's
 * marker stays open: the kernel refuses to remove an instance in use, so
 * another recorder tells a dead one's from a living one's, in every PID
 * namespace.
 */
#ifndef RECORD_TRACING_H
#define RECORD_TRACING_H

#include <stdbool.h>
#include <stddef.h>

#define RECORD_NAME "pcpmm_record_" /* + process id */
#define RECORD_GROUP_MAX 48

struct tracefs_instance;

struct record_tracing {
	struct tracefs_instance *instance;
	char group[RECORD_GROUP_MAX]; /* also the instance's name */
	int marker;
	bool mounted; /* tracefs was mounted by us */
	bool probed; /* the group may have probes */
};

/*
 * Find tracefs, mount it if there is none, remove what dead recorders left,
 * make the instance. 0, or the exit status after a message. To be closed in
 * either case.
 */
int record_tracing_open(struct record_tracing *tracing);

/* Remove all that open and later calls made. Idempotent. */
void record_tracing_close(struct record_tracing *tracing);

/* Buffers of @buffer_kb for each CPU (0: chosen), clock, events. As open. */
int record_tracing_setup(struct record_tracing *tracing, long buffer_kb);

/* Begin or end recording. 0 or the exit status after a message. */
int record_tracing_on(struct record_tracing *tracing);
void record_tracing_off(struct record_tracing *tracing);

/* A line "tracing_mark_write: @text". */
void record_tracing_mark(
	const struct record_tracing *tracing, const char *text);

/* Open @file of the instance for reading: a descriptor, or -1 with errno. */
int record_tracing_file(const struct record_tracing *tracing, const char *file);

/* Text of @file of the instance; NULL: none. Free with free(). */
char *record_tracing_read(
	const struct record_tracing *tracing, const char *file);

#endif
