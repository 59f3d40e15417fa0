/* SPDX-License-Identifier: MIT */
/*
 * Which blocks were free at the start, where the state has the file kpageflags: those
 * of the file, corrected by what the lines show. Their places and sizes are known; the
 * order of first use is the order of their lists, and those that were never used lie
 * behind, in the order of their frames.
 */
#include <stdlib.h>
#include <string.h>

#include "freeblocks.h"
#include "freeframes.h"

/* What a line or a list shows of a page; the file has all other pages. */
static void free_correct(struct infer *infer, struct record_frames *frames)
{
	const struct pfnmap *pages = &infer->pages;

	for (size_t i = 0; i < pages->nr_leaves; i++) {
		const struct page_leaf *leaf = pages->leaves[i];

		for (uint32_t k = 0; k < PFNMAP_LEAF; k++) {
			uint32_t pfn = (leaf->number << PFNMAP_LEAF_SHIFT) + k;
			unsigned place = leaf->page[k].place;

			if (pfn >= frames->end || place == FREE_UNKNOWN)
				continue;
			if (place == FREE_YES) {
				record_frames_set_free(frames, pfn);
				continue;
			}
			infer->out->disputed +=
				record_frames_is_free(frames, pfn);
			record_frames_set_used(frames, pfn);
		}
	}
}

static void free_describe(struct infer *infer, struct free_block *block)
{
	const struct pfnmap *pages = &infer->pages;
	struct replay_buddy *buddy = &block->buddy;
	const struct page_leaf *leaf =
		pages->top[buddy->pfn >> PFNMAP_LEAF_SHIFT];

	block->turn = UINT32_MAX;
	for (uint32_t i = 0; i < 1u << buddy->order; i++) {
		const struct page_info *page =
			pfnmap_find(pages, buddy->pfn + i);

		if (!page || page->place != FREE_YES)
			continue;
		buddy->unused = false;
		if (page->event < block->turn)
			block->turn = page->event;
	}
	if (leaf && leaf->mt_known)
		buddy->mt = leaf->mt;
	else if (leaf && leaf->guess)
		buddy->mt = (uint8_t)(leaf->guess - 1);
}

static int free_copy(
	struct record_frames *frames, const struct record_frames *from)
{
	int ret = record_frames_init(frames, from->end);

	if (!ret)
		memcpy(frames->free, from->free,
			(size_t)(from->end / 64 + 1) * sizeof(*from->free));
	return ret;
}

size_t free_by_file(struct infer *infer, struct free_block **blocks)
{
	struct replay_result *out = infer->out;
	struct replay_buddy *buddy = NULL;
	struct record_frames frames;
	size_t nr = 0;
	int ret = free_copy(&frames, &infer->in->free->start);

	if (!ret) {
		free_correct(infer, &frames);
		ret = replay_free_blocks(
			&frames, out->zones, out->nr_zones, &buddy, &nr);
	}
	record_frames_fini(&frames);
	*blocks = calloc(nr + 1, sizeof(**blocks));
	if (ret || !*blocks) {
		infer->no_memory = true;
		nr = 0;
	}
	for (size_t i = 0; i < nr; i++) {
		(*blocks)[i].buddy = buddy[i];
		free_describe(infer, &(*blocks)[i]);
	}
	free(buddy);
	out->by_place = true;
	return nr;
}
