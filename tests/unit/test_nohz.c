/* SPDX-License-Identifier: MIT */
/*
 * Ticks of CPUs, and who folds a CPU whose tick is stopped: the policies of
 * fold_quiet, the timers of 6.9, isolation while a CPU runs.
 */
#include "support/fold.h"

/* CPU 0 keeps the time; CPU 1 is nohz_full; CPU 2 is neither. */
enum { KEEPER, FULL, OTHER, CPUS };

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpus[CPUS];

static void create(void (*change_config)(struct pcpmm_config *config))
{
	static const unsigned char isolated[CPUS] = {[FULL] = 1};
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, CPUS);

	config.cpu_nohz_full = isolated;
	config.ipi = PCPMM_IPI_POLLED;
	if (change_config)
		change_config(&config);
	machine = create_or_fail(&config);
	for (unsigned int id = 0; id < CPUS; id++)
		cpus[id] = pcpmm_cpu_enter(machine, id);
}

static void destroy(void)
{
	for (unsigned int id = 0; id < CPUS; id++)
		assert_int_equal(pcpmm_cpu_leave(cpus[id]), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void idle(unsigned int id, bool may_stop)
{
	assert_int_equal(pcpmm_cpu_idle_enter(cpus[id], may_stop), 0);
}

static void busy(unsigned int id)
{
	assert_int_equal(pcpmm_cpu_idle_exit(cpus[id]), 0);
}

/* A moment for @id's worker to run. */
static void let_work(unsigned int id, uint64_t value)
{
	idle(id, false);
	assert_true(wait_for(machine, value));
	busy(id);
}

/* @nr items have found changes, and have started their timers. */
static void wait_requeued(uint64_t nr)
{
	while (stats_of(machine).requeues < nr)
		;
}

static void start_shepherd(void)
{
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
}

static int pass(void)
{
	return pcpmm_shepherd_pass(cpus[KEEPER]);
}

/* --- ticks ---------------------------------------------------------------- */

static void test_time_goes_by(void **state)
{
	(void)state;
	create(NULL);
	assert_int_equal(pcpmm_jiffies(machine), 0);
	assert_int_equal(pcpmm_tick_advance(machine, 7), 0);
	assert_int_equal(pcpmm_jiffies(machine), 7);
	start_shepherd();
	pass(); /* vm.stat_interval */
	assert_int_equal(pcpmm_jiffies(machine), 7 + PCPMM_HZ);
	assert_int_equal(pcpmm_tick_start(machine, 0), -EINVAL);
	assert_int_equal(pcpmm_tick_start(machine, 1000001), -EINVAL);
	assert_int_equal(pcpmm_tick_start(machine, 1000), 0);
	assert_int_equal(pcpmm_tick_start(machine, 1000), -EBUSY);
	assert_int_equal(pcpmm_tick_advance(machine, 1), -EBUSY);
	while (pcpmm_jiffies(machine) < 20 + PCPMM_HZ)
		;
	pcpmm_tick_stop(machine);
	pcpmm_tick_stop(machine); /* no effect */
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	destroy();
}

static void test_when_ticks_stop(void **state)
{
	(void)state;
	create(NULL);
	for (unsigned int id = 0; id < CPUS; id++)
		assert_false(tick_stopped(cpus[id]));
	idle(OTHER, false);
	assert_false(tick_stopped(cpus[OTHER]));
	busy(OTHER);
	idle(OTHER, true);
	assert_true(tick_stopped(cpus[OTHER]));
	busy(OTHER);
	assert_false(tick_stopped(cpus[OTHER]));
	idle(KEEPER, true); /* a nohz_full CPU needs its time */
	assert_false(tick_stopped(cpus[KEEPER]));
	busy(KEEPER);
	pcpmm_cpu_set_nohz_full(cpus[FULL], false);
	idle(KEEPER, true);
	assert_true(tick_stopped(cpus[KEEPER]));
	busy(KEEPER);

	pcpmm_cpu_set_nohz_full(cpus[FULL], true);
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_true(tick_stopped(cpus[FULL]));
	idle(FULL, false); /* stays as it is */
	assert_true(tick_stopped(cpus[FULL]));
	busy(FULL);
	assert_true(tick_stopped(cpus[FULL]));
	pcpmm_cpu_set_nohz_full(cpus[FULL], false);
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_false(tick_stopped(cpus[FULL]));
	destroy();
}

/*
 * A worker waits behind a task: a normal one needs the tick, FIFO does not. true:
 * the tick is back; a worker that comes between a tick and the end of its call has
 * run before the next one.
 */
static bool second_task(unsigned int prio)
{
	bool restarted;

	create(NULL);
	start_shepherd();
	assert_int_equal(pcpmm_cpu_set_fifo(cpus[FULL], prio), 0);
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_true(tick_stopped(cpus[FULL]));
	change(cpus[FULL]);
	assert_int_equal(pass(), 1);
	if (!prio)
		while (tick_stopped(cpus[FULL]) && !mapped(machine))
			pcpmm_tick_advance(machine, 1);
	for (int i = 0; prio && i < 100; i++) {
		pcpmm_tick_advance(machine, 1);
		assert_true(tick_stopped(cpus[FULL]));
	}
	restarted = !tick_stopped(cpus[FULL]);
	let_work(FULL, 1);
	destroy();
	return restarted;
}

static void test_a_second_task_restarts_the_tick(void **state)
{
	bool restarted = false;

	(void)state;
	for (int i = 0; i < 100 && !restarted; i++)
		restarted = second_task(0);
	assert_true(restarted);
	assert_false(second_task(50));
}

/* --- policies ------------------------------------------------------------- */

static enum pcpmm_fold_quiet policy;

static void by_policy(struct pcpmm_config *config)
{
	config->fold_quiet = policy;
}

/*
 * The shepherd has armed the work item; the tick is stopped, at idle or not;
 * then the task changes a counter. Value after each step.
 */
static void steps(enum pcpmm_fold_quiet quiet, const char *expected)
{
	char values[5] = {0};

	policy = quiet;
	create(by_policy);
	start_shepherd();
	pcpmm_cpu_set_nohz_full(cpus[FULL], false);
	change(cpus[FULL]);
	pass();
	let_work(FULL, 1);
	wait_requeued(1);
	pcpmm_cpu_set_nohz_full(cpus[FULL], true);

	change(cpus[FULL]);
	idle(FULL, true); /* the tick stops */
	values[0] = (char)('0' + mapped(machine));
	busy(FULL);
	change(cpus[FULL]);
	idle(FULL, true); /* it is stopped */
	values[1] = (char)('0' + mapped(machine));
	busy(FULL);
	assert_int_equal(pcpmm_cpu_user_return(cpus[FULL]), 0);
	values[2] = (char)('0' + mapped(machine));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pass(), 0); /* deferred, or cancelled */
	values[3] = (char)('0' + mapped(machine));
	assert_string_equal(values, expected);
	destroy();
}

static void test_policies(void **state)
{
	(void)state;
	steps(PCPMM_FOLD_QUIET_NO, "1111");
	steps(PCPMM_FOLD_QUIET_TICK_STOP, "2222");
	steps(PCPMM_FOLD_QUIET_EVERY_IDLE, "2333");
	steps(PCPMM_FOLD_QUIET_DIRTY, "2333");
	steps(PCPMM_FOLD_QUIET_USER_RETURN, "2233"); /* the early return */
}

/* No work item is needed: the flag says it all. */
static void test_dirty_needs_no_work(void **state)
{
	(void)state;
	policy = PCPMM_FOLD_QUIET_DIRTY;
	create(by_policy);
	start_shepherd();
	change(cpus[OTHER]);
	idle(OTHER, true);
	assert_int_equal(mapped(machine), 1);
	assert_int_equal(stats_of(machine).works, 0);
	busy(OTHER);
	destroy();

	policy = PCPMM_FOLD_QUIET_TICK_STOP;
	create(by_policy);
	start_shepherd();
	change(cpus[OTHER]);
	idle(OTHER, true);
	assert_int_equal(mapped(machine), 0);
	busy(OTHER);
	destroy();
}

static void for_itself(struct pcpmm_config *config)
{
	config->fold_quiet = PCPMM_FOLD_QUIET_USER_RETURN;
	config->fold_timer = PCPMM_FOLD_TIMER_HOUSEKEEPING;
}

/*
 * v12: the CPU starts its own item, which the return to user mode cancels; the
 * shepherd passes it by.
 */
static void test_user_return_looks_after_itself(void **state)
{
	(void)state;
	create(for_itself);
	start_shepherd();
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_true(tick_stopped(cpus[FULL]));
	change(cpus[FULL]);
	assert_int_equal(pcpmm_cpu_user_return(cpus[FULL]), 0);
	assert_int_equal(mapped(machine), 1);
	change(cpus[OTHER]);
	assert_int_equal(pass(), 1);
	assert_int_equal(stats_of(machine).skipped, 1);
	let_work(OTHER, 2);
	wait_requeued(1);
	change(cpus[FULL]);
	assert_int_equal(pass(), 2); /* both by their timers */
	let_work(FULL, 3);
	destroy();
}

/*
 * A fold that drains a remote node's list changes NR_FREE_PAGES of the zone that
 * it has just folded, so the flag must be set after it.
 */
static void test_update_during_a_fold_is_not_forgotten(void **state)
{
	static const struct pcpmm_node_config nodes[2] = {
		{.zones = {[PCPMM_ZONE_NORMAL] = {1024, 262144, 262144,
				   262144}}},
		{.zones = {[PCPMM_ZONE_NORMAL] = {263168, 262144, 262144,
				   262144}}},
	};
	struct pcpmm_config config = config_of(nodes, 2, 4);
	struct pcpmm_cpu *cpu;

	(void)state;
	config.fold_quiet = PCPMM_FOLD_QUIET_DIRTY;
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	start_shepherd();
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 0, 1, PCPMM_ZONE_NORMAL, 0,
			PCPMM_MIGRATE_MOVABLE, 100),
		0);
	assert_int_equal(
		pcpmm_stat_mod(cpu, 1, PCPMM_ZONE_NORMAL, "nr_mlock", 1), 0);
	assert_true(pcpmm_vmstat_fold(cpu, 1) > 0); /* the countdown begins */
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0); /* clean */
	pcpmm_vmstat_fold(cpu, 1);
	assert_true(pcpmm_vmstat_fold(cpu, 1) > 0);
	assert_int_equal(pcp_of(cpu, 1, PCPMM_ZONE_NORMAL).count, 100 - 63);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_refusals(void **state)
{
	(void)state;
	create(NULL);
	assert_int_equal(pcpmm_irq_disable(cpus[OTHER]), 0);
	assert_int_equal(pcpmm_cpu_user_return(cpus[OTHER]), -EBUSY);
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], FULL, true), -EINVAL);
	assert_int_equal(pcpmm_irq_enable(cpus[OTHER]), 0);
	idle(OTHER, false);
	assert_int_equal(pcpmm_cpu_user_return(cpus[OTHER]), -EPERM);
	busy(OTHER);
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], CPUS, true), -EINVAL);
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], OTHER, true), 0);
	/* The last housekeeping CPU. */
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], KEEPER, true), -EINVAL);
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], OTHER, false), 0);
	assert_int_equal(pcpmm_cpu_isolate(cpus[OTHER], KEEPER, true), 0);
	destroy();
}

