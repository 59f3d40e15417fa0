/* SPDX-License-Identifier: MIT */
/*
 * A recorded machine state: a folder or a tar archive (compressed or not) with
 * the text of /proc files from before the run.
 *
 * Files are found by name, with or without ".txt": zoneinfo (needed),
 * buddyinfo, pagetypeinfo, sysctl, nodes, kpageflags. Those in a folder "before" take
 * precedence over those at the top; other folders are ignored.
 */
#ifndef REPLAY_STATE_H
#define REPLAY_STATE_H

#include <pcpmm/dump.h>

#include "../read/error.h"
#include "kpageflags.h"

/*
 * 0, a dump for pcpmm_dump_free() and free frames for replay_free_fini(), or -errno
 * with a message.
 */
int replay_state_read(const char *path, struct pcpmm_dump **dump,
	struct replay_free_frames *free_frames, struct replay_error *err);

/*
 * The same of the folder "after", which was copied after the run, without kpageflags.
 * *@dump is NULL where the state has no after/zoneinfo.
 */
int replay_state_read_after(
	const char *path, struct pcpmm_dump **dump, struct replay_error *err);

#endif
