/* SPDX-License-Identifier: MIT */
/*
 * The kswapd threads, one a node, or rounds by hand (pcpmm/kswapd.h). A round
 * is in reclaim/kswapd.c; this file has the thread that runs it, the CPU that
 * it runs on, and its sleep:
 *
 *   nap     up to HZ/10; kswapd counts as asleep, thresholds are as when awake
 *   sleep   after a nap without wakeup, if balanced still, or without a nap, if
 *           balanced at the second look; normal thresholds
 *
 * Start and stop exclude each other by the services mutex. The array is made by
 * the first start and stays until the machine is destroyed; a round by hand holds
 * the node's running mutex, so that stop waits for it.
 */
#include <errno.h>
#include <pcpmm/kswapd.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/wait.h"
#include "cpu/daemon.h"
#include "machine/refuse.h"
#include "service/kswapd_thread.h"

struct kswapd {
	struct pcpmm_machine *machine;
	struct reclaim_node *node;
	struct daemon daemon; /* no thread: by hand */
	uint32_t nap_ms;
	uint32_t by_hand; /* it is started, without a thread; under running */
	struct mutex running; /* a round by hand, start and stop of by_hand */
	uint32_t stop; /* relaxed; a wakeup follows, which orders it */
};

/* --- a thread -------------------------------------------------------------- */

static bool is_stopped(const struct kswapd *kswapd)
{
	return atomic_load_relaxed_u32(&kswapd->stop);
}

/* A CPU of the node if one can be spared. */
static struct cpu *enter_cpu(struct kswapd *kswapd)
{
	return daemon_enter_spare(
		&kswapd->daemon, &kswapd->machine->smp, (int)kswapd->node->nid);
}

/* Sleep until a wakeup. [kswapd.look] is in the wait. */
static void sleep_deeply(struct kswapd *kswapd)
{
	struct reclaim *reclaim = &kswapd->machine->reclaim;
	struct reclaim_node *node = kswapd->node;

	atomic_add_relaxed_u64(&node->sleeps, 1);
	kswapd_set_pressure(reclaim, node, false);
	while (!kswapd_was_woken(node) && !is_stopped(kswapd))
		wait_word(&node->wakeups, node->answered);
	kswapd_set_pressure(reclaim, node, true);
}

/*
 * Nap on no CPU, and come back to one. true: woken, also while it waited for the
 * CPU. A thread that is to end counts as woken, and needs no CPU: NULL.
 */
static bool nap(struct kswapd *kswapd, struct cpu **on)
{
	struct reclaim_node *node = kswapd->node;

	daemon_leave(&kswapd->daemon, *on);
	wait_word_ms(&node->wakeups, node->answered, kswapd->nap_ms);
	*on = is_stopped(kswapd) ? NULL : enter_cpu(kswapd);
	return !*on || kswapd_was_woken(node);
}

/* kswapd_try_to_sleep(): begins on the CPU @on, ends on none, awake. */
static void try_to_sleep(struct kswapd *kswapd, struct cpu *on)
{
	struct reclaim *reclaim = &kswapd->machine->reclaim;
	struct reclaim_node *node = kswapd->node;
	bool woken = false, sleeps;

	if (kswapd_prepare_sleep(reclaim, node)) {
		woken = nap(kswapd, &on);
		if (woken)
			kswapd_woken_early(node);
	}
	sleeps = !woken && kswapd_prepare_sleep(reclaim, node);
	if (!sleeps)
		kswapd_count_hit_quickly(node, woken);
	else
		kswapd_record_sleep(node, on);
	if (on)
		daemon_leave(&kswapd->daemon, on);
	if (sleeps)
		sleep_deeply(kswapd);
	kswapd_set_awake(reclaim, node, true);
}

/* The thread begins asleep: there is no request yet. */
static void kswapd_main(void *arg)
{
	struct kswapd *kswapd = arg;
	struct reclaim *reclaim = &kswapd->machine->reclaim;

	sleep_deeply(kswapd);
	kswapd_set_awake(reclaim, kswapd->node, true);
	while (!is_stopped(kswapd)) {
		struct cpu *on = enter_cpu(kswapd);

		kswapd_balance(reclaim, kswapd->node, on);
		try_to_sleep(kswapd, on);
	}
}