/* --- timers of 6.9, countdown of 6.6, isolation of 7.0 ---------------------- */

static void housekeeping(struct pcpmm_config *config)
{
	config->fold_timer = PCPMM_FOLD_TIMER_HOUSEKEEPING;
}

/* The timer is deferred no more; the worker still comes to the CPU. */
static void test_housekeeping_timers(void **state)
{
	(void)state;
	create(housekeeping);
	start_shepherd();
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_true(tick_stopped(cpus[FULL]));
	change(cpus[FULL]);
	assert_int_equal(pass(), 1);
	let_work(FULL, 1);
	wait_requeued(1);
	idle(FULL, true);
	busy(FULL);
	change(cpus[FULL]);
	assert_true(tick_stopped(cpus[FULL]));
	assert_int_equal(pass(), 1);
	let_work(FULL, 2);
	destroy();
}

static void flush(struct pcpmm_config *config)
{
	config->isolation_flush = true;
	config->fold_skip_isolated = true;
}

/*
 * The item that is queued runs before the call returns. The hole: an item that
 * found changes has started its timer, and comes again in spite of isolation.
 */
static void test_isolation_flushes(void **state)
{
	(void)state;
	create(flush);
	start_shepherd();
	change(cpus[OTHER]);
	assert_int_equal(pass(), 1);
	idle(OTHER, false);
	assert_int_equal(pcpmm_cpu_isolate(cpus[KEEPER], OTHER, true), 0);
	assert_int_equal(mapped(machine), 1);
	wait_requeued(1);
	assert_int_equal(pass(), 1);
	while (stats_of(machine).works < 2)
		;
	busy(OTHER);
	destroy();
}

