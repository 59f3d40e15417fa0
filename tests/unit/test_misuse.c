/* SPDX-License-Identifier: MIT */
/*
 * Misuse by callers is refused, counted under the right name and reported with
 * a message; no page is lost by it.
 */
#include "support/harness.h"

#include <pthread.h>

#define NORMAL PCPMM_ZONE_NORMAL

struct scene {
	struct pcpmm_machine *machine, *other;
	struct pcpmm_cpu *cpu, *not_mine;
	struct pcpmm_page *held; /* order 2 */
	struct pcpmm_page *listed; /* free, on a list */
	struct pcpmm_page *freed; /* free, in the buddy */
	struct pcpmm_page *foreign; /* the other machine's */
};

/* Each returns 0 if the call was refused. */

static int refused(int ret)
{
	return ret == -EINVAL ? 0 : -1;
}

static int double_free_listed(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->listed, 0));
}
static int double_free_buddy(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->freed, 4));
}
static int double_free_batch(struct scene *s)
{
	return pcpmm_free_pages_batch(s->cpu, &s->listed, 1) - 1;
}
static int order_too_small(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->held, 1));
}
static int order_too_large(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->held, 3));
}
static int order_hostile(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->held, 0xffffffff));
}
static int order_in_batch(struct scene *s)
{
	return pcpmm_free_pages_batch(s->cpu, &s->held, 1) - 1;
}
static int free_null(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, NULL, 0));
}
static int free_null_in_batch(struct scene *s)
{
	struct pcpmm_page *page = NULL;

	return pcpmm_free_pages_batch(s->cpu, &page, 1) - 1;
}
static int free_stack(struct scene *s)
{
	int local = 0;

	return refused(pcpmm_free_pages(
		s->cpu, (struct pcpmm_page *)(void *)&local, 0));
}
static int free_unaligned(struct scene *s)
{
	return refused(pcpmm_free_pages(
		s->cpu, (struct pcpmm_page *)(void *)((char *)s->held + 4), 2));
}
static int free_inside_a_block(struct scene *s)
{
	uint64_t pfn = pcpmm_page_to_pfn(s->machine, s->held);

	return refused(pcpmm_free_pages(
		s->cpu, pcpmm_pfn_to_page(s->machine, pfn + 1), 0));
}
static int free_never_allocated(struct scene *s)
{
	uint64_t last = SHAPE_START_PFN + 65536 - 1024;

	return refused(pcpmm_free_pages(
		s->cpu, pcpmm_pfn_to_page(s->machine, last), 0));
}
static int free_other_machine(struct scene *s)
{
	return refused(pcpmm_free_pages(s->cpu, s->foreign, 0));
}
static int recorded_free_null(struct scene *s)
{
	const struct pcpmm_choice choice = {0};

	return refused(pcpmm_recorded_free(s->cpu, NULL, 0, &choice));
}
static int split_a_foreign_page(struct scene *s)
{
	return refused(pcpmm_split_pages(s->cpu, s->foreign, 0, 0));
}
static int alloc_order_11(struct scene *s)
{
	return pcpmm_alloc_pages(s->cpu, PCPMM_GFP_KERNEL, 11) != NULL;
}
static int alloc_order_hostile(struct scene *s)
{
	return pcpmm_alloc_pages(s->cpu, PCPMM_GFP_KERNEL, 0xffffffff) != NULL;
}
static int gfp_two_types(struct scene *s)
{
	return pcpmm_alloc_pages(s->cpu,
		       PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE,
		       0) != NULL;
}
static int gfp_two_zones(struct scene *s)
{
	return pcpmm_alloc_pages(
		       s->cpu, PCPMM___GFP_DMA | PCPMM___GFP_DMA32, 0) != NULL;
}
static int gfp_everything(struct scene *s)
{
	return pcpmm_alloc_pages(s->cpu, 0xffffffff, 0) != NULL;
}
static int bulk_gfp_two_types(struct scene *s)
{
	struct pcpmm_page *pages[2];

	return (int)pcpmm_alloc_pages_bulk(s->cpu,
		PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE, 2, pages);
}
static int no_such_node(struct scene *s)
{
	return pcpmm_alloc_pages_node(s->cpu, 7, PCPMM_GFP_KERNEL, 0) != NULL;
}
static int recorded_no_such_zone(struct scene *s)
{
	const struct pcpmm_choice choice = {.zone_type = PCPMM_ZONE_DMA};

	return pcpmm_recorded_alloc(s->cpu, &choice, PCPMM_GFP_KERNEL, 0) !=
	       NULL;
}

