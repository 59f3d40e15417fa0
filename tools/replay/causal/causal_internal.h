/* SPDX-License-Identifier: MIT */
/* What the files of the causal replay share; causal.h has the overview. */
#ifndef REPLAY_CAUSAL_INTERNAL_H
#define REPLAY_CAUSAL_INTERNAL_H

#include "causal.h"

#include "../infer/freeframes.h"

#define CAUSAL_LISTS PCPMM_NR_PCP_LISTS
#define CAUSAL_PENDING 16 /* recorded refills that wait for their allocation */
#define NO_NAME REPLAY_NO_PFN
#define NO_FRAME REPLAY_NO_PFN
/* Of a held frame: it left the list that the other bits say ... */
#define HOME_LATE (1u << 30) /* ... without a line, which may come yet */
#define HOME_BULK (1u << 31) /* ... by a bulk allocation, which names no page */

/* Numbers that grow. */
struct causal_vec {
	uint32_t *at;
	size_t nr, cap;
};

/* What a probe prints of a pageset; -1, UINT64_MAX: not printed. */
struct causal_printed {
	int32_t count, high, batch, high_min, high_max;
	int32_t free_factor, alloc_factor, free_count, flags;
	uint64_t zone_flags;
};

/* A pageset of the machine. */
struct causal_pageset {
	struct pcpmm_pcp_state state;
	int32_t count;
};

/* What is known of one CPU's pageset of one zone. */
struct causal_slot {
	uint16_t cpu, zone;
	uint16_t known; /* bit per list: its content is known as a whole */
	uint16_t used; /* bit per list */
	uint8_t factor_most; /* free_factor is at most this */
	bool state_known; /* what the rules remember of it */
	bool count_known;
	uint16_t late
		[CAUSAL_LISTS]; /* pages that left and whose lines are to come */
	int32_t rest; /* pages of an interrupted bulk free; chunk.c */
	bool rest_is_freed; /* the machine, which is not interrupted, did it */
	uint8_t falsely; /* bulk frees predicted in a row that did not come */
	uint32_t learned_by; /* page whose free told the count first; NO_NAME */
};

/* A refill as recorded. */
struct causal_refill {
	uint16_t zone;
	int8_t list; /* -1: none */
	bool open;
	bool loose; /* no probe, although there are probes */
	uint32_t line;
	struct causal_printed printed; /* after the rules raised it */
	struct causal_vec pfns;
};

struct causal_cpu {
	struct pcpmm_cpu *cpu;
	unsigned int nid;
	struct causal_refill pending[CAUSAL_PENDING]; /* oldest first */
	unsigned int nr_pending;
	struct causal_refill refill; /* the one under way */
	uint32_t locked; /* just out of the buddy without a refill */
	uint32_t last_locked; /* the page of its last zone_locked line */
	uint32_t bulk; /* event of the bulk allocation under way */
	uint32_t bulk_single; /* pages that it got by lines of their own */
	uint16_t drained; /* whose lists this CPU drains */
};

/* A bulk free as recorded. */
struct causal_bulk {
	uint32_t line;
	int32_t n;
	struct causal_printed printed;
	unsigned int pages; /* freed */
	struct causal_vec pfns, lists; /* blocks in their order; 0: none */
};

/* What the machine did in one call. */
struct causal_did {
	bool tried; /* to refill; there may have been nothing */
	unsigned int refills;
	struct {
		int list;
		unsigned int got;
	} refill[8];
	bool spilled;
	int32_t n, count;
	unsigned int pages;
	struct causal_vec frames, lists; /* drained blocks in their order */
};

