/* SPDX-License-Identifier: MIT */
/*
 * The contestants. All are called through the same pointers: those of libpcpmm
 * are its own functions, those of the others are short wrappers of malloc().
 *
 * mimalloc and jemalloc are opened at run time, each in a name space of its
 * own, because linking one of them would replace malloc() in the whole process.
 * A block of an order is malloc(4096 << order): not aligned to a page, and the
 * benchmark never writes to it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

/* Always the same address: no caller reads or writes the page. */
static struct pcpmm_page *null_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	(void)gfp, (void)order;
	return (struct pcpmm_page *)cpu;
}

static int null_free(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	(void)cpu, (void)page, (void)order;
	return 0;
}

static struct pcpmm_page *libc_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	(void)cpu, (void)gfp;
	return malloc(PCPMM_PAGE_SIZE << order);
}

static int libc_free(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	(void)cpu, (void)order;
	free(page);
	return 0;
}

/* Written once, before any thread of a cell starts. */
static struct {
	void *(*malloc)(size_t size);
	void (*free)(void *block);
} mi, je;

static struct pcpmm_page *mi_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	(void)cpu, (void)gfp;
	return mi.malloc(PCPMM_PAGE_SIZE << order);
}

static int mi_give(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	(void)cpu, (void)order;
	mi.free(page);
	return 0;
}

static struct pcpmm_page *je_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	(void)cpu, (void)gfp;
	return je.malloc(PCPMM_PAGE_SIZE << order);
}

static int je_give(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	(void)cpu, (void)order;
	je.free(page);
	return 0;
}

/* NULL after a message: a missing library is not measured. */
static void *open_library(struct contestant *found)
{
	void *handle = dlopen(found->origin, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		fprintf(stderr, "pcpmm-bench: not measured: %s\n", dlerror());
	return handle;
}

static bool find_mimalloc(struct contestant *found)
{
	void *handle;

	*found = (struct contestant){
		"mimalloc", mi_alloc, mi_give, "libmimalloc.so.2"};
	handle = open_library(found);
	if (!handle)
		return false;
	*(void **)&mi.malloc = dlsym(handle, "mi_malloc");
	*(void **)&mi.free = dlsym(handle, "mi_free");
	return mi.malloc && mi.free;
}

static bool find_jemalloc(struct contestant *found)
{
	void *handle;

	*found = (struct contestant){
		"jemalloc", je_alloc, je_give, "libjemalloc.so.2"};
	handle = open_library(found);
	if (!handle)
		return false;
	/* dlsym() on this handle finds the library's malloc, not libc's. */
	*(void **)&je.malloc = dlsym(handle, "malloc");
	*(void **)&je.free = dlsym(handle, "free");
	return je.malloc && je.free;
}

unsigned int contestants_find(struct contestant *contestants)
{
	unsigned int nr = 2;

	contestants[CONTESTANT_NULL] = (struct contestant){"null", null_alloc,
		null_free, "returns its argument: loop and call"};
	contestants[CONTESTANT_PCPMM] = (struct contestant){
		"pcpmm", pcpmm_alloc_pages, pcpmm_free_pages, "this library"};
	contestants[nr++] = (struct contestant){"libc", libc_alloc, libc_free,
		"malloc(4096 << order) of the C library"};
	nr += find_mimalloc(&contestants[nr]);
	nr += find_jemalloc(&contestants[nr]);
	return nr;
}
