/* SPDX-License-Identifier: MIT */
/*
 * The design choices of a machine: one enum for each axis.
 *
 * A preset (a kernel, or a posted series) gives each axis a value; a program, a
 * machine file or the command line may then change single axes. The fields are
 * in struct pcpmm_config, the functions that know names in pcpmm/machine.h.
 */
#ifndef PCPMM_AXES_H
#define PCPMM_AXES_H

#include <pcpmm/api.h>

PCPMM_BEGIN_DECLS

/* A preset sets every axis of behaviour to what one kernel does. */
enum pcpmm_preset {
	/* Kernels, as recorded: 6.1.192, 5.10.223, 6.12.117, 6.18.15, 7.3.4. */
	PCPMM_PRESET_LINUX_6_1, /* "linux-6.1" */
	PCPMM_PRESET_LINUX_5_10, /* "linux-5.10" */
	PCPMM_PRESET_LINUX_6_12, /* "linux-6.12" */
	PCPMM_PRESET_LINUX_6_18, /* "linux-6.18" */
	PCPMM_PRESET_LINUX_7_3, /* "linux-7.3" */
	/* Posted series, on the rules of 6.1. The kernels that the series to 2023
	 * were based on had the same rules for lists, watermarks and counters;
	 * those of 2025 and 2026 had others, of which only the series' own axes are
	 * here. */
	PCPMM_PRESET_RFC_RCU_SWAP_2021, /* "rfc-rcu-swap-2021" */
	PCPMM_PRESET_RFC_KTHREAD_2022, /* "rfc-kthread-2022", corrected */
	PCPMM_PRESET_REMOTE_FOLD_V4_2023, /* "remote-fold-v4-2023" */
	PCPMM_PRESET_REMOTE_FOLD_V8_2023, /* "remote-fold-v8-2023" */
	PCPMM_PRESET_RFC_IPI_MASK_2012, /* "rfc-ipi-mask-2012" */
	PCPMM_PRESET_RFC_SPINLOCK_KEY_2021, /* "rfc-spinlock-key-2021" */
	PCPMM_PRESET_RFC_SPINLOCK_2021, /* "rfc-spinlock-2021" */
	PCPMM_PRESET_SPILL_CHUNKS_V4_2025, /* "spill-chunks-v4-2025": Hahn */
	PCPMM_PRESET_VMSTAT_SPREAD_2026, /* "vmstat-spread-2026": Leitao, both */
	PCPMM_PRESET_RFC_PCP_BUDDY_2026, /* "rfc-pcp-buddy-2026": Weiner */
	PCPMM_PRESET_PWLOCKS_V4_2026, /* "pwlocks-v4-2026", with pwlocks=1 */
	PCPMM_NR_PRESETS
};

/* The rules of the per-CPU lists, by kernel; pcpmm/rules.h. */
enum pcpmm_list_rules {
	PCPMM_LIST_RULES_6_1, /* "6.1": orders 0 to 3 and 9, free_factor */
	PCPMM_LIST_RULES_5_10, /* "5.10": single pages, high six batches */
	PCPMM_LIST_RULES_6_12, /* "6.12": high tuned between bounds, since 6.7 */
	PCPMM_LIST_RULES_6_18, /* "6.18": later spills of high orders */
	PCPMM_LIST_RULES_7_3, /* "7.3": high-atomic requests do not refill */
	PCPMM_NR_LIST_RULES
};

/*
 * How a drain empties another CPU's lists, and what guards a list for its
 * owner. Each comment has the value's name; docs/strategies.md compares them.
 * [unsound]: has the bug of the posted version, refused without allow_unsound.
 */
