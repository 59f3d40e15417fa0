/* SPDX-License-Identifier: MIT */
/*
 * A machine: CPUs, nodes, zones, and the designs that it runs.
 *
 * Many machines may live in one process; they share nothing. While a machine is
 * created or destroyed, no other thread may use it. The library starts threads
 * only where a function says so: pcpmm_cpu_run(), pcpmm_shepherd_start(),
 * pcpmm_kswapd_start(), pcpmm_work_create(), and creation with a drain strategy
 * that has workers: kthread, one for each CPU, or workqueue, two for each CPU.
 */
#ifndef PCPMM_MACHINE_H
#define PCPMM_MACHINE_H

#include <pcpmm/axes.h>
#include <pcpmm/types.h>
#include <stdbool.h>
#include <stdint.h>

PCPMM_BEGIN_DECLS

/* One zone's frames, as /proc/zoneinfo names them; unit: pages. */
struct pcpmm_zone_config {
	uint64_t start_pfn; /* first frame; > 0 */
	uint64_t spanned_pages; /* start to end, holes included */
	uint64_t present_pages; /* <= spanned */
	uint64_t managed_pages; /* <= present; 0: not populated */
};

struct pcpmm_node_config {
	struct pcpmm_zone_config zones[PCPMM_NR_ZONES];
};

/* vm.* with the kernel's names, units and defaults. */
struct pcpmm_sysctls {
	int64_t min_free_kbytes; /* kB; < 0: computed as at boot */
	int32_t watermark_scale_factor; /* 1..3000, unit 1/10000; 10 */
	int32_t watermark_boost_factor; /* unit 1/10000; 15000; 0 = off */
	int32_t percpu_pagelist_high_fraction; /* 0 or >= 8; 0; not in 5.10 */
	int32_t stat_interval; /* s; 1 */
	int32_t lowmem_reserve_ratio[PCPMM_NR_ZONES]; /* 256 256 32 0 0 */
	int32_t numa_stat; /* 0 or 1; 1 */
	/* Of some kernels (axis layout); others refuse any value but 0. */
	int32_t percpu_pagelist_fraction; /* 5.10: 0 or >= 8; 0 */
	int32_t defrag_mode; /* 6.18 on: 0 or 1; 0 */
};

struct pcpmm_strategy; /* pcpmm/strategy.h */

/*
 * The machine to build. pcpmm_config_init() fills it; then change single
 * fields. Arrays belong to the caller and are only read during create.
 */
struct pcpmm_config {
	size_t size; /* sizeof(struct pcpmm_config) of the caller */
	enum pcpmm_preset preset;

	unsigned int nr_cpus; /* possible CPUs, 1..PCPMM_CPUS_MAX */
	unsigned int nr_nodes; /* 1..PCPMM_NODES_MAX */
	const struct pcpmm_node_config *nodes; /* nr_nodes */
	const unsigned int *cpu_node; /* nr_cpus; NULL: spread evenly */
	const unsigned char *cpu_offline; /* nr_cpus, 1 = off; NULL: all on */
	const unsigned char *distance; /* nr_nodes^2; NULL: 10 and 20 */
	/*
	 * Pages of each zone (nr_nodes x PCPMM_NR_ZONES) that boot frees only
	 * after the watermarks were computed (init memory, initrd); NULL: 0.
	 * They make boot values smaller than the printed managed pages say.
	 */
	const uint64_t *late_pages;
	/*
	 * Zones, 1..PCPMM_ZONE_INSTANCES_MAX, that each Normal and each Movable
	 * of a node is split into: contiguous, almost equal, without a block of
	 * the largest order in two of them. CPU n allocates from instance n %
	 * zone_instances first, then from the others, then from lower types:
	 * Huang Ying, RFC of 11 May 2023,
	 * 20230511065607.37407-1-ying.huang@intel.com (about one instance for
	 * 256 GB). Needs boot free.
	 */
	unsigned int zone_instances;
	/*
	 * Each CPU's part of the largest data cache, in KiB: from 6.7 lists that
	 * are small beside it, by three batches, are not spilled by a free of a
	 * high order (PCPMM_PCP_FREE_HIGH_BATCH). No /proc file tells.
	 */
	unsigned int cpu_cache_kbytes;

