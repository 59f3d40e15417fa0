/* SPDX-License-Identifier: MIT */
/*
 * nohz-drain-2021: a drain that waits for a CPU that will never answer.
 *
 * History. Nicolas Saenz Julienne, linux-mm, 21 September and 8 October 2021:
 * draining the lists of other CPUs remotely. Since Linux 4.11 (0ccce3b92421)
 * drain_all_pages() queues a work item on each CPU with pages and waits for all
 * of them, under one mutex. On a machine for real-time work a SCHED_FIFO task
 * spins on an isolated CPU and never sleeps: the worker, a normal task, never
 * runs there, so one CPU's 63 pages stop every drain of the machine. The mails
 * proposed to swap the list's pointer and to wait for an RCU grace period
 * instead of the CPU; Linux 6.0 (443c2accd1b6, 01b44456a7aa) gave each list a
 * lock that a drainer on another CPU can take.
 *
 * Scene. CPU 3 is nohz_full; its task holds pages on its list, is SCHED_FIFO 50
 * and spins without ever calling the library. CPUs 1 and 2 are idle and have
 * pages too. CPU 0 drains all zones.
 *
 * Asserted. workqueue: the drain is starved while the task spins, a second
 * drain of one zone waits for the mutex, a drain of all zones returns at once
 * with nothing drained, and the waiting drains finish when the task has ended.
 * rcu_swap and pcp_lock: the drain finishes while the task spins, CPU 3 is not
 * interrupted, and rcu_swap has one grace period for three CPUs. ipi_all: the
 * drain finishes by interrupting CPU 3.
 */
#include "table.h"

#include <errno.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define SPINNER 3

struct drain {
	struct pcpmm_cpu_thread *thread;
	int zone_type;
	int ret;
	atomic_bool done;
};

static void free_a_page(struct story *story, struct pcpmm_cpu *cpu)
{
	scene_stock(story, cpu, PCPMM_GFP_KERNEL);
	story_say(story, SPINNER, "%d pages on its list",
		scene_listed(pcpmm_cpu_machine(cpu), SPINNER, NORMAL));
}

static struct scene_spinner spinner_of(
	struct story *story, struct pcpmm_machine *machine)
{
	return (struct scene_spinner){.story = story,
		.machine = machine,
		.id = SPINNER,
		.fifo = 50,
		.before = free_a_page};
}

static void drain(struct pcpmm_cpu *cpu, void *arg)
{
	struct drain *drain = arg;

	drain->ret = pcpmm_drain_all_pages(cpu, 0, drain->zone_type, false);
	atomic_store(&drain->done, true);
}

static struct pcpmm_machine *build(struct story *story, enum pcpmm_drain kind)
{
	const struct scene scene = {
		.cpus = 4,
		.pages = {[NORMAL] = 262144},
		.drain = kind,
		.nohz_full = SPINNER,
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);

	story_act(story, "%s", pcpmm_drain_name(kind));
	for (unsigned int id = 1; id < SPINNER; id++)
		scene_stock_cpu(story, machine, id, PCPMM_GFP_KERNEL);
	story_say(story, STORY_NOBODY, "cpus 1 and 2 are idle, %d pages each",
		scene_listed(machine, 1, NORMAL));
	return machine;
}

/* Further drains while the first one waits. */
static void meet_the_mutex(struct story *story, struct pcpmm_machine *machine,
	struct drain *one_zone)
{
	struct pcpmm_cpu *cpu;
	int pages, left, ret;

	one_zone->zone_type = NORMAL;
	one_zone->thread = scene_run(story, machine, 1, drain, one_zone);
	story_say(story, 1, "drains one zone, as compaction does: waits");

	cpu = scene_enter(story, machine, 2);
	scene_stock(story, cpu, PCPMM_GFP_KERNEL);
	pages = scene_listed(machine, 2, NORMAL);
	ret = pcpmm_drain_all_pages(cpu, 0, ALL, false);
	left = scene_listed(machine, 2, NORMAL);
	story_say(story, 2,
		"drains all zones, as direct reclaim does: %s, %d of its own "
		"%d pages still there",
		ret == -EBUSY ? "turned away" : "returns", left, pages);
	story_claim(story, ret == -EBUSY && left == pages,
		"workqueue: a drain of all zones is turned away, nothing "
		"drained");
	scene_leave(story, cpu);
}