/* By this thread, on a CPU that it has not entered. */
static int thread_allocs(struct scene *s)
{
	return pcpmm_alloc_pages(s->not_mine, PCPMM_GFP_KERNEL, 0) != NULL;
}
static int thread_bulk(struct scene *s)
{
	struct pcpmm_page *pages[2];

	return (int)pcpmm_alloc_pages_bulk(
		s->not_mine, PCPMM_GFP_KERNEL, 2, pages);
}
static int thread_frees(struct scene *s)
{
	return pcpmm_free_pages(s->not_mine, s->held, 2) != -EPERM;
}
static int thread_batch(struct scene *s)
{
	return pcpmm_free_pages_batch(s->not_mine, &s->held, 1) != 1;
}
static int thread_splits(struct scene *s)
{
	return pcpmm_split_pages(s->not_mine, s->held, 2, 0) != -EPERM;
}
static int thread_folds(struct scene *s)
{
	return pcpmm_vmstat_fold(s->not_mine, 1) != -EPERM;
}
static int thread_masks(struct scene *s)
{
	return pcpmm_irq_disable(s->not_mine) != -EPERM;
}

#define COUNTER(name) offsetof(struct pcpmm_misuse, name)

static const struct {
	const char *name;
	int (*call)(struct scene *);
	size_t counter;
} cases[] = {
	{"double free, on a list", double_free_listed, COUNTER(double_free)},
	{"double free, in the buddy", double_free_buddy, COUNTER(double_free)},
	{"double free, batched", double_free_batch, COUNTER(double_free)},
	{"order too small", order_too_small, COUNTER(wrong_order)},
	{"order too large", order_too_large, COUNTER(wrong_order)},
	{"order beyond all", order_hostile, COUNTER(wrong_order)},
	{"large block in a batch", order_in_batch, COUNTER(wrong_order)},
	{"NULL", free_null, COUNTER(foreign_page)},
	{"NULL in a batch", free_null_in_batch, COUNTER(foreign_page)},
	{"not a page", free_stack, COUNTER(foreign_page)},
	{"between pages", free_unaligned, COUNTER(foreign_page)},
	{"inside a block", free_inside_a_block, COUNTER(foreign_page)},
	{"another machine's", free_other_machine, COUNTER(foreign_page)},
	{"recorded NULL", recorded_free_null, COUNTER(foreign_page)},
	{"split of a foreign page", split_a_foreign_page,
		COUNTER(foreign_page)},
	{"order 11", alloc_order_11, COUNTER(bad_argument)},
	{"order 2^32 - 1", alloc_order_hostile, COUNTER(bad_argument)},
	{"gfp with two types", gfp_two_types, COUNTER(bad_argument)},
	{"gfp with two zones", gfp_two_zones, COUNTER(bad_argument)},
	{"gfp with everything", gfp_everything, COUNTER(bad_argument)},
	{"bulk with two types", bulk_gfp_two_types, COUNTER(bad_argument)},
	{"no such node", no_such_node, COUNTER(bad_argument)},
	{"recorded, no such zone", recorded_no_such_zone,
		COUNTER(bad_argument)},
	{"thread allocates", thread_allocs, COUNTER(wrong_thread)},
	{"thread allocates in bulk", thread_bulk, COUNTER(wrong_thread)},
	{"thread frees", thread_frees, COUNTER(wrong_thread)},
	{"thread frees a batch", thread_batch, COUNTER(wrong_thread)},
	{"thread splits", thread_splits, COUNTER(wrong_thread)},
	{"thread folds", thread_folds, COUNTER(wrong_thread)},
	{"thread masks interrupts", thread_masks, COUNTER(wrong_thread)},
};

