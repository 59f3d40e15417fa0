/* SPDX-License-Identifier: MIT */
/* Accounts and folds by architecture; see kernel_arch.h. */
#include "machine/kernel_arch.h"

#include <errno.h>
#include <stdio.h>

#include "arch/atomic.h"
#include "machine/axes.h"
#include "machine/error.h"

/* clang-format off */
#define ROW(id, name_, local, eight)					\
	[id] = {.name = name_, .cmpxchg_local = local, .cmpxchg8 = eight},
/* clang-format on */

static const struct kernel_arch archs[PCPMM_NR_ARCHS] = {KERNEL_ARCH_ROWS(ROW)};

const struct kernel_arch *kernel_arch_of(unsigned int arch)
{
	return arch < PCPMM_NR_ARCHS ? &archs[arch] : NULL;
}

static bool by_cmpxchg(const struct pcpmm_config *config)
{
	return config->account != PCPMM_ACCOUNT_IRQOFF;
}

void kernel_arch_limit(
	const struct kernel_arch *arch, struct pcpmm_config *config)
{
	if (arch->cmpxchg_local)
		return;
	config->account = PCPMM_ACCOUNT_IRQOFF;
	config->fold = PCPMM_FOLD_LOCAL;
}

int kernel_arch_check(const struct kernel_arch *arch,
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	if (arch->cmpxchg_local)
		return 0;
	if (config->fold != PCPMM_FOLD_LOCAL)
		return error_set(error, -EINVAL,
			"fold %s: arch %s has no HAVE_CMPXCHG_LOCAL; there the "
			"shepherd queues work items, also in the series of "
			"2023: fold local",
			pcpmm_fold_name(config->fold), arch->name);
	if (by_cmpxchg(config))
		return error_set(error, -EINVAL,
			"account %s: arch %s has no HAVE_CMPXCHG_LOCAL; its "
			"kernel counts with interrupts off: account irqoff",
			pcpmm_account_name(config->account), arch->name);
	return 0;
}

bool kernel_arch_emulates(
	const struct kernel_arch *arch, const struct pcpmm_config *config)
{
	return !arch->cmpxchg8 && config->diff == PCPMM_DIFF_S8 &&
	       by_cmpxchg(config);
}

bool kernel_arch_note(const struct kernel_arch *arch,
	const struct kernel_arch *host, const struct pcpmm_config *config,
	unsigned int nth, char *text, size_t size)
{
	text[0] = '\0';
	if (!arch->cmpxchg_local && !nth--)
		return snprintf(text, size,
			       "arch %s has no HAVE_CMPXCHG_LOCAL: it counts "
			       "by irqoff and folds by work items, whatever "
			       "the preset",
			       arch->name) > 0;
	if (kernel_arch_emulates(arch, config) && !nth--)
		return snprintf(text, size,
			       "arch %s has no cmpxchg of 8 bit: its kernel "
			       "exchanges an s8 diff with the word around it",
			       arch->name) > 0;
	if (kernel_arch_emulates(host, config) && !nth--)
		return snprintf(text, size,
			       "this host, %s, has no cmpxchg of 8 bit: the "
			       "library exchanges an s8 diff with the word "
			       "around it",
			       host->name) > 0;
	return false;
}

bool pcpmm_config_note(const struct pcpmm_config *config, unsigned int nth,
	char *text, size_t size)
{
	static const struct kernel_arch host = {
		.name = ARCH_NAME,
		.cmpxchg8 = ARCH_HAS_CMPXCHG8,
	};
	const struct kernel_arch *arch = kernel_arch_of(config->arch);

	if (!size || !arch)
		return false;
	if (config->zone_instances > 1 && !nth--)
		return snprintf(text, size,
			       "zone_instances %u: Normal and Movable of each "
			       "node are split into so many zones",
			       config->zone_instances) > 0;
	return kernel_arch_note(arch, &host, config, nth, text, size);
}