static void starved(struct story *story)
{
	struct pcpmm_machine *machine = build(story, PCPMM_DRAIN_WORKQUEUE);
	struct scene_spinner spinner = spinner_of(story, machine);
	struct drain all = {.zone_type = ALL}, one_zone = {.done = false};
	bool waits;

	scene_spin(&spinner);
	story_say(story, 0, "drains all zones");
	all.thread = scene_run(story, machine, 0, drain, &all);
	waits = !scene_wait(&all.done, STORY_STARVED_MS);
	story_say(story, 0, "%s",
		waits ? "still waits for the worker of CPU 3: starved"
		      : "is done");
	story_claim(story, waits,
		"workqueue: the drain is starved while CPU 3 spins");
	story_claim(story,
		scene_interruptions(machine, SPINNER) == 0 &&
			scene_listed(machine, SPINNER, NORMAL) > 0,
		"workqueue: CPU 3 was not disturbed, and keeps its pages");
	meet_the_mutex(story, machine, &one_zone);
	waits = !scene_wait(&one_zone.done, STORY_STARVED_MS);
	story_claim(story, waits,
		"workqueue: a drain of one zone queues up behind the mutex");

	scene_spin_end(&spinner);
	scene_expect(story, &all.done, "the first drain");
	scene_expect(story, &one_zone.done, "the drain of one zone");
	pcpmm_cpu_join(all.thread);
	pcpmm_cpu_join(one_zone.thread);
	story_say(story, 0, "both drains are done");
	story_claim(story,
		!all.ret && !one_zone.ret &&
			!scene_listed(machine, SPINNER, NORMAL),
		"workqueue: both drains finish when the spinner has ended");
	scene_end(story, machine, "workqueue");
}

/* Is the drain done while CPU 3 spins, and was CPU 3 interrupted? */
static void finishes(
	struct story *story, enum pcpmm_drain kind, bool interrupts)
{
	const char *name = pcpmm_drain_name(kind);
	struct pcpmm_machine *machine = build(story, kind);
	struct scene_spinner spinner = spinner_of(story, machine);
	struct drain all = {.zone_type = ALL};
	struct pcpmm_drain_stats stats;
	uint64_t interruptions;
	bool done;

	scene_spin(&spinner);
	story_say(story, 0, "drains all zones");
	all.thread = scene_run(story, machine, 0, drain, &all);
	done = scene_wait(&all.done, STORY_PATIENCE_MS);
	stats = scene_stats(machine);
	if (interrupts)
		scene_wait_interruptions(
			machine, SPINNER, 1, STORY_PATIENCE_MS);
	interruptions = scene_interruptions(machine, SPINNER);
	story_say(story, 0,
		"%s: %d pages left on CPU 3, %d interruptions of it",
		done ? "is done" : "still waits",
		scene_listed(machine, SPINNER, NORMAL), (int)interruptions);
	story_claim(story,
		done && !all.ret && !scene_listed(machine, SPINNER, NORMAL),
		"%s: the drain finishes while CPU 3 spins", name);
	story_claim(story, interrupts == (interruptions > 0), "%s: CPU 3 %s",
		name, interrupts ? "was interrupted for it" : "never noticed");
	if (kind == PCPMM_DRAIN_RCU_SWAP)
		story_claim(story,
			stats.grace_periods == 1 && stats.cpus_visited == 3,
			"rcu_swap: one grace period for the lists of three "
			"CPUs");
	scene_spin_end(&spinner);
	scene_expect(story, &all.done, "the drain");
	pcpmm_cpu_join(all.thread);
	scene_end(story, machine, name);
}

int story_nohz_drain_2021(struct story *story)
{
	starved(story);
	finishes(story, PCPMM_DRAIN_RCU_SWAP, false);
	finishes(story, PCPMM_DRAIN_PCP_LOCK, false);
	finishes(story, PCPMM_DRAIN_IPI_ALL, true);
	return story_verdict(story);
}
