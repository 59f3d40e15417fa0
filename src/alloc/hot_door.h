/* SPDX-License-Identifier: MIT */
/*
 * The functions of one guard, compiled from hot.h: order 0 by itself, so that it needs
 * no frame, and orders 1 to 3 in a twin. Each function begins a cache line.
 *
 * hot.c compiles them for the library. The benchmark compiles them once more, with one
 * part left out (arch/mutant.h), to see what that part costs; there HOT_FUNCTION makes
 * them its own.
 */
#ifndef ALLOC_HOT_DOOR_H
#define ALLOC_HOT_DOOR_H

#include "alloc/hot.h"

#ifndef HOT_FUNCTION
#define HOT_FUNCTION
#endif

#define HOT_DOOR(name, enter_fn, leave_fn, busy_fn, masks_irqs)                \
	static const struct pcp_guard guard_##name = {.enter = (enter_fn),     \
		.leave = (leave_fn),                                           \
		.busy = (busy_fn),                                             \
		.masks = (masks_irqs)};                                        \
                                                                               \
	static noinline struct pcpmm_page *hot_alloc_more_##name(              \
		struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order,       \
		struct pcp_lists *pcp)                                         \
	{                                                                      \
		return hot_alloc_more(&guard_##name, cpu, gfp, order, pcp);    \
	}                                                                      \
                                                                               \
	static noinline int hot_free_more_##name(struct pcpmm_cpu *cpu,        \
		struct pcpmm_page *page, unsigned int order,                   \
		struct pcp_lists *pcp)                                         \
	{                                                                      \
		return hot_free_more(&guard_##name, cpu, page, order, pcp);    \
	}                                                                      \
                                                                               \
	static cold struct pcpmm_page *hot_alloc_busy_##name(                  \
		struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)       \
	{                                                                      \
		pcp_lost(&guard_##name, &cpu->base);                           \
		return alloc_unlisted(cpu, gfp, order);                        \
	}                                                                      \
                                                                               \
	static cold int hot_free_busy_##name(struct pcpmm_cpu *cpu,            \
		struct pcpmm_page *page, unsigned int order)                   \
	{                                                                      \
		pcp_lost(&guard_##name, &cpu->base);                           \
		return free_unlisted(cpu, page, order);                        \
	}                                                                      \
                                                                               \
	static const struct hot hot_##name = {.guard = &guard_##name,          \
		.alloc_more = hot_alloc_more_##name,                           \
		.free_more = hot_free_more_##name,                             \
		.alloc_busy = hot_alloc_busy_##name,                           \
		.free_busy = hot_free_busy_##name};                            \
                                                                               \
	static noinline cacheline_aligned struct pcpmm_page                    \
		*hot_alloc_high_##name(struct pcpmm_cpu *cpu, uint32_t gfp,    \
			unsigned int order)                                    \
	{                                                                      \
		if (unlikely(order > cpu->hot_order))                          \
			return alloc_generic(cpu, gfp, order);                 \
		return hot_alloc(&hot_##name, cpu, gfp, order);                \
	}                                                                      \
                                                                               \
	static noinline cacheline_aligned int hot_free_high_##name(            \
		struct pcpmm_cpu *cpu, struct pcpmm_page *page,                \
		unsigned int order)                                            \
	{                                                                      \
		if (unlikely(order > cpu->hot_order))                          \
			return free_generic(cpu, page, order);                 \
		return hot_free(&hot_##name, cpu, page, order);                \
	}                                                                      \
                                                                               \
	HOT_FUNCTION cacheline_aligned struct pcpmm_page                       \
		*pcpmm_hot_alloc_##name(struct pcpmm_cpu *cpu, uint32_t gfp,   \
			unsigned int order)                                    \
	{                                                                      \
		if (unlikely(order))                                           \
			return hot_alloc_high_##name(cpu, gfp, order);         \
		return hot_alloc(&hot_##name, cpu, gfp, 0);                    \
	}                                                                      \
                                                                               \
	HOT_FUNCTION cacheline_aligned int pcpmm_hot_free_##name(              \
		struct pcpmm_cpu *cpu, struct pcpmm_page *page,                \
		unsigned int order)                                            \
	{                                                                      \
		if (unlikely(order))                                           \
			return hot_free_high_##name(cpu, page, order);         \
		return hot_free(&hot_##name, cpu, page, 0);                    \
	}

#endif
