/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules by which a trace is inferred: those of the library
 * (pcpmm/rules.h), for the kernel that made the trace.
 */
#ifndef REPLAY_RULES_H
#define REPLAY_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* List of blocks of @order and type @mt; -1: such blocks have none. */
int replay_list_of(int order, unsigned mt);
int replay_list_order(int list);
/* Type asked of a list: of order 9 there are movable and not. */
unsigned replay_list_type(int list);

/*
 * The rest takes high >= 0 and batch >= 1. Numbers that no kernel can have give
 * a refill or a mark that is never reached.
 */
int32_t replay_refill_size(int32_t batch, int order); /* blocks */
int16_t replay_factor_after_alloc(int16_t free_factor);
bool replay_free_high(int order, int16_t free_factor);
/* The count at which a free spills, while kswapd is at work or not. */
int32_t replay_spill_at(int32_t high, int32_t batch, bool reclaim_active);
/* Pages that the spill asks for; *@free_factor becomes the next one. */
int32_t replay_spill_size(int32_t count, int32_t mark, int32_t batch,
	bool free_high, int16_t *free_factor);
/* The list behind @list in a bulk free. */
int replay_bulk_next(int list);
/* Pages that a drain frees at once. */
int32_t replay_drain_chunk(int32_t batch);

#endif
