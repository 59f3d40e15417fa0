/* SPDX-License-Identifier: MIT */
/* Functions in the symbol tables of three kernels, and in made-up ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "record/symbols.h"

static struct record_symbol found;

static void find_in(FILE *file, const char *function)
{
	assert_non_null(file);
	assert_int_equal(record_symbols_find(file, &function, 1, &found), 0);
	fclose(file);
}

/* Of a kernel's excerpt in tests/data. */
static void find(const char *kernel, const char *function)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/data/kallsyms/%s.txt",
		getenv("PCPMM_TESTS"), kernel);
	find_in(fopen(path, "r"), function);
}

static void find_text(const char *text, const char *function)
{
	find_in(fmemopen((void *)(uintptr_t)text, strlen(text), "r"), function);
}

static void expect(enum record_symbol_kind kind, const char *name)
{
	assert_int_equal(found.kind, kind);
	if (kind != RECORD_SYMBOL_NONE)
		assert_string_equal(found.name, name);
}

static void kernels(void **state)
{
	(void)state;
	find("6.1", "free_pcppages_bulk");
	expect(RECORD_SYMBOL_WHOLE, "free_pcppages_bulk");
	find("6.1", "free_one_page");
	expect(RECORD_SYMBOL_CONSTPROP, "free_one_page.constprop.0");
	find("6.1", "rmqueue_bulk");
	expect(RECORD_SYMBOL_WHOLE, "rmqueue_bulk");
	find("6.1", "decay_pcp_high");
	expect(RECORD_SYMBOL_NONE, "");
	/* Inlined: __rmqueue_pcplist is another function. */
	find("6.12", "rmqueue_bulk");
	expect(RECORD_SYMBOL_NONE, "");
	find("6.12", "free_one_page");
	expect(RECORD_SYMBOL_WHOLE, "free_one_page");
	find("6.12", "alloc_pages_bulk_noprof");
	expect(RECORD_SYMBOL_WHOLE, "alloc_pages_bulk_noprof");
	find("6.18", "__drain_all_pages");
	expect(RECORD_SYMBOL_CHANGED, "__drain_all_pages.part.0");
	find("6.18", "free_frozen_page_commit");
	expect(RECORD_SYMBOL_WHOLE, "free_frozen_page_commit");
	/* Whole before a part of it; a name that only begins alike. */
	find("6.18", "drain_all_stock");
	expect(RECORD_SYMBOL_WHOLE, "drain_all_stock");
	find("6.18", "drain_pages");
	expect(RECORD_SYMBOL_NONE, "");
}

static void suffixes(void **state)
{
	(void)state;
	assert_int_equal(record_symbol_suffix(""), RECORD_SYMBOL_WHOLE);
	assert_int_equal(record_symbol_suffix(".llvm.7"), RECORD_SYMBOL_WHOLE);
	assert_int_equal(
		record_symbol_suffix(".constprop.12"), RECORD_SYMBOL_CONSTPROP);
	assert_int_equal(
		record_symbol_suffix(".isra.0"), RECORD_SYMBOL_CHANGED);
	assert_int_equal(record_symbol_suffix(".constprop.0.isra.0"),
		RECORD_SYMBOL_CHANGED);
	assert_int_equal(record_symbol_suffix(".cold"), RECORD_SYMBOL_NONE);
	assert_int_equal(
		record_symbol_suffix(".constprop.0.cold"), RECORD_SYMBOL_NONE);
	assert_int_equal(record_symbol_suffix("_two"), RECORD_SYMBOL_NONE);
	assert_int_equal(record_symbol_suffix(".warm"), RECORD_SYMBOL_NONE);
}

static void odd_tables(void **state)
{
	(void)state;
	/* Two of a name: nobody knows which one is meant. */
	find_text("1 t f\n2 t f\n", "f");
	expect(RECORD_SYMBOL_AMBIGUOUS, "f");
	find_text("1 t f.isra.0\n2 t f.isra.1\n", "f");
	expect(RECORD_SYMBOL_AMBIGUOUS, "f.isra.0");
	/* Ambiguous parts do not matter beside the whole. */
	find_text("1 t f.isra.0\n2 t f.isra.1\n3 T f\n", "f");
	expect(RECORD_SYMBOL_WHOLE, "f");
	find_text("3 T f\n1 t f.isra.0\n", "f");
	expect(RECORD_SYMBOL_WHOLE, "f");
	/* Data, modules, and a user who may not see addresses. */
	find_text("1 d f\n2 t f\t[module]\n", "f");
	expect(RECORD_SYMBOL_NONE, "");
	find_text("0000000000000000 t f\n", "f");
	expect(RECORD_SYMBOL_WHOLE, "f");
	find_text("\n1\n1 t\nx y z\n1 t f", "f");
	expect(RECORD_SYMBOL_WHOLE, "f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels),
		cmocka_unit_test(suffixes),
		cmocka_unit_test(odd_tables),
	};

	return cmocka_run_group_tests_name("record_symbols", tests, NULL, NULL);
}
