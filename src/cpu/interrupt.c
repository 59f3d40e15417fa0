/* SPDX-License-Identifier: MIT */
/* Sending and receiving the signal that stands for an interrupt. */
#include "cpu/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpu/sched.h"

static void on_signal(int signal)
{
	int saved_errno = errno;

	(void)signal;
	sched_interrupt();
	errno = saved_errno;
}

int interrupt_install(int signal)
{
	struct sigaction action = {
		.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction old;

	if (sigaction(signal, NULL, &old))
		return -EINVAL;
	if (old.sa_handler == on_signal)
		return 0;
	if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN)
		return -EBUSY;
	sigemptyset(&action.sa_mask);
	return sigaction(signal, &action, NULL) ? -EINVAL : 0;
}

uint32_t interrupt_self_tid(void)
{
	static thread_local_handler uint32_t tid;

	if (!tid)
		tid = (uint32_t)syscall(SYS_gettid);
	return tid;
}

/*
 * [kick.send] full, pairs with [kick.look]: the call was queued before tid is
 * read; who takes the CPU writes tid before it looks at the queue. One of the
 * two sees the other. A thread that has left, or ended, gets a signal that
 * means nothing to it, or nobody does.
 */
void interrupt_send(struct cpu *cpu)
{
	uint32_t tid;

	if (!cpu->ipi_signal)
		return;
	atomic_fence_seq_cst();
	tid = atomic_load_relaxed_u32(&cpu->tid);
	if (tid && tid != interrupt_self_tid())
		syscall(SYS_tgkill, getpid(), tid, cpu->ipi_signal);
}
