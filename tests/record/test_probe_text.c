/* SPDX-License-Identifier: MIT */
/* Probes as the kernel gets them, for the layouts of five kernels. */
#include "kernels.h"

#include <errno.h>

#include "record/probe_text.h"

static char text[1024];
static bool hashed;
static const char *missing;

static const struct record_probe *probe_named(const char *event)
{
	for (size_t i = 0; i < record_nr_probes; i++) {
		if (!strcmp(record_probes[i].event, event))
			return &record_probes[i];
	}
	fail_msg("no probe %s", event);
	return NULL;
}

/* Text of @event on @symbol, which is @function with or without a suffix. */
static int make(const struct test_kernel *kernel, enum record_probe_style style,
	const char *event, const char *function, const char *suffix)
{
	struct record_symbol symbol = {.kind = record_symbol_suffix(suffix)};
	struct btf *btf = test_btf(kernel);
	int ret;

	snprintf(symbol.name, sizeof(symbol.name), "%s%s", function, suffix);
	ret = record_probe_text(probe_named(event),
		&(struct record_target){btf, "k", style, hashed}, function,
		&symbol, text, sizeof(text), &missing);
	btf__free(btf);
	return ret;
}

static void expect(const struct test_kernel *kernel,
	enum record_probe_style style, const char *event, const char *function,
	const char *suffix, const char *wanted)
{
	assert_int_equal(make(kernel, style, event, function, suffix), 0);
	assert_string_equal(text, wanted);
	assert_null(missing);
}

static void free_bulk(void **state)
{
	(void)state;
	expect(&kernel_5_10, RECORD_KPROBE, "free_bulk", "free_pcppages_bulk",
		"",
		"p:k/free_bulk free_pcppages_bulk "
		"zone=+0(+136($arg1)):string n=$arg2:s32 pcp=$arg3:x64 "
		"count=+0($arg3):s32 high=+4($arg3):s32 batch=+8($arg3):s32 "
		"zflags=+1160($arg1):x64");
	expect(&kernel_6_1, RECORD_KPROBE, "free_bulk", "free_pcppages_bulk",
		"",
		"p:k/free_bulk free_pcppages_bulk "
		"zone=+0(+168($arg1)):string n=$arg2:s32 pcp=$arg3:x64 "
		"pindex=$arg4:s32 count=+4($arg3):s32 high=+8($arg3):s32 "
		"batch=+12($arg3):s32 ff=+16($arg3):s16 "
		"zflags=+1224($arg1):x64");
	expect(&kernel_6_12, RECORD_FPROBE, "free_bulk", "free_pcppages_bulk",
		"",
		"f:k/free_bulk free_pcppages_bulk "
		"zone=+0(+184($arg1)):string n=$arg2:s32 pcp=$arg3:x64 "
		"pindex=$arg4:s32 count=+4($arg3):s32 high=+8($arg3):s32 "
		"high_min=+12($arg3):s32 high_max=+16($arg3):s32 "
		"batch=+20($arg3):s32 flags=+24($arg3):u8 af=+25($arg3):u8 "
		"fc=+28($arg3):s16 zflags=+1240($arg1):x64");
	expect(&kernel_7_3, RECORD_FPROBE, "free_bulk", "free_pcppages_bulk",
		"",
		"f:k/free_bulk free_pcppages_bulk "
		"zone=+0(+192($arg1)):string n=$arg2:s32 pcp=$arg3:x64 "
		"pindex=$arg4:s32 count=+4($arg3):s32 high=+8($arg3):s32 "
		"high_min=+12($arg3):s32 high_max=+16($arg3):s32 "
		"batch=+20($arg3):s32 flags=+24($arg3):u8 af=+25($arg3):u8 "
		"fc=+28($arg3):s16 zflags=+1448($arg1):x64");
}