	struct pcpmm_sysctls sysctl;
	enum pcpmm_thp thp;
	enum pcpmm_boot boot;
	enum pcpmm_backing backing;

	enum pcpmm_drain drain;
	enum pcpmm_account account;
	enum pcpmm_diff diff;
	enum pcpmm_fold fold;
	enum pcpmm_fold_quiet fold_quiet;
	enum pcpmm_fold_timer fold_timer;
	enum pcpmm_fold_requeue fold_requeue;
	enum pcpmm_shepherd_skips shepherd_skips;
	bool fold_skip_isolated; /* 6.5: the shepherd skips nohz_full CPUs */
	/* Remote nodes' lists are drained after three quiet folds. v4 of the
	 * 2023 series removed that. With a remote fold it needs pcp_lock or
	 * pcp_spinlock_2021 or pcp_buddy. */
	enum pcpmm_expire fold_expire;
	/* pcpmm_cpu_isolate() waits for work items that are queued: 7.0. */
	bool isolation_flush;
	enum pcpmm_starvation starvation;
	enum pcpmm_up up; /* with nr_cpus 1 only */
	enum pcpmm_kthread_prio kthread_prio;
	bool refresh_drain; /* stat_refresh drains all lists first: 2023, v3, v4 */
	enum pcpmm_wmark_check wmark_check;
	enum pcpmm_marks marks;
	enum pcpmm_count_order count_order;
	enum pcpmm_reader reader;
	/* If reclaim made progress but the free lists still have no page for
	 * the request, drain all lists and try again: 2.6.36, 9ee493ce0a60. */
	bool drain_retry;
	const struct pcpmm_strategy *strategy; /* of PCPMM_DRAIN_EXTERNAL */
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	enum pcpmm_zone_lock zone_lock;
	enum pcpmm_arch arch; /* limits account and fold; not the host */
	enum pcpmm_boot_drift_mark boot_drift_mark;
	enum pcpmm_free_check free_check;
	enum pcpmm_threshold_refresh threshold_refresh;
	enum pcpmm_ipi_mask_lock ipi_mask_lock; /* of ipi_mask_locked */
	bool wq_mem_reclaim; /* mm_percpu_wq has a rescuer: ce612879ddc7 */
	bool wq_cpu_intensive; /* 6.5: an item of 10 ms holds up no others */
	enum pcpmm_psi_kind psi;
	enum pcpmm_lru_batch lru_batch;
	enum pcpmm_lru_drain lru_drain; /* of batches */
	enum pcpmm_spill_hold spill_hold; /* of pcp_lock */
	enum pcpmm_nolock_refuses nolock_refuses;
	/* How lists are sized, refilled and spilled. */
	enum pcpmm_list_rules list_rules;
	enum pcpmm_zone_rules zone_rules;
	enum pcpmm_layout layout; /* of /proc texts */
	enum pcpmm_need_update need_update;
	enum pcpmm_numa_events numa_events;
	bool allow_unsound; /* permit designs known to lose pages or hang */

	enum pcpmm_ipi ipi;
	int ipi_signal; /* 0: SIGURG; a signal without another handler */
	const unsigned char *cpu_nohz_full; /* nr_cpus, 1 = isolated; or NULL */
};

/* Why a call failed, as text that always ends with a NUL. */
struct pcpmm_error {
	char text[256];
};

/*
 * Fill @config with @preset's axes, one CPU, the sysctl defaults, and no
 * node. @size is sizeof(*config). Errors: -EINVAL (unknown preset or size).
 */
PCPMM_API int pcpmm_config_init(
	struct pcpmm_config *config, size_t size, enum pcpmm_preset preset);

/*
 * The axes by name: every enum and bool of struct pcpmm_config that chooses how
 * a machine behaves, where its memory comes from (backing), and what boot does
 * (thp, boot). A key is the name of the field: "preset", "drain", "fold_quiet".
 * Both lists end with NULL and live as long as the library. Any thread.
 */