/* --- by hand ---------------------------------------------------------------- */

static int refuse(struct pcpmm_cpu *on, unsigned int nid)
{
	machine_refuse(on->machine, MISUSE_BAD_ARGUMENT,
		"node %u has no kswapd to be run by hand", nid);
	return -EINVAL;
}

/* What the thread does between two sleeps. Pages freed. */
static uint64_t run_by_hand(struct reclaim *reclaim, struct reclaim_node *node,
	struct pcpmm_cpu *on)
{
	uint64_t reclaimed;

	if (!atomic_load_relaxed_u32(&node->kswapd_awake)) {
		if (!kswapd_was_woken(node))
			return 0;
		kswapd_set_awake(reclaim, node, true);
		kswapd_set_pressure(reclaim, node, true);
	}
	reclaimed = kswapd_balance(reclaim, node, &on->base);
	/* Twice, as before and after a nap; by hand the nap has no length. */
	kswapd_prepare_sleep(reclaim, node);
	if (kswapd_prepare_sleep(reclaim, node)) {
		atomic_add_relaxed_u64(&node->sleeps, 1);
		kswapd_record_sleep(node, &on->base);
		kswapd_set_pressure(reclaim, node, false);
	} else {
		kswapd_count_hit_quickly(node, false);
	}
	return reclaimed;
}

/* Under running. Pages freed, at most INT32_MAX; or refused. */
static int run_if_by_hand(
	struct pcpmm_cpu *on, struct kswapd *kswapd, unsigned int nid)
{
	uint64_t pages;

	if (!kswapd->by_hand)
		return refuse(on, nid);
	pages = run_by_hand(&on->machine->reclaim, kswapd->node, on);
	return (int)MIN(pages, (uint64_t)INT32_MAX);
}

/* [kswapd.get] acquire, pairs with [kswapd.made]: the array. */
static struct kswapd *kswapds_get(const struct pcpmm_machine *machine)
{
	return atomic_load_acquire_ptr((void *const *)&machine->kswapds);
}

int pcpmm_kswapd_run(struct pcpmm_cpu *on, unsigned int nid)
{
	struct pcpmm_machine *machine = on->machine;
	struct kswapd *kswapds = kswapds_get(machine);
	int ret = machine_check_waits(on, "runs kswapd");

	if (ret)
		return ret;
	if (nid >= machine->nr_nodes || !kswapds || on->base.memalloc)
		return refuse(on, nid);
	if (!mutex_trylock(&kswapds[nid].running))
		return -EBUSY;
	ret = run_if_by_hand(on, &kswapds[nid], nid);
	mutex_unlock(&kswapds[nid].running);
	return ret;
}

/* --- start and stop, under the services mutex ------------------------------- */

static void set_by_hand(struct kswapd *kswapd, bool by_hand)
{
	mutex_lock(&kswapd->running);
	kswapd->by_hand = by_hand;
	mutex_unlock(&kswapd->running);
}

static int start(struct kswapd *kswapd, unsigned int nap_ms)
{
	char name[24];

	reclaim_node_reset(kswapd->node);
	if (!kswapd->node->nr_zones)
		return 0;
	if (!nap_ms) {
		set_by_hand(kswapd, true);
		return 0;
	}
	kswapd->nap_ms = nap_ms;
	atomic_store_relaxed_u32(&kswapd->stop, 0);
	snprintf(name, sizeof(name), "kswapd%u", kswapd->node->nid);
	return daemon_start(&kswapd->daemon, name,
		(uint8_t)kswapd->machine->pcps.rcu.flavour, TASK_KWORKER, 0,
		kswapd_main, kswapd);
}

/* The wakeup makes the thread look at `stop`. */
static void stop(struct kswapd *kswapd)
{
	struct reclaim *reclaim = &kswapd->machine->reclaim;
	struct reclaim_node *node = kswapd->node;

	set_by_hand(kswapd, false);
	if (kswapd->daemon.thread) {
		atomic_store_relaxed_u32(&kswapd->stop, 1);
		kswapd_wake(node);
		daemon_join(&kswapd->daemon);
	}
	kswapd_set_awake(reclaim, node, false);
	kswapd_set_pressure(reclaim, node, false);
	reclaim_wake_throttled(node);
}

