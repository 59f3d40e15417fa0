/* SPDX-License-Identifier: MIT */
/* Our tracefs instance, by libtracefs; see tracing.h. */
#include "tracing.h"
#include "buffers.h"
#include "leftover.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <tracefs.h>
#include <unistd.h>

static const struct {
	const char *system, *event;
	const char *lost; /* NULL: nothing can be replayed without it */
} events[] = {
	{"kmem", "mm_page_alloc", NULL},
	{"kmem", "mm_page_free", NULL},
	{"kmem", "mm_page_free_batched",
		"the order of batched frees is that of their preparation"},
	{"kmem", "mm_page_alloc_zone_locked", "no refill can be seen"},
	{"kmem", "mm_page_pcpu_drain", "no spill can be seen"},
	{"kmem", "mm_page_alloc_extfrag",
		"blocks that change their type are not seen"},
	{"vmscan", "mm_vmscan_kswapd_wake", "kswapd at work is inferred"},
	{"vmscan", "mm_vmscan_kswapd_sleep", "kswapd at work is inferred"},
};

/* --- the mount ---------------------------------------------------------- */

static bool is_mounted(void)
{
	FILE *mounts = setmntent("/proc/mounts", "re");
	struct mntent *entry = NULL;

	while (mounts && (entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_type, "tracefs"))
			break;
	}
	if (mounts)
		endmntent(mounts);
	return entry != NULL;
}

static int find_tracefs(struct record_tracing *tracing)
{
	bool before = is_mounted();

	tracefs_set_loglevel(TEP_LOG_NONE);
	/* Mounts it where there is none. */
	if (!tracefs_tracing_dir())
		return record_fail("no tracefs, and it cannot be mounted at "
				   "/sys/kernel/tracing: has the kernel "
				   "CONFIG_FTRACE, and this container "
				   "CAP_SYS_ADMIN?");
	tracing->mounted = !before && is_mounted();
	return 0;
}

int record_tracing_open(struct record_tracing *tracing)
{
	int ret;

	*tracing = (struct record_tracing){.marker = -1};
	snprintf(tracing->group, sizeof(tracing->group), RECORD_NAME "%ld",
		(long)getpid());
	ret = find_tracefs(tracing);
	if (ret)
		return ret;
	if (!tracefs_file_exists(NULL, "events/kmem/mm_page_alloc/enable"))
		return record_fail(
			"%s: the kernel has no event mm_page_alloc, or it is "
			"hidden (lockdown, a container)",
			tracefs_tracing_dir());
	record_leftover_remove();
	tracing->instance = tracefs_instance_create(tracing->group);
	if (!tracing->instance)
		return record_fail("%s/instances/%s: %s", tracefs_tracing_dir(),
			tracing->group, strerror(errno));
	tracing->marker = tracefs_instance_file_open(
		tracing->instance, "trace_marker", O_WRONLY | O_CLOEXEC);
	if (tracing->marker < 0)
		return record_fail("%s/instances/%s/trace_marker: %s",
			tracefs_tracing_dir(), tracing->group, strerror(errno));
	return 0;
}

void record_tracing_close(struct record_tracing *tracing)
{
	record_tracing_off(tracing);
	if (tracing->marker >= 0)
		close(tracing->marker);
	if (tracing->instance) {
		/* Switches the events off; before that no probe can go. */
		if (tracefs_instance_destroy(tracing->instance) < 0)
			record_note("%s/instances/%s stays: %s",
				tracefs_tracing_dir(), tracing->group,
				strerror(errno));
		tracefs_instance_free(tracing->instance);
	}
	if (tracing->probed)
		record_leftover_probes(tracing->group);
	if (tracing->mounted)
		umount2(tracefs_tracing_dir(), 0);
	*tracing = (struct record_tracing){.marker = -1};
}

/* --- settings ----------------------------------------------------------- */

static int write_setting(const struct record_tracing *tracing, const char *file,
	const char *value)
{
	if (tracefs_instance_file_write(tracing->instance, file, value) > 0)
		return 0;
	return record_fail("%s/instances/%s/%s: %s", tracefs_tracing_dir(),
		tracing->group, file, strerror(errno));
}

static int enable_events(const struct record_tracing *tracing)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (!tracefs_event_enable(tracing->instance, events[i].system,
			    events[i].event))
			continue;
		if (!events[i].lost)
			return record_fail("event %s: %s", events[i].event,
				strerror(errno));
		record_note("no event %s: %s", events[i].event, events[i].lost);
	}
	return 0;
}

int record_tracing_setup(struct record_tracing *tracing, long buffer_kb)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long chosen = buffer_kb ? buffer_kb : record_buffer_kb(cpus);
	int ret;

	ret = write_setting(tracing, "tracing_on", "0");
	/* Events in order of all CPUs; a full buffer drops the newest. */
	if (!ret)
		ret = write_setting(tracing, "trace_clock", "global");
	if (!ret)
		ret = write_setting(tracing, "options/overwrite", "0");
	if (ret)
		return ret;
	if (tracefs_instance_set_buffer_size(
		    tracing->instance, (size_t)chosen, -1) < 0)
		return record_fail("no buffers of %ld KiB for each of %ld "
				   "CPUs: %s; use a smaller --buffer",
			chosen, cpus, strerror(errno));
	return enable_events(tracing);
}

int record_tracing_on(struct record_tracing *tracing)
{
	return write_setting(tracing, "tracing_on", "1");
}

void record_tracing_off(struct record_tracing *tracing)
{
	if (tracing->instance)
		tracefs_trace_off(tracing->instance);
}

/* --- text in and out ---------------------------------------------------- */

void record_tracing_mark(const struct record_tracing *tracing, const char *text)
{
	size_t length = strlen(text);

	/* EBADF: the buffer is full; it will be told as a lost event. */
	if (write(tracing->marker, text, length) != (ssize_t)length &&
		errno != EBADF)
		record_note("mark '%s': %s", text, strerror(errno));
}

int record_tracing_file(const struct record_tracing *tracing, const char *file)
{
	return tracefs_instance_file_open(
		tracing->instance, file, O_RDONLY | O_CLOEXEC);
}

char *record_tracing_read(
	const struct record_tracing *tracing, const char *file)
{
	return tracefs_instance_file_read(tracing->instance, file, NULL);
}
