/* SPDX-License-Identifier: MIT */
/* Create, free and query a dump; the readers are in dump_*.c. */
#include "machine/error.h"
#include "dump.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Much more than any /proc file of any machine. */
#define FILE_BYTES_MAX (256u << 20)

struct pcpmm_dump *pcpmm_dump_create(void)
{
	struct pcpmm_dump *dump = calloc(1, sizeof(*dump));
	unsigned int cpu;

	if (!dump)
		return NULL;
	for (cpu = 0; cpu < PCPMM_CPUS_MAX; cpu++)
		dump->cpu_node[cpu] = CPULIST_NO_NODE;
	return dump;
}

void dump_machine_fini(struct dump_machine *machine)
{
	free(machine->nodes);
	free(machine->cpu_node);
	free(machine->cpu_offline);
	free(machine->distance);
	memset(machine, 0, sizeof(*machine));
}

void pcpmm_dump_free(struct pcpmm_dump *dump)
{
	unsigned int i;

	if (!dump)
		return;
	for (i = 0; i < dump->nr_zones; i++)
		free(dump->zones[i].pagesets);
	free(dump->zones);
	free(dump->counters);
	free(dump->sysctls);
	dump_machine_fini(&dump->machine);
	free(dump);
}

int dump_grow(
	void **array, unsigned int *allocated, unsigned int used, size_t size)
{
	unsigned int more = *allocated ? *allocated * 2 : 16;
	void *grown;

	if (used < *allocated)
		return 0;
	grown = realloc(*array, more * size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*allocated = more;
	return 0;
}

struct dump_zone *dump_find_zone(
	struct pcpmm_dump *dump, unsigned int nid, const char *name)
{
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++) {
		if (dump->zones[i].info.nid == nid &&
			strcmp(dump->zones[i].info.name, name) == 0)
			return &dump->zones[i];
	}
	return NULL;
}

struct dump_zone *dump_add_zone(
	struct pcpmm_dump *dump, unsigned int nid, const char *name)
{
	struct dump_zone *zone;

	if (dump_grow((void **)&dump->zones, &dump->zones_size, dump->nr_zones,
		    sizeof(*dump->zones)))
		return NULL;
	zone = &dump->zones[dump->nr_zones++];
	*zone = (struct dump_zone){
		.info = {.nid = nid, .type = dump_zone_type(name)}};
	snprintf(zone->info.name, sizeof(zone->info.name), "%s", name);
	if (nid >= dump->nr_nodes)
		dump->nr_nodes = nid + 1;
	return zone;
}

struct pcpmm_dump_pageset *dump_add_pageset(
	struct pcpmm_dump *dump, struct dump_zone *zone, unsigned int cpu)
{
	struct pcpmm_dump_pageset *set;

	if (dump_grow((void **)&zone->pagesets, &zone->pagesets_size,
		    zone->info.nr_pagesets, sizeof(*zone->pagesets)))
		return NULL;
	set = &zone->pagesets[zone->info.nr_pagesets++];
	*set = (struct pcpmm_dump_pageset){.cpu = cpu,
		.high_min = -1,
		.high_max = -1,
		.stat_threshold = -1};
	dump->online[cpu] = 1;
	if (cpu >= dump->nr_cpus)
		dump->nr_cpus = cpu + 1;
	return set;
}

int dump_take_zone(struct text *text, unsigned int *nid, char name[12])
{
	const char *word;
	uint64_t number;
	size_t length;

	if (!text_take(text, "Node "))
		return -ENOENT;
	if (!text_number(text, PCPMM_NODES_MAX - 1, &number))
		return text_error(text, "node number 0..%d expected",
			PCPMM_NODES_MAX - 1);
	if (!text_take(text, ", zone "))
		return text_error(text, "\", zone NAME\" expected");
	length = text_word(text, &word);
	if (length && word[length - 1] == ',') {
		length--;
		text->at--;
	}
	if (!length || length > 11) {
		text->at = word;
		return text_error(text, "name of a zone expected");
	}
	*nid = (unsigned int)number;
	memcpy(name, word, length);
	name[length] = '\0';
	return 0;
}

static void __attribute__((format(printf, 2, 3)))
add_note(struct pcpmm_dump *dump, const char *format, ...)
{
	size_t used = strlen(dump->note);
	va_list args;

	if (used)
		used += (size_t)snprintf(
			dump->note + used, sizeof(dump->note) - used, "; ");
	if (used >= sizeof(dump->note))
		return;
	va_start(args, format);
	vsnprintf(dump->note + used, sizeof(dump->note) - used, format, args);
	va_end(args);
}

