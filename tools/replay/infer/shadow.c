/* SPDX-License-Identifier: MIT */
/*
 * The per-CPU lists as the trace shows them, page by page.
 *
 * On the first walk a list begins empty but `open`: a page that leaves it
 * without having entered it was there before. The list closes when a refill
 * or a drain proves that no older page is left.
 */
#include <string.h>

#include "../read/grow.h"
#include "infer_internal.h"

void shadow_reset(struct infer *infer, bool open)
{
	struct shadow_slot *slot;

	for (size_t i = 0; i < infer->nr_slots; i++) {
		slot = &infer->slots[i];
		slot->count = 0;
		slot->free_factor = factor_at_start(slot);
		slot->high_asked = -1;
		slot->called = 0;
		for (int l = 0; l < REPLAY_LISTS; l++) {
			slot->list[l] = (struct shadow_list){
				.head = REPLAY_NO_PFN,
				.tail = REPLAY_NO_PFN,
				.open = open,
			};
		}
	}
	for (unsigned i = 0; i < infer->trace->cpus; i++) {
		memset(&infer->cpus[i], 0, sizeof(infer->cpus[i]));
		infer->cpus[i].last_free = REPLAY_NO_OP;
		infer->cpus[i].drain_op = REPLAY_NO_OP;
		memset(infer->cpus[i].waiting, 0xff,
			sizeof(infer->cpus[i].waiting));
		infer->cpus[i].bulk = INFER_NONE;
		infer->cpus[i].refill_obs = INFER_NONE;
		infer->cpus[i].refill_event = INFER_NONE;
		infer->cpus[i].drain_obs = INFER_NONE;
		infer->cpus[i].drain_slot = INFER_NONE;
		infer->cpus[i].drain_turn = REPLAY_NO_OP;
		infer->cpus[i].refill_list = -1;
		infer->cpus[i].drain_cpu = REPLAY_NO_CPU;
		infer->cpus[i].home_zone = REPLAY_NO_ZONE;
	}
}

void shadow_count(struct infer *infer, uint32_t slot, int32_t pages)
{
	infer->slots[slot].count += pages;
	infer->slots[slot].touched |= pages != 0;
	infer->slots[slot].freed = false;
	if (!infer->logging)
		return;
	if (GROW(infer->log, infer->nr_log, infer->log_cap)) {
		infer->no_memory = true;
		return;
	}
	infer->log[infer->nr_log++] = (struct infer_log){
		.slot = slot,
		.count = infer->slots[slot].count,
	};
}

void shadow_remove(struct infer *infer, struct page_info *page)
{
	struct shadow_list *from = &infer->slots[page->slot].list[page->list];

	if (page->prev != REPLAY_NO_PFN)
		pfnmap_find(&infer->pages, page->prev)->next = page->next;
	else
		from->head = page->next;
	if (page->next != REPLAY_NO_PFN)
		pfnmap_find(&infer->pages, page->next)->prev = page->prev;
	else
		from->tail = page->prev;
	from->blocks--;
	page->place = PAGE_HELD;
	shadow_count(infer, page->slot, -(1 << page->order));
}

void shadow_push(struct infer *infer, uint32_t slot, int list, uint32_t pfn,
	bool at_tail, uint32_t next)
{
	struct shadow_list *to = &infer->slots[slot].list[list];
	struct page_info *page = pfnmap_get(&infer->pages, pfn);

	if (!page) {
		infer->no_memory = true;
		return;
	}
	/* Broken traces only: a page cannot be on two lists. */
	if (page->place == PAGE_PCP)
		shadow_remove(infer, page);
	page->place = PAGE_PCP;
	page->fate = (uint8_t)infer_fate(infer, next);
	page->event = next;
	page->slot = slot;
	page->list = (uint8_t)list;
	page->order = (int8_t)replay_list_order(list);
	page->prev = at_tail ? to->tail : REPLAY_NO_PFN;
	page->next = at_tail ? REPLAY_NO_PFN : to->head;
	if (page->prev != REPLAY_NO_PFN)
		pfnmap_find(&infer->pages, page->prev)->next = pfn;
	else
		to->head = pfn;
	if (page->next != REPLAY_NO_PFN)
		pfnmap_find(&infer->pages, page->next)->prev = pfn;
	else
		to->tail = pfn;
	to->blocks++;
	shadow_count(infer, slot, 1 << page->order);
}

/* Whether this page is taken off its list without an event. */
bool shadow_taken_unseen(const struct page_info *page)
{
	return page->fate == FATE_FREE || page->fate == FATE_NONE;
}
