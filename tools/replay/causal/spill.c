/* SPDX-License-Identifier: MIT */
/* Bulk frees: their frames compared, and lists put into the recorded state. */
#include "causal_internal.h"

/* Kernels with lists of single pages only let them take turns. */
static bool take_turns(const struct causal *causal)
{
	return pcpmm_pcp_list_of(causal->rules, 1, 0) < 0;
}

static bool all_known(
	const struct causal *causal, const struct causal_slot *slot)
{
	for (unsigned type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		if (!(slot->known &
			    (1u << pcpmm_pcp_list_of(causal->rules, 0, type))))
			return false;
	return true;
}

/* The others: from that list on, and list 0 comes after the last. */
bool spill_is_known(
	const struct causal *causal, const struct causal_slot *slot, int list)
{
	const struct causal_did *did = &causal->did;
	int last = did->lists.nr ? (int)did->lists.at[did->lists.nr - 1] : list;

	if (take_turns(causal))
		return all_known(causal, slot);
	for (int left = CAUSAL_LISTS; left > 0; left--) {
		if (!(slot->known & (1u << list)))
			return false;
		if (list == last)
			break;
		list = (list + 1) % CAUSAL_LISTS;
	}
	return true;
}

void spill_score_frames(struct causal *causal, struct causal_slot *slot)
{
	const struct causal_did *did = &causal->did;
	const struct causal_bulk *bulk = &causal->bulk;
	struct causal_rate *rate = &causal->run->score.pfn_spill;
	size_t most =
		did->frames.nr > bulk->pfns.nr ? did->frames.nr : bulk->pfns.nr;

	for (size_t i = 0; i < most; i++) {
		uint32_t simulated = NO_NAME, recorded = NO_NAME;

		if (i < did->frames.nr)
			simulated = causal->name[did->frames.at[i]];
		if (i < bulk->pfns.nr)
			recorded = bulk->pfns.at[i];
		if (i < did->frames.nr &&
			(simulated == NO_NAME ||
				score_is_taken_back(causal, bulk->line))) {
			causal->run->adjusted.learned++;
			continue;
		}
		rate->n++;
		rate->right += simulated == recorded;
		if (simulated != recorded)
			score_log(causal, bulk->line, "pfn_spill", slot,
				simulated, recorded);
	}
}

/* As before the bulk free of the machine, if it made one. */
static void put_back(struct causal *causal, unsigned *touched,
	const struct causal_slot *slot)
{
	const struct causal_did *did = &causal->did;

	for (size_t i = did->frames.nr; i-- > 0;) {
		unsigned list = did->lists.at[i];

		if (!(*touched & (1u << list)))
			list_names(causal, slot, (int)list);
		*touched |= 1u << list;
		vec_push(causal, &causal->names[list],
			causal->name[did->frames.at[i]]);
	}
	for (size_t i = 0; i < did->frames.nr; i++)
		names_forget(causal, did->frames.at[i],
			list_order(causal, (int)did->lists.at[i]));
}

/* Where the page is: on the list that the line names, else where it is known. */
static int list_with(struct causal *causal, unsigned *touched,
	const struct causal_slot *slot, uint32_t pfn, uint32_t said)
{
	uint32_t frame = names_frame(causal, pfn);
	struct causal_slot *home;
	int list = (int)said, on;

	if (frame != NO_FRAME && list_of_home(causal, frame, &home, &on) &&
		home == slot)
		list = on;
	if (list >= 0 && !(*touched & (1u << list))) {
		list_names(causal, slot, list);
		*touched |= 1u << list;
	}
	return list;
}

/* Without a name it was one of the nameless; the last of them, if there is one. */
static long nameless(const struct causal_vec *names)
{
	return vec_find(names, NO_NAME);
}

/*
 * A bulk free takes the oldest first, so what lies behind a page that it took was not
 * there.
 */
static void cut_behind(struct causal *causal, const struct causal_slot *slot,
	const size_t *low)
{
	for (int list = 0; list < CAUSAL_LISTS; list++) {
		struct causal_vec *names = &causal->names[list];

		if (low[list] >= names->nr || !(slot->known & (1u << list)))
			continue;
		causal->run->adjusted.taken_unseen += names->nr - low[list];
		causal->taken.nr = 0;
		while (names->nr > low[list])
			vec_push(
				causal, &causal->taken, names->at[--names->nr]);
		list_take(causal, slot, list);
	}
}

static void take_recorded(struct causal *causal, unsigned *touched,
	const struct causal_slot *slot)
{
	const struct causal_bulk *bulk = &causal->bulk;
	size_t low
		[CAUSAL_LISTS]; /* the newest place that a page was taken from */

	for (int list = 0; list < CAUSAL_LISTS; list++)
		low[list] = SIZE_MAX;
	for (size_t i = 0; i < bulk->pfns.nr; i++) {
		int list = list_with(causal, touched, slot, bulk->pfns.at[i],
			bulk->lists.at[i]);
		struct causal_vec *names;
		long at;

		if (list < 0)
			continue;
		names = &causal->names[list];
		at = vec_find(names, bulk->pfns.at[i]);
		if (at >= 0 && (size_t)at < low[list])
			low[list] = (size_t)at;
		if (at < 0)
			at = nameless(names);
		if (at >= 0)
			vec_remove(names, (size_t)at);
	}
	if (causal->step)
		cut_behind(causal, slot, low);
}

static bool is_as_recorded(const struct causal *causal)
{
	const struct causal_did *did = &causal->did;
	const struct causal_bulk *bulk = &causal->bulk;

	if (did->frames.nr != bulk->pfns.nr)
		return false;
	for (size_t i = 0; i < bulk->pfns.nr; i++)
		if (causal->name[did->frames.at[i]] != bulk->pfns.at[i])
			return false;
	return true;
}

void spill_set(struct causal *causal, struct causal_slot *slot, bool learned)
{
	unsigned touched = 0;

	if (is_as_recorded(causal))
		return;
	put_back(causal, &touched, slot);
	take_recorded(causal, &touched, slot);
	for (int list = 0; list < CAUSAL_LISTS; list++)
		if (touched & (1u << list))
			list_set(causal, slot, list);
	causal->run->adjusted.lists_learned += touched && learned;
	causal->run->adjusted.lists_set += touched && !learned;
}
