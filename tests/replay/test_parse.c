/* SPDX-License-Identifier: MIT */
/* The parser: every dialect, every event, and wrong lines. */
#include "trace_file.h"

#include <errno.h>

#include "read/gfp.h"
#include "read/parse.h"
#include "read/trace.h"

static struct replay_parser parser;
static struct replay_parsed parsed;

static enum replay_verdict parse(const char *line)
{
	return replay_parse_line(&parser, line, strlen(line), &parsed);
}

static void expect_event(
	const char *line, unsigned cpu, unsigned kind, uint32_t pfn, int order)
{
	assert_int_equal(parse(line), REPLAY_LINE_EVENT);
	assert_int_equal(parsed.event.cpu, cpu);
	assert_int_equal(parsed.event.kind, kind);
	assert_int_equal(parsed.event.pfn, pfn);
	assert_int_equal(parsed.event.order, order);
}

static void dialects(void **state)
{
	(void)state;
	expect_event("            init-1       [003] ...2.    17.904548: "
		     "mm_page_alloc: page=ffe3761fc0ffdb80 pfn=0x3ff6e order=1 "
		     "migratetype=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO",
		3, REPLAY_EV_ALLOC, 0x3ff6e, 1);
	assert_int_equal(parsed.event.gfp, 0x400dc0);
	assert_int_equal(parsed.event.mt, 0);
	/* 2011: no flags, decimal pfn, other names */
	expect_event("  gnome-terminal-1567  [000]  4415.246506: mm_page_alloc:"
		     " page=ffffea0003d0a260 pfn=1155800 order=0 migratetype=0 "
		     "gfp_flags=GFP_KERNEL",
		0, REPLAY_EV_ALLOC, 1155800, 0);
	expect_event(" x-1 [001] 4415.2: mm_page_free_direct: page=ffffea "
		     "pfn=77 order=2",
		1, REPLAY_EV_FREE, 77, 2);
	expect_event(" x-1 [001] 4415.2: mm_pagevec_free: page=ffffea "
		     "pfn=77 order=0 cold=0",
		1, REPLAY_EV_BATCHED, 77, 0);
	/* 2020: fields in between */
	expect_event(
		"           <...>-22275 [006] ....   889.213383: "
		"mm_page_alloc: page=00000000d2be5665 pfn=970744 order=0 "
		"migratetype=2 nr_free=3650 gfp_flags=GFP_HIGHUSER|__GFP_ZERO",
		6, REPLAY_EV_ALLOC, 970744, 0);
	assert_int_equal(parsed.event.gfp, 0x100dc2);
	assert_int_equal(parsed.event.mt, 2);
	/* comm with '-', '/', ':', brackets and spaces */
	expect_event("  kworker/10:1-440     [010] .....   355.369905: "
		     "mm_page_free: page=00000000dc8c03bd pfn=0x182190 order=2",
		10, REPLAY_EV_FREE, 0x182190, 2);
	expect_event(" a [9] b: c-440 [010] .N... 355.369905: "
		     "mm_page_free: page=00000000dc8c03bd pfn=0x182190 order=2",
		10, REPLAY_EV_FREE, 0x182190, 2);
	/* perf script, trace-cmd report, function_graph, counter clock */
	expect_event("perf  6429 [002]    22.498450: kmem:mm_page_alloc: "
		     "page=0x176a17 pfn=1534487 order=0 migratetype=1 "
		     "gfp_flags=0x140cca",
		2, REPLAY_EV_ALLOC, 1534487, 0);
	assert_int_equal(parsed.event.gfp, 0x140cca);
	expect_event("  cat-1  [001]   100.123456: mm_page_free:         "
		     "page=0xffff pfn=0x10 order=0",
		1, REPLAY_EV_FREE, 16, 0);
	expect_event(" 24)               |  /* mm_page_free: "
		     "page=00000000dc8c03bd pfn=18 order=3 */",
		24, REPLAY_EV_FREE, 18, 3);
	expect_event(" x-1 [000] d..3. 123456: mm_page_free_batched: "
		     "page=1 pfn=0x12 order=0",
		0, REPLAY_EV_BATCHED, 18, 0);
}

