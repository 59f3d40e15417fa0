/* SPDX-License-Identifier: MIT */
/*
 * A zone laid out by hand, for tests of src/zone: all pages are held, then the
 * test frees blocks and sets the types of pageblocks.
 */
#ifndef TESTS_SUPPORT_LAYOUT_H
#define TESTS_SUPPORT_LAYOUT_H

#include "support/harness.h"

#include "machine/machine.h"
#include "zone/buddy.h"
#include "zone/rmqueue.h"

struct layout {
	struct pcpmm_machine *machine;
	struct zone *zone; /* the Normal zone */
	struct cpu *cpu; /* CPU 0, entered by this thread */
	uint32_t base; /* first frame, aligned to the largest block */
};

static inline struct layout layout_of(const struct shape *shape)
{
	struct layout l = {.machine = shape_create(shape)};
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(l.machine, 0);

	assert_non_null(cpu);
	l.cpu = &cpu->base;
	l.zone = machine_zone(l.machine, 0, PCPMM_ZONE_NORMAL);
	l.base = (uint32_t)l.zone->start_pfn;
	return l;
}

/* A Normal zone of @pages, all held, by the rules of a kernel. */
static inline struct layout layout_held_by(
	uint64_t pages, enum pcpmm_zone_rules zone_rules)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = pages},
		.boot = PCPMM_BOOT_HELD,
		.min_free_kbytes = 1,
		.zone_rules = zone_rules,
	};

	return layout_of(&shape);
}

static inline struct layout layout_held(uint64_t pages)
{
	return layout_held_by(pages, PCPMM_ZONE_RULES_6_1);
}

static inline void layout_end(struct layout *l)
{
	expect_valid(l->machine);
	pcpmm_machine_destroy(l->machine);
}

/* Frame number of a page of the zone's @block-th pageblock. */
static inline uint32_t layout_pfn(
	const struct layout *l, unsigned int block, unsigned int page)
{
	return l->base + block * (uint32_t)PAGEBLOCK_PAGES + page;
}

static inline void layout_type(
	struct layout *l, unsigned int block, enum pcpmm_migratetype type)
{
	assert_int_equal(pcpmm_restore_block_type(
				 l->machine, layout_pfn(l, block, 0), type),
		0);
}

static inline void layout_free(struct layout *l, unsigned int block,
	unsigned int page, unsigned int order)
{
	assert_int_equal(pcpmm_restore_free(
				 l->machine, layout_pfn(l, block, page), order),
		0);
}

/* Free pages of one type. */
static inline uint64_t layout_free_pages(
	const struct layout *l, unsigned int type)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += l->zone->free_area[order].list[type].nr << order;
	return pages;
}

/* A block that a test took from the buddy directly becomes a held block. */
static inline void layout_hold(
	struct layout *l, uint32_t pfn, unsigned int order, unsigned int type)
{
	struct pcpmm_page *page = &l->zone->memmap[pfn];

	frame_set_head(page, FRAME_HEAD(FRAME_HELD, order, type, l->zone->id));
}

/* Allocate from the buddy, and hold what came. pfn; 0: nothing did. */
static inline uint32_t layout_alloc(struct layout *l, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	uint32_t pfn =
		zone_rmqueue_buddy(l->cpu, l->zone, order, type, alloc_flags);

	if (pfn)
		layout_hold(l, pfn, order, type);
	return pfn;
}

static inline unsigned int layout_block_type(
	const struct layout *l, unsigned int block)
{
	return zone_block_type(l->zone, layout_pfn(l, block, 0));
}

#endif
