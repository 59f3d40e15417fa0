/* SPDX-License-Identifier: MIT */
/*
 * Sysctls of a running machine: what a write accepts, and what each write (and
 * one read) recomputes. sysctl_table.h lists them.
 */
#include <errno.h>
#include <inttypes.h>
#include <pcpmm/proc.h>
#include <stdlib.h>
#include <string.h>

#include "machine/config.h"
#include "machine/numa.h"
#include "machine/refuse.h"
#include "machine/sysctl_table.h"
#include "machine/tunables.h"

/*
 * A list may be short: as in the kernel, the other values stay. An empty text,
 * and anything that is not a number, is refused.
 */
static int parse(struct pcpmm_sysctls *sysctl, const struct sysctl_row *row,
	const char *text, struct pcpmm_error *error)
{
	unsigned int i = 0;
	const char *at = text;

	for (;; i++) {
		char *end;
		long long value;

		at += strspn(at, " \t\n");
		if (!*at)
			break;
		errno = 0;
		value = strtoll(at, &end, 10);
		if (end == at || (*end && !strchr(" \t\n", *end)) || errno ||
			i == row->count || value > INT32_MAX || value < 0) {
			snprintf(error->text, sizeof(error->text),
				"%s: '%s' is not %s", row->name, text,
				row->count > 1 ? "a list of numbers"
					       : "a number in range");
			return -EINVAL;
		}
		sysctl_store(sysctl, row, i, value);
		at = end;
	}
	if (i)
		return 0;
	snprintf(error->text, sizeof(error->text), "%s: no value", row->name);
	return -EINVAL;
}

/* @old: the values before the write. */
static void recompute(struct pcpmm_machine *machine, enum sysctl_recompute what,
	const struct pcpmm_sysctls *old)
{
	switch (what) {
	case RECOMPUTE_MARKS:
		tunables_update_marks(machine);
		break;
	case RECOMPUTE_RESERVES:
		tunables_update_reserves(machine);
		break;
	case RECOMPUTE_PAGESETS:
		tunables_update_pagesets(machine, 0);
		break;
	case RECOMPUTE_BOOST:
		for (unsigned int i = 0; i < machine->zones.nr; i++)
			atomic_store_relaxed_u32(
				&machine->zones.zone[i]->boost_factor,
				(uint32_t)machine->config.sysctl
					.watermark_boost_factor);
		break;
	case RECOMPUTE_NUMA:
		/*
		 * Counting is off by now. A second 0 and any 1 clear nothing,
		 * as in Linux, whose handler returns when the value is the old
		 * one.
		 */
		if (old->numa_stat && !machine->config.sysctl.numa_stat)
			numa_clear(machine);
		if (!old->numa_stat && machine->config.sysctl.numa_stat)
			numa_begin(machine);
		break;
	case RECOMPUTE_NOTHING:
		break;
	}
}

int pcpmm_sysctl_set(
	struct pcpmm_machine *machine, const char *name, const char *value)
{
	const struct sysctl_row *row = sysctl_find(name);
	struct pcpmm_sysctls old, changed;
	struct pcpmm_error error;
	int ret;

	if (!row) {
		machine_refuse(
			machine, MISUSE_NONE, "unknown sysctl '%s'", name);
		return -ENOENT;
	}
	if (!sysctl_is_of(row, machine->config.layout)) {
		sysctl_say_foreign(row, machine->config.layout, error.text,
			sizeof(error.text));
		machine_refuse(machine, MISUSE_NONE, "%s", error.text);
		return -ENOENT;
	}
	if (sched_is_atomic()) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"sysctl %s is set with interrupts off", name);
		return -EINVAL;
	}
	mutex_lock(&machine->config_lock);
	old = changed = machine->config.sysctl;
	ret = parse(&changed, row, value, &error);
	if (!ret)
		ret = config_check_sysctls(&changed, &error);
	if (!ret) {
		for (unsigned int i = 0; i < row->count; i++)
			sysctl_store(&machine->config.sysctl, row, i,
				sysctl_load(&changed, row, i));
		recompute(machine, row->recompute, &old);
	}
	mutex_unlock(&machine->config_lock);
	if (ret)
		machine_refuse(machine, MISUSE_NONE, "%s", error.text);
	return ret;
}

int pcpmm_sysctl_get(
	struct pcpmm_machine *machine, const char *name, char *buf, size_t size)
{
	const struct sysctl_row *row = sysctl_find(name);
	size_t length = 0;

	if (!row || !sysctl_is_of(row, machine->config.layout))
		return -ENOENT;
	if (sched_is_atomic())
		return -EINVAL;
	mutex_lock(&machine->config_lock);
	/* To 6.18 the kernel's handler does this at a read, too. */
	if (row->recompute == RECOMPUTE_RESERVES &&
		machine->config.layout != PCPMM_LAYOUT_7_3)
		recompute(machine, RECOMPUTE_RESERVES, &machine->config.sysctl);
	for (unsigned int i = 0; i < row->count && length < size; i++)
		length += (size_t)snprintf(buf + length, size - length,
			"%s%" PRId64, i ? "\t" : "",
			sysctl_load(&machine->config.sysctl, row, i));
	mutex_unlock(&machine->config_lock);
	return length < size ? (int)length : -ENOSPC;
}
