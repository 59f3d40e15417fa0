/* SPDX-License-Identifier: MIT */
/* Mutants whose bug is in the order of steps, so that exploring may find it. */
#include <pcpmm/model.h>

#include <errno.h>
#include <string.h>

#include "arch/compiler.h"
#include "arch/mutant.h"

static const struct {
	const char *name, *about;
	enum mutant mutant;
} mutants[] = {
	{"rcu-no-grace-period", "a drainer does not wait for readers",
		RCU_NO_GRACE_PERIOD},
	{"rcu-epoch-not-entered", "the owner does not enter its section",
		RCU_EPOCH_NOT_ENTERED},
	{"rcu-deref-outside", "the owner looks its list up before its section",
		RCU_DEREF_OUTSIDE},
	{"pcp-lock-not-taken", "a drainer does not take the list's lock",
		PCP_LOCK_NOT_TAKEN},
	{"pcp-lock-looks-outside", "a drainer passes an empty-looking list by",
		PCP_LOCK_LOOKS_OUTSIDE},
	{"spin-not-taken", "the drainer of 2021 does not lock", SPIN_NOT_TAKEN},
	{"own-bit-cleared-first",
		"a CPU leaves the drain's mask before it has drained",
		OWN_BIT_CLEARED_FIRST},
	{"no-drain-mutex", "two drains at once", NO_DRAIN_MUTEX},
	{"dirty-cleared-last", "an update during a fold is forgotten",
		DIRTY_CLEARED_LAST},
	{"claim-not-atomic", "two frees of a page may both succeed",
		CLAIM_NOT_ATOMIC},
	{"pwlocks-owner-local", "the owner takes no lock, the drainer does",
		PWLOCKS_OWNER_LOCAL},
	{"limit-not-atomic", "two failures at once count as one",
		LIMIT_NOT_ATOMIC},
};

int pcpmm_model_mutant(const char *name)
{
	if (!name) {
		model_mutant = NO_MUTANT;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(mutants); i++)
		if (!strcmp(mutants[i].name, name)) {
			model_mutant = (int)mutants[i].mutant;
			return 0;
		}
	return -ENOENT;
}

const char *pcpmm_model_mutant_name(unsigned int nth)
{
	return nth < ARRAY_SIZE(mutants) ? mutants[nth].name : NULL;
}

const char *pcpmm_model_mutant_about(unsigned int nth)
{
	return nth < ARRAY_SIZE(mutants) ? mutants[nth].about : NULL;
}
