/* SPDX-License-Identifier: MIT */
/*
 * Counters with the kernel's names, and the exact counts beside them.
 *
 * A zone or node counter is the shared value, without the diffs that CPUs have
 * not folded yet: it is at most online CPUs x threshold away from the exact
 * count. A snapshot adds the diffs of all online CPUs, racily.
 */
#ifndef PCPMM_VMSTAT_H
#define PCPMM_VMSTAT_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

/*
 * One line of /proc/vmstat by name ("nr_free_pages", "pgalloc_normal",
 * "numa_hit"). 0, or -ENOENT: the machine's kernel (axis layout) has no such line,
 * or nothing counts it and it is printed as 0. Any thread.
 */
PCPMM_API int pcpmm_vmstat_read(
	struct pcpmm_machine *machine, const char *name, uint64_t *value);

/*
 * A zone's counter ("nr_free_pages", "numa_hit") or, with @zone_type < 0, a
 * node's ("nr_anon_pages"); negative sums read 0, as in the kernel. Which of them
 * counts something depends on the axis layout: page tables are a zone's in 5.10.
 * 0, -ENOENT or -EINVAL. Any thread.
 */
PCPMM_API int pcpmm_zone_stat_read(struct pcpmm_machine *machine,
	unsigned int nid, int zone_type, const char *name, uint64_t *value);
PCPMM_API int pcpmm_zone_stat_snapshot(struct pcpmm_machine *machine,
	unsigned int nid, int zone_type, const char *name, uint64_t *value);

/*
 * Add @delta to a node or zone counter as the kernel's mod_*_page_state do,
 * for code outside the library (page cache, page tables, ...).
 * @zone_type < 0: node counter. -2^31 <= @delta < 2^31. Counters that the
 * library keeps itself are refused: a zone's free pages, and the LRU lists'
 * counters, those of isolated pages included. 0, -ENOENT, -EINVAL, -EPERM.
 */
PCPMM_API int pcpmm_stat_mod(struct pcpmm_cpu *cpu, unsigned int nid,
	int zone_type, const char *name, long delta);

/*
 * The same for a caller that counts often, without the search for the name:
 * pcpmm_stat_item() returns the number of a zone's counter (@zone_type >= 0) or
 * of a node's, which never changes, or -ENOENT: no kernel has it.
 * pcpmm_stat_mod_item() takes that number, and returns -EINVAL for one that
 * pcpmm_stat_item() never returned, or that the machine's kernel (axis layout) does
 * not have.
 */
PCPMM_API int pcpmm_stat_item(int zone_type, const char *name);
PCPMM_API int pcpmm_stat_mod_item(struct pcpmm_cpu *cpu, unsigned int nid,
	int zone_type, int item, long delta);

/*
 * One up or down, as the kernel's inc_* and dec_*_page_state do: a diff that
 * passes the CPU's threshold t moves up with t >> 1 more than it holds, so that a
 * run in one direction reaches the shared counter half as often. The sum of
 * counter and diffs is exact all the same. Errors as pcpmm_stat_mod_item().
 */
PCPMM_API int pcpmm_stat_inc_item(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, int item);
PCPMM_API int pcpmm_stat_dec_item(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, int item);

/*
 * Fold the own CPU's diffs into zone, node and global counters
 * (refresh_cpu_vm_stats); @pagesets also lets lists decay (from 6.7), and counts down
 * and drains the lists of remote nodes. Number of changes, or -EPERM.
 */
PCPMM_API int pcpmm_vmstat_fold(struct pcpmm_cpu *cpu, int pagesets);

enum pcpmm_mark { PCPMM_MARK_MIN, PCPMM_MARK_LOW, PCPMM_MARK_HIGH };

/*
 * Is a zone above @mark, with a free block of @order? This is the check of an
 * allocation that may use the zone but not its reserves: by the rule
 * wmark_check, from the value that reader chooses at the moment. _safe:
 * kswapd's check (zone_watermark_ok_safe). false also for a zone, order or mark
 * that does not exist. Any thread.
 */
PCPMM_API bool pcpmm_zone_watermark_ok(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, unsigned int order,
	enum pcpmm_mark mark);
PCPMM_API bool pcpmm_zone_watermark_ok_safe(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type, unsigned int order,
	enum pcpmm_mark mark);

/* Where a zone's pages are. Exact at rest, otherwise racy. */
struct pcpmm_zone_truth {
	uint64_t managed;
	uint64_t free; /* pages in the buddy */
	uint64_t pcp; /* pages on all CPUs' lists */
	uint64_t held; /* managed - free - pcp - deferred */
	int64_t nr_free_pages; /* shared counter, unclamped */
	int64_t snapshot; /* counter and all diffs, unclamped */
	uint64_t min, low, high; /* watermarks, boost included */
	uint64_t drift_mark; /* 0: unset */
	int32_t stat_threshold; /* of the first online CPU */
	/*
	 * Undetected violations of min: how often an allocation left fewer
	 * pages in the buddy than min, without boost, while the counter was not
	 * below min. Requests that may go below min do not count.
	 */
	uint64_t breaches;
	uint64_t deferred; /* freed, and wait for the zone lock: nolock.h */
};
PCPMM_API int pcpmm_zone_truth_read(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type,
	struct pcpmm_zone_truth *truth);

/*
 * Blocks that per-CPU lists keep from merging: a zone's free blocks as they
 * are, and as they would be if the pages of all CPUs' lists went back to the
 * buddy and merged. The lists cost largest_merged - largest_free orders.
 *
 * The call walks the zone's frames, except for blocks that were never
 * allocated. Any thread. At rest the result is exact: what a drain of all CPUs
 * would leave. While other threads run, each block is as it was at some moment.
 * 0 or -EINVAL.
 */
struct pcpmm_zone_stranding {
	int32_t largest_free; /* order; -1: nothing is free */
	int32_t largest_merged;
	uint64_t free_blocks[PCPMM_NR_ORDERS];
	uint64_t merged_blocks[PCPMM_NR_ORDERS];
};
PCPMM_API int pcpmm_zone_stranding_read(struct pcpmm_machine *machine,
	unsigned int nid, unsigned int zone_type,
	struct pcpmm_zone_stranding *stranding);

/*
 * One CPU's lists of one zone. The call walks the lists for `blocks`, so only
 * the CPU's own thread may make it, or any thread while the lists are not used.
 */
struct pcpmm_pcp_info {
	int32_t count; /* pages on all lists */
	int32_t high; /* spill at this count; pages */
	int32_t batch; /* pages moved at once */
	int32_t free_factor; /* to 6.6: log2 of the spill's growth */
	int32_t stat_threshold;
	uint16_t blocks[PCPMM_NR_PCP_LISTS]; /* blocks on each list */
	/* From 6.7, see struct pcpmm_pcp_state; else 0. */
	int32_t high_min, high_max;
	int32_t free_count, alloc_factor;
	uint32_t flags;
};
PCPMM_API int pcpmm_pcp_read(const struct pcpmm_cpu *cpu, unsigned int nid,
	unsigned int zone_type, struct pcpmm_pcp_info *info);

PCPMM_END_DECLS

#endif
