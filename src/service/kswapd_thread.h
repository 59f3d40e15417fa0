/* SPDX-License-Identifier: MIT */
/* The end of the kswapd threads. */
#ifndef SERVICE_KSWAPD_THREAD_H
#define SERVICE_KSWAPD_THREAD_H

#include "machine/machine.h"

/* The machine is at rest, and its kswapds are stopped. */
void kswapds_destroy(struct pcpmm_machine *machine);

#endif
