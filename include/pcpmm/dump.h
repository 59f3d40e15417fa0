/* SPDX-License-Identifier: MIT */
/*
 * A dump: what a real kernel printed about itself, in /proc/zoneinfo and, if
 * recorded, /proc/buddyinfo, /proc/pagetypeinfo and `sysctl -a`, and a list of
 * the CPUs of each node. A dump can become a machine's configuration, and
 * pcpmm/predict.h compares its values with the formulas.
 *
 * The readers check everything: an unexpected line is an error with
 * file:line:column and the reason, never a guess. One thread at a time may use
 * a dump; different dumps are independent.
 */
#ifndef PCPMM_DUMP_H
#define PCPMM_DUMP_H

#include <pcpmm/machine.h>
#include <pcpmm/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

PCPMM_BEGIN_DECLS

struct pcpmm_dump;

enum pcpmm_dump_file {
	/* /proc/zoneinfo, or a report of show_mem(); the last snapshot counts */
	PCPMM_DUMP_ZONEINFO,
	PCPMM_DUMP_BUDDYINFO, /* /proc/buddyinfo; after zoneinfo */
	PCPMM_DUMP_PAGETYPEINFO, /* /proc/pagetypeinfo; after zoneinfo */
	PCPMM_DUMP_SYSCTL, /* "vm.name = value" lines */
	/*
	 * The CPUs of each node: "node0 cpulist=0-3 distance=10 20", or the
	 * lines of lscpu ("NUMA node0 CPU(s): 0-3") or numactl -H
	 * ("node 0 cpus: 0 1 2 3").
	 */
	PCPMM_DUMP_NODES,
	/* The kernel's version: output of uname -a or uname -r, /proc/version */
	PCPMM_DUMP_UNAME,
	PCPMM_NR_DUMP_FILES
};

/* An empty dump, or NULL (no memory). Freeing NULL is allowed. */
PCPMM_API struct pcpmm_dump *pcpmm_dump_create(void);
PCPMM_API void pcpmm_dump_free(struct pcpmm_dump *dump);

/*
 * Add one file (or @length bytes of @text, called @name in errors), each kind
 * once. Errors: -EINVAL (not a file of this kind), -EEXIST (kind already
 * there), -ENOENT (zoneinfo must come first), -ENOMEM, or the error of reading
 * the file. @error (may be NULL) has the reason as text. After an error the
 * dump can only be freed.
 */
PCPMM_API int pcpmm_dump_read(struct pcpmm_dump *dump,
	enum pcpmm_dump_file kind, const char *path, struct pcpmm_error *error);
PCPMM_API int pcpmm_dump_parse(struct pcpmm_dump *dump,
	enum pcpmm_dump_file kind, const char *name, const char *text,
	size_t length, struct pcpmm_error *error);

#define PCPMM_DUMP_PROTECTION_MAX 8

/* One zone as printed, unpopulated ones included; unit: pages. */
struct pcpmm_dump_zone {
	unsigned int nid;
	int type; /* enum pcpmm_zone_type; -1: HighMem */
	char name[12];
	bool has_managed; /* the line exists (Linux 3.8 and later) */
	bool has_boost; /* the line exists; else the marks may hide a boost */
	bool has_promo; /* the line exists (6.12) */
	uint64_t free;
	uint64_t boost;
	uint64_t min, low, high, promo; /* boost included, as printed */
	uint64_t spanned, present, managed, cma;
	uint64_t start_pfn;
	unsigned int nr_protection;
	uint64_t protection[PCPMM_DUMP_PROTECTION_MAX];
	unsigned int nr_pagesets; /* online CPUs; 0: not populated */
};

/* One CPU's lists of one zone; unit: pages. */
struct pcpmm_dump_pageset {
	unsigned int cpu;
	int32_t count, high, batch; /* high, batch -1: not printed */
	int32_t stat_threshold; /* -1: not printed (kernels without SMP) */
	int32_t high_min, high_max; /* -1: not printed */
};

/* Zones in the order of the file. 0 or -ENOENT. */
PCPMM_API unsigned int pcpmm_dump_nr_zones(const struct pcpmm_dump *dump);
PCPMM_API int pcpmm_dump_zone(const struct pcpmm_dump *dump, unsigned int zone,
	struct pcpmm_dump_zone *info);
PCPMM_API int pcpmm_dump_pageset(const struct pcpmm_dump *dump,
	unsigned int zone, unsigned int index, struct pcpmm_dump_pageset *info);

/* A counter line ("nr_free_pages", "numa_hit") of a zone or of a node. */
PCPMM_API int pcpmm_dump_zone_counter(const struct pcpmm_dump *dump,
	unsigned int zone, const char *name, uint64_t *value);
PCPMM_API int pcpmm_dump_node_counter(const struct pcpmm_dump *dump,
	unsigned int nid, const char *name, uint64_t *value);

