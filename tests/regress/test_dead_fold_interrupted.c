/* SPDX-License-Identifier: MIT */
/*
 * A fold of a CPU that goes offline, interrupted by a fold on that CPU: the IPI was
 * sent while it was still online. The fold read each diff and then stored 0, so a
 * diff that the interrupt took in between was counted twice.
 *
 * The diffs lie on a page that can only be read, so the interrupt comes exactly at
 * the first instruction that writes one.
 */
#include "support/harness.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu/sched.h"
#include "vmstat/counter.h"
#include "vmstat/diff.h"

#define ITEMS 3
#define ID 1

static struct vmstat stat;
static int64_t value[ITEMS], sums[ITEMS], sums_of_interrupt[ITEMS];
static void *diffs[ID + 1];
static struct cpu cpu;
static size_t page_size;
static volatile sig_atomic_t interrupts;

static void protect(int how)
{
	if (mprotect(diffs[ID], page_size, how))
		abort();
}

static void interrupt(int signal)
{
	(void)signal;
	protect(PROT_READ | PROT_WRITE);
	interrupts++;
	vmstat_fold(&cpu, &stat, sums_of_interrupt);
}

static void begin(unsigned int width)
{
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	diffs[ID] = mmap(NULL, page_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(diffs[ID], MAP_FAILED);
	stat = (struct vmstat){
		.value = value,
		.nr_items = ITEMS,
		.account = PCPMM_ACCOUNT_LOCAL_CMPXCHG,
		.width = (uint8_t)width,
		.diffs = diffs,
	};
	memset(value, 0, sizeof(value));
	memset(sums, 0, sizeof(sums));
	memset(sums_of_interrupt, 0, sizeof(sums_of_interrupt));
	cpu_init(&cpu, ID);
	interrupts = 0;
	vmstat_set_threshold(&stat, ID, 100);
	for (int i = 0; i < ITEMS; i++)
		vmstat_mod(&cpu, &stat, i, 5 + i);
}

static void test_each_diff_once(void **state)
{
	const struct sigaction action = {.sa_handler = interrupt};
	struct sigaction old;

	(void)state;
	for (unsigned int width = 1; width <= 4; width += 3) {
		begin(width);
		assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
		protect(PROT_READ);
		vmstat_fold_remote(ID, &stat, sums);
		assert_int_equal(sigaction(SIGSEGV, &old, NULL), 0);
		assert_int_equal(interrupts, 1);
		for (int i = 0; i < ITEMS; i++) {
			assert_int_equal(value[i], 5 + i);
			assert_int_equal(
				sums[i] + sums_of_interrupt[i], 5 + i);
			assert_int_equal(vmstat_diff(&stat, ID, i), 0);
		}
		munmap(diffs[ID], page_size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_diff_once),
	};

	return cmocka_run_group_tests_name(
		"dead fold interrupted", tests, NULL, NULL);
}