enum pcpmm_drain {
	PCPMM_DRAIN_PCP_LOCK, /* "pcp_lock": 6.0, 01b44456a7aa, as in 6.1.192 */
	PCPMM_DRAIN_IPI_ALL, /* "ipi_all": an IPI to every CPU, to 3.3 */
	PCPMM_DRAIN_IPI_MASK, /* "ipi_mask": as merged in 3.4, 74046494ea68 */
	PCPMM_DRAIN_IPI_MASK_POSTED, /* "ipi_mask_posted" [unsound] */
	/* "ipi_mask_locked": as Milton Miller asked for in review, 2012. How
	 * the mask is protected: enum pcpmm_ipi_mask_lock. */
	PCPMM_DRAIN_IPI_MASK_LOCKED,
	PCPMM_DRAIN_WORKQUEUE, /* "workqueue": 4.11, 0ccce3b92421 */
	/* "kthread": RFC 2022 as its author answered the review; a CPU without
	 * worker gets an IPI, which is this library's own. */
	PCPMM_DRAIN_KTHREAD,
	PCPMM_DRAIN_KTHREAD_POSTED, /* "kthread_posted" [unsound] */
	PCPMM_DRAIN_RCU_SWAP, /* "rcu_swap": RFC of 8 Oct 2021 */
	/* The two other designs of its author: "percpu_spinlock_2021", 21 Sep
	 * 2021: a lock a CPU, used if a CPU is nohz_full at creation, else work
	 * items; "pcp_spinlock_2021", 3 Nov 2021: a lock in each list. */
	PCPMM_DRAIN_PERCPU_SPINLOCK_2021,
	PCPMM_DRAIN_PCP_SPINLOCK_2021,
	/* "external": pcpmm_config.strategy, see pcpmm/strategy.h. */
	PCPMM_DRAIN_EXTERNAL,
	/* "pcp_buddy": RFC of 3 Apr 2026: each list is a small buddy, and pages go
	 * back to the CPU that owns their pageblock (pcpmm/pcp_buddy.h). */
	PCPMM_DRAIN_PCP_BUDDY,
	PCPMM_NR_DRAINS
};

/*
 * What ipi_mask_locked protects its mask by, from the look to the last answer.
 * All but the last two clear the mask first and then only set bits. Milton
 * Miller, linux-mm, 11 Jan 2012, weighs them.
 */
enum pcpmm_ipi_mask_lock {
	PCPMM_IPI_MASK_LOCK_SPIN, /* "spin": interrupts stay on: his choice */
	/* "none": an earlier drainer misses CPUs and comes back too soon. */
	PCPMM_IPI_MASK_LOCK_NONE,
	PCPMM_IPI_MASK_LOCK_MUTEX, /* "mutex": each waiting drainer sleeps */
	/* "raw_spin": a waiting drainer has interrupts off, so that it can not
	 * answer the holder's IPI: deadlock [unsound]. */
	PCPMM_IPI_MASK_LOCK_RAW_SPIN,
	/* "trylock": and between two tries other tasks may have the CPU. */
	PCPMM_IPI_MASK_LOCK_TRYLOCK,
	/* "own_bit": no lock; drainers set bits, a drained CPU clears its own. */
	PCPMM_IPI_MASK_LOCK_OWN_BIT,
	/* "summary": no lock and no shared mask; each CPU keeps a word that says
	 * whether it has pages, which costs the owner. */
	PCPMM_IPI_MASK_LOCK_SUMMARY,
	PCPMM_NR_IPI_MASK_LOCKS
};

/* Priority of the workers of drain kthread. */
enum pcpmm_kthread_prio {
	/* "fifo_low": FIFO 1, sched_set_fifo_low(), as posted. */
	PCPMM_KTHREAD_PRIO_FIFO_LOW,
	PCPMM_KTHREAD_PRIO_FIFO, /* "fifo": FIFO 50, sched_set_fifo() */
	PCPMM_KTHREAD_PRIO_NORMAL, /* "normal": no FIFO task */
	PCPMM_NR_KTHREAD_PRIOS
};

/*
 * A kernel for one CPU (CONFIG_SMP=n): counters have no diffs, so every update is in
 * the shared value at once, and there is no drift mark. What drain pcp_lock does there
 * depends on the kernel; src/pcplist/strategies/pcp_lock_up.c.
 */
enum pcpmm_up {
	PCPMM_UP_NO, /* "no": an SMP kernel, whatever the number of CPUs */
	/* "irqs_off": interrupts are off in a list: 038a102535eb, 2026. */
	PCPMM_UP_IRQS_OFF,
	/* "trylock_fails": the lists are never used: 7.x. */
	PCPMM_UP_TRYLOCK_FAILS,
	/* "trylock_succeeds": an interrupt enters the list that it interrupted:
	 * 6.2 (574907741599) to January 2026. Unsound. */
	PCPMM_UP_TRYLOCK_SUCCEEDS,
	PCPMM_NR_UPS
};