struct causal {
	const struct replay_causal_options *options;
	const struct replay_trace *trace;
	const struct replay_event *events;
	size_t nr_events;
	const struct replay_zone *zones;
	size_t nr_zones;
	enum pcpmm_list_rules rules;
	const struct replay_free_frames *free; /* NULL: known by number only */
	bool step;
	struct pcpmm_machine *machine;
	struct causal_slot *slots; /* cpu * nr_zones + zone */
	struct causal_cpu *cpus;
	unsigned int nr_cpus;
	uint64_t *untouched; /* per zone: pages in use that have no frame yet */
	uint32_t *cursor; /* zone * PCPMM_NR_ORDERS + order: where to look */
	uint64_t end; /* first frame behind all zones */
	uint32_t *name; /* [frame]: recorded pfn; NO_NAME */
	uint32_t *frame; /* [recorded pfn]: the frame that has its name */
	uint32_t *
		home; /* [frame]: 1 + slot * CAUSAL_LISTS + list, LATE, BULK; 0 */
	uint32_t *freed; /* [recorded pfn]: its last free; guess.c */
	uint8_t *guess; /* [pfn >> 9]: type that guessed frees go by */
	uint8_t *done; /* bit per event: done with an earlier one */
	bool *reclaim; /* per zone: the flag, as simulated */
	bool *awake; /* per zone: its kswapd is, by its lines */
	struct causal_did did;
	struct causal_bulk bulk;
	struct causal_vec frames; /* of the list that was read last */
	struct causal_vec names[CAUSAL_LISTS]; /* lists being edited */
	struct causal_vec taken; /* names that left a list for a holder */
	struct causal_vec *spare; /* per zone: held frames without a name */
	struct causal_run *run;
	bool no_memory;
};

/* --- start.c: the machine at the first line, and its end -------------------- */

int causal_start(struct causal *causal, struct replay_error *err);
void causal_end(struct causal *causal);

/* --- vec.c --------------------------------------------------------------- */

void vec_push(struct causal *causal, struct causal_vec *vec, uint32_t value);
void vec_insert(struct causal *causal, struct causal_vec *vec, size_t at,
	uint32_t value);
void vec_remove(struct causal_vec *vec, size_t at);
/* Index of @value, from the end; -1: it is not there. */
long vec_find(const struct causal_vec *vec, uint32_t value);

/* --- list_of_free.c: which list each free enters ------------------------------ */

/*
 * Sets the mt of each free to the type that earlier lines tell, and scores it with
 * later lines.
 */
int causal_lists_of_frees(struct replay_event *events, size_t nr, uint64_t end,
	enum pcpmm_list_rules rules, struct causal_rate *score);

/* --- names.c: which recorded frame a simulated one stands for ------------------ */

/* @frame and those behind it become @pfn and those behind it. */
void names_bind(
	struct causal *causal, uint32_t frame, uint32_t pfn, unsigned order);
void names_forget(struct causal *causal, uint32_t frame, unsigned order);
/*
 * @frame, just allocated, becomes @pfn. A block that had that name and is held has
 * been given back without a line: it is free again.
 */
void names_take_over(struct causal *causal, struct causal_cpu *cpu,
	uint32_t frame, uint32_t pfn, unsigned order);
/* The frame that has the name @pfn; NO_FRAME. */
uint32_t names_frame(const struct causal *causal, uint32_t pfn);
/*
 * The frame to stand for @pfn, just allocated as @frame, which may have no name: where
 * memory is known by place, the page's own frame, if no line has told of it.
 */
uint32_t names_own(struct causal *causal, uint32_t frame, unsigned zone,
	uint32_t pfn, unsigned order);
/* A held block for @pfn, which the simulation does not hold; NO_FRAME. */
uint32_t names_fresh(struct causal *causal, struct causal_cpu *cpu,
	unsigned zone, uint32_t pfn, unsigned order);
/* One more block at the end of a list, from memory in use; false: there is none. */
bool names_fresh_listed(
	struct causal *causal, const struct causal_slot *slot, int list);

/* --- guess.c: frees into pageblocks of unknown type -------------------------- */

/* What the machine would have done. */
struct guess_prediction {
	uint32_t pfn; /* NO_NAME: not known */
	bool refill;
};

