/* SPDX-License-Identifier: MIT */
/*
 * A node's background reclaim: balance_pgdat(), Linux 6.1, and the check
 * whether kswapd may sleep.
 *
 *   asleep --wakeup, unbalanced--> awake --balance--> may sleep? --> asleep
 *                                    ^                   | no
 *                                    +-------------------+
 *
 * While kswapd is awake, checks in its zones have to be more exact: thresholds
 * are smaller (kswapd_set_pressure()), or, in 2.6.36, every check below the
 * drift mark reads a snapshot (kswapd_set_awake()).
 */
#include "arch/wait.h"
#include "reclaim/reclaim.h"
#include "vmstat/threshold.h"
#include "zone/watermark.h"

/* Under a boost: the deepest scan. A pass without progress ends the round. */
#define BOOST_PRIORITY_MIN (DEF_PRIORITY - 2)

/* --- events ------------------------------------------------------------- */

static void record(struct cpu *cpu, enum pcpmm_event_kind kind,
	const struct reclaim_node *node, unsigned int order, uint32_t gfp)
{
	struct pcpmm_event event = {
		.gfp = gfp,
		.kind = (uint8_t)kind,
		.nid = (uint8_t)node->nid,
		.order = (uint8_t)order,
	};

	if (event_enabled(cpu, kind))
		event_record(cpu, &event);
}

/* --- balanced ------------------------------------------------------------ */

static bool above_high(const struct reclaim *reclaim, struct zone *zone,
	unsigned int order, unsigned int highest_zoneidx)
{
	/* The check of an allocation, which reads the counter alone. */
	if (reclaim->reader == PCPMM_READER_RAW)
		return zone_watermark_full(
			zone, order, MARK_HIGH, highest_zoneidx, 0);
	return zone_watermark_ok_safe(
		zone, order, zone_mark_pages(zone, MARK_HIGH), highest_zoneidx);
}

bool kswapd_balanced(struct reclaim *reclaim, const struct reclaim_node *node,
	unsigned int order, unsigned int highest_zoneidx)
{
	unsigned int looked = 0;

	for (unsigned int i = 0; i < node->nr_zones; i++) {
		struct zone *zone = node->zones[i];

		if (zone->type > highest_zoneidx)
			break;
		if (above_high(reclaim, zone, order, highest_zoneidx))
			return true;
		looked++;
	}
	return !looked;
}

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
		zone_set_short_cut(node->zones[i]);
	}
}

bool kswapd_was_woken(const struct reclaim_node *node)
{
	/* [kswapd.look] acquire, pairs with [kswapd.wake]. */
	return atomic_load_acquire_u32(&node->wakeups) !=
	       atomic_load_relaxed_u32(&node->answered);
}

static bool may_sleep(struct reclaim *reclaim, struct reclaim_node *node)
{
	reclaim_wake_throttled(node);
	return reclaim_is_hopeless(node) ||
	       kswapd_balanced(
		       reclaim, node, node->last_order, node->last_highest);
}

bool kswapd_prepare_sleep(struct reclaim *reclaim, struct reclaim_node *node)
{
	/* Requests that come from here on wake it. */
	atomic_store_relaxed_u32(
		&node->answered, atomic_load_acquire_u32(&node->wakeups));
	kswapd_set_awake(reclaim, node, false);
	if (may_sleep(reclaim, node))
		return true;
	kswapd_set_awake(reclaim, node, true);
	return false;
}

bool kswapd_may_go_on_sleeping(
	struct reclaim *reclaim, struct reclaim_node *node)
{
	return !kswapd_was_woken(node) && may_sleep(reclaim, node);
}

/* --- waking -------------------------------------------------------------- */

static bool is_boosted(
	const struct reclaim_node *node, unsigned int highest_zoneidx)
{
	for (unsigned int i = 0; i < node->nr_zones; i++)
		if (node->zones[i]->type <= highest_zoneidx &&
			atomic_load_relaxed_u64(&node->zones[i]->boost))
			return true;
	return false;
}

/* Racy, as in the kernel: of two requests one may be lost, and is repeated. */
static void ask(struct reclaim_node *node, unsigned int order,
	unsigned int highest_zoneidx)
{
	uint32_t highest = atomic_load_relaxed_u32(&node->kswapd_highest);

	if (highest == PCPMM_NR_ZONES || highest < highest_zoneidx)
		atomic_store_relaxed_u32(
			&node->kswapd_highest, highest_zoneidx);
	if (atomic_load_relaxed_u32(&node->kswapd_order) < order)
		atomic_store_relaxed_u32(&node->kswapd_order, order);
}

