/* SPDX-License-Identifier: MIT */
/* Operations of a combination test's thread on its CPU; see worker.h. */
#include "combo/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define BULK 24
/* 7 pages is the mean of a block; all blocks may take a quarter of memory. */
#define SHARE_PAGES (4 * 7)

void combo_check(int holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "combo: %s:%d: %s does not hold\n", file, line, what);
	abort();
}

unsigned int combo_draw(uint64_t *random, unsigned int n)
{
	*random ^= *random >> 12;
	*random ^= *random << 25;
	*random ^= *random >> 27;
	return (unsigned int)((*random * 0x2545f4914f6cdd1dULL >> 32) * n >>
			      32);
}

static unsigned int below(struct worker *w, unsigned int n)
{
	return combo_draw(&w->random, n);
}

/* --- marks in held pages ------------------------------------------------ */

static uint64_t *word_of(
	struct pcpmm_machine *machine, struct pcpmm_page *page, size_t i)
{
	char *at = pcpmm_page_address(machine, page);

	return (uint64_t *)(void *)(at + (i << PCPMM_PAGE_SHIFT));
}

void combo_mark(struct pcpmm_machine *machine, const struct block *block)
{
	for (size_t i = 0; i < 1u << block->order; i++) {
		uint64_t *word = word_of(machine, block->page, i);

		CHECK(*word == 0);
		*word = (uint64_t)(uintptr_t)block->page;
	}
}

void combo_unmark(struct pcpmm_machine *machine, const struct block *block)
{
	for (size_t i = 0; i < 1u << block->order; i++) {
		uint64_t *word = word_of(machine, block->page, i);

		CHECK(*word == (uint64_t)(uintptr_t)block->page);
		*word = 0;
	}
}

static void mark(struct worker *w, const struct block *block)
{
	combo_mark(w->scene->machine, block);
}

static void unmark(struct worker *w, const struct block *block)
{
	combo_unmark(w->scene->machine, block);
}

/* --- operations -------------------------------------------------------- */

static uint32_t random_gfp(struct worker *w)
{
	static const uint32_t gfp[] = {PCPMM_GFP_KERNEL, PCPMM_GFP_ATOMIC,
		PCPMM_GFP_HIGHUSER_MOVABLE, PCPMM_GFP_NOWAIT, PCPMM_GFP_NOFS,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE,
		PCPMM_GFP_KERNEL | PCPMM_GFP_DMA32};

	return gfp[below(w, sizeof(gfp) / sizeof(gfp[0]))];
}

static unsigned int random_order(struct worker *w)
{
	unsigned int dice = below(w, 100);

	if (dice < 70)
		return 0;
	return dice < 97 ? 1 + dice % 3 : 4 + dice % 6;
}

static void keep(struct worker *w, struct pcpmm_page *page, unsigned int order)
{
	struct block block = {page, order};

	if (!page) {
		w->count.failed++;
		return;
	}
	mark(w, &block);
	w->held[w->nr_held++] = block;
	w->count.allocs++;
}

static void allocate(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int order = random_order(w);

	if (w->nr_held == w->held_max)
		return;
	if (below(w, 8))
		keep(w, pcpmm_alloc_pages(cpu, random_gfp(w), order), order);
	else
		keep(w,
			pcpmm_alloc_pages_node(cpu,
				below(w, w->scene->combo->nodes), random_gfp(w),
				order),
			order);
}

struct block combo_pick(struct worker *w)
{
	unsigned int i = below(w, w->nr_held);
	struct block block = w->held[i];

	w->held[i] = w->held[--w->nr_held];
	return block;
}

static void release(struct worker *w, struct pcpmm_cpu *cpu, struct block block)
{
	unmark(w, &block);
	CHECK(pcpmm_free_pages(cpu, block.page, block.order) == 0);
	w->count.frees++;
}

static void allocate_bulk(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *pages[BULK];
	unsigned int nr, want = 1 + below(w, BULK);

	if (w->nr_held + want > w->held_max)
		return;
	nr = pcpmm_alloc_pages_bulk(cpu, random_gfp(w), want, pages);
	CHECK(nr <= want);
	for (unsigned int i = 0; i < nr; i++)
		keep(w, pages[i], 0);
}

