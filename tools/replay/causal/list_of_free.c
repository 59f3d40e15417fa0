/* SPDX-License-Identifier: MIT */
/*
 * Which list a freed page enters: that of its pageblock's type, as far as earlier
 * lines have shown it. A block's type is shown by pages of it that left the buddy,
 * were drained, or were allocated, and by a fallback. A page that fallback took
 * without its block shows nothing of the block's type later on. Of a block of
 * which nothing is known: the type that the page was allocated with, else movable;
 * such a free is a guess, and has no REPLAY_EV_MT_SURE.
 *
 * This depends on the lines alone, not on what is simulated, so it is done once.
 */
#include "causal_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_PAGES (1u << PCPMM_PAGEBLOCK_ORDER)
#define NO_TYPE 0xff

struct types {
	enum pcpmm_list_rules rules;
	uint64_t end;
	uint8_t *block; /* [pfn >> 9] */
	uint8_t *
		own; /* [pfn]: of its last allocation; later: of its next line */
	uint8_t *alone; /* bit per pfn: taken without its block */
};

static bool is_alone(const struct types *types, uint32_t pfn)
{
	return types->alone[pfn / 8] & (1u << (pfn % 8));
}

static void learn(struct types *types, uint32_t pfn, unsigned type)
{
	if (type < PCPMM_MIGRATE_PCPTYPES && !is_alone(types, pfn))
		types->block[pfn >> PCPMM_PAGEBLOCK_ORDER] = (uint8_t)type;
}

static void fell_back(struct types *types, const struct replay_event *event)
{
	uint32_t size = 1u << (event->arg & REPLAY_EXTFRAG_ORDER_MASK);
	uint32_t first = event->pfn, end = first + size;
	bool owns = event->arg & REPLAY_EXTFRAG_OWNS;
	int type = owns ? event->mt
			: pcpmm_pcp_listed_as(types->rules, event->gfp);

	if (end > types->end || type < 0 || type >= PCPMM_MIGRATE_PCPTYPES)
		return;
	for (uint32_t pfn = first; !owns && pfn < end; pfn++)
		types->alone[pfn / 8] |= (uint8_t)(1u << (pfn % 8));
	for (uint32_t pfn = first; pfn < end; pfn += BLOCK_PAGES)
		types->block[pfn >> PCPMM_PAGEBLOCK_ORDER] = (uint8_t)type;
}

static unsigned type_of(const struct types *types, uint32_t pfn)
{
	unsigned type = types->block[pfn >> PCPMM_PAGEBLOCK_ORDER];

	if (type == NO_TYPE)
		type = types->own[pfn];
	return type < PCPMM_MIGRATE_PCPTYPES ? type : PCPMM_MIGRATE_MOVABLE;
}

static void forward(struct types *types, struct replay_event *event)
{
	switch (event->kind) {
	case REPLAY_EV_ALLOC:
		types->own[event->pfn] = event->mt;
		if (types->block[event->pfn >> PCPMM_PAGEBLOCK_ORDER] ==
			NO_TYPE)
			learn(types, event->pfn, event->mt);
		break;
	case REPLAY_EV_LOCKED:
	case REPLAY_EV_DRAINED:
		learn(types, event->pfn, event->mt);
		break;
	case REPLAY_EV_EXTFRAG:
		fell_back(types, event);
		break;
	case REPLAY_EV_FREE:
		event->mt = (uint8_t)type_of(types, event->pfn);
		if (types->block[event->pfn >> PCPMM_PAGEBLOCK_ORDER] !=
			NO_TYPE)
			event->flags |= REPLAY_EV_MT_SURE;
		break;
	default:
		break;
	}
}

/* The page's next line shows the list that it was on. */
static void backward(struct types *types, const struct replay_event *event,
	struct causal_rate *score)
{
	uint8_t *next = &types->own[event->pfn];
	int list, truth = *next == NO_TYPE ? -1 : *next;

	switch (event->kind) {
	case REPLAY_EV_ALLOC:
	case REPLAY_EV_DRAINED:
		list = event->mt == REPLAY_NO_MT
			       ? -1
			       : pcpmm_pcp_list_of(types->rules,
					 (unsigned)event->order, event->mt);
		*next = list < 0 ? NO_TYPE : (uint8_t)list;
		break;
	case REPLAY_EV_FREE:
		list = pcpmm_pcp_list_of(
			types->rules, (unsigned)event->order, event->mt);
		if (truth >= 0 && list >= 0 &&
			!(event->flags & REPLAY_EV_DIRECT)) {
			score->n++;
			score->right += list == truth;
		}
		*next = NO_TYPE;
		break;
	case REPLAY_EV_LOCKED:
		*next = NO_TYPE;
		break;
	default:
		break;
	}
}

static bool names_a_page(const struct replay_event *event, uint64_t end)
{
	return event->kind >= REPLAY_EV_ALLOC &&
	       event->kind <= REPLAY_EV_EXTFRAG && event->pfn < end;
}

int causal_lists_of_frees(struct replay_event *events, size_t nr, uint64_t end,
	enum pcpmm_list_rules rules, struct causal_rate *score)
{
	struct types types = {
		.rules = rules,
		.end = end,
		.block = malloc((end >> PCPMM_PAGEBLOCK_ORDER) + 1),
		.own = malloc(end),
		.alone = calloc(end / 8 + 1, 1),
	};
	int ret = types.block && types.own && types.alone ? 0 : -ENOMEM;

	*score = (struct causal_rate){0};
	if (!ret) {
		memset(types.block, NO_TYPE,
			(end >> PCPMM_PAGEBLOCK_ORDER) + 1);
		memset(types.own, NO_TYPE, end);
		for (size_t i = 0; i < nr; i++)
			if (names_a_page(&events[i], end))
				forward(&types, &events[i]);
		memset(types.own, NO_TYPE, end);
		for (size_t i = nr; i-- > 0;)
			if (names_a_page(&events[i], end))
				backward(&types, &events[i], score);
	}
	free(types.block);
	free(types.own);
	free(types.alone);
	return ret;
}
