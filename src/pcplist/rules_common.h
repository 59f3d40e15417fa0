/* SPDX-License-Identifier: MIT */
/* What several kernels' list rules have in common. */
#ifndef PCPLIST_RULES_COMMON_H
#define PCPLIST_RULES_COMMON_H

#include "arch/bits.h"
#include "pcplist/rules.h"
#include "pcplist/rules_tuned.h"
#include "pcplist/sizing.h"

/* free_unref_page(): the type whose list a block type is on; -1: ISOLATE. */
int pcp_listed_as(unsigned int block_type);

/* --- orders 0 to 3 and 9: from 6.1 ---------------------------------------- */

int pcp_list_to_order_3(unsigned int order, unsigned int type);
unsigned int pcp_list_order_to_3(unsigned int list);
unsigned int pcp_list_type_to_3(unsigned int list);

#define PCP_LISTS_TO_ORDER_3                                                   \
	.nr_lists = PCPMM_NR_PCP_LISTS, .list_of = pcp_list_to_order_3,        \
	.list_order = pcp_list_order_to_3, .list_type = pcp_list_type_to_3,    \
	.listed_as = pcp_listed_as

/* --- a bulk free that empties list by list: from 5.18 ---------------------- */

/* free_pcppages_bulk(): drains begin with list 0. */
void pcp_turn_begin_at(struct pcpmm_pcp_turn *turn, int freed);
void pcp_turn_next_list(
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages);
/* drain_pages_zone(), 6.1.192 and from 6.10; 6.1.0 freed all in one hold. */
int pcp_drain_chunk(int batch);

#define PCP_LIST_AT_A_TIME                                                     \
	.turn_begin = pcp_turn_begin_at, .turn_next = pcp_turn_next_list,      \
	.drain_chunk = pcp_drain_chunk

/* --- a high that floats: from 6.7 (Huang Ying) ------------------------------ */

void pcp_tuned_alloc(struct pcpmm_pcp_state *state);
int pcp_tuned_refill(struct pcpmm_pcp_state *state, int count,
	unsigned int order, unsigned int flags);
int pcp_tuned_spill_at(const struct pcpmm_pcp_state *state, int count,
	unsigned int flags, bool free_high);
/* @free_high: the kernel's rule of that name. */
int pcp_tuned_free(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags,
	bool (*free_high)(const struct pcpmm_pcp_state *, int, unsigned int));
/* The rule, with the free_count from which on it holds. */
bool pcp_tuned_free_high(const struct pcpmm_pcp_state *state, int count,
	unsigned int order, int least);
struct pcp_decay pcp_tuned_decay(struct pcpmm_pcp_state *state, int count);
void pcp_tuned_size(const struct pcp_size_in *in, struct pcp_size *size);

#define PCP_TUNED                                                              \
	.each_free = true, .tuned = true, .alloc = pcp_tuned_alloc,            \
	.refill = pcp_tuned_refill, .spill_at = pcp_tuned_spill_at,            \
	.decay = pcp_tuned_decay, .size = pcp_tuned_size

#endif
