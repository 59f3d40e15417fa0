/* SPDX-License-Identifier: MIT */
/* Memory from the host is aligned and zero, and costs nothing until used. */
#include "support/harness.h"

#include "arch/compiler.h"
#include "arch/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#define HUGE_SIZE (2UL << 20)

static int is_zero(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i])
			return 0;
	return 1;
}

static void test_aligned_block_is_zero(void **state)
{
	static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 100000};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(sizes); i++) {
		char *block = memory_alloc_aligned(sizes[i]);

		assert_non_null(block);
		assert_int_equal((uintptr_t)block % CACHE_LINE, 0);
		assert_true(is_zero(block, sizes[i]));
		memset(block, 0xff, sizes[i]);
		free(block);
	}
}

static long resident_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size, resident;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident;
}

static void costs_nothing_until_touched(void *(*map_size)(size_t size))
{
	const size_t size = 64UL << 30;
	long before = resident_pages();
	char *map = map_size(size);

	assert_non_null(map);
	assert_int_equal(map[0] | map[size / 2] | map[size - 1], 0);
	map[size / 2] = 1;
	assert_int_equal(map[size / 2], 1);
	if (!is_slow_run())
		assert_true(resident_pages() - before < 4096);
	memory_unmap(map, size);
	memory_unmap(NULL, size);
}

static void test_lazy_map_costs_nothing_until_touched(void **state)
{
	(void)state;
	costs_nothing_until_touched(memory_map_lazy);
}

static void test_sparse_map_costs_nothing_until_touched(void **state)
{
	(void)state;
	costs_nothing_until_touched(memory_map_sparse);
}

static void test_place_in_a_page(void **state)
{
	static const size_t offsets[] = {0, 64, 0x300, 0xa00, 4096 - 64};

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		for (size_t size = 0; size < 10000; size += 999) {
			void *block;
			unsigned char *at =
				memory_alloc_in_page(offsets[i], size, &block);

			assert_non_null(at);
			assert_int_equal((uintptr_t)at % 4096, offsets[i]);
			for (size_t j = 0; j < size; j++)
				assert_int_equal(at[j]++, 0);
			free(block);
		}
}

static void test_memfd_is_shared(void **state)
{
	char *map, *again;
	int fd = -1;

	(void)state;
	map = memory_map_memfd(8192, &fd);
	assert_non_null(map);
	assert_true(fd >= 0);
	again = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(again != MAP_FAILED);
	strcpy(map + 5000, "seen twice");
	assert_string_equal(again + 5000, "seen twice");
	assert_int_equal(munmap(again, 8192), 0);
	memory_unmap(map, 8192);
	memory_close(fd);
	memory_close(-1);
}

static void test_huge_map_is_aligned(void **state)
{
	const size_t size = 3 * HUGE_SIZE + 4096;
	char *map = memory_map_huge(size);

	(void)state;
	assert_non_null(map);
	assert_int_equal((uintptr_t)map % HUGE_SIZE, 0);
	map[0] = map[size - 1] = 1;
	memory_unmap(map, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned_block_is_zero),
		cmocka_unit_test(test_lazy_map_costs_nothing_until_touched),
		cmocka_unit_test(test_sparse_map_costs_nothing_until_touched),
		cmocka_unit_test(test_place_in_a_page),
		cmocka_unit_test(test_memfd_is_shared),
		cmocka_unit_test(test_huge_map_is_aligned),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
