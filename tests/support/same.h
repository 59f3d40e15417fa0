/* SPDX-License-Identifier: MIT */
/* Two machines in the same state: lists in their order, frames, counters. */
#ifndef TESTS_SUPPORT_SAME_H
#define TESTS_SUPPORT_SAME_H

#include "support/harness.h"

#include "machine/machine.h"

/* Of one zone in each of the machines; the memmaps are @a's and @b's. */
static inline void same_list(const struct pcpmm_page *a,
	const struct pcpmm_page *b, const struct frame_list *x,
	const struct frame_list *y)
{
	assert_int_equal(x->first, y->first);
	if (x->first)
		assert_int_equal(x->last, y->last);
	for (uint32_t pfn = x->first; pfn; pfn = a[pfn].next) {
		assert_int_equal(frame_head(&a[pfn]), frame_head(&b[pfn]));
		assert_int_equal(a[pfn].next, b[pfn].next);
		if (pfn != x->first)
			assert_int_equal(a[pfn].prev, b[pfn].prev);
	}
}

static inline void same_counters(const struct pcpmm_machine *machine,
	const struct vmstat *a, const struct vmstat *b)
{
	for (int item = 0; item < a->nr_items; item++) {
		assert_int_equal(a->value[item], b->value[item]);
		assert_int_equal(
			a->parent->value[item], b->parent->value[item]);
		for (unsigned int cpu = 0; cpu < machine->smp.nr; cpu++)
			assert_int_equal(vmstat_diff(a, cpu, item),
				vmstat_diff(b, cpu, item));
	}
}

/* Free lists and what is derived from them. */
static inline void same_free_lists(const struct zone *a, const struct zone *b)
{
	uint64_t nonempty = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++) {
			const struct free_list *x =
				&a->free_area[order].list[type];
			const struct free_list *y =
				&b->free_area[order].list[type];

			assert_int_equal(x->nr, y->nr);
			same_list(a->memmap, b->memmap, &x->frames, &y->frames);
			if (x->nr && type < NR_FIT_TYPES)
				nonempty |= NONEMPTY_BIT(order, type);
		}
	assert_int_equal(a->nonempty, nonempty);
	assert_int_equal(b->nonempty, nonempty);
	assert_int_equal(a->fresh, b->fresh);
	assert_int_equal(a->boost, b->boost);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->high_min, b->high_min);
	assert_int_equal(a->high_max, b->high_max);
	assert_int_equal(a->nr_reserved_highatomic, b->nr_reserved_highatomic);
	assert_int_equal(a->unusable_highatomic, b->unusable_highatomic);
	assert_int_equal(a->gate, b->gate);
	assert_int_equal(a->breaches, b->breaches);
}

static inline void same_pcp(const struct pcp_slot *a, const struct pcp_slot *b)
{
	const struct pcp_lists *x = pcp_lists_of(a), *y = pcp_lists_of(b);

	assert_int_equal(x->count, y->count);
	assert_int_equal(a->high, b->high);
	assert_int_equal(a->batch, b->batch);
	assert_int_equal(a->free_factor, b->free_factor);
	assert_int_equal(a->alloc_factor, b->alloc_factor);
	assert_int_equal(a->flags, b->flags);
	for (unsigned int i = 0; i < NR_PCP_LISTS; i++) {
		struct pcp_stack_iter p =
			pcp_stack_begin(x->pool, &x->lists[i]);
		struct pcp_stack_iter q =
			pcp_stack_begin(y->pool, &y->lists[i]);
		uint32_t pfn;

		do {
			pfn = pcp_stack_next_older(&p);
			assert_int_equal(pfn, pcp_stack_next_older(&q));
			assert_int_equal(frame_head(&a->zone->memmap[pfn]),
				frame_head(&b->zone->memmap[pfn]));
		} while (pfn);
	}
}

/* The head of every frame, whether or not it is on a list. */
static inline void same_frames(
	const struct pcpmm_machine *a, const struct pcpmm_machine *b)
{
	for (uint64_t pfn = 1; pfn < a->zones.end_pfn; pfn++)
		if (frame_head(&a->zones.memmap[pfn]) !=
			frame_head(&b->zones.memmap[pfn]))
			fail_msg("frame %#" PRIx64 ": %#x and %#x", pfn,
				frame_head(&a->zones.memmap[pfn]),
				frame_head(&b->zones.memmap[pfn]));
}

static inline void same_machines(
	const struct pcpmm_machine *a, const struct pcpmm_machine *b)
{
	for (unsigned int i = 0; i < a->zones.nr; i++) {
		same_free_lists(a->zones.zone[i], b->zones.zone[i]);
		same_counters(
			a, &a->zones.zone[i]->stat, &b->zones.zone[i]->stat);
		for (unsigned int cpu = 0; cpu < a->smp.nr; cpu++)
			same_pcp(
				&a->cpus[cpu].slots[i], &b->cpus[cpu].slots[i]);
	}
	for (unsigned int nid = 0; nid < a->nr_nodes; nid++)
		same_counters(a, &a->nodes[nid].stat, &b->nodes[nid].stat);
	same_frames(a, b);
}

#endif
