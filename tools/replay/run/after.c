/* SPDX-License-Identifier: MIT */
/* What the copy after the run counts, and what the simulated machine has. */
#include "after.h"

#include <pcpmm/dump.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void replay_after_begin(struct replay_after *after,
	const struct pcpmm_dump *dump, const struct replay_trace *trace)
{
	*after = (struct replay_after){.dump = dump};
	for (size_t i = 0; i < trace->nr_events; i++) {
		const struct replay_event *event = &trace->events[i];

		if (event->kind != REPLAY_EV_MARK)
			continue;
		if (event->arg == REPLAY_MARK_AFTER_BEGIN)
			after->from = event->line;
		else if (event->arg == REPLAY_MARK_AFTER_END)
			after->to = event->line;
	}
	if (after->from > after->to)
		after->to = 0;
}

static void keep_best(struct replay_equal *best, const struct replay_equal *now)
{
	if (now->equal > best->equal || !best->compared)
		*best = *now;
}

/* --- zoneinfo --------------------------------------------------------- */

static void look_at_counts(
	struct replay_after *after, struct pcpmm_machine *machine)
{
	struct replay_equal now = {0};
	struct pcpmm_dump_zone zone;

	for (unsigned int i = 0; !pcpmm_dump_zone(after->dump, i, &zone); i++)
		for (unsigned int c = 0; zone.present && c < zone.nr_pagesets;
			c++) {
			struct pcpmm_dump_pageset set;
			struct pcpmm_pcp_info info;

			pcpmm_dump_pageset(after->dump, i, c, &set);
			if (set.cpu >= pcpmm_nr_cpus(machine) ||
				pcpmm_pcp_read(pcpmm_cpu_get(machine, set.cpu),
					zone.nid, (unsigned int)zone.type,
					&info))
				continue;
			now.compared++;
			now.equal += info.count == set.count;
		}
	keep_best(&after->counts, &now);
}

/* --- buddyinfo and pagetypeinfo --------------------------------------- */

static int print_into(struct pcpmm_machine *machine, const char *name,
	enum pcpmm_dump_file kind, struct pcpmm_dump *dump)
{
	struct pcpmm_error error;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int ret;

	if (!out)
		return -ENOMEM;
	ret = pcpmm_proc_print(machine, name, out);
	if (fclose(out) && !ret)
		ret = -ENOMEM;
	if (!ret)
		ret = pcpmm_dump_parse(dump, kind, name, text, length, &error);
	free(text);
	return ret;
}

/* The machine's zone that is zone @index of the copy. */
static bool same_zone(const struct pcpmm_dump *dump,
	const struct pcpmm_dump_zone *zone, unsigned int *index)
{
	struct pcpmm_dump_zone other;

	for (*index = 0; !pcpmm_dump_zone(dump, *index, &other); ++*index)
		if (other.nid == zone->nid && other.type == zone->type)
			return true;
	return false;
}

static void compare_orders(struct replay_equal *now, const uint64_t *told,
	const uint64_t *have, uint32_t capped)
{
	for (unsigned int order = 0; order < PCPMM_NR_ORDERS; order++) {
		if (capped & 1u << order)
			continue;
		now->compared++;
		now->equal += told[order] == have[order];
	}
}

static void look_at_lists(
	struct replay_after *after, const struct pcpmm_dump *machine)
{
	struct replay_equal buddy = {0}, types = {0};
	struct pcpmm_dump_zone zone;
	unsigned int other;

	for (unsigned int i = 0; !pcpmm_dump_zone(after->dump, i, &zone); i++) {
		uint64_t told[PCPMM_NR_ORDERS], have[PCPMM_NR_ORDERS];

		if (!zone.present || !same_zone(machine, &zone, &other))
			continue;
		if (!pcpmm_dump_buddy(after->dump, i, told) &&
			!pcpmm_dump_buddy(machine, other, have))
			compare_orders(&buddy, told, have, 0);
		for (unsigned int t = 0; t < PCPMM_NR_MIGRATETYPES; t++) {
			struct pcpmm_dump_type is, was;

			if (!pcpmm_dump_type(after->dump, i,
				    (enum pcpmm_migratetype)t, &was) &&
				!pcpmm_dump_type(machine, other,
					(enum pcpmm_migratetype)t, &is))
				compare_orders(&types, was.nr_free, is.nr_free,
					was.capped | is.capped);
		}
	}
	keep_best(&after->buddy, &buddy);
	keep_best(&after->types, &types);
}

int replay_after_look(
	struct replay_after *after, struct pcpmm_machine *machine, bool lists)
{
	struct pcpmm_dump *dump;
	int ret = 0;

	look_at_counts(after, machine);
	if (!lists)
		return 0;
	dump = pcpmm_dump_create();
	if (!dump)
		return -ENOMEM;
	ret = print_into(machine, "zoneinfo", PCPMM_DUMP_ZONEINFO, dump);
	if (!ret)
		ret = print_into(
			machine, "buddyinfo", PCPMM_DUMP_BUDDYINFO, dump);
	if (!ret)
		ret = print_into(
			machine, "pagetypeinfo", PCPMM_DUMP_PAGETYPEINFO, dump);
	if (!ret)
		look_at_lists(after, dump);
	pcpmm_dump_free(dump);
	return ret == -ENOMEM ? ret : 0;
}
