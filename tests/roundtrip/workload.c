/* SPDX-License-Identifier: MIT */
/*
 * workload SHAPE SEED FOLDER [STEPS] - play kernel, and record it
 *
 * Builds a machine of a named shape, writes its /proc files into FOLDER/before,
 * runs a seeded random workload through the public API with the kernel's kmem
 * trace points on, and writes FOLDER/trace.txt: the same inputs that "pcpmm
 * replay" gets from a real machine. Bulk allocations have no trace point; their
 * lines are those of the kprobe of docs/replay.md, so that removing these lines
 * gives a trace without the probe. The replay infers the rest (the list that a
 * freed page entered, drains, the first contents of the lists), and here,
 * unlike with a real recording, every page is known.
 *
 * One thread is all CPUs in turn, so the lines are in the order of the events.
 */
#include "support/harness.h"

#include <sys/stat.h>
#include <time.h>

#define HELD_MAX 65536
#define HANDFUL 48 /* pages of a bulk allocation or a batched free, at most */
#define RING_ENTRIES (1u << 16)
#define PRINT_EVERY 16 /* steps; a step is some 1000 events at most */

#define MIB (UINT64_C(1) << (20 - PCPMM_PAGE_SHIFT)) /* in pages */

struct scene {
	const char *name;
	unsigned int cpus, nodes;
	unsigned int cpu_node[4];
	unsigned int held_percent; /* wanted, of all pages */
	struct pcpmm_node_config node[3];
};

#define ZONE(start, pages)                                                     \
	{                                                                      \
		.start_pfn = (start), .spanned_pages = (pages),                \
		.present_pages = (pages), .managed_pages = (pages)             \
	}

static const struct scene scenes[] = {
	{
		.name = "one-cpu",
		.cpus = 1,
		.nodes = 1,
		.held_percent = 40,
		.node = {{.zones = {[PCPMM_ZONE_DMA32] =
					    ZONE(4096, 128 * MIB)}}},
	},
	{
		.name = "two-nodes",
		.cpus = 4,
		.nodes = 2,
		.cpu_node = {0, 1, 0, 1},
		.held_percent = 40,
		.node = {{.zones = {[PCPMM_ZONE_DMA] = ZONE(1024, 3072),
				  [PCPMM_ZONE_DMA32] = ZONE(4096, 128 * MIB)}},
			{.zones = {[PCPMM_ZONE_NORMAL] =
					   ZONE(1 << 20, 128 * MIB)}}},
	},
	{
		.name = "two-dma32",
		.cpus = 4,
		.nodes = 2,
		.cpu_node = {0, 0, 1, 1},
		.held_percent = 60,
		.node = {{.zones = {[PCPMM_ZONE_DMA32] = ZONE(4096, 64 * MIB)}},
			{.zones = {[PCPMM_ZONE_DMA32] = ZONE(1 << 19, 64 * MIB),
				 [PCPMM_ZONE_NORMAL] =
					 ZONE(1 << 20, 64 * MIB)}}},
	},
	{
		.name = "memory-only",
		.cpus = 2,
		.nodes = 3,
		.cpu_node = {0, 1},
		.held_percent = 50,
		.node = {{.zones = {[PCPMM_ZONE_DMA32] = ZONE(4096, 64 * MIB)}},
			{.zones = {[PCPMM_ZONE_NORMAL] =
					   ZONE(1 << 20, 64 * MIB)}},
			{.zones = {[PCPMM_ZONE_NORMAL] =
					   ZONE(1 << 21, 128 * MIB)}}},
	},
	{
		.name = "movable",
		.cpus = 2,
		.nodes = 1,
		.cpu_node = {0, 0},
		.held_percent = 50,
		.node = {{.zones = {[PCPMM_ZONE_DMA32] = ZONE(4096, 64 * MIB),
				  [PCPMM_ZONE_MOVABLE] =
					  ZONE(1 << 20, 64 * MIB)}}},
	},
	{
		.name = "tight",
		.cpus = 2,
		.nodes = 1,
		.cpu_node = {0, 0},
		.held_percent = 200, /* never enough: allocations fail */
		.node = {{.zones = {[PCPMM_ZONE_DMA] = ZONE(1024, 2048),
				  [PCPMM_ZONE_DMA32] = ZONE(4096, 16 * MIB)}}},
	},
};

struct held {
	struct pcpmm_page *page;
	unsigned int order;
};

