/* SPDX-License-Identifier: MIT */
/* The slow path of an allocation: no zone is above its low mark. */
#ifndef ALLOC_SLOWPATH_H
#define ALLOC_SLOWPATH_H

#include "machine/machine.h"
#include "zone/request.h"

struct pcpmm_page *slowpath(struct pcpmm_cpu *cpu, struct request *request);

#endif
