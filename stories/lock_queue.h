/* SPDX-License-Identifier: MIT */
/*
 * Locks in virtual time: who waits for whom, computed from a script of holds.
 *
 * A CPU has two threads, a task and a kworker. A script says for each of them which
 * holds it makes, in order. A hold of a lock lasts hold_ns + pages * page_ns. The
 * thread comes to the lock when
 *
 *   it has ended its hold before, and has worked for think_ns since;
 *   the moment start_ns has come;
 *   and the other thread of its CPU is not at a lock: interrupts are off there.
 *
 * It has the lock after all that came earlier (FIFO, as a queued spin lock of the
 * kernel). Of those that come at once the kworkers are first, then the lower CPU.
 * A kworker takes no time from its CPU's task but that at the lock.
 *
 * A hold waits from the moment at which its thread comes until it begins. It is
 * contended if that is more than 0. Nothing here runs on threads or reads a
 * clock: the same script and costs give the same waits.
 */
#ifndef STORIES_LOCK_QUEUE_H
#define STORIES_LOCK_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum lock_use {
	LOCK_REFILL, /* task: its list was empty */
	LOCK_TRIM, /* task: its list was at high */
	LOCK_FOLD, /* kworker: a fold drains another node's list */
	NR_LOCK_USES
};

struct lock_hold {
	uint64_t start_ns; /* not earlier */
	uint32_t think_ns; /* after the thread's hold before */
	uint32_t pages;
	uint32_t next; /* hold of the same thread; 0: the last */
	uint16_t cpu;
	uint8_t lock;
	uint8_t use; /* enum lock_use */
};

/* All zero at first; end it with lock_script_end(). */
struct lock_script {
	struct lock_hold *holds; /* [0] is unused */
	uint32_t nr, room;
	uint32_t *first, *last; /* [cpu]: kworkers; [nr_cpus + cpu]: tasks */
	unsigned int nr_cpus;
};

struct lock_costs {
	double hold_ns; /* each hold */
	double page_ns; /* each page in it */
};

/* Of the holds of one use. */
struct lock_waits {
	uint64_t holds, contended;
	uint64_t total_ns, max_ns;
	/* What the longest wait was behind. */
	unsigned int ahead[NR_LOCK_USES]; /* holds */
	uint32_t ahead_pages; /* of the largest of them */
};

/* false: no memory. */
bool lock_script_begin(struct lock_script *script, unsigned int nr_cpus);
/* Add a hold to the end of its thread's script; @hold->next is ignored. */
bool lock_script_add(struct lock_script *script, const struct lock_hold *hold);
void lock_script_end(struct lock_script *script);

/* Waits of each use; @waits has NR_LOCK_USES elements. false: no memory. */
bool lock_script_play(const struct lock_script *script,
	const struct lock_costs *costs, struct lock_waits *waits);

#endif
