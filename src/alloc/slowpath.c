/* SPDX-License-Identifier: MIT */
/*
 * The steps of an allocation that finds no zone above its low mark
 * (__alloc_pages_slowpath(), Linux 6.1):
 *
 *   wake kswapd -> min mark, or below it as far as the flags allow
 *     -> the reserves, for a task that reclaims
 *     -> direct reclaim; drain and try again
 *     -> another pass, while should_retry() -> OOM -> NULL
 */
#include "alloc/slowpath.h"

#include <errno.h>

#include "alloc/freelist.h"
#include "machine/cpus.h"
#include "machine/refuse.h"
#include "zone/highatomic.h"

/* A tick: the sleep of a task that finds the OOM killer busy. */
#define OOM_WAIT_MS 1

/* --- permissions --------------------------------------------------------- */

/* Not from an interrupt, nor from reclaim itself. */
static bool may_reclaim(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	return reclaim_has_source(&cpu->machine->reclaim) &&
	       (request->gfp & PCPMM___GFP_DIRECT_RECLAIM) &&
	       !cpu->base.memalloc && !sched_is_atomic() &&
	       !cpu->base.preempt_off && !machine_cpu_killed(cpu);
}

static bool may_use_reserves(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	if (request->gfp & PCPMM___GFP_NOMEMALLOC)
		return false;
	/* An interrupt during reclaim is not part of reclaim. */
	return (request->gfp & PCPMM___GFP_MEMALLOC) ||
	       (cpu->base.memalloc && !cpu->base.in_irq);
}

/* A FIFO task that may reclaim may also go below the min mark. */
static unsigned int slowpath_flags(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	unsigned int flags = gfp_slowpath_flags(request->gfp, request->order);

	if ((request->gfp & PCPMM___GFP_DIRECT_RECLAIM) && !cpu->base.in_irq &&
		cpu_task_prio(&cpu->base))
		flags |= ALLOC_MIN_RESERVE;
	return flags;
}

/* --- kswapd --------------------------------------------------------------- */

/* The kswapd of each node of the zonelist. */
static void wake_kswapds(struct pcpmm_cpu *cpu, const struct request *request)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;
	int last = -1;

	if (!(request->gfp & PCPMM___GFP_KSWAPD_RECLAIM) ||
		!atomic_load_relaxed_u8(&reclaim->kswapd))
		return;
	for (struct zone **at = request->first; *at; at++) {
		if (!request_may_use(request, *at) || (*at)->nid == last)
			continue;
		last = (*at)->nid;
		kswapd_wakeup(reclaim, &cpu->base, *at, request->gfp,
			request->order, request->highest_zoneidx);
	}
}

/* --- direct reclaim -------------------------------------------------------- */

/* Give one pageblock of some zone's reserve to the request's type. */
static bool unreserve_highatomic(const struct request *request, bool force)
{
	for (struct zone **at = request->first; *at; at++)
		if (request_may_use(request, *at) &&
			zone_unreserve_highatomic(
				request->cpu, *at, request->type, force))
			return true;
	return false;
}

static struct pcpmm_page *try_again(
	struct pcpmm_cpu *cpu, struct request *request)
{
	request->zonelist = request->first;
	return freelist_take(cpu, request);
}

/* A busy drain mutex is no refusal: the other drain does the work. */
static void drain_everything(struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (pcp_drain_everything(&machine->pcps, &cpu->base) == -EDEADLK)
		machine_refuse(machine, MISUSE_NONE,
			"CPU %u reclaims in an item of mm_percpu_wq: no drain",
			cpu->base.id);
}

/* The result of one pass. */
struct pass {
	struct pcpmm_page *page;
	struct reclaim_progress progress;
	bool killed;
};

/* A stall section of @kind begins, if that is the machine's. */
static bool stall_begins(struct pcpmm_cpu *cpu, enum pcpmm_psi_kind kind)
{
	return cpu->machine->config.psi == kind &&
	       psi_memstall_enter(&cpu->base);
}

static void stall_ends(struct pcpmm_cpu *cpu, bool stalled)
{
	if (stalled)
		psi_memstall_leave(&cpu->machine->psi, &cpu->base);
}

/* __perform_reclaim() */
static struct pass perform_reclaim(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;
	bool stalled = stall_begins(cpu, PCPMM_PSI_RECLAIM);
	struct pass pass = {.killed = reclaim_throttle(reclaim, request)};

	if (!pass.killed)
		pass.progress = reclaim_direct(reclaim, request);
	stall_ends(cpu, stalled);
	return pass;
}

/*
 * 9ee493ce0a60: reclaimed pages may be on other CPUs' lists. So if reclaim made
 * progress and the retry still finds no page, all lists are drained, once.
 */
