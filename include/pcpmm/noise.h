/* SPDX-License-Identifier: MIT */
/*
 * Interference: how often the task on a CPU was interrupted, by what, and for
 * how long.
 *
 * Only a CPU with a task on it can be disturbed; work on an idle CPU is counted
 * apart. A time is that of the simulated interruption alone, from the first
 * instruction of the handler to the last; the time that the host takes to
 * deliver a signal (several microseconds) is not included.
 */
#ifndef PCPMM_NOISE_H
#define PCPMM_NOISE_H

#include <pcpmm/histogram.h>
#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

enum pcpmm_noise_cause {
	PCPMM_NOISE_IPI, /* calls run in interrupt context */
	PCPMM_NOISE_KWORKER, /* a work item's worker took the CPU over */
	PCPMM_NOISE_KTHREAD, /* a FIFO kthread took the CPU over */
	/* An expedited grace period interrupts each CPU that is neither idle
	 * nor nohz_full. Counted; its time is not known. */
	PCPMM_NOISE_GRACE_PERIOD,
	/* A drainer held the owner's pcp lock, and the owner used the buddy.
	 * Counted; its time is not known. */
	PCPMM_NOISE_PCP_LOCK,
	PCPMM_NR_NOISE_CAUSES
};

/* "ipi", "kworker", "kthread", "grace_period", "pcp_lock"; or NULL. */
PCPMM_API const char *pcpmm_noise_cause_name(unsigned int cause);

/* Sums since creation or the last reset. */
struct pcpmm_noise {
	uint64_t count[PCPMM_NR_NOISE_CAUSES];
	uint64_t time_ns[PCPMM_NR_NOISE_CAUSES];
	uint64_t max_ns[PCPMM_NR_NOISE_CAUSES];
	uint64_t idle_count; /* interruptions while the CPU was idle */
	uint64_t idle_ns;
};

/* Any thread; racy (never torn) while the CPU is in use. */
PCPMM_API void pcpmm_noise_read(
	const struct pcpmm_cpu *cpu, struct pcpmm_noise *noise);

/* Durations of all interruptions whose time is known. Any thread; racy. */
PCPMM_API void pcpmm_noise_histogram(
	const struct pcpmm_cpu *cpu, struct pcpmm_histogram *histogram);

/* Set all CPUs' sums and histograms to zero. Exact at rest. */
PCPMM_API void pcpmm_noise_reset(struct pcpmm_machine *machine);

PCPMM_END_DECLS

#endif
