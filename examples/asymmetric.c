/* SPDX-License-Identifier: MIT */
/*
 * A drain strategy that is not part of the library: the machine is created
 * with asymmetric_lock.c, CPU 1 allocates and frees, and CPU 0 drains CPU 1's
 * list meanwhile.
 *
 *     cc asymmetric.c asymmetric_lock.c \
 *         $(pkg-config --cflags --libs libpcpmm) -o asymmetric
 */
#include <pcpmm/pcpmm.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "asymmetric_lock.h"

#define DRAINS 200

static atomic_bool stop;
static atomic_ulong pairs;

static void work(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		if (page)
			pcpmm_free_pages(cpu, page, 0);
		atomic_fetch_add_explicit(&pairs, 1, memory_order_relaxed);
	}
}

static struct pcpmm_machine *create(void)
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}},
	};
	struct pcpmm_config config;
	struct pcpmm_error error;
	struct pcpmm_machine *machine;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nr_cpus = 2;
	config.nr_nodes = 1;
	config.nodes = &node;
	config.drain = PCPMM_DRAIN_EXTERNAL;
	config.strategy = &asymmetric_lock;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		fprintf(stderr, "%s\n", error.text);
	return machine;
}

/* After each drain the other CPU has time to fill its list again. */
static int drain_often(struct pcpmm_cpu *cpu)
{
	const struct timespec pause = {.tv_nsec = 100000};
	int failed = 0;

	for (int i = 0; i < DRAINS; i++) {
		failed |= pcpmm_drain_all_pages(
			cpu, 0, PCPMM_DRAIN_ALL_ZONES, true);
		nanosleep(&pause, NULL);
	}
	return failed;
}

static void report(struct pcpmm_machine *machine)
{
	struct pcpmm_drain_stats stats;
	struct pcpmm_noise noise;

	pcpmm_drain_stats_read(machine, &stats);
	pcpmm_noise_read(pcpmm_cpu_get(machine, 1), &noise);
	printf("drained by %s: %llu drains\n", asymmetric_lock.name,
		(unsigned long long)stats.pcp_global_drain);
	printf("%llu pages came back, meanwhile CPU 1 did %lu pairs\n",
		(unsigned long long)stats.pages, atomic_load(&pairs));
	printf("CPU 1 was interrupted %llu times\n",
		(unsigned long long)(noise.count[PCPMM_NOISE_IPI] +
				     noise.count[PCPMM_NOISE_KWORKER] +
				     noise.count[PCPMM_NOISE_KTHREAD]));
}

int main(void)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu_thread *worker;
	struct pcpmm_error error;
	struct pcpmm_cpu *cpu;
	int failed;

	if (!machine)
		return EXIT_FAILURE;
	worker = pcpmm_cpu_run(machine, 1, -1, work, NULL);
	cpu = pcpmm_cpu_enter(machine, 0);
	if (!worker || !cpu)
		return EXIT_FAILURE;
	failed = drain_often(cpu);
	atomic_store(&stop, true);
	pcpmm_cpu_join(worker);
	pcpmm_cpu_leave(cpu);
	report(machine);
	failed |= pcpmm_validate(machine, &error);
	puts(failed ? error.text : "no page was lost");
	pcpmm_machine_destroy(machine);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
