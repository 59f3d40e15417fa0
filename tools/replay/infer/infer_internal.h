/* SPDX-License-Identifier: MIT */
/*
 * What the passes of the inference share. infer.c has the overview.
 */
#ifndef REPLAY_INFER_INTERNAL_H
#define REPLAY_INFER_INTERNAL_H

#include "infer.h"
#include "pfnmap.h"

#define INFER_NONE UINT32_MAX
#define INFER_MADE_UP REPLAY_PFN_END /* from here on: unknown pages */

/* Where a page was last seen to be. */
enum page_place {
	PAGE_UNSEEN,
	PAGE_HELD, /* allocated */
	PAGE_PCP, /* on a per-CPU list */
	PAGE_BUDDY,
	PAGE_LOCKED, /* just out of the buddy; an allocation will follow */
};

/* What happens next to a page that entered a list. */
enum page_fate {
	FATE_NONE, /* no event follows */
	FATE_ALLOC,
	FATE_DRAINED,
	FATE_LOCKED, /* leaves the buddy: it never was on a list */
	FATE_FREE, /* freed: it was taken without an event */
};

/* One per-CPU list as far as it is known. */
struct shadow_list {
	uint32_t head, tail; /* pfns */
	uint32_t blocks;
	bool open; /* pages of before the trace may still lie at its tail */
};

struct shadow_slot {
	struct shadow_list list[REPLAY_LISTS];
	int32_t count; /* pages; first walk: without those of before */
	int32_t high, batch; /* -1: not known yet */
	int32_t count_first; /* initial count by the first bulk free, or -1 */
	int32_t high_asked; /* high when a raise was last searched for */
	int16_t free_factor;
	int16_t factor_first; /* at the start; -1: nothing has told it yet */
	uint8_t factor_allocs; /* list allocations since, as far as they matter */
	uint32_t called; /* bit per list: refilled; REPLAY_LISTS: emptied */
	bool touched;
	bool counted; /* count_first is set */
	bool freed; /* the last change was a free that did not spill */
	bool state_known; /* the rest: tuned.h */
	struct pcpmm_pcp_state state;
	uint32_t asked; /* blocks that the refill under way may get */
	int32_t rest; /* pages of a bulk free that was interrupted, from 7.0 */
	uint32_t rest_op; /* which caused it */
};

/* A page that lay on a list before the trace began. */
struct init_page {
	uint32_t slot;
	uint32_t pfn;
	uint32_t next; /* the event that took it, or INFER_NONE */
	uint8_t list;
	uint8_t fate; /* DRAINED: at the tail; LOCKED: never; else the head */
};

/* What is under way on a CPU. */
struct walk_cpu {
	uint32_t last_free; /* op of the last free that entered a list */
	uint32_t drain_op; /* op that the next uncaused bulk free belongs to */
	uint32_t waiting[4]; /* refill obs that wait for their op */
	uint32_t bulk; /* event of the open bulk allocation, or INFER_NONE */
	uint32_t bulk_single; /* pages it got by __alloc_pages() */
	uint32_t bulk_taken; /* pages it got from a list that ran empty */
	uint32_t refill_obs; /* refill that is collecting pages */
	uint32_t refill_got; /* blocks it has collected */
	uint32_t refill_event; /* its probe, or INFER_NONE */
	uint32_t drain_obs; /* bulk free that is collecting pages */
	uint32_t drain_slot; /* its list */
	uint32_t drain_turn; /* op whose turn its first page has told */
	int refill_list; /* list being refilled, -1: none */
	bool refill_was_open;
	bool refill_printed; /* its state is that of after the allocation */
	uint16_t drain_cpu; /* owner of the pages that are drained here */
	uint16_t home_zone; /* zone of the last allocation */
};

/* A change of a slot's count inside the window of the snapshot. */
struct infer_log {
	uint32_t slot;
	int32_t count;
};

struct infer;

/*
 * The differences between the two walks; all else they do alike. The first
 * walk finds what there was before the trace, the second one knows it.
 */
struct walk_sink {
	/* The page of event `at` leaves a list that it never entered. */
	void (*left_list)(struct infer *infer, uint32_t slot, int list,
		uint32_t at, unsigned fate);
	/* The page of the free at `at` was never seen before. */
	void (*freed_unseen)(struct infer *infer, uint32_t at);
	/* The page of the free at `at` is about to enter its list. */
	void (*before_free)(struct infer *infer, uint32_t at);
	/* The page has entered; `freed`: shadow_slot.freed before that. */
	void (*after_free)(struct infer *infer, uint32_t at, bool freed);
	/* All lists of `zone` get other marks. */
	void (*marks)(struct infer *infer, uint16_t zone,
		const struct replay_probe *probe);
	/* A line that the recorder wrote: enum replay_mark in event->arg. */
	void (*note)(struct infer *infer, const struct replay_event *event);
};

struct infer {
	struct replay_trace *trace;
	const struct replay_input *in;
	struct replay_result *out;
	struct replay_error *err;
	struct pfnmap pages;
	struct shadow_slot *slots; /* by cpu, then zone */
	size_t nr_slots;
	struct walk_cpu *cpus;
	struct init_page *inits;
	size_t nr_inits, inits_cap;
	uint32_t nr_unresolved; /* inits with a made-up pfn */
	size_t ops_cap, obs_cap, bulk_cap, held_cap, changes_cap, frames_cap;
	size_t states_cap;
	struct infer_log *log;
	size_t nr_log, log_cap;
	uint32_t *turns; /* of each op: a line; order.c */
	size_t turns_cap;
	uint32_t line; /* of the event under way */
	uint32_t *zone_flags; /* per zone, REPLAY_ZF_* */
	uint32_t made_up; /* pages that were given a pfn of no page */
	const struct walk_sink *sink; /* of the walk under way */
	bool logging; /* inside the window of the snapshot */
	bool kswapd_seen; /* kswapd may have lowered marks since */
	bool no_memory;
	bool has_drained; /* mm_page_pcpu_drain was recorded */
};

