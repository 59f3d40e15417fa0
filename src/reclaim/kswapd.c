/* SPDX-License-Identifier: MIT */
/*
 * A node's background reclaim: balance_pgdat(), Linux 6.1, and the check
 * whether kswapd may sleep.
 *
 *   asleep --wakeup, unbalanced--> awake --balance--> may sleep? --> nap
 *     ^                              ^                   | no         |
 *     |                              |                   v            |
 *     +-------------- yes ---------- | -------------- may sleep? <----+
 *                                    +--------- no ------+   not woken
 *
 * While kswapd is awake, checks in its zones have to be more exact: thresholds
 * are smaller (kswapd_set_pressure()), or, in 2.6.36, every check below the
 * drift mark reads a snapshot (kswapd_set_awake()).
 */
#include "reclaim/reclaim.h"
#include "vmstat/threshold.h"
#include "zone/gate.h"
#include "zone/watermark.h"

/* Under a boost: the deepest scan. A pass without progress ends the round. */
#define BOOST_PRIORITY_MIN (DEF_PRIORITY - 2)

/* --- awake or asleep ----------------------------------------------------- */

/*
 * 88f5acf88ae6: under pressure the diffs of a zone may hide at most low - min.
 * Racy stores: an update that has read the old threshold is the last to use it.
 * Zones whose diffs can not hide that much (no drift mark) keep their
 * thresholds.
 */
static void set_thresholds(const struct reclaim *reclaim,
	const struct reclaim_node *node, bool pressure)
{
	unsigned int nr_online = smp_nr_online(reclaim->smp);

	for (unsigned int i = 0; i < node->nr_zones; i++) {
		struct zone *zone = node->zones[i];
		int threshold;

		if (!atomic_load_relaxed_u64(&zone->stat.drift_mark))
			continue;
		threshold = pressure ? vmstat_pressure_threshold(
					       zone_mark_pages(zone, MARK_LOW),
					       zone_mark_pages(zone, MARK_MIN),
					       nr_online)
				     : vmstat_normal_threshold(
					       zone->managed, nr_online);
		vmstat_set_thresholds(&zone->stat, threshold);
	}
}

void kswapd_set_pressure(
	struct reclaim *reclaim, struct reclaim_node *node, bool pressure)
{
	if (reclaim->reader == PCPMM_READER_PRESSURE_THRESHOLD ||
		reclaim->reader == PCPMM_READER_THROTTLE_SNAPSHOT)
		set_thresholds(reclaim, node, pressure);
}

/* aa45484031dd: kswapd is awake while it is on no wait queue. */
void kswapd_set_awake(
	struct reclaim *reclaim, struct reclaim_node *node, bool awake)
{
	atomic_store_relaxed_u32(&node->kswapd_awake, awake);
	if (reclaim->reader != PCPMM_READER_DRIFT_SNAPSHOT)
		return;
	for (unsigned int i = 0; i < node->nr_zones; i++) {
		if (awake)
			zone_set_flag(node->zones[i], ZONE_READ_SNAPSHOT);
		else
			zone_clear_flag(node->zones[i], ZONE_READ_SNAPSHOT);
	}
}

static bool may_sleep(struct reclaim *reclaim, struct reclaim_node *node)
{
	reclaim_wake_throttled(node);
	return reclaim_is_hopeless(node) ||
	       kswapd_balanced(
		       reclaim, node, node->sleep_order, node->last_highest);
}

bool kswapd_prepare_sleep(struct reclaim *reclaim, struct reclaim_node *node)
{
	/* Requests that come from here on wake it; after a nap, since then. */
	if (atomic_load_relaxed_u32(&node->kswapd_awake)) {
		atomic_store_relaxed_u32(&node->answered,
			atomic_load_acquire_u32(&node->wakeups));
		kswapd_set_awake(reclaim, node, false);
	}
	if (!kswapd_was_woken(node) && may_sleep(reclaim, node))
		return true;
	kswapd_set_awake(reclaim, node, true);
	return false;
}

/* The highest zone that is asked for; no request: that of the last one. */
static uint32_t highest_asked(const struct reclaim_node *node)
{
	uint32_t highest = atomic_load_relaxed_u32(&node->kswapd_highest);

	return highest < PCPMM_NR_ZONES ? highest : node->last_highest;
}

void kswapd_woken_early(struct reclaim_node *node)
{
	atomic_store_relaxed_u32(&node->kswapd_highest, highest_asked(node));
	if (atomic_load_relaxed_u32(&node->kswapd_order) < node->sleep_order)
		atomic_store_relaxed_u32(
			&node->kswapd_order, node->sleep_order);
}

void kswapd_count_hit_quickly(struct reclaim_node *node, bool woken)
{
	atomic_add_relaxed_u64(
		woken ? &node->low_hit_quickly : &node->high_hit_quickly, 1);
}

/* --- one round ------------------------------------------------------------ */

struct round {
	struct scan_control sc;
	uint64_t boosts[NODE_INSTANCES_MAX]; /* as the round found them */
	uint64_t boost; /* their sum, less the pages reclaimed for it */
};

/* Take the request that was made since the last round, and reset it. */
static void take_request(struct reclaim_node *node, struct scan_control *sc)
{
	node->last_highest = highest_asked(node);
	sc->order = atomic_load_relaxed_u32(&node->kswapd_order);
	sc->highest_zoneidx = node->last_highest;
	atomic_store_relaxed_u32(&node->kswapd_order, 0);
	atomic_store_relaxed_u32(&node->kswapd_highest, PCPMM_NR_ZONES);
}

