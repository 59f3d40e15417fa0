/* SPDX-License-Identifier: MIT */
/*
 * Four CPUs as four threads. Each CPU allocates pages and hands all of them to
 * the next CPU, which frees them. So each page ends on another CPU's list than
 * the one it came from.
 *
 *     cc threads.c $(pkg-config --cflags --libs libpcpmm) -o threads
 */
#include <pcpmm/pcpmm.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CPUS 4
#define ROUNDS 2000
#define HANDFUL 256 /* pages handed over at once */

/* The two pipes of one CPU's thread; they carry pointers to pages. */
struct worker {
	int give; /* to the next CPU */
	int take; /* from the CPU before */
	int failed;
};

static void give(struct pcpmm_cpu *cpu, struct worker *worker)
{
	struct pcpmm_page *pages[HANDFUL];

	for (int i = 0; i < HANDFUL; i++) {
		pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		worker->failed |= !pages[i];
	}
	/* Less than PIPE_BUF: written as a whole. */
	if (write(worker->give, pages, sizeof(pages)) != sizeof(pages))
		worker->failed = 1;
}

static void take(struct pcpmm_cpu *cpu, struct worker *worker)
{
	struct pcpmm_page *pages[HANDFUL];

	if (read(worker->take, pages, sizeof(pages)) != sizeof(pages)) {
		worker->failed = 1;
		return;
	}
	for (int i = 0; i < HANDFUL; i++)
		if (pages[i] && pcpmm_free_pages(cpu, pages[i], 0))
			worker->failed = 1;
}

/* Runs in a new thread, which is CPU @cpu until this function returns. */
static void work(struct pcpmm_cpu *cpu, void *arg)
{
	struct worker *worker = arg;

	for (int round = 0; round < ROUNDS; round++) {
		give(cpu, worker);
		take(cpu, worker);
	}
	/* As the tick would: add this CPU's diffs to the zone's counters. */
	pcpmm_vmstat_fold(cpu, 0);
}

static struct pcpmm_machine *build(void)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1048576, 262144, 262144,
				  262144}},
	};
	struct pcpmm_config config;
	struct pcpmm_error error;
	struct pcpmm_machine *machine;

	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return NULL;
	config.nr_cpus = CPUS;
	config.nr_nodes = 1;
	config.nodes = &node;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		fprintf(stderr, "no machine: %s\n", error.text);
	return machine;
}

/* A pipe from each CPU to the next, around the circle. */
static int connect_workers(struct worker *workers)
{
	for (int i = 0; i < CPUS; i++) {
		int ends[2];

		if (pipe(ends))
			return -1;
		workers[(i + 1) % CPUS].take = ends[0];
		workers[i].give = ends[1];
	}
	return 0;
}

/* Number of workers that failed. */
static int run(struct pcpmm_machine *machine)
{
	struct worker workers[CPUS] = {{0}};
	struct pcpmm_cpu_thread *threads[CPUS];
	int failed = 0;

	if (connect_workers(workers)) {
		perror("pipe");
		return CPUS;
	}
	for (int i = 0; i < CPUS; i++) {
		/* -1: the host may run the thread where it likes. */
		threads[i] = pcpmm_cpu_run(machine, i, -1, work, &workers[i]);
		if (!threads[i]) {
			/* Without it its neighbours would wait for ever. */
			perror("pcpmm_cpu_run");
			exit(EXIT_FAILURE);
		}
	}
	for (int i = 0; i < CPUS; i++) {
		pcpmm_cpu_join(threads[i]);
		failed += workers[i].failed;
	}
	return failed;
}

int main(void)
{
	struct pcpmm_machine *machine = build();
	struct pcpmm_error error = {""};
	int failed;

	if (!machine)
		return EXIT_FAILURE;
	failed = run(machine);
	printf("%d pages crossed from CPU to CPU\n", CPUS * ROUNDS * HANDFUL);

	/* The same text as the kernel's file, so your own tools can read it. */
	if (pcpmm_proc_print(machine, "zoneinfo", stdout))
		failed++;
	if (pcpmm_validate(machine, &error)) {
		printf("%s\n", error.text);
		failed++;
	}
	printf("%s\n", failed ? "something went wrong" : "no page was lost");
	pcpmm_machine_destroy(machine);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
