/* SPDX-License-Identifier: MIT */
/* Runs a test for each value of axis ipi; the test's state is the value. */
#ifndef TESTS_SUPPORT_BY_IPI_H
#define TESTS_SUPPORT_BY_IPI_H

#include "support/harness.h"

static enum pcpmm_ipi by_signal = PCPMM_IPI_SIGNAL;
static enum pcpmm_ipi polled = PCPMM_IPI_POLLED;

#define BY_EACH_IPI(test)                                                      \
	{#test " by_signal", test, NULL, NULL, &by_signal},                    \
	{                                                                      \
#test " polled", test, NULL, NULL, &polled                     \
	}

#endif
