/* SPDX-License-Identifier: MIT */
/* Refills: the frames they bring, and whether they were predicted. */
#include "causal_internal.h"

#include <stdlib.h>

/*
 * @frame is to stand for @pfn. If the buddy has a frame of that name, the two
 * exchange their names: which frames a refill brings is scored and then given, in
 * both runs.
 */
static void exchange(struct causal *causal, uint32_t frame, uint32_t pfn)
{
	uint32_t other = names_frame(causal, pfn);
	uint32_t old = causal->name[frame];
	struct pcpmm_page_info info;
	bool free;

	if (other == frame)
		return;
	names_bind(causal, frame, pfn, 0);
	if (other == NO_FRAME)
		return;
	free = !pcpmm_page_inspect(causal->machine, other, &info) &&
	       info.state == PCPMM_PAGE_BUDDY;
	if (free && old != NO_NAME && causal->frame[old] == NO_FRAME)
		names_bind(causal, other, old, 0);
	else if (free || causal->step)
		causal->name[other] = NO_NAME;
}

/* Of the @nr frames from @frame on all are free, or have just come to a list. */
static bool is_fresh(
	const struct causal *causal, uint32_t frame, uint32_t home, uint32_t nr)
{
	struct pcpmm_page_info info;

	for (uint32_t i = 0; i < nr; i++) {
		if (frame + i >= causal->end ||
			causal->name[frame + i] != causal->name[frame] + i ||
			pcpmm_page_inspect(causal->machine, frame + i, &info))
			return false;
		if (info.state != PCPMM_PAGE_BUDDY &&
			(!i ? causal->home[frame] != home
			    : info.state != PCPMM_PAGE_PCP))
			return false;
	}
	return true;
}

/*
 * No file tells which block of a list comes first. The buddy broke up another free
 * block, of the same size, than the one that @pfn shows: the two exchange their names
 * as a whole. Without places there are no blocks to be exchanged.
 */
static void exchange_whole(
	struct causal *causal, uint32_t frame, uint32_t home, uint32_t pfn)
{
	uint32_t other = names_frame(causal, pfn), size;
	uint32_t was = causal->name[frame];
	struct pcpmm_page_info info;

	if (!causal->free || was == NO_NAME || was == pfn ||
		other == NO_FRAME ||
		pcpmm_page_inspect(causal->machine, other, &info) ||
		info.state != PCPMM_PAGE_BUDDY)
		return;
	size = 1u << info.order;
	if ((frame | other) & (size - 1) || !is_fresh(causal, other, 0, size) ||
		!is_fresh(causal, frame, home, size))
		return;
	names_bind(causal, frame, pfn, info.order);
	names_bind(causal, other, was, info.order);
	causal->run->adjusted.blocks_exchanged++;
}

static void exchange_block(
	struct causal *causal, uint32_t frame, uint32_t pfn, unsigned order)
{
	for (uint32_t i = 0; i < 1u << order; i++)
		if (frame + i < causal->end && pfn + i < causal->end)
			exchange(causal, frame + i, pfn + i);
}

void refill_name(struct causal *causal, const struct causal_slot *slot,
	int list, const uint32_t *frames, unsigned nr,
	const struct causal_refill *recorded)
{
	struct causal_rate *rate = &causal->run->score.pfn_refill;
	unsigned order = list_order(causal, list);

	for (unsigned i = 0; i < nr; i++) {
		causal->home[frames[i]] = list_home(causal, slot, list);
		guess_refilled(causal, causal->name[frames[i]]);
		if (!recorded || i >= recorded->pfns.nr)
			continue;
		if (causal->name[frames[i]] == NO_NAME ||
			score_is_taken_back(causal, recorded->line)) {
			causal->run->adjusted.refill_blocks_given++;
		} else {
			rate->n++;
			rate->right +=
				causal->name[frames[i]] == recorded->pfns.at[i];
		}
		exchange_whole(causal, frames[i], causal->home[frames[i]],
			recorded->pfns.at[i]);
		exchange_block(causal, frames[i], recorded->pfns.at[i], order);
	}
}

void refill_follow(struct causal *causal, struct causal_slot *slot,
	unsigned order, const struct causal_refill *recorded)
{
	int32_t count = recorded->printed.count;
	bool known = slot->state_known;

	if (count < 0 || (!causal->step && known && slot->count_known))
		return;
	if ((causal->step || !known) &&
		pageset_follow(causal, slot, &recorded->printed) && known)
		causal->run->adjusted.states++;
	/* One block of it is allocated already. */
	count += ((int32_t)recorded->pfns.nr - 1) * (1 << order);
	if (causal->step || !slot->count_known)
		unknown_set_count(causal, slot, count);
	slot->count_known = true;
}

void refill_score(struct causal *causal, uint32_t line,
	const struct causal_slot *slot, int list, long got,
	const struct causal_refill *recorded)
{
	struct causal_calls *calls = &causal->run->score.refill;
	unsigned order = list_order(causal, list);
	long blocks = recorded ? (long)recorded->pfns.nr : -1;

	if (!recorded && got < 0)
		return;
	if (!(slot->known & (1u << list))) {
		causal->run->unknown.refills += recorded != NULL;
		causal->run->adjusted.fitted_refills += recorded != NULL;
		return;
	}
	calls->recorded += recorded != NULL;
	calls->falsely += !recorded;
	if (recorded && got >= 0) {
		calls->predicted++;
		calls->pages += (uint64_t)blocks << order;
		calls->off_pages += (uint64_t)labs(blocks - got) << order;
	}
	score_log(causal, line, "refill", slot, got, blocks);
}
