/* SPDX-License-Identifier: MIT */
/*
 * The short ways against the long ones. Two machines begin alike and get the
 * same calls at random. One records all events, and so takes every page by
 * itself the long way: the reference. The other one records nothing, or only
 * kinds of events that no short way keeps from being taken. Both return the
 * same pages, and are in the same state.
 */
#include "support/same.h"

#define CPUS 3
#define HELD_MAX 65536
#define MANY 96
#define EVENTS 8192
/* Events of single pages: where these are recorded there is no batch. */
#define EVENTS_ONE_BY_ONE                                                      \
	(PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED) |              \
		PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))
#define LONG 0 /* the machine that goes the long way */
#define SHORT 1

enum op {
	ALLOC,
	ALLOC_NODE,
	ALLOC_NULL, /* one of the others that returned NULL */
	ALLOC_BULK,
	FREE,
	FREE_BATCH,
	FREE_TWICE,
	SPLIT,
	DRAIN_ALL,
	DRAIN_LOCAL,
	DRAIN_ZONE,
	PCP_OFF_AND_ON,
	RESIZE,
	SYSCTL,
	FOLD,
	KSWAPD,
	IRQ_OFF,
	HOTPLUG,
	OTHER_CPU,
	NR_OPS
};

/* How often each is drawn, of 1000; the rest are ALLOC and FREE. */
static const unsigned int weight[NR_OPS] = {
	[ALLOC_NODE] = 60,
	[ALLOC_BULK] = 20,
	[FREE_BATCH] = 20,
	[FREE_TWICE] = 2,
	[SPLIT] = 10,
	[DRAIN_ALL] = 2,
	[DRAIN_LOCAL] = 3,
	[DRAIN_ZONE] = 3,
	[PCP_OFF_AND_ON] = 1,
	[RESIZE] = 10,
	[SYSCTL] = 2,
	[FOLD] = 5,
	[KSWAPD] = 2,
	[IRQ_OFF] = 10,
	[HOTPLUG] = 1,
	[OTHER_CPU] = 10,
};

struct held {
	uint32_t pfn;
	uint32_t order;
};

struct pair {
	struct pcpmm_machine *machine[2];
	struct pcpmm_cpu *cpu[2];
	unsigned int id; /* of the CPU that the thread runs as */
	bool filling;
	bool compares_events;
	struct rng rng;
	struct held held[HELD_MAX];
	unsigned int nr;
	unsigned int done[NR_OPS];
	unsigned int events[PCPMM_NR_EVENTS]; /* of the long way */
	unsigned int batches; /* of more than one block */
	unsigned int reserved; /* looks that found HIGHATOMIC pageblocks */
	unsigned int compared; /* events */
};

/* The axes that a machine of this test may differ in. */
struct variant {
	unsigned int nodes;
	enum pcpmm_drain drain;
	enum pcpmm_account account;
	enum pcpmm_diff diff;
	uint32_t mask; /* events that the second machine records */
	enum pcpmm_list_rules list_rules;
	enum pcpmm_zone_rules zone_rules;
};

/* --- both machines ---------------------------------------------------- */

static struct pcpmm_machine *create(const struct variant *variant)
{
	static const uint64_t pages[PCPMM_NR_ZONES] = {
		[PCPMM_ZONE_DMA] = 1001,
		[PCPMM_ZONE_DMA32] = 4096,
		[PCPMM_ZONE_NORMAL] = 11000,
		[PCPMM_ZONE_MOVABLE] = 3111,
	};
	struct pcpmm_node_config nodes[2] = {0};
	struct pcpmm_config config = config_of(nodes, variant->nodes, CPUS);
	uint64_t pfn = SHAPE_START_PFN;

	for (unsigned int nid = 0; nid < variant->nodes; nid++)
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++) {
			if (!pages[i] || (nid && i < PCPMM_ZONE_NORMAL))
				continue;
			nodes[nid].zones[i] = (struct pcpmm_zone_config){
				pfn, pages[i], pages[i], pages[i]};
			pfn += pages[i];
		}
	config.drain = variant->drain;
	config.account = variant->account;
	config.diff = variant->diff;
	config.list_rules = variant->list_rules;
	config.zone_rules = variant->zone_rules;
	return create_or_fail(&config);
}

