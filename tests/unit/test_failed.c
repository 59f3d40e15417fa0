/* SPDX-License-Identifier: MIT */
/* Who is told about a request that fails: which failures, how often, and how. */
#include "support/pressure.h"

#include <pthread.h>

#define HOUR_MS 3600000

static struct scene {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct hoard hoard;
	/* What was told. */
	unsigned int told;
	struct pcpmm_alloc_failure last;
	struct pcpmm_cpu *by;
} scene;

static void remember(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg)
{
	assert_ptr_equal(arg, &scene);
	scene.told++;
	scene.last = *failure;
	scene.by = cpu;
}

static void tell(
	pcpmm_alloc_failed_fn *fn, unsigned int burst, unsigned int interval_ms)
{
	assert_int_equal(pcpmm_alloc_failed_set(
				 scene.machine, fn, &scene, burst, interval_ms),
		0);
}

/* A machine of which no page is left for GFP_KERNEL. */
static void begin(unsigned int cpus)
{
	scene.machine = pressure_create(cpus);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	scene.hoard.nr = 0;
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_KERNEL);
	scene.told = 0;
	tell(remember, 1, 0);
}

static void end(void)
{
	hoard_end(&scene.hoard, scene.cpu);
	pcpmm_machine_destroy(scene.machine);
}

static void fail_once(uint32_t gfp, unsigned int order)
{
	assert_null(pcpmm_alloc_pages(scene.cpu, gfp, order));
}

/* --- which --------------------------------------------------------------------- */

static void test_each_kind_of_request(void **state)
{
	struct pcpmm_page *pages[4];

	(void)state;
	begin(1);
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 1);
	assert_int_equal(scene.last.gfp, PCPMM_GFP_KERNEL);
	assert_int_equal(scene.last.order, 0);
	assert_int_equal(scene.last.nodemask, 0);
	assert_null(scene.last.comm);
	assert_int_equal(scene.last.suppressed, 0);
	assert_false(scene.last.in_interrupt);
	assert_ptr_equal(scene.by, scene.cpu);
	/* On the lists, above their orders, and as many at once. */
	fail_once(PCPMM_GFP_NOWAIT, 3);
	assert_int_equal(scene.told, 2);
	assert_int_equal(scene.last.order, 3);
	fail_once(PCPMM_GFP_HIGHUSER_MOVABLE, 10);
	assert_int_equal(scene.told, 3);
	assert_int_equal(scene.last.order, 10);
	assert_null(pcpmm_alloc_pages_node(scene.cpu, 0, PCPMM_GFP_NOFS, 1));
	assert_int_equal(scene.told, 4);
	assert_int_equal(
		pcpmm_alloc_pages_bulk(scene.cpu, PCPMM_GFP_NOIO, 4, pages), 0);
	assert_int_equal(scene.told, 5);
	assert_int_equal(scene.last.gfp, PCPMM_GFP_NOIO);
	end();
}

static void test_success_and_misuse_are_silent(void **state)
{
	(void)state;
	begin(1);
	hoard_give(&scene.hoard, scene.cpu, 100);
	pcpmm_drain_local_pages(scene.cpu, 0, PCPMM_DRAIN_ALL_ZONES);
	scene.hoard.page[scene.hoard.nr++] =
		pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_KERNEL, 0);
	assert_non_null(scene.hoard.page[scene.hoard.nr - 1]);
	fail_once(PCPMM_GFP_KERNEL, 11);
	fail_once(PCPMM_GFP_DMA | PCPMM_GFP_DMA32, 0);
	assert_int_equal(scene.told, 0);
	end();
}

static void test_nowarn_is_silent(void **state)
{
	(void)state;
	begin(1);
	tell(remember, 1, HOUR_MS);
	fail_once(PCPMM_GFP_KERNEL | PCPMM___GFP_NOWARN, 0);
	assert_int_equal(scene.told, 0);
	/* It does not use up the limit, either. */
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 1);
	tell(NULL, 0, 0);
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 1);
	end();
}

