/* SPDX-License-Identifier: MIT */
/*
 * The inside of a dump, which the readers of single files fill in.
 *
 * Zones are in the order of the zoneinfo text. Counters of all zones and
 * nodes are in one array, in order; a look-up walks it, which is cheap enough
 * for values that are read once.
 */
#ifndef MACHINEFILE_DUMP_H
#define MACHINEFILE_DUMP_H

#include "cpulist.h"
#include "text.h"
#include <pcpmm/dump.h>

#define DUMP_SYSCTL_VALUE_MAX 128
#define DUMP_WHY_MAX 256 /* why a dump is of a kernel */

struct dump_zone {
	struct pcpmm_dump_zone info;
	struct pcpmm_dump_pageset *pagesets; /* info.nr_pagesets */
	unsigned int pagesets_size; /* allocated entries */
	unsigned int seen; /* DUMP_SEEN_* lines of the zone */
	uint64_t listed; /* show_mem: on the lists of all CPUs */
	bool has_buddy;
	uint64_t buddy[PCPMM_NR_ORDERS];
	bool has_types;
	bool blocks_seen; /* the row of its pageblocks */
	unsigned int
		types_seen; /* bit per type that has a row of free blocks */
	struct pcpmm_dump_type types[PCPMM_NR_MIGRATETYPES];
};

/* Lines that every zone has, in any kernel. */
#define DUMP_SEEN_FREE 0x01u
#define DUMP_SEEN_MIN 0x02u
#define DUMP_SEEN_LOW 0x04u
#define DUMP_SEEN_HIGH 0x08u
#define DUMP_SEEN_SPANNED 0x10u
#define DUMP_SEEN_PRESENT 0x20u
#define DUMP_SEEN_ALL 0x3fu
#define DUMP_SEEN_START_PFN 0x40u /* populated zones: also the last line */
#define DUMP_SEEN_PROTECTION 0x80u
#define DUMP_SEEN_BOOST 0x100u
#define DUMP_SEEN_PROMO 0x200u
#define DUMP_SEEN_MANAGED 0x400u
#define DUMP_SEEN_CMA 0x800u

struct dump_counter {
	int zone; /* index; -1: of the node */
	unsigned int nid;
	char name[48];
	uint64_t value;
};

struct dump_sysctl {
	char name[64];
	char value[DUMP_SYSCTL_VALUE_MAX];
};

/* The configuration that dump_config.c builds, with its arrays. */
struct dump_machine {
	struct pcpmm_config config;
	struct pcpmm_node_config *nodes;
	unsigned int *cpu_node;
	unsigned char *cpu_offline;
	unsigned char *distance;
};

struct pcpmm_dump {
	unsigned int files; /* bit per enum pcpmm_dump_file */

	struct dump_zone *zones;
	unsigned int nr_zones, zones_size;
	struct dump_counter *counters;
	unsigned int nr_counters, counters_size;
	struct dump_sysctl *sysctls;
	unsigned int nr_sysctls, sysctls_size;

	unsigned int nr_nodes; /* highest seen + 1 */
	unsigned int nr_cpus; /* highest seen + 1 */
	unsigned char online[PCPMM_CPUS_MAX];
	unsigned int cpu_node[PCPMM_CPUS_MAX];
	bool has_nodes; /* a line of the file of nodes names one */
	bool has_distance;
	unsigned char distance[PCPMM_NODES_MAX * PCPMM_NODES_MAX];

	uint32_t lines_seen; /* lines of some kernels only: dump_evidence.c */
	unsigned int told_kernel; /* version * 1000 + patchlevel; 0: not told */
	char told_text[16]; /* "6.1.192" */
	char preset_note[DUMP_WHY_MAX +
			 32]; /* which preset was chosen, or why one is wrong */

	/* As printed; 0: no such file. */
	unsigned int buddy_orders, type_orders, pageblock_order;

	bool showmem; /* the zones are those of a show_mem text */
	unsigned int page_kbytes; /* size of a page; 0: not told */
	bool crossing; /* zones that were laid apart */
	char note[512];
	struct dump_machine machine;
};