static void enter(struct pair *p, unsigned int id)
{
	p->id = id;
	for (int i = 0; i < 2; i++) {
		p->cpu[i] = pcpmm_cpu_enter(p->machine[i], id);
		assert_non_null(p->cpu[i]);
	}
}

static void leave(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_cpu_leave(p->cpu[i]), 0);
}

static void pair_create(struct pair *p, const struct variant *variant)
{
	memset(p, 0, sizeof(*p));
	p->rng = (struct rng){test_seed()};
	for (int i = 0; i < 2; i++)
		p->machine[i] = create(variant);
	assert_int_equal(
		pcpmm_trace_start(p->machine[LONG], PCPMM_EVENTS_ALL, EVENTS),
		0);
	if (variant->mask)
		assert_int_equal(pcpmm_trace_start(p->machine[SHORT],
					 variant->mask, EVENTS),
			0);
	p->compares_events = variant->mask;
	enter(p, 0);
}

/* --- comparison ------------------------------------------------------- */

static char *text_of(struct pcpmm_machine *machine, const char *name)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, name, out), 0);
	fclose(out);
	return text;
}

static void same_texts(const struct pair *p)
{
	static const char *const names[] = {
		"zoneinfo", "vmstat", "buddyinfo", "pagetypeinfo"};

	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		char *a = text_of(p->machine[LONG], names[i]);
		char *b = text_of(p->machine[SHORT], names[i]);

		assert_string_equal(a, b);
		free(a);
		free(b);
	}
}

/* All fields but the time; the last one is followed by padding. */
static void same_event(const struct pcpmm_event *a, const struct pcpmm_event *b)
{
	const size_t first = offsetof(struct pcpmm_event, pfn);
	const size_t last = offsetof(struct pcpmm_event, fallback_type);

	assert_memory_equal((const char *)a + first, (const char *)b + first,
		last + 1 - first);
}

/* Those of the long way that the other machine records, too. */
static unsigned int keep_common(struct pcpmm_event *events, unsigned int nr)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < nr; i++)
		if (!(EVENTS_ONE_BY_ONE & PCPMM_EVENT_BIT(events[i].kind)))
			events[kept++] = events[i];
	return kept;
}

static void count_events(
	struct pair *p, const struct pcpmm_event *events, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		p->events[events[i].kind]++;
		p->batches += events[i].got > 1 << events[i].order;
	}
}

/* Empties the rings. */
static void same_events(struct pair *p)
{
	static struct pcpmm_event seen[2][EVENTS];
	unsigned int nr[2];

	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		for (int i = 0; i < 2; i++)
			nr[i] = pcpmm_trace_read(
				pcpmm_cpu_get(p->machine[i], cpu), seen[i],
				EVENTS);
		count_events(p, seen[LONG], nr[LONG]);
		if (!p->compares_events)
			continue;
		nr[LONG] = keep_common(seen[LONG], nr[LONG]);
		assert_int_equal(nr[LONG], nr[SHORT]);
		for (unsigned int i = 0; i < nr[LONG]; i++)
			same_event(&seen[LONG][i], &seen[SHORT][i]);
		p->compared += nr[LONG];
	}
	assert_int_equal(pcpmm_trace_dropped(p->machine[LONG]), 0);
}

static void compare(struct pair *p)
{
	same_machines(p->machine[LONG], p->machine[SHORT]);
	same_texts(p);
	for (unsigned int i = 0; i < p->machine[LONG]->zones.nr; i++)
		p->reserved += p->machine[LONG]
				       ->zones.zone[i]
				       ->nr_reserved_highatomic != 0;
}

/* --- allocations ------------------------------------------------------ */

static unsigned int below(struct pair *p, unsigned int n)
{
	return rng_below(&p->rng, n);
}

