/* SPDX-License-Identifier: MIT */
/*
 * What is not known yet. A list is unknown until it was seen to be empty: at its
 * first refill, or when a bulk free took all pages of its pageset. The simulated
 * list then has only the pages that were freed to it, which lie above the unknown
 * ones, so that the simulated count is at most the recorded one and no spill comes
 * too early. A count is known from the first bulk free on; until the lists are known
 * too, stock stands for what they still have: blocks without a name, at the end of
 * an unknown list. An allocation from an unknown list takes of the stock.
 */
#include "causal_internal.h"

static bool is_known(const struct causal_slot *slot, int list)
{
	return slot->known & (1u << list);
}

void unknown_list_seen(struct causal_slot *slot, int list)
{
	slot->known |= (uint16_t)(1u << list);
	if (slot->known == (1u << CAUSAL_LISTS) - 1)
		slot->count_known = true;
}

void unknown_slot_empty(struct causal *causal, struct causal_slot *slot)
{
	for (int list = 0; list < CAUSAL_LISTS; list++) {
		if (!is_known(slot, list) && list_length(causal, slot, list))
			list_clear(causal, slot, list);
		unknown_list_seen(slot, list);
	}
	slot->count_known = true;
}

/* Nameless blocks at the end of a list. */
static unsigned stock_of(
	struct causal *causal, const struct causal_slot *slot, int list)
{
	unsigned nr = 0;

	list_frames(causal, slot, list);
	for (size_t i = causal->frames.nr; i-- > 0; nr++)
		if (causal->name[causal->frames.at[i]] != NO_NAME)
			break;
	return nr;
}

/* The list loses @nr nameless blocks at its end, which are held from now on. */
static void cut(struct causal *causal, const struct causal_slot *slot, int list,
	unsigned nr)
{
	struct causal_vec *names = &causal->names[list];

	list_names(causal, slot, list);
	causal->taken.nr = 0;
	for (; nr && names->nr; nr--)
		vec_push(causal, &causal->taken, names->at[--names->nr]);
	list_take(causal, slot, list);
}

/* Nameless blocks to its end: of memory in use, else of free memory. */
static unsigned grow(struct causal *causal, const struct causal_slot *slot,
	int list, unsigned nr)
{
	unsigned done = 0, length;

	while (done < nr && names_fresh_listed(causal, slot, list))
		done++;
	if (done == nr)
		return done;
	list_names(causal, slot, list);
	length = (unsigned)causal->names[list].nr;
	for (unsigned i = done; i < nr; i++)
		vec_push(causal, &causal->names[list], NO_NAME);
	list_set(causal, slot, list);
	return done + list_length(causal, slot, list) - length;
}

/* Take up to @pages of stock from unknown lists but @list; pages taken. */
static unsigned take_stock(struct causal *causal,
	const struct causal_slot *slot, int but, unsigned pages)
{
	unsigned left = pages;

	for (int list = 0; list < CAUSAL_LISTS && left; list++) {
		unsigned order = list_order(causal, list), nr;

		if (list == but || is_known(slot, list))
			continue;
		nr = stock_of(causal, slot, list);
		if (nr > left >> order)
			nr = left >> order;
		if (!nr)
			continue;
		cut(causal, slot, list, nr);
		left -= nr << order;
	}
	return pages - left;
}

/* The unknown list that stock is put on: of single pages, movable before others. */
static int stock_list(const struct causal *causal,
	const struct causal_slot *slot, int but, unsigned pages)
{
	static const uint8_t types[] = {PCPMM_MIGRATE_MOVABLE,
		PCPMM_MIGRATE_UNMOVABLE, PCPMM_MIGRATE_RECLAIMABLE};

	for (unsigned order = 0; order <= PCPMM_ORDER_MAX; order++)
		for (unsigned i = 0; i < sizeof(types); i++) {
			int list = pcpmm_pcp_list_of(
				causal->rules, order, types[i]);

			if (list >= 0 && list != but && pages >= 1u << order &&
				!is_known(slot, list))
				return list;
		}
	return -1;
}

static unsigned put_stock(struct causal *causal, const struct causal_slot *slot,
	int but, unsigned pages)
{
	unsigned left = pages;
	int list;

	while ((list = stock_list(causal, slot, but, left)) >= 0) {
		unsigned order = list_order(causal, list);
		unsigned done = grow(causal, slot, list, left >> order)
				<< order;

		left -= done;
		if (!done)
			break;
	}
	causal->run->adjusted.stock_pages += pages - left;
	return pages - left;
}

