/* SPDX-License-Identifier: MIT */
/*
 * Free memory at the start by place: what the file kpageflags of a state has.
 *
 * The file was read while the trace ran, before the mark "before-kpageflags end".
 * Each frame's first line before the mark shows what it was at the trace's first
 * line, whichever moment it was read at: one that leaves the buddy was free, one
 * that is freed, drained or allocated was not. All others did not change.
 */
#ifndef REPLAY_FREEFRAMES_H
#define REPLAY_FREEFRAMES_H

#include "../../record/frames.h"
#include "infer.h"

struct replay_free_frames {
	bool known; /* the file is there, with all frames of each block */
	bool heads; /* it has the blocks' first frames alone, and is not used */
	struct record_frames read; /* as the file has them */
	struct record_frames start; /* at the first line */
	uint32_t mark; /* line of the mark; 0: none, the file counts as it is */
	uint64_t taken_back; /* frames that differ between the two */
	bool compared; /* with buddyinfo, which was copied after it */
	uint64_t moved; /* pages in blocks by which that differs */
};

/* Fills @free->start. 0 or -ENOMEM. */
int replay_free_rewind(
	struct replay_free_frames *free, const struct replay_trace *trace);
void replay_free_fini(struct replay_free_frames *free);

/*
 * The blocks that @frames make up, by frame: the largest aligned ones, none over the
 * border of a zone. Free() them. 0 or -ENOMEM.
 */
int replay_free_blocks(const struct record_frames *frames,
	const struct replay_zone *zones, size_t nr_zones,
	struct replay_buddy **blocks, size_t *nr);

#endif