static uint32_t random_gfp(struct pair *p)
{
	static const uint32_t bases[] = {PCPMM_GFP_KERNEL, PCPMM_GFP_KERNEL,
		PCPMM_GFP_HIGHUSER_MOVABLE, PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_USER, PCPMM_GFP_ATOMIC, PCPMM_GFP_NOWAIT,
		PCPMM_GFP_NOFS, PCPMM_GFP_DMA, PCPMM_GFP_DMA32, 0};
	static const uint32_t extras[] = {PCPMM___GFP_MOVABLE,
		PCPMM___GFP_RECLAIMABLE, PCPMM___GFP_THISNODE, PCPMM___GFP_HIGH,
		PCPMM___GFP_MEMALLOC, PCPMM___GFP_ZERO, PCPMM___GFP_DMA,
		PCPMM___GFP_DMA32, PCPMM___GFP_HIGHMEM, PCPMM___GFP_NORETRY};
	uint32_t gfp = bases[below(p, HARNESS_COUNT(bases))];

	while (!below(p, 3))
		gfp ^= extras[below(p, HARNESS_COUNT(extras))];
	return gfp;
}

static unsigned int random_order(struct pair *p)
{
	if (below(p, 3))
		return 0;
	return below(p, 4) ? below(p, 4) : below(p, NR_ORDERS);
}

static void hold(struct pair *p, uint64_t pfn, unsigned int order)
{
	assert_in_range(p->nr, 0, HELD_MAX - 1);
	p->held[p->nr++] = (struct held){(uint32_t)pfn, order};
}

/* The same frame in both machines, or none. */
static bool got(
	struct pair *p, struct pcpmm_page *const *page, unsigned int order)
{
	uint64_t pfn[2] = {0};

	for (int i = 0; i < 2; i++)
		if (page[i])
			pfn[i] = pcpmm_page_to_pfn(p->machine[i], page[i]);
	assert_int_equal(pfn[LONG], pfn[SHORT]);
	if (!page[LONG])
		return false;
	hold(p, pfn[LONG], order);
	return true;
}

static void alloc(struct pair *p, bool by_node)
{
	uint32_t gfp = random_gfp(p);
	unsigned int order = random_order(p);
	unsigned int nid = below(p, pcpmm_nr_nodes(p->machine[LONG]));
	struct pcpmm_page *page[2];

	for (int i = 0; i < 2; i++)
		page[i] = by_node ? pcpmm_alloc_pages_node(
					    p->cpu[i], nid, gfp, order)
				  : pcpmm_alloc_pages(p->cpu[i], gfp, order);
	if (!got(p, page, order))
		p->done[ALLOC_NULL]++;
}

static void alloc_bulk(struct pair *p)
{
	struct pcpmm_page *pages[2][MANY], *page[2];
	uint32_t gfp = random_gfp(p);
	unsigned int nr[2], most = 1 + below(p, MANY);

	for (int i = 0; i < 2; i++)
		nr[i] = pcpmm_alloc_pages_bulk(p->cpu[i], gfp, most, pages[i]);
	assert_int_equal(nr[LONG], nr[SHORT]);
	for (unsigned int at = 0; at < nr[LONG]; at++) {
		for (int i = 0; i < 2; i++)
			page[i] = pages[i][at];
		assert_true(got(p, page, 0));
	}
}

/* --- frees ------------------------------------------------------------ */

/* The oldest, the newest, or any: what FIFOs, stacks and trees free. */
static struct held unhold(struct pair *p, unsigned int way)
{
	unsigned int at = way == 0 ? 0 : way == 1 ? p->nr - 1 : below(p, p->nr);
	struct held held = p->held[at];

	memmove(&p->held[at], &p->held[at + 1],
		(--p->nr - at) * sizeof(p->held[0]));
	return held;
}

static struct pcpmm_page *page_of(const struct pair *p, int i, uint32_t pfn)
{
	return pcpmm_pfn_to_page(p->machine[i], pfn);
}

static void free_block(struct pair *p, struct held held)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_free_pages(p->cpu[i],
					 page_of(p, i, held.pfn), held.order),
			0);
}

