/* SPDX-License-Identifier: MIT */
/*
 * Plain, gzip and xz files behind one read call; see unpack.h.
 *
 * Archives of several members (pigz, parallel xz, concatenated parts) are
 * read through to the last one.
 */
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "unpack.h"

#define UNPACK_BUFFER (1u << 18)
#define UNPACK_XZ_MEMORY_MAX (1ull << 30)

enum unpack_kind { UNPACK_PLAIN, UNPACK_GZIP, UNPACK_XZ };

struct replay_unpack {
	int fd;
	enum unpack_kind kind;
	bool eof; /* nothing more from fd */
	bool done; /* the archive came to its proper end */
	uint64_t taken;
	size_t at, have; /* unread part of in[] */
	z_stream gzip;
	lzma_stream xz;
	unsigned char in[UNPACK_BUFFER];
};

static long unpack_fill(struct replay_unpack *file, const char **why)
{
	ssize_t got;

	if (file->at == file->have)
		file->at = file->have = 0;
	if (file->eof || file->have == sizeof(file->in))
		return 0;
	do {
		got = read(file->fd, file->in + file->have,
			sizeof(file->in) - file->have);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		*why = strerror(errno);
		return -errno;
	}
	file->eof = got == 0;
	file->have += (size_t)got;
	file->taken += (uint64_t)got;
	return got;
}

/* Enough bytes for the magic; a pipe may hand them over one by one. */
static int unpack_detect(struct replay_unpack *file)
{
	static const unsigned char xz_magic[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
	const char *why;

	while (file->have < sizeof(xz_magic) && !file->eof) {
		if (unpack_fill(file, &why) < 0)
			return -errno;
	}
	if (file->have >= 2 && file->in[0] == 0x1f && file->in[1] == 0x8b) {
		file->kind = UNPACK_GZIP;
		if (inflateInit2(&file->gzip, 15 + 16) != Z_OK)
			return -ENOMEM;
	} else if (file->have >= sizeof(xz_magic) &&
		   !memcmp(file->in, xz_magic, sizeof(xz_magic))) {
		file->kind = UNPACK_XZ;
		if (lzma_stream_decoder(&file->xz, UNPACK_XZ_MEMORY_MAX,
			    LZMA_CONCATENATED) != LZMA_OK)
			return -ENOMEM;
	}
	return 0;
}

struct replay_unpack *replay_unpack_open(const char *path)
{
	struct replay_unpack *file = calloc(1, sizeof(*file));
	int err;

	if (!file)
		return NULL;
	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				     : dup(STDIN_FILENO);
	if (file->fd < 0) {
		free(file);
		return NULL;
	}
	err = unpack_detect(file);
	if (err) {
		replay_unpack_close(file);
		errno = -err;
		return NULL;
	}
	return file;
}

void replay_unpack_close(struct replay_unpack *file)
{
	if (!file)
		return;
	if (file->kind == UNPACK_GZIP)
		inflateEnd(&file->gzip);
	if (file->kind == UNPACK_XZ)
		lzma_end(&file->xz);
	close(file->fd);
	free(file);
}

static long unpack_plain(
	struct replay_unpack *file, char *to, size_t size, const char **why)
{
	size_t part;
	long got;

	if (file->at == file->have) {
		got = unpack_fill(file, why);
		if (got < 0)
			return got;
	}
	part = file->have - file->at;
	if (part > size)
		part = size;
	memcpy(to, file->in + file->at, part);
	file->at += part;
	return (long)part;
}

/* One step of inflate. At the end of a member, begins the next if any. */
static int unpack_gzip_step(struct replay_unpack *file, const char **why)
{
	int ret;

	file->gzip.next_in = file->in + file->at;
	file->gzip.avail_in = (unsigned)(file->have - file->at);
	ret = inflate(&file->gzip, Z_NO_FLUSH);
	file->at = file->have - file->gzip.avail_in;
	if (ret == Z_STREAM_END) {
		/* Zeros after the last member are padding of tapes. */
		while (file->at < file->have && !file->in[file->at])
			file->at++;
		file->done = file->at == file->have && file->eof;
		if (!file->done)
			inflateReset(&file->gzip);
		return 0;
	}
	if (ret == Z_OK || ret == Z_BUF_ERROR)
		return 0;
	*why = file->gzip.msg ? file->gzip.msg : "corrupt gzip data";
	return -EINVAL;
}

static int unpack_xz_step(struct replay_unpack *file, const char **why)
{
	lzma_ret ret;

	file->xz.next_in = file->in + file->at;
	file->xz.avail_in = file->have - file->at;
	ret = lzma_code(&file->xz, file->eof ? LZMA_FINISH : LZMA_RUN);
	file->at = file->have - file->xz.avail_in;
	switch (ret) {
	case LZMA_STREAM_END:
		file->done = true;
		return 0;
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return 0;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		*why = "xz needs too much memory";
		return -ENOMEM;
	case LZMA_FORMAT_ERROR:
		*why = "trailing bytes are not xz data";
		return -EINVAL;
	default:
		*why = "corrupt xz data";
		return -EINVAL;
	}
}

static size_t unpack_room(const struct replay_unpack *file)
{
	return file->kind == UNPACK_GZIP ? file->gzip.avail_out
					 : file->xz.avail_out;
}

/* A gzip file may end with a whole member right at the end of the input. */
static bool unpack_at_member_end(const struct replay_unpack *file)
{
	return file->kind == UNPACK_GZIP && file->gzip.total_in == 0 &&
	       file->gzip.total_out == 0 && file->taken != 0;
}

static long unpack_packed(
	struct replay_unpack *file, char *to, size_t size, const char **why)
{
	size_t before;
	long err;

	file->gzip.next_out = (unsigned char *)to;
	file->gzip.avail_out = (unsigned)size;
	file->xz.next_out = (unsigned char *)to;
	file->xz.avail_out = size;
	while (!file->done && unpack_room(file) == size) {
		if (file->at == file->have) {
			err = unpack_fill(file, why);
			if (err < 0)
				return err;
		}
		if (file->eof && file->at == file->have &&
			unpack_at_member_end(file)) {
			file->done = true;
			break;
		}
		before = file->at;
		err = file->kind == UNPACK_GZIP ? unpack_gzip_step(file, why)
						: unpack_xz_step(file, why);
		if (err)
			return err;
		if (!file->done && file->eof && file->at == before &&
			file->at == file->have && unpack_room(file) == size) {
			*why = "the archive is truncated";
			return -EINVAL;
		}
	}
	return (long)(size - unpack_room(file));
}

long replay_unpack_read(
	struct replay_unpack *file, char *to, size_t size, const char **why)
{
	if (size > (1u << 30))
		size = 1u << 30;
	if (file->kind == UNPACK_PLAIN)
		return unpack_plain(file, to, size, why);
	return unpack_packed(file, to, size, why);
}

uint64_t replay_unpack_taken(const struct replay_unpack *file)
{
	return file->taken;
}