static void stop_all(struct pcpmm_machine *machine)
{
	atomic_store_relaxed_u8(&machine->reclaim.kswapd, false);
	atomic_store_relaxed_u8(&machine->reclaim.throttle, false);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		stop(&machine->kswapds[nid]);
}

/* Nodes are reset before any of them is woken, and throttle is on last. */
static int start_all(struct pcpmm_machine *machine, unsigned int nap_ms)
{
	int ret = 0;

	for (unsigned int nid = 0; !ret && nid < machine->nr_nodes; nid++)
		ret = start(&machine->kswapds[nid], nap_ms);
	if (ret) {
		stop_all(machine);
		return ret;
	}
	atomic_store_relaxed_u8(&machine->reclaim.kswapd, true);
	atomic_store_relaxed_u8(&machine->reclaim.throttle, nap_ms != 0);
	return 0;
}

/* [kswapd.made] release, pairs with [kswapd.get]. */
static int make(struct pcpmm_machine *machine)
{
	struct kswapd *kswapds;

	if (machine->kswapds)
		return 0;
	kswapds = calloc(machine->nr_nodes, sizeof(kswapds[0]));
	if (!kswapds)
		return -ENOMEM;
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++) {
		kswapds[nid].machine = machine;
		kswapds[nid].node = &machine->reclaim.nodes[nid];
		mutex_init(&kswapds[nid].running);
	}
	atomic_store_release_ptr((void **)&machine->kswapds, kswapds);
	return 0;
}

static bool is_started(const struct pcpmm_machine *machine)
{
	return atomic_load_relaxed_u8(&machine->reclaim.kswapd);
}

int pcpmm_kswapd_start(struct pcpmm_machine *machine, unsigned int nap_ms)
{
	int ret = -EBUSY;

	mutex_lock(&machine->services);
	if (!is_started(machine)) {
		ret = make(machine);
		if (!ret)
			ret = start_all(machine, nap_ms);
	}
	mutex_unlock(&machine->services);
	return ret;
}

void pcpmm_kswapd_stop(struct pcpmm_machine *machine)
{
	mutex_lock(&machine->services);
	if (is_started(machine))
		stop_all(machine);
	mutex_unlock(&machine->services);
}

void kswapds_destroy(struct pcpmm_machine *machine)
{
	for (unsigned int nid = 0; machine->kswapds && nid < machine->nr_nodes;
		nid++)
		mutex_fini(&machine->kswapds[nid].running);
	free(machine->kswapds);
}

/* --- by any thread ------------------------------------------------------ */

int pcpmm_kswapd_read(const struct pcpmm_machine *machine, unsigned int nid,
	struct pcpmm_kswapd_state *state)
{
	const struct reclaim_node *node;

	if (nid >= machine->nr_nodes)
		return -EINVAL;
	node = &machine->reclaim.nodes[nid];
	*state = (struct pcpmm_kswapd_state){
		.running = atomic_load_relaxed_u8(&machine->reclaim.kswapd) &&
			   node->nr_zones,
		.awake = atomic_load_relaxed_u32(&node->kswapd_awake),
		.woken = kswapd_was_woken(node),
		.order = (int)atomic_load_relaxed_u32(&node->kswapd_order),
		.highest_zone =
			(int)atomic_load_relaxed_u32(&node->kswapd_highest),
		.failures = atomic_load_relaxed_u32(&node->failures),
		.rounds = atomic_load_relaxed_u64(&node->rounds),
		.wakeups = atomic_load_relaxed_u64(&node->asked),
		.sleeps = atomic_load_relaxed_u64(&node->sleeps),
		.reclaimed = atomic_load_relaxed_u64(&node->reclaimed),
	};
	return 0;
}

bool pcpmm_allows_direct_reclaim(
	struct pcpmm_machine *machine, unsigned int nid)
{
	return nid < machine->nr_nodes &&
	       reclaim_direct_is_allowed(
		       &machine->reclaim, &machine->reclaim.nodes[nid]);
}