/*
 * @refilled: the allocation did refill, so there was nothing on the list; what it
 * has of stock is another list's, the rest was taken without a line, or by a line that
 * took from another list here, if the count is known and so was right. Else the list
 * had @blocks at least.
 */
void unknown_before_alloc(struct causal *causal, struct causal_slot *slot,
	int list, bool refilled, unsigned blocks)
{
	unsigned order = list_order(causal, list);
	unsigned have = list_length(causal, slot, list), stock, taken;

	if (refilled) {
		if (!have)
			return;
		stock = stock_of(causal, slot, list);
		causal->run->adjusted.taken_unseen += have - stock;
		list_take_all(causal, slot, list);
		put_stock(causal, slot, list,
			(slot->count_known ? have : stock) << order);
		return;
	}
	if (have >= blocks)
		return;
	taken = take_stock(causal, slot, list, (blocks - have) << order);
	causal->run->adjusted.injected +=
		slot->count_known && taken < (blocks - have) << order;
	grow(causal, slot, list, blocks - have);
}

/*
 * A bulk allocation took @blocks from the list before it refilled, so that is what the
 * list had; more is another list's.
 */
void unknown_before_refill(struct causal *causal, struct causal_slot *slot,
	int list, unsigned blocks)
{
	unsigned have = list_length(causal, slot, list);

	if (have <= blocks) {
		unknown_before_alloc(causal, slot, list, false, blocks);
		return;
	}
	cut(causal, slot, list, have - blocks);
	put_stock(causal, slot, list,
		(have - blocks) << list_order(causal, list));
}

/* Up to @pages off the top of a list; pages taken. */
static unsigned take_unseen_of(struct causal *causal,
	const struct causal_slot *slot, int list, unsigned pages)
{
	struct causal_vec *names = &causal->names[list];
	unsigned order = list_order(causal, list), nr = 0;

	list_names(causal, slot, list);
	causal->taken.nr = 0;
	for (; (nr + 1) << order <= pages && names->nr; nr++) {
		vec_push(causal, &causal->taken, names->at[0]);
		vec_remove(names, 0);
	}
	list_take(causal, slot, list);
	return nr << order;
}

/* Bulk allocations, of single unmovable pages, are what is most often not seen. */
static void take_unseen(
	struct causal *causal, const struct causal_slot *slot, unsigned pages)
{
	static const uint8_t types[] = {PCPMM_MIGRATE_UNMOVABLE,
		PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_RECLAIMABLE};

	for (unsigned order = 0; order <= PCPMM_ORDER_MAX && pages; order++)
		for (unsigned i = 0; i < sizeof(types); i++) {
			int list = pcpmm_pcp_list_of(
				causal->rules, order, types[i]);

			if (list >= 0 && pages >= 1u << order)
				pages -= take_unseen_of(
					causal, slot, list, pages);
		}
}

/* A list that the last bulk free did not come by: it may have what others lack. */
static int spared_list(const struct causal *causal)
{
	static const uint8_t types[] = {PCPMM_MIGRATE_UNMOVABLE,
		PCPMM_MIGRATE_MOVABLE, PCPMM_MIGRATE_RECLAIMABLE};

	for (unsigned i = 0; i < sizeof(types); i++) {
		int list = pcpmm_pcp_list_of(causal->rules, 0, types[i]);

		if (vec_find(&causal->bulk.lists, (uint32_t)list) < 0)
			return list;
	}
	return pcpmm_pcp_list_of(causal->rules, 0, PCPMM_MIGRATE_MOVABLE);
}

void unknown_set_count(
	struct causal *causal, struct causal_slot *slot, int32_t pages)
{
	int32_t have = pageset_of(causal, slot).count;
	uint64_t *moved = &causal->run->adjusted.count_pages;
	int list;

	if (pages == have)
		return;
	if (pages > have) {
		have += (int32_t)put_stock(
			causal, slot, -1, (unsigned)(pages - have));
		*moved += (unsigned)(pages - have);
		list = spared_list(causal);
		grow(causal, slot, list, (unsigned)(pages - have));
		return;
	}
	have -= (int32_t)take_stock(causal, slot, -1, (unsigned)(have - pages));
	*moved += (unsigned)(have - pages);
	if (have > pages)
		take_unseen(causal, slot, (unsigned)(have - pages));
}
