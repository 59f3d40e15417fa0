/* SPDX-License-Identifier: MIT */
/* The event ring keeps order, and when full drops the newest and counts. */
#include "support/harness.h"

#include "cpu/ring.h"
#include "cpu/sched.h"

#define ENTRIES 16

static struct cpu cpu_with_ring(uint32_t id)
{
	struct cpu cpu;

	cpu_init(&cpu, id);
	cpu.ring = event_ring_create(ENTRIES);
	assert_non_null(cpu.ring);
	return cpu;
}

static void record(struct cpu *cpu, uint32_t pfn)
{
	struct pcpmm_event event = {.pfn = pfn};

	event_record(cpu, &event);
}

static void test_full_ring_drops_the_newest(void **state)
{
	struct cpu cpu = cpu_with_ring(5);
	struct pcpmm_event events[ENTRIES + 1];

	(void)state;
	for (uint32_t i = 0; i < ENTRIES + 4; i++)
		record(&cpu, i);
	assert_int_equal(cpu.ring->dropped, 4);
	assert_int_equal(
		event_ring_take(cpu.ring, events, ENTRIES + 1), ENTRIES);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		assert_int_equal(events[i].pfn, i);
		assert_int_equal(events[i].cpu, 5);
		if (i)
			assert_true(events[i].time_ns >= events[i - 1].time_ns);
	}
	assert_true(events[0].time_ns > 0);
	assert_int_equal(event_ring_take(cpu.ring, events, 1), 0);
	event_ring_destroy(cpu.ring);
}

static void test_order_across_the_end(void **state)
{
	struct cpu cpu = cpu_with_ring(0);
	struct pcpmm_event events[ENTRIES];
	struct rng rng = {test_seed()};
	uint32_t written = 0, read = 0;

	(void)state;
	/* Begin close to UINT32_MAX, so that the indices wrap, too. */
	cpu.ring->head = cpu.ring->tail = UINT32_MAX - 100;
	for (int i = 0; i < 2000; i++) {
		unsigned int take = rng_below(&rng, ENTRIES);

		for (unsigned int n = rng_below(&rng, ENTRIES);
			n && written - read < ENTRIES; n--)
			record(&cpu, written++);
		take = event_ring_take(cpu.ring, events, take);
		for (unsigned int n = 0; n < take; n++)
			assert_int_equal(events[n].pfn, read++);
	}
	assert_true(written > 1000);
	assert_int_equal(cpu.ring->dropped, 0);
	event_ring_destroy(cpu.ring);
}

static void test_mask_chooses_kinds(void **state)
{
	struct cpu cpu;

	(void)state;
	cpu_init(&cpu, 0);
	for (int kind = 0; kind < PCPMM_NR_EVENTS; kind++)
		assert_false(event_enabled(&cpu, (enum pcpmm_event_kind)kind));
	cpu.trace_mask = PCPMM_EVENT_BIT(PCPMM_EVENT_PCP_REFILL);
	for (int kind = 0; kind < PCPMM_NR_EVENTS; kind++)
		assert_int_equal(
			event_enabled(&cpu, (enum pcpmm_event_kind)kind),
			kind == PCPMM_EVENT_PCP_REFILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_ring_drops_the_newest),
		cmocka_unit_test(test_order_across_the_end),
		cmocka_unit_test(test_mask_chooses_kinds),
	};

	return cmocka_run_group_tests_name("event_ring", tests, NULL, NULL);
}
