/* SPDX-License-Identifier: MIT */
/*
 * pcpmm predict: every size that a real kernel computed for its zones and
 * per-CPU lists, beside the formula that gives it.
 */
#include "cmd.h"
#include "options.h"

#include <jansson.h>
#include <pcpmm/predict.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct arguments {
	const char *zoneinfo, *sysctl, *nodes, *uname;
	const char *preset, *thp;
	const char *json;
	const char *onlined;
	const char *page_size;
	bool differences;
};

static int parse(int argc, char **argv, struct arguments *args)
{
	static const char *const thp[] = {"auto", "always", "never", NULL};
	const struct option_row options[] = {
		{"zoneinfo", OPTION_TEXT, &args->zoneinfo, "FILE",
			"a copy of /proc/zoneinfo", NULL},
		{"sysctl", OPTION_TEXT, &args->sysctl, "FILE",
			"output of sysctl -a; default: the defaults", NULL},
		{"nodes", OPTION_TEXT, &args->nodes, "FILE",
			"CPUs of each node: nodeN cpulist=..., lscpu, numactl",
			NULL},
		{"uname", OPTION_TEXT, &args->uname, "FILE",
			"the kernel's version: output of uname -a", NULL},
		{"preset", OPTION_TEXT, &args->preset, "NAME",
			"kernel version; default: what uname says, or what the "
			"dump's lines leave, or linux-6.1",
			NULL},
		{"page-size", OPTION_TEXT, &args->page_size, "KIB",
			"4, 8, 16, 32 or 64; default: inferred", NULL},
		{"thp", OPTION_CHOICE, &args->thp, "WHEN",
			"huge pages at boot, if no sysctl tells "
			"min_free_kbytes",
			thp},
		{"onlined", OPTION_TEXT, &args->onlined, "CPU",
			"it came online last, nothing recalculated since; "
			"none; default: inferred",
			NULL},
		{"differences", OPTION_FLAG, &args->differences, NULL,
			"show only the values that differ", NULL},
		{"json", OPTION_TEXT, &args->json, "FILE",
			"write the result there; - is standard output", NULL},
		{0},
	};
	const struct command command = {"pcpmm predict",
		"Explain a real machine: what its kernel computed, and how.",
		"", 0, 0, options};
	int first, status;

	status = options_parse(&command, argc, argv, &first);
	if (status >= 0)
		return status;
	if (!args->zoneinfo) {
		fprintf(stderr, "pcpmm predict: --zoneinfo FILE is needed\n"
				"Try 'pcpmm predict --help'.\n");
		return EXIT_USAGE;
	}
	return -1;
}

static int find_era(const char *preset, enum pcpmm_era *era)
{
	const char *names[PCPMM_NR_ERAS + 1] = {NULL};
	unsigned int i;

	if (!preset || !pcpmm_era_by_name(preset, era))
		return -1;
	for (i = 0; i < PCPMM_NR_ERAS; i++)
		names[i] = pcpmm_era_name(i);
	options_unknown("pcpmm predict", "preset", preset, names);
	return EXIT_USAGE;
}

static struct pcpmm_dump *read_dump(const struct arguments *args)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	int err = -ENOMEM;

	if (dump)
		err = pcpmm_dump_read(
			dump, PCPMM_DUMP_ZONEINFO, args->zoneinfo, &error);
	if (!err && args->sysctl)
		err = pcpmm_dump_read(
			dump, PCPMM_DUMP_SYSCTL, args->sysctl, &error);
	if (!err && args->nodes)
		err = pcpmm_dump_read(
			dump, PCPMM_DUMP_NODES, args->nodes, &error);
	if (!err && args->uname)
		err = pcpmm_dump_read(
			dump, PCPMM_DUMP_UNAME, args->uname, &error);
	if (!err)
		return dump;
	fprintf(stderr, "pcpmm predict: %s\n",
		error.text[0] ? error.text : strerror(-err));
	pcpmm_dump_free(dump);
	return NULL;
}

/* The version whose formulas are used, and why; "": told, or the default. */
struct kernel {
	enum pcpmm_era era;
	char why[288];
};

