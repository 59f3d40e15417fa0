/* SPDX-License-Identifier: MIT */
/* A whole run: CPUs enter, ops run, CPUs leave, pages are counted. */
#include "run_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../clock.h"
#include "place.h"

/* --- leaks ------------------------------------------------------------ */

/* Held pages of the whole machine. */
static uint64_t held_pages(const struct run *run)
{
	uint64_t held = 0;

	for (size_t i = 0; i < run->result->nr_zones; i++) {
		const struct replay_zone *zone = &run->result->zones[i];
		struct pcpmm_zone_truth truth;

		if (!pcpmm_zone_truth_read(
			    run->machine, zone->node, zone->index, &truth))
			held += truth.held;
	}
	return held;
}

/* Pages that the replay itself holds. */
static uint64_t kept_pages(struct run *run)
{
	uint64_t kept = 0;

	for (size_t i = 0; i < run->nr_slots; i++) {
		struct pcpmm_page *page = atomic_load_explicit(
			&run->slots[i].page, memory_order_relaxed);
		struct pcpmm_page_info info;

		if (page && page != RUN_FAILED &&
			!pcpmm_page_inspect(run->machine,
				pcpmm_page_to_pfn(run->machine, page), &info))
			kept += 1ull << info.order;
	}
	return kept;
}

/* --- setup and teardown ----------------------------------------------- */

/*
 * More events than an op can cause: a line for each page of all lists of a CPU,
 * twice as many as `high` allows, and some calls.
 */
static uint32_t ring_entries(const struct replay_result *result)
{
	uint64_t most = 2048;
	uint32_t entries = 1;

	for (size_t i = 0; i < result->nr_init; i++)
		if (result->init[i].high > 0 &&
			(uint64_t)result->init[i].high > most)
			most = (uint64_t)result->init[i].high;
	for (size_t i = 0; i < result->nr_obs; i++)
		if (result->obs[i].count > 0 &&
			(uint64_t)result->obs[i].count > most)
			most = (uint64_t)result->obs[i].count;
	while (entries < 2 * most && entries < 1u << 20)
		entries <<= 1;
	return entries;
}

static int setup(struct run *run, struct replay_error *err)
{
	const struct replay_result *result = run->result;
	unsigned int cpus = pcpmm_nr_cpus(run->machine);
	uint32_t events = RUN_EVENTS;

	for (size_t i = 0; i < result->nr_zones; i++)
		run->zone_of[result->zones[i].node][result->zones[i].index] =
			(uint8_t)i;
	run->cpus = calloc(cpus, sizeof(run->cpus[0]));
	if (!run->cpus || run_slots_create(run))
		return replay_fail(err, -ENOMEM, "no memory for the run");
	for (unsigned int i = 0; i < cpus; i++) {
		run->cpus[i].traffic =
			calloc(result->nr_zones, sizeof(struct replay_traffic));
		if (!run->cpus[i].traffic)
			return replay_fail(
				err, -ENOMEM, "no memory for the run");
	}
	if (run->compares_frames)
		events |= RUN_FRAME_EVENTS;
	if (pcpmm_trace_start(run->machine, events, ring_entries(result)))
		return replay_fail(err, -ENOMEM, "no memory for the rings");
	return 0;
}

static void enter_cpus(struct run *run)
{
	for (unsigned int i = 0; i < pcpmm_nr_cpus(run->machine); i++)
		run->cpus[i].cpu = pcpmm_cpu_enter(run->machine, i);
}

static void leave_cpus(struct run *run)
{
	for (unsigned int i = 0; i < pcpmm_nr_cpus(run->machine); i++)
		if (run->cpus[i].cpu)
			pcpmm_cpu_leave(run->cpus[i].cpu);
}

static int by_op(const void *a, const void *b)
{
	const struct replay_did *left = a, *right = b;

	if (left->op != right->op)
		return left->op < right->op ? -1 : 1;
	return (left->seq > right->seq) - (left->seq < right->seq);
}

