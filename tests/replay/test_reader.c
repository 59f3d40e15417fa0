/* SPDX-License-Identifier: MIT */
/* The reader: compression formats, parts, ends of files, broken archives. */
#include "trace_file.h"

#include <errno.h>
#include <lzma.h>
#include <zlib.h>

#include "read/reader.h"

#define TEXT "first\nsecond line\n\nlast\n"

static size_t pack_gzip(const char *text, unsigned char *to, size_t size)
{
	z_stream z = {0};

	assert_int_equal(
		deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
		Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (unsigned)strlen(text);
	z.next_out = to;
	z.avail_out = (unsigned)size;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return size - z.avail_out;
}

static size_t pack_xz(const char *text, unsigned char *to, size_t size)
{
	size_t used = 0;

	assert_int_equal(
		lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL,
			(const uint8_t *)text, strlen(text), to, &used, size),
		LZMA_OK);
	return used;
}

static void expect_line(struct replay_reader *reader, const char *text)
{
	struct replay_line line;
	struct replay_error err;

	assert_int_equal(replay_reader_next(reader, &line, &err), 1);
	assert_string_equal(line.text, text);
	assert_int_equal(line.length, strlen(text));
	assert_false(line.cut);
}

static void expect_text(const char *path)
{
	struct replay_reader *reader;
	struct replay_error err;
	struct replay_line line;

	assert_int_equal(replay_reader_open(&reader, &path, 1, &err), 0);
	expect_line(reader, "first");
	expect_line(reader, "second line");
	assert_int_equal(replay_reader_line_number(reader), 2);
	expect_line(reader, "");
	expect_line(reader, "last");
	assert_int_equal(replay_reader_next(reader, &line, &err), 0);
	assert_int_equal(replay_reader_next(reader, &line, &err), 0);
	assert_int_equal(replay_reader_bytes_done(reader),
		replay_reader_bytes_total(reader));
	replay_reader_close(reader);
}

static void packings(void **state)
{
	unsigned char packed[512];
	struct trace_file file;
	size_t size, more;

	(void)state;
	trace_file_text(&file, TEXT);
	expect_text(file.path);
	trace_file_remove(&file);
	size = pack_gzip(TEXT, packed, sizeof(packed));
	trace_file_bytes(&file, packed, size);
	expect_text(file.path);
	trace_file_remove(&file);
	size = pack_xz(TEXT, packed, sizeof(packed));
	trace_file_bytes(&file, packed, size);
	expect_text(file.path);
	trace_file_remove(&file);
	/* Two members in a row are one text. */
	size = pack_gzip("first\nsecond ", packed, sizeof(packed));
	more = pack_gzip("line\n\nlast\n", packed + size, 512 - size);
	trace_file_bytes(&file, packed, size + more);
	expect_text(file.path);
	trace_file_remove(&file);
}

static void parts_and_ends(void **state)
{
	struct trace_file one, two;
	struct replay_reader *reader;
	struct replay_error err;
	struct replay_line line;
	const char *paths[2];

	(void)state;
	trace_file_text(&one, "a\r\nb\n");
	trace_file_text(&two, "c\nhalf");
	paths[0] = one.path;
	paths[1] = two.path;
	assert_int_equal(replay_reader_open(&reader, paths, 2, &err), 0);
	assert_int_equal(replay_reader_next(reader, &line, &err), 1);
	assert_int_equal(line.length, 1);
	expect_line(reader, "b");
	expect_line(reader, "c");
	assert_string_equal(replay_reader_path(reader), two.path);
	assert_int_equal(replay_reader_line_number(reader), 1);
	assert_int_equal(replay_reader_next(reader, &line, &err), 1);
	assert_true(line.cut);
	assert_string_equal(line.text, "half");
	assert_int_equal(replay_reader_next(reader, &line, &err), 0);
	replay_reader_close(reader);
	trace_file_remove(&one);
	trace_file_remove(&two);
}

static void expect_failure(const void *bytes, size_t size, const char *why)
{
	struct trace_file file;
	struct replay_reader *reader;
	struct replay_error err;
	struct replay_line line;
	const char *path = file.path;
	int ret;

	trace_file_bytes(&file, bytes, size);
	assert_int_equal(replay_reader_open(&reader, &path, 1, &err), 0);
	do {
		ret = replay_reader_next(reader, &line, &err);
	} while (ret == 1);
	assert_int_equal(ret, -EINVAL);
	assert_non_null(strstr(err.text, "line "));
	if (!strstr(err.text, why))
		fail_msg("%s: no '%s'", err.text, why);
	assert_non_null(strstr(err.text, file.path));
	replay_reader_close(reader);
	trace_file_remove(&file);
}

static void broken_archives(void **state)
{
	unsigned char packed[512];
	size_t size;

	(void)state;
	size = pack_xz(TEXT TEXT TEXT, packed, sizeof(packed));
	expect_failure(packed, size - 20, "truncated");
	packed[size / 2] ^= 0x55;
	expect_failure(packed, size, "Corrupted");
	size = pack_gzip(TEXT TEXT TEXT, packed, sizeof(packed));
	expect_failure(packed, size - 9, "truncated");
	expect_failure(packed, 15, "truncated");
	packed[size / 2] ^= 0x55;
	expect_failure(packed, size, "gzip");
	/* Binary files are named, with the program that makes text of them. */
	expect_failure("\x17\x08\x44tracing", 10, "trace-cmd report");
	expect_failure("PERFILE2", 8, "perf script");
	expect_failure("GRZipII", 7, "packed by grzip");
}

static void endless_line(void **state)
{
	size_t size = (1u << 20) + 1;
	char *zeros = calloc(1, size);

	(void)state;
	assert_non_null(zeros);
	expect_failure(zeros, size, "not a trace");
	free(zeros);
}

static void no_file(void **state)
{
	const char *path = "no/such/file";
	struct replay_reader *reader;
	struct replay_error err;

	(void)state;
	assert_int_equal(replay_reader_open(&reader, &path, 1, &err), -ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(replay_reader_open(&reader, &path, 0, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packings),
		cmocka_unit_test(parts_and_ends),
		cmocka_unit_test(broken_archives),
		cmocka_unit_test(endless_line),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
