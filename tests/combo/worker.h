/* SPDX-License-Identifier: MIT */
/* Threads on the CPUs of one machine; each holds blocks. */
#ifndef TESTS_COMBO_WORKER_H
#define TESTS_COMBO_WORKER_H

#include <pthread.h>

#include "combo/run.h"

#define CPUS_MAX 9 /* one of them without a thread */
#define NODES_MAX 2
#define HELD_MAX 300
#define INBOX_MAX 256
#define NORMAL_PAGES 4096 /* half of it with reclaim */
#define DMA32_PAGES 1024
#define START_PFN 1024
#define END_PFN (START_PFN + NODES_MAX * (NORMAL_PAGES + DMA32_PAGES))
#define CACHE_MAX 64

struct block {
	struct pcpmm_page *page;
	unsigned int order;
};

/* Blocks that other CPUs sent to this one. */
struct inbox {
	pthread_mutex_t lock;
	struct block block[INBOX_MAX];
	unsigned int nr;
};

struct worker {
	struct scene *scene;
	unsigned int id;
	uint64_t random;
	uint64_t random_irq; /* for interrupts, which come at any moment */
	struct block held[HELD_MAX];
	unsigned int nr_held, held_max;
	unsigned int masked;
	int fifo;
	long modified; /* sum of its changes of a counter */
	struct combo_count count;
	struct inbox inbox;
};

struct scene {
	const struct combo *combo;
	uint64_t refused; /* allocations of CPUs that were idle */
	struct pcpmm_machine *machine;
	unsigned int node_pages;
	struct worker worker[CPUS_MAX];
	/*
	 * Pages that reclaim may take: pages on LRU lists by pfn, and the
	 * program's cache. The thread that exchanges a word for NULL owns the
	 * page.
	 */
	struct pcpmm_page *lent[END_PFN];
	struct pcpmm_page *cache[CACHE_MAX];
	uint64_t words; /* drawn by the callbacks; these four are atomic */
	uint64_t reclaimed, shrunk, kills;
};

/* Aborts with last words if @condition does not hold. */
#define CHECK(condition) combo_check(condition, #condition, __FILE__, __LINE__)
void combo_check(int holds, const char *what, const char *file, int line);

/* Main function of a thread; @arg: struct worker. Its ops, then frees all. */
void combo_work(struct pcpmm_cpu *cpu, void *arg);
unsigned int combo_draw(uint64_t *random, unsigned int n);
void combo_mark(struct pcpmm_machine *machine, const struct block *block);
void combo_unmark(struct pcpmm_machine *machine, const struct block *block);
/* Take a random block out of the held ones. */
struct block combo_pick(struct worker *w);
/* Free on @cpu some of the blocks in the inbox of @w. */
void combo_receive(struct worker *w, struct pcpmm_cpu *cpu);

/* --- reclaim.c ---------------------------------------------------------- */

/* Set the machine's callbacks; start kswapd, if the combination has it. */
void combo_lend_start(struct scene *scene);
/* Stop and start kswapd a few times while workers run. */
void combo_lend_disturb(struct scene *scene);
/* Lend pages to LRU lists and cache, take some back, or read statistics. */
void combo_lend_op(struct worker *w, struct pcpmm_cpu *cpu);
/* Allocate until a request fails, after OOM kills; then free all. */
void combo_take_everything(struct worker *w, struct pcpmm_cpu *cpu);
/* Take back a worker's part of the lent pages; then free all lent pages. */
void combo_take_own(struct worker *w, struct pcpmm_cpu *cpu);
void combo_take_all(struct scene *scene, struct pcpmm_cpu *cpu);

#endif
