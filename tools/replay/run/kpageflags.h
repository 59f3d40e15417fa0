/* SPDX-License-Identifier: MIT */
/* The file kpageflags of a state, which pcpmm record writes (docs/replay.md). */
#ifndef REPLAY_KPAGEFLAGS_H
#define REPLAY_KPAGEFLAGS_H

#include <pcpmm/dump.h>

#include "../infer/freeframes.h"

/*
 * Fills @free->read from @length bytes of @text, a file @name of the state that @dump
 * was read from. 0, or -errno with a message that names file and line: not such a
 * file, or a block that is outside the dump's zones, unaligned, or there twice. Then
 * nothing is left to free.
 */
int replay_kpageflags_parse(const struct pcpmm_dump *dump, const char *name,
	const char *text, size_t length, struct replay_free_frames *free,
	struct replay_error *err);

/*
 * Sets @free->compared and @free->moved: pages in blocks, of a zone and an order, by
 * which the file and the dump's buddyinfo differ. That changed between the two copies.
 * 0 or -ENOMEM.
 */
int replay_kpageflags_compare(struct replay_free_frames *free,
	const struct pcpmm_dump *dump, const struct replay_zone *zones,
	size_t nr_zones);

/* The file of a state that free memory at the start is taken from; NULL: no state. */
const char *replay_free_memory_from(
	const struct pcpmm_dump *dump, const struct replay_free_frames *free);

#endif
