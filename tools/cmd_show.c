/* SPDX-License-Identifier: MIT */
/*
 * pcpmm show: a machine's /proc files, as its kernel would print them; `truth`,
 * the exact counts, which no kernel has; `failure`, what a kernel prints when it
 * has no page; the axes of the machine; or what a preset sets.
 */
#include "clock.h"
#include "cmd.h"
#include "options.h"
#include "show_axes.h"
#include "show_failure.h"
#include "show_preset.h"
#include "show_truth.h"

#include <pcpmm/dump.h>
#include <pcpmm/machinefile.h>
#include <pcpmm/proc.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TEXT_MAX (256u << 20) /* as the library reads of a dump */

#define FILES                                                                  \
	"zoneinfo|vmstat|buddyinfo|pagetypeinfo|interrupts|pressure/memory|"   \
	"truth|failure|axes"

struct arguments {
	const char *machine;
	const char *beside[PCPMM_NR_DUMP_FILES]; /* further files of a dump */
	const char *preset, *set;
	const char *sysctl;
	bool footprint;
	const char *file; /* NULL: what the preset sets */
	bool axes; /* the file is "axes": no machine is built */
	struct show_failure failure;
};

/* Options of the file "failure": -1, or EXIT_USAGE after a message. */
static int check_failure(const struct arguments *args)
{
	const struct show_failure *failure = &args->failure;

	if (args->file && !strcmp(args->file, "failure"))
		return show_failure_check(failure);
	if (!failure->layout && !failure->gfp && !failure->nodemask &&
		!failure->order)
		return -1;
	fputs("pcpmm show: --layout, --gfp, --order and --nodemask belong to "
	      "failure\n",
		stderr);
	return EXIT_USAGE;
}

/* Check options against each other: -1, or EXIT_USAGE after a message. */
static int check(const struct arguments *args)
{
	struct pcpmm_config scratch;

	if (!args->machine && !args->axes) {
		fputs("pcpmm show: --machine FILE is needed\n", stderr);
		return EXIT_USAGE;
	}
	if (!args->machine && !args->preset) {
		fputs("pcpmm show: --machine FILE or --preset NAME is "
		      "needed\n",
			stderr);
		return EXIT_USAGE;
	}
	if (args->axes && (args->sysctl || args->footprint)) {
		fputs("pcpmm show: axes needs no machine, so it takes neither "
		      "--sysctl nor --footprint\n",
			stderr);
		return EXIT_USAGE;
	}
	/* Checks the names before any file is read. */
	pcpmm_config_init(&scratch, sizeof(scratch), PCPMM_PRESET_LINUX_6_1);
	return show_axes_set(&scratch, args->preset, args->set);
}

/* Without the name of a file the preset stands alone. */
static int check_preset(const struct arguments *args)
{
	bool alone = !args->machine && !args->set && !args->sysctl &&
		     !args->footprint;

	for (int kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++)
		alone = alone && !args->beside[kind];
	if (args->preset && alone)
		return -1;
	fputs(args->preset ? "pcpmm show: --preset alone, or with one of " FILES
			     "\n"
			   : "pcpmm show: " FILES
			     " expected, or --preset NAME\n",
		stderr);
	return EXIT_USAGE;
}

static int parse(int argc, char **argv, struct arguments *args)
{
	const struct option_row options[] = {
		{"machine", OPTION_TEXT, &args->machine, "FILE",
			"machine file (INI), or a copy of /proc/zoneinfo",
			NULL},
		{"buddyinfo", OPTION_TEXT, &args->beside[PCPMM_DUMP_BUDDYINFO],
			"FILE", "with a zoneinfo: its free blocks", NULL},
		{"pagetypeinfo", OPTION_TEXT,
			&args->beside[PCPMM_DUMP_PAGETYPEINFO], "FILE",
			"with a zoneinfo: free blocks and pageblocks by type",
			NULL},
		{"nodes", OPTION_TEXT, &args->beside[PCPMM_DUMP_NODES], "FILE",
			"with a zoneinfo: CPUs of each node", NULL},
		{"uname", OPTION_TEXT, &args->beside[PCPMM_DUMP_UNAME], "FILE",
			"with a zoneinfo: the kernel's version", NULL},
		{"preset", OPTION_TEXT, &args->preset, "NAME",
			"this kernel or series, whatever the file says", NULL},
		{"set", OPTION_TEXT, &args->set, "KEY=VALUE",
			"choose for an axis (several: commas between)", NULL},
		{"sysctl", OPTION_TEXT, &args->sysctl, "NAME=VALUE",
			"set it before printing (several: commas between)",
			NULL},
		{"layout", OPTION_TEXT, &args->failure.layout, "KERNEL",
			"failure: 2.6.36, 4.4, 4.19, 5.10, 6.1, 6.12 or 7.3",
			NULL},
		{"gfp", OPTION_TEXT, &args->failure.gfp, "FLAGS",
			"failure: as GFP_ATOMIC|__GFP_COMP (default "
			"GFP_KERNEL)",
			NULL},
		{"order", OPTION_NUMBER, &args->failure.order, "N",
			"failure: pages asked for, as a power of two", NULL},
		{"nodemask", OPTION_TEXT, &args->failure.nodemask, "LIST",
			"failure: nodes that may serve it, as 0,2-3", NULL},
		{"footprint", OPTION_FLAG, &args->footprint, NULL,
			"also say on stderr what the machine costs", NULL},
		{0},
	};
	const struct command command = {"pcpmm show",
		"Print zoneinfo, vmstat, buddyinfo, pagetypeinfo, interrupts "
		"or memory "
		"pressure of a machine, the truth, the report of a failure, or "
		"its "
		"axes; with --preset alone, what that sets.",
		FILES, 0, 1, options};
	int first, status = options_parse(&command, argc, argv, &first);

	if (status >= 0)
		return status;
	args->file = argv[first];
	args->axes = args->file && !strcmp(args->file, "axes");
	status = check_failure(args);
	if (status < 0 && !args->file)
		return check_preset(args);
	return status >= 0 ? status : check(args);
}

