/* SPDX-License-Identifier: MIT */
/*
 * A request for pages: one struct that is handed down, so that the kernel's
 * dozen arguments have names.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "machine/machine.h"

struct request {
	uint32_t gfp;
	unsigned int order;
	unsigned int type;
	unsigned int highest_zoneidx;
	unsigned int alloc_flags;
	enum zone_mark mark;
	struct zone **first; /* zonelist from the preferred zone on */
	struct zone **zonelist; /* where the next pass begins */
	struct zone *preferred; /* first zone of its list that may serve */
	bool direct; /* recorded: the list was passed by */
};

/* From the first zone above the mark (page_alloc.c). */
struct pcpmm_page *request_from_freelist(
	struct pcpmm_cpu *cpu, struct request *request);
/* No zone is above its low mark (slowpath.c). */
struct pcpmm_page *request_slowpath(
	struct pcpmm_cpu *cpu, struct request *request);

#endif