static void failed_allocations(void **state)
{
	(void)state;
	expect_event(" 24)               |  /* mm_page_alloc: "
		     "page=0000000000000000 pfn=0 order=9 migratetype=1 "
		     "gfp_flags=GFP_TRANSHUGE */",
		24, REPLAY_EV_ALLOC, REPLAY_NO_PFN, 9);
	expect_event(" x-1 [000] .... 1.0: mm_page_alloc: page=(null) pfn=0x0 "
		     "order=4 migratetype=0 gfp_flags=GFP_NOWAIT",
		0, REPLAY_EV_ALLOC, REPLAY_NO_PFN, 4);
	/* hash-ptr off leaves gfp_flags empty: only the type is known */
	expect_event(" x-1 [000] .... 1.0: mm_page_alloc: page=1 pfn=0x5 "
		     "order=0 migratetype=1 gfp_flags=",
		0, REPLAY_EV_ALLOC, 5, 0);
	assert_int_equal(replay_gfp_migratetype(parsed.event.gfp), 1);
}

static void gfp_names(void **state)
{
	uint64_t unknown = 0;

	(void)state;
#define GFP(text) replay_gfp_parse(text, strlen(text), &unknown)
	assert_int_equal(GFP("none"), 0);
	assert_int_equal(GFP("GFP_HIGHUSER_MOVABLE|__GFP_COMP"), 0x140cca);
	assert_int_equal(GFP("GFP_KERNEL|__GFP_NOTRACK|__GFP_COLD"), 0xcc0);
	assert_int_equal(GFP("GFP_NOWAIT|0x2000000"), 0x2000800);
	assert_int_equal(unknown, 0);
	assert_int_equal(GFP("GFP_USER|__GFP_FROM_MARS"), 0x100cc0);
	assert_int_equal(unknown, 1);
#undef GFP
	/* A remembered text counts its unknown names again. */
	parser.unknown_gfp = 0;
	for (int i = 0; i < 2; i++)
		expect_event(
			" x-1 [000] .... 1.0: mm_page_alloc: page=1 "
			"pfn=0x5 order=0 migratetype=0 gfp_flags=__GFP_MARS",
			0, REPLAY_EV_ALLOC, 5, 0);
	assert_int_equal(parser.unknown_gfp, 2);
}

