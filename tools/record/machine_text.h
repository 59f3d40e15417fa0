/* SPDX-License-Identifier: MIT */
/* What a snapshot says of the machine beside /proc: sysctls, nodes, kernel. */
#ifndef RECORD_MACHINE_TEXT_H
#define RECORD_MACHINE_TEXT_H

#include "text.h"

/*
 * @sysctl: "vm.NAME = VALUE" of each whose reading changes nothing; @nodes:
 * "node0 cpulist=0-3 distance=10"; @cmdline: kernel, command line, CPUs.
 */
void record_machine_text(struct record_text *sysctl, struct record_text *nodes,
	struct record_text *cmdline);

#endif
