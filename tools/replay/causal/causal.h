/* SPDX-License-Identifier: MIT */
/*
 * A replay that predicts. At each line of a trace only the state files and earlier
 * lines are used: the simulated machine does what the line says was asked for, and
 * only then is its answer compared with what the line, and the lines of the same
 * call, say was done.
 *
 * The lists, refills, spills and the buddy are those of the library. A simulated
 * frame has a name: the recorded frame that it stands for. A prediction of a frame
 * is the name of the simulated one.
 *
 *   closed  nothing is repaired; what is not known yet is learned
 *   step    after each wrong prediction the machine is put into the recorded state
 *
 * Two kinds of lines are read ahead, as the format is so: the second line of a
 * batched free (and the probe line of a free that passed the lists by) is taken
 * together with its first, and an allocation that refilled is done when it took the
 * zone lock, at the line of its refill's end, not when it was printed.
 */
#ifndef REPLAY_CAUSAL_H
#define REPLAY_CAUSAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <pcpmm/pcpmm.h>

#include "../infer/infer.h"
#include "../read/error.h"
#include "../read/trace.h"

/* Right ones of those that were scored. */
struct causal_rate {
	uint64_t right, n;
};

/* Refills, or bulk frees that a free caused. */
struct causal_calls {
	uint64_t recorded; /* whose lists and counts were known */
	uint64_t predicted; /* of these, for the same line */
	uint64_t falsely; /* predicted, but none was recorded */
	uint64_t pages; /* of the predicted ones, as recorded */
	uint64_t off_pages; /* of those, sum of |recorded - simulated| */
};

struct causal_score {
	struct causal_calls refill, spill;
	struct causal_rate zone;
	struct causal_rate pfn_alloc; /* of allocations, refills' pages given */
	struct causal_rate pfn_spill; /* of spilled blocks, in their order */
	struct causal_rate pfn_refill; /* of blocks that leave the buddy */
};

/*
 * X(key, text): what a run took from the recording, or changed to follow it, other
 * than the lines themselves. The second part happens in step mode only.
 */
#define CAUSAL_ADJUSTED(X)                                                     \
	X(free_pages_moved,                                                    \
		"free pages in other blocks in buddyinfo than in kpageflags")  \
	X(free_frames_taken_back,                                              \
		"frames of kpageflags set back to what they were at the "      \
		"first line")                                                  \
	X(free_pages_without_place,                                            \
		"free pages of kpageflags for which the machine has no frame") \
	X(pageblocks_guessed,                                                  \
		"pageblocks with free memory whose type is a guess")           \
	X(free_pages_on_other_lists,                                           \
		"free pages that this puts on longer lists than "              \
		"pagetypeinfo's")                                              \
	X(blocks_exchanged,                                                    \
		"blocks of kpageflags whose order on their list was learned")  \
	X(refill_blocks_given,                                                 \
		"blocks of refills whose frames were not known")               \
	X(bulk_pages_given, "pages of bulk allocations, by their probe")       \
	X(bulk_unseen,                                                         \
		"refills of bulk allocations that no probe shows, not scored") \
	X(drains_given, "bulk frees by a drain, which is a command")           \
	X(rests_given, "rests of bulk frees that were interrupted")            \
	X(direct_given, "allocations and frees that passed the lists by")      \
	X(fitted_refills, "first refills of unknown lists, not scored")        \
	X(fitted_spills, "bulk frees while counts were unknown, not scored")   \
	X(learned, "frames learned from a list of unknown content")            \
	X(lists_learned,                                                       \
		"lists that a bulk free told of, as they were unknown")        \
	X(injected, "pages that the simulation had to be given")               \
	X(stock_pages, "pages put on unknown lists to match a first count")    \
	X(alone, "allocations done at their refill's line, printed later")     \
	X(counts_cut, "refills cut where two of one list follow each other")   \
	X(migrated, "allocations printed on another CPU than their list's")    \
	X(above, "allocations from below pages whose lines come later")        \
	X(lifted, "allocations from below pages that were freed before it")    \
	X(late, "allocations of pages that had left their list before the "    \
		"line")                                                        \
	X(guesses, "pages on the list of a wrongly guessed pageblock type")    \
	X(flags_kswapd, "reclaim flags set or cleared by lines of kswapd")     \
	X(taken_unseen, "pages taken off a list without a line")               \
	X(renamed, "allocations whose frame was exchanged")                    \
	X(lists_set, "lists set to what was recorded after a wrong call")      \
	X(lists_forgotten, "lists unknown again after a false refill")         \
	X(count_pages, "pages by which a count was corrected")                 \
	X(states, "states of a pageset corrected by a probe")                  \
	X(marks, "high or batch set by a probe")                               \
	X(flags, "zone flags corrected by a bulk free, or by none")

struct causal_adjusted {
#define X(key, text) uint64_t key;
	CAUSAL_ADJUSTED(X)
#undef X
};

/* What was never known, and what could not be scored for that. */
struct causal_unknown {
	uint64_t lists; /* used, but their content never known as a whole */
	uint64_t slots; /* used, but their count never known */
	uint64_t states; /* used, but what the rules remember never known */
	uint64_t allocations; /* not scored: frame not known */
	uint64_t frees; /* not scored: count or free_factor not known */
	uint64_t refills, spills; /* recorded and not scored */
};

struct causal_run {
	struct causal_score score;
	struct causal_adjusted adjusted;
	struct causal_unknown unknown;
	uint64_t refused; /* misuse reported by the library: must be 0 */
	uint64_t skipped; /* frees of pages for which there was no frame */
	char broken[256]; /* pcpmm_validate()'s message; "": no error */
	double seconds;
};

struct replay_causal {
	struct causal_run closed, step;
	struct causal_rate list_of_free; /* the same for both */
	double seconds; /* both runs, pairing of lines included */
};

struct replay_causal_options {
	struct pcpmm_dump *dump; /* NULL: no state */
	enum pcpmm_preset preset;
	bool in_place; /* nothing reads the trace later: its lines are marked up */
	FILE *log; /* every prediction, a line each; NULL: none */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/*
 * Both runs. @trace is not changed unless options->in_place. 0, or -errno with a
 * message; nothing is left to free.
 */
int replay_causal(struct replay_trace *trace, const struct replay_input *in,
	const struct replay_causal_options *options, struct replay_causal *out,
	struct replay_error *err);

#endif