/* Passes follow the time; the shepherd's own timer is deferrable. */
static void test_shepherd_by_ticks(void **state)
{
	uint64_t passes;

	(void)state;
	create(NULL);
	idle(OTHER, false);
	assert_int_equal(
		pcpmm_shepherd_start(machine, PCPMM_INTERVAL_TICKS), 0);
	idle(KEEPER, false);
	for (passes = 0; passes < 3; passes = stats_of(machine).passes)
		pcpmm_tick_advance(machine, 1);
	assert_true(pcpmm_jiffies(machine) >= 3 * PCPMM_HZ);
	busy(KEEPER);
	busy(OTHER);
	pcpmm_shepherd_stop(machine);
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0); /* anew */
	assert_true(pass() >= 0);
	destroy();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_goes_by),
		cmocka_unit_test(test_when_ticks_stop),
		cmocka_unit_test(test_a_second_task_restarts_the_tick),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_dirty_needs_no_work),
		cmocka_unit_test(test_user_return_looks_after_itself),
		cmocka_unit_test(test_update_during_a_fold_is_not_forgotten),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_housekeeping_timers),
		cmocka_unit_test(test_isolation_flushes),
		cmocka_unit_test(test_shepherd_by_ticks),
	};

	return cmocka_run_group_tests_name("nohz", tests, NULL, NULL);
}
