/* SPDX-License-Identifier: MIT */
/*
 * What the lists held when the trace began.
 *
 * The first walk found the pages that left a list without having entered
 * it: those taken at the head in their order, those drained at the tail in
 * theirs. The first known count of a list tells how many more there were: a
 * free_bulk probe's pcp->count, else zoneinfo's. The recorder reads zoneinfo
 * inside the trace window, so its moment is the one, between the marks of the
 * snapshot, at which most counts agree.
 *
 * The pages that are still missing never left, so they lie at the bottom of
 * lists that never ran empty. It makes no difference which list that is: they
 * are put on the first such list of order 0 (MOVABLE first).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../read/grow.h"
#include "infer_internal.h"

struct initial {
	struct infer *infer;
	int32_t *seen; /* pages by slot */
	int32_t *at_snapshot; /* net change by slot, up to the snapshot */
};

static int32_t initial_zoneinfo(const struct infer *infer, uint32_t slot)
{
	const struct replay_input *in = infer->in;

	for (size_t i = 0; i < in->nr_pcps; i++) {
		if (infer_slot_index(
			    infer, in->pcps[i].cpu, in->pcps[i].zone) == slot)
			return in->pcps[i].count;
	}
	return -1;
}

/*
 * The count at the start as the trace alone tells it, or -1. Where all
 * order-0 lists ran empty, the pages seen are most likely all there were.
 */
static int32_t initial_from_trace(const struct initial *initial, size_t slot)
{
	const struct shadow_slot *of = &initial->infer->slots[slot];

	if (of->counted)
		return of->count_first;
	if (of->touched && !of->list[0].open && !of->list[1].open &&
		!of->list[2].open)
		return initial->seen[slot];
	return -1;
}

/*
 * Walks the log of counts; keeps the net counts of the moment at which
 * zoneinfo agrees with the most slots whose start is known.
 */
static int initial_find_snapshot(struct initial *initial)
{
	struct infer *infer = initial->infer;
	size_t n = infer->nr_slots, good = 0, best = 0;
	int32_t *count = calloc(n, sizeof(*count));
	int32_t *told = calloc(n, sizeof(*told));
	bool first = true;

	if (!count || !told) {
		free(count);
		free(told);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		int32_t start = initial_from_trace(initial, i);

		told[i] = initial_zoneinfo(infer, (uint32_t)i);
		told[i] =
			told[i] < 0 || start < 0 ? INT32_MIN : told[i] - start;
		good += told[i] == 0;
	}
	best = infer->nr_log ? 0 : good;
	for (size_t i = 0; i < infer->nr_log; i++) {
		uint32_t slot = infer->log[i].slot;

		good -= told[slot] == count[slot];
		count[slot] = infer->log[i].count;
		good += told[slot] == count[slot];
		if (i + 1 < n)
			continue;
		if (first || good > best) {
			best = good;
			memcpy(initial->at_snapshot, count, n * sizeof(*count));
		}
		first = false;
	}
	infer->out->stats.snapshot_exact = (uint32_t)best;
	for (size_t i = 0; i < n; i++)
		infer->out->stats.snapshot_checked += told[i] != INT32_MIN;
	free(count);
	free(told);
	return 0;
}

/* Pages on all lists of the slot at the start, as well as it is known. */
static int32_t initial_count(const struct initial *initial, uint32_t slot)
{
	int32_t count = initial->seen[slot];
	int32_t told = initial_zoneinfo(initial->infer, slot);

	if (told >= 0)
		told -= initial->at_snapshot[slot];
	/*
	 * The probe's count is sure, and so is its moment; zoneinfo's moment
	 * is a guess. Bulk allocations that have not been noticed yet make
	 * both too small, never too large.
	 */
	if (initial_from_trace(initial, slot) >= 0)
		told = initial_from_trace(initial, slot);
	return told > count ? told : count;
}

bool initial_add(struct infer *infer, struct init_page page)
{
	if (GROW(infer->inits, infer->nr_inits, infer->inits_cap)) {
		infer->no_memory = true;
		return false;
	}
	infer->inits[infer->nr_inits++] = page;
	return true;
}

bool initial_add_unseen(
	struct infer *infer, uint32_t slot, int list, unsigned fate)
{
	return initial_add(
		infer, (struct init_page){
			       .slot = slot,
			       .pfn = INFER_MADE_UP + infer->made_up++,
			       .next = INFER_NONE,
			       .list = (uint8_t)list,
			       .fate = (uint8_t)fate,
		       });
}

/* A list that was never empty, with blocks of at most `pages` pages. */
static int initial_bottom(const struct shadow_slot *slot, int32_t pages)
{
	static const uint8_t preferred[] = {
		1, 0, 2, 4, 3, 5, 7, 6, 8, 10, 9, 11};
	int list;

	for (size_t i = 0; i < sizeof(preferred); i++) {
		list = preferred[i];
		if (slot->list[list].open &&
			pages >= 1 << replay_list_order(list))
			return list;
	}
	return -1;
}

static void initial_unseen(struct initial *initial, uint32_t slot)
{
	struct infer *infer = initial->infer;
	int32_t missing = initial_count(initial, slot) - initial->seen[slot];
	int list;

	/* Pages that fit nowhere are an error of the estimate. */
	while (missing > 0 && !infer->no_memory) {
		list = initial_bottom(&infer->slots[slot], missing);
		if (list < 0)
			return;
		/* FATE_LOCKED: the page never leaves. */
		if (!initial_add_unseen(infer, slot, list, FATE_LOCKED))
			return;
		missing -= 1 << replay_list_order(list);
		infer->out->stats.init_unseen++;
	}
}

