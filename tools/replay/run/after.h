/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine against the copy of /proc files that was made after the run.
 *
 * The copy was made while the machine went on, file by file, at moments that no line
 * names. Where the trace has the marks "after-snapshot begin" and "end" they lie between
 * these; then each file is compared at each moment in between, and the best moment
 * counts. Without the marks the end of the trace counts, and what the machine did
 * between the last line and the copy is a difference.
 */
#ifndef REPLAY_AFTER_H
#define REPLAY_AFTER_H

#include <pcpmm/pcpmm.h>

#include "../read/trace.h"

/* Numbers of a file that are equal, of those compared. */
struct replay_equal {
	uint64_t equal, compared;
};

struct replay_after {
	const struct pcpmm_dump *dump; /* NULL: no copy */
	uint32_t from, to; /* lines of the marks; to is 0: no marks */
	struct replay_equal counts; /* zoneinfo: pages of each pageset */
	struct replay_equal
		buddy; /* buddyinfo: blocks of each zone and order */
	struct replay_equal types; /* pagetypeinfo: of each type as well */
};

void replay_after_begin(struct replay_after *after,
	const struct pcpmm_dump *dump, const struct replay_trace *trace);

/*
 * Compares at this moment. @lists: the free lists have changed since the last time.
 * A file that the machine cannot print is not compared. 0 or -ENOMEM.
 */
int replay_after_look(
	struct replay_after *after, struct pcpmm_machine *machine, bool lists);

#endif
