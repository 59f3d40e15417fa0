/* SPDX-License-Identifier: MIT */
/*
 * The two ways of an allocation and a free:
 *
 *   hot      hot.c, compiled for each guard: nothing is unusual, the list has the
 *            page or can get it; orders 0 to 3 on the CPU's own node
 *   generic  page_alloc.c, page_free.c: everything, all checks, any node
 *
 * A hot path that finds anything else calls the generic one, from the beginning if
 * it has changed nothing yet, else from where it stands (*_unlisted).
 */
#ifndef ALLOC_DOOR_H
#define ALLOC_DOOR_H

#include "machine/machine.h"

/* [guard]: what a machine with that guard has at its door. */
extern const struct pcpmm_door hot_doors[NR_PCP_GUARDS];
/* The same, with free_check = exchange. */
extern const struct pcpmm_door hot_exchange_doors[NR_PCP_GUARDS];

struct pcpmm_page *alloc_generic(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
/* The preferred zone, local, is above its mark, but its list had no page. */
struct pcpmm_page *alloc_unlisted(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);

/*
 * The end of a hot path that an interrupt came into: it is taken now. @page; 0. In
 * other files than the hot paths, so that compilers do not find out what they
 * return, and call them last.
 */
struct pcpmm_page *alloc_interrupted(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page);
int free_interrupted(struct pcpmm_cpu *cpu);

int free_generic(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);
/* The page was checked, but its list could not be entered. 0. */
int free_unlisted(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order);

#endif
