/* SPDX-License-Identifier: MIT */
/* The snapshot as a whole, and the plain files of /proc; see snapshot.h. */
#include "snapshot.h"
#include "machine_text.h"
#include "say.h"
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The larger and less important ones first: zoneinfo, whose counts a replay
 * looks for, is nearest to the end mark.
 */
static const struct {
	const char *name;
	bool required;
} files[RECORD_SNAPSHOT_FILES] = {
	{"vmstat", false},
	{"meminfo", false},
	{"pagetypeinfo", false},
	{"buddyinfo", true},
	{"zoneinfo", true},
};

enum { FILE_BUDDYINFO = 3, FILE_ZONEINFO = 4 };

static int read_files(struct record_snapshot *snapshot)
{
	for (int i = 0; i < RECORD_SNAPSHOT_FILES; i++) {
		char path[64];
		int ret;

		snprintf(path, sizeof(path), "/proc/%s", files[i].name);
		ret = record_text_read(&snapshot->files[i], path);
		if (ret && files[i].required)
			return record_fail("%s: %s", path, strerror(-ret));
	}
	return 0;
}

int record_snapshot_init(struct record_snapshot *snapshot, bool frames)
{
	int ret;

	*snapshot = (struct record_snapshot){.has_frames = false};
	record_machine_text(
		&snapshot->sysctl, &snapshot->nodes, &snapshot->cmdline);
	ret = read_files(snapshot);
	if (ret || !frames)
		return ret;
	if (access("/proc/kpageflags", R_OK)) {
		record_note("/proc/kpageflags: %s: which frames are free is "
			    "inferred",
			strerror(errno));
		return 0;
	}
	if (record_frames_init(&snapshot->frames,
		    record_frames_end(snapshot->files[FILE_ZONEINFO].text)))
		return record_fail("no memory");
	snapshot->has_frames = true;
	return 0;
}

void record_snapshot_fini(struct record_snapshot *snapshot)
{
	for (int i = 0; i < RECORD_SNAPSHOT_FILES; i++)
		record_text_free(&snapshot->files[i]);
	record_text_free(&snapshot->sysctl);
	record_text_free(&snapshot->nodes);
	record_text_free(&snapshot->cmdline);
	record_frames_fini(&snapshot->frames);
}

static void mark(const struct record_tracing *tracing, const char *name,
	const char *what)
{
	char text[64];

	snprintf(text, sizeof(text), "%s-%s", name, what);
	record_tracing_mark(tracing, text);
}

int record_snapshot_take(struct record_snapshot *snapshot, const char *name,
	const struct record_tracing *tracing)
{
	int ret = 0;

	if (snapshot->has_frames) {
		int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);

		mark(tracing, name, "kpageflags begin");
		ret = fd < 0 ? -errno
			     : record_frames_read(&snapshot->frames, fd);
		mark(tracing, name, "kpageflags end");
		if (fd >= 0)
			close(fd);
		if (ret)
			return record_fail(
				"/proc/kpageflags: %s", strerror(-ret));
	}
	mark(tracing, name, "snapshot begin");
	ret = read_files(snapshot);
	mark(tracing, name, "snapshot end");
	record_machine_text(
		&snapshot->sysctl, &snapshot->nodes, &snapshot->cmdline);
	return ret;
}

static int write_frames(
	const struct record_snapshot *snapshot, const char *path)
{
	struct record_frames frames = snapshot->frames;
	char name[4096];
	FILE *file;
	int ret;

	snprintf(name, sizeof(name), "%s/kpageflags", path);
	if (record_frames_judge(
		    &frames, snapshot->files[FILE_BUDDYINFO].text)) {
		record_note("buddyinfo is not understood: no kpageflags");
		return 0;
	}
	file = fopen(name, "we");
	if (!file)
		return record_fail("%s: %s", name, strerror(errno));
	ret = record_frames_write(&frames, file);
	if (fclose(file) || ret)
		return record_fail("%s: %s", name, strerror(EIO));
	return 0;
}

int record_snapshot_make_folder(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		return record_fail("%s: %s", path, strerror(errno));
	return 0;
}

int record_snapshot_write(
	const struct record_snapshot *snapshot, const char *path)
{
	int ret = record_snapshot_make_folder(path);

	for (int i = 0; i < RECORD_SNAPSHOT_FILES && !ret; i++)
		ret = record_text_write(
			&snapshot->files[i], path, files[i].name);
	if (!ret)
		ret = record_text_write(&snapshot->sysctl, path, "sysctl");
	if (!ret)
		ret = record_text_write(&snapshot->nodes, path, "nodes");
	if (!ret)
		ret = record_text_write(&snapshot->cmdline, path, "cmdline");
	if (!ret && snapshot->has_frames)
		ret = write_frames(snapshot, path);
	return ret;
}
