/* SPDX-License-Identifier: MIT */
/*
 * kswapd: a node's reclaim in the background. Woken by an allocation that
 * finds no zone above its low mark, it reclaims until some zone is above its
 * high mark again, and gives up after 16 rounds without progress.
 *
 * pcpmm_config.reader says which value of a counter each check reads meanwhile.
 * With pressure_threshold and throttle_snapshot the CPUs' counter thresholds
 * become smaller, or larger, while kswapd is awake (88f5acf88ae6).
 */
#ifndef PCPMM_KSWAPD_H
#define PCPMM_KSWAPD_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

/* HZ / 10, in ms: the nap between the last round and sleep. */
#define PCPMM_KSWAPD_NAP_MS 100

/*
 * Give each node that has memory a kswapd. With @nap_ms > 0 it is a thread, a
 * normal task that takes a CPU for each round: an idle CPU of its node if there
 * is one, and no nohz_full CPU unless all CPUs are. A task of the program on
 * that CPU does not run meanwhile. With @nap_ms 0 only pcpmm_kswapd_run() runs
 * kswapd, and no allocation is throttled, as there might be no thread to wake
 * it. On a machine without kswapd a watermark boost is removed at once, and an
 * allocation below the low mark wakes no thread.
 * 0, -EBUSY (started already), -EAGAIN, -ENOMEM. At rest, or from a thread that
 * is on none of the CPUs.
 */
PCPMM_API int pcpmm_kswapd_start(
	struct pcpmm_machine *machine, unsigned int nap_ms);

/* Wake throttled tasks and end. pcpmm_machine_destroy() does it, too. */
PCPMM_API void pcpmm_kswapd_stop(struct pcpmm_machine *machine);

/*
 * One round of node @nid's kswapd by CPU @on, if kswapd was woken or could not
 * sleep after its last round: it reclaims, then sleeps if the node is balanced
 * or kswapd has given up. Number of pages freed, 0 also while kswapd sleeps;
 * -EPERM, -EINVAL (no such node, no kswapd, kswapd has a thread, @on has
 * interrupts off, or reclaims already), -EBUSY (another thread runs this
 * kswapd).
 */
PCPMM_API int pcpmm_kswapd_run(struct pcpmm_cpu *on, unsigned int nid);

struct pcpmm_kswapd_state {
	bool running; /* started, and the node has memory */
	bool awake;
	bool woken; /* asleep, but a request has come */
	int order; /* of the request; largest since the last round */
	int highest_zone; /* likewise; PCPMM_NR_ZONES: no request */
	unsigned int failures; /* rounds without progress; 16: gave up */
	uint64_t rounds;
	uint64_t wakeups; /* requests: kswapd asleep, the node not balanced */
	uint64_t sleeps;
	uint64_t reclaimed; /* pages */
};
/* Any thread; racy. 0, -EINVAL. */
PCPMM_API int pcpmm_kswapd_read(const struct pcpmm_machine *machine,
	unsigned int nid, struct pcpmm_kswapd_state *state);

/*
 * Does the throttle let a request for memory of node @nid pass
 * (allow_direct_reclaim: more than half of the min marks is free, by the
 * counter or, with reader throttle_snapshot, by a snapshot)? Any thread.
 */
PCPMM_API bool pcpmm_allows_direct_reclaim(
	struct pcpmm_machine *machine, unsigned int nid);

PCPMM_END_DECLS

#endif
