/* SPDX-License-Identifier: MIT */
/*
 * Read a machine file: inih splits the lines, ini_keys.c interprets them, then
 * the configuration comes from a dump or from the file's nodes and zones.
 */
#include "machine/error.h"
#include "machine/sysctl_table.h"
#include "ini_file.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct pcpmm_machinefile *file;
	FILE *in;
};

/*
 * A line for inih, without the blanks at its start: inih would take an indented
 * key for a continuation of the value above.
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

/* inih's callback; 1: success. After an error it ignores all other keys. */
static int on_key(
	void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;

	if (!reader->file->err)
		reader->file->err = ini_key(reader->file, section, name, value);
	return reader->file->err == 0;
}

/* @text NULL: the file. */
static int parse(
	struct pcpmm_machinefile *file, const char *text, size_t length)
{
	struct reader reader = {.file = file};
	int line;

	reader.in = text ? fmemopen((void *)(uintptr_t)text, length, "r")
			 : fopen(file->path, "re");
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

/* @name relative to the folder of the machine file @path. */
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

/* Of a machine without zoneinfo. */
static enum pcpmm_preset preset_of(const struct pcpmm_machinefile *file)
{
	unsigned int given = file->axis[AXIS_preset];

	return (enum pcpmm_preset)(given ? given - 1 : axes[AXIS_preset].base);
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
	if (file->zone_instances > 1)
		return ini_error(file, file->zone_instances_line,
			"zone_instances: a zoneinfo is a recorded state, with "
			"one zone of each type");
	err = read_dump(file);
	if (err)
		return err;
	config = pcpmm_dump_config(file->dump,
		file->axis[AXIS_preset] ? preset_of(file)
					: PCPMM_PRESET_OF_DUMP,
		file->error);
	if (!config)
		return -EINVAL;
	file->config = *config;
	return 0;
}

/* Values were checked when they were read; now the kernel is known. */
static int apply_sysctls(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;
	char why[128];
	unsigned int i;

	for (i = 0; i < file->nr_sysctls; i++) {
		const struct ini_sysctl *sysctl = &file->sysctls[i];
		const struct sysctl_row *row = sysctl_find(sysctl->name);

		if (!sysctl_is_of(row, config->layout)) {
			sysctl_say_foreign(
				row, config->layout, why, sizeof(why));
			return ini_error(file, sysctl->line, "%s", why);
		}
		sysctl_parse(&config->sysctl, sysctl->name, sysctl->value, why,
			sizeof(why));
	}
	return 0;
}

/* Axes and sysctls of the file override preset, architecture and dump. */
static int apply_axes(struct pcpmm_machinefile *file)
{
	struct pcpmm_config *config = &file->config;
	unsigned int i;

	if (file->zone_instances)
		config->zone_instances = file->zone_instances;
	if (file->cpu_cache_kbytes)
		config->cpu_cache_kbytes = file->cpu_cache_kbytes;
	if (file->axis[AXIS_arch])
		axes_choose_arch(
			config, (enum pcpmm_arch)(file->axis[AXIS_arch] - 1));
	for (i = 0; i < NR_AXES; i++)
		if (file->axis[i])
			axis_store(config, &axes[i], file->axis[i] - 1u);
	return apply_sysctls(file);
}

/* Called when the CPUs are known, also those of a dump. */
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
	if (pcpmm_config_init(
		    &file->config, sizeof(file->config), preset_of(file)))
		return ini_error(file, 0, "preset not available");
	err = file->files[PCPMM_DUMP_ZONEINFO] ? build_from_dump(file)
					       : ini_layout(file);
	if (err)
		return err;
	err = apply_axes(file);
	return err ? err : apply_nohz_full(file);
}

static struct pcpmm_machinefile *create(const char *path, const char *text,
	size_t length, struct pcpmm_error *error)
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
	for (cpu = 0; cpu < PCPMM_CPUS_MAX; cpu++) {
		file->cpu_node[cpu] = CPULIST_NO_NODE;
		file->offline_node[cpu] = CPULIST_NO_NODE;
		file->nohz_full_node[cpu] = CPULIST_NO_NODE;
	}
	err = parse(file, text, length);
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

struct pcpmm_machinefile *pcpmm_machinefile_read(
	const char *path, struct pcpmm_error *error)
{
	return create(path, NULL, 0, error);
}

struct pcpmm_machinefile *pcpmm_machinefile_parse(const char *path,
	const char *text, size_t length, struct pcpmm_error *error)
{
	return create(path, text, length, error);
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
