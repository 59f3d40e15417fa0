/* SPDX-License-Identifier: MIT */
/*
 * Free memory by place: the file kpageflags read and refused, set back by the lines
 * before its mark, and what both replays make of it.
 */
#include "causal_lines.h"

#include <errno.h>

#include "run/kpageflags.h"
#include "run/place.h"
#include "run/place_types.h"

#define ZONE                                                                   \
	"Node 0, zone    DMA32\n  pages free 32\n  min 1\n  low 2\n  high 3\n" \
	"  spanned 4096\n  present 4096\n  managed 4096\n"                     \
	"  protection: (0, 0)\n  pagesets\n    cpu: 0\n  count: 0\n"           \
	"  high: 8\n  batch: 2\n  vm stats threshold: 2\n  start_pfn: 8192\n"
#define FILE_OF(lines) "kpageflags 1\nend: 3000\n" lines
#define TYPE(name, free)                                                       \
	"Node 0, zone    DMA32, type " name " " free " 0 0 0 0 0 0 0\n"
/* Free blocks of orders 0 to 3; pageblocks of the five types. */
#define TYPES(unmovable, movable, reclaimable, blocks)                         \
	"Page block order: 9\nPages per block:  512\n\n"                       \
	"Free pages count per migrate type at order 0 1 2 3 4 5 6 7 8 9 "      \
	"10\n" TYPE("Unmovable", unmovable) TYPE("Movable", movable) TYPE(     \
		"Reclaimable", reclaimable) TYPE("HighAtomic", "0 0 0 0")      \
		TYPE("Isolate",                                                \
			"0 0 0 0") "\nNumber of blocks type Unmovable "        \
				   "Movable Reclaimable HighAtomic "           \
				   "Isolate\nNode 0, zone    DMA32 " blocks    \
				   "\n"
#define MARK L("tracing_mark_write: before-kpageflags end")

static struct replay_zone zone = {.name = "DMA32",
	.index = REPLAY_ZONE_DMA32,
	.start_pfn = 0x2000,
	.spanned = 0x1000};
static struct replay_free_frames frames;
static struct replay_error error;

static struct pcpmm_dump *dump_of(const char *types, const char *buddyinfo)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error why = {""};
	int ret = pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO, "zoneinfo", ZONE,
		strlen(ZONE), &why);

	if (!ret && buddyinfo)
		ret = pcpmm_dump_parse(dump, PCPMM_DUMP_BUDDYINFO, "buddyinfo",
			buddyinfo, strlen(buddyinfo), &why);
	if (!ret && types)
		ret = pcpmm_dump_parse(dump, PCPMM_DUMP_PAGETYPEINFO,
			"pagetypeinfo", types, strlen(types), &why);
	if (ret)
		fail_msg("%s", why.text);
	return dump;
}

static int read_file(const char *text, size_t length)
{
	struct pcpmm_dump *dump = dump_of(NULL, NULL);
	int ret = replay_kpageflags_parse(
		dump, "kpageflags", text, length, &frames, &error);

	pcpmm_dump_free(dump);
	return ret;
}

/* --- the file --------------------------------------------------------------- */

static void a_file_is_read(void **state)
{
	const char *text = FILE_OF("0: 2001\n3: 2100 +2\n");

	(void)state;
	assert_int_equal(read_file(text, strlen(text)), 0);
	assert_true(frames.known);
	assert_false(frames.heads);
	for (uint32_t pfn = 0; pfn < 0x3000; pfn++)
		assert_int_equal(record_frames_is_free(&frames.read, pfn),
			pfn == 0x2001 || (pfn >= 0x2100 && pfn < 0x2108) ||
				(pfn >= 0x2110 && pfn < 0x2118));
	replay_free_fini(&frames);
}

static void first_frames_are_not_used(void **state)
{
	const char *text = FILE_OF("head: 2001 +5\n");

	(void)state;
	assert_int_equal(read_file(text, strlen(text)), 0);
	assert_false(frames.known);
	assert_true(frames.heads);
	replay_free_fini(&frames);
}

