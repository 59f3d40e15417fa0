/* SPDX-License-Identifier: MIT */
/* Finds and removes what dead recorders left; see leftover.h. */
#include "leftover.h"
#include "say.h"
#include "tracing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

/*
 * Group and event of a line "p:GROUP/EVENT PLACE ...", "r10:...", "f:...";
 * NULL: another kind of line. Cuts @line.
 */
static char *probe_of(char *line)
{
	char *name = strchr(line, ':');

	if (!name || !strchr("pref", *line))
		return NULL;
	name[1 + strcspn(name + 1, " \n")] = '\0';
	return name + 1;
}

static bool remove_probe(const char *name)
{
	char text[160];

	snprintf(text, sizeof(text), "-:%s", name);
	return tracefs_instance_file_append(NULL, "dynamic_events", text) >= 0;
}

/* A probe whose recorder has an instance is left to it. */
static bool remove_orphan(const char *name)
{
	char group[RECORD_GROUP_MAX];

	snprintf(group, sizeof(group), "%.*s", (int)strcspn(name, "/"), name);
	return !tracefs_instance_exists(group) && remove_probe(name);
}

/* How many probes of groups that start with @prefix @take was true for. */
static int each_probe(const char *prefix, bool (*take)(const char *name))
{
	char *all = tracefs_instance_file_read(NULL, "dynamic_events", NULL);
	char *rest = all, *line;
	int taken = 0;

	while ((line = strsep(&rest, "\n"))) {
		const char *name = probe_of(line);

		if (name && !strncmp(name, prefix, strlen(prefix)))
			taken += take(name);
	}
	free(all);
	return taken;
}

void record_leftover_probes(const char *group)
{
	char prefix[RECORD_GROUP_MAX + 1];

	snprintf(prefix, sizeof(prefix), "%s/", group);
	each_probe(prefix, remove_probe);
}

static void remove_instance(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/instances/%s", tracefs_tracing_dir(),
		name);
	if (!rmdir(path))
		record_note(
			"removed %s, left by a recorder that was killed", path);
	else if (errno == EBUSY)
		record_note("another recorder is at work: %s", path);
	else
		record_note("%s stays: %s", path, strerror(errno));
}

void record_leftover_remove(void)
{
	char **names = tracefs_instances(NULL);
	int orphans;

	for (int i = 0; names && names[i]; i++) {
		if (!strncmp(names[i], RECORD_NAME, strlen(RECORD_NAME)))
			remove_instance(names[i]);
	}
	tracefs_list_free(names);
	orphans = each_probe(RECORD_NAME, remove_orphan);
	if (orphans)
		record_note("removed %d probes, left by a recorder that was "
			    "killed",
			orphans);
}