static void kprobes(void **state)
{
	(void)state;
	expect_event(
		" cat-1 [001] ...2. 17.957021: free_bulk: "
		"(free_pcppages_bulk+0x0/0x2e0) zone=\"DMA32\" n=63 "
		"pcp=0xff436e823e8b8780 pindex=1 count=301 high=302 batch=63 "
		"ff=4 zflags=0x2 dm=48 zp=0xff436e823fd7b600",
		1, REPLAY_EV_FREE_BULK, REPLAY_NO_PFN, 0);
	assert_true(parsed.has_probe);
	assert_false(parsed.has_high_min);
	assert_int_equal(parsed.probe.zone_name, REPLAY_ZONE_DMA32);
	assert_int_equal(parsed.probe.n, 63);
	assert_int_equal(parsed.probe.pindex, 1);
	assert_int_equal(parsed.probe.count, 301);
	assert_int_equal(parsed.probe.high, 302);
	assert_int_equal(parsed.probe.batch, 63);
	assert_int_equal(parsed.probe.free_factor, 4);
	assert_int_equal(parsed.probe.zflags, 2);
	assert_true(parsed.probe.zp == 0xff436e823fd7b600);
	expect_event(" cat-1 [001] ...2. 1.0: free_bulk: (x) zone=\"Normal\" "
		     "n=63 pcp=0x1 pindex=3 count=656 high=654 high_min=303 "
		     "high_max=7526 batch=63 flags=3 af=0 fc=30",
		1, REPLAY_EV_FREE_BULK, REPLAY_NO_PFN, 0);
	assert_true(parsed.has_high_min);
	assert_int_equal(parsed.probe.high, 654);
	assert_int_equal(parsed.probe.free_factor, -1);
	expect_event(" x-1 [001] ...2. 1.0: refill: (rmqueue_bulk+0x0/0x5d0) "
		     "zone=\"DMA32\" order=3 n=7 list=0xff mt=2 aflags=0x801",
		1, REPLAY_EV_REFILL, REPLAY_ZONE_DMA32, 3);
	assert_int_equal(parsed.event.arg, 7);
	assert_int_equal(parsed.event.mt, 2);
	expect_event(" x-1 [001] ..... 1.0: bulk_alloc: (x) gfp=0x2dc2 nid=1 "
		     "nr=4",
		1, REPLAY_EV_BULK, 1, 0);
	assert_int_equal(parsed.event.gfp, 0x2dc2);
	expect_event(" x-1 [001] ..... 1.0: bulk_alloc_ret: (a <- b) got=3", 1,
		REPLAY_EV_BULK_RET, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 3);
	expect_event(" kswapd0-44 [001] ..... 1.0: free_one: (x) a=0xff b=0xff "
		     "c=0xb022 d=0x1",
		1, REPLAY_EV_FREE_ONE, 0xb022, 1);
	assert_true(parsed.event.flags & REPLAY_EV_BY_KSWAPD);
	expect_event(" x-1 [001] ..... 1.0: drain_pz: (x) cpu=3 zone=\"DMA\"",
		1, REPLAY_EV_DRAIN_PZ, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 3);
	expect_event(" x-1 [001] ..... 1.0: vmstat_refresh: (x) "
		     "do_pagesets=1",
		1, REPLAY_EV_REFRESH, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 1);
	expect_event(" x-1 [001] ..... 1.0: pageset_set: (x) zone=\"DMA\" a=15 "
		     "b=1 c=0",
		1, REPLAY_EV_PAGESET, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.probe.high, 15);
	expect_event(" x-1 [000] ..... 1.0: tracing_mark_write: ORACLE "
		     "before-snapshot end",
		0, REPLAY_EV_MARK, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, REPLAY_MARK_BEFORE_END);
	expect_event(" x-1 [000] ..... 1.0: tracing_mark_write: ORACLE "
		     "after-snapshot begin",
		0, REPLAY_EV_MARK, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, REPLAY_MARK_AFTER_BEGIN);
	expect_event(" x-1 [000] ..... 1.0: tracing_mark_write: ORACLE "
		     "after-snapshot end",
		0, REPLAY_EV_MARK, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, REPLAY_MARK_AFTER_END);
}

