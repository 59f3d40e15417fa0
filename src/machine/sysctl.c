/* SPDX-License-Identifier: MIT */
/*
 * Sysctls by their Linux names, with what each write (and one read)
 * recomputes:
 *
 *   min_free_kbytes, watermark_scale_factor   marks, boost, pagesets
 *   lowmem_reserve_ratio                      reserves; a read as well
 *   percpu_pagelist_high_fraction             pagesets
 *   watermark_boost_factor, stat_interval, numa_stat   nothing
 */
#include <errno.h>
#include <inttypes.h>
#include <pcpmm/proc.h>
#include <stdlib.h>
#include <string.h>

#include "machine/config.h"
#include "machine/refuse.h"
#include "machine/tunables.h"

enum recompute { NOTHING, MARKS, RESERVES, PAGESETS, BOOST };

struct entry {
	const char *name; /* without "vm." */
	size_t offset;
	bool wide; /* int64_t, else int32_t */
	unsigned int count;
	enum recompute recompute;
};

#define OF(field) offsetof(struct pcpmm_sysctls, field)

static const struct entry entries[] = {
	{"min_free_kbytes", OF(min_free_kbytes), true, 1, MARKS},
	{"watermark_scale_factor", OF(watermark_scale_factor), false, 1, MARKS},
	{"watermark_boost_factor", OF(watermark_boost_factor), false, 1, BOOST},
	{"percpu_pagelist_high_fraction", OF(percpu_pagelist_high_fraction),
		false, 1, PAGESETS},
	{"lowmem_reserve_ratio", OF(lowmem_reserve_ratio), false,
		PCPMM_NR_ZONES, RESERVES},
	{"stat_interval", OF(stat_interval), false, 1, NOTHING},
	{"numa_stat", OF(numa_stat), false, 1, NOTHING},
};

static const char *const names[] = {"vm.min_free_kbytes",
	"vm.watermark_scale_factor", "vm.watermark_boost_factor",
	"vm.percpu_pagelist_high_fraction", "vm.lowmem_reserve_ratio",
	"vm.stat_interval", "vm.numa_stat", NULL};

const char *const *pcpmm_sysctl_names(void)
{
	return names;
}

static const struct entry *find(const char *name)
{
	if (!strncmp(name, "vm.", 3))
		name += 3;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		if (!strcmp(entries[i].name, name))
			return &entries[i];
	return NULL;
}

static void store(struct pcpmm_sysctls *sysctl, const struct entry *entry,
	unsigned int i, int64_t value)
{
	char *at = (char *)sysctl + entry->offset;

	/* numa_stat is read by every allocation. */
	if (entry->wide)
		atomic_store_relaxed_s64((int64_t *)at + i, value);
	else
		atomic_store_relaxed_s32((int32_t *)at + i, (int32_t)value);
}

static int64_t load(const struct pcpmm_sysctls *sysctl,
	const struct entry *entry, unsigned int i)
{
	const char *at = (const char *)sysctl + entry->offset;

	return entry->wide ? ((const int64_t *)at)[i]
			   : ((const int32_t *)at)[i];
}

/*
 * A list may stop early: the kernel leaves the rest alone. Nothing at all, or
 * anything that is not a number, is refused.
 */
static int parse(struct pcpmm_sysctls *sysctl, const struct entry *entry,
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
			i == entry->count || value > INT32_MAX || value < 0) {
			snprintf(error->text, sizeof(error->text),
				"vm.%s: '%s' is not %s", entry->name, text,
				entry->count > 1 ? "a list of numbers"
						 : "a number in range");
			return -EINVAL;
		}
		store(sysctl, entry, i, value);
		at = end;
	}
	if (i)
		return 0;
	snprintf(error->text, sizeof(error->text), "vm.%s: no value",
		entry->name);
	return -EINVAL;
}

static void recompute(struct pcpmm_machine *machine, enum recompute what)
{
	switch (what) {
	case MARKS:
		tunables_update_marks(machine);
		break;
	case RESERVES:
		tunables_update_reserves(machine);
		break;
	case PAGESETS:
		tunables_update_pagesets(machine, 0);
		break;
	case BOOST:
		for (unsigned int i = 0; i < machine->zones.nr; i++)
			atomic_store_relaxed_u32(
				&machine->zones.zone[i]->boost_factor,
				(uint32_t)machine->config.sysctl
					.watermark_boost_factor);
		break;
	case NOTHING:
		break;
	}
}

int pcpmm_sysctl_set(
	struct pcpmm_machine *machine, const char *name, const char *value)
{
	const struct entry *entry = find(name);
	struct pcpmm_sysctls changed;
	struct pcpmm_error error;
	int ret;

	if (!entry) {
		machine_refuse(
			machine, MISUSE_NONE, "unknown sysctl '%s'", name);
		return -ENOENT;
	}
	if (sched_is_atomic()) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"sysctl %s is set with interrupts off", name);
		return -EINVAL;
	}
	mutex_lock(&machine->config_lock);
	changed = machine->config.sysctl;
	ret = parse(&changed, entry, value, &error);
	if (!ret)
		ret = config_check_sysctls(&changed, &error);
	if (!ret) {
		for (unsigned int i = 0; i < entry->count; i++)
			store(&machine->config.sysctl, entry, i,
				load(&changed, entry, i));
		recompute(machine, entry->recompute);
	}
	mutex_unlock(&machine->config_lock);
	if (ret)
		machine_refuse(machine, MISUSE_NONE, "%s", error.text);
	return ret;
}

int pcpmm_sysctl_get(
	struct pcpmm_machine *machine, const char *name, char *buf, size_t size)
{
	const struct entry *entry = find(name);
	size_t length = 0;

	if (!entry)
		return -ENOENT;
	if (sched_is_atomic())
		return -EINVAL;
	mutex_lock(&machine->config_lock);
	/* The kernel's handler does not ask whether it is a write. */
	if (entry->recompute == RESERVES)
		recompute(machine, RESERVES);
	for (unsigned int i = 0; i < entry->count && length < size; i++)
		length += (size_t)snprintf(buf + length, size - length,
			"%s%" PRId64, i ? "\t" : "",
			load(&machine->config.sysctl, entry, i));
	mutex_unlock(&machine->config_lock);
	return length < size ? (int)length : -ENOSPC;
}