static void arguments(void **state)
{
	(void)state;
	expect(&kernel_6_1, RECORD_KPROBE, "refill", "rmqueue_bulk", "",
		"p:k/refill rmqueue_bulk zone=+0(+168($arg1)):string "
		"order=$arg2:u32 n=$arg3:u64 list=$arg4:x64 mt=$arg5:s32 "
		"aflags=$arg6:x32");
	/* A typedef is what it stands for. */
	expect(&kernel_6_1, RECORD_KPROBE, "bulk_alloc", "__alloc_pages_bulk",
		"",
		"p:k/bulk_alloc __alloc_pages_bulk gfp=$arg1:x32 "
		"nid=$arg2:s32 nr=$arg4:s32");
	/* The pointer is another argument than in free_bulk. */
	expect(&kernel_6_1, RECORD_KPROBE, "drain_remote", "drain_zone_pages",
		"",
		"p:k/drain_remote drain_zone_pages "
		"zone=+0(+168($arg1)):string count=+4($arg2):s32 "
		"batch=+12($arg2):s32");
	expect(&kernel_6_1, RECORD_KPROBE, "drain_pz", "drain_pages_zone", "",
		"p:k/drain_pz drain_pages_zone cpu=$arg1:u32 "
		"zone=+0(+168($arg2)):string");
	/* high and batch; from 6.7 on high_min, high_max, batch. */
	expect(&kernel_6_1, RECORD_KPROBE, "pageset_set",
		"__zone_set_pageset_high_and_batch", "",
		"p:k/pageset_set __zone_set_pageset_high_and_batch "
		"zone=+0(+168($arg1)):string a=$arg2:u64 b=$arg3:u64 "
		"batch=$arg3:u64");
	expect(&kernel_6_12, RECORD_KPROBE, "pageset_set",
		"__zone_set_pageset_high_and_batch", "",
		"p:k/pageset_set __zone_set_pageset_high_and_batch "
		"zone=+0(+184($arg1)):string a=$arg2:u64 b=$arg4:u64 "
		"high_min=$arg2:u64 high_max=$arg3:u64 batch=$arg4:u64");
	expect(&kernel_6_18, RECORD_FPROBE, "commit", "free_frozen_page_commit",
		"",
		"f:k/commit free_frozen_page_commit "
		"zone=+0(+184($arg1)):string pcp=$arg2:x64 page=$arg3:x64 "
		"mt=$arg4:s32 order=$arg5:u32 fpi=$arg6:x32 "
		"count=+4($arg2):s32 high=+8($arg2):s32 flags=+24($arg2):u8 "
		"af=+25($arg2):u8 fc=+28($arg2):s16 zflags=+1272($arg1):x64");
	/* Without what the reader needs addresses for. */
	hashed = true;
	expect(&kernel_6_18, RECORD_FPROBE, "commit", "free_frozen_page_commit",
		"",
		"f:k/commit free_frozen_page_commit "
		"zone=+0(+184($arg1)):string pcp=$arg2:x64 page=$arg3:x64 "
		"mt=$arg4:s32 order=$arg5:u32 count=+4($arg2):s32 "
		"high=+8($arg2):s32 flags=+24($arg2):u8 af=+25($arg2):u8 "
		"fc=+28($arg2):s16 zflags=+1272($arg1):x64");
	hashed = false;
}

static void results(void **state)
{
	(void)state;
	expect(&kernel_6_1, RECORD_KPROBE, "refill_ret", "rmqueue_bulk", "",
		"r10:k/refill_ret rmqueue_bulk got=$retval:s32");
	expect(&kernel_6_18, RECORD_FPROBE, "bulk_alloc_ret",
		"alloc_pages_bulk_noprof", "",
		"f:k/bulk_alloc_ret alloc_pages_bulk_noprof%return "
		"got=$retval:u64");
	/* int in 6.12, bool in 6.18: of a bool only the low byte counts. */
	expect(&kernel_6_12, RECORD_FPROBE, "decay_ret", "decay_pcp_high", "",
		"f:k/decay_ret decay_pcp_high%return todo=$retval:s32");
	expect(&kernel_6_18, RECORD_FPROBE, "decay_ret", "decay_pcp_high", "",
		"f:k/decay_ret decay_pcp_high%return todo=$retval:u8");
}