PCPMM_API const char *const *pcpmm_axis_keys(void);
/*
 * Names of the values of @key, in the order of its enum; "no" and "yes" of a
 * bool. NULL if there is no such axis.
 */
PCPMM_API const char *const *pcpmm_axis_values(const char *key);

/*
 * Set the axis @key of @config by name. "preset" overwrites all axes that a
 * kernel decides, so set it first; thp, boot, backing, zone_lock, arch and
 * allow_unsound stay. "arch" sets account and fold to what that architecture's
 * kernel makes of the preset's, so set it second.
 * pcpmm_machine_create(), not this function, refuses unsound combinations.
 * 0; -ENOENT unknown key, -EINVAL unknown value: @config is unchanged, and
 * @error (may be NULL) has the reason with the nearest known name. Any thread;
 * one thread at a time for one @config.
 */
PCPMM_API int pcpmm_config_set(struct pcpmm_config *config, const char *key,
	const char *value, struct pcpmm_error *error);
/*
 * Name of the value that @config has for @key; NULL for an unknown key, or a
 * field out of range.
 */
PCPMM_API const char *pcpmm_config_get(
	const struct pcpmm_config *config, const char *key);
/*
 * The @nth thing, from 0, to know about @config: that zones are split, what follows
 * from its arch, and what that kernel or this build of the library emulates, as a
 * sentence without a stop in @text (@size bytes; 256 are enough). false, and an
 * empty text: there are no more. Any thread.
 */
PCPMM_API bool pcpmm_config_note(const struct pcpmm_config *config,
	unsigned int nth, char *text, size_t size);

/*
 * The entry of @names (NULL-terminated) that @name probably means: at most a
 * third of it is mistyped. NULL if no entry is near. Any thread.
 */
PCPMM_API const char *pcpmm_nearest_name(
	const char *name, const char *const *names);

/* Preset by name ("linux-6.1"); -ENOENT if there is none. Any thread. */
PCPMM_API int pcpmm_preset_by_name(const char *name, enum pcpmm_preset *preset);
/* Name of a preset; NULL when out of range. Any thread. */
PCPMM_API const char *pcpmm_preset_name(unsigned int preset);

/*
 * Names of axis values, as machine files and tools write them; NULL when out
 * of range. Any thread. pcpmm_drain_by_name: -ENOENT if there is none.
 */
PCPMM_API const char *pcpmm_drain_name(unsigned int drain);
PCPMM_API int pcpmm_drain_by_name(const char *name, enum pcpmm_drain *drain);
PCPMM_API const char *pcpmm_account_name(unsigned int account);
PCPMM_API const char *pcpmm_diff_name(unsigned int diff);
PCPMM_API const char *pcpmm_fold_name(unsigned int fold);
PCPMM_API const char *pcpmm_wmark_check_name(unsigned int wmark_check);
PCPMM_API const char *pcpmm_marks_name(unsigned int marks);
PCPMM_API const char *pcpmm_count_order_name(unsigned int count_order);
PCPMM_API const char *pcpmm_reader_name(unsigned int reader);
PCPMM_API const char *pcpmm_ipi_name(unsigned int ipi);
PCPMM_API const char *pcpmm_rcu_name(unsigned int rcu);
PCPMM_API const char *pcpmm_grace_name(unsigned int grace);
PCPMM_API const char *pcpmm_zone_lock_name(unsigned int zone_lock);
PCPMM_API const char *pcpmm_arch_name(unsigned int arch);
PCPMM_API const char *pcpmm_boot_drift_mark_name(unsigned int boot_drift_mark);
PCPMM_API const char *pcpmm_free_check_name(unsigned int free_check);
PCPMM_API const char *pcpmm_threshold_refresh_name(
	unsigned int threshold_refresh);
