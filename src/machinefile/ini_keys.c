/* SPDX-License-Identifier: MIT */
/*
 * The keys of a machine file. Each section is a table of names; a key's
 * number in it is also its bit in `seen`, so that no key is there twice.
 */
#include "ini_file.h"

#include <pcpmm/proc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_names[] = {
	"machine", "sysctl", "node N", "zone N NAME", NULL};

/* Keys of [machine] that are no axis. The first are enum pcpmm_dump_file. */
static const char *const own_keys[] = {"zoneinfo", "buddyinfo", "pagetypeinfo",
	"sysctl", "nodes", "uname", "cpus", "offline", "nohz_full",
	"zone_instances", "cpu_cache_kbytes", NULL};
enum {
	KEY_CPUS = PCPMM_NR_DUMP_FILES,
	KEY_OFFLINE,
	KEY_NOHZ_FULL,
	KEY_ZONE_INSTANCES,
	KEY_CPU_CACHE_KBYTES,
	NR_OWN_KEYS
};
_Static_assert(NR_OWN_KEYS <= 32, "a key has no bit in seen");

static const char *const node_keys[] = {"cpus", "memory", "distance", NULL};
enum { NODE_CPUS, NODE_MEMORY, NODE_DISTANCE };

static const char *const zone_keys[] = {
	"start_pfn", "spanned", "present", "managed", NULL};
enum { ZONE_START_PFN, ZONE_SPANNED, ZONE_PRESENT, ZONE_MANAGED };

static int unknown(struct pcpmm_machinefile *file, const char *what,
	const char *name, const char *const *names)
{
	const char *near = pcpmm_nearest_name(name, names);

	if (near)
		return ini_error(file, file->line,
			"unknown %s '%s'; did you mean '%s'?", what, name,
			near);
	return ini_error(file, file->line, "unknown %s '%s'", what, name);
}

/* Number of @name in @names; -1 if it is not there. */
static int find(const char *name, const char *const *names)
{
	int i;

	for (i = 0; names[i]; i++) {
		if (strcmp(name, names[i]) == 0)
			return i;
	}
	return -1;
}

static int twice(struct pcpmm_machinefile *file, const char *name)
{
	return ini_error(file, file->line, "'%s' is there twice", name);
}

/* Number of the key in its section, which must be new there. */
static int find_key(struct pcpmm_machinefile *file, const char *name,
	const char *const *names, unsigned int *seen)
{
	int key = find(name, names);

	if (key < 0)
		return unknown(file, "key", name, names);
	if (*seen & (1u << key))
		return twice(file, name);
	*seen |= 1u << key;
	return key;
}

/* A text with errors that name the key instead of a column. */
static void open_value(struct text *text, const char *value)
{
	text_init(text, "", value, strlen(value), NULL);
	text_line(text);
}

static int take_number(struct pcpmm_machinefile *file, const char *name,
	const char *value, uint64_t max, uint64_t *number)
{
	struct text text;

	open_value(&text, value);
	if (!text_number(&text, max, number) || !text_at_end(&text))
		return ini_error(file, file->line,
			"%s: '%s' is not a number 0..%llu", name, value,
			(unsigned long long)max);
	return 0;
}

/* "16G": bytes, with K, M, G or T of 1024. */
static int take_bytes(
	struct pcpmm_machinefile *file, const char *value, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	unsigned int shift;
	const char *unit;
	struct text text;

	open_value(&text, value);
	if (!text_number(&text, 1ULL << 44, bytes))
		goto bad;
	if (text.at < text.end) {
		unit = strchr(units, *text.at);
		if (!unit)
			goto bad;
		text.at++;
		shift = 10 * (unsigned int)(unit - units + 1);
		*bytes = *bytes > (1ULL << 44) >> shift ? 1ULL << 45
							: *bytes << shift;
	}
	if (!text_at_end(&text))
		goto bad;
	if (*bytes > 1ULL << 44)
		return ini_error(
			file, file->line, "memory: more than 16T: '%s'", value);
	if (*bytes % PCPMM_PAGE_SIZE)
		return ini_error(file, file->line,
			"memory: '%s' is not a number of whole pages", value);
	return 0;
bad:
	return ini_error(file, file->line,
		"memory: '%s' is not a size like 512M or 16G", value);
}

static int take_cpus(struct pcpmm_machinefile *file, const char *name,
	const char *value, unsigned int nid, unsigned int *cpu_node)
{
	struct pcpmm_error error = {""};
	struct text text;

	text_init(&text, name, value, strlen(value), &error);
	text_line(&text);
	if (cpulist_take(&text, nid, cpu_node))
		return ini_error(file, file->line, "%s: %s", name,
			strrchr(error.text, ':') + 2);
	if (!text_at_end(&text))
		return ini_error(file, file->line,
			"%s: '%s' is not a list like 0-3,8", name, value);
	return 0;
}

