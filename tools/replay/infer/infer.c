/* SPDX-License-Identifier: MIT */
/*
 * The inference, pass by pass; see infer.h for its result.
 *
 *   1. pair.c     forward:  one line per free, refills, causes of spills
 *   2. fate.c     backward: which list each freed page entered
 *   3. walk.c     forward:  what the lists held before the trace
 *   4. initial.c            their order, and how many pages never showed
 *   5. walk.c     forward:  the same again, with all that known: ops and obs
 *   6. order.c              the order in which the ops reach the buddy
 *   7. freeblocks.c         what the buddy held before the trace
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "infer_internal.h"
#include "pair.h"
#include "tuned.h"

static void infer_pcp_marks(struct infer *infer)
{
	const struct replay_input *in = infer->in;
	struct shadow_slot *slot;

	for (size_t i = 0; i < infer->nr_slots; i++) {
		infer->slots[i].high = infer->slots[i].batch = -1;
		infer->slots[i].count_first = -1;
		infer->slots[i].factor_first = -1;
	}
	for (size_t i = 0; i < in->nr_pcps; i++) {
		slot = &infer->slots[infer_slot_index(
			infer, in->pcps[i].cpu, in->pcps[i].zone)];
		slot->high = in->pcps[i].high;
		slot->batch = in->pcps[i].batch;
	}
	tuned_reset(infer);
}

static int infer_check_input(struct infer *infer)
{
	const struct replay_input *in = infer->in;

	for (size_t i = 0; i < in->nr_pcps; i++) {
		if (in->pcps[i].zone >= in->nr_zones)
			return replay_fail(infer->err, -EINVAL,
				"pcp entry %zu names zone %u of %zu", i,
				in->pcps[i].zone, in->nr_zones);
		if (in->pcps[i].cpu >= REPLAY_CPUS_MAX)
			return replay_fail(infer->err, -EINVAL,
				"pcp entry %zu names CPU %u", i,
				in->pcps[i].cpu);
		if (in->pcps[i].cpu >= infer->trace->cpus)
			infer->trace->cpus = (uint16_t)(in->pcps[i].cpu + 1);
	}
	return 0;
}

static int infer_setup(struct infer *infer)
{
	int ret = infer_check_input(infer);

	if (!ret)
		ret = infer_zones_init(infer);
	if (!ret)
		ret = pfnmap_init(&infer->pages);
	if (ret)
		return ret;
	infer->out->cpus = infer->trace->cpus;
	infer->out->rules = infer->in->rules;
	infer->nr_slots = infer->trace->cpus * infer->out->nr_zones;
	infer->slots = calloc(infer->nr_slots, sizeof(*infer->slots));
	infer->cpus = calloc(infer->trace->cpus, sizeof(*infer->cpus));
	infer->zone_flags =
		calloc(infer->out->nr_zones, sizeof(*infer->zone_flags));
	if (!infer->slots || !infer->cpus || !infer->zone_flags)
		return -ENOMEM;
	infer_pcp_marks(infer);
	return 0;
}

/*
 * The first walk finds what there was before the trace. Its ops and its
 * statistics are a draft, made from lists that lack the pages of before:
 * they are dropped.
 */
static int infer_first_walk(struct infer *infer)
{
	struct replay_result *out = infer->out;
	const struct replay_infer_stats stats = out->stats;

	shadow_reset(infer, true);
	infer_walk(infer, &walk_first);
	out->nr_ops = out->nr_obs = out->nr_bulk_pfns = out->nr_changes = 0;
	out->nr_frames = out->nr_states = 0;
	out->stats = stats;
	return infer->no_memory ? -ENOMEM : 0;
}

/* infer_initial() has filled the lists of the second walk. */
static int infer_second_walk(struct infer *infer)
{
	infer_pcp_marks(infer);
	infer_walk(infer, &walk_second);
	return infer->no_memory ? -ENOMEM : 0;
}

/*
 * The types at the start; the second walk begins with them. Where nothing proves a
 * block's type it is the guess: that for which the buddy gave a page of it.
 */
static int infer_block_types(struct infer *infer)
{
	struct replay_result *out = infer->out;

	out->types = calloc(infer->pages.nr_leaves + 1, sizeof(*out->types));
	if (!out->types)
		return -ENOMEM;
	for (size_t i = 0; i < infer->pages.nr_leaves; i++) {
		struct page_leaf *leaf = infer->pages.leaves[i];

		if (!leaf->mt_known && !leaf->guess)
			continue;
		leaf->mt_now = leaf->mt;
		out->types[out->nr_types++] = (struct replay_block_type){
			.block = leaf->number,
			.mt = leaf->mt_known ? leaf->mt
					     : (uint8_t)(leaf->guess - 1),
			.voted = !leaf->mt_known && leaf->voted,
		};
	}
	return 0;
}

static void infer_teardown(struct infer *infer)
{
	pfnmap_fini(&infer->pages);
	free(infer->slots);
	free(infer->cpus);
	free(infer->inits);
	free(infer->log);
	free(infer->zone_flags);
	free(infer->turns);
}

typedef int infer_pass(struct infer *infer);

/* @passes: the last is NULL. */
static int run_passes(struct replay_trace *trace, const struct replay_input *in,
	struct replay_result *out, struct replay_error *err,
	infer_pass *const *passes)
{
	struct infer infer = {
		.trace = trace,
		.in = in,
		.out = out,
		.err = err,
	};
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (err)
		err->text[0] = '\0';
	for (; !ret && *passes; passes++)
		ret = (*passes)(&infer);
	infer_teardown(&infer);
	if (ret) {
		replay_result_free(out);
		if (err && !err->text[0])
			replay_fail(err, ret, "out of memory");
	}
	return ret;
}

int replay_infer(struct replay_trace *trace, const struct replay_input *in,
	struct replay_result *out, struct replay_error *err)
{
	static infer_pass *const passes[] = {
		infer_setup,
		infer_pair,
		infer_fates,
		infer_first_walk,
		infer_initial,
		infer_block_types,
		infer_second_walk,
		infer_order,
		infer_free_blocks,
		NULL,
	};

	return run_passes(trace, in, out, err, passes);
}

int replay_pair(struct replay_trace *trace, const struct replay_input *in,
	struct replay_result *out, struct replay_error *err)
{
	static infer_pass *const passes[] = {infer_setup, infer_pair, NULL};

	return run_passes(trace, in, out, err, passes);
}

void replay_result_free(struct replay_result *out)
{
	free(out->zones);
	free(out->ops);
	free(out->obs);
	free(out->bulk_pfns);
	free(out->states);
	free(out->init);
	free(out->init_pfns);
	free(out->held);
	free(out->types);
	free(out->changes);
	free(out->buddy);
	free(out->frames);
	memset(out, 0, sizeof(*out));
}