/* How an interrupt reaches another CPU. */
enum pcpmm_ipi {
	/*
	 * "signal": a signal to the thread that is on the CPU. It interrupts
	 * even a loop that never calls the library. The library's signal
	 * handler runs on that thread; interrupted system calls are restarted
	 * where the host can.
	 */
	PCPMM_IPI_SIGNAL,
	/* "polled": a mailbox that the thread reads at each library call. */
	PCPMM_IPI_POLLED,
	PCPMM_NR_IPIS
};

/* What makes the owner a reader of rcu_swap. */
enum pcpmm_rcu {
	/* A section with interrupts off, as in the kernel. It costs the owner
	 * nothing; a grace period is a membarrier and a check of each CPU. */
	PCPMM_RCU_SCHED, /* "sched" */
	PCPMM_RCU_MEMB, /* "memb": liburcu's read lock; no demand on CPUs */
	/* liburcu: the cheapest grace period, but it ends only when each CPU
	 * is idle, asleep, or calls the library. */
	PCPMM_RCU_QSBR, /* "qsbr" */
	/* Concurrency Kit's epochs: a grace period waits for running sections
	 * only; a section costs the owner a full barrier. */
	PCPMM_RCU_EPOCH, /* "epoch" */
	PCPMM_NR_RCUS
};

/* Kind of rcu_swap's grace periods; PCPMM_RCU_SCHED only. */
enum pcpmm_grace {
	PCPMM_GRACE_EXPEDITED, /* "expedited": interrupts running CPUs */
	PCPMM_GRACE_NORMAL, /* "normal": waits for the host's scheduler */
	PCPMM_NR_GRACES
};

/* How a CPU updates its counter diffs. */
enum pcpmm_account {
	/* "local_cmpxchg": this_cpu_cmpxchg, 7c83912062c8. */
	PCPMM_ACCOUNT_LOCAL_CMPXCHG,
	PCPMM_ACCOUNT_IRQOFF, /* "irqoff": irq-save around a plain update */
	/* "lock_cmpxchg": LOCK cmpxchg, so that other CPUs may fold: the 2023
	 * series, v2 on. */
	PCPMM_ACCOUNT_LOCK_CMPXCHG,
	PCPMM_NR_ACCOUNTS
};

/* How wide a CPU's counter diff is. */
enum pcpmm_diff {
	PCPMM_DIFF_S8, /* "s8": mainline */
	PCPMM_DIFF_S32, /* "s32": the 2023 series, v4 on */
	PCPMM_NR_DIFFS
};

/* Which thread folds a CPU's diffs when the CPU does not do so itself. */
enum pcpmm_fold {
	PCPMM_FOLD_LOCAL, /* "local": work item that the shepherd queues */
	PCPMM_FOLD_REMOTE, /* "remote": the shepherd, from its own CPU (2023) */
	/* "both": both at once. The local fold uses the kernel's exchange,
	 * which x86 does not lock, so some changes are counted twice
	 * [unsound]. */
	PCPMM_FOLD_BOTH,
	PCPMM_NR_FOLDS
};

/*
 * When a CPU folds its own diffs, without a work item. Both series were not
 * merged; the file comment of src/service/quiet.c has the rules.
 */
enum pcpmm_fold_quiet {
	PCPMM_FOLD_QUIET_NO, /* "no" */
	/* "tick_stop": quiet_vmstat() when the tick stops, and not again while
	 * it stays stopped. */
	PCPMM_FOLD_QUIET_TICK_STOP,
	/* "every_idle": also at idle with a stopped tick; Aaron Tomlin, RFC of
	 * 3 February 2022. */
	PCPMM_FOLD_QUIET_EVERY_IDLE,
	/* "dirty": a flag of the CPU says that it has diffs; also at return to
	 * user mode. Tomlin and Marcelo Tosatti, v7 and v8, 2022. */
	PCPMM_FOLD_QUIET_DIRTY,
	/* "user_return": nohz_full CPUs look after themselves; v12 and v13 of
	 * the same series, 27 December 2022 and 5 January 2023. */
	PCPMM_FOLD_QUIET_USER_RETURN,
	PCPMM_NR_FOLD_QUIETS
};

