/* SPDX-License-Identifier: MIT */
/* Epochs by counting, as rcu.c does it for tasks: a reader is a CPU. */
#include "arch/rcu_epoch.h"

#include <stdlib.h>

#include "arch/memory.h"
#include "tasks.h"

#define RECORDS 64

struct rcu_epoch {
	unsigned int nr;
	struct rcu_record records[];
};

struct rcu_epoch *rcu_epoch_create(unsigned int nr)
{
	struct rcu_epoch *epoch;

	if (nr > RECORDS)
		return NULL;
	epoch = memory_alloc_aligned(
		sizeof(*epoch) + nr * sizeof(epoch->records[0]));
	if (epoch)
		epoch->nr = nr;
	return epoch;
}

void rcu_epoch_destroy(struct rcu_epoch *epoch)
{
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

struct grace {
	const struct rcu_epoch *epoch;
	uint64_t seen[RECORDS];
};

static bool has_ended(const void *arg)
{
	const struct grace *grace = arg;

	for (unsigned int i = 0; i < grace->epoch->nr; i++)
		if (grace->seen[i] & 1 &&
			grace->seen[i] == grace->epoch->records[i].word)
			return false;
	return true;
}

void rcu_epoch_wait(struct rcu_epoch *epoch)
{
	struct grace grace = {.epoch = epoch};
	uint32_t size = (uint32_t)(epoch->nr * sizeof(epoch->records[0]));

	MODEL_AT(rcu_epoch_wait);
	model_point(MODEL_LOAD, epoch->records, size, false);
	for (unsigned int i = 0; i < epoch->nr; i++)
		grace.seen[i] = epoch->records[i].word;
	model_wait(MODEL_WAIT, epoch->records, size, false, has_ended, &grace);
	rcu_wait_ends();
}
