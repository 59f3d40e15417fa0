/* SPDX-License-Identifier: MIT */
/*
 * What protects the mask of ipi_mask_locked: two drains of which each is held at
 * the point where the other one could spoil its mask, and what each form makes of
 * it; the counters of 2012 and the row CAL as text.
 */
#include "support/drains.h"

#define FIRST 0 /* the drainer that comes first */
#define SECOND 1
#define HOLDER 2 /* the CPU with pages */

struct two_drains {
	struct pcpmm_machine *machine;
	int marked; /* the first has its mask */
	int go; /* the first may use it */
	int cleared; /* the second has cleared the mask */
	int finished; /* the first has returned */
	int second_done;
};

static struct two_drains two;

static struct pcpmm_machine *create(enum pcpmm_ipi_mask_lock how)
{
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_IPI_MASK_LOCKED);
	stage.config.ipi_mask_lock = how;
	stage.config.allow_unsound = true;
	return stage_create(&stage);
}

/*
 * The first waits with its mask made until it may go on; the second, with the mask
 * cleared, until the first has returned.
 */
static void stop_at(
	struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg)
{
	(void)arg;
	if (pcpmm_cpu_id(cpu) == FIRST && point == PCPMM_DRAIN_MARKED) {
		word_write(&two.marked, 1);
		WAIT_FOR(&two.go, 1);
	}
	if (pcpmm_cpu_id(cpu) == SECOND && point == PCPMM_DRAIN_CLEARED) {
		word_write(&two.cleared, 1);
		WAIT_FOR(&two.finished, 1);
	}
}

static void drain_second(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	WAIT_FOR(&two.marked, 1);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	word_write(&two.second_done, 1);
}

static void drain_first(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
}

static struct pcpmm_cpu_thread *run(
	unsigned int id, void (*fn)(struct pcpmm_cpu *, void *))
{
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(two.machine, id, -1, fn, NULL);

	assert_non_null(thread);
	return thread;
}

/* Both drains are under way: the first has its mask, the second has begun. */
static void begin(
	enum pcpmm_ipi_mask_lock how, struct pcpmm_cpu_thread *thread[2])
{
	two = (struct two_drains){.machine = create(how)};
	fill_idle(two.machine, HOLDER, PCPMM_GFP_KERNEL);
	pcpmm_drain_window_set(two.machine, stop_at, NULL);
	thread[0] = run(FIRST, drain_first);
	thread[1] = run(SECOND, drain_second);
}

static void end(struct pcpmm_cpu_thread *thread[2])
{
	word_write(&two.finished, 1);
	pcpmm_cpu_join(thread[1]);
	assert_int_equal(count_of(two.machine, HOLDER, NORMAL), 0);
	expect_all_free(two.machine);
	pcpmm_machine_destroy(two.machine);
}

static void join_first(struct pcpmm_cpu_thread *thread[2])
{
	word_write(&two.go, 1);
	pcpmm_cpu_join(thread[0]);
}

/* The second clears what the first has marked: the first visits no CPU. */
static void test_none_misses_cpus(void **state)
{
	struct pcpmm_cpu_thread *thread[2];

	(void)state;
	begin(PCPMM_IPI_MASK_LOCK_NONE, thread);
	WAIT_FOR(&two.cleared, 1);
	join_first(thread);
	assert_int_equal(stats_of(two.machine).cpus_visited, 0);
	assert_true(count_of(two.machine, HOLDER, NORMAL) > 0);
	end(thread);
}

static void wait_for_waits(uint64_t nr)
{
	int64_t limit = now_ms() + LIMIT_MS;

	while (stats_of(two.machine).mask_waits < nr) {
		assert_true(now_ms() < limit);
		pause_us(50);
	}
}

/* The second waits; the first visits the CPU and returns. */
static void locked(enum pcpmm_ipi_mask_lock how, uint64_t sleeps)
{
	struct pcpmm_cpu_thread *thread[2];
	struct pcpmm_drain_stats stats;

	begin(how, thread);
	wait_for_waits(1);
	join_first(thread);
	stats = stats_of(two.machine);
	assert_true(stats.cpus_visited >= 1);
	assert_int_equal(stats.mask_waits, 1);
	assert_int_equal(stats.mask_sleeps, sleeps);
	assert_int_equal(stats.lockups, 0);
	assert_int_equal(count_of(two.machine, HOLDER, NORMAL), 0);
	end(thread);
}

