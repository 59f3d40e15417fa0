/* SPDX-License-Identifier: MIT */
/* Reading a recorded state; libarchive reads folders and archives alike. */
#include "../read/unpack.h"
#include "state.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (64u << 20) /* larger than any /proc file of 4096 CPUs */

#define KPAGEFLAGS PCPMM_NR_DUMP_FILES /* the one that is not a dump's */
#define NR_FILES (PCPMM_NR_DUMP_FILES + 1)

static const char *const kind_names[NR_FILES] = {
	[PCPMM_DUMP_ZONEINFO] = "zoneinfo",
	[PCPMM_DUMP_BUDDYINFO] = "buddyinfo",
	[PCPMM_DUMP_PAGETYPEINFO] = "pagetypeinfo",
	[PCPMM_DUMP_SYSCTL] = "sysctl",
	[PCPMM_DUMP_NODES] = "nodes",
	[PCPMM_DUMP_UNAME] = "uname",
	[KPAGEFLAGS] = "kpageflags",
};

struct found {
	char *text;
	size_t length;
	char *name; /* for messages */
	int rank; /* 2: from the folder, 1: from the top, 0: no file yet */
};

struct state {
	const char *folder; /* "before/", "after/" */
	bool top; /* files that are in no folder count, too */
	struct found files[NR_FILES];
};

static void state_free(struct state *state)
{
	for (int i = 0; i < NR_FILES; i++) {
		free(state->files[i].text);
		free(state->files[i].name);
	}
}

/* Kind of file by its base name; -1: none of a state's. */
static int kind_of(const char *base)
{
	for (int i = 0; i < NR_FILES; i++) {
		size_t length = strlen(kind_names[i]);

		if (!strncmp(base, kind_names[i], length) &&
			(!base[length] || !strcmp(base + length, ".txt")))
			return i;
	}
	return -1;
}

/* Rank of a file at @name (relative to the state). */
static int rank_of(
	const struct state *state, const char *name, const char *base)
{
	const char *folder = name;
	size_t length = strlen(state->folder);

	while (!strncmp(folder, "./", 2))
		folder += 2;
	if (base == folder)
		return state->top;
	if (base >= folder + length &&
		!strncmp(base - length, state->folder, length) &&
		(base - length == folder || base[-(long)length - 1] == '/'))
		return 2;
	return 0;
}

static int take(struct found *found, int rank, const char *name, char *text,
	size_t length)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	free(found->text);
	free(found->name);
	*found = (struct found){
		.text = text, .length = length, .name = copy, .rank = rank};
	return 0;
}

/* --- folders ---------------------------------------------------------- */

static int read_plain(const char *path, char **text, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *buf = NULL;
	size_t have = 0, size = 0, got;

	if (!file)
		return -errno;
	do {
		if (have == size) {
			char *more =
				size > FILE_MAX
					? NULL
					: realloc(buf, size = size ? size * 2
								   : 1 << 14);

			if (!more) {
				free(buf);
				fclose(file);
				return -ENOMEM;
			}
			buf = more;
		}
		got = fread(buf + have, 1, size - have, file);
		have += got;
	} while (got);
	fclose(file);
	*text = buf;
	*length = have;
	return 0;
}

static int read_folder(struct state *state, const char *path)
{
	const char *const folders[] = {"", state->folder};
	static const char *const endings[] = {"", ".txt"};
	char name[4096];

	for (int kind = 0; kind < NR_FILES; kind++)
		for (int i = state->top ? 0 : 2; i < 4; i++) {
			char *text = NULL;
			size_t length = 0;
			int ret;

			snprintf(name, sizeof(name), "%s/%s%s%s", path,
				folders[i / 2], kind_names[kind],
				endings[i % 2]);
			ret = read_plain(name, &text, &length);
			if (ret == -ENOENT || ret == -ENOTDIR)
				continue;
			if (!ret)
				ret = take(&state->files[kind], 1 + i / 2, name,
					text, length);
			if (ret)
				return ret;
		}
	return 0;
}

/* --- archives --------------------------------------------------------- */

static int read_entry(struct archive *archive, struct archive_entry *entry,
	struct found *found, int rank, const char *name,
	struct replay_error *err)
{
	int64_t size = archive_entry_size(entry);
	char *text;
	int64_t got;

	if (size < 0 || size > FILE_MAX)
		return replay_fail(err, -EFBIG,
			"%s: %lld bytes is no /proc "
			"file",
			name, (long long)size);
	text = malloc((size_t)size + 1);
	if (!text)
		return -ENOMEM;
	got = archive_read_data(archive, text, (size_t)size);
	if (got != size) {
		free(text);
		return replay_fail(err, -EINVAL, "%s: %s", name,
			archive_error_string(archive)
				? archive_error_string(archive)
				: "the archive is cut off");
	}
	return take(found, rank, name, text, (size_t)size);
}

