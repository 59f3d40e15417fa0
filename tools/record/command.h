/* SPDX-License-Identifier: MIT */
/*
 * The time of a recording: a command that runs, seconds that pass, a signal
 * that ends it. SIGINT, SIGTERM and SIGHUP are blocked from begin to end and
 * taken where the recorder waits, and SIGPIPE is ignored, so that no moment is
 * without a cleanup. Under nohup, SIGHUP is ignored.
 */
#ifndef RECORD_COMMAND_H
#define RECORD_COMMAND_H

#include <signal.h>
#include <sys/types.h>

enum record_ending {
	RECORD_COMMAND_ENDED,
	RECORD_TIME_OVER,
	RECORD_SIGNAL,
};

struct record_command {
	sigset_t old_mask;
	sigset_t waited; /* signals that end a recording, and SIGCHLD */
	struct sigaction old_pipe;
	pid_t pid; /* 0: none, or ended */
	enum record_ending ending;
	int signal; /* RECORD_SIGNAL: which */
	int status; /* of the command as a shell shows it: 128 + N by signal N */
};

void record_command_begin(struct record_command *command);
void record_command_end(struct record_command *command);

/*
 * Start @argv. 0, or the exit status after a message: 127 not found, 126 not
 * to be run.
 */
int record_command_start(struct record_command *command, char *const *argv);

/*
 * Wait for its end, for @seconds (< 0: without limit) or for a signal. A
 * command that still runs then gets SIGTERM (or the signal), and SIGKILL after
 * GRACE_S more; its status is that of its end.
 */
void record_command_wait(struct record_command *command, long seconds);

/* The signal that asks to end now, 0: none. It stays pending. */
int record_command_pending(void);

/* The same with a message: the exit status of a recording given up, or 0. */
int record_command_interrupted(void);

#endif
