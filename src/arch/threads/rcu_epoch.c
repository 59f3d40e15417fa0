/* SPDX-License-Identifier: MIT */
/* Domains of ck_epoch, with a record for each CPU. */
#include "arch/rcu_epoch.h"

#include <stdlib.h>

#include "arch/memory.h"
#include "arch/wait.h"

struct rcu_epoch {
	ck_epoch_t domain;
	struct rcu_record *records;
};

struct rcu_epoch *rcu_epoch_create(unsigned int nr)
{
	struct rcu_epoch *epoch = memory_alloc_aligned(sizeof(*epoch));

	if (!epoch)
		return NULL;
	epoch->records = memory_alloc_aligned(nr * sizeof(epoch->records[0]));
	if (!epoch->records) {
		free(epoch);
		return NULL;
	}
	ck_epoch_init(&epoch->domain);
	for (unsigned int i = 0; i < nr; i++)
		ck_epoch_register(
			&epoch->domain, &epoch->records[i].record, NULL);
	return epoch;
}

/* Records are never removed from a domain; both are freed together. */
void rcu_epoch_destroy(struct rcu_epoch *epoch)
{
	if (!epoch)
		return;
	free(epoch->records);
	free(epoch);
}

struct rcu_record *rcu_epoch_record(struct rcu_epoch *epoch, unsigned int i)
{
	return &epoch->records[i];
}

size_t rcu_epoch_record_size(void)
{
	return sizeof(struct rcu_record);
}

/* Called while a section is running: let it run. */
static void let_section_run(
	ck_epoch_t *domain, ck_epoch_record_t *record, void *turns)
{
	(void)domain, (void)record;
	spin_pause(turns);
}

void rcu_epoch_wait(struct rcu_epoch *epoch)
{
	unsigned int turns = 0;

	ck_epoch_synchronize_wait(&epoch->domain, let_section_run, &turns);
	rcu_wait_ends();
}
