/* SPDX-License-Identifier: MIT */
/*
 * A file four times as large as memory, read at random through a cache: cached
 * pages are on the LRU lists, kswapd reclaims old ones, and a page that is read
 * again becomes active.
 *
 * A cached page belongs to the program or to reclaim, whichever empties its
 * slot of the cache first, by one atomic exchange: see pcpmm_reclaim_page_fn
 * in pcpmm/reclaim.h.
 *
 *     cc page_cache.c $(pkg-config --cflags --libs libpcpmm) -o page_cache
 */
#include <pcpmm/pcpmm.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define START_PFN 1024
#define MEMORY 65536 /* pages: 256 MiB */
#define FILE_PAGES (4 * MEMORY)
#define READS 1500000
#define NAP_MS 5

struct cache {
	_Atomic uint32_t slot[FILE_PAGES]; /* pfn of a cached page; 0: none */
	_Atomic uint32_t file_page[START_PFN + MEMORY]; /* [pfn] */
	struct pcpmm_machine *machine;
	unsigned long hits, misses, failed;
};

/* Called by reclaim for a page: remove it from the cache, if still cached. */
static enum pcpmm_verdict may_go(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	struct cache *cache = arg;
	uint32_t pfn = (uint32_t)pcpmm_page_to_pfn(cache->machine, page);
	uint32_t at = atomic_load(&cache->file_page[pfn]), expected = pfn;

	(void)cpu, (void)lru;
	return atomic_compare_exchange_strong(&cache->slot[at], &expected, 0)
		       ? PCPMM_PAGE_RECLAIM
		       : PCPMM_PAGE_KEEP;
}

static void miss(struct cache *cache, struct pcpmm_cpu *cpu, uint32_t at)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0);
	uint32_t pfn;

	cache->misses++;
	if (!page) {
		cache->failed++;
		return;
	}
	/* Into the cache first; on an LRU list reclaim may find it at once. */
	pfn = (uint32_t)pcpmm_page_to_pfn(cache->machine, page);
	atomic_store(&cache->file_page[pfn], at);
	atomic_store(&cache->slot[at], pfn);
	pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE);
}

/* The page may be reclaimed at any moment; then the move is refused. */
static void hit(struct cache *cache, struct pcpmm_cpu *cpu, uint32_t pfn)
{
	cache->hits++;
	pcpmm_lru_move(cpu, pcpmm_pfn_to_page(cache->machine, pfn),
		PCPMM_LRU_ACTIVE_FILE);
}

/* Half of the reads go to one eighth of the file. */
static uint32_t next_read(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) %
	       (*seed >> 63 ? FILE_PAGES / 8 : FILE_PAGES);
}

static void read_file(struct cache *cache, struct pcpmm_cpu *cpu)
{
	uint64_t seed = 1;

	for (unsigned long i = 0; i < READS; i++) {
		uint32_t at = next_read(&seed);
		uint32_t pfn = atomic_load(&cache->slot[at]);

		if (pfn)
			hit(cache, cpu, pfn);
		else
			miss(cache, cpu, at);
	}
}

/* The file is closed: free all cached pages. kswapd has been stopped. */
static int drop_all(struct cache *cache, struct pcpmm_cpu *cpu)
{
	int ret = 0;

	for (uint32_t at = 0; !ret && at < FILE_PAGES; at++) {
		uint32_t pfn = atomic_exchange(&cache->slot[at], 0);
		struct pcpmm_page *page;

		if (!pfn)
			continue;
		page = pcpmm_pfn_to_page(cache->machine, pfn);
		ret = pcpmm_lru_del(cpu, page);
		if (!ret)
			ret = pcpmm_free_pages(cpu, page, 0);
	}
	return ret;
}

static unsigned long count(struct cache *cache, const char *name)
{
	uint64_t value = 0;

	pcpmm_vmstat_read(cache->machine, name, &value);
	return value;
}

static void report(struct cache *cache)
{
	printf("%lu hits, %lu misses, %lu without a page\n", cache->hits,
		cache->misses, cache->failed);
	printf("reclaimed by kswapd: %lu pages of %lu looked at\n",
		count(cache, "pgsteal_kswapd"), count(cache, "pgscan_kswapd"));
	printf("reclaimed by who needed them: %lu\n",
		count(cache, "pgsteal_direct"));
	printf("became active: %lu; went back: %lu\n",
		count(cache, "nr_zone_active_file"),
		count(cache, "pgdeactivate"));
}

static struct pcpmm_machine *build(void)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {START_PFN, MEMORY, MEMORY,
				  MEMORY}},
	};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;
	struct pcpmm_error error;

	if (pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1))
		return NULL;
	config.nr_cpus = 2;
	config.nr_nodes = 1;
	config.nodes = &node;
	machine = pcpmm_machine_create(&config, &error);
	if (!machine)
		fprintf(stderr, "page_cache: %s\n", error.text);
	return machine;
}

int main(void)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	struct pcpmm_error error = {""};
	struct pcpmm_cpu *cpu;
	int ret;

	if (!cache)
		return 1;
	cache->machine = build();
	if (!cache->machine || pcpmm_kswapd_start(cache->machine, NAP_MS))
		return 1;
	pcpmm_reclaim_page_set(cache->machine, may_go, cache);
	cpu = pcpmm_cpu_enter(cache->machine, 0);
	if (!cpu)
		return 1;
	read_file(cache, cpu);
	pcpmm_vmstat_fold(cpu, 0);
	report(cache);
	pcpmm_kswapd_stop(cache->machine);
	ret = drop_all(cache, cpu);
	if (!ret)
		ret = pcpmm_validate(cache->machine, &error);
	printf("%s%s\n", ret ? "a page was lost: " : "no page was lost",
		error.text);
	pcpmm_machine_destroy(cache->machine);
	free(cache);
	return ret != 0;
}
