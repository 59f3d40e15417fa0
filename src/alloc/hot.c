/* SPDX-License-Identifier: MIT */
/* The hot paths of all guards, and which machine has which. */
#include <pcpmm/inline.h>

#include "alloc/hot_door.h"
#include "pcplist/guards.h"

PCP_GUARDS(HOT_DOOR)

#define HOT_DOOR_ROW(name, enter_fn, leave_fn, busy_fn, masks_irqs)            \
	[PCP_GUARD_##name] = {pcpmm_hot_alloc_##name, pcpmm_hot_free_##name},

/* Lists that are no stacks have no hot path. */
const struct pcpmm_door hot_doors[NR_PCP_GUARDS] = {
	PCP_GUARDS(HOT_DOOR_ROW)[PCP_GUARD_pieces] = {
		alloc_generic, free_generic}};
