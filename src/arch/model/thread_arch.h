/* SPDX-License-Identifier: MIT */
/* model/thread_arch.h - a fiber's number is its identity */
#ifndef ARCH_MODEL_THREAD_ARCH_H
#define ARCH_MODEL_THREAD_ARCH_H

#include "model.h"

static force_inline uint64_t arch_self(void)
{
	return 1 + model_self();
}

#endif
