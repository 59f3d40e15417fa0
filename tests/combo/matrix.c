/* SPDX-License-Identifier: MIT */
/* Sound combinations of strategies, flavours and counters; see run.h. */
#include "combo/run.h"

#include <stdio.h>

/* How many forms of its own axis a strategy has. */
static unsigned int forms_of(unsigned int drain)
{
	return drain == PCPMM_DRAIN_RCU_SWAP   ? PCPMM_NR_RCUS
	       : drain == PCPMM_DRAIN_PCP_LOCK ? PCPMM_NR_SPILL_HOLDS
	       : drain == PCPMM_DRAIN_PERCPU_SPINLOCK_2021 ? 2 /* the key */
	       : drain == PCPMM_DRAIN_IPI_MASK_LOCKED ? PCPMM_NR_IPI_MASK_LOCKS
						      : 1;
}

static int is_sound(unsigned int drain, unsigned int form)
{
	return !pcpmm_drain_is_unsound(drain) &&
	       !(drain == PCPMM_DRAIN_IPI_MASK_LOCKED &&
		       form == PCPMM_IPI_MASK_LOCK_RAW_SPIN);
}

int combo_strategy(unsigned int i, struct combo *combo)
{
	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++)
		for (unsigned int form = 0; form < forms_of(drain); form++) {
			if (!is_sound(drain, form) || i--)
				continue;
			combo->drain = (enum pcpmm_drain)drain;
			combo->rcu = 0;
			combo->ipi_mask_lock = 0;
			combo->spill_hold = 0;
			combo->isolated = 0;
			if (drain == PCPMM_DRAIN_RCU_SWAP)
				combo->rcu = (enum pcpmm_rcu)form;
			else if (drain == PCPMM_DRAIN_PCP_LOCK)
				combo->spill_hold = (enum pcpmm_spill_hold)form;
			else if (drain == PCPMM_DRAIN_PERCPU_SPINLOCK_2021)
				combo->isolated = (int)form;
			else
				combo->ipi_mask_lock =
					(enum pcpmm_ipi_mask_lock)form;
			return 1;
		}
	return 0;
}

/* What the strategy's own axis says. */
static const char *form_name(const struct combo *combo)
{
	return combo->drain == PCPMM_DRAIN_RCU_SWAP ? pcpmm_rcu_name(combo->rcu)
	       : combo->drain == PCPMM_DRAIN_IPI_MASK_LOCKED
		       ? pcpmm_ipi_mask_lock_name(combo->ipi_mask_lock)
	       : combo->drain == PCPMM_DRAIN_PCP_LOCK
		       ? pcpmm_spill_hold_name(combo->spill_hold)
	       : combo->isolated ? "key"
				 : "";
}

/* A remote fold needs locked updates. */
void combo_counters(unsigned int i, struct combo *combo)
{
	i %= COMBO_COUNTERS;
	combo->fold = PCPMM_FOLD_LOCAL;
	combo->account = (enum pcpmm_account)(i % PCPMM_NR_ACCOUNTS);
	combo->diff = (enum pcpmm_diff)(i / PCPMM_NR_ACCOUNTS % PCPMM_NR_DIFFS);
	if (i < PCPMM_NR_ACCOUNTS * PCPMM_NR_DIFFS)
		return;
	combo->fold = PCPMM_FOLD_REMOTE;
	combo->account = PCPMM_ACCOUNT_LOCK_CMPXCHG;
	combo->diff = (enum pcpmm_diff)(i % PCPMM_NR_DIFFS);
}

void combo_reclaim(unsigned int i, struct combo *combo)
{
	combo->reclaim = 1;
	combo->reader = (enum pcpmm_reader)(i % PCPMM_NR_READERS);
	combo->wmark_check =
		(enum pcpmm_wmark_check)(i % PCPMM_NR_WMARK_CHECKS);
}

void combo_lru(unsigned int i, struct combo *combo)
{
	static const struct {
		enum pcpmm_lru_batch batch;
		enum pcpmm_lru_drain drain;
	} ways[COMBO_LRUS] = {
		{PCPMM_LRU_BATCH_NONE, PCPMM_LRU_DRAIN_WORK},
		{PCPMM_LRU_BATCH_15, PCPMM_LRU_DRAIN_WORK},
		{PCPMM_LRU_BATCH_31, PCPMM_LRU_DRAIN_PWLOCKS},
		{PCPMM_LRU_BATCH_15, PCPMM_LRU_DRAIN_USER_RETURN},
	};

	combo->lru_batch = ways[i % COMBO_LRUS].batch;
	combo->lru_drain = ways[i % COMBO_LRUS].drain;
}