PCPMM_API const char *pcpmm_ipi_mask_lock_name(unsigned int ipi_mask_lock);
PCPMM_API const char *pcpmm_psi_name(unsigned int psi);
PCPMM_API const char *pcpmm_lru_batch_name(unsigned int lru_batch);
PCPMM_API const char *pcpmm_lru_drain_name(unsigned int lru_drain);
PCPMM_API const char *pcpmm_spill_hold_name(unsigned int spill_hold);
PCPMM_API const char *pcpmm_nolock_refuses_name(unsigned int nolock_refuses);
PCPMM_API const char *pcpmm_list_rules_name(unsigned int list_rules);
PCPMM_API const char *pcpmm_zone_rules_name(unsigned int zone_rules);
PCPMM_API const char *pcpmm_layout_name(unsigned int layout);
PCPMM_API const char *pcpmm_need_update_name(unsigned int need_update);
PCPMM_API const char *pcpmm_numa_events_name(unsigned int numa_events);
/* true: @drain needs allow_unsound. */
PCPMM_API bool pcpmm_drain_is_unsound(unsigned int drain);

/*
 * Build a machine. On failure it returns NULL with errno, and @error (may be
 * NULL) has the reason: EINVAL impossible topology or combination, ENOMEM,
 * EAGAIN no thread for a worker, EBUSY the IPI signal has another handler,
 * EOPNOTSUPP the host has no such membarrier.
 * Cost: time and memory grow with CPUs x zones, not with pages.
 */
PCPMM_API struct pcpmm_machine *pcpmm_machine_create(
	const struct pcpmm_config *config, struct pcpmm_error *error);

/*
 * Free everything, after the machine's own threads (workers, the shepherd,
 * kswapd) have ended. No thread of the program except the caller may be on a
 * CPU of the machine; the call leaves the caller's CPUs. NULL is allowed.
 */
PCPMM_API void pcpmm_machine_destroy(struct pcpmm_machine *machine);

PCPMM_API unsigned int pcpmm_nr_cpus(const struct pcpmm_machine *machine);
PCPMM_API unsigned int pcpmm_nr_nodes(const struct pcpmm_machine *machine);

/*
 * Check conservation at rest:
 *
 *   for each zone, managed = buddy + pcp lists + held;
 *   each list, also of an LRU, is as long as its count says;
 *   each counter that the library keeps itself, with all diffs added, equals
 *   the exact count;
 *   each counter of the machine is the sum of its zones' or nodes' counters.
 *
 * No CPU may be in use. 0, or -EUCLEAN with the first violation in @error.
 */
PCPMM_API int pcpmm_validate(
	struct pcpmm_machine *machine, struct pcpmm_error *error);

/* Refused calls by kind of misuse. A refused call changes nothing. */
struct pcpmm_misuse {
	uint64_t double_free; /* page was free already */
	uint64_t wrong_order; /* freed with another order than allocated */
	uint64_t foreign_page; /* NULL or a page of no managed frame */
	uint64_t on_lru; /* page is on an LRU list, see pcpmm_lru_del() */
	uint64_t wrong_thread; /* a CPU used by a thread that is not on it */
	uint64_t bad_argument; /* order > 10, impossible gfp */
};

/* Sum over CPUs; exact at rest, racy (never torn) otherwise. Any thread. */
PCPMM_API void pcpmm_misuse_read(
	const struct pcpmm_machine *machine, struct pcpmm_misuse *misuse);

/*
 * Why the machine refused the last refused call; "" if it refused none. The
 * eighth refused call after that overwrites the text, and
 * pcpmm_machine_destroy() frees it. Any thread.
 */
PCPMM_API const char *pcpmm_last_error(const struct pcpmm_machine *machine);

/* Sizes and memory, for reports; unit: bytes. */
struct pcpmm_footprint {
	uint64_t frames; /* pages spanned by all zones */
	uint64_t memmap_reserved; /* address space of the memmap */
	uint64_t percpu; /* all per-CPU areas */
	uint32_t frame_size; /* bytes of memmap per frame */
};
PCPMM_API void pcpmm_footprint_read(
	const struct pcpmm_machine *machine, struct pcpmm_footprint *footprint);

PCPMM_END_DECLS

#endif
