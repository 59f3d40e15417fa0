/* SPDX-License-Identifier: MIT */
/* Event rings: the recorded events, and their text for other programs. */
#include "support/harness.h"

static const struct shape two_cpus = {
	.cpus = 2,
	.pages = {[PCPMM_ZONE_NORMAL] = 131072},
};

static void test_start_refuses_bad_sizes(void **state)
{
	static const uint32_t bad[] = {0, 8, 15, 100, 1u << 25, UINT32_MAX};
	struct pcpmm_machine *machine = shape_create(&two_cpus);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(bad); i++)
		assert_int_equal(
			pcpmm_trace_start(machine, PCPMM_EVENTS_ALL, bad[i]),
			-EINVAL);
	assert_int_equal(
		pcpmm_trace_start(machine, PCPMM_EVENTS_ALL + 1, 64), -EINVAL);
	assert_int_equal(pcpmm_trace_start(machine, PCPMM_EVENTS_ALL, 16), 0);
	assert_int_equal(pcpmm_trace_start(machine, PCPMM_EVENTS_ALL, 64), 0);
	assert_int_equal(pcpmm_trace_start(machine, 0, 0), 0);
	pcpmm_machine_destroy(machine);
}

static void use(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 1);

	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(cpu, page, 1), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

static void test_full_ring_counts_what_it_drops(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_event events[64];

	(void)state;
	assert_int_equal(
		pcpmm_trace_start(machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC), 16),
		0);
	for (int i = 0; i < 20; i++)
		use(machine, 1);
	assert_int_equal(pcpmm_trace_dropped(machine), 4);
	assert_int_equal(
		pcpmm_trace_read(pcpmm_cpu_get(machine, 0), events, 64), 0);
	assert_int_equal(
		pcpmm_trace_read(pcpmm_cpu_get(machine, 1), events, 64), 16);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(events[i].cpu, 1);
		assert_int_equal(events[i].order, 1);
		assert_int_equal(events[i].gfp, PCPMM_GFP_KERNEL);
		assert_int_equal(events[i].zone_type, PCPMM_ZONE_NORMAL);
	}
	pcpmm_machine_destroy(machine);
}

/* A line has task, CPU, flags, time, name: then fields. */
static void expect_line(const char *line, double *last, unsigned int *cpus)
{
	char task[32], flags[8], name[64];
	unsigned int cpu;
	double time;

	assert_int_equal(sscanf(line, " %31s [%3u] %5s %lf: %63[a-z_]:", task,
				 &cpu, flags, &time, name),
		5);
	assert_in_range(cpu, 0, 1);
	*cpus |= 1u << cpu;
	assert_int_equal(strlen(flags), 5);
	assert_true(time >= *last);
	*last = time;
	assert_int_equal(line[16], '-'); /* %16s-%-7d [%03d] */
	assert_int_equal(line[25], '[');
	if (!strncmp(name, "mm_", 3))
		assert_non_null(strstr(line, " pfn=0x"));
}

static void test_text(void **state)
{
	static const char *const some_of_it[] = {
		"# tracer: nop\n",
		"#P:2\n",
		"mm_page_alloc: page=0x",
		" order=1 migratetype=0 gfp_flags=",
		"mm_page_free: page=0x",
		"mm_page_alloc_zone_locked: page=0x",
		" percpu_refill=1\n",
		"mm_page_alloc_extfrag: page=0x",
		"alloc_order=1 fallback_order=10 pageblock_order=9 "
		"alloc_migratetype=0 fallback_migratetype=1 fragmenting=0 "
		"change_ownership=1\n",
		"pcp_refill: zone=\"Normal\" nid=0 order=1 ",
	};
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	unsigned int cpus = 0, lines = 0;
	double last = 0;
	char *text = NULL;
	size_t size;
	FILE *out;

	(void)state;
	assert_int_equal(pcpmm_trace_start(machine, PCPMM_EVENTS_ALL, 256), 0);
	for (unsigned int i = 0; i < 4; i++)
		use(machine, i % 2);
	out = open_memstream(&text, &size);
	assert_int_equal(pcpmm_trace_print(machine, out), 0);
	fclose(out);
	for (size_t i = 0; i < HARNESS_COUNT(some_of_it); i++)
		if (!strstr(text, some_of_it[i]))
			fail_msg("no '%s' in\n%s", some_of_it[i], text);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (*line != '#') {
			expect_line(line, &last, &cpus);
			lines++;
		}
	assert_true(lines > 10);
	assert_int_equal(cpus, 3);
	free(text);
	/* Printing removes the events. */
	out = open_memstream(&text, &size);
	assert_int_equal(pcpmm_trace_print(machine, out), 0);
	fclose(out);
	assert_null(strstr(text, "mm_page"));
	free(text);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_refuses_bad_sizes),
		cmocka_unit_test(test_full_ring_counts_what_it_drops),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