/* Readers, one per kind; 0 or -errno with the text's error. */
int dump_read_zoneinfo(struct pcpmm_dump *dump, struct text *text);
int dump_read_showmem(struct pcpmm_dump *dump, struct text *text);
int dump_read_buddyinfo(struct pcpmm_dump *dump, struct text *text);
int dump_read_pagetypeinfo(struct pcpmm_dump *dump, struct text *text);
int dump_read_sysctl(struct pcpmm_dump *dump, struct text *text);
int dump_read_nodes(struct pcpmm_dump *dump, struct text *text);
int dump_read_uname(struct pcpmm_dump *dump, struct text *text);

/* Take "Node N, zone NAME"; 0, -ENOENT not there, -EINVAL broken. */
int dump_take_zone(struct text *text, unsigned int *nid, char name[12]);

/* The zoneinfo has a line of that name: which kernels print it? */
void dump_saw(struct pcpmm_dump *dump, const char *line);
void dump_forget_lines(struct pcpmm_dump *dump);

/* The kernels that a dump can be of: version * 1000 + patchlevel. */
struct dump_kernels {
	unsigned int first, last; /* 0, UINT32_MAX: no limit */
	bool exact; /* one kernel, first = last */
	char first_why[112], last_why[112]; /* "the dump has ..." */
};

void dump_kernels(const struct pcpmm_dump *dump, struct dump_kernels *kernels);
/* The reasons for both limits. */
void dump_kernels_why(
	const struct dump_kernels *kernels, char *why, size_t size);
/* Why none of @first..@last is among them; NULL: some are. */
const char *dump_kernels_why_not(const struct dump_kernels *kernels,
	unsigned int first, unsigned int last);

/* The presets of kernels, from the oldest on. */
struct dump_preset {
	enum pcpmm_preset preset;
	enum pcpmm_layout layout;
	unsigned int kernel;
};

#define NR_DUMP_PRESETS 5
extern const struct dump_preset dump_presets[NR_DUMP_PRESETS];

/* Note if the dump can not be of the kernel that @preset, @name, stands for. */
void dump_doubt_preset(
	struct pcpmm_dump *dump, enum pcpmm_preset preset, const char *name);

/* Whether a text for a zoneinfo is one of show_mem(). */
bool dump_is_showmem(const char *text, size_t length);

/* enum pcpmm_zone_type; -1: HighMem, -2: no zone. */
int dump_zone_type(const char *name);

/* Another snapshot begins: forget the zones of the previous one. */
void dump_forget_zones(struct pcpmm_dump *dump);

/* The zone of that node and name, or NULL. */
struct dump_zone *dump_find_zone(
	struct pcpmm_dump *dump, unsigned int nid, const char *name);

/* A new zone, of which nothing else is known yet. NULL: no memory. */
struct dump_zone *dump_add_zone(
	struct pcpmm_dump *dump, unsigned int nid, const char *name);

/* The same for the pageset of @cpu, which is online; what may be missing is -1. */
struct pcpmm_dump_pageset *dump_add_pageset(
	struct pcpmm_dump *dump, struct dump_zone *zone, unsigned int cpu);

/* Orders that a kernel can print: 9 on ppc64, 14 on arm64 with 64 KiB pages. */
#define DUMP_ORDERS_MAX 14

/*
 * Add blocks of @order, as blocks of an order that the machine has: a larger block
 * counts as several of the largest. Returns the order that they count as.
 */
unsigned int dump_add_blocks(
	uint64_t nr_free[PCPMM_NR_ORDERS], unsigned int order, uint64_t blocks);

/* Make space for one more entry of @size bytes in *@array; -ENOMEM. */
int dump_grow(
	void **array, unsigned int *allocated, unsigned int used, size_t size);

/*
 * Sysctls that configure a machine, those of pcpmm_sysctl_names(): set the
 * field of @sysctls that has @name, with or without "vm.", from @value. 0,
 * -ENOENT unknown, -EINVAL bad or out of range, with the reason in @why.
 */
int sysctl_parse(struct pcpmm_sysctls *sysctls, const char *name,
	const char *value, char *why, size_t why_size);

/* Write the note: all that was guessed so far. */
void dump_note_guesses(struct pcpmm_dump *dump);

/* Free what dump_config.c built. */
void dump_machine_fini(struct dump_machine *machine);

#endif
