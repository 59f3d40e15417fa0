/* SPDX-License-Identifier: MIT */
/* Memory from the host. */
#include "arch/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/bits.h"
#include "arch/compiler.h"

#define HUGE_SIZE (2UL << 20)
#define PAGE_BYTES 4096UL

static void *map_or_null(void *map)
{
	return map == MAP_FAILED ? NULL : map;
}

void *memory_map_lazy(size_t size)
{
	return map_or_null(mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
}

/* Advice: a host without huge pages does not know it. */
void *memory_map_sparse(size_t size)
{
	void *map = memory_map_lazy(size);

	if (map)
		madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

void *memory_map_memfd(size_t size, int *fd)
{
	void *map;

	*fd = memfd_create("pcpmm", MFD_CLOEXEC);
	if (*fd < 0)
		return NULL;
	map = ftruncate(*fd, (off_t)size)
		      ? MAP_FAILED
		      : mmap(NULL, size, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_NORESERVE, *fd, 0);
	if (map == MAP_FAILED) {
		close(*fd);
		*fd = -1;
	}
	return map_or_null(map);
}

/* Aligned to a huge page: maps more, and unmaps the edges. */
void *memory_map_huge(size_t size)
{
	size_t span = size + HUGE_SIZE;
	char *map = memory_map_lazy(span);
	char *start;

	if (!map)
		return NULL;
	start = (char *)round_up_pow2((uintptr_t)map, HUGE_SIZE);
	if (start > map)
		munmap(map, (size_t)(start - map));
	if (start + size < map + span)
		munmap(start + size, (size_t)(map + span - start - size));
	/* Advice: a host without huge pages serves small ones. */
	madvise(start, size, MADV_HUGEPAGE);
	return start;
}

void memory_unmap(void *map, size_t size)
{
	if (map)
		munmap(map, size);
}

void memory_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void *alloc_zeroed(size_t align, size_t size)
{
	size_t whole = round_up_pow2(size ? size : 1, align);
	void *block = aligned_alloc(align, whole);

	return block ? memset(block, 0, whole) : NULL;
}

void *memory_alloc_aligned(size_t size)
{
	return alloc_zeroed(CACHE_LINE, size);
}

void *memory_alloc_in_page(size_t offset, size_t size, void **block)
{
	*block = alloc_zeroed(PAGE_BYTES, offset + size);
	return *block ? (char *)*block + offset : NULL;
}