/* Free up to 40 of the held single pages: more than one section. */
static void release_batch(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *pages[40];
	unsigned int nr = 0;

	for (unsigned int i = w->nr_held; i-- > 0 && nr < 40;) {
		if (w->held[i].order)
			continue;
		unmark(w, &w->held[i]);
		pages[nr++] = w->held[i].page;
		w->held[i] = w->held[--w->nr_held];
	}
	CHECK(pcpmm_free_pages_batch(cpu, pages, nr) == 0);
	w->count.frees += nr;
}

static void send(struct worker *w)
{
	struct worker *to = &w->scene->worker[below(w, w->scene->combo->cpus)];
	struct inbox *inbox = &to->inbox;

	if (!w->nr_held)
		return;
	pthread_mutex_lock(&inbox->lock);
	if (inbox->nr < INBOX_MAX)
		inbox->block[inbox->nr++] = combo_pick(w);
	pthread_mutex_unlock(&inbox->lock);
}

void combo_receive(struct worker *w, struct pcpmm_cpu *cpu)
{
	struct block block[8];
	unsigned int nr = 0;

	pthread_mutex_lock(&w->inbox.lock);
	while (w->inbox.nr && nr < 8)
		block[nr++] = w->inbox.block[--w->inbox.nr];
	pthread_mutex_unlock(&w->inbox.lock);
	for (unsigned int i = 0; i < nr; i++)
		release(w, cpu, block[i]);
	w->count.crossings += nr;
}

/* An interrupt that allocates; it may arrive inside a section. */
static void interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct scene *scene = arg;
	struct worker *w = &scene->worker[pcpmm_cpu_id(cpu)];
	struct block block = {NULL, combo_draw(&w->random_irq, 3)};

	w->count.interrupts++;
	block.page = pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, block.order);
	if (!block.page)
		return;
	mark(w, &block);
	unmark(w, &block);
	CHECK(pcpmm_free_pages(cpu, block.page, block.order) == 0);
}

/* The same by calls that may not wait: an interrupt or an NMI. */
static void interrupt_nolock(struct pcpmm_cpu *cpu, void *arg)
{
	struct scene *scene = arg;
	struct worker *w = &scene->worker[pcpmm_cpu_id(cpu)];
	struct block block = {NULL, combo_draw(&w->random_irq, 3)};

	block.page = pcpmm_alloc_pages_nolock(cpu,
		combo_draw(&w->random_irq, scene->combo->nodes), block.order);
	if (!block.page)
		return;
	mark(w, &block);
	unmark(w, &block);
	CHECK(pcpmm_free_pages_nolock(cpu, block.page, block.order) == 0);
}

static void disturb_by_nmi(struct worker *w, struct pcpmm_cpu *cpu)
{
	enum pcpmm_nmi_place place =
		below(w, 2) ? PCPMM_NMI_IN_PCP : PCPMM_NMI_IN_ZONE;
	int ret;

	if (below(w, 2)) {
		CHECK(pcpmm_nmi_run(cpu, interrupt_nolock, w->scene) == 0);
		return;
	}
	ret = pcpmm_nmi_inject(cpu, place, interrupt_nolock, w->scene);
	CHECK(ret == 0 || ret == -EBUSY); /* the last one has not come yet */
}

static void disturb(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int other = below(w, w->scene->combo->cpus);

	if (below(w, 4) == 0)
		disturb_by_nmi(w, cpu);
	else if (below(w, 2))
		CHECK(pcpmm_irq_inject(cpu, interrupt, w->scene) == 0);
	else
		CHECK(pcpmm_irq_raise(pcpmm_cpu_get(w->scene->machine, other),
			      below(w, 4) ? interrupt : interrupt_nolock,
			      w->scene) == 0);
}

static void mask(struct worker *w, struct pcpmm_cpu *cpu)
{
	if (w->masked && below(w, 3)) {
		CHECK(pcpmm_irq_enable(cpu) == 0);
		w->masked--;
	} else if (w->masked < 2) {
		CHECK(pcpmm_irq_disable(cpu) == 0);
		w->masked++;
	}
}

