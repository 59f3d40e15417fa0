/* SPDX-License-Identifier: MIT */
/*
 * Which kernels a dump can be of: one that uname told, one whose table of counters is
 * the dump's, or a range, by lines of the zoneinfo that only some kernels print.
 *
 * Lines are from published dumps of 2.6.16 to 7.3; distributions move some to older
 * kernels, so this is only used where nobody tells the version, and to warn.
 */
#include "dump.h"
#include "vmstat/names.h"

#include <stdio.h>
#include <string.h>

/* Version * 1000 + patchlevel; 0: any. */
static const struct {
	const char *line;
	unsigned int first, last; /* kernels that print it */
	unsigned int without; /* the last kernel that prints none at all */
} lines[] = {
	{"free_highatomic", 6019, 0, 6018},
	{"reserved_highatomic", 6019, 0, 0},
	{"high_min:", 6013, 0, 6012},
	{"high_max:", 6013, 0, 0},
	{"promo", 6012, 0, 6011},
	{"boost", 5013, 0, 5012},
	{"", 4017, 4019, 0}, /* nr_indirectly_reclaimable_bytes, unnamed */
	{"per-node stats", 4008, 0, 0},
	{"node_unreclaimable", 4008, 0, 0},
	{"all_unreclaimable", 0, 4007, 0},
	{"scanned", 0, 4007, 0},
	{"prev_priority", 0, 2006, 0},
	{"temp_priority", 0, 2006, 0},
	{"cpu: N pcp: N", 0, 2006, 0},
};

#define NR_LINES (sizeof(lines) / sizeof(lines[0]))

void dump_saw(struct pcpmm_dump *dump, const char *line)
{
	unsigned int i;

	for (i = 0; i < NR_LINES; i++) {
		if (strcmp(line, lines[i].line) == 0)
			dump->lines_seen |= 1u << i;
	}
}

void dump_forget_lines(struct pcpmm_dump *dump)
{
	dump->lines_seen = 0;
}

/* --- the range --------------------------------------------------------- */

#define VERSION_FORMAT "Linux %u.%u"
#define VERSION_ARGS(kernel) (kernel) / 1000, (kernel) % 1000

static void from(
	struct dump_kernels *kernels, const char *line, unsigned int first)
{
	if (first <= kernels->first)
		return;
	kernels->first = first;
	snprintf(kernels->first_why, sizeof(kernels->first_why),
		"the dump has a '%s' line, so it is of " VERSION_FORMAT
		" or later",
		*line ? line : "nameless", VERSION_ARGS(first));
}

static void up_to(struct dump_kernels *kernels, const char *line,
	unsigned int last, bool has)
{
	if (last >= kernels->last)
		return;
	kernels->last = last;
	snprintf(kernels->last_why, sizeof(kernels->last_why),
		"the dump has %s '%s' line, so it is of " VERSION_FORMAT
		" or older",
		has ? "a" : "no", *line ? line : "nameless",
		VERSION_ARGS(last));
}

static bool has_boost(const struct pcpmm_dump *dump)
{
	unsigned int i;

	for (i = 0; i < dump->nr_zones; i++) {
		if (dump->zones[i].info.has_boost)
			return true;
	}
	return false;
}

/* Of a text of show_mem() no line is seen, and only boost can be missing. */
static void by_lines(
	const struct pcpmm_dump *dump, struct dump_kernels *kernels)
{
	unsigned int i;

	if (dump->showmem && !has_boost(dump))
		up_to(kernels, "boost", 5012, false);
	for (i = 0; !dump->showmem && i < NR_LINES; i++) {
		bool seen = dump->lines_seen & (1u << i);

		if (seen)
			from(kernels, lines[i].line, lines[i].first);
		if (seen && lines[i].last)
			up_to(kernels, lines[i].line, lines[i].last, true);
		if (!seen && lines[i].without)
			up_to(kernels, lines[i].line, lines[i].without, false);
	}
}

