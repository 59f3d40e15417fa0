/* SPDX-License-Identifier: MIT */
/*
 * Real kernels against the formulas: each recorded topology is written as a
 * zoneinfo again and predicted. Values that the kernel recalculated must be
 * predicted exactly, also those that depend on the history of hotplug.
 *
 * As booted, the marks and reserves come from fewer managed pages than the
 * kernel prints (test_boot.c tests them), but for the reserves of 6.18 and 7.3;
 * batch and threshold still match, and pcp high follows from the printed low mark,
 * in 5.10 from batch alone. From 6.7 on pcp high varies: it must be 0 or within
 * its bounds, unless a sysctl has just moved the bounds, which the kernel applies
 * at the next use of the list. The bounds themselves must be exact.
 */
#include "topology.h"

#include <pcpmm/predict.h>

struct tally {
	unsigned int topologies, values, hotplugged, floating, stale, bounds;
};

static bool has_bounds(const char *kernel)
{
	return strcmp(kernel, "5.10") != 0 && strcmp(kernel, "6.1") != 0;
}

/* Must the formulas match this row in this state? */
static bool must_match(const struct topology *topology,
	const struct pcpmm_prediction_row *row, struct tally *tally)
{
	bool booted = strcmp(topology->state, "booted") == 0;

	if (strcmp(row->field, "pcp_batch") == 0 ||
		strcmp(row->field, "stat_threshold") == 0)
		return true;
	if (strcmp(row->field, "pcp_high_min") == 0 ||
		strcmp(row->field, "pcp_high_max") == 0)
		tally->bounds++;
	if (!strncmp(row->field, "protection", strlen("protection")))
		return !booted || !strcmp(topology->kernel, "6.18") ||
		       !strcmp(topology->kernel, "7.3");
	if (strcmp(row->field, "pcp_high") != 0)
		return !booted;
	if (!has_bounds(topology->kernel))
		return !booted ||
		       strstr(row->note, "follows from the printed low") ==
			       NULL;
	tally->floating++;
	tally->stale += !row->matched;
	return false;
}

static void check_rows(const struct topology *topology,
	const struct pcpmm_prediction *prediction, struct tally *tally)
{
	unsigned int i;

	for (i = 0; i < pcpmm_prediction_checked(prediction); i++) {
		const struct pcpmm_prediction_row *row =
			pcpmm_prediction_row(prediction, i);

		tally->values++;
		if (must_match(topology, row, tally) && !row->matched)
			fail_msg("%s %s: node %u %s %s: %lld, not %lld (%s)",
				topology->kernel, topology->name, row->nid,
				row->zone, row->field, (long long)row->actual,
				(long long)row->predicted, row->formula);
	}
}

static void finish_topology(struct topology *topology, struct tally *tally)
{
	struct pcpmm_predict_options options = {.size = sizeof(options)};
	struct pcpmm_prediction *prediction;
	struct pcpmm_error error = {""};
	struct pcpmm_dump *dump;
	enum pcpmm_era era;
	char name[16];

	if (!topology->any)
		return;
	fclose(topology->out);
	dump = parse(topology);
	snprintf(name, sizeof(name), "linux-%s", topology->kernel);
	assert_int_equal(pcpmm_era_by_name(name, &era), 0);
	options.history = PCPMM_PREDICT_HISTORY_NONE;
	if (strncmp(topology->state, "online:", 7) == 0) {
		options.history = PCPMM_PREDICT_HISTORY_ONLINED;
		options.onlined_cpu =
			(unsigned int)strtoul(topology->state + 7, NULL, 10);
		tally->hotplugged++;
	}
	prediction = pcpmm_predict(dump, era, &options, &error);
	if (!prediction)
		fail_msg("%s: %s", topology->name, error.text);
	check_rows(topology, prediction, tally);
	tally->topologies++;
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
	free_topology(topology);
}

static void test_topologies(void **state)
{
	static struct topology topology;
	static struct tsv tsv;
	struct tally tally = {0};

	(void)state;
	assert_true(tsv_open(&tsv, "golden/topologies.tsv"));
	while (tsv_next(&tsv)) {
		if (tsv.field[0][0] == 'T') {
			finish_topology(&topology, &tally);
			start_topology(&topology, &tsv);
		} else {
			add_zone(&topology, &tsv);
		}
	}
	finish_topology(&topology, &tally);
	fclose(tsv.file);
	print_message("# %u topologies, %u after a CPU came online, %u values; "
		      "%u bounds of pcp high exact; of %u floating pcp highs "
		      "%u not yet clamped\n",
		tally.topologies, tally.hotplugged, tally.values, tally.bounds,
		tally.floating, tally.stale);
	assert_true(tally.topologies >= 250);
	assert_true(tally.hotplugged >= 20);
	assert_true(tally.bounds >= 350);
	assert_true(tally.floating > 0);
	/* Few values are stale; many would mean that the bounds are wrong. */
	assert_true(tally.stale * 5 < tally.floating);
}

/* Without --onlined, the prediction finds the history that fits. */
static void test_history_is_inferred(void **state)
{
	static const char *const names[] = {
		"zoneinfo.txt", "sysctl.txt", "nodes.txt"};
	static const enum pcpmm_dump_file kinds[] = {
		PCPMM_DUMP_ZONEINFO, PCPMM_DUMP_SYSCTL, PCPMM_DUMP_NODES};
	struct pcpmm_predict_options options = {.size = sizeof(options)};
	struct pcpmm_prediction *prediction;
	struct pcpmm_dump *dump = pcpmm_dump_create();
	char path[4096];
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path),
			"%s/data/dumps/smp4-4G-numa2-on-3/%s", tests_folder(),
			names[i]);
		assert_int_equal(
			pcpmm_dump_read(dump, kinds[i], path, NULL), 0);
	}
	prediction = pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, NULL, NULL);
	assert_non_null(prediction);
	assert_int_equal(pcpmm_prediction_matched(prediction),
		pcpmm_prediction_checked(prediction));
	assert_non_null(strstr(pcpmm_prediction_history(prediction), "node 1"));
	pcpmm_prediction_free(prediction);

	options.history = PCPMM_PREDICT_HISTORY_NONE;
	prediction = pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, &options, NULL);
	assert_non_null(prediction);
	/* Both zones of the node that the CPU is not on. */
	assert_int_equal(pcpmm_prediction_matched(prediction) + 2,
		pcpmm_prediction_checked(prediction));
	assert_string_equal(pcpmm_prediction_history(prediction), "");
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topologies),
		cmocka_unit_test(test_history_is_inferred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
