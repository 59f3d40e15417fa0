/* SPDX-License-Identifier: MIT */
/*
 * Drains: giving the pages of per-CPU lists back to the buddy, from the own
 * lists and from those of other CPUs.
 *
 * The machine's drain strategy decides how a drainer reaches another CPU's
 * lists (struct pcpmm_config, docs/strategies.md). Which CPUs are drained, and
 * what happens when two drains meet, is the same for all strategies since Linux
 * 4.11; the older IPI strategies have no mutex, and ipi_all has no mask.
 *
 * A drain waits, so it is refused with interrupts off and inside an interrupt.
 * It may wait for ever, as in the kernel: for a worker behind a FIFO task, or
 * for a polled IPI to a CPU that does not call the library.
 */
#ifndef PCPMM_DRAIN_H
#define PCPMM_DRAIN_H

#include <pcpmm/histogram.h>
#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

#define PCPMM_DRAIN_ALL_ZONES (-1)

/*
 * Give the pages of all online CPUs' lists back to the buddy: of one zone, or
 * with @zone_type PCPMM_DRAIN_ALL_ZONES of all zones (@nid is then ignored).
 * A zone type means all its instances on the node, here and below, drained one
 * after the other; a PCPMM_ZONE_INSTANCE() means one. If one of these drains
 * fails, the instances after it are not drained.
 *
 * One drain at a time. A drain of all zones that finds another drain under way
 * returns -EBUSY at once and drains nothing. A drain of one zone waits for its
 * turn.
 *
 * Without @force a drain visits only CPUs whose lists hold pages. It reads
 * their counts racily: a CPU that gets its first page meanwhile may be missed.
 * Pages that an owner frees after its list was emptied may stay on it.
 *
 * 0, -EBUSY, -EPERM (the thread is not on @cpu), -EINVAL (no such zone; the
 * thread has interrupts off on one of its CPUs, or is in an interrupt),
 * -EDEADLK (this thread would wait for itself: it is inside a drain already, or,
 * with the strategy workqueue, it runs an item of mm_percpu_wq).
 */
PCPMM_API int pcpmm_drain_all_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, bool force);

/*
 * Drain CPU @id's lists of one zone from CPU @on, as drain_pages_zone()
 * does, by the machine's strategy. @pages > 0: at most that many of each
 * instance, in one call of the bulk free, as drain_zone_pages() does for a remote
 * node's pageset; only pcp_lock, pcp_spinlock_2021 and pcp_buddy can do that to
 * another CPU. 0, -EPERM, -EINVAL, -EDEADLK as above, -EOPNOTSUPP (@pages > 0 for
 * another CPU, by another strategy).
 */
PCPMM_API int pcpmm_drain_pages_zone(struct pcpmm_cpu *on, unsigned int id,
	unsigned int nid, unsigned int zone_type, unsigned int pages);

/* Drain the own lists of one zone, or of all. 0, -EPERM, -EINVAL. */
PCPMM_API int pcpmm_drain_local_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type);

/*
 * Keep a zone's pages off all lists until enabled again: every list gets high
 * 0 and batch 1, then a forced drain empties the lists. Once disable has
 * returned, a free spills at once, so no page stays on a list (ec6e8c7e0314).
 * A sysctl that sizes lists and is written meanwhile takes effect at enable. All
 * instances of a type are disabled or enabled, or if that is refused none is.
 *
 * disable: 0, -EBUSY (disabled already, of several instances any), -EPERM,
 * -EINVAL, -EDEADLK (as pcpmm_drain_all_pages()). enable: 0, -EINVAL (not
 * disabled, of several instances any), -EPERM.
 */
PCPMM_API int pcpmm_pcp_disable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type);
PCPMM_API int pcpmm_pcp_enable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type);

/*
 * Sums since creation. Each field is read as one atomic 64-bit load; two fields
 * may be of different moments.
 */
struct pcpmm_drain_stats {
	/* Two counters of a patch of 2012 (Ben-Yossef) that was not merged:
	 * drains of all CPUs, and those whose mask, as it was computed, had
	 * fewer bits than half the number of online CPUs, rounded down. */
	uint64_t pcp_global_drain;
	uint64_t pcp_global_ipi_saved;
	uint64_t busy; /* drains that returned -EBUSY */
	uint64_t cpus_visited;
	uint64_t cpus_interrupted; /* of those: a task was running there */
	uint64_t ipis; /* sent; a call queued behind another needs none */
	uint64_t works; /* work items queued, to workers of either kind */
	uint64_t grace_periods;
	uint64_t misses; /* kthread_posted: drained the caller's CPU instead */
	uint64_t pages; /* given back */
	uint64_t time_ns; /* in drains, without the wait for other drains */
	uint64_t time_max_ns; /* of the longest drain */
	/* ipi_mask_locked: drains that found the mask's lock taken; those of
	 * them that slept (ipi_mask_lock mutex); waits with interrupts off that
	 * lasted 100 ms and were broken off (raw_spin). */
	uint64_t mask_waits;
	uint64_t mask_sleeps;
	uint64_t lockups;
	/* workqueue: refused, since an item of mm_percpu_wq asked for them. */
	uint64_t recursions;
};

PCPMM_API void pcpmm_drain_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_stats *stats);

/* Time of each drain, without waits for other drains. Any thread; racy. */
PCPMM_API void pcpmm_drain_histogram(
	const struct pcpmm_machine *machine, struct pcpmm_histogram *histogram);

/* Places of a drain where another drainer can come in between. */
enum pcpmm_drain_point {
	/* ipi_mask_locked, the forms that clear first: no bit is set yet. */
	PCPMM_DRAIN_CLEARED,
	/* The mask is made, no CPU was asked yet. Every strategy. */
	PCPMM_DRAIN_MARKED,
};

/*
 * Call @fn(cpu, point, arg) at these points of each drain of all CPUs, on the
 * drainer's thread, to study two drains at once. It may wait for another thread,
 * but the drain holds the mutex or the lock of its strategy. It must not drain.
 * @fn NULL: no call. At rest only.
 */
PCPMM_API void pcpmm_drain_window_set(struct pcpmm_machine *machine,
	void (*fn)(
		struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg),
	void *arg);

/*
 * What a strategy needs beside the lists, counts and mutexes that every strategy
 * has; bytes.
 */
struct pcpmm_drain_bytes {
	uint64_t
		list; /* for each CPU and zone: locks, pointers, second lists */
	uint64_t cpu; /* for each CPU: locks, work items, workers, words */
	uint64_t pair; /* for each CPU and each CPU that it may call */
	uint64_t machine; /* once: the mask, its lock, a key */
	/* Threads for each CPU, each with a stack: here of the host's default
	 * size, in address space; in a kernel 16 KiB, and its task_struct. */
	uint64_t threads;
};

struct pcpmm_drain_memory {
	struct pcpmm_drain_bytes here;
	/* Linux, x86-64, without lock debugging, as computed from its structs
	 * (docs/strategies.md); zeroes if !kernel_known: never posted as code,
	 * or a program's own. */
	struct pcpmm_drain_bytes kernel;
	bool kernel_known;
};

/* Of the strategy of @machine. Any thread. */
PCPMM_API void pcpmm_drain_memory_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_memory *memory);

/*
 * Function call interrupts that drains have sent to CPU @id, as the row CAL of
 * /proc/interrupts counts them. 0 if there is no such CPU. Any thread.
 */
PCPMM_API uint64_t pcpmm_drain_cal(
	const struct pcpmm_machine *machine, unsigned int id);

PCPMM_END_DECLS

#endif
