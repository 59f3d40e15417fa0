/* SPDX-License-Identifier: MIT */
/*
 * check_quick PCPMM-BENCH JSON: runs every benchmark at its smallest size and
 * checks the form of the result, never its speed.
 *
 * Exit status: 0 good, 1 bad, 2 wrong usage.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned int failures;

static void check(int ok, const char *what, const char *where)
{
	if (ok)
		return;
	fprintf(stderr, "check_quick: %s: %s\n", where, what);
	failures++;
}

/* Exit status of the program; -1: it did not run or was killed. */
static int run(const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -1;
	if (!child) {
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void check_row(const json_t *row)
{
	const char *name = text_of(row, "name");

	check(*text_of(row, "run_name"), "no run_name", name);
	check(!strcmp(text_of(row, "run_type"), "aggregate"), "run_type", name);
	check(!strcmp(text_of(row, "time_unit"), "ns"), "time_unit", name);
	check(number_of(row, "real_time") > 0, "real_time <= 0", name);
	check(number_of(row, "cpu_time") > 0, "cpu_time <= 0", name);
	check(number_of(row, "iterations") > 0, "iterations <= 0", name);
	check(number_of(row, "repetitions") == 2, "repetitions", name);
	check(number_of(row, "real_time_p25") <= number_of(row, "real_time") &&
			number_of(row, "real_time") <=
				number_of(row, "real_time_p75"),
		"p25, median and p75 do not rise", name);
}

/* Each benchmark on each number of CPUs, for each contestant always there. */
static void check_all_there(const json_t *rows)
{
	static const char *const names[] = {"hot_o0/cpus:1", "hot_o0/cpus:2",
		"hot_o1/cpus:1", "hot_o1/cpus:2", "hot_o3/cpus:1",
		"hot_o3/cpus:2", "hot_o9/cpus:1", "hot_o9/cpus:2",
		"lifo_512/cpus:1", "lifo_512/cpus:2", "fifo_512/cpus:1",
		"fifo_512/cpus:2", "random_512/cpus:1", "random_512/cpus:2",
		"fifo_64k/cpus:1", "fifo_64k/cpus:2", "random_64k/cpus:1",
		"random_64k/cpus:2", "mixed_o0_4/cpus:1", "mixed_o0_4/cpus:2",
		"cross_o0/cpus:2"};
	static const char *const who[] = {"null", "pcpmm", "libc"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(who) / sizeof(who[0]); j++) {
			char wanted[64];
			size_t index, found = 0;
			json_t *row;

			snprintf(wanted, sizeof(wanted), "%s/%s", names[i],
				who[j]);
			json_array_foreach(rows, index, row) found +=
				!strcmp(text_of(row, "run_name"), wanted);
			check(found == 1, "not there exactly once", wanted);
		}
}

static void check_context(const json_t *context)
{
	static const char *const keys[] = {"date", "cpu_model", "kernel",
		"machine", "compiler", "flags", "atomics", "version", "commit",
		"seed"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		check(*text_of(context, keys[i]), "empty or missing", keys[i]);
	check(json_is_object(json_object_get(context, "contestants")),
		"no contestants", "context");
}

static void check_file(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error), *rows, *row;
	size_t index;

	if (!root) {
		check(0, error.text, path);
		return;
	}
	rows = json_object_get(root, "benchmarks");
	check(json_array_size(rows) >= 63, "too few rows", path);
	json_array_foreach(rows, index, row) check_row(row);
	check_all_there(rows);
	check_context(json_object_get(root, "context"));
	json_decref(root);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: check_quick PCPMM-BENCH JSON\n");
		return 2;
	}
	const char *bench = argv[1], *json = argv[2];
	const char *quick[] = {
		bench, "--quick", "--seed", "1", "--json", json, NULL};
	const char *parts[] = {bench, "breakdown", "--quick", NULL};
	const char *guards[] = {bench, "guards", "--quick", NULL};
	const char *counters[] = {bench, "counters", "--quick", NULL};
	const char *instances[] = {bench, "instances", "--quick", NULL};
	const char *lru[] = {bench, "lru", "--quick", NULL};
	const char *lru_filtered[] = {bench, "lru", "--filter", "x", NULL};
	const char *filtered[] = {bench, "counters", "--filter", "x", NULL};
	const char *list[] = {bench, "--list", NULL};
	const char *regex[] = {bench, "--filter", "(", NULL};
	const char *none[] = {bench, "--filter", "no such", NULL};
	const char *count[] = {bench, "--repetitions", "0", NULL};
	const char *mode[] = {bench, "sideways", NULL};

	unlink(json);
	check(run(quick) == 0, "exit status", "--quick");
	check_file(json);
	check(run(parts) == 0, "exit status", "breakdown --quick");
	check(run(guards) == 0, "exit status", "guards --quick");
	check(run(counters) == 0, "exit status", "counters --quick");
	check(run(instances) == 0, "exit status", "instances --quick");
	check(run(lru) == 0, "exit status", "lru --quick");
	check(run(lru_filtered) == 2, "not refused", "lru --filter");
	check(run(filtered) == 2, "not refused", "counters --filter");
	check(run(list) == 0, "exit status", "--list");
	check(run(regex) == 2, "not refused", "a broken --filter");
	check(run(none) == 2, "not refused", "a --filter that matches none");
	check(run(count) == 2, "not refused", "--repetitions 0");
	check(run(mode) == 2, "not refused", "an unknown mode");
	return failures != 0;
}
