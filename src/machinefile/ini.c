/* SPDX-License-Identifier: MIT */
/*
 * Read a machine file: inih splits the lines, ini_keys.c understands them,
 * then the machine is built from a dump or laid out from nodes and zones.
 */
#include "machine/error.h"
#include "ini_file.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct pcpmm_machinefile *file;
	FILE *in;
};

int ini_error(struct pcpmm_machinefile *file, unsigned long line,
	const char *format, ...)
{
	size_t length = strlen(file->path);
	struct pcpmm_error *error = file->error;
	va_list args;
	int from;

	if (!error)
		return -EINVAL;
	from = snprintf(error->text, sizeof(error->text), "%s%s:%.0lu%s",
		length > 120 ? "..." : "",
		length > 120 ? file->path + length - 120 : file->path, line,
		line ? ": " : " ");
	va_start(args, format);
	vsnprintf(error->text + from, sizeof(error->text) - (size_t)from,
		format, args);
	va_end(args);
	return -EINVAL;
}

/*
 * A line for inih. Blanks at its start go: to inih they would mean that the
 * value above goes on, which nobody who indents a key expects.
 */
static char *read_line(char *buf, int size, void *stream)
{
	struct reader *reader = stream;
	struct pcpmm_machinefile *file = reader->file;
	size_t blanks, length;

	if (!fgets(buf, size, reader->in))
		return NULL;
	file->line++;
	length = strlen(buf);
	if (length == (size_t)size - 1 && buf[length - 1] != '\n' && !file->err)
		file->err = ini_error(file, file->line,
			"line longer than %d characters", size - 2);
	blanks = strspn(buf, " \t");
	memmove(buf, buf + blanks, length - blanks + 1);
	return buf;
}

/* inih's callback: 1 is good. After the first error nothing is looked at. */
static int on_key(
	void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;

	if (!reader->file->err)
		reader->file->err = ini_key(reader->file, section, name, value);
	return reader->file->err == 0;
}

static int parse(struct pcpmm_machinefile *file)
{
	struct reader reader = {.file = file};
	int line;

	reader.in = fopen(file->path, "re");
	if (!reader.in) {
		int err = -errno;

		return error_set(
			file->error, err, "%s: %s", file->path, strerror(-err));
	}
	line = ini_parse_stream(read_line, &reader, on_key, &reader);
	if (!file->err && ferror(reader.in))
		file->err = error_set(
			file->error, -EIO, "%s: cannot be read", file->path);
	fclose(reader.in);
	if (!file->err && line < 0)
		file->err = error_set(
			file->error, -ENOMEM, "%s: out of memory", file->path);
	else if (!file->err && line > 0)
		file->err = ini_error(file, (unsigned long)line,
			"neither [section] nor key = value");
	return file->err;
}