/* Merge the per-CPU parts, sorted by op and, within an op, by time. */
static int gather(struct run *run, struct replay_run *out)
{
	unsigned int cpus = pcpmm_nr_cpus(run->machine);
	size_t zones = run->result->nr_zones;

	for (unsigned int i = 0; i < cpus; i++)
		out->nr_did += run->cpus[i].nr_did;
	out->did = calloc(out->nr_did + 1, sizeof(out->did[0]));
	out->traffic = calloc(cpus * zones, sizeof(out->traffic[0]));
	if (!out->did || !out->traffic)
		return -ENOMEM;
	out->nr_did = 0;
	for (unsigned int i = 0; i < cpus; i++) {
		const struct run_cpu *cpu = &run->cpus[i];

		/* A CPU that did nothing has no array. */
		if (cpu->nr_did)
			memcpy(out->did + out->nr_did, cpu->did,
				cpu->nr_did * sizeof(cpu->did[0]));
		out->nr_did += cpu->nr_did;
		memcpy(out->traffic + i * zones, cpu->traffic,
			zones * sizeof(cpu->traffic[0]));
		out->failed_allocs += cpu->failed_allocs;
		out->skipped_frees += cpu->skipped_frees;
		out->refused += cpu->refused;
		out->counts.compared += cpu->counts.compared;
		out->counts.exact += cpu->counts.exact;
		out->counts.off_pages += cpu->counts.off_pages;
		if (cpu->out_of_memory)
			return -ENOMEM;
	}
	qsort(out->did, out->nr_did, sizeof(out->did[0]), by_op);
	return 0;
}

static void teardown(struct run *run)
{
	unsigned int cpus = pcpmm_nr_cpus(run->machine);

	pcpmm_trace_start(run->machine, 0, 0);
	for (unsigned int i = 0; run->cpus && i < cpus; i++) {
		free(run->cpus[i].did);
		free(run->cpus[i].traffic);
		free(run->cpus[i].locked.pfns);
		free(run->cpus[i].drained.pfns);
	}
	free(run->cpus);
	run_slots_destroy(run);
}

/* held = strangers + kept by the replay; a difference is a leak. */
static void check_books(
	struct run *run, uint64_t strangers, struct replay_run *out)
{
	struct pcpmm_error error;
	uint64_t held = held_pages(run);
	uint64_t expected = strangers + kept_pages(run);

	out->leaked_pages = held > expected ? held - expected : expected - held;
	if (pcpmm_validate(run->machine, &error))
		snprintf(out->broken, sizeof(out->broken), "%s", error.text);
}

static int obs_by_op(const void *a, const void *b)
{
	const struct replay_obs *left = a, *right = b;

	if (left->op != right->op)
		return left->op < right->op ? -1 : 1;
	return (left->line > right->line) - (left->line < right->line);
}

void replay_sort_obs(struct replay_result *result)
{
	if (result->nr_obs)
		qsort(result->obs, result->nr_obs, sizeof(result->obs[0]),
			obs_by_op);
}

int replay_run(struct pcpmm_machine *machine,
	const struct replay_result *result,
	const struct replay_run_options *options, struct replay_run *out,
	struct replay_error *err)
{
	struct run run = {.machine = machine,
		.result = result,
		.compares_frames = !options->resync,
		.threads = options->threads};
	uint64_t strangers;
	double start;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = setup(&run, err);
	if (!ret)
		ret = replay_place_online(
			machine, result->cpus, result->cpus, err);
	if (!ret) {
		strangers = held_pages(&run) - kept_pages(&run);
		start = clock_s();
		if (options->threads) {
			ret = run_threads(&run);
		} else {
			enter_cpus(&run);
			ret = run_sequential(&run, options);
			leave_cpus(&run);
		}
		out->seconds = clock_s() - start;
		if (!ret)
			ret = gather(&run, out);
		if (!ret && run.compares_frames)
			ret = run_compare_frames(&run, &out->frames);
		check_books(&run, strangers, out);
		if (ret)
			replay_fail(err, ret, "the run: %s", strerror(-ret));
	}
	teardown(&run);
	return ret;
}

void replay_run_free(struct replay_run *run)
{
	free(run->did);
	free(run->traffic);
	memset(run, 0, sizeof(*run));
}
