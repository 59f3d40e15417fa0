/* SPDX-License-Identifier: MIT */
/*
 * The rules of the lists against states that real kernels printed before and after a
 * free (tests/data/rules). Nothing is simulated in between, so an error can not hide
 * another one.
 */
#include "support/harness.h"

#include <pcpmm/rules.h>

struct row {
	char kind; /* F: a free; R: then an allocation and its refill */
	struct pcpmm_pcp_state before;
	int count;
	unsigned int zone_flags, order;
	unsigned int refill_order;
	int n; /* pages of a spill; blocks of a refill */
	struct pcpmm_pcp_state after;
};

/* false: no row. */
static bool parse(const char *line, struct row *row)
{
	struct pcpmm_pcp_state *b = &row->before, *a = &row->after;
	int at = 0;

	memset(row, 0, sizeof(*row));
	if (line[0] == '#')
		return false;
	assert_int_equal(
		sscanf(line, "%c %d %d %d %d %d %d %d %u %u %u%n", &row->kind,
			&b->batch, &b->high_min, &b->high_max, &row->count,
			&b->high, &b->free_count, &b->alloc_factor, &b->flags,
			&row->zone_flags, &row->order, &at),
		11);
	line += at;
	if (row->kind == 'R')
		assert_int_equal(sscanf(line, "%u %d %d %d %d",
					 &row->refill_order, &row->n, &a->high,
					 &a->free_count, &a->alloc_factor),
			5);
	else
		assert_int_equal(
			sscanf(line, "%d %d %d %d %u", &row->n, &a->high,
				&a->free_count, &a->alloc_factor, &a->flags),
			5);
	return true;
}

struct seen {
	unsigned int frees, spills, refills;
};

static void expect_refill(enum pcpmm_list_rules rules, const struct row *row,
	struct pcpmm_pcp_state *state, int count)
{
	assert_int_equal(pcpmm_pcp_alloc(rules, state), 0);
	assert_int_equal(pcpmm_pcp_refill(rules, state, count,
				 row->refill_order, row->zone_flags),
		row->n);
}

static void expect_spill(
	enum pcpmm_list_rules rules, const struct row *row, int pages)
{
	int most = rules == PCPMM_LIST_RULES_7_3 ? row->before.batch : pages;

	assert_int_equal(pages < most ? pages : most, row->n);
}

static void check(
	enum pcpmm_list_rules rules, const struct row *row, struct seen *seen)
{
	struct pcpmm_pcp_state state = row->before;
	int count = row->count + (1 << row->order);
	int pages = pcpmm_pcp_free(
		rules, &state, count, row->order, row->zone_flags);

	if (row->kind == 'R') {
		assert_int_equal(pages, 0);
		expect_refill(rules, row, &state, count);
		seen->refills++;
	} else {
		expect_spill(rules, row, pages);
		assert_int_equal(state.flags, row->after.flags);
		seen->spills += pages > 0;
		seen->frees++;
	}
	assert_int_equal(state.high, row->after.high);
	assert_int_equal(state.free_count, row->after.free_count);
	assert_int_equal(state.alloc_factor, row->after.alloc_factor);
}

static struct seen check_file(enum pcpmm_list_rules rules, const char *name)
{
	struct seen seen = {0};
	char path[512], line[256];
	struct row row;
	FILE *in;

	snprintf(path, sizeof(path), "%s/data/rules/%s.txt",
		getenv("PCPMM_TESTS"), name);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		if (parse(line, &row))
			check(rules, &row, &seen);
	fclose(in);
	return seen;
}

static void test_6_18(void **state)
{
	struct seen seen = check_file(PCPMM_LIST_RULES_6_18, "6.18");

	(void)state;
	assert_true(seen.frees >= 400);
}

static void test_7_3(void **state)
{
	struct seen seen = check_file(PCPMM_LIST_RULES_7_3, "7.3");

	(void)state;
	assert_true(seen.frees >= 400);
	assert_true(seen.refills >= 5);
	assert_true(seen.spills >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_6_18),
		cmocka_unit_test(test_7_3),
	};

	return cmocka_run_group_tests_name("rules_recorded", tests, NULL, NULL);
}
