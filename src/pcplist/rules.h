/* SPDX-License-Identifier: MIT */
/*
 * The rules of the per-CPU lists: pure functions of small numbers, one table and
 * one file for each kernel. The lists and programs (pcpmm/rules.h) use the same
 * tables.
 *
 * Units: pages, unless blocks are named. Callers stay within the ranges that
 * pcpmm/rules.h gives. @flags: zone flags, of which only
 * PCPMM_ZONE_RECLAIM_ACTIVE and PCPMM_ZONE_BELOW_HIGH count.
 *
 * The owner's hot path does not use the table: core.h inlines what all kernels
 * have in common, and calls the table when a list is empty, or where a free may
 * spill.
 */
#ifndef PCPLIST_RULES_H
#define PCPLIST_RULES_H

#include <pcpmm/rules.h>

/* From what a zone's lists are sized. */
struct pcp_size_in {
	uint64_t managed;
	uint64_t low; /* the low watermark, with boost */
	unsigned int
		fraction; /* percpu_pagelist_(high_)fraction; 0: automatic */
	unsigned int cpus; /* that share it: pcp_high_cpus() */
};

/* What each CPU's lists of a zone get. */
struct pcp_size {
	int batch;
	int high; /* from 6.7: unused */
	int high_min, high_max; /* to 6.6: high */
};

struct pcp_decay {
	int pages; /* to give back now */
	bool todo; /* the fold has changed something */
};

struct pcp_rules {
	const char *name;
	unsigned int nr_lists; /* at most PCPMM_NR_PCP_LISTS */
	/* Each free asks the table: a free may change more than free_factor. */
	bool each_free;
	/* high floats, and the zone has PCPMM_ZONE_BELOW_HIGH. */
	bool tuned;
	/* A high-atomic request does not refill an empty list. */
	bool keeps_reserve;

	/* The list of an order and a requested type; -1: there is none. */
	int (*list_of)(unsigned int order, unsigned int type);
	/* Order and type of a list < nr_lists. */
	unsigned int (*list_order)(unsigned int list);
	unsigned int (*list_type)(unsigned int list);
	/* The type as which pages of a block type are listed; -1: never. */
	int (*listed_as)(unsigned int block_type);

	/* See the functions of these names in pcpmm/rules.h. */
	void (*alloc)(struct pcpmm_pcp_state *state);
	int (*refill)(struct pcpmm_pcp_state *state, int count,
		unsigned int order, unsigned int flags);
	int (*free)(struct pcpmm_pcp_state *state, int count,
		unsigned int order, unsigned int flags);
	bool (*free_high)(const struct pcpmm_pcp_state *state, int count,
		unsigned int order);
	int (*spill_at)(const struct pcpmm_pcp_state *state, int count,
		unsigned int flags, bool free_high);
	struct pcp_decay (*decay)(struct pcpmm_pcp_state *state, int count);
	void (*turn_begin)(struct pcpmm_pcp_turn *turn, int freed);
	void (*turn_next)(
		struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages);
	int (*drain_chunk)(int batch);
	void (*size)(const struct pcp_size_in *in, struct pcp_size *size);
};

extern const struct pcp_rules pcp_rules_5_10;
extern const struct pcp_rules pcp_rules_6_1;
extern const struct pcp_rules pcp_rules_6_12;
extern const struct pcp_rules pcp_rules_6_18;
extern const struct pcp_rules pcp_rules_7_3;

/* Rules of a value of axis list_rules; NULL: there is no such value. */
const struct pcp_rules *pcp_rules_of(unsigned int list_rules);

#endif