static void test_locks_keep_the_second_out(void **state)
{
	(void)state;
	locked(PCPMM_IPI_MASK_LOCK_SPIN, 0);
	locked(PCPMM_IPI_MASK_LOCK_TRYLOCK, 0);
	locked(PCPMM_IPI_MASK_LOCK_MUTEX, 1);
}

/*
 * The second takes the pages away while the first has its mask. own_bit: the CPU
 * has taken itself out. summary: the first's mask is its own, and asks in vain.
 */
static void drained_meanwhile(enum pcpmm_ipi_mask_lock how, uint64_t visits)
{
	struct pcpmm_cpu_thread *thread[2];

	begin(how, thread);
	WAIT_FOR(&two.second_done, 1);
	assert_int_equal(count_of(two.machine, HOLDER, NORMAL), 0);
	join_first(thread);
	assert_int_equal(stats_of(two.machine).cpus_visited, visits);
	end(thread);
}

static void test_without_a_lock(void **state)
{
	(void)state;
	drained_meanwhile(PCPMM_IPI_MASK_LOCK_OWN_BIT, 1);
	drained_meanwhile(PCPMM_IPI_MASK_LOCK_SUMMARY, 2);
}

/* --- own_bit ----------------------------------------------------------- */

struct own_bit {
	struct pcpmm_machine *machine;
	int inside; /* the holder is inside its drain */
	int ends; /* it may go on */
};

static struct own_bit own;

/* The drain of the holder's list is held open. */
static void hold_open(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	if (pcpmm_cpu_id(cpu) != HOLDER || word_read(&own.inside))
		return;
	word_write(&own.inside, 1);
	WAIT_FOR(&own.ends, 1);
}

/* The first has marked the holder: it goes on when the holder's drain runs. */
static void until_inside(
	struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg)
{
	(void)arg;
	if (pcpmm_cpu_id(cpu) != FIRST || point != PCPMM_DRAIN_MARKED)
		return;
	word_write(&two.marked, 1);
	WAIT_FOR(&own.inside, 1);
	word_write(&two.go, 1);
}

static void drain_once_marked(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	WAIT_FOR(&two.marked, 1);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
}

/* Lets the holder go on once the first has sent a call to it, or has returned. */
static void let_go(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu, (void)arg;
	WAIT_FOR(&two.go, 1);
	while (!word_read(&two.finished) &&
		pcpmm_drain_cal(own.machine, HOLDER) < 2)
		pause_us(50);
	word_write(&own.ends, 1);
}

static void first_checks(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	word_write(&two.second_done, count_of(own.machine, HOLDER, NORMAL));
	word_write(&two.finished, 1);
}

/*
 * A bit that is clear means that the pages are with the buddy: a drainer that
 * copies its mask while the CPU is inside its drain waits for it.
 */
static void test_own_bit_is_cleared_last(void **state)
{
	struct pcpmm_cpu_thread *thread[3];

	(void)state;
	two = (struct two_drains){
		.machine = create(PCPMM_IPI_MASK_LOCK_OWN_BIT)};
	own = (struct own_bit){.machine = two.machine};
	fill_idle(own.machine, HOLDER, PCPMM_GFP_KERNEL);
	pcpmm_drain_window_set(own.machine, until_inside, NULL);
	assert_int_equal(
		pcpmm_vmstat_window_set(own.machine, hold_open, NULL), 0);
	thread[0] = run(FIRST, first_checks);
	thread[1] = run(SECOND, drain_once_marked);
	thread[2] = run(3, let_go);
	for (int i = 0; i < 3; i++)
		pcpmm_cpu_join(thread[i]);
	assert_int_equal(two.second_done, 0);
	assert_int_equal(pcpmm_vmstat_window_set(own.machine, NULL, NULL), 0);
	expect_all_free(own.machine);
	pcpmm_machine_destroy(own.machine);
}

/* A drain of one zone leaves the bit of a CPU that has pages of another. */
static void test_own_bit_of_another_zone(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_IPI_MASK_LOCK_OWN_BIT);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	fill_idle(machine, HOLDER, PCPMM_GFP_KERNEL);
	fill_idle(machine, HOLDER, PCPMM_GFP_DMA32);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	assert_true(count_of(machine, HOLDER, DMA32) > 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(count_of(machine, HOLDER, DMA32), 0);
	/* Now it has taken itself out. */
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 2);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- raw_spin ---------------------------------------------------------- */

/*
 * The second waits with interrupts off and has a page, so that the first waits for
 * its answer: neither could ever go on. After its bound the second lets
 * interrupts in.
 */
