/* SPDX-License-Identifier: MIT */
/*
 * The keys of a machine file. Each section is a table of names; a key's
 * number in it is also its bit in `seen`, so that nothing is said twice.
 */
#include "ini_file.h"

#include <pcpmm/proc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_names[] = {
	"machine", "sysctl", "node N", "zone N NAME", NULL};

/* The first PCPMM_NR_DUMP_FILES are enum pcpmm_dump_file, in its order. */
static const char *const machine_keys[] = {"zoneinfo", "buddyinfo",
	"pagetypeinfo", "sysctl", "nodes", "preset", "cpus", "offline", "thp",
	"backing", "drain", "account", "diff", "fold", "fold_quiet",
	"fold_skip_isolated", "fold_expire", "refresh_drain", "wmark_check", "marks",
	"count_order", "reader", "drain_retry", "ipi", "rcu", "grace",
	"allow_unsound", "nohz_full", NULL};
enum {
	KEY_PRESET = PCPMM_NR_DUMP_FILES,
	KEY_CPUS,
	KEY_OFFLINE,
	KEY_THP,
	KEY_BACKING,
	KEY_DRAIN,
	KEY_ACCOUNT,
	KEY_DIFF,
	KEY_FOLD,
	KEY_FOLD_QUIET,
	KEY_FOLD_SKIP_ISOLATED,
	KEY_FOLD_EXPIRE,
	KEY_REFRESH_DRAIN,
	KEY_WMARK_CHECK,
	KEY_MARKS,
	KEY_COUNT_ORDER,
	KEY_READER,
	KEY_DRAIN_RETRY,
	KEY_IPI,
	KEY_RCU,
	KEY_GRACE,
	KEY_ALLOW_UNSOUND,
	KEY_NOHZ_FULL,
	NR_MACHINE_KEYS
};
_Static_assert(NR_MACHINE_KEYS <= 32, "a key has no bit in seen");

static const char *const node_keys[] = {"cpus", "memory", "distance", NULL};
enum { NODE_CPUS, NODE_MEMORY, NODE_DISTANCE };

static const char *const zone_keys[] = {
	"start_pfn", "spanned", "present", "managed", NULL};
enum { ZONE_START_PFN, ZONE_SPANNED, ZONE_PRESENT, ZONE_MANAGED };

static const char *const thp_names[] = {"always", "never", NULL};
static const char *const backing_names[] = {
	"none", "anon", "memfd", "huge", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};

#define AXIS_NAMES_MAX 16
_Static_assert(PCPMM_NR_DRAINS <= AXIS_NAMES_MAX, "drains have no room");

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

static int choose(struct pcpmm_machinefile *file, const char *what,
	const char *value, const char *const *names, int *choice)
{
	*choice = find(value, names);
	return *choice < 0 ? unknown(file, what, value, names) : 0;
}

/* Likewise for an axis, whose names the library tells one by one. */
static int choose_axis(struct pcpmm_machinefile *file, const char *what,
	const char *value, const char *(*name_of)(unsigned int), int *choice)
{
	const char *names[AXIS_NAMES_MAX + 1] = {NULL};
	unsigned int i;

	for (i = 0; i < AXIS_NAMES_MAX && name_of(i); i++)
		names[i] = name_of(i);
	return choose(file, what, value, names, choice);
}

