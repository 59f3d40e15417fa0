/* SPDX-License-Identifier: MIT */
/*
 * The smallest program that uses the library: allocates one page and frees it.
 * consumer.sh builds it in each of the ways in which another project can.
 */
#include <pcpmm/pcpmm.h>
#include <stdio.h>

int main(void)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 32768, 32768, 32768}},
	};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;
	struct pcpmm_error error;
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;
	int wrong = 1;

	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return 1;
	config.nr_cpus = 1;
	config.nr_nodes = 1;
	config.nodes = &node;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		return 1;
	cpu = pcpmm_cpu_enter(machine, 0);
	page = cpu ? pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0) : NULL;
	if (page)
		wrong = pcpmm_free_pages(cpu, page, 0);
	if (cpu)
		wrong |= pcpmm_cpu_leave(cpu);
	wrong |= pcpmm_validate(machine, &error);
	pcpmm_machine_destroy(machine);
	puts(wrong ? "consumer: something is wrong"
		   : "consumer: a page there and back");
	return wrong;
}