static void test_raw_spin_locks_up(void **state)
{
	struct pcpmm_cpu_thread *thread[2];
	struct pcpmm_drain_stats stats;

	(void)state;
	two = (struct two_drains){
		.machine = create(PCPMM_IPI_MASK_LOCK_RAW_SPIN)};
	fill_idle(two.machine, SECOND, PCPMM_GFP_KERNEL);
	pcpmm_drain_window_set(two.machine, stop_at, NULL);
	word_write(&two.finished, 1); /* the second is never stopped */
	thread[0] = run(FIRST, drain_first);
	thread[1] = run(SECOND, drain_second);
	wait_for_waits(1);
	join_first(thread);
	pcpmm_cpu_join(thread[1]);
	stats = stats_of(two.machine);
	assert_int_equal(stats.lockups, 1);
	assert_int_equal(stats.mask_waits, 1);
	assert_int_equal(count_of(two.machine, SECOND, NORMAL), 0);
	expect_all_free(two.machine);
	pcpmm_machine_destroy(two.machine);
}

static void test_raw_spin_is_refused(void **state)
{
	struct pcpmm_error error = {""};
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_IPI_MASK_LOCKED);
	stage.config.ipi_mask_lock = PCPMM_IPI_MASK_LOCK_RAW_SPIN;
	assert_null(pcpmm_machine_create(&stage.config, &error));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(error.text, "can not answer the IPI"));
	/* The axis of a strategy that the machine has not. */
	stage.config.drain = PCPMM_DRAIN_PCP_LOCK;
	pcpmm_machine_destroy(stage_create(&stage));
}

/* --- summary ----------------------------------------------------------- */

/* Pages that a restore put on a list are seen as well. */
static void test_summary_after_restore(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_IPI_MASK_LOCK_SUMMARY);
	struct pcpmm_cpu *cpu;

	(void)state;
	assert_int_equal(pcpmm_restore_pcp_list(machine, HOLDER, 0, NORMAL, 0,
				 PCPMM_MIGRATE_MOVABLE, 5),
		0);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, DMA32, false), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 1);
	assert_int_equal(stats_of(machine).pages, 5);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- text -------------------------------------------------------------- */

static void print(struct pcpmm_machine *machine, const char *name, char *text,
	size_t size)
{
	FILE *file = fmemopen(text, size, "w");

	assert_non_null(file);
	assert_int_equal(pcpmm_proc_print(machine, name, file), 0);
	fclose(file);
}

static void test_counters_as_text(void **state)
{
	static char text[16384];
	struct stage stage;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	uint64_t value;

	(void)state;
	stage_init(&stage, 0);
	assert_int_equal(pcpmm_config_set(&stage.config, "preset",
				 "rfc-ipi-mask-2012", NULL),
		0);
	machine = stage_create(&stage);
	fill_idle(machine, HOLDER, PCPMM_GFP_KERNEL);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	print(machine, "vmstat", text, sizeof(text));
	assert_non_null(strstr(text, "\npcp_global_drain 3\n"
				     "pcp_global_ipi_saved 3\n"));
	assert_int_equal(vmstat_of(machine, "pcp_global_drain"), 3);
	assert_int_equal(vmstat_of(machine, "pcp_global_ipi_saved"), 3);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	print(machine, "interrupts", text, sizeof(text));
	assert_string_equal(text,
		"           CPU0       CPU1       CPU2       \n"
		"CAL:          0          0          1   Function call "
		"interrupts\n");
	assert_int_equal(pcpmm_drain_cal(machine, HOLDER), 1);
	assert_int_equal(pcpmm_drain_cal(machine, STAGE_CPUS), 0);
	pcpmm_machine_destroy(machine);

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	machine = stage_create(&stage);
	print(machine, "vmstat", text, sizeof(text));
	assert_null(strstr(text, "pcp_global"));
	assert_int_equal(pcpmm_vmstat_read(machine, "pcp_global_drain", &value),
		-ENOENT);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none_misses_cpus),
		cmocka_unit_test(test_locks_keep_the_second_out),
		cmocka_unit_test(test_without_a_lock),
		cmocka_unit_test(test_own_bit_is_cleared_last),
		cmocka_unit_test(test_own_bit_of_another_zone),
		cmocka_unit_test(test_raw_spin_locks_up),
		cmocka_unit_test(test_raw_spin_is_refused),
		cmocka_unit_test(test_summary_after_restore),
		cmocka_unit_test(test_counters_as_text),
	};

	return cmocka_run_group_tests_name("ipi_mask_lock", tests, NULL, NULL);
}
