/* SPDX-License-Identifier: MIT */
/*
 * Who is told about a request that fails: the conditions and the rate limit of
 * warn_alloc(), and the program's function in place of the text.
 */
#include "alloc/failed.h"

#include <errno.h>
#include <pcpmm/failure.h>

#include "arch/clock.h"
#include "arch/mutant.h"
#include "machine/refuse.h"

#define NS_PER_MS 1000000u

/*
 * The limit's state in one word, so that one cmpxchg decides about a failure:
 *
 *   window = start of the interval in ms << 20 | failures told in it
 *
 * 0: no failure was told yet. In the lower half fit PCPMM_ALLOC_FAILED_BURST_MAX.
 */
#define TOLD_BITS 20
#define TOLD_MASK ((1u << TOLD_BITS) - 1)

_Static_assert(PCPMM_ALLOC_FAILED_BURST_MAX == TOLD_MASK, "the bits of window");

int pcpmm_alloc_failed_set(struct pcpmm_machine *machine,
	pcpmm_alloc_failed_fn *fn, void *arg, unsigned int burst,
	unsigned int interval_ms)
{
	if (fn && (!burst || burst > PCPMM_ALLOC_FAILED_BURST_MAX)) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"burst %u: 1..%u expected", burst,
			PCPMM_ALLOC_FAILED_BURST_MAX);
		return -EINVAL;
	}
	machine->failed = (struct failed){
		.fn = fn,
		.arg = arg,
		.burst = burst,
		.interval_ms = interval_ms,
	};
	return 0;
}

/* What the window is after a failure at @now; 0: the failure is not told. */
static uint64_t next_window(
	const struct failed *failed, uint64_t window, uint64_t now)
{
	uint64_t start = window >> TOLD_BITS;

	/* Another CPU may have begun an interval after this one read the clock. */
	if (!window || (now > start && now - start >= failed->interval_ms))
		return now << TOLD_BITS | 1;
	return (window & TOLD_MASK) < failed->burst ? window + 1 : 0;
}

/* false: another CPU was faster; *@seen is what it left. */
static bool advance(struct failed *failed, uint64_t *seen, uint64_t next)
{
	if (MUTANT(LIMIT_NOT_ATOMIC)) {
		MUTANT_WINDOW(LIMIT_NOT_ATOMIC);
		atomic_store_relaxed_u64(&failed->window, next);
		return true;
	}
	return atomic_cmpxchg_relaxed_u64(&failed->window, seen, next);
}

/* May this failure be told? *@missed: how many were not, before this interval. */
static bool within_limit(struct failed *failed, uint64_t *missed)
{
	uint64_t now = clock_now_ns() / NS_PER_MS + 1;
	uint64_t window = atomic_load_relaxed_u64(&failed->window), next;

	*missed = 0;
	if (!failed->interval_ms)
		return true;
	do {
		next = next_window(failed, window, now);
		if (!next) {
			atomic_add_relaxed_u64(&failed->missed, 1);
			return false;
		}
	} while (!advance(failed, &window, next));
	if ((next & TOLD_MASK) == 1)
		*missed = atomic_xchg_relaxed_u64(&failed->missed, 0);
	return true;
}

static bool has_managed_dma(struct pcpmm_machine *machine)
{
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		if (zone_managed(machine_zone(machine, nid, PCPMM_ZONE_DMA)))
			return true;
	return false;
}

cold void alloc_failed(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	struct failed *failed = &cpu->machine->failed;
	struct pcpmm_alloc_failure failure = {
		.gfp = gfp,
		.order = order,
		.in_interrupt = cpu->base.in_irq != 0,
	};

	if (!failed->fn || cpu->telling || (gfp & PCPMM___GFP_NOWARN))
		return;
	if ((gfp & PCPMM___GFP_DMA) && !has_managed_dma(cpu->machine))
		return;
	if (!within_limit(failed, &failure.suppressed))
		return;
	cpu->telling = true;
	failed->fn(cpu, &failure, failed->arg);
	cpu->telling = false;
}