static void print_row(const struct pcpmm_prediction_row *row)
{
	char predicted[48];
	char field[40];

	if (row->cpu >= 0)
		snprintf(
			field, sizeof(field), "%s cpu%d", row->field, row->cpu);
	else
		snprintf(field, sizeof(field), "%s", row->field);
	if (row->predicted_max > row->predicted)
		snprintf(predicted, sizeof(predicted), "%lld..%lld",
			(long long)row->predicted,
			(long long)row->predicted_max);
	else
		snprintf(predicted, sizeof(predicted), "%lld",
			(long long)row->predicted);
	printf("%4u %-8s %-16s %10lld %13s %s %s\n", row->nid, row->zone, field,
		(long long)row->actual, predicted, row->matched ? " " : "!",
		row->formula);
	if (row->note[0])
		printf("%*s^ %s\n", 58, "", row->note);
}

static void print_table(const struct pcpmm_dump *dump,
	const struct kernel *kernel, const struct pcpmm_prediction *prediction,
	bool differences)
{
	unsigned int checked = pcpmm_prediction_checked(prediction);
	unsigned int i;

	printf("kernel: %s formulas%s%s\n", pcpmm_era_name(kernel->era),
		kernel->why[0] ? "; " : "", kernel->why);
	if (pcpmm_prediction_page_origin(prediction)[0])
		printf("page size: %u KiB, %s\n",
			pcpmm_prediction_page_kbytes(prediction),
			pcpmm_prediction_page_origin(prediction));
	printf("min_free_kbytes: %llu, %s\n",
		(unsigned long long)pcpmm_prediction_min_free_kbytes(
			prediction),
		pcpmm_prediction_min_free_origin(prediction));
	if (pcpmm_prediction_history(prediction)[0])
		printf("history: %s\n", pcpmm_prediction_history(prediction));
	if (pcpmm_dump_note(dump)[0])
		printf("note: %s\n", pcpmm_dump_note(dump));
	printf("\n%4s %-8s %-16s %10s %13s   %s\n", "node", "zone", "field",
		"actual", "predicted", "formula");
	for (i = 0; i < checked; i++) {
		const struct pcpmm_prediction_row *row =
			pcpmm_prediction_row(prediction, i);

		if (!differences || !row->matched)
			print_row(row);
	}
	printf("\n%u values checked, %u matched, %u differ\n", checked,
		pcpmm_prediction_matched(prediction),
		checked - pcpmm_prediction_matched(prediction));
}

/* A new reference; NULL: no memory. */
static json_t *difference(const struct pcpmm_prediction_row *row)
{
	json_t *object = json_pack("{s:i, s:s, s:s, s:I, s:I, s:s, s:s}",
		"node", (int)row->nid, "zone", row->zone, "field", row->field,
		"actual", (json_int_t)row->actual, "predicted",
		(json_int_t)row->predicted, "formula", row->formula, "note",
		row->note);

	if (row->cpu >= 0)
		json_object_set_new(object, "cpu", json_integer(row->cpu));
	if (row->predicted_max > row->predicted)
		json_object_set_new(object, "predicted_max",
			json_integer(row->predicted_max));
	return object;
}

static json_t *to_json(const struct pcpmm_dump *dump,
	const struct kernel *kernel, const struct pcpmm_prediction *prediction)
{
	unsigned int checked = pcpmm_prediction_checked(prediction);
	json_t *differences = json_array();
	unsigned int i;

	for (i = 0; i < checked; i++) {
		const struct pcpmm_prediction_row *row =
			pcpmm_prediction_row(prediction, i);

		if (!row->matched)
			json_array_append_new(differences, difference(row));
	}
	return json_pack(
		"{s:i, s:i, s:o, s:s, s:s, s:i, s:s, s:I, s:s, s:s, s:s}",
		"checked", (int)checked, "matched",
		(int)pcpmm_prediction_matched(prediction), "differences",
		differences, "preset", pcpmm_era_name(kernel->era),
		"preset_origin", kernel->why, "page_kbytes",
		(int)pcpmm_prediction_page_kbytes(prediction),
		"page_kbytes_origin", pcpmm_prediction_page_origin(prediction),
		"min_free_kbytes",
		(json_int_t)pcpmm_prediction_min_free_kbytes(prediction),
		"min_free_kbytes_origin",
		pcpmm_prediction_min_free_origin(prediction), "history",
		pcpmm_prediction_history(prediction), "note",
		pcpmm_dump_note(dump));
}

