/* SPDX-License-Identifier: MIT */
/* Kicks by signal. */
#include "arch/kick.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One for all machines, written before the first handler is installed. */
static void (*look_around)(void);

static void on_signal(int signal)
{
	int saved_errno = errno;

	(void)signal;
	__atomic_load_n(&look_around, __ATOMIC_RELAXED)();
	errno = saved_errno;
}

int kick_install(int signal, void (*look)(void))
{
	struct sigaction action = {
		.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction old;

	if (!signal)
		signal = SIGURG;
	if (sigaction(signal, NULL, &old))
		return -EINVAL;
	if (old.sa_handler == on_signal)
		return signal;
	if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN)
		return -EBUSY;
	__atomic_store_n(&look_around, look, __ATOMIC_RELAXED);
	sigemptyset(&action.sa_mask);
	return sigaction(signal, &action, NULL) ? -EINVAL : signal;
}

/* If the thread has left, or ended, the signal has no effect. */
void kick_send(uint32_t tid, int signal)
{
	syscall(SYS_tgkill, getpid(), tid, signal);
}