/* Several, so that what was allocated in a row is freed in a row. */
static void free_some(struct pair *p)
{
	unsigned int way = below(p, 3), nr = p->filling ? 1 : 1 + below(p, 8);

	while (p->nr && nr--)
		free_block(p, unhold(p, way));
}

static void free_batch(struct pair *p)
{
	struct pcpmm_page *pages[2][MANY];
	unsigned int nr = 0, way = below(p, 3), most = 1 + below(p, MANY);

	for (unsigned int tries = 0; p->nr && tries < most; tries++) {
		struct held held = unhold(p, way);

		if (held.order) {
			free_block(p, held);
			continue;
		}
		for (int i = 0; i < 2; i++)
			pages[i][nr] = page_of(p, i, held.pfn);
		nr++;
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_free_pages_batch(p->cpu[i], pages[i], nr), 0);
}

static void free_twice(struct pair *p)
{
	struct held held;

	if (!p->nr)
		return;
	held = unhold(p, 2);
	free_block(p, held);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_free_pages(p->cpu[i],
					 page_of(p, i, held.pfn), held.order),
			-EINVAL);
}

static void split(struct pair *p)
{
	struct held held;
	unsigned int order;

	if (!p->nr)
		return;
	held = unhold(p, 2);
	order = held.order ? below(p, held.order) : 0;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_split_pages(p->cpu[i], page_of(p, i, held.pfn),
				held.order, order),
			0);
	for (uint32_t at = 0; at < 1u << held.order; at += 1u << order)
		hold(p, held.pfn + at, order);
}

/* --- drains, sizes, counters, CPUs ------------------------------------ */

static void drain(struct pair *p, enum op op)
{
	const struct zones *zones = &p->machine[LONG]->zones;
	const struct zone *zone = zones->zone[below(p, zones->nr)];
	unsigned int id = below(p, CPUS), pages = below(p, 100);
	int type = below(p, 2) ? zone->type : PCPMM_DRAIN_ALL_ZONES;
	int ret[2];

	for (int i = 0; i < 2; i++)
		if (op == DRAIN_ALL)
			ret[i] = pcpmm_drain_all_pages(
				p->cpu[i], zone->nid, type, pages % 2);
		else if (op == DRAIN_LOCAL)
			ret[i] = pcpmm_drain_local_pages(
				p->cpu[i], zone->nid, type);
		else
			ret[i] = pcpmm_drain_pages_zone(p->cpu[i], id,
				zone->nid, zone->type, id == p->id ? pages : 0);
	assert_int_equal(ret[LONG], ret[SHORT]);
	if (op != DRAIN_ZONE)
		assert_int_equal(ret[LONG], 0);
}

/* Small zones have small lists: larger ones make batches of many pages. */
static void resize(struct pair *p)
{
	const struct zones *zones = &p->machine[LONG]->zones;
	const struct zone *zone = zones->zone[below(p, zones->nr)];
	int batch = 1 + (int)below(p, 63), high = (int)below(p, 800);
	unsigned int id = below(p, CPUS);
	int factor = (int)below(p, 5) - 1;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_restore_pageset(p->machine[i], id, zone->nid,
				zone->type, high, batch, factor),
			0);
}

static void pcp_off_and_on(struct pair *p)
{
	unsigned int way = below(p, 3);

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_pcp_disable(p->cpu[i], 0, PCPMM_ZONE_NORMAL), 0);
	for (unsigned int i = 0; p->nr && i < 20; i++)
		free_block(p, unhold(p, way));
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_pcp_enable(p->cpu[i], 0, PCPMM_ZONE_NORMAL), 0);
}