/* The list type that the free, event @at, goes by. */
unsigned guess_type(const struct causal *causal, uint32_t at);
/* That free is on its list. */
void guess_freed(struct causal *causal, uint32_t at);
/* A block is on its list by a refill, which leaves nothing to be guessed. */
void guess_refilled(struct causal *causal, uint32_t pfn);
/*
 * An allocation from @list, which @refilled or not, shows that a guess was wrong:
 * the lists are corrected, and @predicted has what the machine said before.
 */
bool guess_shown(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, int list, bool refilled,
	struct guess_prediction *predicted);

/* --- lists.c: lists read and set by names ----------------------------------- */

static inline unsigned list_order(const struct causal *causal, int list)
{
	return (unsigned)pcpmm_pcp_list_order(causal->rules, list);
}

static inline enum pcpmm_migratetype list_type(
	const struct causal *causal, int list)
{
	return (enum pcpmm_migratetype)pcpmm_pcp_list_type(causal->rules, list);
}

static inline uint32_t list_home(
	const struct causal *causal, const struct causal_slot *slot, int list)
{
	return (uint32_t)(slot - causal->slots) * CAUSAL_LISTS +
	       (uint32_t)list + 1;
}

/* @how: 0, the list that a frame is on; else that it left in this way. false: none. */
static inline bool list_that_was_home(struct causal *causal, uint32_t frame,
	uint32_t how, struct causal_slot **slot, int *list)
{
	uint32_t home = causal->home[frame];

	if (!home || (home & (HOME_LATE | HOME_BULK)) != how)
		return false;
	home &= ~how;
	*slot = &causal->slots[(home - 1) / CAUSAL_LISTS];
	*list = (int)((home - 1) % CAUSAL_LISTS);
	return true;
}

static inline bool list_of_home(struct causal *causal, uint32_t frame,
	struct causal_slot **slot, int *list)
{
	return list_that_was_home(causal, frame, 0, slot, list);
}

unsigned list_length(
	struct causal *causal, const struct causal_slot *slot, int list);
/* The name of the block to be allocated next; false: there is none. */
bool list_top(struct causal *causal, const struct causal_slot *slot, int list,
	uint32_t *pfn);
/* Its frames into causal->frames, the next to be allocated first. */
void list_frames(
	struct causal *causal, const struct causal_slot *slot, int list);
/* Its names into causal->names[list]. */
void list_names(
	struct causal *causal, const struct causal_slot *slot, int list);
/* The list gets the length and the names of causal->names[list]. */
void list_set(struct causal *causal, const struct causal_slot *slot, int list);
void list_clear(
	struct causal *causal, const struct causal_slot *slot, int list);
/*
 * The first @nr blocks become held, taken without a line; the last of them, NO_FRAME:
 * there were less.
 */
uint32_t list_pop(struct causal *causal, const struct causal_slot *slot,
	int list, unsigned nr);
/*
 * As list_set(), but what left, causal->taken, is held and not free: pages that were
 * taken without a line. They keep their names; the nameless are spare.
 */
void list_take(struct causal *causal, const struct causal_slot *slot, int list);
/* The same for @pfn alone; false: it is not on the list. */
bool list_take_one(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t pfn);
void list_take_all(
	struct causal *causal, const struct causal_slot *slot, int list);

/* --- did.c: what the machine did ------------------------------------------- */

void did_collect(struct causal *causal, struct causal_cpu *cpu);
struct pcpmm_choice choice_of(const struct causal *causal, unsigned zone,
	enum pcpmm_migratetype type, bool direct);
static inline struct causal_slot *slot_of(
	const struct causal *causal, unsigned cpu, unsigned zone)
{
	return &causal->slots[cpu * causal->nr_zones + zone];
}
static inline bool is_done(const struct causal *causal, uint32_t at)
{
	return causal->done[at / 8] & (1u << (at % 8));
}
static inline void set_done(struct causal *causal, uint32_t at)
{
	causal->done[at / 8] |= (uint8_t)(1u << (at % 8));
}

/* --- pageset.c: what the machine remembers of a pageset --------------------- */

