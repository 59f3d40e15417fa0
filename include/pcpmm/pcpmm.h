/* SPDX-License-Identifier: MIT */
/* libpcpmm: the Linux per-CPU page allocator and vmstat in userspace. */
#ifndef PCPMM_H
#define PCPMM_H

#include <pcpmm/alloc.h>
#include <pcpmm/axes.h>
#include <pcpmm/cpu.h>
#include <pcpmm/drain.h>
#include <pcpmm/dump.h>
#include <pcpmm/failure.h>
#include <pcpmm/fold.h>
#include <pcpmm/histogram.h>
#include <pcpmm/kswapd.h>
#include <pcpmm/lock.h>
#include <pcpmm/machine.h>
#include <pcpmm/machinefile.h>
#include <pcpmm/noise.h>
#include <pcpmm/nolock.h>
#include <pcpmm/pcp_buddy.h>
#include <pcpmm/predict.h>
#include <pcpmm/proc.h>
#include <pcpmm/psi.h>
#include <pcpmm/reclaim.h>
#include <pcpmm/recorded.h>
#include <pcpmm/restore.h>
#include <pcpmm/rules.h>
#include <pcpmm/slab.h>
#include <pcpmm/spill.h>
#include <pcpmm/strategy.h>
#include <pcpmm/tick.h>
#include <pcpmm/trace.h>
#include <pcpmm/types.h>
#include <pcpmm/vmstat.h>
#include <pcpmm/workqueue.h>

#endif