static void set_sysctl(struct pair *p)
{
	static const char *const settings[][2] = {
		{"vm.min_free_kbytes", "400"},
		{"vm.min_free_kbytes", "1600"},
		{"vm.watermark_scale_factor", "10"},
		{"vm.watermark_scale_factor", "300"},
		{"vm.watermark_boost_factor", "0"},
		{"vm.watermark_boost_factor", "15000"},
		{"vm.percpu_pagelist_high_fraction", "0"},
		{"vm.percpu_pagelist_high_fraction", "8"},
		{"vm.lowmem_reserve_ratio", "256 256 32 0 0"},
		{"vm.lowmem_reserve_ratio", "64 64 8 0 0"},
		{"vm.numa_stat", "0"},
		{"vm.numa_stat", "1"},
	};
	unsigned int at = below(p, HARNESS_COUNT(settings));

	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_sysctl_set(p->machine[i],
					 settings[at][0], settings[at][1]),
			0);
}

/* The CPU becomes idle and folds its own diffs. */
static void fold(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pcpmm_cpu_idle_enter(p->cpu[i], true), 0);
		assert_int_equal(pcpmm_cpu_idle_exit(p->cpu[i]), 0);
	}
}

static void run_kswapd(struct pair *p)
{
	unsigned int nid = below(p, pcpmm_nr_nodes(p->machine[LONG]));
	int ret[2];

	for (int i = 0; i < 2; i++)
		ret[i] = pcpmm_kswapd_run(p->cpu[i], nid);
	assert_int_equal(ret[LONG], ret[SHORT]);
}

static void irq_off(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_irq_disable(p->cpu[i]), 0);
	for (unsigned int i = below(p, 4); i--;) {
		alloc(p, false);
		free_some(p);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_irq_enable(p->cpu[i]), 0);
}

static void other_cpu(struct pair *p)
{
	leave(p);
	enter(p, below(p, CPUS));
}

static void hotplug(struct pair *p)
{
	unsigned int id = (p->id + 1) % CPUS;

	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_cpu_offline(p->cpu[i], id), 0);
	for (unsigned int i = 0; i < 20; i++)
		alloc(p, false);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pcpmm_cpu_online(p->cpu[i], id), 0);
}

/* --- the run ---------------------------------------------------------- */

static void do_op(struct pair *p, enum op op)
{
	void (*const plain[NR_OPS])(struct pair *) = {
		[ALLOC_BULK] = alloc_bulk,
		[FREE] = free_some,
		[FREE_BATCH] = free_batch,
		[FREE_TWICE] = free_twice,
		[SPLIT] = split,
		[PCP_OFF_AND_ON] = pcp_off_and_on,
		[RESIZE] = resize,
		[SYSCTL] = set_sysctl,
		[FOLD] = fold,
		[KSWAPD] = run_kswapd,
		[IRQ_OFF] = irq_off,
		[HOTPLUG] = hotplug,
		[OTHER_CPU] = other_cpu,
	};

	p->done[op]++;
	if (plain[op])
		plain[op](p);
	else if (op == ALLOC || op == ALLOC_NODE)
		alloc(p, op == ALLOC_NODE);
	else
		drain(p, op);
}

static enum op next_op(struct pair *p)
{
	unsigned int dice = below(p, 1000);

	for (int op = 0; op < NR_OPS; op++) {
		if (dice < weight[op])
			return (enum op)op;
		dice -= weight[op];
	}
	return below(p, 10) < (p->filling ? 9u : 3u) ? ALLOC : FREE;
}

/* In phases that fill the machine until there is no page, and empty it. */
static void run(struct pair *p, unsigned int ops, unsigned int phase)
{
	for (unsigned int i = 0; i < ops; i++) {
		p->filling = i / phase % 2 == 0;
		do_op(p, next_op(p));
		same_events(p);
		if (i % 250 == 0)
			compare(p);
	}
}

static void finish(struct pair *p)
{
	compare(p);
	while (p->nr)
		free_block(p, unhold(p, 2));
	compare(p);
	for (int i = 0; i < 2; i++) {
		expect_all_free(p->machine[i]);
		pcpmm_machine_destroy(p->machine[i]);
	}
}

/* Blocks that the hot paths moved; all the others went the generic way. */
static uint64_t hot_blocks(const struct pcpmm_machine *machine)
{
	uint64_t sum = 0;

	for (unsigned int id = 0; id < CPUS; id++)
		for (unsigned int z = 0; z < machine->zones.nr; z++)
			for (unsigned int i = 0; i < PCP_EVENT_ORDERS; i++) {
				const struct pcpmm_cpu *cpu =
					&machine->cpus[id];

				sum += cpu->slots[z].events[i].allocs;
				sum += cpu->slots[z].events[i].frees;
			}
	return sum;
}

