/* SPDX-License-Identifier: MIT */
/* Free frames as a bit map: filled, judged; see frames.h. */
#include "frames.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KPF_BUDDY 10 /* linux/kernel-page-flags.h */
#define CHUNK 8192 /* frames read at a time */

static uint64_t flags[CHUNK];

int record_frames_init(struct record_frames *frames, uint64_t end)
{
	size_t words = (size_t)(end / 64 + 1);

	*frames = (struct record_frames){.end = end, .order_max = 10};
	frames->free = malloc(words * sizeof(*frames->free));
	if (!frames->free)
		return -ENOMEM;
	/* Touched now: not by the kernel while it is recorded. */
	memset(frames->free, 0, words * sizeof(*frames->free));
	memset(flags, 0, sizeof(flags));
	return 0;
}

void record_frames_fini(struct record_frames *frames)
{
	free(frames->free);
	frames->free = NULL;
}

int record_frames_read(struct record_frames *frames, int kpageflags)
{
	uint64_t pfn = 0;
	ssize_t got;

	while (pfn < frames->end) {
		uint64_t want = frames->end - pfn;

		if (want > CHUNK)
			want = CHUNK;
		got = read(kpageflags, flags, (size_t)want * sizeof(flags[0]));
		if (got < 0)
			return -errno;
		if (got < (ssize_t)sizeof(flags[0]))
			break; /* the memory map ends before the zones */
		for (uint64_t i = 0; i < (uint64_t)got / sizeof(flags[0]);
			i++) {
			if (flags[i] >> KPF_BUDDY & 1)
				record_frames_set_free(frames, pfn + i);
		}
		pfn += (uint64_t)got / sizeof(flags[0]);
	}
	return 0;
}

static uint64_t flagged(const struct record_frames *frames)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i <= frames->end / 64; i++)
		sum += (uint64_t)__builtin_popcountll(frames->free[i]);
	return sum;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

int record_frames_judge(struct record_frames *frames, const char *buddyinfo)
{
	const char *at = buddyinfo;
	uint64_t pages = 0, blocks = 0, have = flagged(frames);
	int orders = 0;

	/* "Node 0, zone   Normal   4467   4507 ..." */
	while ((at = strstr(at, "zone"))) {
		int order = 0;

		at += strlen("zone");
		at += strspn(at, " ");
		at += strcspn(at, " \n");
		for (;; order++) {
			char *end;
			uint64_t count;

			at += strspn(at, " ");
			if (*at < '0' || *at > '9')
				break;
			count = strtoull(at, &end, 10);
			if (order > RECORD_FRAMES_ORDER_MAX)
				return -EINVAL;
			blocks += count;
			pages += count << order;
			at = end;
		}
		if (order > orders)
			orders = order;
	}
	if (!orders)
		return -EINVAL;
	frames->order_max = (unsigned int)orders - 1;
	frames->heads = distance(have, blocks) < distance(have, pages);
	return 0;
}

/* The number that follows @key (">" blanks) in @line; false: another line. */
static bool value_of(const char *line, const char *key, uint64_t *value)
{
	const char *at = line + strspn(line, " ");
	size_t length = strlen(key);

	if (strncmp(at, key, length) != 0)
		return false;
	at += length;
	at += strspn(at, ": ");
	return sscanf(at, "%" SCNu64, value) == 1;
}

uint64_t record_frames_end(const char *zoneinfo)
{
	uint64_t spanned = 0, start = 0, end = 0;
	const char *line = zoneinfo;

	/* A zone prints spanned before start_pfn. */
	while (line && *line) {
		if (value_of(line, "spanned", &spanned))
			start = 0;
		else if (value_of(line, "start_pfn", &start) &&
			 start + spanned > end)
			end = start + spanned;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return end;
}
