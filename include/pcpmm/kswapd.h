/* SPDX-License-Identifier: MIT */
/*
 * kswapd: a node's reclaim in the background. Woken by an allocation that
 * finds no zone above its low mark, it reclaims until some zone is above its
 * high mark again, and gives up after 16 rounds for nothing.
 *
 * Who believes which counter meanwhile is pcpmm_config.reader. With
 * pressure_threshold and throttle_snapshot the CPUs' counter thresholds are
 * smaller, or larger, while kswapd is awake (88f5acf88ae6).
 */
#ifndef PCPMM_KSWAPD_H
#define PCPMM_KSWAPD_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

/* HZ / 10: between the last round and sleep, in ms. */
#define PCPMM_KSWAPD_NAP_MS 100

/*
 * Give each node that has memory a kswapd. With @nap_ms > 0 it is a thread: a
 * normal task that needs a CPU for each round, an idle one of its node if there
 * is one, never a nohz_full one unless all are; a task of the program stands
 * still meanwhile. With 0 nobody runs it but pcpmm_kswapd_run(); nobody is
 * throttled then, as nobody might wake him. Without kswapd watermark boosts are
 * taken off at once, and allocations below low are as good as any.
 * 0, -EBUSY (there is one), -EAGAIN, -ENOMEM. At rest, or from a thread that is
 * on none of the CPUs.
 */
PCPMM_API int pcpmm_kswapd_start(
	struct pcpmm_machine *machine, unsigned int nap_ms);

/* Let the throttled go and end. Also done by pcpmm_machine_destroy(). */
PCPMM_API void pcpmm_kswapd_stop(struct pcpmm_machine *machine);

/*
 * One round of node @nid's kswapd by CPU @on, if it was woken or could not sleep
 * the last time: reclaim, then sleep if it may. Pages freed; 0 also if it
 * sleeps. -EPERM, -EINVAL (no such node, no kswapd, it has a thread, @on has
 * interrupts off, or reclaims already), -EBUSY (somebody else runs it).
 */
PCPMM_API int pcpmm_kswapd_run(struct pcpmm_cpu *on, unsigned int nid);

struct pcpmm_kswapd_state {
	bool running; /* started */
	bool awake;
	bool woken; /* asleep, but a request has come */
	int order; /* of the request; largest since the last round */
	int highest_zone; /* likewise; PCPMM_NR_ZONES: no request */
	unsigned int failures; /* rounds for nothing; 16: it has given up */
	uint64_t rounds;
	uint64_t wakeups; /* requests that found it asleep and unbalanced */
	uint64_t sleeps;
	uint64_t reclaimed; /* pages */
};
/* Any thread; racy. 0, -EINVAL. */
PCPMM_API int pcpmm_kswapd_read(const struct pcpmm_machine *machine,
	unsigned int nid, struct pcpmm_kswapd_state *state);

/*
 * Would a request that needs memory of node @nid be let through by the
 * throttle (allow_direct_reclaim: more than half of the min marks is free, by
 * the counter or, with reader throttle_snapshot, by a snapshot)? Any thread.
 */
PCPMM_API bool pcpmm_allows_direct_reclaim(
	struct pcpmm_machine *machine, unsigned int nid);

PCPMM_END_DECLS

#endif
