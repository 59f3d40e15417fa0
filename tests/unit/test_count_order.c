/* SPDX-License-Identifier: MIT */
/*
 * Are freed pages counted before they are on a list, or after? The test looks
 * during the counter's update, when another CPU may check watermarks.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 65536
#define LOOKS_MAX 16
#define PCP_ORDER 0
#define BUDDY_ORDER 5 /* none of the per-CPU lists has it */

/* Free pages on the lists at each update of a counter. */
struct looks {
	struct pcpmm_machine *machine;
	uint64_t free[LOOKS_MAX];
	unsigned int nr;
};

static uint64_t listed(struct pcpmm_machine *machine)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	return truth.free;
}

static int64_t counted(struct pcpmm_machine *machine)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	return truth.snapshot;
}

static void look(struct pcpmm_cpu *cpu, void *arg)
{
	struct looks *looks = arg;

	(void)cpu;
	assert_in_range(looks->nr, 0, LOOKS_MAX - 1);
	looks->free[looks->nr++] = listed(looks->machine);
}

static struct pcpmm_machine *create(enum pcpmm_count_order count_order)
{
	const struct pcpmm_node_config node = {
		.zones[NORMAL] = {1024, PAGES, PAGES, PAGES}};
	struct pcpmm_config config = config_of(&node, 1, 1);

	config.allow_unsound = true;
	config.count_order = count_order;
	return create_or_fail(&config);
}

static void open_window(struct pcpmm_machine *machine, struct looks *looks)
{
	*looks = (struct looks){.machine = machine};
	assert_int_equal(pcpmm_vmstat_window_set(machine, look, looks), 0);
}

static void close_window(struct pcpmm_machine *machine)
{
	assert_int_equal(pcpmm_vmstat_window_set(machine, NULL, NULL), 0);
}

/* A block that goes straight to the buddy. */
static void test_one_block(void **state)
{
	enum pcpmm_count_order count_order = *(enum pcpmm_count_order *)*state;
	struct pcpmm_machine *machine = create(count_order);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, BUDDY_ORDER);
	struct looks looks;

	assert_non_null(page);
	assert_int_equal(listed(machine), PAGES - (1 << BUDDY_ORDER));
	open_window(machine, &looks);
	assert_int_equal(pcpmm_free_pages(cpu, page, BUDDY_ORDER), 0);
	close_window(machine);
	assert_int_equal(looks.nr, 1);
	assert_int_equal(looks.free[0], count_order == PCPMM_COUNT_AFTER_LISTS
						? PAGES
						: PAGES - (1 << BUDDY_ORDER));
	assert_int_equal(counted(machine), PAGES);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A drained list: each page is counted separately. */
static void test_a_drained_list(void **state)
{
	enum pcpmm_count_order count_order = *(enum pcpmm_count_order *)*state;
	unsigned int early = count_order == PCPMM_COUNT_AFTER_LISTS;
	struct pcpmm_machine *machine = create(count_order);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page[LOOKS_MAX];
	struct looks looks;
	uint64_t before;

	for (unsigned int i = 0; i < LOOKS_MAX; i++) {
		page[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, PCP_ORDER);
		assert_non_null(page[i]);
	}
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 0), 0);
	for (unsigned int i = 0; i < LOOKS_MAX; i++)
		assert_int_equal(pcpmm_free_pages(cpu, page[i], PCP_ORDER), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, LOOKS_MAX);
	before = listed(machine);
	open_window(machine, &looks);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 0), 0);
	close_window(machine);
	assert_int_equal(looks.nr, LOOKS_MAX);
	for (unsigned int i = 0; i < LOOKS_MAX; i++)
		assert_int_equal(looks.free[i], before + i + early);
	assert_int_equal(counted(machine), PAGES);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	static enum pcpmm_count_order before = PCPMM_COUNT_BEFORE_LISTS,
				      after = PCPMM_COUNT_AFTER_LISTS;
	const struct CMUnitTest tests[] = {
		{"test_one_block before", test_one_block, NULL, NULL, &before},
		{"test_one_block after", test_one_block, NULL, NULL, &after},
		{"test_a_drained_list before", test_a_drained_list, NULL, NULL,
			&before},
		{"test_a_drained_list after", test_a_drained_list, NULL, NULL,
			&after},
	};

	return cmocka_run_group_tests_name("count_order", tests, NULL, NULL);
}
