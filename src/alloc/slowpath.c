/* SPDX-License-Identifier: MIT */
/*
 * The steps of an allocation that finds no zone above its low mark
 * (__alloc_pages_slowpath(), Linux 6.1):
 *
 *   wake kswapd -> min mark, or below it as far as the flags allow
 *     -> a round: wake kswapd -> the reserves, for a task that reclaims or dies
 *          -> direct reclaim; drain and try again
 *     -> another round, while should_retry() or OOM allows -> NULL
 */
#include "alloc/slowpath.h"

#include <errno.h>

#include "alloc/freelist.h"
#include "arch/mutant.h"
#include "machine/cpus.h"
#include "machine/refuse.h"
#include "zone/highatomic.h"

/* A tick: the sleep of a task that finds the OOM killer busy. */
#define OOM_WAIT_MS 1

/* --- permissions --------------------------------------------------------- */

/* Not from an interrupt, nor from reclaim itself (PF_MEMALLOC). */
static bool may_reclaim(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	return reclaim_has_source(&cpu->machine->reclaim) &&
	       (request->gfp & PCPMM___GFP_DIRECT_RECLAIM) &&
	       !cpu->base.memalloc && !sched_is_atomic() &&
	       !cpu->base.preempt_off;
}

/*
 * __gfp_pfmemalloc_flags(): the reserves that a request or its task may use. An
 * interrupt is not part of the task that it interrupts.
 */
static unsigned int reserve_flags(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	if (request->gfp & PCPMM___GFP_NOMEMALLOC)
		return 0;
	if (request->gfp & PCPMM___GFP_MEMALLOC)
		return ALLOC_NO_WATERMARKS;
	if (cpu->base.in_irq)
		return 0;
	if (cpu->base.memalloc)
		return ALLOC_NO_WATERMARKS;
	return machine_cpu_is_oom_victim(cpu) ? ALLOC_OOM : 0;
}

/* The reserves replace what the request's flags allow, but for kswapd. */
static void use_reserves(const struct pcpmm_cpu *cpu, struct request *request)
{
	unsigned int reserves = reserve_flags(cpu, request);

	if (reserves)
		request->alloc_flags &= ALLOC_KSWAPD;
	request->alloc_flags |= reserves;
}

static bool has_min_reserve(const struct request *request)
{
	return zone_has_min_reserve(request->preferred);
}

/* A FIFO task goes as deep as a request with __GFP_HIGH if it may reclaim. */
static unsigned int fifo_flags(const struct request *request)
{
	if (!has_min_reserve(request))
		return ALLOC_HARDER;
	return request->gfp & PCPMM___GFP_DIRECT_RECLAIM ? ALLOC_MIN_RESERVE
							 : 0;
}

/*
 * Up to 6.2: an atomic request. Up to 4.3 that is any request that can not wait;
 * later only one with __GFP_ATOMIC (d0164adc89f6).
 */
static unsigned int atomic_flags(
	const struct request *request, unsigned int flags)
{
	const uint32_t both = PCPMM___GFP_ATOMIC | PCPMM___GFP_NOMEMALLOC;
	bool halving =
		request->preferred->wmark_check == PCPMM_WMARK_CHECK_HALVING;
	bool atomic = halving ? flags & ALLOC_NON_BLOCK
			      : (request->gfp & both) == PCPMM___GFP_ATOMIC;

	return atomic && !has_min_reserve(request) ? ALLOC_HARDER : 0;
}

/* rules->reserves_for_harder: who goes deeper may use the reserve, and none else. */
static unsigned int harder_reserve(
	const struct request *request, unsigned int flags)
{
	if (!request->preferred->rules->reserves_for_harder ||
		has_min_reserve(request) || MUTANT(RESERVE_FOR_ALL))
		return flags;
	flags &= ~ALLOC_HIGHATOMIC;
	return request->order && (flags & ALLOC_HARDER)
		       ? flags | ALLOC_HIGHATOMIC
		       : flags;
}

static unsigned int slowpath_flags(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	unsigned int flags = gfp_slowpath_flags(request->gfp, request->order);

	flags |= atomic_flags(request, flags);
	if (!cpu->base.in_irq && cpu_task_prio(&cpu->base))
		flags |= fifo_flags(request);
	return harder_reserve(request, flags);
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

/* __perform_reclaim(), after the throttle. */
static struct pass perform_reclaim(
	struct pcpmm_cpu *cpu, struct request *request, bool *killed)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;
	bool stalled = stall_begins(cpu, PCPMM_PSI_RECLAIM);
	struct pass pass = {.page = NULL};

	*killed = reclaim_throttle(reclaim, request);
	pass.progress.lru = *killed;
	if (!*killed)
		pass.progress = reclaim_direct(reclaim, request);
	stall_ends(cpu, stalled);
	return pass;
}

/*
 * Look at the free lists. Reclaimed pages may be on other CPUs' lists
 * (9ee493ce0a60): so if there is still no page, all lists are drained, once.
 */