static void changed_functions(void **state)
{
	(void)state;
	/* Arguments that are constant are the last ones, and not needed. */
	expect(&kernel_6_12, RECORD_KPROBE, "free_one", "free_one_page",
		".constprop.0",
		"p:k/free_one free_one_page.constprop.0 page=$arg2:x64 "
		"pfn=$arg3:x64 order=$arg4:x32");
	expect(&kernel_6_12, RECORD_KPROBE, "free_one", "free_one_page", "",
		"p:k/free_one free_one_page page=$arg2:x64 pfn=$arg3:x64 "
		"order=$arg4:x32 fpi=$arg5:x32");
	/* 6.1 does not describe it: the table's places. */
	expect(&kernel_6_1, RECORD_KPROBE, "free_one", "free_one_page",
		".constprop.0",
		"p:k/free_one free_one_page.constprop.0 page=$arg2:x64 "
		"pfn=$arg3:x64 order=$arg4:x32");
	/* Where arguments are not known: without them, if it may be. */
	expect(&kernel_6_18, RECORD_KPROBE, "drain_all", "__drain_all_pages",
		".part.0", "p:k/drain_all __drain_all_pages.part.0");
	assert_int_equal(make(&kernel_6_1, RECORD_KPROBE, "free_bulk",
				 "free_pcppages_bulk", ".isra.0"),
		-ENOENT);
	assert_string_equal(missing, "n");
}

static void not_described(void **state)
{
	(void)state;
	assert_int_equal(
		make(&kernel_5_10, RECORD_KPROBE, "refill", "rmqueue_bulk", ""),
		-ENOENT);
	assert_string_equal(missing, "order");
	assert_int_equal(make(&kernel_5_10, RECORD_KPROBE, "refill_ret",
				 "rmqueue_bulk", ""),
		-ENOENT);
	assert_string_equal(missing, "got");
}

/* Whether a struct can be read at all: names, arrays, structs inside. */
static void members(void **state)
{
	struct btf *btf = btf__new_empty();
	struct record_value value;
	int number, array, inner;

	(void)state;
	number = test_type(btf, "int");
	array = test_type(btf, "array");
	inner = btf__add_struct(btf, NULL, 8);
	btf__add_field(btf, "first", number, 0, 0);
	btf__add_field(btf, "second", number, 32, 0);
	btf__add_struct(btf, "outer", 64);
	btf__add_field(btf, "bits", number, 0, 3);
	btf__add_field(btf, NULL, inner, 128, 0);
	btf__add_field(btf, "list", array, 192, 0);
	assert_int_equal(
		record_layout_member(btf, "outer", "second", &value), 0);
	assert_int_equal(value.place, 20);
	assert_int_equal(value.bytes, 4);
	assert_true(value.is_signed);
	assert_int_equal(
		record_layout_member(btf, "outer", "bits", &value), -EINVAL);
	assert_int_equal(
		record_layout_member(btf, "outer", "list", &value), -EINVAL);
	assert_int_equal(
		record_layout_member(btf, "outer", "third", &value), -ENOENT);
	assert_int_equal(
		record_layout_member(btf, "other", "first", &value), -ENOENT);
	btf__free(btf);
}

/* A text that does not fit is no text. */
static void too_long(void **state)
{
	struct record_symbol symbol = {
		.kind = RECORD_SYMBOL_WHOLE, .name = "free_pcppages_bulk"};
	struct btf *btf = test_btf(&kernel_6_1);
	char small[200];

	(void)state;
	assert_int_equal(
		record_probe_text(probe_named("free_bulk"),
			&(struct record_target){btf, "k", RECORD_KPROBE, false},
			symbol.name, &symbol, small, sizeof(small), &missing),
		-E2BIG);
	btf__free(btf);
}

/* Every probe names what is lost, and has at most as much as the table holds. */
static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < record_nr_probes; i++) {
		const struct record_probe *probe = &record_probes[i];

		assert_non_null(probe->functions[0]);
		assert_non_null(probe->lost);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(
				probe->event, record_probes[j].event);
		for (int f = 0; f < RECORD_FIELDS_MAX && probe->fields[f].name;
			f++)
			assert_int_equal(probe->at_return,
				probe->fields[f].source == RECORD_RESULT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(free_bulk),
		cmocka_unit_test(arguments),
		cmocka_unit_test(results),
		cmocka_unit_test(changed_functions),
		cmocka_unit_test(not_described),
		cmocka_unit_test(members),
		cmocka_unit_test(too_long),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests_name(
		"record_probe_text", tests, NULL, NULL);
}
