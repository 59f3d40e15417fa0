/* SPDX-License-Identifier: MIT */
/* The machine that is measured, and the check that it lost no page. */
#include <stdio.h>

#include "bench.h"

bool bench_config(struct pcpmm_config *config)
{
	static const struct pcpmm_node_config node = {
		.zones =
			{
				[PCPMM_ZONE_DMA] = {1, 4095, 3998, 3840},
				[PCPMM_ZONE_DMA32] = {4096, 1044480, 782336,
					765952},
				[PCPMM_ZONE_NORMAL] = {1048576, 1310720,
					1310720, 1286144},
			},
	};

	if (pcpmm_config_init(
		    config, sizeof(*config), PCPMM_PRESET_LINUX_6_1)) {
		fprintf(stderr, "pcpmm-bench: no preset linux-6.1\n");
		return false;
	}
	config->nr_cpus = CPUS_MAX;
	config->nr_nodes = 1;
	config->nodes = &node;
	return true;
}

struct pcpmm_machine *bench_create(const struct pcpmm_config *config)
{
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine = pcpmm_machine_create(config, &error);

	if (!machine)
		fprintf(stderr, "pcpmm-bench: %s\n", error.text);
	return machine;
}

struct pcpmm_machine *bench_machine(enum pcpmm_drain drain, enum pcpmm_rcu rcu,
	const struct pcpmm_strategy *external)
{
	struct pcpmm_config config;

	if (!bench_config(&config))
		return NULL;
	config.drain = drain;
	config.rcu = rcu;
	config.strategy = external;
	return bench_create(&config);
}

bool bench_nothing_lost(struct pcpmm_machine *machine, const char *after)
{
	struct pcpmm_zone_truth truth;
	struct pcpmm_misuse misuse;
	struct pcpmm_error error;
	uint64_t held = 0;

	if (pcpmm_validate(machine, &error)) {
		fprintf(stderr, "pcpmm-bench: after %s: %s\n", after,
			error.text);
		return false;
	}
	for (unsigned int type = 0; type < PCPMM_NR_ZONES; type++)
		for (unsigned int k = 0; !pcpmm_zone_truth_read(
			     machine, 0, PCPMM_ZONE_INSTANCE(type, k), &truth);
			k++)
			held += truth.held;
	pcpmm_misuse_read(machine, &misuse);
	if (held || misuse.double_free || misuse.wrong_order ||
		misuse.foreign_page || misuse.wrong_thread ||
		misuse.bad_argument) {
		fprintf(stderr,
			"pcpmm-bench: after %s: %llu pages lost or calls "
			"refused: %s\n",
			after, (unsigned long long)held,
			pcpmm_last_error(machine));
		return false;
	}
	return true;
}

/*
 * Each cell begins with empty lists: a list that an earlier cell has filled to
 * high would spill at every free, which is another benchmark.
 */
void bench_empty_lists(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	if (!cpu)
		return;
	for (unsigned int id = 0; id < CPUS_MAX; id++)
		for (unsigned int type = 0; type < PCPMM_ZONE_MOVABLE; type++)
			pcpmm_drain_pages_zone(cpu, id, 0, type, 0);
	pcpmm_cpu_leave(cpu);
}
