/* SPDX-License-Identifier: MIT */
/* Free frames: from flags to text and back, and wrong texts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "record/frames.h"

#define END 8192
#define BLOCKS_MAX 8192

struct blocks {
	unsigned int nr;
	struct {
		uint64_t pfn;
		int order;
	} at[BLOCKS_MAX];
};

static struct blocks got;

static int take(void *arg, uint64_t pfn, int order)
{
	struct blocks *blocks = arg;

	assert_true(blocks->nr < BLOCKS_MAX);
	blocks->at[blocks->nr].pfn = pfn;
	blocks->at[blocks->nr++].order = order;
	return 0;
}

static void set_block(
	struct record_frames *frames, uint64_t pfn, unsigned int order)
{
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
		record_frames_set_free(frames, pfn + i);
}

static char *text_of(const struct record_frames *frames)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(record_frames_write(frames, file), 0);
	fclose(file);
	return text;
}

static int parse(const char *text, unsigned int *line)
{
	got.nr = 0;
	return record_frames_parse(text, take, &got, line);
}

static void a_few_blocks(void **state)
{
	struct record_frames frames;
	unsigned int line;
	char *text;

	(void)state;
	assert_int_equal(record_frames_init(&frames, END), 0);
	set_block(&frames, 3, 0);
	set_block(&frames, 5, 0);
	set_block(&frames, 7, 0);
	set_block(&frames, 100, 2);
	set_block(&frames, 1024, 10);
	set_block(&frames, 2048, 10); /* no buddy of the former */
	set_block(&frames, END - 512, 9);
	text = text_of(&frames);
	assert_string_equal(text, "kpageflags 1\n"
				  "end: 2000\n"
				  "0: 3 +2*2\n"
				  "2: 64\n"
				  "9: 1e00\n"
				  "10: 400 +1\n");
	assert_int_equal(parse(text, &line), 0);
	assert_int_equal(got.nr, 7);
	assert_int_equal(got.at[2].pfn, 7);
	assert_int_equal(got.at[6].pfn, 2048);
	assert_int_equal(got.at[6].order, 10);
	free(text);
	record_frames_fini(&frames);
}

/* Frames at random come back the same, in blocks that no buddy could merge. */
static void round_trip(void **state)
{
	struct record_frames frames, back;
	unsigned int line;
	char *text;

	(void)state;
	srandom(12);
	for (int round = 0; round < 50; round++) {
		uint64_t end = 1 + (uint64_t)random() % END;

		assert_int_equal(record_frames_init(&frames, end), 0);
		assert_int_equal(record_frames_init(&back, end), 0);
		for (int i = 0; i < 200; i++) {
			unsigned int order = (unsigned int)random() % 8;
			uint64_t pfn =
				((uint64_t)random() % end) >> order << order;

			if (pfn + (1u << order) <= end)
				set_block(&frames, pfn, order);
		}
		text = text_of(&frames);
		assert_int_equal(parse(text, &line), 0);
		for (unsigned int i = 0; i < got.nr; i++) {
			uint64_t pfn = got.at[i].pfn;
			unsigned int order = (unsigned int)got.at[i].order;
			uint64_t buddy = pfn ^ UINT64_C(1) << order;

			assert_false(record_frames_is_free(&back, pfn));
			set_block(&back, pfn, order);
			for (unsigned int j = 0; j < got.nr; j++)
				assert_false(order < 10 &&
					     got.at[j].pfn == buddy &&
					     got.at[j].order == (int)order);
		}
		assert_memory_equal(frames.free, back.free,
			(end / 64 + 1) * sizeof(*frames.free));
		free(text);
		record_frames_fini(&frames);
		record_frames_fini(&back);
	}
}

