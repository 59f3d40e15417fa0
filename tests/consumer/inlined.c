/* SPDX-License-Identifier: MIT */
/*
 * A program that has the hot paths inlined: compiled with PCPMM_INLINE_GUARD=irqoff,
 * linked by link-time optimization. It runs on a machine with that guard, and on one
 * with another.
 */
#include <pcpmm/pcpmm.h>
#include <stdio.h>

#define PAIRS 10000

/* lto.sh looks for calls in it. */
__attribute__((flatten, noinline)) static int pairs(struct pcpmm_cpu *cpu)
{
	for (int i = 0; i < PAIRS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		if (!page || pcpmm_free_pages(cpu, page, 0))
			return 1;
	}
	return 0;
}

/* 0: all went well, and the counts are right. */
static int run(enum pcpmm_drain drain)
{
	struct pcpmm_node_config node = {0};
	struct pcpmm_config config;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	uint64_t allocs, frees;
	int ret;

	node.zones[PCPMM_ZONE_NORMAL] =
		(struct pcpmm_zone_config){1024, 8192, 8192, 8192};
	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return 1;
	config.nodes = &node;
	config.nr_nodes = config.nr_cpus = 1;
	config.drain = drain;
	machine = pcpmm_machine_create(&config, NULL);
	if (!machine)
		return 1;
	cpu = pcpmm_cpu_enter(machine, 0);
	ret = pairs(cpu) ||
	      pcpmm_vmstat_read(machine, "pgalloc_normal", &allocs) ||
	      pcpmm_vmstat_read(machine, "pgfree", &frees) || allocs != PAIRS ||
	      frees != PAIRS ||
	      pcpmm_free_pages(cpu, (struct pcpmm_page *)cpu, 0) == 0;
	pcpmm_cpu_leave(cpu);
	ret = ret || pcpmm_validate(machine, NULL);
	pcpmm_machine_destroy(machine);
	return ret;
}

int main(void)
{
	int ret = run(PCPMM_DRAIN_IPI_ALL) || run(PCPMM_DRAIN_PCP_LOCK);

	puts(ret ? "wrong" : "right");
	return ret;
}