/*
 * What lets normal tasks run behind a FIFO task, in the machine's time
 * (pcpmm/tick.h). Each window is an interruption of the FIFO task.
 */
enum pcpmm_starvation {
	PCPMM_STARVATION_NONE, /* "none": nothing; sched_rt_runtime_us = -1 */
	/* "fair_server": 50 ms at the end of each second in which one waits, by
	 * a deadline server: 6.12 on. */
	PCPMM_STARVATION_FAIR_SERVER,
	/* "rt_throttle": 50 ms at the end of each second in which the FIFO task
	 * runs: sched_rt_runtime_us = 950000, the default to 6.11. */
	PCPMM_STARVATION_RT_THROTTLE,
	/* "stalld": a daemon that lends the deadline class to a task that has
	 * waited for 60 s: one tick a second, for 3 s. */
	PCPMM_STARVATION_STALLD,
	PCPMM_NR_STARVATIONS
};

/* On which CPU the timer of a vmstat work item lies; it is deferrable. */
enum pcpmm_fold_timer {
	PCPMM_FOLD_TIMER_OWN, /* "own": on the item's CPU, to 6.8 */
	/* "housekeeping": on a CPU that is not nohz_full: 6.9, aae17ebb53cd.
	 * The worker runs on the item's CPU all the same. */
	PCPMM_FOLD_TIMER_HOUSEKEEPING,
	PCPMM_NR_FOLD_TIMERS
};

/* When a vmstat work item that found changes runs again. */
enum pcpmm_fold_requeue {
	/* "round": after an interval, rounded to a full second, so that the
	 * items of all CPUs run at the same moment. */
	PCPMM_FOLD_REQUEUE_ROUND,
	/* "spread": at a moment of its own in each interval: Breno Leitao,
	 * 1 April 2026. */
	PCPMM_FOLD_REQUEUE_SPREAD,
	PCPMM_NR_FOLD_REQUEUES
};

/* What folds do to lists of remote nodes; see docs/vmstat.md. */
enum pcpmm_expire {
	PCPMM_EXPIRE_NO, /* "no": nothing; v4 of the 2023 series */
	/* "yes": drained after three folds; counting to three is no change. */
	PCPMM_EXPIRE_YES,
	PCPMM_EXPIRE_COUNTED, /* "counted": and counting is a change: 6.6 */
	PCPMM_NR_EXPIRES
};

/* Which vmstat work items the shepherd leaves alone. */
enum pcpmm_shepherd_skips {
	/* "pending": queued, or on a timer; an item that runs is queued again. */
	PCPMM_SHEPHERD_SKIPS_PENDING,
	PCPMM_SHEPHERD_SKIPS_BUSY, /* "busy": running ones as well: 7.x, 2026 */
	PCPMM_NR_SHEPHERD_SKIPS
};

/*
 * The kernel version whose rule decides if a zone may serve a request below
 * its watermarks, or of a high order. docs/vmstat.md has the rules.
 */
enum pcpmm_wmark_check {
	/* "min_reserve_atomic": 6.1.192, min_reserve by backport, but with the
	 * look without a boost for __GFP_ATOMIC. */
	PCPMM_WMARK_CHECK_MIN_RESERVE_ATOMIC,
	PCPMM_WMARK_CHECK_MIN_RESERVE, /* "min_reserve": 6.3 */
	PCPMM_WMARK_CHECK_HARDER, /* "harder": 4.4 to 6.2 */
	PCPMM_WMARK_CHECK_HALVING, /* "halving": to 4.3 */
	PCPMM_NR_WMARK_CHECKS
};

/* How far apart the watermarks are, and which zones share min_free_kbytes. */
enum pcpmm_marks {
	/* "scale_factor": 4.6; at least vm.watermark_scale_factor apart. */
	PCPMM_MARKS_SCALE_FACTOR,
	/* "quarter": before 4.6; min, min plus a quarter, min plus a half. */
	PCPMM_MARKS_QUARTER,
	/* "not_movable": 6.6; as scale_factor, but Movable has no part of
	 * min_free_kbytes: its min is managed / 1024, within 32..128 pages. */
	PCPMM_MARKS_NOT_MOVABLE,
	PCPMM_NR_MARKS
};

