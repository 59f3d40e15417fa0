/* SPDX-License-Identifier: MIT */
/*
 * Which frames are free in the buddy: a summary of /proc/kpageflags, and its
 * text, the file "kpageflags" of a state. docs/replay.md has the format.
 *
 * Free buddies are always merged and blocks are aligned, so the blocks of a run
 * of free frames are the largest aligned ones in it.
 */
#ifndef RECORD_FRAMES_H
#define RECORD_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define RECORD_FRAMES_ORDER_MAX 20

struct record_frames {
	uint64_t end; /* frames 0..end-1 */
	unsigned int order_max;
	bool heads; /* a kernel that flags the first frame of a block only */
	uint64_t *free; /* a bit for each frame */
};

/* All frames taken. 0 or -ENOMEM. */
int record_frames_init(struct record_frames *frames, uint64_t end);
void record_frames_fini(struct record_frames *frames);

static inline bool record_frames_is_free(
	const struct record_frames *frames, uint64_t pfn)
{
	return frames->free[pfn / 64] >> (pfn % 64) & 1;
}

static inline void record_frames_set_used(
	struct record_frames *frames, uint64_t pfn)
{
	frames->free[pfn / 64] &= ~(UINT64_C(1) << (pfn % 64));
}

static inline void record_frames_set_free(
	struct record_frames *frames, uint64_t pfn)
{
	frames->free[pfn / 64] |= UINT64_C(1) << (pfn % 64);
}

/* The first free frame from @pfn on; frames->end: there is none. */
uint64_t record_frames_run_start(
	const struct record_frames *frames, uint64_t pfn);
/* The frame behind the run of free frames at @pfn. */
uint64_t record_frames_run_end(
	const struct record_frames *frames, uint64_t pfn);
/* Order of the largest aligned block at @pfn that ends at @end or before. */
unsigned int record_frames_largest(
	uint64_t pfn, uint64_t end, unsigned int order_max);

/*
 * Largest order and meaning of the flags, by /proc/buddyinfo of about the same
 * moment: are there as many flagged frames as free pages, or as free blocks?
 */
int record_frames_judge(struct record_frames *frames, const char *buddyinfo);

/* One past the last frame of all zones in the text of /proc/zoneinfo. */
uint64_t record_frames_end(const char *zoneinfo);

/* 0 or -EIO. */
int record_frames_write(const struct record_frames *frames, FILE *file);

/*
 * Calls @block for each free block in @text, by order and frame; with @order
 * -1 where only the first frames are known. 0; -EINVAL: *line is the number of
 * the wrong line; or what @block returned, if that was not 0.
 */
int record_frames_parse(const char *text,
	int (*block)(void *arg, uint64_t pfn, int order), void *arg,
	unsigned int *line);

/* Reads /proc/kpageflags. 0 or -errno. */
int record_frames_read(struct record_frames *frames, int kpageflags);

#endif