/* A request for zone DMA fails always if there is none: nobody wants to know. */
static void test_dma_without_the_zone_is_silent(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_DMA] = 2048, [NORMAL] = 8192},
		.boot = PCPMM_BOOT_HELD};

	(void)state;
	begin(1);
	fail_once(PCPMM_GFP_KERNEL | PCPMM_GFP_DMA, 0);
	assert_int_equal(scene.told, 0);
	end();
	scene.machine = shape_create(&shape);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	tell(remember, 1, 0);
	fail_once(PCPMM_GFP_KERNEL | PCPMM_GFP_DMA, 0);
	assert_int_equal(scene.told, 1);
	pcpmm_machine_destroy(scene.machine);
}

/* There is no zone to try, and so no slow path. */
static void test_memoryless_node(void **state)
{
	struct pcpmm_node_config nodes[2] = {{{{0}}}};
	static const unsigned int cpu_node[] = {0, 1};
	struct pcpmm_config config = config_of(nodes, 2, 2);
	const uint32_t here = PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE;
	struct pcpmm_page *page;

	(void)state;
	config.cpu_node = cpu_node;
	nodes[0].zones[NORMAL] =
		(struct pcpmm_zone_config){SHAPE_START_PFN, 8192, 8192, 8192};
	scene.told = 0;
	scene.machine = create_or_fail(&config);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 1);
	tell(remember, 1, 0);
	fail_once(here, 0);
	assert_int_equal(scene.told, 1);
	fail_once(here, 2);
	fail_once(here, 9);
	assert_null(pcpmm_alloc_pages_node(scene.cpu, 1, here, 0));
	assert_int_equal(scene.told, 4);
	assert_int_equal(scene.last.gfp, here);
	page = pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_KERNEL, 0);
	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(scene.cpu, page, 0), 0);
	assert_int_equal(scene.told, 4);
	pcpmm_machine_destroy(scene.machine);
}

/* --- how often ------------------------------------------------------------------- */

static void test_burst_and_suppressed(void **state)
{
	(void)state;
	begin(1);
	tell(remember, 2, HOUR_MS);
	for (int i = 0; i < 7; i++)
		fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 2);
	assert_int_equal(scene.last.suppressed, 0);
	/* A new limit begins with nothing. */
	tell(remember, 1, HOUR_MS);
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 3);
	assert_int_equal(scene.last.suppressed, 0);
	end();
}

/* However slow the host is: the numbers told and left out add up. */
static void test_interval_ends(void **state)
{
	const unsigned int interval_ms = 5;
	uint64_t start, elapsed, failed = 0, left_out = 0;
	unsigned int told = 0;

	(void)state;
	begin(1);
	tell(remember, 1, interval_ms);
	start = now_ms();
	do {
		fail_once(PCPMM_GFP_KERNEL, 0);
		failed++;
		if (scene.told != told) {
			left_out += scene.last.suppressed;
			told = scene.told;
			assert_int_equal(failed, told + left_out);
		}
	} while (scene.told < 4);
	elapsed = now_ms() - start + 2;
	assert_true(told <= 1 + elapsed / interval_ms);
	end();
}

static void test_bad_limit(void **state)
{
	(void)state;
	begin(1);
	assert_int_equal(pcpmm_alloc_failed_set(
				 scene.machine, remember, &scene, 0, HOUR_MS),
		-EINVAL);
	assert_string_equal(pcpmm_last_error(scene.machine),
		"burst 0: 1..1048575 expected");
	assert_int_equal(pcpmm_alloc_failed_set(scene.machine, remember, &scene,
				 PCPMM_ALLOC_FAILED_BURST_MAX + 1, HOUR_MS),
		-EINVAL);
	assert_int_equal(misuse_of(scene.machine).bad_argument, 2);
	/* The old function stays. */
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 1);
	tell(remember, PCPMM_ALLOC_FAILED_BURST_MAX, HOUR_MS);
	end();
}

#define THREADS 4
#define FAILURES 4000
#define BURST 5000

struct failer {
	struct pcpmm_cpu *cpu;
	pthread_t thread;
	unsigned int id, told;
};

static struct failer failers[THREADS];

static void count_for_cpu(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg)
{
	(void)failure, (void)arg;
	failers[pcpmm_cpu_id(cpu)].told++;
}