struct causal_pageset pageset_of(
	const struct causal *causal, const struct causal_slot *slot);
void pageset_set(struct causal *causal, const struct causal_slot *slot,
	const struct pcpmm_pcp_state *state);
uint32_t pageset_zone_flags(
	const struct causal *causal, const struct causal_slot *slot);
/* The count at which a free spills, if it does not empty the lists anyway. */
int32_t pageset_mark(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *pageset);
/* Whether a free spills does not depend on what is not known. */
bool pageset_decides(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *before,
	unsigned order);
/* A free may spill whatever the count. */
bool pageset_may_empty(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *before,
	unsigned order);
void pageset_halved(const struct causal *causal, struct causal_slot *slot);
/* Becomes what was printed; true: that was a change. */
bool pageset_follow(struct causal *causal, struct causal_slot *slot,
	const struct causal_printed *printed);
/* What is printed replaces what @state says. */
void pageset_print(
	struct pcpmm_pcp_state *state, const struct causal_printed *printed);
void printed_from(
	struct causal_printed *printed, const struct replay_probe *probe);
void printed_nothing(struct causal_printed *printed);

/* --- record.c: calls as recorded -------------------------------------------- */

void record_refill_line(struct causal *causal, uint32_t at);
void record_locked_line(struct causal *causal, uint32_t at);
/* A fallback that took a page without a zone_locked line. */
void record_fallback_line(struct causal *causal, uint32_t at);
/* An event of a CPU ends a run of zone_locked lines. */
void record_run_end(struct causal *causal, uint32_t at);
void record_refill_end(struct causal *causal, uint32_t at);
/* The refill that has just ended was a bulk allocation's, which has no line. */
void bulk_unseen(struct causal *causal, struct causal_slot *slot,
	const struct causal_refill *refill);
/* The recorded refill of that list; false: there is none. Then: done with. */
struct causal_refill *record_refill_of(
	struct causal_cpu *cpu, unsigned zone, int list);
void record_refill_drop(struct causal_cpu *cpu, struct causal_refill *refill);
/* causal->bulk: the bulk free that begins with event @at. */
void record_bulk(struct causal *causal, uint32_t at);
/* The event of @cpu that follows @at; the number of events: none. */
uint32_t record_next(const struct causal *causal, uint32_t at);

/* --- one line each ----------------------------------------------------------- */

void alloc_line(struct causal *causal, uint32_t at);
/* The allocation whose refill @cpu has just made; its line may be another CPU's. */
void alloc_of_refill(struct causal *causal, uint32_t at, uint16_t cpu);
void free_line(struct causal *causal, uint32_t at);
void bulk_begin(struct causal *causal, uint32_t at);
void bulk_end(struct causal *causal, uint32_t at);
void drain_line(struct causal *causal, uint32_t at);
void decay_line(struct causal *causal, uint32_t at);

/* The simulated frame; NO_FRAME: the simulation has none. */
uint32_t alloc_frame(struct causal *causal, struct causal_cpu *cpu,
	const struct replay_event *event, const struct pcpmm_choice *choice);

/* --- late.c: allocations whose lines come late, or on another CPU ---------------- */

/* The page had left its list before: nothing is left to be done. */
bool late_line(
	struct causal *causal, const struct replay_event *event, int list);
/* The pageset of another CPU that gave the page; NULL: that of the line's CPU did. */
struct causal_slot *late_elsewhere(struct causal *causal,
	const struct replay_event *event, struct causal_slot *slot, int list);
/*
 * The page is not on top of the list that it is on: those above it have left, or came
 * later. It is on top then. false: it was, or is not on that list.
 */
bool late_above(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list);

/* --- mend.c: a list after a wrong prediction --------------------------------------- */

/*
 * What the machine refilled, @got blocks or -1, against what is recorded, or NULL. The
 * frame that stands for the page then, NO_FRAME: there is none.
 */
uint32_t mend_refill(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, uint32_t frame, long got,
	const struct causal_refill *recorded);
