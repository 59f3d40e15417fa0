/* SPDX-License-Identifier: MIT */
/*
 * last-zone-2012: a mask of CPUs with pages that depends on the last zone only.
 *
 * History. Gilad Ben-Yossef, linux-mm, 2012: IPIs only to CPUs with pages. A
 * CPU's bit is set if it has pages and cleared if it has none, but an early
 * version did so inside the loop over zones, so the last zone overwrote the
 * result of the zones before. Milton Miller found it in review, and proposed to
 * clear all bits first and then only set them. Merged in Linux 3.4
 * (74046494ea68) with one decision for each CPU.
 *
 * Scene. Two zones, DMA32 and Normal; CPU 2 has pages of DMA32 only.
 *
 * Asserted. With the mask as posted (ipi_mask_posted, refused without
 * allow_unsound) no number of drains frees these pages, until CPU 2 happens to
 * have a page of the last zone as well. As merged (ipi_mask) and as Milton
 * Miller wanted it (ipi_mask_locked) the first drain frees them.
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32
#define TRIES 10

static const struct scene two_zones = {
	.cpus = 4,
	.pages = {[DMA32] = 65536, [NORMAL] = 65536},
};

static struct pcpmm_machine *build(struct story *story, enum pcpmm_drain kind)
{
	struct scene scene = two_zones;
	struct pcpmm_machine *machine;

	scene.drain = kind;
	scene.allow_unsound = pcpmm_drain_is_unsound(kind);
	machine = scene_build(story, &scene);
	story_act(story, "%s", pcpmm_drain_name(kind));
	scene_stock_cpu(story, machine, 2, PCPMM_GFP_DMA32);
	story_say(story, 2, "has %d pages of DMA32 on its lists, %d of Normal",
		scene_listed(machine, 2, DMA32),
		scene_listed(machine, 2, NORMAL));
	return machine;
}

/* Drain all zones @times. Returns the pages of DMA32 that CPU 2 still has. */
static int drain(struct story *story, struct pcpmm_machine *machine, int times)
{
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct pcpmm_drain_stats stats;
	int failed = 0, left;

	for (int i = 0; i < times; i++)
		failed |= pcpmm_drain_all_pages(
			cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
	scene_leave(story, cpu);
	stats = scene_stats(machine);
	left = scene_listed(machine, 2, DMA32);
	story_say(story, 0,
		"drained all zones, %d so far: %d CPUs visited in all, %d "
		"pages of DMA32 left on CPU 2",
		(int)stats.pcp_global_drain, (int)stats.cpus_visited, left);
	return failed ? -1 : left;
}

static void as_posted(struct story *story)
{
	struct pcpmm_machine *machine =
		build(story, PCPMM_DRAIN_IPI_MASK_POSTED);
	int before = scene_listed(machine, 2, DMA32);

	story_claim(story,
		drain(story, machine, TRIES) == before &&
			!scene_stats(machine).cpus_visited,
		"ipi_mask_posted: pages of DMA32 stay through %d drains",
		TRIES);
	scene_stock_cpu(story, machine, 2, PCPMM_GFP_KERNEL);
	story_say(story, 2, "now has %d pages of Normal as well",
		scene_listed(machine, 2, NORMAL));
	story_claim(story, drain(story, machine, 1) == 0,
		"ipi_mask_posted: a page of the last zone, and all are "
		"drained");
	scene_end(story, machine, "ipi_mask_posted");
}

static void corrected(struct story *story, enum pcpmm_drain kind)
{
	struct pcpmm_machine *machine = build(story, kind);

	story_claim(story, drain(story, machine, 1) == 0,
		"%s: pages of DMA32 are drained at once",
		pcpmm_drain_name(kind));
	scene_end(story, machine, pcpmm_drain_name(kind));
}

int story_last_zone_2012(struct story *story)
{
	as_posted(story);
	corrected(story, PCPMM_DRAIN_IPI_MASK);
	corrected(story, PCPMM_DRAIN_IPI_MASK_LOCKED);
	return story_verdict(story);
}
