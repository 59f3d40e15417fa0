/* SPDX-License-Identifier: MIT */
/*
 * found TEST: a test that is linked with a library with one mistake must fail.
 *
 * Exit status: 0 it failed, 1 it passed, 2 wrong usage or it could not run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_S 60
#define CAN_NOT_RUN 127

/* Its failures are expected: not printed. */
static void run(const char *test)
{
	if (!freopen("/dev/null", "w", stdout) ||
		!freopen("/dev/null", "w", stderr))
		_exit(CAN_NOT_RUN);
	alarm(HANG_S);
	execl(test, test, (char *)NULL);
	_exit(CAN_NOT_RUN);
}

int main(int argc, char **argv)
{
	pid_t child;
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: found TEST\n");
		return 2;
	}
	child = fork();
	if (!child)
		run(argv[1]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 2;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CAN_NOT_RUN)
		return 2;
	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		printf("1..1\nnot ok 1 - %s did not find it\n", argv[1]);
		return 1;
	}
	printf("# %s\n1..1\nok 1 - found\n",
		WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed");
	return 0;
}