/* 1..@max */
static int take_count(struct pcpmm_machinefile *file, const char *name,
	const char *value, unsigned int max, unsigned int *count)
{
	uint64_t number;
	int err;

	err = take_number(file, name, value, UINT32_MAX, &number);
	if (err)
		return err;
	if (!number || number > max)
		return ini_error(file, file->line, "%s: %llu: 1..%u expected",
			name, (unsigned long long)number, max);
	*count = (unsigned int)number;
	return 0;
}

/*
 * All keys of [machine], for suggestions. Of two names that are equally near the
 * first is suggested, so the order counts.
 */
static void machine_keys(const char *keys[NR_OWN_KEYS + NR_AXES + 1])
{
	unsigned int nr, i;

	for (nr = 0; nr < KEY_CPUS; nr++)
		keys[nr] = own_keys[nr];
	for (i = 0; i < NR_AXES; i++) {
		if (axes[i].flags & AXIS_FILE)
			keys[nr++] = axes[i].key;
		if (i == AXIS_preset) {
			keys[nr++] = own_keys[KEY_CPUS];
			keys[nr++] = own_keys[KEY_OFFLINE];
		}
	}
	keys[nr++] = own_keys[KEY_NOHZ_FULL];
	keys[nr++] = own_keys[KEY_ZONE_INSTANCES];
	keys[nr++] = own_keys[KEY_CPU_CACHE_KBYTES];
	keys[nr] = NULL;
}

/* A key that chooses one of several names. */
static int axis_key(struct pcpmm_machinefile *file, const struct axis *axis,
	const char *value)
{
	uint8_t *choice = &file->axis[axis - axes];
	int number;

	if (*choice)
		return twice(file, axis->key);
	number = axis_value_by_name(axis, value);
	if (number < 0)
		return unknown(file, axis->key, value, axis->values);
	/* An external strategy is code, which a file can not contain. */
	if (axis == &axes[AXIS_drain] && number == PCPMM_DRAIN_EXTERNAL)
		return ini_error(file, file->line,
			"drain: external is a program's own strategy; only "
			"the program can set it");
	*choice = (uint8_t)(1 + number);
	return 0;
}

static int machine_key(
	struct pcpmm_machinefile *file, const char *name, const char *value)
{
	const char *keys[NR_OWN_KEYS + NR_AXES + 1];
	const struct axis *axis = axis_find(name);
	int key;

	if (axis && (axis->flags & AXIS_FILE))
		return axis_key(file, axis, value);
	if (find(name, own_keys) < 0) {
		machine_keys(keys);
		return unknown(file, "key", name, keys);
	}
	key = find_key(file, name, own_keys, &file->seen);
	if (key < 0)
		return key;
	switch (key) {
	case KEY_CPUS:
		file->cpus_line = file->line;
		return take_count(
			file, name, value, PCPMM_CPUS_MAX, &file->cpus);
	case KEY_OFFLINE:
		file->offline_line = file->line;
		return take_cpus(file, name, value, 0, file->offline_node);
	case KEY_ZONE_INSTANCES:
		file->zone_instances_line = file->line;
		return take_count(file, name, value, PCPMM_ZONE_INSTANCES_MAX,
			&file->zone_instances);
	case KEY_CPU_CACHE_KBYTES:
		return take_count(
			file, name, value, INT32_MAX, &file->cpu_cache_kbytes);
	case KEY_NOHZ_FULL:
		file->nohz_full_line = file->line;
		return take_cpus(file, name, value, 0, file->nohz_full_node);
	default:
		if (!*value)
			return ini_error(
				file, file->line, "%s: file expected", name);
		file->files[key] = strdup(value);
		return file->files[key] ? 0 : -ENOMEM;
	}
}

static int sysctl_key(
	struct pcpmm_machinefile *file, const char *name, const char *value)
{
	struct ini_sysctl *sysctl = &file->sysctls[file->nr_sysctls];
	struct pcpmm_sysctls scratch;
	const char *prefix = strncmp(name, "vm.", 3) == 0 ? "" : "vm.";
	char why[128];
	unsigned int i;
	int err;

	snprintf(sysctl->name, sizeof(sysctl->name), "%s%s", prefix, name);
	err = sysctl_parse(&scratch, sysctl->name, value, why, sizeof(why));
	if (err == -ENOENT)
		return unknown(
			file, "sysctl", sysctl->name, pcpmm_sysctl_names());
	if (err)
		return ini_error(
			file, file->line, "%s: '%s': %s", name, value, why);
	for (i = 0; i < file->nr_sysctls; i++) {
		if (strcmp(file->sysctls[i].name, sysctl->name) == 0)
			return twice(file, name);
	}
	snprintf(sysctl->value, sizeof(sysctl->value), "%s", value);
	sysctl->line = file->line;
	file->nr_sysctls++;
	return 0;
}

