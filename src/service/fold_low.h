/* SPDX-License-Identifier: MIT */
/*
 * Fold all CPUs whenever a watermark check finds the counter below low: the form of
 * the drift fix that was given up in 2010 (reader fold_when_low).
 */
#ifndef SERVICE_FOLD_LOW_H
#define SERVICE_FOLD_LOW_H

#include "machine/machine.h"

/* Of a machine with that reader. 0, -ENOMEM. */
int fold_low_init(struct pcpmm_machine *machine);
void fold_low_fini(struct pcpmm_machine *machine);

#endif