/* When boot computes thresholds and drift marks; see caveats.md, quirk 4. */
enum pcpmm_boot_drift_mark {
	/* "early": with each CPU that comes up, while all marks are 0, and with
	 * the first marks: to 6.12. */
	PCPMM_BOOT_DRIFT_MARK_EARLY,
	/* "late": with the first marks, and with the last: 6.13. */
	PCPMM_BOOT_DRIFT_MARK_LATE,
	PCPMM_NR_BOOT_DRIFT_MARKS
};

/*
 * When NR_FREE_PAGES is raised for freed pages. Its readers take no lock: with
 * before_lists a reader may see pages counted that are on no free list yet.
 */
enum pcpmm_count_order {
	PCPMM_COUNT_BEFORE_LISTS, /* "before_lists": about 3.18 on */
	PCPMM_COUNT_AFTER_LISTS, /* "after_lists": 2.6.36, 72853e2991a2 */
	PCPMM_NR_COUNT_ORDERS
};

/*
 * How a CPU waits for a zone's lock that is taken. With a ticket it gets the
 * lock in the order of arrival, as with the kernel's queued lock, but all CPUs
 * look at one word. Without one the CPU that comes at the right moment gets it.
 */
enum pcpmm_zone_lock {
	PCPMM_ZONE_LOCK_TTAS, /* "ttas": looks until the lock is free */
	PCPMM_ZONE_LOCK_BACKOFF, /* "backoff": looks more and more rarely */
	PCPMM_ZONE_LOCK_TICKET, /* "ticket": fair */
	PCPMM_NR_ZONE_LOCKS
};

/*
 * The architecture whose kernel counts. Without HAVE_CMPXCHG_LOCAL that is done
 * with interrupts off, and folds are work items, in the series of 2023 as well:
 * account irqoff, fold local. Nothing else depends on it (pages have 4 KiB, zones
 * are those of a PC), and the host may be another one. docs/vmstat.md.
 */
enum pcpmm_arch {
	PCPMM_ARCH_X86_64, /* "x86_64" */
	PCPMM_ARCH_ARM64, /* "arm64" */
	PCPMM_ARCH_S390X, /* "s390x": no cmpxchg of 8 bit */
	PCPMM_ARCH_RISCV64, /* "riscv64": no HAVE_CMPXCHG_LOCAL */
	PCPMM_ARCH_LOONGARCH64, /* "loongarch64": likewise */
	PCPMM_NR_ARCHS
};

/*
 * Is it noticed if two threads free one page at the same moment? A free looks
 * whether its page is held. docs/performance.md has what the exchange costs.
 */
enum pcpmm_free_check {
	/* "racy": both may find it held. The page is then listed twice. */
	PCPMM_FREE_CHECK_RACY,
	/* "exchange": one of them claims it, by an atomic compare-and-exchange,
	 * and the other is refused. */
	PCPMM_FREE_CHECK_EXCHANGE,
	PCPMM_NR_FREE_CHECKS
};

/*
 * Which value of a counter a watermark check reads. The diffs of all CPUs
 * together may hide free pages, or a shortage of them.
 */
enum pcpmm_reader {
	/* The counter; kswapd takes a snapshot below the drift mark, and the
	 * CPUs' thresholds change while it is awake: 2.6.37, 88f5acf88ae6. */
	PCPMM_READER_PRESSURE_THRESHOLD, /* "pressure_threshold" */
	PCPMM_READER_RAW, /* "raw": the counter, to 2.6.35 */
	/* A snapshot below the drift mark while kswapd is awake, for every
	 * check: 2.6.36, aa45484031dd. */
	PCPMM_READER_DRIFT_SNAPSHOT, /* "drift_snapshot" */
	/* pressure_threshold, and the throttle of direct reclaim takes a
	 * snapshot: 6.5. */
	PCPMM_READER_THROTTLE_SNAPSHOT, /* "throttle_snapshot" */
	/* The counter; each check of an allocation that finds it below low first
	 * folds all CPUs, by an interrupt each: given up in 2010. */
	PCPMM_READER_FOLD_WHEN_LOW, /* "fold_when_low" */
	PCPMM_NR_READERS
};

