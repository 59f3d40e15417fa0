/* SPDX-License-Identifier: MIT */
/*
 * ipi_mask: the bits of the shared mask were tested while the calls were sent, and
 * the drainer emptied its own lists before it waited. on_each_cpu_mask() of Linux
 * 3.4 copies the mask once, sends, waits, and runs the function on its own CPU
 * last. So a second drainer that clears a bit after the first call was sent takes
 * no CPU away from the first drainer.
 */
#include "support/harness.h"

#include "cpu/sched.h"
#include "machine/machine.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define CPUS 4

static struct pcpmm_machine *machine;
static int own_at_wait = -1;

bool __real_cpu_queue_call(struct cpu *cpu, struct call *call);
bool __wrap_cpu_queue_call(struct cpu *cpu, struct call *call);
void __real_sched_help(struct cpu *target, unsigned int *turns);
void __wrap_sched_help(struct cpu *target, unsigned int *turns);

static int count_of(unsigned int id)
{
	return pcp_of(pcpmm_cpu_get(machine, id), 0, NORMAL).count;
}

/* What a second drainer may do at any time. */
bool __wrap_cpu_queue_call(struct cpu *cpu, struct call *call)
{
	cpumask_set(machine->pcps.mask, CPUS - 1, false);
	return __real_cpu_queue_call(cpu, call);
}

void __wrap_sched_help(struct cpu *target, unsigned int *turns)
{
	if (own_at_wait < 0)
		own_at_wait = count_of(0);
	__real_sched_help(target, turns);
}

static void create(void)
{
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, CPUS);

	config.drain = PCPMM_DRAIN_IPI_MASK;
	machine = create_or_fail(&config);
}

static void test_copied_once_and_own_last(void **state)
{
	struct pcpmm_cpu *cpu;
	struct pcpmm_page *page;

	(void)state;
	create();
	for (unsigned int id = 0; id < CPUS; id++) {
		cpu = pcpmm_cpu_enter(machine, id);
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		assert_true(count_of(id) > 0);
	}
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	for (unsigned int id = 0; id < CPUS; id++)
		assert_int_equal(count_of(id), 0);
	assert_true(own_at_wait > 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copied_once_and_own_last),
	};

	return cmocka_run_group_tests_name(
		"ipi_mask_copied", tests, NULL, NULL);
}
