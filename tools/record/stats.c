/* SPDX-License-Identifier: MIT */
/* Reads the statistics of buffers and probes; see stats.h. */
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The number behind "@key: " at the start of a line. */
static bool number_of(const char *text, const char *key, uint64_t *value)
{
	size_t length = strlen(key);
	const char *at = text;

	while (at && *at) {
		if (!strncmp(at, key, length) && at[length] == ':')
			return sscanf(at + length + 1, "%" SCNu64, value) == 1;
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return false;
}

int record_stats_parse(const char *text, struct record_stats *stats)
{
	if (number_of(text, "entries", &stats->entries) &&
		number_of(text, "overrun", &stats->overrun) &&
		number_of(text, "commit overrun", &stats->commit_overrun) &&
		number_of(text, "dropped events", &stats->dropped))
		return 0;
	return -EINVAL;
}

uint64_t record_stats_lost(const struct record_stats *stats)
{
	return stats->overrun + stats->commit_overrun + stats->dropped;
}

uint64_t record_stats_missed(const char *profile, const char *event)
{
	uint64_t missed = 0, hits, misses;
	char name[128];

	while (profile && *profile) {
		if (sscanf(profile, " %127s %" SCNu64 " %" SCNu64, name, &hits,
			    &misses) == 3 &&
			!strcmp(name, event))
			missed = misses;
		profile = strchr(profile, '\n');
		if (profile)
			profile++;
	}
	return missed;
}
