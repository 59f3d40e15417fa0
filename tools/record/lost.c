/* SPDX-License-Identifier: MIT */
/* Lost events of each CPU; see lost.h. */
#include "lost.h"
#include "arm.h"
#include "say.h"
#include "stats.h"
#include "tracing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

bool record_lost_report(const struct record_tracing *tracing, FILE *log)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t entries = 0, lost = 0;

	for (long cpu = 0; cpu < cpus; cpu++) {
		struct record_stats stats;
		char file[64], *text;

		snprintf(file, sizeof(file), "per_cpu/cpu%ld/stats", cpu);
		text = record_tracing_read(tracing, file);
		if (!text)
			continue; /* possible, but never there */
		if (record_stats_parse(text, &stats)) {
			record_note("%s is not understood", file);
			lost++;
		} else {
			entries += stats.entries;
			lost += record_stats_lost(&stats);
			if (record_stats_lost(&stats))
				record_note("CPU %ld lost %" PRIu64
					    " of %" PRIu64 " events",
					cpu, record_stats_lost(&stats),
					record_stats_lost(&stats) +
						stats.entries);
		}
		free(text);
	}
	if (lost)
		record_note("the trace has gaps: use a larger --buffer, or "
			    "record a shorter time");
	fprintf(log,
		"events: %" PRIu64 "\nlost events: %" PRIu64
		"\nprobes that missed hits: %d\n",
		entries, lost, record_arm_missed(tracing));
	return lost > 0;
}
