/* SPDX-License-Identifier: MIT */
/* Threads on the CPUs of one machine, each with the blocks that it holds. */
#ifndef TESTS_COMBO_WORKER_H
#define TESTS_COMBO_WORKER_H

#include <pthread.h>

#include "combo/run.h"

#define CPUS_MAX 9 /* one of them without a thread */
#define NODES_MAX 2
#define HELD_MAX 300
#define INBOX_MAX 256
#define NORMAL_PAGES 4096
#define DMA32_PAGES 1024
#define START_PFN 1024

struct block {
	struct pcpmm_page *page;
	unsigned int order;
};

/* Blocks on their way from any CPU to one. */
struct inbox {
	pthread_mutex_t lock;
	struct block block[INBOX_MAX];
	unsigned int nr;
};

struct worker {
	struct scene *scene;
	unsigned int id;
	uint64_t random;
	uint64_t random_irq; /* of interrupts, which come at any moment */
	struct block held[HELD_MAX];
	unsigned int nr_held;
	unsigned int masked;
	int fifo;
	long modified; /* sum of what it added to a counter */
	struct combo_count count;
	struct inbox inbox;
};

struct scene {
	const struct combo *combo;
	uint64_t refused; /* allocations of CPUs that were idle */
	struct pcpmm_machine *machine;
	struct worker worker[CPUS_MAX];
};

/* Aborts with last words if @condition does not hold. */
#define CHECK(condition) combo_check(condition, #condition, __FILE__, __LINE__)
void combo_check(int holds, const char *what, const char *file, int line);

/* The thread of @arg's CPU, a struct worker: its operations, then all freed. */
void combo_work(struct pcpmm_cpu *cpu, void *arg);
/* Free, as @cpu, some of what others sent to @w. */
void combo_receive(struct worker *w, struct pcpmm_cpu *cpu);

#endif
