/* SPDX-License-Identifier: MIT */
/*
 * mutant DRAIN RCU [reclaim]: the combination test on a library with one
 * mistake must fail. Rounds of it run in child processes until one fails or
 * hangs.
 *
 * Exit status: 0 the mutant was caught, 1 it survived, 2 wrong usage.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "combo/run.h"

#define ROUNDS 200
#define HANG_S 10

static void round_of(const struct combo *combo)
{
	struct combo_count count;

	/* Its last words are expected: not printed. */
	if (!freopen("/dev/null", "w", stderr))
		_exit(0);
	alarm(HANG_S);
	combo_run(combo, &count);
	_exit(0);
}

/* true: the child failed or hung. */
static int caught(const struct combo *combo)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return 0;
	if (!child)
		round_of(combo);
	if (waitpid(child, &status, 0) != child)
		return 0;
	if (WIFSIGNALED(status))
		printf("# %s\n", WTERMSIG(status) == SIGALRM
					 ? "it hangs"
					 : strsignal(WTERMSIG(status)));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct combo combo = {.cpus = 4, .nodes = 1, .ops = 20000};

	if (argc < 3 || argc > 4 ||
		pcpmm_drain_by_name(argv[1], &combo.drain)) {
		fprintf(stderr, "usage: mutant DRAIN RCU [reclaim]\n");
		return 2;
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("1..0 # SKIP one processor: nothing happens at once\n");
		return 0;
	}
	while (combo.rcu < PCPMM_NR_RCUS &&
		strcmp(pcpmm_rcu_name(combo.rcu), argv[2]))
		combo.rcu++;
	combo.drains_often = argc == 3;
	combo.reclaim = combo.shepherd = argc == 4;
	combo.nap_ms = argc == 4;
	combo_ticks(0, &combo);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		combo.seed = i;
		if (caught(&combo)) {
			printf("# caught in round %u\n1..1\nok 1 - caught\n",
				i + 1);
			return 0;
		}
	}
	printf("1..1\nnot ok 1 - it survived %u rounds\n", ROUNDS);
	return 1;
}
