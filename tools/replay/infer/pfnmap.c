/* SPDX-License-Identifier: MIT */
/* Table of pages; see pfnmap.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../read/grow.h"
#include "pfnmap.h"

#define PFNMAP_TOP_BYTES (PFNMAP_TOP * sizeof(struct page_leaf *))

int pfnmap_init(struct pfnmap *map)
{
	memset(map, 0, sizeof(*map));
	/* 64 MiB of address space; only the touched part becomes memory. */
	map->top = mmap(NULL, PFNMAP_TOP_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map->top == MAP_FAILED) {
		map->top = NULL;
		return -ENOMEM;
	}
	return 0;
}

void pfnmap_fini(struct pfnmap *map)
{
	for (size_t i = 0; i < map->nr_leaves; i++)
		free(map->leaves[i]);
	free(map->leaves);
	if (map->top)
		munmap(map->top, PFNMAP_TOP_BYTES);
	memset(map, 0, sizeof(*map));
}

void pfnmap_clear(struct pfnmap *map)
{
	for (size_t i = 0; i < map->nr_leaves; i++) {
		memset(map->leaves[i]->page, 0, sizeof(map->leaves[i]->page));
		map->leaves[i]->evidence = 0;
	}
}

static struct page_leaf *pfnmap_grow(struct pfnmap *map, uint32_t number)
{
	struct page_leaf *leaf;

	if (GROW(map->leaves, map->nr_leaves, map->leaves_cap))
		return NULL;
	leaf = calloc(1, sizeof(*leaf));
	if (!leaf)
		return NULL;
	leaf->number = number;
	map->leaves[map->nr_leaves++] = leaf;
	map->top[number] = leaf;
	return leaf;
}

struct page_info *pfnmap_get(struct pfnmap *map, uint32_t pfn)
{
	struct page_leaf *leaf = pfnmap_leaf(map, pfn);

	if (!leaf)
		leaf = pfnmap_grow(map, pfn >> PFNMAP_LEAF_SHIFT);
	return leaf ? &leaf->page[pfn & (PFNMAP_LEAF - 1)] : NULL;
}

struct page_info *pfnmap_find(const struct pfnmap *map, uint32_t pfn)
{
	struct page_leaf *leaf = pfnmap_leaf(map, pfn);

	return leaf ? &leaf->page[pfn & (PFNMAP_LEAF - 1)] : NULL;
}
