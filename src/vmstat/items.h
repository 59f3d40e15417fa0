/* SPDX-License-Identifier: MIT */
/*
 * What is counted: zone, node and NUMA items, and the VM events that a page
 * allocator makes. First those of Linux 6.1, in the order of its /proc/vmstat,
 * then those of other kernels alone. Which of them a machine has, and how its
 * kernel orders them, is in vmstat/names.h.
 */
#ifndef VMSTAT_ITEMS_H
#define VMSTAT_ITEMS_H

#define VMSTAT_ZONE_ITEMS(X)                                                   \
	X(NR_FREE_PAGES, "nr_free_pages")                                      \
	X(NR_ZONE_INACTIVE_ANON, "nr_zone_inactive_anon")                      \
	X(NR_ZONE_ACTIVE_ANON, "nr_zone_active_anon")                          \
	X(NR_ZONE_INACTIVE_FILE, "nr_zone_inactive_file")                      \
	X(NR_ZONE_ACTIVE_FILE, "nr_zone_active_file")                          \
	X(NR_ZONE_UNEVICTABLE, "nr_zone_unevictable")                          \
	X(NR_ZONE_WRITE_PENDING, "nr_zone_write_pending")                      \
	X(NR_MLOCK, "nr_mlock")                                                \
	X(NR_BOUNCE, "nr_bounce")                                              \
	X(NR_ZSPAGES, "nr_zspages")                                            \
	X(NR_FREE_CMA_PAGES, "nr_free_cma")                                    \
	X(NR_ZONE_PAGETABLE, "nr_page_table_pages")                            \
	X(NR_UNACCEPTED, "nr_unaccepted")

#define VMSTAT_NUMA_ITEMS(X)                                                   \
	X(NUMA_HIT, "numa_hit")                                                \
	X(NUMA_MISS, "numa_miss")                                              \
	X(NUMA_FOREIGN, "numa_foreign")                                        \
	X(NUMA_INTERLEAVE_HIT, "numa_interleave")                              \
	X(NUMA_LOCAL, "numa_local")                                            \
	X(NUMA_OTHER, "numa_other")