static void scene_init(struct scene *s)
{
	const struct shape shape = {
		.cpus = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = 65536},
	};
	struct pcpmm_cpu *cpu;

	s->machine = shape_create(&shape);
	s->other = shape_create(&shape);
	s->cpu = pcpmm_cpu_enter(s->machine, 0);
	s->not_mine = pcpmm_cpu_get(s->machine, 1);
	s->held = pcpmm_alloc_pages(s->cpu, PCPMM_GFP_KERNEL, 2);
	s->listed = pcpmm_alloc_pages(s->cpu, PCPMM_GFP_KERNEL, 0);
	s->freed = pcpmm_alloc_pages(s->cpu, PCPMM_GFP_KERNEL, 4);
	assert_int_equal(pcpmm_free_pages(s->cpu, s->listed, 0), 0);
	assert_int_equal(pcpmm_free_pages(s->cpu, s->freed, 4), 0);
	cpu = pcpmm_cpu_enter(s->other, 0);
	s->foreign = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_non_null(s->foreign);
}

static void scene_fini(struct scene *s)
{
	assert_int_equal(pcpmm_free_pages(s->cpu, s->held, 2), 0);
	expect_all_free(s->machine);
	expect_valid(s->other);
	pcpmm_machine_destroy(s->machine);
	pcpmm_machine_destroy(s->other);
}

static uint64_t sum(const struct pcpmm_misuse *misuse)
{
	return misuse->double_free + misuse->wrong_order +
	       misuse->foreign_page + misuse->wrong_thread +
	       misuse->bad_argument;
}

static void test_refused_counted_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_misuse misuse;
		struct scene s;
		uint64_t counted;

		scene_init(&s);
		if (cases[i].call(&s))
			fail_msg("%s: not refused", cases[i].name);
		pcpmm_misuse_read(s.machine, &misuse);
		memcpy(&counted, (char *)&misuse + cases[i].counter,
			sizeof(counted));
		if (counted != 1 || sum(&misuse) != 1)
			fail_msg("%s: not counted as what it is: %s",
				cases[i].name, pcpmm_last_error(s.machine));
		if (!*pcpmm_last_error(s.machine))
			fail_msg("%s: no words", cases[i].name);
		assert_string_equal(pcpmm_last_error(s.other), "");
		assert_int_equal(pages_held(s.machine, 0, NORMAL), 4);
		scene_fini(&s);
	}
}

/* Refused in any case; the frame's state decides under which name. */
static void test_never_allocated(void **state)
{
	struct pcpmm_misuse misuse;
	struct scene s;

	(void)state;
	scene_init(&s);
	assert_int_equal(free_never_allocated(&s), 0);
	pcpmm_misuse_read(s.machine, &misuse);
	assert_int_equal(sum(&misuse), 1);
	scene_fini(&s);
}

static void *from_a_thread(void *arg)
{
	struct scene *s = arg;

	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		if (cases[i].counter == COUNTER(wrong_thread))
			assert_int_equal(cases[i].call(s), 0);
	return NULL;
}

/* Another thread has entered the CPU. */
static void test_another_threads_cpu(void **state)
{
	struct pcpmm_misuse misuse;
	struct scene s;
	pthread_t thread;

	(void)state;
	scene_init(&s);
	s.not_mine = s.cpu;
	assert_int_equal(pthread_create(&thread, NULL, from_a_thread, &s), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pcpmm_misuse_read(s.machine, &misuse);
	assert_int_equal(misuse.wrong_thread, 7);
	assert_int_equal(sum(&misuse), 7);
	scene_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_counted_told),
		cmocka_unit_test(test_never_allocated),
		cmocka_unit_test(test_another_threads_cpu),
	};

	return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