static void expect_done(const struct pair *p)
{
	for (int op = 0; op < NR_OPS; op++)
		if (!p->done[op])
			fail_msg("operation %d never happened", op);
	for (int kind = 0; kind <= PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG; kind++)
		if (p->events[kind] < 100)
			fail_msg("event %d: %u", kind, p->events[kind]);
	assert_true(p->events[PCPMM_EVENT_PCP_REFILL] > 100);
	assert_true(p->events[PCPMM_EVENT_PCP_FREE_BULK] > 100);
	assert_true(p->batches > 100);
	/* These zones are too small for a reserve by the rules of 6.12. */
	assert_int_equal(p->reserved > 0,
		!p->machine[LONG]->zones.zone[0]->rules->lists_by_block);
	assert_true(!p->compares_events || p->compared > 10000);
	assert_int_equal(hot_blocks(p->machine[LONG]), 0);
	if (p->compares_events)
		assert_int_equal(hot_blocks(p->machine[SHORT]), 0);
	else
		assert_true(hot_blocks(p->machine[SHORT]) > 10000);
}

static void test_same(void **state)
{
	static struct pair p;
	const struct variant *variant = *state;

	pair_create(&p, variant);
	run(&p, is_slow_run() ? 2000 : 60000 * variant->nodes,
		5000 * variant->nodes);
	if (!is_slow_run())
		expect_done(&p);
	finish(&p);
}

static const struct variant pcp_lock = {1, PCPMM_DRAIN_PCP_LOCK,
	PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_DIFF_S8, 0, PCPMM_LIST_RULES_6_1,
	PCPMM_ZONE_RULES_6_1};
static const struct variant rcu_swap = {2, PCPMM_DRAIN_RCU_SWAP,
	PCPMM_ACCOUNT_IRQOFF, PCPMM_DIFF_S8, 0, PCPMM_LIST_RULES_6_1,
	PCPMM_ZONE_RULES_6_1};
static const struct variant ipi_mask = {2, PCPMM_DRAIN_IPI_MASK,
	PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_DIFF_S32, 0, PCPMM_LIST_RULES_6_1,
	PCPMM_ZONE_RULES_6_1};
static const struct variant events = {2, PCPMM_DRAIN_PCP_LOCK,
	PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_DIFF_S8,
	PCPMM_EVENTS_ALL & ~EVENTS_ONE_BY_ONE, PCPMM_LIST_RULES_6_1,
	PCPMM_ZONE_RULES_6_1};
static const struct variant rules_5_10 = {2, PCPMM_DRAIN_IPI_MASK,
	PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_DIFF_S8, 0, PCPMM_LIST_RULES_5_10,
	PCPMM_ZONE_RULES_5_10};
static const struct variant rules_6_12 = {2, PCPMM_DRAIN_PCP_LOCK,
	PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_DIFF_S8, 0, PCPMM_LIST_RULES_6_12,
	PCPMM_ZONE_RULES_6_12};
static const struct variant rules_7_3 = {1, PCPMM_DRAIN_PCP_LOCK,
	PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_DIFF_S8,
	PCPMM_EVENTS_ALL & ~EVENTS_ONE_BY_ONE, PCPMM_LIST_RULES_7_3,
	PCPMM_ZONE_RULES_7_3};

#define SAME(variant)                                                          \
	{                                                                      \
		.name = "same/" #variant, .test_func = test_same,              \
		.initial_state = (void *)&variant                              \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SAME(pcp_lock),
		SAME(rcu_swap),
		SAME(ipi_mask),
		SAME(events),
		SAME(rules_5_10),
		SAME(rules_6_12),
		SAME(rules_7_3),
	};

	return cmocka_run_group_tests_name("side_by_side", tests, NULL, NULL);
}