/*
 * At which hotplug events the CPUs' thresholds and the zones' drift marks are
 * computed again.
 */
enum pcpmm_threshold_refresh {
	PCPMM_THRESHOLD_REFRESH_UP_AND_DOWN, /* "up_and_down": 2.6.37 on */
	/* "down_only": to 2.6.36. A CPU that comes online keeps the threshold it
	 * had, and marks stay those for fewer CPUs. */
	PCPMM_THRESHOLD_REFRESH_DOWN_ONLY,
	PCPMM_NR_THRESHOLD_REFRESHES
};

/* What counts as a stall section of memory pressure (pcpmm/psi.h). */
enum pcpmm_psi_kind {
	/* "whole": direct reclaim with the drain and the second look: 5.18. */
	PCPMM_PSI_WHOLE,
	/* "reclaim": the pass alone; a wait for the drain is hidden: to 5.17. */
	PCPMM_PSI_RECLAIM,
	PCPMM_PSI_OFF, /* "off": psi=0 */
	PCPMM_NR_PSIS
};

/*
 * How many pages a CPU gathers before it adds them to LRU lists (PAGEVEC_SIZE). No
 * kernel adds them at once; programs that want to see each page there do.
 */
enum pcpmm_lru_batch {
	PCPMM_LRU_BATCH_NONE, /* "none" */
	PCPMM_LRU_BATCH_15, /* "15": Linux 6.1 */
	PCPMM_LRU_BATCH_31, /* "31": later kernels' folio batch */
	PCPMM_NR_LRU_BATCHES
};

/*
 * Who empties the LRU batch of another CPU for lru_add_drain_all(), and its sheaf for
 * pcpmm_slab_flush() (pcpmm/slab.h); constant from creation on. docs/pwlocks.md
 * compares them.
 */
enum pcpmm_lru_drain {
	/* "work": a work item on each CPU with pages; all kernels to 7.3. */
	PCPMM_LRU_DRAIN_WORK,
	/* "pwlocks": pwlocks=1 of Leonardo Bras, v4 of 18 May 2026: each batch and
	 * sheaf has a spin lock, which its owner takes too, and the drainer takes
	 * it. */
	PCPMM_LRU_DRAIN_PWLOCKS,
	/* "pwlocks_auto": v4 without the parameter: as pwlocks if a CPU is
	 * nohz_full at creation, else as work. */
	PCPMM_LRU_DRAIN_PWLOCKS_AUTO,
	/* "user_return": Frederic Weisbecker, July 2025: nohz_full CPUs are left
	 * out, and drain their own at pcpmm_cpu_user_return(). Sheaves: as work. */
	PCPMM_LRU_DRAIN_USER_RETURN,
	PCPMM_NR_LRU_DRAINS
};

/*
 * For how long a free that spills holds the lock of its CPU's list
 * (pcpmm/spill.h). Of pcp_lock; all others hold their section for the whole spill:
 * it is interrupts off, with or without a lock for which the owner waits, or a
 * reader's, and not one that the owner only tries to enter.
 */
enum pcpmm_spill_hold {
	PCPMM_SPILL_HOLD_WHOLE, /* "whole": for the whole spill; to 6.18 */
	/* "chunks": for batch pages, then gives it up and tries again: 6.19. */
	PCPMM_SPILL_HOLD_CHUNKS,
	PCPMM_NR_SPILL_HOLDS
};

/*
 * Where alloc_pages_nolock() and free_pages_nolock() do not even try a lock
 * (pcpmm/nolock.h).
 */
enum pcpmm_nolock_refuses {
	/* "up_nmi": in an NMI of a kernel for one CPU, where a trylock of the zone
	 * succeeds although the lock is taken: 620b46ed6ae1, and July 2026. */
	PCPMM_NOLOCK_REFUSES_UP_NMI,
	/* "rt_irq": PREEMPT_RT: in NMIs and hard interrupts, since its locks sleep
	 * and must be released by a task. */
	PCPMM_NOLOCK_REFUSES_RT_IRQ,
	/* "nothing": 6.15 to April 2026; unsound with up. */
	PCPMM_NOLOCK_REFUSES_NOTHING,
	PCPMM_NR_NOLOCK_REFUSES
};