/* @name as seen from the folder that the machine file is in. */
static int beside(const char *path, const char *name, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int folder = name[0] == '/' || !slash ? 0 : (int)(slash + 1 - path);

	if (snprintf(out, PATH_MAX, "%.*s%s", folder, path, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

static int read_dump(struct pcpmm_machinefile *file)
{
	char path[PATH_MAX];
	unsigned int kind;
	int err;

	file->dump = pcpmm_dump_create();
	if (!file->dump)
		return error_set(file->error, -ENOMEM, "out of memory");
	for (kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++) {
		if (!file->files[kind])
			continue;
		err = beside(file->path, file->files[kind], path);
		if (err)
			return ini_error(file, 0, "name of a file too long");
		err = pcpmm_dump_read(file->dump, (enum pcpmm_dump_file)kind,
			path, file->error);
		if (err)
			return err;
	}
	return 0;
}

static int build_from_dump(struct pcpmm_machinefile *file)
{
	const struct pcpmm_config *config;
	unsigned int nid;
	int err;

	for (nid = 0; nid < file->nr_nodes; nid++) {
		if (file->node[nid].line)
			return ini_error(file, file->node[nid].line,
				"nodes and zones come from the zoneinfo");
	}
	if (file->cpus_line || file->offline_line)
		return ini_error(file,
			file->cpus_line ? file->cpus_line : file->offline_line,
			"CPUs come from the zoneinfo");
	err = read_dump(file);
	if (err)
		return err;
	config = pcpmm_dump_config(
		file->dump, (enum pcpmm_preset)file->preset, file->error);
	if (!config)
		return -EINVAL;
	file->config = *config;
	return 0;
}

static void apply_fold(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;

	if (file->account >= 0)
		config->account = (enum pcpmm_account)file->account;
	if (file->diff >= 0)
		config->diff = (enum pcpmm_diff)file->diff;
	if (file->fold >= 0)
		config->fold = (enum pcpmm_fold)file->fold;
	if (file->fold_quiet >= 0)
		config->fold_quiet = file->fold_quiet;
	if (file->fold_skip_isolated >= 0)
		config->fold_skip_isolated = file->fold_skip_isolated;
	if (file->fold_expire >= 0)
		config->fold_expire = file->fold_expire;
	if (file->refresh_drain >= 0)
		config->refresh_drain = file->refresh_drain;
}

static void apply_zone_rules(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;

	if (file->wmark_check >= 0)
		config->wmark_check = (enum pcpmm_wmark_check)file->wmark_check;
	if (file->marks >= 0)
		config->marks = (enum pcpmm_marks)file->marks;
	if (file->count_order >= 0)
		config->count_order = (enum pcpmm_count_order)file->count_order;
	if (file->reader >= 0)
		config->reader = (enum pcpmm_reader)file->reader;
	if (file->drain_retry >= 0)
		config->drain_retry = file->drain_retry;
}

/* What was said of the machine as a whole wins over preset and dump. */
static void apply_axes(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;
	unsigned int i;
	char why[128];

	if (file->thp >= 0)
		config->thp = (enum pcpmm_thp)file->thp;
	if (file->backing >= 0)
		config->backing = (enum pcpmm_backing)file->backing;
	if (file->drain >= 0)
		config->drain = (enum pcpmm_drain)file->drain;
	if (file->ipi >= 0)
		config->ipi = (enum pcpmm_ipi)file->ipi;
	if (file->rcu >= 0)
		config->rcu = (enum pcpmm_rcu)file->rcu;
	if (file->grace >= 0)
		config->grace = (enum pcpmm_grace)file->grace;
	if (file->allow_unsound >= 0)
		config->allow_unsound = file->allow_unsound;
	apply_fold(file);
	apply_zone_rules(file);
	for (i = 0; i < file->nr_sysctls; i++)
		sysctl_parse(&config->sysctl, file->sysctls[i].name,
			file->sysctls[i].value, why, sizeof(why));
}

/* After the CPUs are known, be it from a dump. */
static int apply_nohz_full(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;
	unsigned int cpu;

	if (!file->nohz_full_line)
		return 0;
	file->cpu_nohz_full = calloc(config->nr_cpus, 1);
	if (!file->cpu_nohz_full)
		return error_set(file->error, -ENOMEM, "out of memory");
	for (cpu = 0; cpu < PCPMM_CPUS_MAX; cpu++) {
		if (file->nohz_full_node[cpu] == CPULIST_NO_NODE)
			continue;
		if (cpu >= config->nr_cpus)
			return ini_error(file, file->nohz_full_line,
				"nohz_full: there is no CPU %u", cpu);
		file->cpu_nohz_full[cpu] = 1;
	}
	config->cpu_nohz_full = file->cpu_nohz_full;
	return 0;
}

static int build(struct pcpmm_machinefile *file)
{
	unsigned int kind;
	int err;

	for (kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++) {
		if (file->files[kind] && !file->files[PCPMM_DUMP_ZONEINFO])
			return ini_error(file, 0,
				"'%s' describes a dump, but there is no "
				"'zoneinfo'",
				file->files[kind]);
	}
	if (pcpmm_config_init(&file->config, sizeof(file->config),
		    (enum pcpmm_preset)file->preset))
		return ini_error(file, 0, "preset not available");
	err = file->files[PCPMM_DUMP_ZONEINFO] ? build_from_dump(file)
					       : ini_layout(file);
	if (err)
		return err;
	apply_axes(file);
	return apply_nohz_full(file);
}

struct pcpmm_machinefile *pcpmm_machinefile_read(
	const char *path, struct pcpmm_error *error)
{
	struct pcpmm_machinefile *file = calloc(1, sizeof(*file));
	unsigned int cpu;
	int err;

	if (!file) {
		error_set(error, -ENOMEM, "out of memory");
		errno = ENOMEM;
		return NULL;
	}
	file->path = path;
	file->error = error;
	file->thp = file->backing = file->drain = -1;
	file->ipi = file->rcu = file->grace = file->allow_unsound = -1;
	file->account = file->diff = file->fold = -1;
	file->wmark_check = file->marks = file->count_order = -1;
	file->reader = file->drain_retry = file->refresh_drain = -1;
	file->fold_quiet = file->fold_skip_isolated = file->fold_expire = -1;
	for (cpu = 0; cpu < PCPMM_CPUS_MAX; cpu++) {
		file->cpu_node[cpu] = CPULIST_NO_NODE;
		file->offline_node[cpu] = CPULIST_NO_NODE;
		file->nohz_full_node[cpu] = CPULIST_NO_NODE;
	}
	err = parse(file);
	if (!err)
		err = build(file);
	file->path = NULL;
	file->error = NULL;
	if (!err)
		return file;
	pcpmm_machinefile_free(file);
	errno = -err;
	return NULL;
}

void pcpmm_machinefile_free(struct pcpmm_machinefile *file)
{
	unsigned int i;

	if (!file)
		return;
	for (i = 0; i < PCPMM_NR_DUMP_FILES; i++)
		free(file->files[i]);
	pcpmm_dump_free(file->dump);
	dump_machine_fini(&file->machine);
	free(file->cpu_nohz_full);
	free(file);
}

const struct pcpmm_config *pcpmm_machinefile_config(
	const struct pcpmm_machinefile *file)
{
	return &file->config;
}

const struct pcpmm_dump *pcpmm_machinefile_dump(
	const struct pcpmm_machinefile *file)
{
	return file->dump;
}