/* Not while interrupts are masked, as drains wait. */
static void drain(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int zone = below(w, 3) ? PCPMM_ZONE_NORMAL : PCPMM_ZONE_DMA32;
	unsigned int pages = below(w, 2) ? 0 : 1 + below(w, 100);
	int ret;

	if (w->masked)
		return;
	ret = pcpmm_drain_pages_zone(cpu, below(w, w->scene->combo->cpus),
		below(w, w->scene->combo->nodes), zone, pages);
	CHECK(ret == 0 ||
		(ret == -EOPNOTSUPP && pages &&
			w->scene->combo->drain != PCPMM_DRAIN_PCP_LOCK &&
			w->scene->combo->drain != PCPMM_DRAIN_PCP_BUDDY &&
			w->scene->combo->drain !=
				PCPMM_DRAIN_PCP_SPINLOCK_2021));
	w->count.drains += !ret;
}

/* Drain all CPUs' lists, or disable and enable a zone's; not while masked. */
static void drain_all(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int nid = below(w, w->scene->combo->nodes);
	int zone = below(w, 2) ? (int)PCPMM_ZONE_NORMAL : PCPMM_DRAIN_ALL_ZONES;
	int ret;

	if (w->masked)
		return;
	if (below(w, 4)) {
		ret = pcpmm_drain_all_pages(cpu, nid, zone, below(w, 2));
		CHECK(ret == 0 ||
			(ret == -EBUSY && zone == PCPMM_DRAIN_ALL_ZONES));
	} else {
		ret = pcpmm_pcp_disable(cpu, nid, PCPMM_ZONE_NORMAL);
		CHECK(ret == 0 || ret == -EBUSY);
		if (!ret)
			CHECK(pcpmm_pcp_enable(cpu, nid, PCPMM_ZONE_NORMAL) ==
				0);
	}
	w->count.drains++;
}

/* --- the state of the CPU --------------------------------------------- */

static void rest(struct worker *w, struct pcpmm_cpu *cpu)
{
	if (w->masked)
		return;
	CHECK(pcpmm_cpu_idle_enter(cpu, below(w, 2)) == 0);
	for (unsigned int i = below(w, 4); i; i--)
		sched_yield();
	CHECK(pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 11) == NULL);
	CHECK(pcpmm_cpu_idle_exit(cpu) == 0);
	CHECK(pcpmm_tick_advance(pcpmm_cpu_machine(cpu), below(w, 300)) == 0);
	CHECK(pcpmm_cpu_user_return(cpu) == 0);
	w->count.idles++;
}

static void change_class(struct worker *w, struct pcpmm_cpu *cpu)
{
	w->fifo = !w->fifo;
	CHECK(pcpmm_cpu_set_fifo(cpu, w->fifo ? 1 + below(w, 99) : 0) == 0);
	/* One CPU keeps the time, as in a kernel. */
	pcpmm_cpu_set_nohz_full(cpu, pcpmm_cpu_id(cpu) && below(w, 2));
	w->count.fifos++;
}

/* --- the CPU without a thread ----------------------------------------- */

static void use_extra(struct worker *w, unsigned int id)
{
	struct pcpmm_cpu *extra = pcpmm_cpu_enter(w->scene->machine, id);
	struct pcpmm_page *page;

	if (!extra) {
		CHECK(errno == EBUSY || errno == ENODEV);
		return;
	}
	if (!below(w, 8))
		pcpmm_cpu_kill(extra);
	for (unsigned int i = 0; i < 4; i++) {
		page = pcpmm_alloc_pages(extra, random_gfp(w), 0);
		if (page)
			CHECK(pcpmm_free_pages(extra, page, 0) == 0);
	}
	CHECK(pcpmm_cpu_leave(extra) == 0);
}

/* Workers compete for it, and one may have entered it: it must not hang. */
static void hotplug(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int id = w->scene->combo->cpus;
	int ret;

	if (!w->scene->combo->hotplug || w->masked)
		return;
	if (below(w, 2)) {
		use_extra(w, id);
		return;
	}
	ret = pcpmm_cpu_is_online(pcpmm_cpu_get(w->scene->machine, id))
		      ? pcpmm_cpu_offline(cpu, id)
		      : pcpmm_cpu_online(cpu, id);
	CHECK(ret == 0 || ret == -EBUSY || ret == -EINVAL);
	w->count.hotplugs += !ret;
}

static void fold(struct worker *w, struct pcpmm_cpu *cpu)
{
	long delta = (long)below(w, 401) - 200;

	CHECK(pcpmm_stat_mod(cpu, below(w, w->scene->combo->nodes), -1,
		      "nr_mapped", delta) == 0);
	w->modified += delta;
	if (below(w, 4) == 0)
		CHECK(pcpmm_vmstat_fold(cpu, (int)below(w, 2)) >= 0);
}