/* Head part in order, then the unseen, then the tail part backwards. */
static void initial_order(struct infer *infer, size_t *from,
	struct replay_init *init, uint32_t slot)
{
	struct replay_result *out = infer->out;
	size_t begin = *from, end = begin;

	while (end < infer->nr_inits && infer->inits[end].slot == slot)
		end++;
	for (int list = 0; list < REPLAY_LISTS; list++) {
		init->first[list] = (uint32_t)out->nr_init_pfns;
		for (int part = 0; part < 3; part++) {
			for (size_t k = 0; k < end - begin; k++) {
				const struct init_page *page =
					part == 2 ? &infer->inits[end - 1 - k]
						  : &infer->inits[begin + k];
				int of = page->fate == FATE_DRAINED  ? 2
					 : page->fate == FATE_LOCKED ? 1
								     : 0;

				if (page->list != list || of != part)
					continue;
				out->init_pfns[out->nr_init_pfns++] = page->pfn;
				init->count += 1 << replay_list_order(list);
				init->unseen += part == 1;
				shadow_push(infer, slot, list, page->pfn, true,
					page->next);
			}
		}
	}
	init->first[REPLAY_LISTS] = (uint32_t)out->nr_init_pfns;
	*from = end;
}

static int initial_by_slot(const void *a, const void *b)
{
	const struct init_page *const *x = a, *const *y = b;

	if ((*x)->slot != (*y)->slot)
		return (*x)->slot < (*y)->slot ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* Sorts by slot and keeps the order within: that is the order in time. */
static int initial_sort(struct infer *infer)
{
	struct init_page **order, *sorted;
	size_t n = infer->nr_inits;

	if (!n)
		return 0;
	order = malloc(n * sizeof(*order));
	sorted = malloc(n * sizeof(*sorted));
	if (!order || !sorted) {
		free(order);
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		order[i] = &infer->inits[i];
	qsort(order, n, sizeof(*order), initial_by_slot);
	for (size_t i = 0; i < n; i++)
		sorted[i] = *order[i];
	free(order);
	free(infer->inits);
	infer->inits = sorted;
	infer->inits_cap = n;
	return 0;
}

static bool initial_wanted(const struct infer *infer, uint32_t slot)
{
	return infer->slots[slot].touched || initial_zoneinfo(infer, slot) >= 0;
}

/* Sets up the second walk's lists and writes them to the result. */
static int initial_preload(struct infer *infer)
{
	struct replay_result *out = infer->out;
	struct replay_init *init;
	size_t from = 0;

	out->init = calloc(infer->nr_slots, sizeof(*out->init));
	out->init_pfns = calloc(infer->nr_inits + 1, sizeof(*out->init_pfns));
	if (!out->init || !out->init_pfns)
		return -ENOMEM;
	shadow_reset(infer, false);
	pfnmap_clear(&infer->pages);
	for (uint32_t slot = 0; slot < infer->nr_slots; slot++) {
		if (!initial_wanted(infer, slot))
			continue;
		init = &out->init[out->nr_init++];
		init->cpu = (uint16_t)(slot / out->nr_zones);
		init->zone = (uint16_t)(slot % out->nr_zones);
		init->high = infer->slots[slot].high;
		init->batch = infer->slots[slot].batch;
		init->free_factor = infer->slots[slot].free_factor;
		factor_count(infer, &infer->slots[slot]);
		initial_order(infer, &from, init, slot);
		out->stats.init_pages += (uint32_t)init->count;
	}
	for (size_t i = 0; i < out->nr_init_pfns; i++) {
		if (out->init_pfns[i] >= INFER_MADE_UP)
			out->init_pfns[i] = REPLAY_NO_PFN;
	}
	return 0;
}

static int initial_held(struct infer *infer)
{
	struct replay_result *out = infer->out;
	struct page_info *page;

	for (size_t i = 0; i < out->nr_held; i++) {
		page = pfnmap_get(&infer->pages, out->held[i].pfn);
		if (!page)
			return -ENOMEM;
		if (page->place == PAGE_PCP)
			shadow_remove(infer, page);
		page->place = PAGE_HELD;
		page->order = out->held[i].order;
		page->before = 1;
		out->stats.held_pages += 1u << page->order;
	}
	return 0;
}

static int initial_counts(struct infer *infer)
{
	struct initial initial = {.infer = infer};
	int ret = -ENOMEM;

	initial.seen = calloc(infer->nr_slots, sizeof(int32_t));
	initial.at_snapshot = calloc(infer->nr_slots, sizeof(int32_t));
	if (initial.seen && initial.at_snapshot) {
		for (size_t i = 0; i < infer->nr_inits; i++)
			initial.seen[infer->inits[i].slot] +=
				1 << replay_list_order(infer->inits[i].list);
		ret = initial_find_snapshot(&initial);
	}
	if (!ret) {
		for (uint32_t i = 0; i < infer->nr_slots; i++)
			initial_unseen(&initial, i);
	}
	free(initial.seen);
	free(initial.at_snapshot);
	return ret;
}

int infer_initial(struct infer *infer)
{
	int ret = initial_counts(infer);

	if (!ret)
		ret = initial_sort(infer);
	if (!ret)
		ret = initial_preload(infer);
	if (!ret)
		ret = initial_held(infer);
	return infer->no_memory ? -ENOMEM : ret;
}