static struct pcpmm_page *take_reclaimed(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct pcpmm_page *page = try_again(cpu, request);

	if (!page && machine->config.drain_retry) {
		atomic_add_relaxed_u64(&machine->reclaim.stats.drains, 1);
		unreserve_highatomic(request, false);
		drain_everything(cpu);
		page = try_again(cpu, request);
	}
	return page;
}

/*
 * A task that is killed while it is throttled
 * does not reclaim in this pass: it reports a page, so that it looks at the
 * lists and comes back, unthrottled, and does not go on to OOM.
 */
static struct pass reclaim_and_look(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;
	bool killed;
	struct pass pass = perform_reclaim(cpu, request, &killed);

	if (!pass.progress.lru && !pass.progress.cache)
		return pass;
	pass.page = take_reclaimed(cpu, request);
	if (!pass.page)
		atomic_add_relaxed_u64(&reclaim->stats.failed_with_progress, 1);
	else if (!killed)
		reclaim_helped(reclaim, request);
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

/* A task that is dying already is the victim: nobody else is killed. */
static bool choose_victim(struct pcpmm_cpu *cpu, const struct request *request)
{
	if (!machine_cpu_killed(cpu))
		return kill(cpu, request);
	machine_mark_oom_victim(cpu);
	return true;
}

/* Above the high mark, without reserves: pages that a kill has freed. */
static struct pcpmm_page *last_look(
	struct pcpmm_cpu *cpu, struct request *request)
{
	unsigned int alloc_flags = request->alloc_flags;
	enum zone_mark mark = request->mark;
	struct pcpmm_page *page;

	request->alloc_flags = 0;
	request->mark = MARK_HIGH;
	page = try_again(cpu, request);
	request->alloc_flags = alloc_flags;
	request->mark = mark;
	return page;
}

/*
 * true: a task was killed, or another thread is killing one. *@page: the page
 * that is free since an earlier kill, if there is one.
 */
static bool out_of_memory(struct pcpmm_cpu *cpu, struct request *request,
	struct hope *hope, struct pcpmm_page **page)
{
	struct pcpmm_machine *machine = cpu->machine;
	bool killed;

	if (!may_kill(cpu, request, hope))
		return false;
	if (!mutex_trylock(&machine->oom)) {
		sched_pause_ms(OOM_WAIT_MS);
		hope->without_progress = 0;
		return true;
	}
	hope->kills++;
	*page = last_look(cpu, request);
	killed = *page || choose_victim(cpu, request);
	mutex_unlock(&machine->oom);
	if (killed)
		hope->without_progress = 0;
	return killed;
}

/* --- rounds --------------------------------------------------------------- */

static bool gives_up_early(const struct request *request)
{
	if (request->gfp & PCPMM___GFP_NORETRY)
		return true;
	return request->order > PCPMM_COSTLY_ORDER &&
	       !(request->gfp & PCPMM___GFP_RETRY_MAYFAIL);
}

/* The victim has had its reserves, or does not want them. */
static bool dies_without(
	const struct pcpmm_cpu *cpu, const struct request *request)
{
	return machine_cpu_is_oom_victim(cpu) &&
	       ((request->alloc_flags & ALLOC_OOM) ||
		       (request->gfp & PCPMM___GFP_NOMEMALLOC));
}

static struct pcpmm_page *rounds(struct pcpmm_cpu *cpu, struct request *request)
{
	struct hope hope = {0};

	for (bool again = false;; again = true) {
		struct pass pass;

		wake_kswapds(cpu, request);
		use_reserves(cpu, request);
		pass.page = try_again(cpu, request);
		if (pass.page || !may_reclaim(cpu, request))
			return pass.page;
		atomic_add_relaxed_u64(
			&cpu->machine->reclaim.stats.retries, again);
		pass = reclaim_pass(cpu, request);
		if (pass.page || gives_up_early(request))
			return pass.page;
		if (should_retry(cpu, request, &pass, &hope))
			continue;
		if (!out_of_memory(cpu, request, &hope, &pass.page) ||
			pass.page || dies_without(cpu, request))
			return pass.page;
	}
}

/* __GFP_NOFAIL: once more, as deep as a FIFO task's request goes. */
static struct pcpmm_page *must_not_fail(
	struct pcpmm_cpu *cpu, struct request *request)
{
	const uint32_t both = PCPMM___GFP_NOFAIL | PCPMM___GFP_DIRECT_RECLAIM;

	if ((request->gfp & both) != both)
		return NULL;
	request->alloc_flags = fifo_flags(request);
	return try_again(cpu, request);
}

cold struct pcpmm_page *slowpath(struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_page *page;

	request->alloc_flags = slowpath_flags(cpu, request);
	request->mark = MARK_MIN;
	wake_kswapds(cpu, request);
	page = try_again(cpu, request);
	if (!page)
		page = rounds(cpu, request);
	return page ? page : must_not_fail(cpu, request);
}