static void *fail_often(void *arg)
{
	struct failer *failer = arg;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene.machine, failer->id);

	for (int i = 0; cpu && i < FAILURES; i++)
		if (pcpmm_alloc_pages(cpu, PCPMM___GFP_IO, 10))
			return NULL;
	if (cpu)
		pcpmm_cpu_leave(cpu);
	return NULL;
}

/* All CPUs together are told as often as the limit says, not once more. */
static void test_limit_of_many_cpus(void **state)
{
	unsigned int told = 0;

	(void)state;
	begin(THREADS);
	tell(count_for_cpu, BURST, HOUR_MS);
	assert_int_equal(pcpmm_cpu_leave(scene.cpu), 0);
	for (unsigned int i = 0; i < THREADS; i++) {
		failers[i] = (struct failer){.id = i};
		assert_int_equal(pthread_create(&failers[i].thread, NULL,
					 fail_often, &failers[i]),
			0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(failers[i].thread, NULL);
		told += failers[i].told;
	}
	assert_int_equal(told, BURST);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	end();
}

/* --- how ------------------------------------------------------------------------- */

/* The function may call the library: free, allocate, print, and fail itself. */
static void act(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg)
{
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);

	remember(cpu, failure, arg);
	assert_int_equal(pcpmm_alloc_report_print(
				 cpu, failure, PCPMM_REPORT_PRESET, out),
		0);
	fclose(out);
	assert_non_null(strstr(text, "pcpmm: page allocation failure: order:4, "
				     "mode:0xcc0(GFP_KERNEL)"));
	free(text);
	fail_once(PCPMM_GFP_KERNEL, 5);
	hoard_give(&scene.hoard, cpu, 1);
}

static void test_function_may_call_the_library(void **state)
{
	(void)state;
	begin(1);
	tell(act, 1, 0);
	fail_once(PCPMM_GFP_KERNEL, 4);
	assert_int_equal(scene.told, 1);
	assert_int_equal(scene.last.order, 4);
	fail_once(PCPMM_GFP_KERNEL, 4);
	assert_int_equal(scene.told, 2);
	expect_valid(scene.machine);
	end();
}

static void ask_in_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	assert_null(pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, 8));
}

static void test_in_an_interrupt(void **state)
{
	(void)state;
	begin(1);
	assert_int_equal(pcpmm_irq_raise(scene.cpu, ask_in_interrupt, NULL), 0);
	pcpmm_cpu_poll(scene.cpu);
	assert_int_equal(scene.told, 1);
	assert_true(scene.last.in_interrupt);
	assert_int_equal(scene.last.order, 8);
	end();
}

static void print_suppressed(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, void *arg)
{
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);
	struct pcpmm_alloc_failure many = *failure;

	remember(cpu, failure, arg);
	many.suppressed = 12;
	assert_int_equal(
		pcpmm_alloc_report_print(cpu, &many, PCPMM_REPORT_7_3, out), 0);
	assert_int_equal(
		pcpmm_alloc_report_print(cpu, &many, PCPMM_REPORT_2_6_36, out),
		0);
	fclose(out);
	assert_memory_equal(
		text, "warn_alloc: 12 callbacks suppressed\npcpmm: ", 43);
	/* 2.6.36 had the limit of all kernel messages. */
	assert_null(strstr(
		text + 1, "suppressed\npcpmm: page allocation failure."));
	free(text);
}

static void test_suppressed_is_printed(void **state)
{
	(void)state;
	begin(1);
	tell(print_suppressed, 1, 0);
	fail_once(PCPMM_GFP_KERNEL, 0);
	assert_int_equal(scene.told, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_request),
		cmocka_unit_test(test_success_and_misuse_are_silent),
		cmocka_unit_test(test_nowarn_is_silent),
		cmocka_unit_test(test_dma_without_the_zone_is_silent),
		cmocka_unit_test(test_memoryless_node),
		cmocka_unit_test(test_burst_and_suppressed),
		cmocka_unit_test(test_interval_ends),
		cmocka_unit_test(test_bad_limit),
		cmocka_unit_test(test_limit_of_many_cpus),
		cmocka_unit_test(test_function_may_call_the_library),
		cmocka_unit_test(test_in_an_interrupt),
		cmocka_unit_test(test_suppressed_is_printed),
	};

	return cmocka_run_group_tests_name("failed", tests, NULL, NULL);
}