static void a_wrong_file_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} files[] = {
		{"", "kpageflags:1: "},
		{"kpageflags 2\n", "kpageflags:1: not a line"},
		{"kpageflags 1\n", "kpageflags:1: not a line"},
		{"kpageflags 1\nend: x\n", "kpageflags:2: not a line"},
		{FILE_OF("0: 2001\n0: zz\n"), "kpageflags:4: not a line"},
		{FILE_OF("0: -1\n"), "kpageflags:3: not a line"},
		{FILE_OF("3: 2104\n"), "kpageflags:3: not a line"},
		{FILE_OF("3: 2ff8 +1\n"), "kpageflags:3: not a line"},
		{FILE_OF("0: 1fff\n"),
			"kpageflags:3: the block of order 0 at frame 1fff lies "
			"outside all zones"},
		{FILE_OF("0: 0\n"), "at frame 0 lies outside all zones"},
		{FILE_OF("20: 0\n"), "kpageflags:3: not a line"},
		{"kpageflags 1\nend: ffffffffffffffff\n0: 2fff +1\n",
			"kpageflags:3: the block of order 0 at frame 3000 lies "
			"outside"},
		{"kpageflags 1\nend: ffffffffffffffff\n"
		 "0: 2000 +1*ffffffffffffffff\n",
			"at frame 3000 lies outside all zones"},
		{"kpageflags 1\nend: 800000\n20: 0\n",
			"the block of order 20 at frame 0 lies outside"},
		{FILE_OF("3: 2100\n0: 2107\n"),
			"kpageflags:4: the block of order 0 at frame 2107 "
			"overlaps another one"},
		{FILE_OF("head: 2001\nhead: 2001\n"), "overlaps another"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(
			read_file(files[i].text, strlen(files[i].text)),
			-EINVAL);
		if (!strstr(error.text, files[i].why))
			fail_msg("'%s' without '%s'", error.text, files[i].why);
		assert_false(frames.known);
		assert_null(frames.read.free);
	}
	assert_int_equal(read_file(FILE_OF("0: 2001\n\0"),
				 sizeof(FILE_OF("0: 2001\n\0")) - 1),
		-EINVAL);
}

static void blocks_end_at_zones(void **state)
{
	const struct replay_zone zones[] = {
		{.start_pfn = 0x10, .spanned = 0x14},
		{.start_pfn = 0x24, .spanned = 0x10},
	};
	static const struct {
		uint32_t pfn;
		int8_t order;
		uint16_t zone;
	} want[] = {{0x20, 2, 0}, {0x24, 2, 1}, {0x28, 3, 1}, {0x30, 1, 1}};
	struct replay_buddy *blocks;
	struct record_frames free_ones;
	size_t nr;

	(void)state;
	assert_int_equal(record_frames_init(&free_ones, 0x40), 0);
	for (uint32_t pfn = 0x20; pfn < 0x32; pfn++)
		record_frames_set_free(&free_ones, pfn);
	record_frames_set_free(&free_ones, 0x3f); /* of no zone */
	assert_int_equal(
		replay_free_blocks(&free_ones, zones, 2, &blocks, &nr), 0);
	assert_int_equal(nr, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(blocks[i].pfn, want[i].pfn);
		assert_int_equal(blocks[i].order, want[i].order);
		assert_int_equal(blocks[i].zone, want[i].zone);
	}
	free(blocks);
	record_frames_fini(&free_ones);
}

static void what_moved_is_counted(void **state)
{
	const char *text = FILE_OF("0: 2001\n3: 2100 +2\n");
	struct pcpmm_dump *dump =
		dump_of(NULL, "Node 0, zone    DMA32 2 1 0 1 0 0 0 0 0 0 0\n");

	(void)state;
	assert_int_equal(replay_kpageflags_parse(dump, "kpageflags", text,
				 strlen(text), &frames, &error),
		0);
	assert_int_equal(replay_kpageflags_compare(&frames, dump, &zone, 1), 0);
	assert_true(frames.compared);
	assert_int_equal(frames.moved, 1 + 2 + 8);
	assert_string_equal(
		replay_free_memory_from(dump, &frames), "kpageflags");
	replay_free_fini(&frames);
	frames = (struct replay_free_frames){0};
	assert_string_equal(
		replay_free_memory_from(dump, &frames), "buddyinfo");
	assert_null(replay_free_memory_from(NULL, &frames));
	pcpmm_dump_free(dump);
}

