/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagetypeinfo was printed as one page for the machine; the kernel prints
 * one for each node that has memory, with headings, and none for a node that
 * has only CPUs.
 */
#include "support/harness.h"

static unsigned int count_of(const char *text, const char *what)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, what)); text++)
		nr++;
	return nr;
}

static void test_a_page_for_each_node_with_memory(void **state)
{
	struct pcpmm_node_config nodes[3] = {0};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;
	char *text = NULL;
	size_t size;
	FILE *out;

	(void)state;
	nodes[0].zones[PCPMM_ZONE_NORMAL] =
		(struct pcpmm_zone_config){1024, 8192, 8192, 8192};
	nodes[2].zones[PCPMM_ZONE_NORMAL] =
		(struct pcpmm_zone_config){16384, 8192, 8192, 8192};
	config = config_of(nodes, 3, 3);
	machine = create_or_fail(&config);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, "pagetypeinfo", out), 0);
	fclose(out);
	assert_int_equal(count_of(text, "Page block order: 9\n"), 2);
	assert_int_equal(count_of(text, "\nNumber of blocks type "), 2);
	assert_int_equal(count_of(text, "Node    0, "), 5);
	assert_int_equal(count_of(text, "Node    1, "), 0);
	assert_int_equal(count_of(text, "Node    2, "), 5);
	/* The second page begins after the end of the first. */
	assert_true(strstr(text, "\nNode 0, ") <
		    strstr(text, "\nPage block order: 9\n"));
	free(text);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_for_each_node_with_memory),
	};

	return cmocka_run_group_tests_name(
		"pagetypeinfo_nodes", tests, NULL, NULL);
}