static inline uint32_t infer_slot_index(
	const struct infer *infer, unsigned cpu, unsigned zone)
{
	return (uint32_t)(cpu * infer->out->nr_zones + zone);
}

static inline struct replay_event *infer_event(struct infer *infer, uint32_t at)
{
	return &infer->trace->events[at];
}

/* zones.c: the table, and which zone a frame belongs to. */
int infer_zones_init(struct infer *infer);
uint16_t infer_zone_of(const struct infer *infer, uint32_t pfn);
uint16_t infer_zone_named(
	const struct infer *infer, unsigned name, unsigned nth, unsigned node);

/* pair.c: one line per free; refills and causes of bulk frees found. */
int infer_pair(struct infer *infer);

/* fate.c: what becomes of each page that enters a list. */
int infer_fates(struct infer *infer);
unsigned infer_fate(struct infer *infer, uint32_t next);
unsigned infer_vote(struct infer *infer, uint32_t at);

/* shadow.c: the lists. Reset: empty, `open` but for pages of before. */
void shadow_reset(struct infer *infer, bool open);
void shadow_push(struct infer *infer, uint32_t slot, int list, uint32_t pfn,
	bool at_tail, uint32_t next);
void shadow_remove(struct infer *infer, struct page_info *page);
void shadow_count(struct infer *infer, uint32_t slot, int32_t pages);
bool shadow_taken_unseen(const struct page_info *page);

/* initial.c: one more page of the start; false: no memory. */
bool initial_add(struct infer *infer, struct init_page page);
/* The same for a page that no line names. */
bool initial_add_unseen(
	struct infer *infer, uint32_t slot, int list, unsigned fate);

/* walk_sinks.c: the differences between the walks. */
extern const struct walk_sink walk_first, walk_second;

/* walk.c: the trace from start to end over the shadow lists. */
void infer_walk(struct infer *infer, const struct walk_sink *sink);

/* walk_alloc.c: where each allocation got its page. */
void walk_alloc(struct infer *infer, uint32_t at);
void walk_alloc_early(struct infer *infer, uint32_t pfn);

/* walk_free.c: what a freed page was before, and its list. */
void walk_free(struct infer *infer, uint32_t at);

/* walk_refill.c: pages that leave the buddy, and refills. */
void walk_locked(struct infer *infer, uint32_t at);
void walk_refill_end(struct infer *infer, uint32_t at);

/* walk_unseen.c: pages that left a list before a line says so. */
uint32_t walk_bulk_unseen(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t limit, uint32_t skip);
void walk_bulk_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t limit, uint32_t line);
void walk_early_from_top(
	struct infer *infer, uint32_t slot, int list, uint32_t below);
void walk_taken_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t line);
void walk_before_push(struct infer *infer, uint32_t at, uint32_t slot);

/* walk_bulk.c: bulk allocations that a probe announces. */
void walk_bulk_begin(struct infer *infer, uint32_t at);
void walk_bulk_end(struct infer *infer, uint32_t at);
bool walk_bulk_resolve(struct infer *infer, uint32_t at);

/* walk_drain.c: pages that go from a list to the buddy. */
void walk_free_bulk(struct infer *infer, uint32_t at);
void walk_drained(struct infer *infer, uint32_t at);
uint32_t walk_run_pages(struct infer *infer, uint32_t at, uint32_t *last);
void walk_drain_command(struct infer *infer, uint32_t at);

/* factor.c: free_factor, and what it was at the start. */
void factor_allocated(struct shadow_slot *slot);
void factor_freed(struct infer *infer, uint32_t at, struct shadow_slot *slot);
void factor_told(struct infer *infer, struct shadow_slot *slot,
	const struct replay_probe *probe, const struct replay_op *cause);
int16_t factor_at_start(const struct shadow_slot *slot);
void factor_count(struct infer *infer, const struct shadow_slot *slot);

/* spill.c: what a bulk free after a free tells, and what none tells. */
void spill_before_free(struct infer *infer, uint32_t at);
void spill_after_free(struct infer *infer, uint32_t at, bool freed);

/* emit.c: ops and observations. */
struct replay_op emit_template(const struct replay_event *event, unsigned kind);
uint32_t emit_op(struct infer *infer, struct replay_op op);
uint32_t emit_obs(
	struct infer *infer, const struct replay_obs *obs, uint32_t slot);
void emit_bulk(struct infer *infer, uint32_t slot, int list, uint32_t first,
	uint32_t line);
uint32_t emit_bulk_page(struct infer *infer, uint32_t pfn);
void emit_refill_waits(struct infer *infer, unsigned cpu, uint32_t obs);
bool emit_refill_is_awaited(const struct infer *infer, unsigned cpu);
void emit_refill_caused(struct infer *infer, unsigned cpu, uint32_t op);
void emit_frame(struct infer *infer, unsigned kind, unsigned cpu, uint32_t pfn);
void emit_block_was(struct infer *infer, uint32_t pfn, unsigned mt);
void emit_block_type(struct infer *infer, uint32_t pfn, unsigned mt);

/* initial.c: the lists at the start, from what the first walk found. */
int infer_initial(struct infer *infer);

/* order.c: the turn of an op, and all ops sorted by it. */
void order_at_least(struct infer *infer, uint32_t op, uint32_t line);
void order_at_most(struct infer *infer, uint32_t op, uint32_t line);
int infer_order(struct infer *infer);

/* freeblocks.c: what the buddy held at the start, in order of use. */
int infer_free_blocks(struct infer *infer);

#endif