/* CPUs whose node pcpmm_dump_cpu_node() guesses. */
static void note_nodes(struct pcpmm_dump *dump)
{
	unsigned int unknown = 0;
	unsigned int cpu;

	if (dump->nr_nodes < 2)
		return;
	for (cpu = 0; cpu < dump->nr_cpus; cpu++)
		unknown += dump->online[cpu] &&
			   dump->cpu_node[cpu] == CPULIST_NO_NODE;
	if (unknown)
		add_note(dump,
			"%u nodes, but the node of %u online CPUs is not told: "
			"taken to be spread over the nodes in equal runs",
			dump->nr_nodes, unknown);
}

/* Blocks that are counted as blocks of other sizes. */
static void note_blocks(struct pcpmm_dump *dump)
{
	unsigned int orders = dump->buddy_orders > dump->type_orders
				      ? dump->buddy_orders
				      : dump->type_orders;

	if (orders > PCPMM_NR_ORDERS)
		add_note(dump,
			"%u orders: larger blocks count as blocks of order %d",
			orders, PCPMM_NR_ORDERS - 1);
	if (dump->pageblock_order &&
		dump->pageblock_order != PCPMM_PAGEBLOCK_ORDER)
		add_note(dump,
			"pageblocks of order %u count as pageblocks of order "
			"%d",
			dump->pageblock_order, PCPMM_PAGEBLOCK_ORDER);
}

void dump_note_guesses(struct pcpmm_dump *dump)
{
	dump->note[0] = '\0';
	note_nodes(dump);
	note_blocks(dump);
	if (dump->showmem)
		add_note(dump, "a show_mem text, no zoneinfo: zones are laid "
			       "one behind the other, and without lines of "
			       "CPUs there is one");
	if (dump->crossing)
		add_note(dump, "zones that cross each other are laid one "
			       "behind the other");
	if (dump->preset_note[0])
		add_note(dump, "%s", dump->preset_note);
}

int pcpmm_dump_parse(struct pcpmm_dump *dump, enum pcpmm_dump_file kind,
	const char *name, const char *text, size_t length,
	struct pcpmm_error *error)
{
	static int (*const readers[PCPMM_NR_DUMP_FILES])(
		struct pcpmm_dump *, struct text *) = {
		[PCPMM_DUMP_ZONEINFO] = dump_read_zoneinfo,
		[PCPMM_DUMP_BUDDYINFO] = dump_read_buddyinfo,
		[PCPMM_DUMP_PAGETYPEINFO] = dump_read_pagetypeinfo,
		[PCPMM_DUMP_SYSCTL] = dump_read_sysctl,
		[PCPMM_DUMP_NODES] = dump_read_nodes,
		[PCPMM_DUMP_UNAME] = dump_read_uname,
	};
	struct text cursor;
	int err;

	if ((unsigned int)kind >= PCPMM_NR_DUMP_FILES)
		return error_set(
			error, -EINVAL, "%s: unknown kind of file", name);
	if (dump->files & (1u << kind))
		return error_set(error, -EEXIST,
			"%s: a file of this kind was read already", name);
	if ((kind == PCPMM_DUMP_BUDDYINFO || kind == PCPMM_DUMP_PAGETYPEINFO) &&
		!(dump->files & (1u << PCPMM_DUMP_ZONEINFO)))
		return error_set(error, -ENOENT,
			"%s: the zoneinfo must be read first", name);
	text_init(&cursor, name, text, length, error);
	if (kind == PCPMM_DUMP_ZONEINFO && dump_is_showmem(text, length))
		err = dump_read_showmem(dump, &cursor);
	else
		err = readers[kind](dump, &cursor);
	if (err == -ENOMEM)
		error_set(error, err, "%s: out of memory", name);
	if (err)
		return err;
	dump->files |= 1u << kind;
	dump_note_guesses(dump);
	return 0;
}

/* The whole file; /proc files have no size, so read until the end. */
static int read_all(FILE *file, char **text, size_t *length)
{
	size_t size = 64 << 10;
	size_t used = 0;
	char *buf = malloc(size);

	while (buf) {
		used += fread(buf + used, 1, size - used, file);
		if (used < size) {
			*text = buf;
			*length = used;
			return ferror(file) ? -EIO : 0;
		}
		if (size >= FILE_BYTES_MAX) {
			*text = buf;
			return -EFBIG;
		}
		char *grown = realloc(buf, size * 2);

		if (!grown)
			break;
		buf = grown;
		size *= 2;
	}
	*text = buf;
	return -ENOMEM;
}