static struct pass reclaim_and_look(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct reclaim *reclaim = &machine->reclaim;
	struct pass pass = perform_reclaim(cpu, request);

	if (!pass.progress.lru && !pass.progress.cache)
		return pass;
	pass.page = try_again(cpu, request);
	if (!pass.page && machine->config.drain_retry) {
		atomic_add_relaxed_u64(&reclaim->stats.drains, 1);
		unreserve_highatomic(request, false);
		drain_everything(cpu);
		pass.page = try_again(cpu, request);
	}
	if (pass.page)
		reclaim_helped(reclaim, request);
	else
		atomic_add_relaxed_u64(&reclaim->stats.failed_with_progress, 1);
	return pass;
}

/* __alloc_pages_direct_reclaim() */
static struct pass reclaim_pass(struct pcpmm_cpu *cpu, struct request *request)
{
	bool stalled = stall_begins(cpu, PCPMM_PSI_WHOLE);
	struct pass pass = reclaim_and_look(cpu, request);

	stall_ends(cpu, stalled);
	return pass;
}

/* --- retries -------------------------------------------------------------- */

struct hope {
	unsigned int without_progress; /* passes in a row */
	unsigned int kills;
};

/*
 * should_reclaim_retry(). For small orders, progress on the library's own lists
 * resets the count. Progress in the program's cache does not, as the library
 * can not check it.
 */
static bool should_retry(struct pcpmm_cpu *cpu, const struct request *request,
	const struct pass *pass, struct hope *hope)
{
	if (pass->progress.lru && request->order <= PCPMM_COSTLY_ORDER)
		hope->without_progress = 0;
	else
		hope->without_progress++;
	if (hope->without_progress <= PCPMM_RECLAIM_RETRIES &&
		reclaim_has_hope(&cpu->machine->reclaim, request))
		return true;
	return unreserve_highatomic(request, true);
}

static bool may_kill(const struct pcpmm_cpu *cpu, const struct request *request,
	const struct hope *hope)
{
	return cpu->machine->reclaim.oom_fn &&
	       hope->kills < PCPMM_RECLAIM_RETRIES &&
	       request->order <= PCPMM_COSTLY_ORDER &&
	       !(request->gfp &
		       (PCPMM___GFP_RETRY_MAYFAIL | PCPMM___GFP_THISNODE)) &&
	       request->highest_zoneidx >= PCPMM_ZONE_NORMAL;
}

/* As in a pass of reclaim, allocations of oom_fn may use the reserves. */
static bool kill(struct pcpmm_cpu *cpu, const struct request *request)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;
	bool killed;

	atomic_add_relaxed_u64(&reclaim->stats.oom, 1);
	cpu->base.memalloc = true;
	killed = reclaim->oom_fn(
		cpu, request->gfp, request->order, reclaim->oom_arg);
	cpu->base.memalloc = false;
	if (killed)
		count_add(cpu, &cpu->events[OOM_KILL], 1);
	return killed;
}

/*
 * true: a task was killed, or another thread is killing one. *@page: the page
 * that is free since an earlier kill, if there is one.
 */
static bool out_of_memory(struct pcpmm_cpu *cpu, struct request *request,
	struct hope *hope, struct pcpmm_page **page)
{
	struct pcpmm_machine *machine = cpu->machine;
	enum zone_mark mark = request->mark;
	bool killed;

	if (!may_kill(cpu, request, hope))
		return false;
	if (!mutex_trylock(&machine->oom)) {
		sched_pause_ms(OOM_WAIT_MS);
		hope->without_progress = 0;
		return true;
	}
	hope->kills++;
	request->mark = MARK_HIGH;
	*page = try_again(cpu, request);
	request->mark = mark;
	killed = *page || kill(cpu, request);
	mutex_unlock(&machine->oom);
	if (killed)
		hope->without_progress = 0;
	return killed;
}

static bool gives_up_early(
	const struct request *request, const struct pass *pass)
{
	if (pass->killed || (request->gfp & PCPMM___GFP_NORETRY))
		return true;
	return request->order > PCPMM_COSTLY_ORDER &&
	       !(request->gfp & PCPMM___GFP_RETRY_MAYFAIL);
}

static struct pcpmm_page *reclaim_and_retry(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct hope hope = {0};

	for (;;) {
		struct pass pass = reclaim_pass(cpu, request);

		if (pass.page || gives_up_early(request, &pass))
			return pass.page;
		if (!should_retry(cpu, request, &pass, &hope) &&
			!out_of_memory(cpu, request, &hope, &pass.page))
			return NULL;
		if (!pass.page) {
			wake_kswapds(cpu, request);
			pass.page = try_again(cpu, request);
		}
		if (pass.page || machine_cpu_killed(cpu))
			return pass.page;
		atomic_add_relaxed_u64(&cpu->machine->reclaim.stats.retries, 1);
	}
}

cold struct pcpmm_page *slowpath(struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_page *page;

	request->alloc_flags = slowpath_flags(cpu, request);
	request->mark = MARK_MIN;
	wake_kswapds(cpu, request);
	page = try_again(cpu, request);
	if (!page && may_use_reserves(cpu, request)) {
		request->alloc_flags |= ALLOC_NO_WATERMARKS;
		return try_again(cpu, request);
	}
	if (!page && may_reclaim(cpu, request))
		page = reclaim_and_retry(cpu, request);
	return page;
}