/*
 * The kernel whose rules hold for a zone's free lists and migratetypes: fallbacks,
 * merging, the high-atomic reserve, which type a freed page has, when it is counted
 * and what events say; and how often boot without huge pages takes the square root
 * of lowmem for min_free_kbytes: once in 5.10, twice later. docs/zone-rules.md has
 * what differs.
 */
enum pcpmm_zone_rules {
	PCPMM_ZONE_RULES_6_1, /* "6.1": 6.1.192 */
	PCPMM_ZONE_RULES_5_10, /* "5.10": 5.10.223 */
	PCPMM_ZONE_RULES_6_12, /* "6.12": 6.12.117 */
	PCPMM_ZONE_RULES_6_18, /* "6.18": 6.18.15 */
	PCPMM_ZONE_RULES_7_3, /* "7.3": 7.3.4 */
	PCPMM_NR_ZONE_RULES
};

/*
 * Which diffs of a CPU are a reason to fold it: the shepherd and a CPU whose tick
 * stops look at them (need_update()). A fold folds all. With fold_quiet dirty a flag
 * of the CPU is looked at instead.
 */
enum pcpmm_need_update {
	/* "zone_node": of populated zones and their nodes; since 5.11. */
	PCPMM_NEED_UPDATE_ZONE_NODE,
	/* "zone_numa": of populated zones, NUMA events as well if they have diffs
	 * (numa_events); a node's diffs alone wake nobody. 5.10. */
	PCPMM_NEED_UPDATE_ZONE_NUMA,
	PCPMM_NR_NEED_UPDATES
};

/* Where a CPU counts NUMA events (numa_hit, ...). */
enum pcpmm_numa_events {
	/* "apart": in words that a reader adds up, so that /proc/vmstat is exact:
	 * 5.14, f19298b9516c. */
	PCPMM_NUMA_EVENTS_APART,
	/* "diffs": in diffs of 16 bit, which move up after 65534 events, or when the
	 * CPU folds; /proc/vmstat lacks what is in them, zoneinfo adds it. To 5.13. */
	PCPMM_NUMA_EVENTS_DIFFS,
	PCPMM_NR_NUMA_EVENTS
};

/*
 * Whose /proc texts a machine prints, which counters and which sysctls it has:
 * names, order, lines and columns of zoneinfo, vmstat and pagetypeinfo, as Debian builds the
 * kernel for x86-64; also the layout "preset" of pcpmm/failure.h. In 7.3 what
 * reclaim scans and steals is counted by node, with diffs and thresholds, and no
 * event; in 5.10 page tables are counted by zone.
 */
enum pcpmm_layout {
	PCPMM_LAYOUT_6_1, /* "6.1" */
	PCPMM_LAYOUT_5_10, /* "5.10": no boost, no cma */
	PCPMM_LAYOUT_6_12, /* "6.12": promo */
	PCPMM_LAYOUT_6_18, /* "6.18": high_min, high_max */
	/* "7.3": reserved_highatomic, free_highatomic; with CMA */
	PCPMM_LAYOUT_7_3,
	PCPMM_NR_LAYOUTS
};

/* State of a machine's pages before the first allocation. */
enum pcpmm_boot {
	PCPMM_BOOT_FREE, /* "free": all managed pages on the buddy lists */
	/* "held": no page is free; pcpmm/restore.h frees what was. */
	PCPMM_BOOT_HELD,
	PCPMM_NR_BOOTS
};

/* Real memory behind the frames. */
enum pcpmm_backing {
	PCPMM_BACKING_NONE, /* "none": frames are numbers without address */
	/* "anon": anonymous memory, faulted in on first touch. */
	PCPMM_BACKING_ANON,
	PCPMM_BACKING_MEMFD, /* "memfd": one memfd, mappable elsewhere */
	/* "huge": anonymous memory, madvised for huge pages. */
	PCPMM_BACKING_HUGE,
	PCPMM_NR_BACKINGS
};

/*
 * Transparent huge pages at boot. With them khugepaged raises min_free_kbytes
 * (kernel: set_recommended_min_free_kbytes).
 */
enum pcpmm_thp {
	PCPMM_THP_ALWAYS, /* "always" */
	PCPMM_THP_NEVER, /* "never" */
	PCPMM_NR_THPS
};

PCPMM_END_DECLS

#endif
