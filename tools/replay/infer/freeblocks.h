/* SPDX-License-Identifier: MIT */
/* Shared by the files that find the free blocks of the start. */
#ifndef REPLAY_FREEBLOCKS_H
#define REPLAY_FREEBLOCKS_H

#include "infer_internal.h"

/* page_info.place in this pass */
enum free_mark { FREE_UNKNOWN, FREE_NOT, FREE_YES };

struct free_block {
	struct replay_buddy buddy;
	uint32_t turn; /* of its first use */
};

/*
 * Makes blocks as large as the recorded state says. @blocks are sorted by pfn, and are
 * afterwards; the number of blocks, which may be smaller. @infer has the marks.
 */
size_t free_grow(struct infer *infer, struct free_block *blocks, size_t nr);

/* With the file kpageflags: all blocks, to be freed, in no order. How many. */
size_t free_by_file(struct infer *infer, struct free_block **blocks);

#endif
