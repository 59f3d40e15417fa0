/* SPDX-License-Identifier: MIT */
/*
 * pfn -> what is known of that page. Two levels, so that a trace that
 * touches a few thousand frames of a terabyte costs little. A leaf covers
 * one pageblock, so it also holds what is known of the pageblock.
 */
#ifndef REPLAY_PFNMAP_H
#define REPLAY_PFNMAP_H

#include <stddef.h>
#include <stdint.h>

#define PFNMAP_LEAF_SHIFT 9 /* the pageblock order on x86-64 */
#define PFNMAP_LEAF (1u << PFNMAP_LEAF_SHIFT)
#define PFNMAP_TOP (1u << (32 - PFNMAP_LEAF_SHIFT))

struct page_info {
	uint32_t next, prev; /* neighbours on a shadow list, as pfns */
	uint32_t slot; /* of that list */
	uint32_t event; /* the last or next event about it, per pass */
	uint8_t place; /* enum page_place */
	uint8_t fate; /* enum page_fate */
	uint8_t list;
	int8_t order;
	uint8_t mt;
	uint8_t before; /* it was held before the trace */
};

struct page_leaf {
	struct page_info page[PFNMAP_LEAF];
	uint32_t number; /* pfn >> PFNMAP_LEAF_SHIFT */
	uint32_t evidence; /* 1 + event that tells the type; 0: none */
	uint8_t mt; /* type at the start, by the first evidence */
	uint8_t mt_known;
	uint8_t mt_now; /* type in force where the walk is */
	uint8_t guess; /* 1 + type that the buddy gave a page of it for */
	uint8_t voted; /* guess by less than that: what a page was used for */
};

struct pfnmap {
	struct page_leaf **top; /* lazily touched */
	struct page_leaf **leaves; /* all, in the order of their creation */
	size_t nr_leaves, leaves_cap;
};

int pfnmap_init(struct pfnmap *map);
void pfnmap_fini(struct pfnmap *map);

/* The page's entry, zeroed at first; NULL: out of memory. */
struct page_info *pfnmap_get(struct pfnmap *map, uint32_t pfn);

/* The page's entry if there is one. */
struct page_info *pfnmap_find(const struct pfnmap *map, uint32_t pfn);

/* The leaf of a page that pfnmap_get() has returned before. */
static inline struct page_leaf *pfnmap_leaf(
	const struct pfnmap *map, uint32_t pfn)
{
	return map->top[pfn >> PFNMAP_LEAF_SHIFT];
}

/* Forgets what is known of every page but keeps the memory. */
void pfnmap_clear(struct pfnmap *map);

#endif