int pcpmm_dump_read(struct pcpmm_dump *dump, enum pcpmm_dump_file kind,
	const char *path, struct pcpmm_error *error)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t length = 0;
	int err;

	if (!file) {
		err = -errno;
		return error_set(error, err, "%s: %s", path, strerror(-err));
	}
	errno = 0;
	err = read_all(file, &text, &length);
	if (err)
		error_set(error, err, "%s: %s", path,
			err == -EIO && errno ? strerror(errno)
					     : strerror(-err));
	else
		err = pcpmm_dump_parse(dump, kind, path, text, length, error);
	fclose(file);
	free(text);
	return err;
}

unsigned int pcpmm_dump_nr_zones(const struct pcpmm_dump *dump)
{
	return dump->nr_zones;
}

int pcpmm_dump_zone(const struct pcpmm_dump *dump, unsigned int zone,
	struct pcpmm_dump_zone *info)
{
	if (zone >= dump->nr_zones)
		return -ENOENT;
	*info = dump->zones[zone].info;
	return 0;
}

int pcpmm_dump_pageset(const struct pcpmm_dump *dump, unsigned int zone,
	unsigned int index, struct pcpmm_dump_pageset *info)
{
	if (zone >= dump->nr_zones ||
		index >= dump->zones[zone].info.nr_pagesets)
		return -ENOENT;
	*info = dump->zones[zone].pagesets[index];
	return 0;
}

static int find_counter(const struct pcpmm_dump *dump, int zone,
	unsigned int nid, const char *name, uint64_t *value)
{
	const struct dump_counter *counter;
	unsigned int i;

	for (i = 0; i < dump->nr_counters; i++) {
		counter = &dump->counters[i];
		if (counter->zone == zone && counter->nid == nid &&
			strcmp(counter->name, name) == 0) {
			*value = counter->value;
			return 0;
		}
	}
	return -ENOENT;
}

int pcpmm_dump_zone_counter(const struct pcpmm_dump *dump, unsigned int zone,
	const char *name, uint64_t *value)
{
	if (zone >= dump->nr_zones)
		return -ENOENT;
	return find_counter(
		dump, (int)zone, dump->zones[zone].info.nid, name, value);
}

int pcpmm_dump_node_counter(const struct pcpmm_dump *dump, unsigned int nid,
	const char *name, uint64_t *value)
{
	return find_counter(dump, -1, nid, name, value);
}

int pcpmm_dump_buddy(const struct pcpmm_dump *dump, unsigned int zone,
	uint64_t nr_free[PCPMM_NR_ORDERS])
{
	if (zone >= dump->nr_zones || !dump->zones[zone].has_buddy)
		return -ENOENT;
	memcpy(nr_free, dump->zones[zone].buddy,
		sizeof(dump->zones[zone].buddy));
	return 0;
}

int pcpmm_dump_type(const struct pcpmm_dump *dump, unsigned int zone,
	enum pcpmm_migratetype type, struct pcpmm_dump_type *info)
{
	if (zone >= dump->nr_zones || !dump->zones[zone].has_types ||
		(unsigned int)type >= PCPMM_NR_MIGRATETYPES)
		return -ENOENT;
	*info = dump->zones[zone].types[type];
	return 0;
}

const char *pcpmm_dump_sysctl(const struct pcpmm_dump *dump, const char *name)
{
	unsigned int i;

	for (i = 0; i < dump->nr_sysctls; i++) {
		if (strcmp(dump->sysctls[i].name, name) == 0)
			return dump->sysctls[i].value;
	}
	return NULL;
}

unsigned int pcpmm_dump_nr_nodes(const struct pcpmm_dump *dump)
{
	return dump->nr_nodes;
}

unsigned int pcpmm_dump_nr_cpus(const struct pcpmm_dump *dump)
{
	return dump->nr_cpus;
}

bool pcpmm_dump_cpu_online(const struct pcpmm_dump *dump, unsigned int cpu)
{
	return cpu < dump->nr_cpus && dump->online[cpu];
}

unsigned int pcpmm_dump_cpu_node(
	const struct pcpmm_dump *dump, unsigned int cpu)
{
	if (cpu >= dump->nr_cpus || dump->nr_nodes < 2)
		return 0;
	if (dump->cpu_node[cpu] != CPULIST_NO_NODE)
		return dump->cpu_node[cpu];
	return (unsigned int)((uint64_t)cpu * dump->nr_nodes / dump->nr_cpus);
}

const char *pcpmm_dump_note(const struct pcpmm_dump *dump)
{
	return dump->note;
}