/* From 6.7, 6.18 and 7.x: what is printed differently, and more. */
static void kprobes_of_newer_kernels(void **state)
{
	(void)state;
	expect_event(
		" cat-1 [000] ..s4. 22.1: free_bulk: (x) zone=\"DMA32\" n=63 "
		"pcp=0xff1100003e8381c0 pindex=0 count=2039 high=2038 "
		"high_min=604 high_max=14964 batch=63 flags=2 af=1 fc=23 "
		"zflags=0x4 dm=0 zp=0xff1100003fd4db40",
		0, REPLAY_EV_FREE_BULK, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.probe.pindex, 0);
	assert_int_equal(parsed.probe.high, 2038);
	assert_int_equal(parsed.probe.high_min, 604);
	assert_int_equal(parsed.probe.high_max, 14964);
	assert_int_equal(parsed.probe.batch, 63);
	assert_int_equal(parsed.probe.free_factor, -1);
	assert_int_equal(parsed.probe.flags, 2);
	assert_int_equal(parsed.probe.alloc_factor, 1);
	assert_int_equal(parsed.probe.free_count, 23);
	assert_int_equal(parsed.probe.zflags, 4);
	expect_event(
		" init-1 [001] ...2. 22.2: refill: (x) zone=\"DMA32\" order=2 "
		"n=15 mt=1 aflags=0x801 list=0xff pcp=0xff1100003e9381c0 "
		"count=284 high=667 high_min=604 high_max=14964 batch=63 af=1 "
		"fc=0 zflags=0x0",
		1, REPLAY_EV_REFILL, REPLAY_ZONE_DMA32, 2);
	assert_true(parsed.has_probe);
	assert_int_equal(parsed.event.arg, 15);
	assert_int_equal(parsed.event.mt, 1);
	assert_int_equal(parsed.probe.count, 284);
	assert_int_equal(parsed.probe.high, 667);
	assert_int_equal(parsed.probe.alloc_factor, 1);
	expect_event(" init-1 [001] d..3. 22.3: refill_ret: (x) gotpages=60 "
		     "pcp=0xff1100003e9381c0 order=2 ra=0xffffffff816a4779",
		1, REPLAY_EV_REFILL_RET, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 15);
	expect_event(" cat-1 [001] ..... 22.4: free_one: (x) zone=\"DMA32\" "
		     "page=0xffd40000001aa800 pfn=0x6aa0 order=5 fpi=0x0",
		1, REPLAY_EV_FREE_ONE, 0x6aa0, 5);
	expect_event(" k-1 [001] ..... 22.5: decay: (x) zone=\"DMA\" count=7 "
		     "high=9 high_min=8 high_max=240 batch=1",
		1, REPLAY_EV_DECAY, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.probe.zone_name, REPLAY_ZONE_DMA);
	assert_int_equal(parsed.probe.count, 7);
	assert_int_equal(parsed.probe.high_min, 8);
	expect_event(" x-1 [001] ..... 1.0: pageset_set: (x) zone=\"DMA\" "
		     "high_min=15 high_max=240 batch=1",
		1, REPLAY_EV_PAGESET, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.probe.high_max, 240);
	assert_int_equal(parsed.probe.high, -1);
}

/* A block of freed pages is named by the address of its first page. */
static void commits(void **state)
{
	static const char commit[] =
		" x-1 [001] .B.4. 16.1: commit: (x) zone=\"DMA32\" pcp=0xff "
		"page=0xffd40000002b7200 mt=0 order=2 fpi=0x8 count=1054";

	(void)state;
	memset(&parser, 0, sizeof(parser));
	assert_int_equal(parse(commit), REPLAY_LINE_BROKEN);
	/* A hashed address is no address. */
	parse(" x-1 [001] .B.1. 16.0: mm_page_free: page=00000000a1b2c3c0 "
	      "pfn=0xadc8 order=0");
	assert_int_equal(parse(commit), REPLAY_LINE_BROKEN);
	parse(" x-1 [001] .B.1. 16.0: mm_page_free: page=ffd40000002b7200 "
	      "pfn=0xadc8 order=0");
	expect_event(commit, 1, REPLAY_EV_COMMIT, 0xadc8, 2);
	expect_event(" x-1 [001] .B.4. 16.1: commit: (x) zone=\"DMA32\" "
		     "pcp=0xff page=0xffd40000002b7300 mt=1 order=1 fpi=0x8",
		1, REPLAY_EV_COMMIT, 0xadcc, 1);
	assert_int_equal(parsed.event.mt, 1);
	/* The page's own line tells all. */
	assert_int_equal(
		parse(" x-1 [001] .B.4. 16.1: commit: (x) zone=\"DMA32\" "
		      "pcp=0xff page=0xffd40000002b7200 mt=0 order=0 fpi=0x0"),
		REPLAY_LINE_OTHER);
	assert_int_equal(parse(" x-1 [000] d... 11.9: commit: (x) "
			       "page=0xffffea00000ba480 pfn=11922 mt=1"),
		REPLAY_LINE_OTHER);
	memset(&parser, 0, sizeof(parser));
}

