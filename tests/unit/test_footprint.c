/* SPDX-License-Identifier: MIT */
/*
 * Large machines are cheap: 1 TiB in under a second and 100 MiB; memory use
 * grows with the frames that are used.
 */
#include "support/harness.h"

#include <time.h>

/* A slow run is one under valgrind, too, which gives less than 64 GiB at once. */
#define TIB_PAGES (1ULL << ((is_slow_run() ? 38 : 40) - PCPMM_PAGE_SHIFT))
#define RESIDENT_MAX (100ULL << 20)

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t resident_bytes(void)
{
	unsigned long long size, resident;
	FILE *file = fopen("/proc/self/statm", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llu %llu", &size, &resident), 2);
	fclose(file);
	return resident * 4096;
}

static void test_a_tebibyte_is_cheap(void **state)
{
	const struct shape shape = {
		.cpus = 64,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = TIB_PAGES / 2},
	};
	struct pcpmm_footprint footprint;
	uint64_t resident = resident_bytes(), start = now_ns(), created;
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;

	(void)state;
	created = now_ns();
	if (!is_slow_run()) {
		assert_true(created - start < 1000000000);
		assert_true(resident_bytes() - resident < RESIDENT_MAX);
	}
	pcpmm_footprint_read(machine, &footprint);
	assert_int_equal(footprint.frames, TIB_PAGES);
	assert_in_range(footprint.frame_size, 1, 16);
	assert_true(footprint.memmap_reserved >=
		    footprint.frames * footprint.frame_size);
	assert_in_range(footprint.percpu, 1, RESIDENT_MAX);
	/* Pages of both nodes can be allocated, and all come back. */
	cpu = pcpmm_cpu_enter(machine, 63);
	for (unsigned int nid = 0; nid < 2; nid++) {
		page = pcpmm_alloc_pages_node(cpu, nid, PCPMM_GFP_KERNEL, 0);
		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
	expect_all_free(machine);
	if (!is_slow_run())
		assert_true(resident_bytes() - resident < RESIDENT_MAX);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tebibyte_is_cheap),
	};

	return cmocka_run_group_tests_name("footprint", tests, NULL, NULL);
}
