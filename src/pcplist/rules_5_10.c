/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 5.10, as of 5.10.223: single pages, a high of six
 * batches, one batch a spill, and a bulk free that goes round the lists.
 *
 * Origin: behaviour as documented and as recorded; each function names the kernel
 * function that it describes.
 */
#include "pcplist/rules_common.h"

#define NR_LISTS PCPMM_MIGRATE_PCPTYPES

/* rmqueue(): other orders come from the buddy. */
static int list_of(unsigned int order, unsigned int type)
{
	return order || type >= NR_LISTS ? -1 : (int)type;
}

static unsigned int list_order(unsigned int list)
{
	(void)list;
	return 0;
}

static unsigned int list_type(unsigned int list)
{
	return list;
}

/* __rmqueue_pcplist(), Linux 5.10. */
static int refill(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags)
{
	(void)count;
	(void)order;
	(void)flags;
	return state->batch;
}

/* Nothing is remembered of allocations. */
static void alloc(struct pcpmm_pcp_state *state)
{
	(void)state;
}

static bool free_high(
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	(void)state;
	(void)count;
	(void)order;
	return false;
}

static int spill_at(const struct pcpmm_pcp_state *state, int count,
	unsigned int flags, bool is_high)
{
	(void)count;
	(void)flags;
	(void)is_high;
	return state->high;
}

/* free_unref_page_commit(), Linux 5.10. */
static int free_block(struct pcpmm_pcp_state *state, int count,
	unsigned int order, unsigned int flags)
{
	(void)order;
	(void)flags;
	return count < state->high ? 0 : MIN(state->batch, count);
}

/* free_pcppages_bulk(), Linux 5.10: the first list that is looked at is 1. */
static void turn_begin(struct pcpmm_pcp_turn *turn, int freed)
{
	(void)freed;
	*turn = (struct pcpmm_pcp_turn){0};
}

/*
 * One page more for each list that is passed because it is empty; where one list
 * alone has pages, all. What an emptied list has left over is carried on.
 */
static void turn_next(struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	do {
		turn->blocks++;
		turn->list = (turn->list + 1) % NR_LISTS;
	} while (!(nonempty >> turn->list & 1));
	if (turn->blocks == NR_LISTS)
		turn->blocks = pages;
}

/* drain_pages_zone(), Linux 5.10: all in one go. */
static int drain_chunk(int batch)
{
	(void)batch;
	return INT32_MAX;
}

/* pageset_set_high_and_batch(), Linux 5.10: the fraction is each CPU's. */
static void size(const struct pcp_size_in *in, struct pcp_size *size)
{
	int raw = pcp_batch_raw(in->managed, PCP_BATCH_CAP_PAGES);

	size->batch = MAX(raw, 1);
	size->high = pcp_high_sixfold(raw);
	if (in->fraction)
		pcp_high_old_fraction(in->managed, in->fraction,
			PCPMM_PAGE_SHIFT, &size->high, &size->batch);
	size->high_min = size->high_max = size->high;
}

const struct pcp_rules pcp_rules_5_10 = {
	.name = "5.10",
	.nr_lists = NR_LISTS,
	.list_of = list_of,
	.list_order = list_order,
	.list_type = list_type,
	.listed_as = pcp_listed_as,
	.alloc = alloc,
	.refill = refill,
	.free = free_block,
	.free_high = free_high,
	.spill_at = spill_at,
	.turn_begin = turn_begin,
	.turn_next = turn_next,
	.drain_chunk = drain_chunk,
	.size = size,
};