static int read_entries(struct state *state, struct archive *archive,
	const char *path, struct replay_error *err)
{
	struct archive_entry *entry;
	int ret;

	while ((ret = archive_read_next_header(archive, &entry)) ==
		ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		const char *slash = name ? strrchr(name, '/') : NULL;
		const char *base = slash ? slash + 1 : name;
		int kind = base ? kind_of(base) : -1;
		int rank = kind < 0 ? 0 : rank_of(state, name, base);

		if (kind < 0 || rank <= state->files[kind].rank)
			continue;
		ret = read_entry(
			archive, entry, &state->files[kind], rank, name, err);
		if (ret)
			return ret;
	}
	if (ret != ARCHIVE_EOF)
		return replay_fail(err, -EINVAL, "%s: %s", path,
			archive_error_string(archive));
	return 0;
}

/* Why the file cannot be an archive of ours; NULL: it may be. */
static const char *refuse(const char *path)
{
	FILE *file = fopen(path, "re");
	char head[16];
	size_t got = file ? fread(head, 1, sizeof(head), file) : 0;

	if (file)
		fclose(file);
	return replay_unpack_refuse(head, got);
}

static int read_archive(
	struct state *state, const char *path, struct replay_error *err)
{
	const char *why = refuse(path);
	struct archive *archive;
	int ret;

	if (why)
		return replay_fail(err, -EINVAL, "%s: %s", path, why);
	archive = archive_read_new();
	if (!archive)
		return -ENOMEM;
	replay_unpack_filters(archive);
	archive_read_support_format_tar(archive);
	if (archive_read_open_filename(archive, path, 1 << 16) != ARCHIVE_OK)
		ret = replay_fail(err, -EINVAL, "%s: %s", path,
			archive_error_string(archive));
	else
		ret = read_entries(state, archive, path, err);
	archive_read_free(archive);
	return ret;
}

/* --- both ------------------------------------------------------------- */

static int parse(const struct state *state, struct pcpmm_dump *dump,
	struct replay_free_frames *free_frames, struct replay_error *err)
{
	const struct found *frames = &state->files[KPAGEFLAGS];

	for (int kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++) {
		const struct found *found = &state->files[kind];
		struct pcpmm_error error;
		int ret;

		if (!found->rank)
			continue;
		ret = pcpmm_dump_parse(dump, (enum pcpmm_dump_file)kind,
			found->name, found->text, found->length, &error);
		if (ret)
			return replay_fail(err, ret, "%s", error.text);
	}
	if (!free_frames || !frames->rank)
		return 0;
	return replay_kpageflags_parse(dump, frames->name, frames->text,
		frames->length, free_frames, err);
}

static int find(struct state *state, const char *path, struct replay_error *err)
{
	struct stat info;

	if (stat(path, &info))
		return replay_fail(
			err, -errno, "%s: %s", path, strerror(errno));
	return S_ISDIR(info.st_mode) ? read_folder(state, path)
				     : read_archive(state, path, err);
}

/* Without a zoneinfo: an error if it is needed, as for @free_frames, else no dump. */
static int read_state(struct state *state, const char *path,
	struct pcpmm_dump **dump, struct replay_free_frames *free_frames,
	struct replay_error *err)
{
	int ret = find(state, path, err);
	bool there = state->files[PCPMM_DUMP_ZONEINFO].rank;

	*dump = NULL;
	if (!ret && !there && free_frames)
		ret = replay_fail(err, -ENOENT,
			"%s: no zoneinfo in it (looked for before/zoneinfo"
			"[.txt] and zoneinfo[.txt])",
			path);
	if (!ret && there) {
		*dump = pcpmm_dump_create();
		ret = *dump ? parse(state, *dump, free_frames, err) : -ENOMEM;
	}
	if (ret == -ENOMEM)
		replay_fail(err, ret, "%s: no memory", path);
	if (ret) {
		pcpmm_dump_free(*dump);
		*dump = NULL;
	}
	state_free(state);
	return ret;
}

int replay_state_read(const char *path, struct pcpmm_dump **dump,
	struct replay_free_frames *free_frames, struct replay_error *err)
{
	struct state state = {.folder = "before/", .top = true};

	*free_frames = (struct replay_free_frames){0};
	return read_state(&state, path, dump, free_frames, err);
}

int replay_state_read_after(
	const char *path, struct pcpmm_dump **dump, struct replay_error *err)
{
	struct state state = {.folder = "after/"};

	return read_state(&state, path, dump, NULL, err);
}