static void kprobes_of_5_10(void **state)
{
	(void)state;
	expect_event(" mkdir-122 [001] d... 12.2: mm_page_free: "
		     "page=ffffea0000ffad80 pfn=261814 order=1",
		1, REPLAY_EV_FREE, 261814, 1);
	expect_event(" init-1 [000] d.Z. 12.3: refill: (x) zone=\"DMA32\" "
		     "n=63 pcp=0xffff88803ea39340 mt=1 count=107 high=378 "
		     "batch=63 dm=16",
		0, REPLAY_EV_REFILL, REPLAY_ZONE_DMA32, 0);
	assert_int_equal(parsed.event.arg, 63);
	assert_int_equal(parsed.event.mt, 1);
	assert_int_equal(parsed.probe.high_min, -1);
	expect_event(" k-1 [003] d... 12.4: drain_wq: (x) zonep=0x0", 3,
		REPLAY_EV_DRAIN_PZ, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 3);
	expect_event(" k-1 [001] d... 12.4: drain_pages: (x) cpu=2", 1,
		REPLAY_EV_DRAIN_PZ, REPLAY_NO_PFN, 0);
	assert_int_equal(parsed.event.arg, 2);
	assert_int_equal(
		parse(" x-1 [001] ..... 1.0: pageset_set: (x) zone=\"DMA\" "
		      "pset=0xff"),
		REPLAY_LINE_OTHER);
}

