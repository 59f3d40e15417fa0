/* SPDX-License-Identifier: MIT */
/* What goes with what: strategies, flavours, counters; see run.h. */
#include "combo/run.h"

#include <stdio.h>

int combo_strategy(unsigned int i, struct combo *combo)
{
	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++) {
		unsigned int flavours =
			drain == PCPMM_DRAIN_RCU_SWAP ? PCPMM_NR_RCUS : 1;

		if (pcpmm_drain_is_unsound(drain))
			continue;
		if (i < flavours) {
			combo->drain = (enum pcpmm_drain)drain;
			combo->rcu = (enum pcpmm_rcu)i;
			return 1;
		}
		i -= flavours;
	}
	return 0;
}

void combo_counters(unsigned int i, struct combo *combo)
{
	combo->account = (enum pcpmm_account)(i % PCPMM_NR_ACCOUNTS);
	i /= PCPMM_NR_ACCOUNTS;
	combo->diff = (enum pcpmm_diff)(i % PCPMM_NR_DIFFS);
	i /= PCPMM_NR_DIFFS;
	combo->shepherd = i % 4 != 0;
	combo->fold = combo->account == PCPMM_ACCOUNT_LOCK_CMPXCHG && i % 2
			      ? PCPMM_FOLD_REMOTE
			      : PCPMM_FOLD_LOCAL;
}

void combo_name(const struct combo *combo, char *name, size_t size)
{
	snprintf(name, size,
		"cpus %u, nodes %u, %s%s%s, %s, %s %s, fold %s%s%s%s",
		combo->cpus, combo->nodes, pcpmm_drain_name(combo->drain),
		combo->drain == PCPMM_DRAIN_RCU_SWAP ? " " : "",
		combo->drain == PCPMM_DRAIN_RCU_SWAP
			? pcpmm_rcu_name(combo->rcu)
			: "",
		pcpmm_ipi_name(combo->ipi), pcpmm_account_name(combo->account),
		pcpmm_diff_name(combo->diff), pcpmm_fold_name(combo->fold),
		combo->shepherd ? " by the shepherd" : "",
		combo->hotplug ? ", hotplug" : "",
		combo->trace ? ", traced" : "");
}