/* Free blocks of each order. -ENOENT: no buddyinfo, or zone not in it. */
PCPMM_API int pcpmm_dump_buddy(const struct pcpmm_dump *dump, unsigned int zone,
	uint64_t nr_free[PCPMM_NR_ORDERS]);

/* One type's free blocks by order and its pageblocks; -ENOENT as above. */
struct pcpmm_dump_type {
	uint64_t nr_free[PCPMM_NR_ORDERS]; /* blocks */
	uint32_t capped; /* bit per order: the kernel stopped counting there */
	uint64_t pageblocks;
};
PCPMM_API int pcpmm_dump_type(const struct pcpmm_dump *dump, unsigned int zone,
	enum pcpmm_migratetype type, struct pcpmm_dump_type *info);

/* Text of a sysctl ("vm.min_free_kbytes"), or NULL. */
PCPMM_API const char *pcpmm_dump_sysctl(
	const struct pcpmm_dump *dump, const char *name);

/* Number of nodes; of CPUs up to the highest one seen; was a CPU online? */
PCPMM_API unsigned int pcpmm_dump_nr_nodes(const struct pcpmm_dump *dump);
PCPMM_API unsigned int pcpmm_dump_nr_cpus(const struct pcpmm_dump *dump);
PCPMM_API bool pcpmm_dump_cpu_online(
	const struct pcpmm_dump *dump, unsigned int cpu);

/*
 * Node of a CPU. Without a file of nodes the CPUs are assumed to be spread over
 * the nodes in equal runs (pcpmm_dump_note() says so).
 */
PCPMM_API unsigned int pcpmm_dump_cpu_node(
	const struct pcpmm_dump *dump, unsigned int cpu);

/* What the dump had to guess, as text; "" if nothing. */
PCPMM_API const char *pcpmm_dump_note(const struct pcpmm_dump *dump);

/*
 * The preset of the dump's kernel. What uname says decides; else the names of the
 * counters, if they are all those of one of these kernels; else the lines that only
 * some kernels print. linux-6.1 if nothing tells. Of other versions it is the nearest
 * preset that is not newer, or linux-5.10 for older ones. @why (of @size bytes, 256
 * are enough) gets the reason, as "the dump's uname says Linux 6.1.192".
 */
PCPMM_API enum pcpmm_preset pcpmm_dump_preset(
	const struct pcpmm_dump *dump, char *why, size_t size);

/* For pcpmm_dump_config(): that of pcpmm_dump_preset(). */
#define PCPMM_PRESET_OF_DUMP ((enum pcpmm_preset)-1)

/*
 * Configuration of the same machine: its zones, CPUs (CPUs without pagesets are
 * offline), nodes, distances and sysctls. NULL with @error (may be NULL) for a
 * zone of a kind that is not simulated, for a zone without 'managed' line, or
 * for a machine that is too large. The result belongs to the dump, and the next
 * call overwrites it.
 *
 * With @preset PCPMM_PRESET_OF_DUMP pcpmm_dump_note() says which preset was chosen
 * and why; with another one it warns if that can not be right, since the dump has
 * lines of a kernel that the preset does not stand for.
 */
PCPMM_API const struct pcpmm_config *pcpmm_dump_config(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, struct pcpmm_error *error);

/* What pcpmm_dump_restore() does, in this order. */
#define PCPMM_DUMP_RESTORE_VALUES 0x1u /* marks, reserves, high, batch */
#define PCPMM_DUMP_RESTORE_TYPES 0x2u /* pageblocks of each type */
#define PCPMM_DUMP_RESTORE_FREE 0x4u /* free blocks of each order and type */
#define PCPMM_DUMP_RESTORE_LISTS 0x8u /* pages on each CPU's lists */
#define PCPMM_DUMP_RESTORE_ALL 0xfu

/* What a caller knows better than the dump; either may be NULL. */
struct pcpmm_dump_mask {
	const uint8_t *frames; /* [pfn], not 0: put nothing there */
	const uint8_t *blocks; /* [pfn >> 9], not 0: its type is set already */
	/* [zone * PCPMM_NR_MIGRATETYPES + type], bit per order: the list of free
	 * blocks is whole already, whatever its length in the dump. */
	const uint32_t *whole;
};

struct pcpmm_dump_restored {
	uint64_t free_pages; /* made free */
	uint64_t pcp_pages; /* put on lists */
	uint64_t missing_pages; /* in the dump, but no place was left */
};

/*
 * Put a machine that was created from this dump's configuration with boot =
 * PCPMM_BOOT_HELD into the dump's state. Pages that are free or listed already
 * count. A dump does not say where blocks lay: they are put at the zones' ends.
 * At rest only. 0, or -EINVAL: not such a machine.
 */
PCPMM_API int pcpmm_dump_restore(const struct pcpmm_dump *dump,
	struct pcpmm_machine *machine, unsigned int what,
	const struct pcpmm_dump_mask *mask,
	struct pcpmm_dump_restored *restored);

PCPMM_END_DECLS

#endif
