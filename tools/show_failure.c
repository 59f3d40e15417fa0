/* SPDX-License-Identifier: MIT */
/* `pcpmm show failure`: the report of an allocation that fails. */
#include "show_failure.h"

#include "options.h"
#include "replay/read/gfp.h"

#include <pcpmm/cpu.h>
#include <pcpmm/failure.h>
#include <pcpmm/machine.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int usage(const char *option, const char *text, const char *why)
{
	fprintf(stderr, "pcpmm show: --%s: '%s' %s\n", option, text, why);
	return EXIT_USAGE;
}

/* "3" or "0-2": its bits into *@arg. */
static int add_nodes(char *item, void *arg)
{
	uint64_t *mask = arg;
	char *end;
	unsigned long first = strtoul(item, &end, 10), last = first;

	if (end != item && *end == '-') {
		const char *second = end + 1;

		last = strtoul(second, &end, 10);
		if (end == second)
			return EXIT_USAGE;
	}
	if (end == item || *end || first > last || last >= PCPMM_NODES_MAX)
		return EXIT_USAGE;
	for (; first <= last; first++)
		*mask |= UINT64_C(1) << first;
	return -1;
}

/* -1, or EXIT_USAGE after a message. */
static int parse(const struct show_failure *from,
	struct pcpmm_alloc_failure *failure, enum pcpmm_report_layout *layout)
{
	uint64_t unknown = 0;

	*failure = (struct pcpmm_alloc_failure){
		.gfp = PCPMM_GFP_KERNEL, .order = (unsigned int)from->order};
	*layout = PCPMM_REPORT_PRESET;
	if (from->order > PCPMM_ORDER_MAX) {
		fprintf(stderr, "pcpmm show: --order: %ld: 0..%d expected\n",
			from->order, PCPMM_ORDER_MAX);
		return EXIT_USAGE;
	}
	if (from->layout && pcpmm_report_by_name(from->layout, layout)) {
		options_unknown("pcpmm show", "layout", from->layout,
			pcpmm_report_names());
		return EXIT_USAGE;
	}
	if (from->gfp)
		failure->gfp = replay_gfp_parse(
			from->gfp, strlen(from->gfp), &unknown);
	if (unknown)
		return usage("gfp", from->gfp, "has an unknown flag");
	if (from->nodemask && (options_each(from->nodemask, add_nodes,
				       &failure->nodemask) >= 0 ||
				      !failure->nodemask))
		return usage("nodemask", from->nodemask,
			"is no list of nodes such as 0,2-3");
	return -1;
}

int show_failure_check(const struct show_failure *failure)
{
	struct pcpmm_alloc_failure parsed;
	enum pcpmm_report_layout layout;

	return parse(failure, &parsed, &layout);
}

static struct pcpmm_cpu *enter_first_online(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = NULL;

	for (unsigned int id = 0; !cpu && id < pcpmm_nr_cpus(machine); id++)
		cpu = pcpmm_cpu_enter(machine, id);
	return cpu;
}

int show_failure(struct pcpmm_machine *machine, const struct show_failure *from,
	FILE *out)
{
	struct pcpmm_alloc_failure failure;
	enum pcpmm_report_layout layout;
	struct pcpmm_cpu *cpu = enter_first_online(machine);
	int ret;

	if (!cpu)
		return -errno;
	ret = parse(from, &failure, &layout) >= 0
		      ? -EINVAL
		      : pcpmm_alloc_report_print(cpu, &failure, layout, out);
	pcpmm_cpu_leave(cpu);
	return ret;
}