static void other_lines(void **state)
{
	static const char *const other[] = {
		"# tracer: nop",
		"",
		"cpus=4",
		"        ffffffff8131a0c1 __alloc_pages+0x2d1 ([kernel])",
		" x-1 [001] ..... 1.0: mm_calculate_totalreserve_pages: a=1",
		" x-1 [001] ..... 1.0: mm_setup_per_zone_lowmem_reserve: a=1",
		" x-1 [001] ..... 1.0: drain_wq_ret: (a <- b)",
		" x-1 [001] ..... 1.0: drain_all_call: (x) zone=0xff",
		" x-1 [001] ..... 1.0: set_threshold: (x) fn=0xff",
		" x-1 [001] ..... 1.0: mm_vmscan_lru_shrink_active: nid=0",
		"CPU 3 is empty",
		" x-1 [001] ..... 1.0: mm_compaction_begin: zone_start=0x1",
		" x-1 [001] ..... 1.0: mark_victim: pid=207 comm=wl",
		" 0)   0.123 us    |  kfree();",
	};
	static const char *const unknown[] = {
		"hello",
		" x-1 [001] ..... 1.0: my_event: a=1",
		" x-1 [001] ..... 1.0: mm_page_frei: pfn=1 order=0",
		" x-1 [001] mm_page_free: pfn=1 order=0",
		"\001\002",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(parse(other[i]), REPLAY_LINE_OTHER);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_int_equal(parse(unknown[i]), REPLAY_LINE_UNKNOWN);
	assert_int_equal(parse("CPU:2 [LOST 31 EVENTS]"), REPLAY_LINE_LOST);
	assert_int_equal(parsed.event.arg, 31);
}

static void broken_lines(void **state)
{
	static const char *const broken[] = {
		" x-1 [001] ..... 1.0: mm_page_free: page=1 order=0",
		" x-1 [001] ..... 1.0: mm_page_free: page=1 pfn=12x4 order=0",
		" x-1 [001] ..... 1.0: mm_page_free: page=1 pfn=0x order=0",
		" x-1 [001] ..... 1.0: mm_page_free: page=1 pfn=0x12",
		" x-1 [001] ..... 1.0: mm_page_free: page=1 pfn=1 order=99",
		" x-1 [001] ..... 1.0: mm_page_free: pfn=0xffffffffff order=0",
		" x-1 [001] ..... 1.0: mm_page_alloc: pfn=1 order=0 mt=0",
		" x-1 [001] ..... 1.0: mm_page_alloc: page=1 pfn=1 order=0",
		" x-1 [001] ..... 1.0: free_bulk: (x) zone=\"DMA\" n=x count=1",
		" x-1 [001] ..... 1.0: refill: (x) order=0 n=63",
		" x-1 [001] ..... 1.0: drain_pz: (x) zone=\"DMA\"",
		" x-1 [001] ..... 1.0: decay: (x) zone=\"DMA\" high=9",
		" x-1 [001] ..... 1.0: refill_ret: (x) gotpages=60 pcp=0xff",
		" x-1 [001] ..... 1.0: refill: (x) order=99 n=63 mt=0",
		" x-1 [001] ..... 1.0: free_one: (x) pfn=0xffffffffff order=1",
		" x-1 [001] ..... 1.0: pageset_set: (x) high_min=1 batch=1",
		" x-1 [9999] ..... 1.0: mm_page_free: pfn=1 order=0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_int_equal(parse(broken[i]), REPLAY_LINE_BROKEN);
		assert_non_null(parsed.what);
		assert_true(parsed.column >= 1);
		assert_true(parsed.column <= strlen(broken[i]) + 1);
	}
	parse(broken[1]);
	assert_int_equal(
		parsed.column, strstr(broken[1], "x4") + 1 - broken[1]);
}

static int read_text(
	const char *text, struct replay_trace *trace, struct replay_error *err)
{
	struct trace_file file;
	const char *path = file.path;
	int ret;

	trace_file_text(&file, text);
	ret = replay_trace_read(trace, &path, 1, NULL, NULL, err);
	trace_file_remove(&file);
	return ret;
}

#define FREE_LINE " x-1 [001] ..... 1.0: mm_page_free: page=1 pfn=9 order=0"

static void whole_traces(void **state)
{
	struct replay_trace trace;
	struct replay_error err;

	(void)state;
	assert_int_equal(read_text("# tracer: nop\n" FREE_LINE "\nwhat\n"
				   "CPU:1 [LOST 7 EVENTS]\n" FREE_LINE,
				 &trace, &err),
		0);
	assert_int_equal(trace.nr_events, 2);
	assert_int_equal(trace.cpus, 2);
	assert_int_equal(trace.stats.lines, 5);
	assert_int_equal(trace.stats.unknown_lines, 1);
	assert_int_equal(trace.stats.first_unknown_line, 3);
	assert_int_equal(trace.stats.lost_events, 7);
	assert_int_equal(trace.events[1].line, 5);
	replay_trace_free(&trace);

	assert_int_equal(read_text(FREE_LINE "\n x-1 [001] ..... 1.0: "
					     "mm_page_free: page=1 pf",
				 &trace, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, ":2:"));
	assert_non_null(strstr(err.text, "truncated"));
	replay_trace_free(&trace);

	assert_int_equal(
		read_text(FREE_LINE "\n x-1 [00", &trace, &err), -EINVAL);
	assert_non_null(strstr(err.text, "truncated"));
	replay_trace_free(&trace);

	assert_int_equal(
		read_text(FREE_LINE "\n x-1 [001] ..... 1.0: "
				    "mm_page_free: page=1 pfn=zz order=0\n",
			&trace, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, ":2:48: pfn="));
	replay_trace_free(&trace);

	assert_int_equal(read_text("just\ntext\n", &trace, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no page allocation event"));
	replay_trace_free(&trace);
	assert_int_equal(read_text("", &trace, &err), -EINVAL);
	replay_trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects),
		cmocka_unit_test(failed_allocations),
		cmocka_unit_test(gfp_names),
		cmocka_unit_test(kprobes),
		cmocka_unit_test(kprobes_of_newer_kernels),
		cmocka_unit_test(commits),
		cmocka_unit_test(kprobes_of_5_10),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(broken_lines),
		cmocka_unit_test(whole_traces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