int combo_reader_needs_fold(enum pcpmm_reader reader)
{
	return reader == PCPMM_READER_PRESSURE_THRESHOLD ||
	       reader == PCPMM_READER_DRIFT_SNAPSHOT;
}

int combo_needs_fold(const struct combo *combo)
{
	return combo->fold == PCPMM_FOLD_REMOTE ||
	       combo_reader_needs_fold(combo->reader);
}

/*
 * A task that is throttled until others' diffs are folded needs timers that
 * expire although ticks are stopped; and CPUs that become nohz_full must not be
 * left alone with a flag that was set before, as with user_return.
 */
void combo_ticks(unsigned int i, struct combo *combo)
{
	int needs_fold = combo->fold == PCPMM_FOLD_LOCAL &&
			 combo_reader_needs_fold(combo->reader);

	combo->fold_quiet = (enum pcpmm_fold_quiet)(i % PCPMM_NR_FOLD_QUIETS);
	combo->fold_timer =
		(enum pcpmm_fold_timer)(i / 2 % PCPMM_NR_FOLD_TIMERS);
	combo->shepherd_skips =
		(enum pcpmm_shepherd_skips)(i / 3 % PCPMM_NR_SHEPHERD_SKIPS);
	combo->counted = i % 2;
	if (!needs_fold)
		return;
	combo->fold_timer = PCPMM_FOLD_TIMER_HOUSEKEEPING;
	if (combo->fold_quiet == PCPMM_FOLD_QUIET_USER_RETURN)
		combo->fold_quiet = PCPMM_FOLD_QUIET_DIRTY;
}

/* There a trylock must not be asked in an NMI. */
void combo_up(unsigned int i, struct combo *combo)
{
	static const enum pcpmm_up sound[] = {
		PCPMM_UP_NO, PCPMM_UP_IRQS_OFF, PCPMM_UP_TRYLOCK_FAILS};

	combo->up = PCPMM_UP_NO;
	if (combo->cpus == 1 && !combo->hotplug &&
		combo->drain == PCPMM_DRAIN_PCP_LOCK)
		combo->up = sound[i % 3];
	if (combo->up != PCPMM_UP_NO &&
		combo->nolock_refuses == PCPMM_NOLOCK_REFUSES_NOTHING)
		combo->nolock_refuses = PCPMM_NOLOCK_REFUSES_UP_NMI;
}

void combo_name(const struct combo *combo, char *name, size_t size)
{
	snprintf(name, size,
		"cpus %u, nodes %u, %s%s%s, %s, %s %s, fold %s%s %s, %s, %s, "
		"%s, "
		"marks %s, %s, frees %s, starvation %s, nolock refuses %s, "
		"zone "
		"rules %s, lru "
		"%s %s%s%s%s%s%s",
		combo->cpus, combo->nodes, pcpmm_drain_name(combo->drain),
		*form_name(combo) ? " " : "", form_name(combo),
		pcpmm_ipi_name(combo->ipi), pcpmm_account_name(combo->account),
		pcpmm_diff_name(combo->diff), pcpmm_fold_name(combo->fold),
		combo->shepherd ? " by the shepherd" : "",
		pcpmm_axis_values("fold_quiet")[combo->fold_quiet],
		pcpmm_reader_name(combo->reader),
		pcpmm_count_order_name(combo->count_order),
		pcpmm_wmark_check_name(combo->wmark_check),
		pcpmm_marks_name(combo->marks),
		pcpmm_zone_lock_name(combo->zone_lock),
		pcpmm_free_check_name(combo->free_check),
		pcpmm_axis_values("starvation")[combo->starvation],
		pcpmm_nolock_refuses_name(combo->nolock_refuses),
		pcpmm_zone_rules_name(combo->zone_rules),
		pcpmm_lru_batch_name(combo->lru_batch),
		pcpmm_lru_drain_name(combo->lru_drain),
		combo->up == PCPMM_UP_IRQS_OFF	      ? ", up irqs_off"
		: combo->up == PCPMM_UP_TRYLOCK_FAILS ? ", up trylock_fails"
						      : "",
		!combo->reclaim	   ? ""
		: !combo->nap_ms   ? ", reclaim"
		: !combo->restarts ? ", kswapd"
				   : ", kswapd comes and goes",
		combo->split ? ", split" : "",
		combo->hotplug ? ", hotplug" : "",
		combo->trace ? ", traced" : "");
}
