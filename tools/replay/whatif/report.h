/* SPDX-License-Identifier: MIT */
/* The two runs of --what-if as JSON. */
#ifndef REPLAY_WHATIF_REPORT_H
#define REPLAY_WHATIF_REPORT_H

#include <jansson.h>

#include "whatif.h"

/* A new object: change, recorded, changed. */
json_t *whatif_json(const struct whatif_result *result, const char *change);

#endif