static int fail(const char *text)
{
	fprintf(stderr, "pcpmm show: %s\n", text);
	return EXIT_INPUT;
}

/* Of some kernel; with or without "vm.". */
static bool is_sysctl(const char *name)
{
	const char *const *names = pcpmm_sysctl_names();

	if (!strncmp(name, "vm.", 3))
		name += 3;
	while (*names && strcmp(*names + 3, name) != 0)
		names++;
	return *names != NULL;
}

/* "a=1". */
static int set_sysctl(char *item, void *arg)
{
	struct pcpmm_machine *machine = arg;
	char *value = strchr(item, '=');
	int ret;

	if (value)
		*value++ = '\0';
	ret = pcpmm_sysctl_set(machine, item, value ? value : "");
	if (!ret)
		return -1;
	if (ret == -ENOENT && !is_sysctl(item))
		options_unknown(
			"pcpmm show", "sysctl", item, pcpmm_sysctl_names());
	else
		fail(pcpmm_last_error(machine));
	return EXIT_INPUT;
}

static void print_footprint(
	const struct pcpmm_machine *machine, double created_ms)
{
	struct pcpmm_footprint footprint;
	struct rusage usage;

	pcpmm_footprint_read(machine, &footprint);
	getrusage(RUSAGE_SELF, &usage);
	fprintf(stderr,
		"created in %.2f ms; %" PRIu64
		" frames of %u bytes (%.1f MiB of address space), %.1f KiB "
		"per-CPU, process resident %.1f MiB\n",
		created_ms, footprint.frames, footprint.frame_size,
		(double)footprint.memmap_reserved / (1 << 20),
		(double)footprint.percpu / 1024,
		(double)usage.ru_maxrss / 1024);
}

/* In the state of the dump, if there is one; else as after boot. */
static struct pcpmm_machine *create(const struct pcpmm_config *config,
	const struct pcpmm_dump *dump, struct pcpmm_error *error)
{
	struct pcpmm_config copy = *config;
	struct pcpmm_dump_restored restored = {0};
	struct pcpmm_machine *machine;

	if (dump)
		copy.boot = PCPMM_BOOT_HELD;
	machine = pcpmm_machine_create(&copy, error);
	if (machine && dump)
		pcpmm_dump_restore(
			dump, machine, PCPMM_DUMP_RESTORE_ALL, NULL, &restored);
	if (restored.missing_pages)
		fprintf(stderr,
			"pcpmm show: %" PRIu64 " free or listed pages of the "
			"dump found no room\n",
			restored.missing_pages);
	return machine;
}

static int print(struct pcpmm_machine *machine, const struct arguments *args)
{
	static const char *const files[] = {"zoneinfo", "vmstat", "buddyinfo",
		"pagetypeinfo", "interrupts", "pressure/memory", "truth",
		"failure", "axes", NULL};
	int ret;

	if (!strcmp(args->file, "truth"))
		ret = show_truth(machine, stdout);
	else if (!strcmp(args->file, "failure"))
		ret = show_failure(machine, &args->failure, stdout);
	else
		ret = pcpmm_proc_print(machine, args->file, stdout);
	if (ret == -ENOENT) {
		options_unknown("pcpmm show", "file", args->file, files);
		return EXIT_USAGE;
	}
	if (ret == -EINVAL)
		return fail(pcpmm_last_error(machine));
	if (ret == -EOPNOTSUPP)
		return fail("psi is off: pressure is not measured");
	return ret ? fail("can not write") : 0;
}