struct work {
	const struct scene *scene;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpus[4];
	struct rng rng;
	struct held held[HELD_MAX];
	unsigned int nr_held;
	uint64_t pages, pages_wanted; /* held; to be held */
	unsigned int refused;
	FILE *trace;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "workload: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static const struct scene *scene_by_name(const char *name)
{
	for (size_t i = 0; i < HARNESS_COUNT(scenes); i++)
		if (!strcmp(scenes[i].name, name))
			return &scenes[i];
	die(name, "no such shape");
	return NULL;
}

static void build(struct work *work)
{
	const struct scene *scene = work->scene;
	struct pcpmm_config config;
	struct pcpmm_error error;
	uint64_t pages = 0;

	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		die("config", "refused");
	config.nr_cpus = scene->cpus;
	config.cpu_node = scene->cpu_node;
	config.nr_nodes = scene->nodes;
	config.nodes = scene->node;
	work->machine = pcpmm_machine_create(&config, &error);
	if (!work->machine)
		die(scene->name, error.text);
	for (unsigned int i = 0; i < scene->cpus; i++) {
		work->cpus[i] = pcpmm_cpu_enter(work->machine, i);
		if (!work->cpus[i])
			die("enter", strerror(errno));
	}
	for (unsigned int nid = 0; nid < scene->nodes; nid++)
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++)
			pages += scene->node[nid].zones[i].managed_pages;
	work->pages_wanted = pages * scene->held_percent / 100;
}

/* --- the recording ----------------------------------------------------- */

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
		(int)sizeof(path))
		die(folder, "the path is too long");
	file = fopen(path, "w");
	if (!file)
		die(path, strerror(errno));
	return file;
}

static void finish(FILE *file, const char *name)
{
	if (ferror(file) || fclose(file))
		die(name, "cannot write");
}

static void write_nodes(const struct scene *scene, const char *folder)
{
	FILE *file = create(folder, "before/nodes.txt");

	for (unsigned int nid = 0; nid < scene->nodes; nid++) {
		const char *comma = "";

		fprintf(file, "node%u cpulist=", nid);
		for (unsigned int i = 0; i < scene->cpus; i++)
			if (scene->cpu_node[i] == nid) {
				fprintf(file, "%s%u", comma, i);
				comma = ",";
			}
		fputs(" distance=", file);
		for (unsigned int i = 0; i < scene->nodes; i++)
			fprintf(file, "%s%d", i ? " " : "", i == nid ? 10 : 20);
		fputc('\n', file);
	}
	finish(file, "nodes.txt");
}

static void write_state(const struct work *work, const char *folder)
{
	static const char *const names[] = {
		"zoneinfo", "buddyinfo", "pagetypeinfo"};
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/before", folder) >=
		(int)sizeof(path))
		die(folder, "the path is too long");
	if (mkdir(path, 0777) && errno != EEXIST)
		die(path, strerror(errno));
	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "before/%s.txt", names[i]);
		file = create(folder, path);
		if (pcpmm_proc_print(work->machine, names[i], file))
			die(names[i], "cannot print");
		finish(file, names[i]);
	}
	write_nodes(work->scene, folder);
}

/* --- the work ---------------------------------------------------------- */

static void hold(struct work *work, struct pcpmm_page *page, unsigned int order)
{
	work->held[work->nr_held++] = (struct held){page, order};
	work->pages += UINT64_C(1) << order;
}

/* The @at-th held block; the last one takes its place. */
static struct held let_go(struct work *work, unsigned int at)
{
	struct held held = work->held[at];

	work->held[at] = work->held[--work->nr_held];
	work->pages -= UINT64_C(1) << held.order;
	return held;
}

static uint32_t pick_gfp(struct rng *rng)
{
	static const uint32_t gfps[] = {
		PCPMM_GFP_KERNEL,
		PCPMM_GFP_KERNEL,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE,
		PCPMM_GFP_NOFS,
		PCPMM_GFP_ATOMIC,
		PCPMM_GFP_USER,
		PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_KERNEL | PCPMM_GFP_DMA32,
	};

	return gfps[rng_below(rng, HARNESS_COUNT(gfps))];
}

static unsigned int pick_order(struct rng *rng)
{
	unsigned int dice = rng_below(rng, 1000);

	if (dice < 700)
		return 0;
	if (dice < 970)
		return 1 + rng_below(rng, 3);
	if (dice < 990)
		return 4 + rng_below(rng, 5);
	return 9 + rng_below(rng, 2);
}

/* Several allocations of one kind, as programs make them. */
static void do_alloc(struct work *work, struct pcpmm_cpu *cpu)
{
	uint32_t gfp = pick_gfp(&work->rng);
	unsigned int order = pick_order(&work->rng);
	unsigned int n = order < 4 ? 1 + rng_below(&work->rng, 64) : 1;

	for (; n && work->nr_held < HELD_MAX; n--) {
		struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, order);

		if (!page)
			return;
		hold(work, page, order);
	}
}

/* A line of a probe, at its place among the lines of the rings. */
static void __attribute__((format(printf, 3, 4)))
write_probe(struct work *work, struct pcpmm_cpu *cpu, const char *format, ...)
{
	struct timespec now;
	va_list args;

	pcpmm_trace_print(work->machine, work->trace);
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(work->trace, "%16s-%-7d [%03u] ..... %5lld.%06ld: ", "pcpmm", 0,
		pcpmm_cpu_id(cpu), (long long)now.tv_sec, now.tv_nsec / 1000);
	va_start(args, format);
	vfprintf(work->trace, format, args);
	va_end(args);
}

