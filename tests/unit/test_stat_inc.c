/* SPDX-License-Identifier: MIT */
/*
 * pcpmm_stat_inc_item and _dec_item: a diff that passes the threshold t leaves
 * t >> 1 on the other side, so that a run reaches the shared counter half as
 * often; the exact count is the same.
 */
#include "support/harness.h"

#include <pcpmm/pcpmm.h>

#define NODE (-1)
#define ROUNDS 1000

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu;

static uint64_t shared(int zone_type, const char *name)
{
	uint64_t value;

	assert_int_equal(
		pcpmm_zone_stat_read(machine, 0, zone_type, name, &value), 0);
	return value;
}

static uint64_t exact(int zone_type, const char *name)
{
	uint64_t value;

	assert_int_equal(
		pcpmm_zone_stat_snapshot(machine, 0, zone_type, name, &value),
		0);
	return value;
}

static int threshold(void)
{
	struct pcpmm_pcp_info info;

	assert_int_equal(pcpmm_pcp_read(cpu, 0, PCPMM_ZONE_NORMAL, &info), 0);
	assert_true(info.stat_threshold > 1);
	return info.stat_threshold;
}

/* Updates of the shared counter in @rounds steps of one. */
static int moves(int zone_type, const char *name, int item,
	int (*step)(struct pcpmm_cpu *, unsigned int, int, int), int rounds)
{
	uint64_t before = shared(zone_type, name);
	int nr = 0;

	for (int i = 0; i < rounds; i++) {
		uint64_t now;

		assert_int_equal(step(cpu, 0, zone_type, item), 0);
		now = shared(zone_type, name);
		nr += now != before;
		before = now;
	}
	return nr;
}

static int mod_one(struct pcpmm_cpu *by, unsigned int nid, int zone_type, int i)
{
	return pcpmm_stat_mod_item(by, nid, zone_type, i, 1);
}

static int mod_back(
	struct pcpmm_cpu *by, unsigned int nid, int zone_type, int i)
{
	return pcpmm_stat_mod_item(by, nid, zone_type, i, -1);
}

/* From diff 0 the first move comes after t + 1 steps, later ones after
 * t + (t >> 1) + 1; with mod each after t + 1. */
static void test_half_as_often(void **state)
{
	int item = pcpmm_stat_item(PCPMM_ZONE_NORMAL, "nr_zspages");
	int t = threshold();
	int with_inc, with_mod, with_dec;

	(void)state;
	assert_true(item >= 0);
	with_inc = moves(PCPMM_ZONE_NORMAL, "nr_zspages", item,
		pcpmm_stat_inc_item, ROUNDS);
	assert_int_equal(with_inc, 1 + (ROUNDS - (t + 1)) / (t + (t >> 1) + 1));
	assert_int_equal(exact(PCPMM_ZONE_NORMAL, "nr_zspages"), ROUNDS);
	pcpmm_vmstat_fold(cpu, 0);
	with_dec = moves(PCPMM_ZONE_NORMAL, "nr_zspages", item,
		pcpmm_stat_dec_item, ROUNDS);
	assert_int_equal(with_dec, with_inc);
	assert_int_equal(exact(PCPMM_ZONE_NORMAL, "nr_zspages"), 0);
	pcpmm_vmstat_fold(cpu, 0);
	with_mod =
		moves(PCPMM_ZONE_NORMAL, "nr_zspages", item, mod_one, ROUNDS);
	assert_int_equal(with_mod, ROUNDS / (t + 1));
	assert_true(with_inc < with_mod);
	moves(PCPMM_ZONE_NORMAL, "nr_zspages", item, mod_back, ROUNDS);
}

static void test_of_a_node(void **state)
{
	int item = pcpmm_stat_item(NODE, "nr_dirty");

	(void)state;
	for (int i = 0; i < 300; i++)
		assert_int_equal(pcpmm_stat_inc_item(cpu, 0, NODE, item), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pcpmm_stat_dec_item(cpu, 0, NODE, item), 0);
	assert_int_equal(exact(NODE, "nr_dirty"), 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(pcpmm_stat_dec_item(cpu, 0, NODE, item), 0);
	assert_int_equal(exact(NODE, "nr_dirty"), 0);
}

static void test_refused(void **state)
{
	int zspages = pcpmm_stat_item(PCPMM_ZONE_NORMAL, "nr_zspages");
	int free = pcpmm_stat_item(PCPMM_ZONE_NORMAL, "nr_free_pages");
	struct pcpmm_cpu *other = pcpmm_cpu_get(machine, 1);
	struct pcpmm_misuse before, after;

	(void)state;
	assert_int_equal(
		pcpmm_stat_inc_item(cpu, 0, PCPMM_ZONE_NORMAL, free), -EINVAL);
	assert_int_equal(
		pcpmm_stat_dec_item(cpu, 0, PCPMM_ZONE_NORMAL, -1), -EINVAL);
	assert_int_equal(
		pcpmm_stat_inc_item(cpu, 0, PCPMM_ZONE_NORMAL, 1000), -EINVAL);
	assert_int_equal(
		pcpmm_stat_inc_item(cpu, 9, PCPMM_ZONE_NORMAL, zspages),
		-EINVAL);
	pcpmm_misuse_read(machine, &before);
	assert_int_equal(
		pcpmm_stat_inc_item(other, 0, PCPMM_ZONE_NORMAL, zspages),
		-EPERM);
	assert_int_equal(
		pcpmm_stat_dec_item(other, 0, PCPMM_ZONE_NORMAL, zspages),
		-EPERM);
	pcpmm_misuse_read(machine, &after);
	assert_int_equal(after.wrong_thread, before.wrong_thread + 2);
	assert_non_null(strstr(pcpmm_last_error(machine), "CPU 1 counts"));
}

static int setup(void **state)
{
	static const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {1, 1 << 18, 1 << 18, 1 << 18}};
	struct pcpmm_config config;
	struct pcpmm_error error = {""};

	(void)state;
	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nr_cpus = 4;
	config.nr_nodes = 1;
	config.nodes = &node;
	machine = pcpmm_machine_create(&config, &error);
	cpu = machine ? pcpmm_cpu_enter(machine, 0) : NULL;
	return cpu ? 0 : -1;
}

static int teardown(void **state)
{
	struct pcpmm_error error = {""};

	(void)state;
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	if (pcpmm_validate(machine, &error))
		fail_msg("%s", error.text);
	pcpmm_machine_destroy(machine);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_as_often),
		cmocka_unit_test(test_of_a_node),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("stat_inc", tests, setup, teardown);
}
