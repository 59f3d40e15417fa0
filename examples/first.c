/* SPDX-License-Identifier: MIT */
/*
 * First steps: build a machine, allocate a page, see what the per-CPU list did
 * for it, free pages until the list spills, and read counters.
 *
 *     cc first.c $(pkg-config --cflags --libs libpcpmm) -o first
 */
#include <inttypes.h>
#include <pcpmm/pcpmm.h>
#include <stdio.h>
#include <stdlib.h>

#define GIB (1UL << 30)
#define PAGES_MAX 16384

/*
 * A machine of one node with 4 CPUs and 8 GiB, as a PC lays it out: the first
 * 4 GiB are zone DMA32, the rest is zone Normal. Unit: pages of 4 KiB. Frame
 * numbers begin at 1.
 */
static struct pcpmm_machine *build(void)
{
	const uint64_t gib = GIB / PCPMM_PAGE_SIZE;
	const struct pcpmm_node_config node = {
		.zones =
			{
				/* start, spanned, present, managed */
				[PCPMM_ZONE_DMA32] = {4096, 4 * gib - 4096,
					4 * gib - 4096, 4 * gib - 4096},
				[PCPMM_ZONE_NORMAL] = {4 * gib, 4 * gib,
					4 * gib, 4 * gib},
			},
	};
	struct pcpmm_config config;
	struct pcpmm_error error;
	struct pcpmm_machine *machine;

	/* A preset chooses the designs: here those of Linux 6.1. */
	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return NULL;
	config.nr_cpus = 4;
	config.nr_nodes = 1;
	config.nodes = &node;

	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		fprintf(stderr, "no machine: %s\n", error.text);
	return machine;
}

static void show_list(struct pcpmm_cpu *cpu, const char *when)
{
	struct pcpmm_pcp_info list;

	pcpmm_pcp_read(cpu, 0, PCPMM_ZONE_NORMAL, &list);
	printf("%-28s %5d pages on CPU %u's list (batch %d, high %d)\n", when,
		list.count, pcpmm_cpu_id(cpu), list.batch, list.high);
}

/* Print the events that the CPU recorded; reading an event removes it. */
static void show_events(struct pcpmm_cpu *cpu)
{
	struct pcpmm_event event;

	while (pcpmm_trace_read(cpu, &event, 1)) {
		if (event.kind == PCPMM_EVENT_PCP_REFILL)
			printf("  refill: asked the zone for %d blocks of "
			       "order %d, got %d\n",
				event.n, event.order, event.got);
		if (event.kind == PCPMM_EVENT_PCP_FREE_BULK)
			printf("  spill: %d of %d pages went back to the "
			       "zone\n",
				event.got, event.count);
	}
}

static void show_counter(struct pcpmm_machine *machine, const char *name)
{
	uint64_t value;

	if (!pcpmm_vmstat_read(machine, name, &value))
		printf("  %-14s %" PRIu64 "\n", name, value);
}

/* 0; not 0: out of memory, or a free failed. */
static int work(struct pcpmm_cpu *cpu)
{
	static struct pcpmm_page *pages[PAGES_MAX];
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	int wrong = 0;

	show_list(cpu, "at the start:");

	/* The list is empty: one page costs a refill of a whole batch. */
	pages[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	if (!pages[0])
		return -1;
	printf("got page frame %" PRIu64 "\n",
		pcpmm_page_to_pfn(machine, pages[0]));
	show_events(cpu);
	show_list(cpu, "after one allocation:");

	/* Many refills; read and ignore their events. */
	for (int i = 1; i < PAGES_MAX; i++) {
		pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (!pages[i])
			return -1;
	}
	while (pcpmm_trace_read(cpu, &(struct pcpmm_event){0}, 1))
		continue;

	/* Freed pages stay on the list up to high; above that it spills. */
	for (int i = 0; i < PAGES_MAX; i++)
		wrong |= pcpmm_free_pages(cpu, pages[i], 0);
	printf("freed %d pages\n", PAGES_MAX);
	show_events(cpu);
	show_list(cpu, "after the frees:");

	/* A double free is refused and counted, and changes nothing. */
	if (pcpmm_free_pages(cpu, pages[0], 0))
		printf("refused: %s\n", pcpmm_last_error(machine));
	return wrong;
}

int main(void)
{
	struct pcpmm_machine *machine = build();
	struct pcpmm_error error = {""};
	struct pcpmm_cpu *cpu;
	int wrong;

	if (!machine)
		return EXIT_FAILURE;

	/* Record refills and spills, 1024 events a CPU. */
	pcpmm_trace_start(machine,
		PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL) |
			PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_FREE_BULK),
		1024);

	/* This thread becomes CPU 0; only then may it allocate as CPU 0. */
	cpu = pcpmm_cpu_enter(machine, 0);
	if (!cpu)
		return EXIT_FAILURE;
	wrong = work(cpu);
	pcpmm_cpu_leave(cpu);

	printf("counters:\n");
	show_counter(machine, "pgalloc_normal");
	show_counter(machine, "pgfree");
	show_counter(machine, "numa_local");
	show_counter(machine, "nr_free_pages");

	/* At rest every page must be accounted for. */
	wrong |= pcpmm_validate(machine, &error);
	printf("%s\n", wrong ? error.text : "no page was lost");
	pcpmm_machine_destroy(machine);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
