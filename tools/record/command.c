/* SPDX-License-Identifier: MIT */
/* Runs the command and waits; see command.h. */
#include "command.h"
#include "say.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define GRACE_S 5
#define NOT_FOUND 127
#define NOT_RUN 126

extern char **environ;

void record_command_begin(struct record_command *command)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction hangup;

	*command = (struct record_command){.pid = 0};
	sigemptyset(&command->waited);
	sigaddset(&command->waited, SIGINT);
	sigaddset(&command->waited, SIGTERM);
	sigaddset(&command->waited, SIGCHLD);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(&command->waited, SIGHUP);
	sigaction(SIGPIPE, &ignore, &command->old_pipe);
	/* Where SIGCHLD is ignored, a child's status would be lost. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &command->waited, &command->old_mask);
}

/* A signal that came too late to matter must not end us after all. */
void record_command_end(struct record_command *command)
{
	const struct timespec now = {0, 0};

	while (sigtimedwait(&command->waited, NULL, &now) > 0)
		continue;
	sigaction(SIGPIPE, &command->old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &command->old_mask, NULL);
}

int record_command_start(struct record_command *command, char *const *argv)
{
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int ret;

	sigemptyset(&defaults);
	if (command->old_pipe.sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &command->old_mask);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	ret = posix_spawnp(
		&command->pid, argv[0], NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	if (!ret)
		return 0;
	command->pid = 0;
	record_fail("%s: %s", argv[0],
		ret == ENOENT ? "command not found" : strerror(ret));
	return ret == ENOENT ? NOT_FOUND : NOT_RUN;
}

/* Whether the command has ended; its status is kept. */
static bool reap(struct record_command *command)
{
	int status;

	if (!command->pid || waitpid(command->pid, &status, WNOHANG) <= 0)
		return false;
	command->pid = 0;
	command->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					      : WEXITSTATUS(status);
	return true;
}

/* Time left to @end; false: none. */
static bool time_to(const struct timespec *end, struct timespec *left)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left->tv_sec = end->tv_sec - now.tv_sec;
	left->tv_nsec = end->tv_nsec - now.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_nsec += 1000000000;
		left->tv_sec--;
	}
	return left->tv_sec >= 0;
}

/* A signal of @set within @seconds (< 0: any time); 0: the time is over. */
static int wait_signal(const sigset_t *set, const struct timespec *end)
{
	struct timespec left;
	int got;

	for (;;) {
		if (!end)
			got = sigwaitinfo(set, NULL);
		else if (!time_to(end, &left))
			return 0;
		else
			got = sigtimedwait(set, NULL, &left);
		if (got > 0)
			return got;
	}
}

static void end_after(struct timespec *end, long seconds)
{
	clock_gettime(CLOCK_MONOTONIC, end);
	end->tv_sec += seconds;
}

/* The command must end: @signal, then SIGKILL. */
static void stop(struct record_command *command, int signal)
{
	sigset_t child;
	struct timespec end;
	int status;

	if (reap(command) || !command->pid)
		return;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	kill(command->pid, signal);
	end_after(&end, GRACE_S);
	while (wait_signal(&child, &end) == SIGCHLD) {
		if (reap(command))
			return;
	}
	kill(command->pid, SIGKILL);
	waitpid(command->pid, &status, 0);
	command->pid = 0;
	command->status = 128 + SIGKILL;
}

void record_command_wait(struct record_command *command, long seconds)
{
	struct timespec end;
	int got;

	if (seconds >= 0)
		end_after(&end, seconds);
	for (;;) {
		got = wait_signal(&command->waited, seconds >= 0 ? &end : NULL);
		if (got != SIGCHLD)
			break;
		if (reap(command)) {
			command->ending = RECORD_COMMAND_ENDED;
			return;
		}
	}
	command->ending = got ? RECORD_SIGNAL : RECORD_TIME_OVER;
	command->signal = got;
	stop(command, got ? got : SIGTERM);
}

int record_command_pending(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigismember(&pending, signals[i]))
			return signals[i];
	}
	return 0;
}

int record_command_interrupted(void)
{
	int signal = record_command_pending();

	if (!signal)
		return 0;
	record_note("interrupted: nothing is kept");
	return 128 + signal;
}