#define VMSTAT_NODE_ITEMS(X)                                                   \
	X(NR_INACTIVE_ANON, "nr_inactive_anon")                                \
	X(NR_ACTIVE_ANON, "nr_active_anon")                                    \
	X(NR_INACTIVE_FILE, "nr_inactive_file")                                \
	X(NR_ACTIVE_FILE, "nr_active_file")                                    \
	X(NR_UNEVICTABLE, "nr_unevictable")                                    \
	X(NR_SLAB_RECLAIMABLE, "nr_slab_reclaimable")                          \
	X(NR_SLAB_UNRECLAIMABLE, "nr_slab_unreclaimable")                      \
	X(NR_ISOLATED_ANON, "nr_isolated_anon")                                \
	X(NR_ISOLATED_FILE, "nr_isolated_file")                                \
	X(WORKINGSET_NODES, "workingset_nodes")                                \
	X(WORKINGSET_REFAULT_ANON, "workingset_refault_anon")                  \
	X(WORKINGSET_REFAULT_FILE, "workingset_refault_file")                  \
	X(WORKINGSET_ACTIVATE_ANON, "workingset_activate_anon")                \
	X(WORKINGSET_ACTIVATE_FILE, "workingset_activate_file")                \
	X(WORKINGSET_RESTORE_ANON, "workingset_restore_anon")                  \
	X(WORKINGSET_RESTORE_FILE, "workingset_restore_file")                  \
	X(WORKINGSET_NODERECLAIM, "workingset_nodereclaim")                    \
	X(NR_ANON_MAPPED, "nr_anon_pages")                                     \
	X(NR_FILE_MAPPED, "nr_mapped")                                         \
	X(NR_FILE_PAGES, "nr_file_pages")                                      \
	X(NR_FILE_DIRTY, "nr_dirty")                                           \
	X(NR_WRITEBACK, "nr_writeback")                                        \
	X(NR_WRITEBACK_TEMP, "nr_writeback_temp")                              \
	X(NR_SHMEM, "nr_shmem")                                                \
	X(NR_SHMEM_THPS, "nr_shmem_hugepages")                                 \
	X(NR_SHMEM_PMDMAPPED, "nr_shmem_pmdmapped")                            \
	X(NR_FILE_THPS, "nr_file_hugepages")                                   \
	X(NR_FILE_PMDMAPPED, "nr_file_pmdmapped")                              \
	X(NR_ANON_THPS, "nr_anon_transparent_hugepages")                       \
	X(NR_VMSCAN_WRITE, "nr_vmscan_write")                                  \
	X(NR_VMSCAN_IMMEDIATE, "nr_vmscan_immediate_reclaim")                  \
	X(NR_DIRTIED, "nr_dirtied")                                            \
	X(NR_WRITTEN, "nr_written")                                            \
	X(NR_THROTTLED_WRITTEN, "nr_throttled_written")                        \
	X(NR_KERNEL_MISC_RECLAIMABLE, "nr_kernel_misc_reclaimable")            \
	X(NR_FOLL_PIN_ACQUIRED, "nr_foll_pin_acquired")                        \
	X(NR_FOLL_PIN_RELEASED, "nr_foll_pin_released")                        \
	X(NR_KERNEL_STACK_KB, "nr_kernel_stack")                               \
	X(NR_PAGETABLE, "nr_page_table_pages")                                 \
	X(NR_SECONDARY_PAGETABLE, "nr_sec_page_table_pages")                   \
	X(NR_SWAPCACHE, "nr_swapcached")                                       \
	X(PGPROMOTE_SUCCESS, "pgpromote_success")                              \
	X(PGPROMOTE_CANDIDATE, "pgpromote_candidate")                          \
	X(NR_IOMMU_PAGES, "nr_iommu_pages")                                    \
	X(NODE_PGDEMOTE_KSWAPD, "pgdemote_kswapd")                             \
	X(NODE_PGDEMOTE_DIRECT, "pgdemote_direct")                             \
	X(PGDEMOTE_KHUGEPAGED, "pgdemote_khugepaged")                          \
	X(PGDEMOTE_PROACTIVE, "pgdemote_proactive")                            \
	X(PGPROMOTE_CANDIDATE_NRL, "pgpromote_candidate_nrl")                  \
	X(NR_HUGETLB, "nr_hugetlb")                                            \
	X(NR_BALLOON_PAGES, "nr_balloon_pages")                                \
	X(NR_KERNEL_FILE_PAGES, "nr_kernel_file_pages")                        \
	X(NR_VMALLOC, "nr_vmalloc")                                            \
	X(NODE_PGSTEAL_KSWAPD, "pgsteal_kswapd")                               \
	X(NODE_PGSTEAL_DIRECT, "pgsteal_direct")                               \
	X(NODE_PGSTEAL_KHUGEPAGED, "pgsteal_khugepaged")                       \
	X(NODE_PGSTEAL_PROACTIVE, "pgsteal_proactive")                         \
	X(NODE_PGSTEAL_ANON, "pgsteal_anon")                                   \
	X(NODE_PGSTEAL_FILE, "pgsteal_file")                                   \
	X(NODE_PGSCAN_KSWAPD, "pgscan_kswapd")                                 \
	X(NODE_PGSCAN_DIRECT, "pgscan_direct")                                 \
	X(NODE_PGSCAN_KHUGEPAGED, "pgscan_khugepaged")                         \
	X(NODE_PGSCAN_PROACTIVE, "pgscan_proactive")                           \
	X(NODE_PGSCAN_ANON, "pgscan_anon")                                     \
	X(NODE_PGSCAN_FILE, "pgscan_file")                                     \
	X(PGROTATE_ANON, "pgrotate_anon")                                      \
	X(PGROTATE_FILE, "pgrotate_file")                                      \
	X(NODE_PGREFILL, "pgrefill")                                           \
	X(NR_GPU_ACTIVE, "nr_gpu_active")                                      \
	X(NR_GPU_RECLAIM, "nr_gpu_reclaim")

