/* SPDX-License-Identifier: MIT */
/* Memory from the host: lazily touched maps, aligned blocks, backing. */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Address space that costs nothing until touched, and then reads 0. NULL. */
void *memory_map_lazy(size_t size);
/* Likewise from one memfd (@fd is stored), or advised for huge pages. */
void *memory_map_memfd(size_t size, int *fd);
void *memory_map_huge(size_t size);
void memory_unmap(void *map, size_t size);
void memory_close(int fd);

/* Zeroed, aligned to a cache line; release by free(). NULL. */
void *memory_alloc_aligned(size_t size);

#endif
