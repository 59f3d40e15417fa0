/* SPDX-License-Identifier: MIT */
/*
 * Bytes of one file, unpacked on the way by libarchive: gzip, xz, lzma, lzip,
 * bzip2, zstd, lz4 and compress, by content; anything else is plain. This half of
 * the reader knows packings, and nothing of lines.
 */
#ifndef REPLAY_UNPACK_H
#define REPLAY_UNPACK_H

#include <stddef.h>
#include <stdint.h>

struct archive;
struct replay_unpack;

/* "-" is standard input. NULL with errno set if it cannot be opened. */
struct replay_unpack *replay_unpack_open(const char *path);
void replay_unpack_close(struct replay_unpack *file);

/*
 * Fills up to `size` bytes. Bytes read, 0 at the end, or a negative errno
 * with `*why` naming the reason (until the next call).
 */
long replay_unpack_read(
	struct replay_unpack *file, char *to, size_t size, const char **why);

uint64_t replay_unpack_taken(const struct replay_unpack *file);

/* The packings above, and none for which libarchive would start a program. */
void replay_unpack_filters(struct archive *archive);

/* Why a file that begins with these bytes cannot be read; NULL: it may be. */
const char *replay_unpack_refuse(const char *bytes, size_t length);

#endif
