/* SPDX-License-Identifier: MIT */
/*
 * The hot paths of free for machines with free_check = exchange: as those of hot.c,
 * but of several threads that free one page at the same moment one succeeds.
 */
#include <pcpmm/inline.h>

#include "alloc/hot.h"
#include "pcplist/guards.h"

#define HOT_EXCHANGE(name, enter_fn, leave_fn, busy_fn, masks_irqs)            \
	static const struct pcp_guard guard_##name = {.enter = (enter_fn),     \
		.leave = (leave_fn),                                           \
		.busy = (busy_fn),                                             \
		.masks = (masks_irqs)};                                        \
                                                                               \
	static noinline int free_more_##name(struct pcpmm_cpu *cpu,            \
		struct pcpmm_page *page, unsigned int order,                   \
		struct pcp_lists *pcp)                                         \
	{                                                                      \
		return hot_free_more(&guard_##name, cpu, page, order, pcp);    \
	}                                                                      \
                                                                               \
	static cold int free_busy_##name(struct pcpmm_cpu *cpu,                \
		struct pcpmm_page *page, unsigned int order)                   \
	{                                                                      \
		pcp_lost(&guard_##name, &cpu->base);                           \
		return free_unlisted(cpu, page, order);                        \
	}                                                                      \
                                                                               \
	static const struct hot hot_##name = {.guard = &guard_##name,          \
		.free_more = free_more_##name,                                 \
		.free_busy = free_busy_##name,                                 \
		.exchange = true};                                             \
                                                                               \
	static noinline cacheline_aligned int free_high_##name(                \
		struct pcpmm_cpu *cpu, struct pcpmm_page *page,                \
		unsigned int order)                                            \
	{                                                                      \
		if (unlikely(order > cpu->hot_order))                          \
			return free_generic(cpu, page, order);                 \
		return hot_free(&hot_##name, cpu, page, order);                \
	}                                                                      \
                                                                               \
	static cacheline_aligned int free_##name(struct pcpmm_cpu *cpu,        \
		struct pcpmm_page *page, unsigned int order)                   \
	{                                                                      \
		if (unlikely(order))                                           \
			return free_high_##name(cpu, page, order);             \
		return hot_free(&hot_##name, cpu, page, 0);                    \
	}

PCP_GUARDS(HOT_EXCHANGE)

#define HOT_EXCHANGE_ROW(name, enter_fn, leave_fn, busy_fn, masks_irqs)        \
	[PCP_GUARD_##name] = {pcpmm_hot_alloc_##name, free_##name},

const struct pcpmm_door hot_exchange_doors[NR_PCP_GUARDS] = {
	PCP_GUARDS(HOT_EXCHANGE_ROW)[PCP_GUARD_pieces] = {
		alloc_generic, free_generic}};
