/* SPDX-License-Identifier: MIT */
/* Lists of CPUs; see cpulist.h. */
#include "cpulist.h"

#include <errno.h>

int cpulist_set(struct text *text, uint64_t cpu, unsigned int nid,
	unsigned int *cpu_node)
{
	if (cpu >= PCPMM_CPUS_MAX)
		return text_error(text, "CPU %llu: at most %d CPUs",
			(unsigned long long)cpu, PCPMM_CPUS_MAX);
	if (cpu_node[cpu] != CPULIST_NO_NODE && cpu_node[cpu] != nid)
		return text_error(text, "CPU %llu is on node %u already",
			(unsigned long long)cpu, cpu_node[cpu]);
	cpu_node[cpu] = nid;
	return 0;
}

int cpulist_take(struct text *text, unsigned int nid, unsigned int *cpu_node)
{
	uint64_t first, last, cpu;
	int err;

	if (!text_number(text, UINT32_MAX, &first))
		return 0;
	do {
		last = first;
		if (text_take(text, "-") &&
			!text_number(text, UINT32_MAX, &last))
			return text_error(text, "CPU number expected");
		if (last < first)
			return text_error(text, "CPU range %llu-%llu is empty",
				(unsigned long long)first,
				(unsigned long long)last);
		for (cpu = first; cpu <= last; cpu++) {
			err = cpulist_set(text, cpu, nid, cpu_node);
			if (err)
				return err;
		}
		if (!text_take(text, ","))
			return 0;
	} while (text_number(text, UINT32_MAX, &first));
	return text_error(text, "CPU number expected");
}
