/* SPDX-License-Identifier: MIT */
/*
 * Epoch-based reclamation (Fraser 2004) as an RCU flavour: a reader is a CPU
 * inside a section, which notes the epoch that it began in; a grace period ends
 * when every section of an older epoch has ended.
 *
 * Progress: a grace period waits for the sections that are running, and for
 * nothing else. A CPU outside a section never delays it (as with sched and
 * memb, unlike qsbr); a task that is displaced inside a section delays it until
 * the task runs again. No CPU is interrupted. The owner pays a full barrier a
 * section.
 *
 * The implementation is Concurrency Kit's ck_epoch. ThreadSanitizer does not see
 * into it, and is told of the grace period as for liburcu.
 */
#ifndef ARCH_RCU_EPOCH_H
#define ARCH_RCU_EPOCH_H

#include "arch/rcu_flavour.h"

struct rcu_epoch; /* one a machine */
struct rcu_record; /* one a CPU, on lines of its own */

/* With @nr records. NULL: no memory. */
struct rcu_epoch *rcu_epoch_create(unsigned int nr);
void rcu_epoch_destroy(struct rcu_epoch *epoch);
struct rcu_record *rcu_epoch_record(struct rcu_epoch *epoch, unsigned int i);
size_t rcu_epoch_record_size(void);

/*
 * A section of the CPU that has @record. Its interrupts are off: an interrupt
 * that began a section between the two halves of this one would be missed.
 */
static force_inline void rcu_epoch_enter(struct rcu_record *record);
static force_inline void rcu_epoch_leave(
	struct rcu_record *record); /* [rcu.unlock] */

/* [rcu.sync] Every section that has begun by now has ended. Any thread. */
void rcu_epoch_wait(struct rcu_epoch *epoch);

#include "rcu_epoch_arch.h"

#endif
