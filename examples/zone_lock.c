/* SPDX-License-Identifier: MIT */
/*
 * How long a zone's lock is held and waited for, by each way to wait. Two
 * CPUs allocate 65536 pages and free them, first allocated first, so nearly
 * every page passes the zone; then blocks of order 4, which no per-CPU list
 * has, so that each call takes the lock.
 *
 *     cc zone_lock.c $(pkg-config --cflags --libs libpcpmm) -o zone_lock
 */
#include <pcpmm/pcpmm.h>
#include <stdio.h>
#include <stdlib.h>

#define CPUS 2
#define ROUNDS 4
#define NR_PAGES 65536u
#define PAGES 1048576 /* of the zone */

struct work {
	unsigned int order;
	struct pcpmm_page **pages[CPUS]; /* NR_PAGES each */
};

static void many_pages(struct pcpmm_cpu *cpu, struct pcpmm_page **pages)
{
	for (unsigned int i = 0; i < NR_PAGES; i++)
		pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		pcpmm_free_pages(cpu, pages[i], 0);
}

static void one_block(struct pcpmm_cpu *cpu, unsigned int order)
{
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

		pcpmm_free_pages(cpu, page, order);
	}
}

static void work(struct pcpmm_cpu *cpu, void *arg)
{
	const struct work *work = arg;

	for (int i = 0; i < ROUNDS; i++)
		if (work->order)
			one_block(cpu, work->order);
		else
			many_pages(cpu, work->pages[pcpmm_cpu_id(cpu)]);
}

static struct pcpmm_machine *create(unsigned int zone_lock)
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, PAGES, PAGES, PAGES}},
	};
	struct pcpmm_config config;
	struct pcpmm_error error;
	struct pcpmm_machine *machine;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nr_cpus = CPUS;
	config.nr_nodes = 1;
	config.nodes = &node;
	config.zone_lock = (enum pcpmm_zone_lock)zone_lock;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		fprintf(stderr, "%s\n", error.text);
	return machine;
}

static void print_times(const struct pcpmm_histogram *times)
{
	printf(" %8llu %7llu %7llu %9llu", (unsigned long long)times->count,
		(unsigned long long)(times->count ? times->sum / times->count
						  : 0),
		(unsigned long long)pcpmm_histogram_quantile(times, 0.99),
		(unsigned long long)times->max);
}

static void report(
	struct pcpmm_machine *machine, const char *name, unsigned int order)
{
	static struct pcpmm_histogram hold, wait;

	pcpmm_zone_lock_read(machine, 0, PCPMM_ZONE_NORMAL, &hold, &wait);
	printf("%-8s %5u", name, order);
	print_times(&hold);
	print_times(&wait);
	puts("");
}

/* 0: all pages are back. */
static int measure(unsigned int zone_lock, struct work *todo)
{
	struct pcpmm_machine *machine = create(zone_lock);
	struct pcpmm_cpu_thread *threads[CPUS];
	struct pcpmm_error error;
	int failed;

	if (!machine || pcpmm_lock_stat_set(machine, true))
		return -1;
	for (unsigned int i = 0; i < CPUS; i++) {
		threads[i] = pcpmm_cpu_run(machine, i, -1, work, todo);
		if (!threads[i])
			return -1;
	}
	for (unsigned int i = 0; i < CPUS; i++)
		pcpmm_cpu_join(threads[i]);
	report(machine, pcpmm_zone_lock_name(zone_lock), todo->order);
	failed = pcpmm_validate(machine, &error);
	pcpmm_machine_destroy(machine);
	return failed;
}

int main(void)
{
	struct work todo = {.order = 0};
	int failed = 0;

	for (unsigned int i = 0; i < CPUS; i++) {
		todo.pages[i] = calloc(NR_PAGES, sizeof(todo.pages[i][0]));
		if (!todo.pages[i])
			return EXIT_FAILURE;
	}
	puts("times in ns          held    mean     p99       max"
	     "   waited    mean     p99       max");
	for (unsigned int i = 0; !failed && i < 2 * PCPMM_NR_ZONE_LOCKS; i++) {
		todo.order = i % 2 ? 4 : 0;
		failed = measure(i / 2, &todo);
	}
	for (unsigned int i = 0; i < CPUS; i++)
		free(todo.pages[i]);
	puts(failed ? "failed" : "no page was lost");
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
