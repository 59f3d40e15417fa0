/* SPDX-License-Identifier: MIT */
/*
 * The hot paths by name, for programs that know which drain strategy their machines
 * have and want its allocations and frees inlined.
 *
 * Define PCPMM_INLINE_GUARD, as a name of the table below, before the first header of
 * the library (or on the compiler's command line). pcpmm_alloc_pages() and
 * pcpmm_free_pages() then ask the handle whether its machine has that guard, and call
 * the guard's function by its name; for a machine with another guard they go through
 * the handle, as without this header. A call by name can be inlined by link-time
 * optimization: build the library with -Db_lto=true -Ddefault_library=static, compile
 * the program by the same compiler with -flto -O2, and link it with libpcpmm.a. gcc
 * takes the functions for too large to inline; a function of the program that has
 * __attribute__((flatten)) gets them all the same.
 *
 *   PCPMM_INLINE_GUARD   drain strategy
 *   irqoff               ipi_all, ipi_mask*, workqueue, kthread*
 *   irqoff_summary       ipi_mask_locked, with ipi_mask_lock = summary
 *   pcp_lock             pcp_lock
 *   pcp_spin             pcp_spinlock_2021
 *   percpu_spin          percpu_spinlock_2021
 *   rcu_sched            rcu_swap, with rcu = sched; likewise
 *   rcu_memb, rcu_qsbr, rcu_epoch
 *   external             external
 *
 * pcp_buddy has none: its lists are no stacks, and all its calls are through the
 * handle.
 *
 * The functions do what pcpmm_alloc_pages() and pcpmm_free_pages() do, with the same
 * results and refusals, on a machine with their guard. On another machine the lists
 * are not protected: call them through the inline functions of pcpmm/alloc.h only.
 */
#ifndef PCPMM_INLINE_H
#define PCPMM_INLINE_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_irqoff(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_irqoff(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_irqoff_summary(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_irqoff_summary(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_pcp_lock(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_pcp_lock(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_pcp_spin(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_pcp_spin(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_percpu_spin(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_percpu_spin(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_rcu_sched(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_rcu_sched(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_rcu_memb(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_rcu_memb(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_rcu_qsbr(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_rcu_qsbr(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_rcu_epoch(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_rcu_epoch(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

PCPMM_API struct pcpmm_page *pcpmm_hot_alloc_external(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
PCPMM_API int pcpmm_hot_free_external(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

/* The function of a guard, whose name may be a macro. */
#define PCPMM_HOT_NAME(path, guard) pcpmm_hot_##path##_##guard
#define PCPMM_HOT(path, guard) PCPMM_HOT_NAME(path, guard)

PCPMM_END_DECLS

#endif