static int take_distance(
	struct pcpmm_machinefile *file, unsigned int nid, const char *value)
{
	struct text text;
	uint64_t distance;
	unsigned int to;

	open_value(&text, value);
	for (to = 0; !text_at_end(&text); to++) {
		if (to == PCPMM_NODES_MAX ||
			!text_number(&text, 255, &distance) || distance < 10)
			return ini_error(file, file->line,
				"distance: '%s' is not a list of 10..255, one "
				"a node",
				value);
		file->distance[nid * PCPMM_NODES_MAX + to] =
			(unsigned char)distance;
	}
	file->has_distance = true;
	return 0;
}

static int node_key(struct pcpmm_machinefile *file, unsigned int nid,
	const char *name, const char *value)
{
	struct ini_node *node = &file->node[nid];
	int key = find_key(file, name, node_keys, &node->seen);

	if (key < 0)
		return key;
	switch (key) {
	case NODE_CPUS:
		file->has_cpu_lists = true;
		return take_cpus(file, name, value, nid, file->cpu_node);
	case NODE_MEMORY:
		return take_bytes(file, value, &node->memory_bytes);
	default:
		return take_distance(file, nid, value);
	}
}

static int zone_key(struct pcpmm_machinefile *file, struct ini_zone *zone,
	const char *name, const char *value)
{
	int key = find_key(file, name, zone_keys, &zone->seen);
	uint64_t *const fields[] = {
		[ZONE_START_PFN] = &zone->config.start_pfn,
		[ZONE_SPANNED] = &zone->config.spanned_pages,
		[ZONE_PRESENT] = &zone->config.present_pages,
		[ZONE_MANAGED] = &zone->config.managed_pages,
	};

	if (key < 0)
		return key;
	return take_number(file, name, value, PCPMM_PFN_MAX, fields[key]);
}

/* Take the number of "node N" or "zone N NAME" from @text. */
static int take_node(struct pcpmm_machinefile *file, const char *section,
	struct text *text, struct ini_node **node, unsigned int *nid)
{
	uint64_t number;

	if (!text_number(text, UINT32_MAX, &number))
		return ini_error(file, file->line,
			"[%s]: number of the node expected", section);
	if (number >= PCPMM_NODES_MAX)
		return ini_error(file, file->line, "[%s]: at most %d nodes",
			section, PCPMM_NODES_MAX);
	*nid = (unsigned int)number;
	*node = &file->node[*nid];
	if (!(*node)->line)
		(*node)->line = file->line;
	if (*nid >= file->nr_nodes)
		file->nr_nodes = *nid + 1;
	return 0;
}

static int in_zone_section(struct pcpmm_machinefile *file, const char *section,
	struct text *text, const char *name, const char *value)
{
	const char *zone_names[PCPMM_ZONE_DEVICE + 1] = {NULL};
	struct ini_node *node = NULL;
	unsigned int nid = 0;
	char zone_name[16];
	const char *word;
	size_t length;
	int err, type;

	err = take_node(file, section, text, &node, &nid);
	if (err)
		return err;
	for (type = 0; type < PCPMM_ZONE_DEVICE; type++)
		zone_names[type] = pcpmm_zone_name((unsigned int)type);
	length = text_word(text, &word);
	snprintf(zone_name, sizeof(zone_name), "%.*s", (int)length, word);
	type = find(zone_name, zone_names);
	if (type < 0 || !text_at_end(text))
		return unknown(file, "zone", zone_name, zone_names);
	node->has_zones = true;
	if (!node->zones[type].line)
		node->zones[type].line = file->line;
	return zone_key(file, &node->zones[type], name, value);
}

int ini_key(struct pcpmm_machinefile *file, const char *section,
	const char *name, const char *value)
{
	struct ini_node *node = NULL;
	struct text text;
	unsigned int nid = 0;
	int err;

	if (strcmp(section, "machine") == 0)
		return machine_key(file, name, value);
	if (strcmp(section, "sysctl") == 0)
		return sysctl_key(file, name, value);
	open_value(&text, section);
	if (text_take(&text, "zone "))
		return in_zone_section(file, section, &text, name, value);
	if (text_take(&text, "node ")) {
		err = take_node(file, section, &text, &node, &nid);
		if (!err && !text_at_end(&text))
			err = ini_error(file, file->line,
				"[%s]: [node N] expected", section);
		return err ? err : node_key(file, nid, name, value);
	}
	if (!*section)
		return ini_error(file, file->line,
			"'%s' stands before any [section]", name);
	return unknown(file, "section", section, section_names);
}
