/* SPDX-License-Identifier: MIT */
/*
 * The report as JSON, in the format that google-benchmark's own tools read:
 * "context", and in "benchmarks" an aggregate per row. Further keys are ours.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static json_t *context_json(const struct bench *bench)
{
	struct fact facts[FACTS_MAX];
	unsigned int nr = context_facts(bench, facts);
	json_t *context = json_object();
	json_t *contestants = json_object();

	for (unsigned int i = 0; i < nr; i++)
		json_object_set_new(
			context, facts[i].key, json_string(facts[i].value));
	json_object_set_new(context, "executable", json_string("pcpmm-bench"));
	json_object_set_new(
		context, "num_cpus", json_integer(bench->nr_host_cpus));
	for (unsigned int i = 0; i < bench->nr_contestants; i++)
		json_object_set_new(contestants, bench->contestants[i].name,
			json_string(bench->contestants[i].origin));
	json_object_set_new(context, "contestants", contestants);
	return context;
}

static void set_real(json_t *row, const char *key, double value)
{
	json_object_set_new(row, key, json_real(value));
}

static void set_names(json_t *row, const struct bench *bench,
	const struct cell *cell, unsigned int who)
{
	const char *name = bench->contestants[who].name;

	json_object_set_new(
		row, "name", json_sprintf("%s/%s_median", cell->name, name));
	json_object_set_new(
		row, "run_name", json_sprintf("%s/%s", cell->name, name));
	json_object_set_new(row, "run_type", json_string("aggregate"));
	json_object_set_new(row, "aggregate_name", json_string("median"));
	json_object_set_new(row, "aggregate_unit", json_string("time"));
	json_object_set_new(row, "time_unit", json_string("ns"));
	json_object_set_new(row, "benchmark", json_string(cell->what->name));
	json_object_set_new(row, "contestant", json_string(name));
	json_object_set_new(row, "threads", json_integer(cell->cpus));
	json_object_set_new(
		row, "repetitions", json_integer(bench->options.repetitions));
}

static json_t *row_json(
	const struct bench *bench, const struct cell *cell, unsigned int who)
{
	unsigned int repetitions = bench->options.repetitions;
	struct spread pair = spread_pair(cell, who, repetitions);
	struct spread alloc = spread_alloc(cell, who, repetitions);
	double cpu[REPETITIONS_MAX];
	json_t *row = json_object();
	uint64_t pairs = 0;

	for (unsigned int i = 0; i < repetitions; i++) {
		cpu[i] = cell->results[who][i].cpu_ns;
		pairs += cell->results[who][i].pairs;
	}
	set_names(row, bench, cell, who);
	json_object_set_new(row, "iterations", json_integer((json_int_t)pairs));
	set_real(row, "real_time", pair.median);
	set_real(row, "cpu_time", quantile(cpu, repetitions, 0.5));
	set_real(row, "real_time_p25", pair.p25);
	set_real(row, "real_time_p75", pair.p75);
	if (alloc.median > 0)
		set_real(row, "alloc_time", alloc.median);
	if (who != CONTESTANT_NULL) {
		set_real(row, "net_time",
			spread_net(cell, who, repetitions).median);
		set_real(row, "ratio_to_null",
			ratio_to_null(cell, who, repetitions));
		set_real(row, "ratio_to_pcpmm",
			ratio_to_pcpmm(cell, who, repetitions));
	}
	return row;
}

int report_json(const struct bench *bench, const char *path)
{
	json_t *root = json_object(), *rows = json_array();
	int failed;

	for (unsigned int i = 0; i < bench->nr_cells; i++)
		for (unsigned int who = 0; who < bench->nr_contestants; who++)
			json_array_append_new(
				rows, row_json(bench, &bench->cells[i], who));
	json_object_set_new(root, "context", context_json(bench));
	json_object_set_new(root, "benchmarks", rows);
	errno = 0;
	failed = json_dump_file(root, path, JSON_INDENT(1));
	json_decref(root);
	if (!failed)
		return 0;
	failed = errno ? errno : EIO;
	fprintf(stderr, "pcpmm-bench: %s: %s\n", path, strerror(failed));
	return -failed;
}