/* Reads that any thread may do at any time. */
static void read_racily(struct worker *w)
{
	static const char *const names[] = {
		"zoneinfo", "vmstat", "buddyinfo", "pagetypeinfo"};
	struct pcpmm_machine *machine = w->scene->machine;
	struct pcpmm_zone_truth truth;
	struct pcpmm_page_info info;
	struct pcpmm_misuse misuse;
	uint64_t value;
	FILE *out;

	CHECK(pcpmm_zone_stat_snapshot(machine, 0, PCPMM_ZONE_NORMAL,
		      "nr_free_pages", &value) == 0);
	CHECK(pcpmm_zone_truth_read(machine, 0, PCPMM_ZONE_NORMAL, &truth) ==
		0);
	CHECK(pcpmm_page_inspect(machine,
		      START_PFN + below(w, w->scene->node_pages), &info) == 0);
	CHECK(info.block_type < PCPMM_NR_MIGRATETYPES);
	pcpmm_misuse_read(machine, &misuse);
	if (below(w, 16))
		return;
	out = fopen("/dev/null", "we");
	CHECK(out != NULL);
	CHECK(pcpmm_proc_print(machine, names[below(w, 4)], out) == 0);
	fclose(out);
}

/*
 * Changes sizes while other CPUs use them; on one CPU only, as required. Not those
 * of pcp_buddy: see make_room().
 */
static void resize(struct worker *w)
{
	static const char *const kbytes[] = {"512", "1024", "2048"};

	if (w->id || w->masked ||
		w->scene->combo->drain == PCPMM_DRAIN_PCP_BUDDY)
		return;
	CHECK(pcpmm_sysctl_set(w->scene->machine, "vm.min_free_kbytes",
		      kbytes[below(w, 3)]) == 0);
	CHECK(pcpmm_sysctl_set(w->scene->machine,
		      "vm.percpu_pagelist_high_fraction",
		      below(w, 2) ? "0" : "64") == 0);
	CHECK(pcpmm_sysctl_set(w->scene->machine, "vm.watermark_boost_factor",
		      below(w, 2) ? "0" : "15000") == 0);
}

static void one_op(struct worker *w, struct pcpmm_cpu *cpu)
{
	unsigned int dice = below(w, 1000);

	if (w->scene->combo->reclaim && below(w, 4) == 0) {
		combo_lend_op(w, cpu);
		return;
	}
	if (w->scene->combo->drains_often && dice >= 985)
		dice = 964;
	if (dice < 430)
		allocate(w, cpu);
	else if (dice < 700 && w->nr_held)
		release(w, cpu, combo_pick(w));
	else if (dice < 800)
		send(w);
	else if (dice < 860)
		combo_receive(w, cpu);
	else if (dice < 895)
		allocate_bulk(w, cpu);
	else if (dice < 900)
		release_batch(w, cpu);
	else if (dice < 940)
		disturb(w, cpu);
	else if (dice < 960)
		mask(w, cpu);
	else if (dice < 964)
		drain(w, cpu);
	else if (dice < 968)
		drain_all(w, cpu);
	else if (dice < 971)
		rest(w, cpu);
	else if (dice < 973)
		change_class(w, cpu);
	else if (dice < 981)
		hotplug(w, cpu);
	else if (dice < 988)
		fold(w, cpu);
	else if (dice < 998)
		read_racily(w);
	else
		resize(w);
}

void combo_work(struct pcpmm_cpu *cpu, void *arg)
{
	struct worker *w = arg;
	const struct combo *combo = w->scene->combo;
	unsigned int share = w->scene->node_pages * combo->nodes /
			     (SHARE_PAGES * combo->cpus);

	w->held_max = HELD_MAX;
	if (combo->reclaim && w->held_max > share)
		w->held_max = share;
	for (unsigned int i = 0; i < combo->ops; i++)
		one_op(w, cpu);
	for (; w->masked; w->masked--)
		CHECK(pcpmm_irq_enable(cpu) == 0);
	CHECK(pcpmm_cpu_set_fifo(cpu, 0) == 0);
	if (combo->reclaim && combo->seed % 8 == 0 && !w->id)
		combo_take_everything(w, cpu);
	combo_take_own(w, cpu);
	while (w->nr_held)
		release(w, cpu, combo_pick(w));
}