static int write_json(const char *path, const struct pcpmm_dump *dump,
	const struct kernel *kernel, const struct pcpmm_prediction *prediction)
{
	json_t *root = to_json(dump, kernel, prediction);
	bool to_stdout = strcmp(path, "-") == 0;
	FILE *out = to_stdout ? stdout : fopen(path, "we");
	bool good = root && out;

	if (good) {
		good = json_dumpf(root, out, JSON_INDENT(2)) == 0 &&
		       fputc('\n', out) != EOF;
		if (!to_stdout)
			good = fclose(out) == 0 && good;
	}
	json_decref(root);
	if (!good)
		fprintf(stderr, "pcpmm predict: %s: cannot write: %s\n", path,
			strerror(errno));
	return good ? 0 : EXIT_INPUT;
}

/* --onlined: a CPU, "none", or nothing. */
static int parse_history(
	const char *onlined, struct pcpmm_predict_options *options)
{
	unsigned long cpu;
	char *end;

	if (!onlined)
		return 0;
	if (strcmp(onlined, "none") == 0) {
		options->history = PCPMM_PREDICT_HISTORY_NONE;
		return 0;
	}
	cpu = strtoul(onlined, &end, 10);
	if (*onlined < '0' || *onlined > '9' || *end || cpu > PCPMM_CPUS_MAX) {
		fprintf(stderr,
			"pcpmm predict: --onlined: '%s' is neither a "
			"CPU nor 'none'\n",
			onlined);
		return EXIT_USAGE;
	}
	options->history = PCPMM_PREDICT_HISTORY_ONLINED;
	options->onlined_cpu = (unsigned int)cpu;
	return 0;
}

/* --page-size: KiB, also with a k after the number. */
static int parse_page_size(const char *text, unsigned int *kbytes)
{
	unsigned long number;
	char *end;

	if (!text)
		return 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || (*end && strcasecmp(end, "k")) ||
		number < 4 || number > 64 || (number & (number - 1))) {
		fprintf(stderr,
			"pcpmm predict: --page-size: '%s' is not 4, 8, 16, 32 "
			"or 64 (KiB)\n",
			text);
		return EXIT_USAGE;
	}
	*kbytes = (unsigned int)number;
	return 0;
}

static int report(const struct arguments *args, const struct kernel *kernel,
	const struct pcpmm_dump *dump)
{
	struct pcpmm_predict_options options = {.size = sizeof(options)};
	struct pcpmm_prediction *prediction;
	struct pcpmm_error error = {""};
	int status = 0;

	if (args->thp && strcmp(args->thp, "always") == 0)
		options.thp = PCPMM_PREDICT_THP_ALWAYS;
	else if (args->thp && strcmp(args->thp, "never") == 0)
		options.thp = PCPMM_PREDICT_THP_NEVER;
	if (parse_history(args->onlined, &options) ||
		parse_page_size(args->page_size, &options.page_kbytes))
		return EXIT_USAGE;
	prediction = pcpmm_predict(dump, kernel->era, &options, &error);
	if (!prediction) {
		fprintf(stderr, "pcpmm predict: %s\n", error.text);
		return EXIT_INPUT;
	}
	if (!args->json || strcmp(args->json, "-") != 0)
		print_table(dump, kernel, prediction, args->differences);
	if (args->json)
		status = write_json(args->json, dump, kernel, prediction);
	pcpmm_prediction_free(prediction);
	return status;
}

/* A version that was told is used, even if it can not be right. */
static void warn_of_preset(const struct pcpmm_dump *dump,
	const struct kernel *kernel, const char *preset)
{
	char why[160];

	if (!pcpmm_era_fits(dump, kernel->era, why, sizeof(why)))
		fprintf(stderr,
			"pcpmm predict: note: preset %s is not right: %s\n",
			preset, why);
}

int cmd_predict(int argc, char **argv)
{
	struct arguments args = {0};
	struct pcpmm_dump *dump;
	struct kernel kernel = {PCPMM_ERA_LINUX_6_1, ""};
	int status;

	status = parse(argc, argv, &args);
	if (status < 0)
		status = find_era(args.preset, &kernel.era);
	if (status >= 0)
		return status;
	dump = read_dump(&args);
	if (!dump)
		return EXIT_INPUT;
	if (!args.preset)
		kernel.era =
			pcpmm_era_of_dump(dump, kernel.why, sizeof(kernel.why));
	else
		warn_of_preset(dump, &kernel, args.preset);
	status = report(&args, &kernel, dump);
	pcpmm_dump_free(dump);
	return status;
}