/* Show a machine of @from, changed by the options. */
static int show(const struct pcpmm_config *from, const struct pcpmm_dump *dump,
	const struct arguments *args)
{
	struct pcpmm_config config = *from;
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine;
	double start = clock_s(), created;
	int status = show_axes_set(&config, args->preset, args->set);

	if (status >= 0)
		return status;
	if (args->axes)
		return show_axes(&config, stdout) ? fail("can not write") : 0;
	machine = create(&config, dump, &error);
	if (!machine)
		return fail(error.text);
	created = (clock_s() - start) * 1e3;
	status = 0;
	if (args->sysctl)
		status = options_each(args->sysctl, set_sysctl, machine);
	if (status <= 0)
		status = print(machine, args);
	if (!status && args->footprint)
		print_footprint(machine, created);
	pcpmm_machine_destroy(machine);
	return status;
}

/*
 * The first word tells a dump from a machine file; both may be indented or
 * quoted.
 */
static bool is_dump(const char *text)
{
	if (strstr(text, " free:") && strstr(text, "kB min:"))
		return true;
	text += strspn(text, " \t\r\n>");
	return !strncmp(text, "Node ", 5) || !strncmp(text, "time:", 5);
}

/*
 * The whole text, since a pipe can not be read twice, with a 0 after it. NULL with
 * errno: not readable, or larger than any file of that kind.
 */
static char *read_text(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	FILE *copy = file ? open_memstream(&text, length) : NULL;
	int err = copy ? 0 : errno;
	char chunk[4096];
	size_t got, sum = 0;

	while (!err && (got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
		sum += got;
		if (sum > TEXT_MAX)
			err = EFBIG;
		else if (fwrite(chunk, 1, got, copy) != got)
			err = ENOMEM;
	}
	if (!err && ferror(file))
		err = errno;
	if (copy && fclose(copy) && !err)
		err = ENOMEM;
	if (file)
		fclose(file);
	if (!err)
		return text;
	free(text);
	errno = err;
	return NULL;
}

static int read_dump(struct pcpmm_dump *dump, const struct arguments *args,
	const char *text, size_t length, struct pcpmm_error *error)
{
	int ret = pcpmm_dump_parse(
		dump, PCPMM_DUMP_ZONEINFO, args->machine, text, length, error);

	for (int kind = 0; !ret && kind < PCPMM_NR_DUMP_FILES; kind++)
		if (args->beside[kind])
			ret = pcpmm_dump_read(dump, (enum pcpmm_dump_file)kind,
				args->beside[kind], error);
	return ret;
}

static void print_note(const struct pcpmm_dump *dump)
{
	if (pcpmm_dump_note(dump)[0])
		fprintf(stderr, "pcpmm show: note: %s\n",
			pcpmm_dump_note(dump));
}

static int show_dump(
	const struct arguments *args, const char *text, size_t length)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	const struct pcpmm_config *config = NULL;
	enum pcpmm_preset preset = PCPMM_PRESET_OF_DUMP;
	struct pcpmm_error error = {"no memory"};
	int status;

	/* The name was checked before. */
	if (args->preset)
		pcpmm_preset_by_name(args->preset, &preset);
	if (dump && !read_dump(dump, args, text, length, &error))
		config = pcpmm_dump_config(dump, preset, &error);
	if (config)
		print_note(dump);
	status = config ? show(config, dump, args) : fail(error.text);
	pcpmm_dump_free(dump);
	return status;
}

static int show_machinefile(
	const struct arguments *args, const char *text, size_t length)
{
	struct pcpmm_machinefile *file;
	struct pcpmm_error error = {""};
	int status;

	for (int kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++)
		if (args->beside[kind]) {
			fputs("pcpmm show: files beside a machine file are "
			      "named in it: buddyinfo = FILE, ...\n",
				stderr);
			return EXIT_USAGE;
		}
	file = pcpmm_machinefile_parse(args->machine, text, length, &error);
	if (!file)
		return fail(error.text);
	if (!args->preset && pcpmm_machinefile_dump(file))
		print_note(pcpmm_machinefile_dump(file));
	status = show(pcpmm_machinefile_config(file),
		pcpmm_machinefile_dump(file), args);
	pcpmm_machinefile_free(file);
	return status;
}

/* Without a file: the first preset, changed by the options. */
static int show_base(const struct arguments *args)
{
	struct pcpmm_config config;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	return show(&config, NULL, args);
}

int cmd_show(int argc, char **argv)
{
	struct arguments args = {0};
	int status = parse(argc, argv, &args);
	size_t length = 0;
	char *text;

	if (status >= 0)
		return status;
	if (!args.file) {
		status = show_preset(args.preset, stdout);
		return status < 0 ? fail("can not write") : status;
	}
	if (!args.machine)
		return show_base(&args);
	text = read_text(args.machine, &length);
	if (!text) {
		fprintf(stderr, "pcpmm show: %s: %s\n", args.machine,
			strerror(errno));
		return EXIT_INPUT;
	}
	if (is_dump(text))
		status = show_dump(&args, text, length);
	else
		status = show_machinefile(&args, text, length);
	free(text);
	return status;
}
