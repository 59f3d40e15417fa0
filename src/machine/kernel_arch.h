/* SPDX-License-Identifier: MIT */
/*
 * What the kernel of each architecture can do with a counter, and which accounts
 * and folds follow from it. Pure functions of an architecture's properties: the
 * host is in none of them.
 *
 *   HAVE_CMPXCHG_LOCAL   counts by a cmpxchg on the CPU's own diff, and in "fold
 *                        per-CPU vmstats remotely" (2023) the shepherd folds
 *   without              counts by irqoff; the shepherd queues work items, in that
 *                        series as well
 *   no cmpxchg of 8 bit  s8 diffs are exchanged with the aligned word around them
 *
 * Origin: mm/vmstat.c and Kconfig, 2.6.37 to 6.12; the series, v2 to v8.
 */
#ifndef MACHINE_KERNEL_ARCH_H
#define MACHINE_KERNEL_ARCH_H

#include <pcpmm/machine.h>

struct kernel_arch {
	const char *name;
	bool cmpxchg_local; /* its Kconfig selects HAVE_CMPXCHG_LOCAL */
	bool cmpxchg8; /* instructions that exchange 8 bit */
};

/* clang-format off */
/* X(enumerator of pcpmm/axes.h, name, HAVE_CMPXCHG_LOCAL, cmpxchg of 8 bit) */
#define KERNEL_ARCH_ROWS(X)						\
X(PCPMM_ARCH_X86_64, "x86_64", true, true)				\
X(PCPMM_ARCH_ARM64, "arm64", true, true)				\
X(PCPMM_ARCH_S390X, "s390x", true, false)				\
X(PCPMM_ARCH_RISCV64, "riscv64", false, false)				\
X(PCPMM_ARCH_LOONGARCH64, "loongarch64", false, false)
/* clang-format on */

/* NULL: there is none of that number. */
const struct kernel_arch *kernel_arch_of(unsigned int arch);

/* Replace an account and a fold that @arch does not have by those it has. */
void kernel_arch_limit(
	const struct kernel_arch *arch, struct pcpmm_config *config);

/* -EINVAL and a message if @config has an account or fold that @arch has not. */
int kernel_arch_check(const struct kernel_arch *arch,
	const struct pcpmm_config *config, struct pcpmm_error *error);

/* @arch makes an update of @config's diffs from a larger exchange. */
bool kernel_arch_emulates(
	const struct kernel_arch *arch, const struct pcpmm_config *config);

/*
 * The @nth thing to know about @config on @arch, the library running on @host:
 * what is chosen because of the architecture, and what is emulated. false: there
 * are no more; @text is empty.
 */
bool kernel_arch_note(const struct kernel_arch *arch,
	const struct kernel_arch *host, const struct pcpmm_config *config,
	unsigned int nth, char *text, size_t size);

#endif