/*
 * What has to be balanced before kswapd sleeps: the requests that were made
 * during the round. If the round gave its order up, what it did balance.
 */
static void set_sleep_order(
	struct reclaim_node *node, unsigned int asked, unsigned int balanced)
{
	node->sleep_order = balanced;
	if (balanced < asked)
		return;
	node->sleep_order = atomic_load_relaxed_u32(&node->kswapd_order);
	node->last_highest = highest_asked(node);
}

static void begin(struct reclaim_node *node, struct round *round)
{
	struct scan_control *sc = &round->sc;

	for (unsigned int i = 0; i < node->nr_zones; i++) {
		struct zone *zone = node->zones[i];

		if (zone->type > sc->highest_zoneidx)
			break;
		round->boosts[i] = atomic_load_relaxed_u64(&zone->boost);
		round->boost += round->boosts[i];
		zone_set_flag(zone, ZONE_RECLAIM_ACTIVE);
		sc->target += MAX(zone_mark_pages(zone, MARK_HIGH),
			(uint64_t)PCPMM_RECLAIM_TARGET);
	}
}

static void end(struct reclaim_node *node, struct round *round)
{
	for (unsigned int i = 0; i < node->nr_zones; i++) {
		struct zone *zone = node->zones[i];
		uint64_t boost;

		if (zone->type > round->sc.highest_zoneidx)
			break;
		zone_clear_flag(zone, ZONE_RECLAIM_ACTIVE);
		if (!round->boosts[i])
			continue;
		zone_lock_irqsave(round->sc.cpu, zone);
		boost = atomic_load_relaxed_u64(&zone->boost);
		zone_set_boost(zone, boost - MIN(boost, round->boosts[i]));
		zone_unlock_irqrestore(round->sc.cpu, zone);
	}
}

/* true: the round goes on, one priority deeper if *@deeper. */
static bool pass(struct reclaim *reclaim, struct reclaim_node *node,
	struct round *round, bool *deeper)
{
	struct scan_control *sc = &round->sc;
	uint64_t before = sc->reclaimed, progress;

	sc->scanned = 0;
	reclaim_shrink_node(reclaim, node, sc);
	*deeper = sc->scanned < sc->target;
	reclaim_shrink_cache(reclaim, sc, before);
	progress = sc->reclaimed - before;
	if (sc->order && sc->reclaimed >= 2ul << sc->order)
		sc->order = 0;
	if (reclaim_direct_is_allowed(reclaim, node))
		reclaim_wake_throttled(node);
	if (round->boost) {
		round->boost -= MIN(round->boost, progress);
		if (round->boost && !progress)
			return false;
		if (sc->priority <= BOOST_PRIORITY_MIN)
			*deeper = false;
	}
	*deeper |= !progress;
	return true;
}

/* Until the node is balanced or priority 1 was scanned. true: balanced. */
static bool passes(
	struct reclaim *reclaim, struct reclaim_node *node, struct round *round)
{
	struct scan_control *sc = &round->sc;
	bool deeper = false;

	while (sc->priority >= 1) {
		bool balanced = kswapd_balanced(
			reclaim, node, sc->order, sc->highest_zoneidx);

		if (balanced && !round->boost)
			return true;
		if (!balanced && round->boost) {
			round->boost = 0;
			sc->priority = DEF_PRIORITY;
		}
		if (!pass(reclaim, node, round, &deeper))
			break;
		sc->priority -= deeper;
	}
	return sc->reclaimed &&
	       kswapd_balanced(reclaim, node, sc->order, sc->highest_zoneidx);
}

/*
 * A round has failed if the node is not balanced and no page came from the
 * lists. Pages that only the program's cache says it has freed do not count.
 */
static void judge(
	struct reclaim_node *node, const struct scan_control *sc, bool balanced)
{
	if (balanced && sc->reclaimed)
		atomic_store_relaxed_u32(&node->failures, 0);
	else if (!balanced && !sc->from_lists)
		atomic_store_relaxed_u32(&node->failures,
			atomic_load_relaxed_u32(&node->failures) + 1);
}

uint64_t kswapd_balance(
	struct reclaim *reclaim, struct reclaim_node *node, struct cpu *cpu)
{
	struct round round = {
		.sc = {.cpu = cpu, .priority = DEF_PRIORITY, .kswapd = true}};
	unsigned int order;
	bool balanced;

	take_request(node, &round.sc);
	order = round.sc.order;
	kswapd_record(cpu, PCPMM_EVENT_MM_VMSCAN_KSWAPD_WAKE, node, order, 0);
	reclaim->count(cpu, PAGEOUTRUN, 1);
	begin(node, &round);
	cpu->memalloc = true;
	balanced = passes(reclaim, node, &round);
	cpu->memalloc = false;
	end(node, &round);
	set_sleep_order(node, order, round.sc.order);
	judge(node, &round.sc, balanced);
	atomic_add_relaxed_u64(&node->rounds, 1);
	atomic_add_relaxed_u64(&node->reclaimed, round.sc.reclaimed);
	return round.sc.reclaimed;
}

void kswapd_record_sleep(const struct reclaim_node *node, struct cpu *cpu)
{
	kswapd_record(cpu, PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP, node, 0, 0);
}
