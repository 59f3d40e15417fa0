/* SPDX-License-Identifier: MIT */
/* The table of drain strategies. */
#include "pcplist/pcp.h"

static const struct pcp_drain_ops *const strategies[PCPMM_NR_DRAINS] = {
	[PCPMM_DRAIN_PCP_LOCK] = &pcp_lock_ops,
};

const struct pcp_drain_ops *pcp_drain_ops_of(unsigned int drain)
{
	return drain < PCPMM_NR_DRAINS ? strategies[drain] : NULL;
}