/* --- pageblock types ----------------------------------------------------------- */

static unsigned type_at(const struct pcpmm_machine *machine, uint64_t pfn)
{
	struct pcpmm_page_info info;

	assert_int_equal(pcpmm_page_inspect(machine, pfn, &info), 0);
	return info.block_type;
}

/* Lists of pagetypeinfo: the pageblock with order 2 and 0 can only be reclaimable. */
static void types_are_fitted(void **state)
{
	static const struct replay_buddy blocks[] = {
		{.pfn = 0x2100, .order = 3},
		{.pfn = 0x2200, .order = 2},
		{.pfn = 0x2281, .order = 0},
		{.pfn = 0x2400, .order = 3},
		{.pfn = 0x2600, .order = 1},
	};
	struct pcpmm_dump *dump = dump_of(
		TYPES("0 1 0 0", "0 0 0 2", "1 0 1 0", "2 5 1 0 0"), NULL);
	const struct pcpmm_config *from =
		pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, NULL);
	struct pcpmm_config config = *from;
	struct pcpmm_machine *machine;
	struct place_types types;

	(void)state;
	config.boot = PCPMM_BOOT_HELD;
	machine = pcpmm_machine_create(&config, NULL);
	assert_non_null(machine);
	assert_int_equal(place_fit_types(machine, dump, &zone, 1, blocks, 5,
				 NULL, &types),
		0);
	assert_int_equal(types.guessed, 4);
	assert_int_equal(types.other_pages, 0);
	assert_int_equal(type_at(machine, 0x2100), PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(type_at(machine, 0x2200), PCPMM_MIGRATE_RECLAIMABLE);
	assert_int_equal(type_at(machine, 0x2400), PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(type_at(machine, 0x2600), PCPMM_MIGRATE_UNMOVABLE);
	/* The other unmovable one has nothing free: the first of the zone. */
	assert_int_equal(type_at(machine, 0x2800), PCPMM_MIGRATE_UNMOVABLE);
	pcpmm_machine_destroy(machine);
	pcpmm_dump_free(dump);
}

/* --- the replay that predicts --------------------------------------------------- */

/* @file NULL: the state has none. */
static void predict_with(const char *file, const char *types, const char *text)
{
	struct replay_causal_options options = {
		.preset = PCPMM_PRESET_LINUX_6_1};
	struct replay_input in = {.zones = &zone, .nr_zones = 1};
	struct pcpmm_dump *dump = dump_of(types, NULL);
	struct replay_trace trace;

	trace_of_text(&trace, text);
	options.dump = dump;
	if (file) {
		assert_int_equal(replay_kpageflags_parse(dump, "kpageflags",
					 file, strlen(file), &frames, &error),
			0);
		assert_int_equal(replay_free_rewind(&frames, &trace), 0);
		in.free = &frames;
	}
	if (replay_causal(&trace, &in, &options, &out, &error))
		fail_msg("%s", error.text);
	replay_trace_free(&trace);
	if (file)
		replay_free_fini(&frames);
	pcpmm_dump_free(dump);
	assert_string_equal(out.closed.broken, "");
	assert_string_equal(out.step.broken, "");
	assert_int_equal(out.closed.refused + out.step.refused, 0);
	assert_int_equal(out.closed.skipped + out.step.skipped, 0);
}

static void expect_refilled(uint64_t right, uint64_t n)
{
	expect_rate(&out.closed.score.pfn_refill, right, n);
	expect_rate(&out.step.score.pfn_refill, right, n);
}

/* Of a list of unmovable blocks, which has one of order 3. */
#define ONE_OF_8 TYPES("0 0 0 1", "0 0 0 0", "0 0 0 0", "1 7 0 0 0")
#define EIGHT_OF(a, b, c, d, e, f, g, h)                                       \
	TWO(a, b)                                                              \
	ALLOC(a, 0)                                                            \
	ALLOC(b, 0)                                                            \
	TWO(c, d)                                                              \
	ALLOC(c, 0)                                                            \
	ALLOC(d, 0) TWO(e, f) ALLOC(e, 0) ALLOC(f, 0) TWO(g, h) ALLOC(g, 0)    \
		ALLOC(h, 0)
#define EIGHT                                                                  \
	EIGHT_OF(0x2100, 0x2101, 0x2102, 0x2103, 0x2104, 0x2105, 0x2106, 0x2107)

#define DRAINED_U(pfn)                                                         \
	L("mm_page_pcpu_drain: page=1 pfn=" #pfn " order=0 migratetype=0")
#define REST_OF_8                                                              \
	ALLOC(0x2102, 0)                                                       \
	ALLOC(0x2103, 0)                                                       \
	ALLOC(0x2104, 0) ALLOC(0x2105, 0) TWO(0x2106, 0x2107) ALLOC(0x2106, 0)
#define LOCKED_M(pfn)                                                          \
	L("mm_page_alloc_zone_locked: page=1 pfn=" #pfn                        \
	  " order=0 migratetype=1 percpu_refill=1")
#define SIX_LEFT                                                               \
	ALLOC(0x220d, 1)                                                       \
	ALLOC(0x220b, 1)                                                       \
	ALLOC(0x2209, 1)                                                       \
	ALLOC(0x2207, 1)                                                       \
	ALLOC(0x2205, 1)                                                       \
	ALLOC(0x2203, 1)                                                       \
		L("refill: (x) zone=\"DMA32\" order=0 n=2 list=0x1 mt=1")      \
			LOCKED_M(0x2201) LOCKED_M(0x2106)                      \
				REFILLED ALLOC(0x2201, 1)

static void a_block_is_split_where_it_lies(void **state)
{
	(void)state;
	predict_with(FILE_OF("3: 2100\n"), ONE_OF_8, EIGHT);
	expect_refilled(8, 8);
	assert_int_equal(out.closed.adjusted.pageblocks_guessed, 1);
	assert_int_equal(out.closed.adjusted.free_pages_without_place, 0);
	assert_int_equal(out.closed.adjusted.refill_blocks_given, 0);
	predict_with(NULL, ONE_OF_8, EIGHT);
	expect_refilled(0, 0);
	assert_int_equal(out.closed.adjusted.refill_blocks_given, 8);
}

/* The file of another machine has other names for the same number of blocks. */
static void a_wrong_file_is_seen(void **state)
{
	(void)state;
	predict_with(FILE_OF("3: 2140\n"), ONE_OF_8, EIGHT);
	expect_refilled(0, 8);
}

/* Which of two blocks comes first is learned once; then both are known. */
static void the_order_of_blocks_is_learned(void **state)
{
	(void)state;
	predict_with(FILE_OF("3: 2100 +2\n"),
		TYPES("0 0 0 2", "0 0 0 0", "0 0 0 0", "1 7 0 0 0"),
		EIGHT_OF(0x2110, 0x2111, 0x2112, 0x2113, 0x2114, 0x2115, 0x2116,
			0x2117) EIGHT);
	expect_refilled(15, 16);
	assert_int_equal(out.closed.adjusted.blocks_exchanged, 1);
}

/* Two of the eight are given back, the latter first, and are one block again. */
static void freed_pages_merge_where_they_lie(void **state)
{
	(void)state;
	predict_with(FILE_OF("3: 2100\n"), ONE_OF_8,
		EIGHT FREE(0x2106) FREE(0x2107) FREE(0x2105) FREE(0x2104) FREE(
			0x2103) FREE(0x2102) FREE(0x2101) FREE(0x2100)
			SPILL(2, 8, 0) DRAINED_U(0x2106) DRAINED_U(0x2107)
				ALLOC(0x2100, 0) ALLOC(0x2101, 0) REST_OF_8);
	expect_refilled(10, 10);
}

/*
 * 0x2107 was in use at the start. It is given back before 0x2201, and the frame beside
 * it is free: so 0x2201 is a smaller block, and goes first. @before: what else told of
 * a page that was in use then.
 */
#define EIGHT_FREED                                                            \
	FREE(0x2107)                                                           \
	FREE(0x2201)                                                           \
	FREE(0x2203)                                                           \
	FREE(0x2205)                                                           \
	FREE(0x2207)                                                           \
	FREE(0x2209) FREE(0x220b) FREE(0x220d) SPILL(2, 8, 0) DRAINED(0x2107)  \
		DRAINED(0x2201)
static void expect_own_places(const char *before)
{
	char text[8192];

	snprintf(text, sizeof(text), "%s%s", before, EIGHT_FREED SIX_LEFT);
	predict_with(FILE_OF("0: 2106\n"),
		TYPES("0 0 0 0", "1 0 0 0", "0 0 0 0", "0 8 0 0 0"), text);
	expect_refilled(2, 2);
}

static void pages_in_use_have_their_places(void **state)
{
	(void)state;
	expect_own_places("");
	/* It came from a list, of which nothing was known. */
	expect_own_places(ALLOC(0x2107, 1));
	/* So did another page, and the frame that stood for it is spare. */
	expect_own_places(ALLOC(0x2203, 1));
}

/* --- lines before the mark ---------------------------------------------------------- */

static void lines_before_the_mark_are_taken_back(void **state)
{
	struct replay_trace trace;
	const char *text = FILE_OF("0: 2001 +1\n1: 2106\n");

	(void)state;
	assert_int_equal(read_file(text, strlen(text)), 0);
	trace_of_text(&trace,
		LOCKED(0x2100) LOCKED(0x2101) ALLOC(0x2100, 0) FREE(0x2100)
			DRAINED(0x2100) FREE(0x2001) DRAINED(0x2001)
				MARK LOCKED(0x2106) ALLOC(0x2106, 0));
	assert_int_equal(replay_free_rewind(&frames, &trace), 0);
	assert_int_equal(frames.taken_back, 3);
	assert_int_equal(frames.mark, 8);
	for (uint32_t pfn = 0; pfn < 0x3000; pfn++)
		assert_int_equal(record_frames_is_free(&frames.start, pfn),
			pfn == 0x2002 || pfn == 0x2100 || pfn == 0x2101 ||
				pfn == 0x2106 || pfn == 0x2107);
	replay_trace_free(&trace);
	replay_free_fini(&frames);
}

static void without_a_mark_the_file_counts_as_it_is(void **state)
{
	struct replay_trace trace;
	const char *text = FILE_OF("0: 2001\n");

	(void)state;
	assert_int_equal(read_file(text, strlen(text)), 0);
	trace_of_text(&trace, LOCKED(0x2100) ALLOC(0x2100, 0));
	assert_int_equal(replay_free_rewind(&frames, &trace), 0);
	assert_int_equal(frames.taken_back, 0);
	assert_int_equal(frames.mark, 0);
	assert_true(record_frames_is_free(&frames.start, 0x2001));
	assert_false(record_frames_is_free(&frames.start, 0x2100));
	replay_trace_free(&trace);
	replay_free_fini(&frames);
}

/* The file was read when two of the eight were gone: they are not scored. */
static void what_was_taken_back_is_not_scored(void **state)
{
	(void)state;
	predict_with(FILE_OF("1: 2102\n2: 2104\n"), ONE_OF_8,
		TWO(0x2100, 0x2101) ALLOC(0x2100, 0) ALLOC(0x2101, 0) MARK TWO(
			0x2102, 0x2103) ALLOC(0x2102, 0) ALLOC(0x2103, 0)
			TWO(0x2104, 0x2105) ALLOC(0x2104, 0));
	expect_refilled(4, 4);
	assert_int_equal(out.closed.adjusted.free_frames_taken_back, 2);
	assert_int_equal(out.closed.adjusted.refill_blocks_given, 2);
}

/* --- the look-ahead -------------------------------------------------------------------- */

static void the_look_ahead_has_all_blocks(void **state)
{
	static const struct {
		uint32_t pfn;
		int8_t order;
		bool unused;
	} want[] = {
		{0x2200, 3, false}, /* in the order of use */
		{0x2100, 3, false},
		{0x2001, 0, true}, /* and then of frames */
		{0x2400, 9, true},
	};
	const char *text = FILE_OF("0: 2001 +1d2\n3: 2100 +20\n9: 2400\n");
	struct replay_input in = {
		.zones = &zone, .nr_zones = 1, .free = &frames};
	struct replay_result result;
	struct replay_trace trace;

	(void)state;
	assert_int_equal(read_file(text, strlen(text)), 0);
	trace_of_text(&trace,
		TWO(0x2200, 0x2201) ALLOC(0x2200, 0) ALLOC(0x2201, 0)
			TWO(0x2100, 0x2101) ALLOC(0x2100, 0) FREE(0x21d3));
	assert_int_equal(replay_free_rewind(&frames, &trace), 0);
	assert_int_equal(replay_infer(&trace, &in, &result, &error), 0);
	assert_true(result.by_place);
	assert_int_equal(result.disputed, 1); /* 0x21d3 was freed */
	assert_int_equal(result.nr_buddy, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < result.nr_buddy; i++) {
		assert_int_equal(result.buddy[i].pfn, want[i].pfn);
		assert_int_equal(result.buddy[i].order, want[i].order);
		assert_int_equal(result.buddy[i].unused, want[i].unused);
	}
	replay_result_free(&result);
	replay_trace_free(&trace);
	replay_free_fini(&frames);
}

/*
 * A page that is only drained is named by no op. A listed page of which nothing is known
 * but the number must not get its frame.
 */
static void unseen_pages_keep_off_listed_ones(void **state)
{
	uint32_t listed[] = {REPLAY_NO_PFN, 0x2fff};
	struct replay_init init = {.high = 8, .batch = 2};
	const struct replay_result result = {.zones = &zone,
		.nr_zones = 1,
		.init = &init,
		.nr_init = 1,
		.init_pfns = listed,
		.nr_init_pfns = 2,
		.cpus = 1};
	struct replay_place_stats stats;
	struct pcpmm_machine *machine;

	(void)state;
	init.first[1] = 1;
	for (int list = 2; list <= REPLAY_LISTS; list++)
		init.first[list] = 2;
	machine = replay_place(
		NULL, PCPMM_PRESET_LINUX_6_1, &result, &stats, &error);
	assert_non_null(machine);
	assert_int_equal(stats.clashes, 0);
	assert_int_equal(stats.pcp_blocks, 2);
	assert_int_equal(stats.pcp_made_up, 1);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(first_frames_are_not_used),
		cmocka_unit_test(a_wrong_file_is_refused),
		cmocka_unit_test(blocks_end_at_zones),
		cmocka_unit_test(what_moved_is_counted),
		cmocka_unit_test(types_are_fitted),
		cmocka_unit_test(a_block_is_split_where_it_lies),
		cmocka_unit_test(a_wrong_file_is_seen),
		cmocka_unit_test(the_order_of_blocks_is_learned),
		cmocka_unit_test(freed_pages_merge_where_they_lie),
		cmocka_unit_test(pages_in_use_have_their_places),
		cmocka_unit_test(lines_before_the_mark_are_taken_back),
		cmocka_unit_test(without_a_mark_the_file_counts_as_it_is),
		cmocka_unit_test(what_was_taken_back_is_not_scored),
		cmocka_unit_test(the_look_ahead_has_all_blocks),
		cmocka_unit_test(unseen_pages_keep_off_listed_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