static void judged_by_buddyinfo(void **state)
{
	struct record_frames frames;
	unsigned int line;
	char *text;

	(void)state;
	assert_int_equal(record_frames_init(&frames, END), 0);
	set_block(&frames, 16, 3);
	assert_int_equal(record_frames_judge(&frames,
				 "Node 0, zone      DMA      0      0      0  "
				 "    1 \nNode 0, zone    DMA32      0 \n"),
		0);
	assert_int_equal(frames.order_max, 3);
	assert_false(frames.heads);
	/* Eight flagged frames, eight blocks: the first frames of blocks. */
	assert_int_equal(
		record_frames_judge(&frames, "Node 0, zone DMA 0 0 0 8 0 0\n"),
		0);
	assert_true(frames.heads);
	text = text_of(&frames);
	assert_string_equal(text, "kpageflags 1\nend: 2000\nhead: 10 +1*7\n");
	assert_int_equal(parse(text, &line), 0);
	assert_int_equal(got.nr, 8);
	assert_int_equal(got.at[7].order, -1);
	free(text);
	assert_int_equal(record_frames_judge(&frames, ""), -EINVAL);
	assert_int_equal(
		record_frames_judge(&frames, "Node 0, zone DMA\n"), -EINVAL);
	record_frames_fini(&frames);
}

static void wrong_texts(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
	} wrong[] = {
		{"", 0},
		{"kpageflags 2\n", 1},
		{"kpageflags 1\n", 1},
		{"kpageflags 1\nend 10\n", 2},
		{"kpageflags 1\nend: 10\n0 3\n", 3},
		{"kpageflags 1\nend: 10\n0: 3 4\n", 3},
		{"kpageflags 1\nend: 10\n0: -3\n", 3},
		{"kpageflags 1\nend: 10\n0: 3 +0\n", 3},
		{"kpageflags 1\nend: 10\n0: 3 +1*\n", 3},
		{"kpageflags 1\nend: 10\n0: 3 +ffffffffffffffff\n", 3},
		{"kpageflags 1\nend: 10\n0: 3 +1*ffffffffffffffff\n", 3},
		{"kpageflags 1\nend: 10\n0: 10\n", 3}, /* past the end */
		{"kpageflags 1\nend: 10\n2: 2\n", 3}, /* not aligned */
		{"kpageflags 1\nend: 10\n5: 0\n", 3}, /* too large */
		{"kpageflags 1\nend: 10\n21: 0\n", 3},
		{"kpageflags 1\nend: 10\n\n0: 1\n", 3},
		{"kpageflags 1\nend: 10\n0: 1\n1: x\n", 4},
	};
	unsigned int line;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i].text, &line), -EINVAL);
		assert_int_equal(line, wrong[i].line);
	}
	assert_int_equal(parse("kpageflags 1\nend: 10\n", &line), 0);
	assert_int_equal(got.nr, 0);
	assert_int_equal(parse("kpageflags 1\nend: 10\n4: 0", &line), 0);
	assert_int_equal(got.nr, 1);
}

static void flags_of_a_file(void **state)
{
	struct record_frames frames;
	uint64_t flags[100] = {0};
	int ends[2];

	(void)state;
	flags[3] = UINT64_C(1) << 10;
	flags[4] = UINT64_C(1) << 10 | 1;
	flags[5] = ~(UINT64_C(1) << 10);
	flags[99] = UINT64_C(1) << 10;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], flags, sizeof(flags)), sizeof(flags));
	close(ends[1]);
	/* Zones that end after the memory map. */
	assert_int_equal(record_frames_init(&frames, 200), 0);
	assert_int_equal(record_frames_read(&frames, ends[0]), 0);
	close(ends[0]);
	for (uint64_t pfn = 0; pfn < 200; pfn++)
		assert_int_equal(record_frames_is_free(&frames, pfn),
			pfn == 3 || pfn == 4 || pfn == 99);
	assert_int_equal(record_frames_read(&frames, -1), -EBADF);
	record_frames_fini(&frames);
}

static void end_of_zones(void **state)
{
	(void)state;
	assert_int_equal(record_frames_end("Node 0, zone      DMA\n"
					   "        spanned  4095\n"
					   "  start_pfn:           1\n"
					   "Node 0, zone   Normal\n"
					   "        spanned  1000\n"
					   "  start_pfn:           8192\n"
					   "Node 0, zone  Movable\n"
					   "        spanned  0\n"),
		9192);
	assert_int_equal(record_frames_end(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_few_blocks),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(judged_by_buddyinfo),
		cmocka_unit_test(wrong_texts),
		cmocka_unit_test(flags_of_a_file),
		cmocka_unit_test(end_of_zones),
	};

	return cmocka_run_group_tests_name("record_frames", tests, NULL, NULL);
}