/* The page was on no list: the one that was taken for it is still there. */
void mend_page(struct causal *causal, const struct causal_slot *slot, int list,
	uint32_t frame, uint32_t pfn);

/* --- refill.c: names and scores of refills -------------------------------------- */

/*
 * The frames of a refill get the recorded names: @first and then the list's, or the
 * list's alone (NO_FRAME).
 */
void refill_name(struct causal *causal, const struct causal_slot *slot,
	int list, const uint32_t *frames, unsigned nr,
	const struct causal_refill *recorded);
/* What its probe printed, in step mode or as it was not known. @order: blocks'. */
void refill_follow(struct causal *causal, struct causal_slot *slot,
	unsigned order, const struct causal_refill *recorded);
/* Predicted or not, recorded or not (NULL): scored. */
void refill_score(struct causal *causal, uint32_t line,
	const struct causal_slot *slot, int list, long got,
	const struct causal_refill *recorded);

/* --- spill.c: scores and repairs of bulk frees ------------------------------------ */

/* causal->did against causal->bulk, of which both have happened. */
void spill_score_frames(struct causal *causal, struct causal_slot *slot);
/*
 * The lists as they are after causal->bulk; its blocks none: it did not happen.
 * @learned: not for a wrong prediction, but as they were not known.
 */
void spill_set(struct causal *causal, struct causal_slot *slot, bool learned);
/* All lists that the machine's bulk free came by are known. */
bool spill_is_known(
	const struct causal *causal, const struct causal_slot *slot, int list);

/* --- chunk.c: bulk frees in chunks --------------------------------------------------- */

/*
 * A free of @order caused the recorded bulk free, causal->bulk. @whole: the machine has
 * freed what it predicted, and is not repaired.
 */
void chunk_spilled(struct causal *causal, struct causal_slot *slot,
	unsigned order, bool whole);
/* The bulk free, event @at, is the rest of an earlier one, and no free of @order's. */
bool chunk_is_rest(struct causal *causal, struct causal_slot *slot, uint32_t at,
	unsigned order);
/* That rest. */
void chunk_rest(
	struct causal *causal, const struct causal_slot *slot, uint32_t at);

/* --- follow.c: what a recorded bulk free tells -------------------------------------- */

/* The first of a slot; and one of which it was not known whether it comes. */
void follow_first(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order);
/* @known: the lists it came by. @order: of the free. */
void follow_spill(struct causal *causal, struct causal_slot *slot, bool known,
	const struct causal_pageset *before, unsigned order);
/* Predicted, but not recorded. */
void follow_none(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order);
/* Not predicted either way, and not recorded. */
void follow_unknown(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order);

/* --- unknown.c: what is not known yet --------------------------------------------- */

/* Before an allocation from a list of unknown content. */
void unknown_before_alloc(struct causal *causal, struct causal_slot *slot,
	int list, bool refilled, unsigned blocks);
/* Before a bulk allocation that takes @blocks from such a list and then refills. */
void unknown_before_refill(struct causal *causal, struct causal_slot *slot,
	int list, unsigned blocks);
/* A list that was seen to be empty. */
void unknown_list_seen(struct causal_slot *slot, int list);
/* All lists of a slot were seen to be empty. */
void unknown_slot_empty(struct causal *causal, struct causal_slot *slot);
/* The count becomes @pages: by stock, else by pages at the ends. */
void unknown_set_count(
	struct causal *causal, struct causal_slot *slot, int32_t pages);

/* --- score.c ---------------------------------------------------------------------- */

/*
 * What was free at the start was found from @line, and from later ones: no frame that
 * comes at it is a prediction.
 */
bool score_is_taken_back(const struct causal *causal, uint32_t line);

/* The frame that was predicted for an allocation; NO_NAME: it was not known. */
void score_alloc(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, uint32_t predicted);
void score_log(const struct causal *causal, uint32_t line, const char *what,
	const struct causal_slot *slot, int64_t predicted, int64_t recorded);

#endif
