/* SPDX-License-Identifier: MIT */
/*
 * nolock-stranded-2025: pages that are freed, and are not free.
 *
 * History. BPF programs run in NMIs, where no lock may be waited for. Since 6.15
 * (Alexei Starovoitov) they allocate and free with one try of each lock. A free that
 * finds the zone lock taken leaves its block on a list of the zone, in no counter; the
 * next ordinary free straight to the buddy takes all of them. Frees to per-CPU lists,
 * their spills, drains, refills and allocations do not. On PREEMPT_RT an NMI may not
 * even try. On a kernel for one CPU a trylock always succeeds: an NMI entered the zone
 * that it had interrupted, until Harry Yoo (620b46ed6ae1, April 2026) and Brendan
 * Jackman (July 2026) had such NMIs refused.
 *
 * Scene. A machine of 64 MB. In the first act an NMI comes while CPU 0 holds the lock
 * of its list, and one while it holds the zone's. In the second, on PREEMPT_RT, a
 * profiler frees 1000 pages from NMIs, and a task goes on with single pages. The third
 * is one CPU's, before April 2026.
 *
 * Asserted. In the list, the NMI gets a page of the zone; in the zone, nothing, and its
 * free is deferred. 1000 pages stay away through single frees and drains of all lists,
 * and are back after one free of order 4. On one CPU the NMI and the task that it has
 * interrupted hold the same page.
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define STRANDED 1000

struct visit {
	struct pcpmm_page *free; /* of order 0; NULL: none */
	struct pcpmm_page *got;
};

/* The program in the NMI: one free, one allocation. */
static void visit(struct pcpmm_cpu *cpu, void *arg)
{
	struct visit *visit = arg;

	if (visit->free)
		pcpmm_free_pages_nolock(cpu, visit->free, 0);
	visit->got = pcpmm_alloc_pages_nolock(cpu, 0, 0);
}

static void free_only(struct pcpmm_cpu *cpu, void *page)
{
	pcpmm_free_pages_nolock(cpu, page, 0);
}

static uint64_t deferred(struct pcpmm_machine *machine)
{
	return pcpmm_zone_deferred_pages(machine, 0, NORMAL);
}

/* Straight to the buddy: the order has no list. */
static void free_of_order_4(struct pcpmm_cpu *cpu)
{
	pcpmm_free_pages(cpu, pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 4), 4);
}

/* A type of which the zone has no block: its first request takes another's. */
static struct pcpmm_page *alloc_by_fallback(
	struct story *story, struct pcpmm_cpu *cpu)
{
	return scene_alloc(
		story, cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE);
}

/* --- where an NMI comes ----------------------------------------------------- */

static void in_the_locks(struct story *story)
{
	struct scene scene = {.cpus = 1, .pages = {[NORMAL] = 16384}};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct visit list = {0}, zone = {0};
	struct pcpmm_page *page[2];

	story_act(story, "an NMI inside a lock, 6.15");
	list.free = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	zone.free = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_PCP, visit, &list);
	page[0] = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	story_say(story, 0,
		"in the list's lock: the NMI has its page from the zone");
	pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, visit, &zone);
	page[1] = alloc_by_fallback(story, cpu);
	story_say(story, 0,
		"in the zone's lock: the NMI has none, and its free waits");
	story_claim(story, list.got && list.got != page[0],
		"in the list's lock an NMI gets a page of the zone");
	story_claim(story, !zone.got && deferred(machine) == 1,
		"in the zone's lock it gets none, and its free is deferred");
	pcpmm_free_pages(cpu, list.got, 0);
	pcpmm_free_pages(cpu, page[0], 0);
	pcpmm_free_pages(cpu, page[1], 0);
	free_of_order_4(cpu);
	scene_leave(story, cpu);
	scene_end(story, machine, "SMP");
}

/* --- stranded ---------------------------------------------------------------- */

static void preempt_rt(struct pcpmm_config *config)
{
	config->nolock_refuses = PCPMM_NOLOCK_REFUSES_RT_IRQ;
}

