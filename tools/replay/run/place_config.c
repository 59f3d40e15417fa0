/* SPDX-License-Identifier: MIT */
/* The machine of a recording before anything is placed in it. */
#include "place_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What pagetypeinfo says of the zone's lists; a count that it capped is any. */
static void free_counts(const struct pcpmm_dump *dump, unsigned int index,
	struct replay_zone *zone)
{
	for (unsigned int type = 0; type < REPLAY_FREE_TYPES; type++) {
		struct pcpmm_dump_type info;

		if (pcpmm_dump_type(
			    dump, index, (enum pcpmm_migratetype)type, &info))
			continue;
		zone->free_known = true;
		for (unsigned int order = 0; order < REPLAY_FREE_ORDERS;
			order++)
			zone->free[type][order] =
				info.capped & (1u << order)
					? UINT32_MAX
					: (uint32_t)info.nr_free[order];
	}
}

int replay_place_input(const struct pcpmm_dump *dump,
	struct replay_zone **zones, size_t *nr_zones, struct replay_pcp **pcps,
	size_t *nr_pcps)
{
	unsigned int nr = pcpmm_dump_nr_zones(dump);
	unsigned int cpus = pcpmm_dump_nr_cpus(dump);

	*nr_zones = *nr_pcps = 0;
	*zones = calloc(nr + 1, sizeof(**zones));
	*pcps = calloc((size_t)nr * cpus + 1, sizeof(**pcps));
	if (!*zones || !*pcps)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		struct pcpmm_dump_zone zone;
		struct replay_zone *out = &(*zones)[*nr_zones];

		pcpmm_dump_zone(dump, i, &zone);
		if (!zone.present || zone.type < 0)
			continue;
		out->index = (uint8_t)zone.type;
		out->node = (uint8_t)zone.nid;
		out->start_pfn = (uint32_t)zone.start_pfn;
		out->spanned = (uint32_t)zone.spanned;
		snprintf(out->name, sizeof(out->name), "%s", zone.name);
		free_counts(dump, i, out);
		for (unsigned int c = 0; c < zone.nr_pagesets; c++) {
			struct pcpmm_dump_pageset set;

			pcpmm_dump_pageset(dump, i, c, &set);
			(*pcps)[(*nr_pcps)++] = (struct replay_pcp){
				.cpu = (uint16_t)set.cpu,
				.zone = (uint16_t)*nr_zones,
				.count = set.count,
				.high = set.high,
				.batch = set.batch,
				.high_min = set.high_min,
				.high_max = set.high_max,
			};
		}
		(*nr_zones)++;
	}
	return 0;
}

/* Without a state: zones that cover the trace's frames, all managed. */
static const struct pcpmm_config *made_up_config(
	const struct replay_result *result, enum pcpmm_preset preset,
	struct pcpmm_config *config, struct pcpmm_node_config *nodes)
{
	pcpmm_config_init(config, sizeof(*config), preset);
	config->nr_cpus = result->cpus ? result->cpus : 1;
	config->nr_nodes = 1;
	config->nodes = nodes;
	for (size_t i = 0; i < result->nr_zones; i++) {
		const struct replay_zone *zone = &result->zones[i];
		uint64_t start = zone->start_pfn ? zone->start_pfn : 1;
		uint64_t spanned = zone->spanned - (start - zone->start_pfn);

		nodes[0].zones[zone->index] = (struct pcpmm_zone_config){
			start, spanned, spanned, spanned};
	}
	return config;
}

static int as_it_is(
	struct pcpmm_config *config, const void *arg, struct replay_error *err)
{
	(void)config;
	(void)arg;
	(void)err;
	return 0;
}

struct pcpmm_machine *place_machine(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_error *err)
{
	return place_machine_changed(dump, preset, result, as_it_is, NULL, err);
}

struct pcpmm_machine *place_machine_changed(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	int (*change)(struct pcpmm_config *config, const void *arg,
		struct replay_error *err),
	const void *arg, struct replay_error *err)
{
	struct pcpmm_node_config nodes[1] = {0};
	struct pcpmm_config made_up, config;
	const struct pcpmm_config *from;
	struct pcpmm_machine *machine;
	struct pcpmm_error error = {""};

	from = dump ? pcpmm_dump_config(dump, preset, &error)
		    : made_up_config(result, preset, &made_up, nodes);
	if (!from) {
		replay_fail(err, -EINVAL, "the state: %s", error.text);
		return NULL;
	}
	if (dump && result->cpus > from->nr_cpus) {
		replay_fail(err, -EINVAL,
			"the trace has events of CPU %u, the state has %u CPUs",
			result->cpus - 1, from->nr_cpus);
		return NULL;
	}
	config = *from;
	config.boot = PCPMM_BOOT_HELD;
	if (change(&config, arg, err))
		return NULL;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		replay_fail(err, -EINVAL, "%s", error.text);
	return machine;
}

int replay_place_online(struct pcpmm_machine *machine, unsigned int among,
	unsigned int cpus, struct replay_error *err)
{
	struct pcpmm_cpu *on = NULL;

	for (unsigned int i = 0; !on && i < among; i++)
		on = pcpmm_cpu_enter(machine, i);
	if (!on)
		return replay_fail(err, -ENODEV,
			"no CPU of the trace is online in the state");
	for (unsigned int i = 0; i < cpus; i++)
		if (!pcpmm_cpu_is_online(pcpmm_cpu_get(machine, i)))
			pcpmm_cpu_online(on, i);
	return pcpmm_cpu_leave(on);
}