static void do_bulk_alloc(struct work *work, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *pages[HANDFUL] = {NULL};
	unsigned int nr = 2 + rng_below(&work->rng, HANDFUL - 1);
	uint32_t gfp = pick_gfp(&work->rng);

	if (work->nr_held + nr > HELD_MAX)
		return;
	write_probe(work, cpu,
		"bulk_alloc: (__alloc_pages_bulk+0x0/0x6b0) gfp=%#x nid=%u "
		"nr=%u\n",
		gfp, pcpmm_cpu_node(cpu), nr);
	nr = pcpmm_alloc_pages_bulk(cpu, gfp, nr, pages);
	write_probe(work, cpu,
		"bulk_alloc_ret: (do_bulk_alloc+0x0/0x10 <- "
		"__alloc_pages_bulk) got=%u\n",
		nr);
	for (unsigned int i = 0; i < nr; i++)
		hold(work, pages[i], 0);
}

/* Free blocks of random ages on @cpu. */
static void do_free(struct work *work, struct pcpmm_cpu *cpu)
{
	unsigned int n = 1 + rng_below(&work->rng, 64);

	for (; n && work->nr_held; n--) {
		struct held held =
			let_go(work, rng_below(&work->rng, work->nr_held));

		if (pcpmm_free_pages(cpu, held.page, held.order))
			work->refused++;
	}
}

/* Like release_pages(): frees the pages of order 0 in one batch. */
static void do_free_batch(struct work *work, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *pages[HANDFUL];
	unsigned int tries = HANDFUL;
	unsigned int nr = 0;

	for (; tries && work->nr_held; tries--) {
		unsigned int at = rng_below(&work->rng, work->nr_held);

		if (!work->held[at].order)
			pages[nr++] = let_go(work, at).page;
	}
	work->refused += pcpmm_free_pages_batch(cpu, pages, nr);
}

/* Drain a CPU's list, or run this CPU's tick. */
static void do_rare(struct work *work, struct pcpmm_cpu *cpu)
{
	const struct scene *scene = work->scene;
	unsigned int nid = rng_below(&work->rng, scene->nodes);
	unsigned int type = rng_below(&work->rng, PCPMM_NR_ZONES);

	if (rng_below(&work->rng, 2))
		pcpmm_vmstat_fold(cpu, 1);
	else if (scene->node[nid].zones[type].managed_pages)
		pcpmm_drain_pages_zone(
			cpu, rng_below(&work->rng, scene->cpus), nid, type, 0);
}

static void step(struct work *work)
{
	struct pcpmm_cpu *cpu =
		work->cpus[rng_below(&work->rng, work->scene->cpus)];
	unsigned int dice = rng_below(&work->rng, 1000);
	unsigned int allocs = work->pages < work->pages_wanted ? 560 : 420;

	if (dice < 4)
		do_rare(work, cpu);
	else if (dice < allocs * 9 / 10)
		do_alloc(work, cpu);
	else if (dice < allocs)
		do_bulk_alloc(work, cpu);
	else if (dice < 900)
		do_free(work, cpu);
	else
		do_free_batch(work, cpu);
}

static void run(struct work *work, unsigned int steps)
{
	for (unsigned int i = 0; i < steps; i++) {
		step(work);
		if (i % PRINT_EVERY == 0)
			pcpmm_trace_print(work->machine, work->trace);
	}
	pcpmm_trace_print(work->machine, work->trace);
}

static void check(struct work *work)
{
	struct pcpmm_error error = {""};

	if (work->refused)
		die(work->scene->name, "frees were refused");
	if (pcpmm_trace_dropped(work->machine))
		die(work->scene->name, "events were dropped");
	for (unsigned int i = 0; i < work->scene->cpus; i++)
		pcpmm_cpu_leave(work->cpus[i]);
	if (pcpmm_validate(work->machine, &error))
		die(work->scene->name, error.text);
}

int main(int argc, char **argv)
{
	static struct work work;

	if (argc < 4)
		die("usage", "SHAPE SEED FOLDER [STEPS]");
	work.scene = scene_by_name(argv[1]);
	work.rng.state = strtoull(argv[2], NULL, 0) | 1;
	build(&work);
	write_state(&work, argv[3]);
	work.trace = create(argv[3], "trace.txt");
	if (pcpmm_trace_start(work.machine, PCPMM_EVENTS_KMEM, RING_ENTRIES))
		die("trace", "cannot start");
	run(&work, argc > 4 ? (unsigned int)strtoul(argv[4], NULL, 0) : 2000);
	finish(work.trace, "trace.txt");
	check(&work);
	pcpmm_machine_destroy(work.machine);
	return 0;
}