/* Number of the key in its section, which must be new there. */
static int find_key(struct pcpmm_machinefile *file, const char *name,
	const char *const *names, unsigned int *seen)
{
	int key = find(name, names);

	if (key < 0)
		return unknown(file, "key", name, names);
	if (*seen & (1u << key))
		return ini_error(file, file->line, "'%s' is there twice", name);
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

/* One from outside is code, which a file can not bring along. */
static int take_drain(struct pcpmm_machinefile *file, const char *value)
{
	int err = choose_axis(
		file, "drain", value, pcpmm_drain_name, &file->drain);

	if (!err && file->drain == PCPMM_DRAIN_EXTERNAL)
		return ini_error(file, file->line,
			"drain: external is a program's own strategy; only "
			"the program can set it");
	return err;
}

static int take_nr_cpus(struct pcpmm_machinefile *file, const char *value)
{
	uint64_t number;
	int err;

	err = take_number(file, "cpus", value, UINT32_MAX, &number);
	if (err)
		return err;
	if (!number || number > PCPMM_CPUS_MAX)
		return ini_error(file, file->line, "cpus: %llu: 1..%d expected",
			(unsigned long long)number, PCPMM_CPUS_MAX);
	file->cpus = (unsigned int)number;
	file->cpus_line = file->line;
	return 0;
}

/* Keys about counters: how they are updated, and by whom folded. */
static int fold_key(struct pcpmm_machinefile *file, int key, const char *name,
	const char *value)
{
	switch (key) {
	case KEY_ACCOUNT:
		return choose_axis(
			file, name, value, pcpmm_account_name, &file->account);
	case KEY_DIFF:
		return choose_axis(
			file, name, value, pcpmm_diff_name, &file->diff);
	case KEY_FOLD:
		return choose_axis(
			file, name, value, pcpmm_fold_name, &file->fold);
	case KEY_FOLD_QUIET:
		return choose(file, name, value, no_yes, &file->fold_quiet);
	case KEY_FOLD_SKIP_ISOLATED:
		return choose(
			file, name, value, no_yes, &file->fold_skip_isolated);
	default:
		return choose(file, name, value, no_yes, &file->fold_expire);
	case KEY_REFRESH_DRAIN:
		return choose(file, name, value, no_yes, &file->refresh_drain);
	}
}

/* Keys that choose one of several names. */
static int axis_key(struct pcpmm_machinefile *file, int key, const char *name,
	const char *value)
{
	switch (key) {
	case KEY_PRESET:
		return choose_axis(
			file, name, value, pcpmm_preset_name, &file->preset);
	case KEY_THP:
		return choose(file, name, value, thp_names, &file->thp);
	case KEY_BACKING:
		return choose(file, name, value, backing_names, &file->backing);
	case KEY_DRAIN:
		return take_drain(file, value);
	case KEY_IPI:
		return choose_axis(
			file, name, value, pcpmm_ipi_name, &file->ipi);
	case KEY_RCU:
		return choose_axis(
			file, name, value, pcpmm_rcu_name, &file->rcu);
	case KEY_GRACE:
		return choose_axis(
			file, name, value, pcpmm_grace_name, &file->grace);
	case KEY_ALLOW_UNSOUND:
		return choose(file, name, value, no_yes, &file->allow_unsound);
	case KEY_WMARK_CHECK:
		return choose_axis(file, name, value, pcpmm_wmark_check_name,
			&file->wmark_check);
	case KEY_MARKS:
		return choose_axis(
			file, name, value, pcpmm_marks_name, &file->marks);
	case KEY_COUNT_ORDER:
		return choose_axis(file, name, value, pcpmm_count_order_name,
			&file->count_order);
	case KEY_READER:
		return choose_axis(
			file, name, value, pcpmm_reader_name, &file->reader);
	case KEY_DRAIN_RETRY:
		return choose(file, name, value, no_yes, &file->drain_retry);
	default:
		return fold_key(file, key, name, value);
	}
}

static int machine_key(
	struct pcpmm_machinefile *file, const char *name, const char *value)
{
	int key = find_key(file, name, machine_keys, &file->seen);

	if (key < 0)
		return key;
	if (key < PCPMM_NR_DUMP_FILES) {
		if (!*value)
			return ini_error(
				file, file->line, "%s: file expected", name);
		file->files[key] = strdup(value);
		return file->files[key] ? 0 : -ENOMEM;
	}
	switch (key) {
	case KEY_CPUS:
		return take_nr_cpus(file, value);
	case KEY_OFFLINE:
		file->offline_line = file->line;
		return take_cpus(file, name, value, 0, file->offline_node);
	case KEY_NOHZ_FULL:
		file->nohz_full_line = file->line;
		return take_cpus(file, name, value, 0, file->nohz_full_node);
	default:
		return axis_key(file, key, name, value);
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
			return ini_error(
				file, file->line, "'%s' is there twice", name);
	}
	snprintf(sysctl->value, sizeof(sysctl->value), "%s", value);
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

/* The number in "node N" or "zone N NAME"; @text goes on after it. */
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
