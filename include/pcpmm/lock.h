/* SPDX-License-Identifier: MIT */
/*
 * How long zone locks are held and waited for: what the kernel's lock_stat
 * calls holdtime and waittime.
 *
 * A zone's lock is held with interrupts off, for a whole refill or spill, so
 * its longest hold is a latency of the CPU that holds it, and of each CPU that
 * waits. Switched off, it costs one predicted branch a hold. Switched on, two
 * reads of the clock.
 */
#ifndef PCPMM_LOCK_H
#define PCPMM_LOCK_H

#include <pcpmm/histogram.h>
#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

/*
 * Measure all zone locks of the machine from now on, beginning with nothing; or
 * stop and forget. At rest only; allocates. 0, -ENOMEM.
 */
PCPMM_API int pcpmm_lock_stat_set(struct pcpmm_machine *machine, bool on);

/*
 * A zone's lock: how long it was held, each time, and how long CPUs that found
 * it taken waited for it. Either may be NULL. hold->count is the number of
 * acquisitions, wait->count that of contentions. Any thread; racy. 0, -EINVAL
 * (no such zone, or not switched on).
 */
PCPMM_API int pcpmm_zone_lock_read(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, struct pcpmm_histogram *hold,
	struct pcpmm_histogram *wait);

PCPMM_END_DECLS

#endif
