/* SPDX-License-Identifier: MIT */
/* Memory from the host: lazily touched maps, aligned blocks, backing. */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Address space that costs nothing until touched, and then reads 0; or NULL. */
void *memory_map_lazy(size_t size);
/* The same, for use here and there: a host with huge pages uses small ones. */
void *memory_map_sparse(size_t size);
/* The same from one memfd (*@fd is set), or advised for huge pages. */
void *memory_map_memfd(size_t size, int *fd);
void *memory_map_huge(size_t size);
void memory_unmap(void *map, size_t size);
void memory_close(int fd);

/* Zeroed, aligned to a cache line, to be freed by free(); or NULL. */
void *memory_alloc_aligned(size_t size);
/*
 * Zeroed, and @offset bytes behind the start of a page of 4096: a multiple of a cache
 * line, below 4096. *@block is what free() frees. NULL, and so is *@block.
 *
 * A processor takes two addresses that differ by a multiple of 4096 for the same at
 * first, so a load may wait for a store that it has nothing to do with. Where objects
 * are at fixed places of their pages, that happens in every machine alike, or not.
 */
void *memory_alloc_in_page(size_t offset, size_t size, void **block);

#endif
