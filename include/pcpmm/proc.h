/* SPDX-License-Identifier: MIT */
/* /proc files and sysctls of a machine, in the kernel's own layout. */
#ifndef PCPMM_PROC_H
#define PCPMM_PROC_H

#include <pcpmm/types.h>
#include <stdio.h>

PCPMM_BEGIN_DECLS

/*
 * Print "zoneinfo", "vmstat", "buddyinfo", "pagetypeinfo" or "interrupts" byte for
 * byte as Linux 6.1 lays them out; or "pressure/memory" (pcpmm/psi.h). Of interrupts
 * there is the row CAL alone, with the function call interrupts that drains sent.
 * vmstat has pcp_global_drain and pcp_global_ipi_saved, which were never merged, if
 * the machine's drain is one of the series of 2012 that counted them (ipi_mask*). Racy
 * reads, as in the kernel. 0, -ENOENT (no such file), -EIO, and of pressure/memory
 * -EOPNOTSUPP (psi is off), -EINVAL (interrupts off). Any thread.
 */
PCPMM_API int pcpmm_proc_print(
	struct pcpmm_machine *machine, const char *name, FILE *out);

/*
 * Set a sysctl by its Linux name, with or without "vm."; recomputes what the
 * kernel recomputes; numa_stat from 1 to 0 clears the NUMA counters. Values as
 * text; a list is separated by blanks.
 * 0, -ENOENT unknown name, or one that the machine's kernel (axis layout) does not
 * have; -EINVAL bad or out of range (nothing changed), or a CPU of the caller has
 * interrupts off. pcpmm_last_error() says why, with the name that the kernel has.
 */
PCPMM_API int pcpmm_sysctl_set(
	struct pcpmm_machine *machine, const char *name, const char *value);

/*
 * Read a sysctl as text into @buf. Reading lowmem_reserve_ratio recomputes
 * the reserves, as the kernel's handler does, but not in 7.3. Length, -ENOENT, -ENOSPC,
 * -EINVAL (a CPU of the caller has interrupts off).
 */
PCPMM_API int pcpmm_sysctl_get(struct pcpmm_machine *machine, const char *name,
	char *buf, size_t size);

/* Names of all sysctls of all kernels, NULL-terminated ("vm.min_free_kbytes", ...). */
PCPMM_API const char *const *pcpmm_sysctl_names(void);

PCPMM_END_DECLS

#endif
