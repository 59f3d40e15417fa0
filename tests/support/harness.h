/* SPDX-License-Identifier: MIT */
/*
 * Shared by all tests: cmocka with the headers it needs, small machines by
 * shape, random numbers from a seed, and the two checks at the end of each test
 * of the allocator: no page is lost, no page is held.
 *
 * Uses the public API only, so that tests of both kinds can include it.
 */
#ifndef TESTS_SUPPORT_HARNESS_H
#define TESTS_SUPPORT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <pcpmm/pcpmm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHAPE_START_PFN 1024 /* aligned to the largest block */
#define SHAPE_NODES_MAX 4

/* A machine in few words; a member that is 0 has the default named here. */
struct shape {
	unsigned int cpus; /* 1 */
	unsigned int nodes; /* 1 */
	uint64_t pages[PCPMM_NR_ZONES]; /* of each node's zones */
	enum pcpmm_account account;
	enum pcpmm_backing backing;
	enum pcpmm_boot boot;
	enum pcpmm_wmark_check wmark_check;
	enum pcpmm_zone_rules zone_rules;
	int64_t min_free_kbytes; /* computed */
	enum pcpmm_list_rules list_rules;
};

/* Defaults, but for CPUs and nodes; the machine's creation reads @nodes. */
static inline struct pcpmm_config config_of(
	const struct pcpmm_node_config *nodes, unsigned int nr_nodes,
	unsigned int nr_cpus)
{
	struct pcpmm_config config;

	assert_int_equal(pcpmm_config_init(&config, sizeof(config),
				 PCPMM_PRESET_LINUX_6_1),
		0);
	config.nodes = nodes;
	config.nr_nodes = nr_nodes;
	config.nr_cpus = nr_cpus;
	return config;
}

static inline struct pcpmm_machine *create_or_fail(
	const struct pcpmm_config *config)
{
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine = pcpmm_machine_create(config, &error);

	if (!machine)
		fail_msg("machine: %s", error.text);
	return machine;
}

/* Zones follow one another in the order of their types. */
static inline struct pcpmm_machine *shape_create(const struct shape *shape)
{
	struct pcpmm_node_config nodes[SHAPE_NODES_MAX] = {0};
	unsigned int nr_nodes = shape->nodes ? shape->nodes : 1;
	struct pcpmm_config config;
	uint64_t pfn = SHAPE_START_PFN;

	config = config_of(nodes, nr_nodes, shape->cpus ? shape->cpus : 1);
	assert_in_range(nr_nodes, 1, SHAPE_NODES_MAX);
	for (unsigned int nid = 0; nid < nr_nodes; nid++)
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++) {
			if (!shape->pages[i])
				continue;
			nodes[nid].zones[i] =
				(struct pcpmm_zone_config){pfn, shape->pages[i],
					shape->pages[i], shape->pages[i]};
			pfn += shape->pages[i];
		}
	config.account = shape->account;
	config.backing = shape->backing;
	config.boot = shape->boot;
	config.wmark_check = shape->wmark_check;
	config.list_rules = shape->list_rules;
	config.zone_rules = shape->zone_rules;
	if (shape->min_free_kbytes)
		config.sysctl.min_free_kbytes = shape->min_free_kbytes;
	return create_or_fail(&config);
}

static inline void expect_valid(struct pcpmm_machine *machine)
{
	struct pcpmm_error error = {""};

	if (pcpmm_validate(machine, &error))
		fail_msg("not conserved: %s", error.text);
}

/* Pages of one zone that are allocated. */
static inline uint64_t pages_held(
	struct pcpmm_machine *machine, unsigned int nid, unsigned int type)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, nid, type, &truth), 0);
	return truth.held;
}

/* At rest, all pages freed: counts add up in each zone, and no page is held. */
static inline void expect_all_free(struct pcpmm_machine *machine)
{
	struct pcpmm_zone_truth truth;

	expect_valid(machine);
	for (unsigned int nid = 0; nid < pcpmm_nr_nodes(machine); nid++)
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++) {
			if (pcpmm_zone_truth_read(machine, nid, i, &truth))
				continue;
			assert_int_equal(truth.held, 0);
			assert_int_equal(truth.snapshot, truth.free);
		}
}

static inline struct pcpmm_pcp_info pcp_of(
	const struct pcpmm_cpu *cpu, unsigned int nid, unsigned int type)
{
	struct pcpmm_pcp_info info;

	assert_int_equal(pcpmm_pcp_read(cpu, nid, type, &info), 0);
	return info;
}

static inline uint64_t vmstat_of(
	struct pcpmm_machine *machine, const char *name)
{
	uint64_t value;

	assert_int_equal(pcpmm_vmstat_read(machine, name, &value), 0);
	return value;
}

static inline enum pcpmm_page_state state_of_pfn(
	const struct pcpmm_machine *machine, uint64_t pfn)
{
	struct pcpmm_page_info info;

	assert_int_equal(pcpmm_page_inspect(machine, pfn, &info), 0);
	return info.state;
}

static inline struct pcpmm_page_info inspect(
	const struct pcpmm_machine *machine, const struct pcpmm_page *page)
{
	struct pcpmm_page_info info;

	assert_non_null(page);
	assert_int_equal(pcpmm_page_inspect(machine,
				 pcpmm_page_to_pfn(machine, page), &info),
		0);
	return info;
}

/* xorshift64*: the same numbers on every machine. */
struct rng {
	uint64_t state; /* not 0 */
};

static inline uint64_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int rng_below(struct rng *rng, unsigned int n)
{
	return (unsigned int)((rng_next(rng) >> 32) * n >> 32);
}

/* PCPMM_SEED replays a run; otherwise every run of the tests is the same. */
static inline uint64_t test_seed(void)
{
	const char *text = getenv("PCPMM_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : 0;

	return seed ? seed : 0x9e3779b97f4a7c15ULL;
}

/* True where times and sizes mean nothing: valgrind, sanitizers. */
static inline int is_slow_run(void)
{
	return getenv("PCPMM_SLOW") != NULL;
}

#define HARNESS_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