/* --- counters ----------------------------------------------------------- */

/* Counters of a node (@zone -1) or a zone, from the first one on. */
static bool lists_names(const struct pcpmm_dump *dump, bool node,
	const char *const *names, bool whole)
{
	const struct dump_counter *at = dump->counters, *first = NULL;
	const struct dump_counter *end = at + dump->nr_counters;

	for (; at < end && *names; at++) {
		if ((at->zone < 0) != node)
			continue;
		first = first ? first : at;
		if (at->zone != first->zone || at->nid != first->nid ||
			strcmp(at->name, *names) != 0)
			return false;
		names++;
	}
	if (*names)
		return false;
	return !whole || at == end || (at->zone < 0) != node;
}

/* Is each counter's name, and their order, that kernel's? */
static bool has_counters_of(
	const struct pcpmm_dump *dump, enum pcpmm_layout layout)
{
	const struct vmstat_names *names = vmstat_names_of(layout);

	return lists_names(dump, true, names->node, true) &&
	       lists_names(dump, false, names->zone, false);
}

/* --- all of it ----------------------------------------------------------- */

const struct dump_preset dump_presets[NR_DUMP_PRESETS] = {
	{PCPMM_PRESET_LINUX_5_10, PCPMM_LAYOUT_5_10, 5010},
	{PCPMM_PRESET_LINUX_6_1, PCPMM_LAYOUT_6_1, 6001},
	{PCPMM_PRESET_LINUX_6_12, PCPMM_LAYOUT_6_12, 6012},
	{PCPMM_PRESET_LINUX_6_18, PCPMM_LAYOUT_6_18, 6018},
	{PCPMM_PRESET_LINUX_7_3, PCPMM_LAYOUT_7_3, 7003},
};

static void exactly(
	struct dump_kernels *kernels, unsigned int kernel, const char *text)
{
	kernels->exact = true;
	kernels->first = kernels->last = kernel;
	snprintf(kernels->first_why, sizeof(kernels->first_why), "%s", text);
	snprintf(kernels->last_why, sizeof(kernels->last_why), "%s", text);
}

void dump_kernels(const struct pcpmm_dump *dump, struct dump_kernels *kernels)
{
	char text[96];
	unsigned int i;

	*kernels = (struct dump_kernels){.last = UINT32_MAX};
	if (dump->told_kernel) {
		snprintf(text, sizeof(text), "the dump's uname says Linux %s",
			dump->told_text);
		exactly(kernels, dump->told_kernel, text);
		return;
	}
	for (i = 0; i < NR_DUMP_PRESETS; i++) {
		if (!has_counters_of(dump, dump_presets[i].layout))
			continue;
		snprintf(text, sizeof(text),
			"the dump's counters are those of " VERSION_FORMAT,
			VERSION_ARGS(dump_presets[i].kernel));
		exactly(kernels, dump_presets[i].kernel, text);
		return;
	}
	by_lines(dump, kernels);
}

void dump_kernels_why(
	const struct dump_kernels *kernels, char *why, size_t size)
{
	bool both = !kernels->exact && kernels->first &&
		    kernels->last != UINT32_MAX;

	if (kernels->first > kernels->last)
		snprintf(why, size, "the dump has lines of different kernels");
	else if (!kernels->first && kernels->last == UINT32_MAX)
		snprintf(why, size,
			"the dump has no line that tells its kernel");
	else
		snprintf(why, size, "%s%s%s", kernels->first_why,
			both ? ", and " : "",
			both || !kernels->first ? kernels->last_why : "");
}

const char *dump_kernels_why_not(const struct dump_kernels *kernels,
	unsigned int first, unsigned int last)
{
	if (kernels->first > kernels->last)
		return NULL; /* lines of different kernels prove nothing */
	if (last < kernels->first)
		return kernels->first_why;
	return first > kernels->last ? kernels->last_why : NULL;
}
