/* SPDX-License-Identifier: MIT */
/*
 * The state of the kernel at a moment: what pcpmm replay --state reads, and what
 * a person wants to know. Reading fills memory that is there and touched, so
 * that it allocates little while events are recorded; writing comes later.
 */
#ifndef RECORD_SNAPSHOT_H
#define RECORD_SNAPSHOT_H

#include "frames.h"
#include "text.h"

#include <stdbool.h>

#define RECORD_SNAPSHOT_FILES 5

struct record_tracing;

struct record_snapshot {
	struct record_text files[RECORD_SNAPSHOT_FILES];
	struct record_text sysctl, nodes, cmdline;
	struct record_frames frames;
	bool has_frames;
};

/* Make room by a first reading. 0 or the exit status after a message. */
int record_snapshot_init(struct record_snapshot *snapshot, bool frames);
void record_snapshot_fini(struct record_snapshot *snapshot);

/*
 * Read it, between the marks "@name-kpageflags begin", "... end" (if frames are
 * wanted) and "@name-snapshot begin", "... end". As init.
 */
int record_snapshot_take(struct record_snapshot *snapshot, const char *name,
	const struct record_tracing *tracing);

/* Make the folder @path, if it is not there. As init. */
int record_snapshot_make_folder(const char *path);

/* Write it into the folder @path, which is made. As init. */
int record_snapshot_write(
	const struct record_snapshot *snapshot, const char *path);

#endif