/* Five a row where the kernel has one event a zone type. */
#define VMSTAT_PER_ZONE(X, ENUM, name)                                         \
	X(ENUM##_DMA, name "_dma")                                             \
	X(ENUM##_DMA32, name "_dma32")                                         \
	X(ENUM##_NORMAL, name "_normal")                                       \
	X(ENUM##_MOVABLE, name "_movable")                                     \
	X(ENUM##_DEVICE, name "_device")

#define VMSTAT_EVENTS(X)                                                       \
	X(PGPGIN, "pgpgin")                                                    \
	X(PGPGOUT, "pgpgout")                                                  \
	X(PSWPIN, "pswpin")                                                    \
	X(PSWPOUT, "pswpout")                                                  \
	VMSTAT_PER_ZONE(X, PGALLOC, "pgalloc")                                 \
	VMSTAT_PER_ZONE(X, ALLOCSTALL, "allocstall")                           \
	VMSTAT_PER_ZONE(X, PGSKIP, "pgskip")                                   \
	X(PGFREE, "pgfree")                                                    \
	X(PGACTIVATE, "pgactivate")                                            \
	X(PGDEACTIVATE, "pgdeactivate")                                        \
	X(PGLAZYFREE, "pglazyfree")                                            \
	X(PGFAULT, "pgfault")                                                  \
	X(PGMAJFAULT, "pgmajfault")                                            \
	X(PGLAZYFREED, "pglazyfreed")                                          \
	X(PGREFILL, "pgrefill")                                                \
	X(PGREUSE, "pgreuse")                                                  \
	X(PGSTEAL_KSWAPD, "pgsteal_kswapd")                                    \
	X(PGSTEAL_DIRECT, "pgsteal_direct")                                    \
	X(PGDEMOTE_KSWAPD, "pgdemote_kswapd")                                  \
	X(PGDEMOTE_DIRECT, "pgdemote_direct")                                  \
	X(PGSCAN_KSWAPD, "pgscan_kswapd")                                      \
	X(PGSCAN_DIRECT, "pgscan_direct")                                      \
	X(PGSCAN_DIRECT_THROTTLE, "pgscan_direct_throttle")                    \
	X(PGSCAN_ANON, "pgscan_anon")                                          \
	X(PGSCAN_FILE, "pgscan_file")                                          \
	X(PGSTEAL_ANON, "pgsteal_anon")                                        \
	X(PGSTEAL_FILE, "pgsteal_file")                                        \
	X(PGSCAN_ZONE_RECLAIM_FAILED, "zone_reclaim_failed")                   \
	X(PGINODESTEAL, "pginodesteal")                                        \
	X(SLABS_SCANNED, "slabs_scanned")                                      \
	X(KSWAPD_INODESTEAL, "kswapd_inodesteal")                              \
	X(KSWAPD_LOW_WMARK_HIT_QUICKLY, "kswapd_low_wmark_hit_quickly")        \
	X(KSWAPD_HIGH_WMARK_HIT_QUICKLY, "kswapd_high_wmark_hit_quickly")      \
	X(PAGEOUTRUN, "pageoutrun")                                            \
	X(PGROTATED, "pgrotated")                                              \
	X(DROP_PAGECACHE, "drop_pagecache")                                    \
	X(DROP_SLAB, "drop_slab")                                              \
	X(OOM_KILL, "oom_kill")

#define VMSTAT_ENUM(item, name) item,
enum vmstat_zone_item { VMSTAT_ZONE_ITEMS(VMSTAT_ENUM) NR_ZONE_ITEMS };
enum vmstat_numa_item { VMSTAT_NUMA_ITEMS(VMSTAT_ENUM) NR_NUMA_ITEMS };
enum vmstat_node_item { VMSTAT_NODE_ITEMS(VMSTAT_ENUM) NR_NODE_ITEMS };
enum vmstat_event { VMSTAT_EVENTS(VMSTAT_ENUM) NR_VM_EVENTS };
#undef VMSTAT_ENUM

extern const char *const vmstat_zone_names[NR_ZONE_ITEMS];
extern const char *const vmstat_numa_names[NR_NUMA_ITEMS];
extern const char *const vmstat_node_names[NR_NODE_ITEMS];
extern const char *const vmstat_event_names[NR_VM_EVENTS];

/* Those of Linux 6.1, which every machine has room for. */
#define NR_ZONE_ITEMS_6_1 (NR_FREE_CMA_PAGES + 1)
#define NR_NODE_ITEMS_6_1 (PGPROMOTE_CANDIDATE + 1)

/* Position of @name among @nr names; -1 if it is none of them. */
int vmstat_find(const char *const *names, int nr, const char *name);

#endif