static void tell_free(
	struct story *story, struct pcpmm_machine *machine, const char *when)
{
	struct pcpmm_zone_truth truth = scene_truth(machine, 0, NORMAL);

	story_say(story, STORY_NOBODY,
		"%s: %llu pages free, %llu on lists, %llu deferred", when,
		(unsigned long long)truth.free, (unsigned long long)truth.pcp,
		(unsigned long long)truth.deferred);
}

static void stranded(struct story *story)
{
	struct scene scene = {
		.cpus = 1, .pages = {[NORMAL] = 16384}, .adjust = preempt_rt};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct pcpmm_page *page[STRANDED];
	uint64_t before, after;

	story_act(story, "frees from NMIs on PREEMPT_RT");
	tell_free(story, machine, "at first");
	before = scene_truth(machine, 0, NORMAL).free;
	for (int i = 0; i < STRANDED; i++)
		page[i] = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	for (int i = 0; i < STRANDED; i++)
		pcpmm_nmi_run(cpu, free_only, page[i]);
	tell_free(story, machine, "after 1000 frees from NMIs");
	for (int i = 0; i < STRANDED; i++)
		page[i] = scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
	for (int i = 0; i < STRANDED; i++)
		pcpmm_free_pages(cpu, page[i], 0);
	tell_free(story, machine, "1000 single pages later");
	pcpmm_drain_all_pages(cpu, 0, ALL, true);
	tell_free(story, machine, "after a drain of all lists");
	after = scene_truth(machine, 0, NORMAL).free;
	story_claim(story,
		deferred(machine) == STRANDED && before - after == STRANDED,
		"single frees and a drain leave all 1000 pages where they are");
	free_of_order_4(cpu);
	pcpmm_drain_all_pages(cpu, 0, ALL, true);
	tell_free(story, machine, "after one free of order 4");
	story_claim(story,
		!deferred(machine) &&
			scene_truth(machine, 0, NORMAL).free == before,
		"one free of order 4 brings all of them back");
	scene_leave(story, cpu);
	scene_end(story, machine, "PREEMPT_RT");
}

/* --- one CPU ------------------------------------------------------------------ */

static void before_april_2026(struct pcpmm_config *config)
{
	config->up = PCPMM_UP_TRYLOCK_FAILS;
	config->nolock_refuses = PCPMM_NOLOCK_REFUSES_NOTHING;
}

static void since_april_2026(struct pcpmm_config *config)
{
	config->up = PCPMM_UP_TRYLOCK_FAILS;
}

/* The pages of the NMI and of the task that it interrupts. */
static void on_one_cpu(struct story *story, bool refused)
{
	struct scene scene = {.cpus = 1,
		.pages = {[NORMAL] = 16384},
		.adjust = refused ? since_april_2026 : before_april_2026,
		.allow_unsound = !refused};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct visit nmi = {0};
	struct pcpmm_error error = {""};
	struct pcpmm_page *page;

	story_act(
		story, "one CPU, %s April 2026", refused ? "after" : "before");
	pcpmm_nmi_inject(cpu, PCPMM_NMI_IN_ZONE, visit, &nmi);
	page = alloc_by_fallback(story, cpu);
	story_say(story, 0,
		nmi.got == page ? "the task and the NMI have one page"
				: "the NMI has no page");
	if (refused) {
		story_claim(story, !nmi.got, "the NMI is refused");
		pcpmm_free_pages(cpu, page, 0);
		scene_leave(story, cpu);
		scene_end(story, machine, "one CPU");
		return;
	}
	story_claim(story, nmi.got == page, "one page has two holders");
	story_claim(story, pcpmm_validate(machine, &error) != 0,
		"and the zone's lists no longer add up: %s", error.text);
	scene_leave(story, cpu);
	pcpmm_machine_destroy(machine);
}

int story_nolock_stranded_2025(struct story *story)
{
	in_the_locks(story);
	stranded(story);
	on_one_cpu(story, false);
	on_one_cpu(story, true);
	return story_verdict(story);
}
