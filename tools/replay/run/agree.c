/* SPDX-License-Identifier: MIT */
/* Matches recorded calls with simulated ones, cause by cause. */
#include "agree.h"

#include <stdlib.h>
#include <string.h>

double replay_ratio(uint64_t matched, uint64_t recorded)
{
	return recorded ? (double)matched / (double)recorded : 1.0;
}

static uint64_t obs_pages(const struct replay_obs *obs)
{
	uint64_t got = obs->got > 0 ? (uint64_t)obs->got : 0;

	return obs->kind == REPLAY_OBS_REFILL ? got << obs->order : got;
}

static uint64_t did_pages(const struct replay_did *did)
{
	uint64_t got = did->got > 0 ? (uint64_t)did->got : 0;

	return did->kind == REPLAY_OBS_REFILL ? got << did->order : got;
}

static bool same_call(
	const struct replay_obs *obs, const struct replay_did *did)
{
	return obs->kind == did->kind && obs->cpu == did->cpu &&
	       obs->zone == did->zone &&
	       (obs->kind == REPLAY_OBS_BULK_FREE ||
		       (obs->order == did->order && obs->mt == did->mt));
}

static struct replay_agree *part(
	struct replay_agreement *agreement, unsigned int kind)
{
	return kind == REPLAY_OBS_REFILL ? &agreement->refill
					 : &agreement->bulk_free;
}

/* The first unused simulated call of the same op that matches @obs. */
static const struct replay_did *twin(const struct replay_obs *obs,
	const struct replay_did *did, size_t nr, bool *used)
{
	for (size_t i = 0; i < nr; i++)
		if (!used[i] && same_call(obs, &did[i])) {
			used[i] = true;
			return &did[i];
		}
	return NULL;
}

static void count(struct replay_agreement *agreement,
	const struct replay_obs *obs, const struct replay_did *did)
{
	struct replay_agree *agree = part(agreement, obs->kind);
	uint64_t recorded = obs_pages(obs);

	agree->recorded_calls++;
	agree->recorded_pages += recorded;
	agree->scored_calls += !obs->fitted;
	agree->scored_pages += obs->fitted ? 0 : recorded;
	if (did) {
		uint64_t done = did_pages(did);

		agree->matched_calls++;
		done = done < recorded ? done : recorded;
		agree->matched_pages += done;
		agree->right_calls += !obs->fitted;
		agree->right_pages += obs->fitted ? 0 : done;
	} else if (!agreement->first_line) {
		agreement->first_line = obs->line;
	}
}

static void count_did(
	struct replay_agreement *agreement, const struct replay_did *did)
{
	struct replay_agree *agree = part(agreement, did->kind);

	agree->did_calls++;
	agree->did_pages += did_pages(did);
}

struct replay_agreement *replay_agree(const struct replay_result *result,
	const struct replay_run *run, unsigned int cpus,
	struct replay_agreement *total)
{
	struct replay_agreement *parts =
		calloc(cpus * result->nr_zones + 1, sizeof(*parts));
	bool *used = calloc(run->nr_did + 1, sizeof(*used));
	size_t at = 0;

	memset(total, 0, sizeof(*total));
	if (!parts || !used) {
		free(parts);
		free(used);
		return NULL;
	}
	for (size_t i = 0; i < result->nr_obs; i++) {
		const struct replay_obs *obs = &result->obs[i];
		const struct replay_did *did;
		size_t nr = 0;

		if (obs->op == REPLAY_NO_OP || obs->cpu >= cpus)
			continue;
		while (at < run->nr_did && run->did[at].op < obs->op)
			at++;
		while (at + nr < run->nr_did && run->did[at + nr].op == obs->op)
			nr++;
		did = twin(obs, run->did + at, nr, used + at);
		count(total, obs, did);
		count(&parts[obs->cpu * result->nr_zones + obs->zone], obs,
			did);
	}
	for (size_t i = 0; i < run->nr_did; i++) {
		const struct replay_did *did = &run->did[i];

		count_did(total, did);
		count_did(&parts[did->cpu * result->nr_zones + did->zone], did);
	}
	free(used);
	return parts;
}