void kswapd_init(struct reclaim_node *node)
{
	atomic_store_relaxed_u32(&node->kswapd_order, 0);
	atomic_store_relaxed_u32(&node->kswapd_highest, PCPMM_NR_ZONES);
	atomic_store_relaxed_u32(&node->failures, 0);
	atomic_store_relaxed_u32(
		&node->answered, atomic_load_relaxed_u32(&node->wakeups));
	node->last_order = 0;
	node->last_highest = PCPMM_NR_ZONES - 1;
}

/* [kswapd.wake] release, pairs with [kswapd.look] acquire: what is asked. */
void kswapd_wake(struct reclaim_node *node)
{
	atomic_add_release_u32(&node->wakeups, 1);
	wake_word(&node->wakeups);
}

/* kswapd runs, is asleep, and was not woken yet. */
static bool can_be_woken(
	const struct reclaim *reclaim, const struct reclaim_node *node)
{
	return atomic_load_relaxed_u8(&reclaim->kswapd) &&
	       !atomic_load_relaxed_u32(&node->kswapd_awake) &&
	       !kswapd_was_woken(node);
}

void kswapd_wakeup(struct reclaim *reclaim, struct cpu *cpu,
	const struct zone *zone, uint32_t gfp, unsigned int order,
	unsigned int highest_zoneidx)
{
	struct reclaim_node *node = &reclaim->nodes[zone->nid];

	if (!atomic_load_relaxed_u8(&reclaim->kswapd))
		return;
	ask(node, order, highest_zoneidx);
	if (!can_be_woken(reclaim, node) || reclaim_is_hopeless(node))
		return;
	if (kswapd_balanced(reclaim, node, order, highest_zoneidx) &&
		!is_boosted(node, highest_zoneidx))
		return;
	record(cpu, PCPMM_EVENT_MM_VMSCAN_WAKEUP_KSWAPD, node, order, gfp);
	atomic_add_relaxed_u64(&node->asked, 1);
	kswapd_wake(node);
}

void kswapd_wake_for_throttled(
	struct reclaim *reclaim, struct reclaim_node *node)
{
	if (!can_be_woken(reclaim, node))
		return;
	if (atomic_load_relaxed_u32(&node->kswapd_highest) > THROTTLE_ZONE_MAX)
		atomic_store_relaxed_u32(
			&node->kswapd_highest, THROTTLE_ZONE_MAX);
	kswapd_wake(node);
}

/* --- one round ------------------------------------------------------------ */

struct round {
	struct scan_control sc;
	uint64_t boosts[PCPMM_NR_ZONES]; /* as the round found them */
	uint64_t boost; /* their sum, less the pages reclaimed for it */
};

/* Take the request that was made since the last round, and reset it. */
static void take_request(struct reclaim_node *node, struct scan_control *sc)
{
	uint32_t highest = atomic_load_relaxed_u32(&node->kswapd_highest);

	node->last_order = atomic_load_relaxed_u32(&node->kswapd_order);
	if (highest < PCPMM_NR_ZONES)
		node->last_highest = highest;
	atomic_store_relaxed_u32(&node->kswapd_order, 0);
	atomic_store_relaxed_u32(&node->kswapd_highest, PCPMM_NR_ZONES);
	sc->order = node->last_order;
	sc->highest_zoneidx = node->last_highest;
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
		atomic_store_relaxed_u64(
			&zone->boost, boost - MIN(boost, round->boosts[i]));
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
	bool balanced;

	take_request(node, &round.sc);
	record(cpu, PCPMM_EVENT_MM_VMSCAN_KSWAPD_WAKE, node, round.sc.order, 0);
	reclaim->count(cpu, PAGEOUTRUN, 1);
	begin(node, &round);
	cpu->memalloc = true;
	balanced = passes(reclaim, node, &round);
	cpu->memalloc = false;
	end(node, &round);
	/* An order that was given up does not keep kswapd awake. */
	node->last_order = round.sc.order;
	judge(node, &round.sc, balanced);
	atomic_add_relaxed_u64(&node->rounds, 1);
	atomic_add_relaxed_u64(&node->reclaimed, round.sc.reclaimed);
	return round.sc.reclaimed;
}

void kswapd_record_sleep(const struct reclaim_node *node, struct cpu *cpu)
{
	record(cpu, PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP, node, 0, 0);
}
