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
/* The same, aligned to @align, a power of two from a cache line up. */
void *memory_alloc_aligned_to(size_t align, size_t size);

#endif
