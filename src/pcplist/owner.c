/* SPDX-License-Identifier: MIT */
/*
 * The owner's paths: core.h, compiled once for each guard. Only the guard's
 * instructions are left of it (tests/codegen checks).
 */
#include "pcplist/owner.h"

#include "pcplist/guards.h"

/* `const struct pcp_owner_ops NAME_owner`, and the five functions in it. */
#define PCP_OWNER_OPS(name, enter_fn, leave_fn, busy_fn, masks_irqs)           \
	static const struct pcp_guard name##_guard = {.enter = (enter_fn),     \
		.leave = (leave_fn),                                           \
		.busy = (busy_fn),                                             \
		.masks = (masks_irqs)};                                        \
                                                                               \
	static uint32_t name##_alloc(struct pcp_slot *slot,                    \
		unsigned int order, unsigned int type,                         \
		unsigned int alloc_flags)                                      \
	{                                                                      \
		return pcp_core_alloc(                                         \
			&name##_guard, slot, order, type, alloc_flags);        \
	}                                                                      \
                                                                               \
	static unsigned int name##_alloc_bulk(struct pcp_slot *slot,           \
		unsigned int type, unsigned int alloc_flags, unsigned int nr,  \
		struct pcpmm_page **pages)                                     \
	{                                                                      \
		return pcp_core_alloc_bulk(                                    \
			&name##_guard, slot, type, alloc_flags, nr, pages);    \
	}                                                                      \
                                                                               \
	static bool name##_free(struct pcp_slot *slot, uint32_t pfn,           \
		unsigned int order, unsigned int type)                         \
	{                                                                      \
		return pcp_core_free(&name##_guard, slot, pfn, order, type);   \
	}                                                                      \
                                                                               \
	static unsigned int name##_free_batch(struct pcp_slot *slot,           \
		struct pcpmm_page **pages, unsigned int nr)                    \
	{                                                                      \
		return pcp_core_free_batch(&name##_guard, slot, pages, nr);    \
	}                                                                      \
                                                                               \
	static unsigned int name##_drain_own(                                  \
		struct cpu *by, struct pcp_slot *slot, unsigned int pages)     \
	{                                                                      \
		return pcp_core_drain_own(&name##_guard, by, slot, pages);     \
	}                                                                      \
                                                                               \
	const struct pcp_owner_ops name##_owner = {                            \
		.guard = PCP_GUARD_##name,                                     \
		.alloc = name##_alloc,                                         \
		.alloc_bulk = name##_alloc_bulk,                               \
		.free = name##_free,                                           \
		.free_batch = name##_free_batch,                               \
		.drain_own = name##_drain_own,                                 \
	};

PCP_GUARDS(PCP_OWNER_OPS)
