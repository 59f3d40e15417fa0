/* SPDX-License-Identifier: MIT */
/*
 * pcpmm check: the program pcpmm-check, which is linked with the library on the model
 * backend and so can not be this one. It is looked for beside this program, then in PATH.
 */
#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "pcpmm-check"

static bool beside(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (length <= 0)
		return false;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash + 1 - path) + sizeof(PROGRAM) > size)
		return false;
	strcpy(slash + 1, PROGRAM);
	return true;
}

int cmd_check(int argc, char **argv)
{
	char path[PATH_MAX];

	(void)argc;
	fflush(stdout);
	if (beside(path, sizeof(path)))
		execv(path, argv);
	execvp(PROGRAM, argv);
	fprintf(stderr, "pcpmm check: " PROGRAM ": %s\n", strerror(errno));
	return EXIT_INPUT;
}
