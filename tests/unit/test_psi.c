/* SPDX-License-Identifier: MIT */
/*
 * Pressure stall information: the states of a CPU, sums weighted by activity, and
 * averages, on CPUs without a machine and at times that the test sets; then what a
 * stall section is, on a machine.
 */
#include "support/drains.h"

#include <pthread.h>
#include <sched.h>

#include "cpu/kthread_worker.h"
#include "cpu/psi.h"
#include "cpu/runq.h"
#include "support/cpu.h"

#define CPUS 2
#define MS 1000000ull /* ns */
#define S (1000 * MS)

struct bench {
	struct cpu cpu[CPUS];
	struct cpu *table[CPUS];
	struct smp smp;
	struct psi psi;
};

static void bench_init(struct bench *bench)
{
	*bench = (struct bench){0};
	for (unsigned int id = 0; id < CPUS; id++) {
		cpu_init(&bench->cpu[id], id);
		bench->table[id] = &bench->cpu[id];
	}
	assert_int_equal(smp_init(&bench->smp, bench->table, CPUS), 0);
	assert_int_equal(psi_init(&bench->psi, &bench->smp, 0), 0);
}

static void bench_end(struct bench *bench)
{
	smp_fini(&bench->smp);
	psi_fini(&bench->psi);
	for (unsigned int id = 0; id < CPUS; id++)
		cpu_fini(&bench->cpu[id]);
}

static void expect_states(
	const struct cpu *cpu, bool nonidle, bool some, bool full)
{
	struct psi_cpu copy;

	runq_copy_psi((struct cpu *)cpu, &copy);
	assert_int_equal(copy.states[PSI_NONIDLE], nonidle);
	assert_int_equal(copy.states[PSI_SOME], some);
	assert_int_equal(copy.states[PSI_FULL], full);
}

/* --- states -------------------------------------------------------------------- */

static struct cpu *seen_cpu;

/* Another task runs while the stalled one sleeps: some, not full. */
static void look_from_a_worker(struct cpu *cpu, void *arg)
{
	(void)arg;
	seen_cpu = cpu;
	expect_states(cpu, true, true, false);
	/* Its own stall is full again. */
	assert_true(psi_memstall_enter(cpu));
	expect_states(cpu, true, true, true);
	runq_set_stalled(cpu, false);
}

static void test_states(void **state)
{
	struct kthread_worker *worker;
	struct kthread_work work = {.call = {.fn = look_from_a_worker}};
	struct bench bench;
	struct cpu *cpu = &bench.cpu[0];

	(void)state;
	bench_init(&bench);
	expect_states(cpu, false, false, false);
	assert_true(enter_cpu(cpu));
	expect_states(cpu, true, false, false);
	assert_true(psi_memstall_enter(cpu));
	expect_states(cpu, true, true, true);
	assert_false(psi_memstall_enter(cpu)); /* it is in one */
	/* Asleep it is stalled still, and the CPU not idle. */
	sched_sleep();
	expect_states(cpu, true, true, true);
	sched_wake();
	expect_states(&bench.cpu[1], false, false, false);

	worker = kthread_worker_create(cpu, TASK_KWORKER, 0, "kworker");
	assert_non_null(worker);
	kthread_queue_work(worker, &work);
	kthread_flush_work(&work);
	assert_ptr_equal(seen_cpu, cpu);
	kthread_worker_destroy(worker);

	expect_states(cpu, true, true, true);
	psi_memstall_leave(&bench.psi, cpu);
	expect_states(cpu, true, false, false);
	leave_cpu(cpu);
	expect_states(cpu, false, false, false);
	bench_end(&bench);
}

/* --- sums and averages ----------------------------------------------------------- */

/* The CPU's times, as if its tasks had led to them. */
static void set_times(
	struct psi_cpu *psi, uint64_t some, uint64_t full, uint64_t nonidle)
{
	psi->ns[PSI_SOME] = some;
	psi->ns[PSI_FULL] = full;
	psi->ns[PSI_NONIDLE] = nonidle;
}

/* A CPU that was not idle three times as long weighs three times as much. */
static void test_sums_are_weighted(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	set_times(&bench.psi.cpus[0], 100 * MS, 40 * MS, 300 * MS);
	set_times(&bench.psi.cpus[1], 0, 0, 100 * MS);
	psi_update(&bench.psi, 1 * S);
	assert_int_equal(bench.psi.total_ns[PSI_SOME], 75 * MS);
	assert_int_equal(bench.psi.total_ns[PSI_FULL], 30 * MS);
	/* Only what is new is added; an idle CPU weighs nothing. */
	psi_update(&bench.psi, 1 * S + 1);
	assert_int_equal(bench.psi.total_ns[PSI_SOME], 75 * MS);
	set_times(&bench.psi.cpus[0], 110 * MS, 40 * MS, 310 * MS);
	psi_update(&bench.psi, 1 * S + 2);
	assert_int_equal(bench.psi.total_ns[PSI_SOME], 85 * MS);
	bench_end(&bench);
}

#define EXP_10 0.818730753 /* exp(-2 s / 10 s) */
#define EXP_60 0.967216100
#define EXP_300 0.993355506
#define EXP_FIVE_PERIODS_10 0.367879441

static void expect_near(double value, double expected)
{
	if (value > expected + 0.01 || value < expected - 0.01)
		fail_msg("%f is not %f", value, expected);
}

static void test_averages(void **state)
{
	struct bench bench;
	const double *some = bench.psi.avg[PSI_SOME];

	(void)state;
	bench_init(&bench);
	/* Half of the first period; nothing is averaged before it is over. */
	set_times(&bench.psi.cpus[0], 1 * S, 0, 2 * S);
	psi_update(&bench.psi, 2 * S - 1);
	expect_near(some[PSI_AVG10], 0);
	psi_update(&bench.psi, 2 * S);
	expect_near(some[PSI_AVG10], 50 * (1 - EXP_10));
	expect_near(some[PSI_AVG60], 50 * (1 - EXP_60));
	expect_near(some[PSI_AVG300], 50 * (1 - EXP_300));
	expect_near(bench.psi.avg[PSI_FULL][PSI_AVG10], 0);
	/* Quiet periods decay, looked at one by one or at once. */
	psi_update(&bench.psi, 12 * S);
	expect_near(some[PSI_AVG10], 50 * (1 - EXP_10) * EXP_FIVE_PERIODS_10);
	/* Always stalled: 100 %, and never more. */
	set_times(&bench.psi.cpus[0], 20000 * S, 20000 * S, 20000 * S);
	psi_update(&bench.psi, 10012 * S);
	expect_near(some[PSI_AVG10], 100);
	expect_near(some[PSI_AVG300], 100);
	assert_true(some[PSI_AVG10] <= 100);
	bench_end(&bench);
}

/* --- stall sections of a machine ---------------------------------------------------- */

#define PAGES 4096

struct scene {
	struct pcpmm_machine *machine;
	struct pcpmm_page *held[PAGES];
	unsigned int nr;
	int holds;
	uint64_t before, after; /* stalls of CPU 0 while its drain waits */
};

/* The program's cache says that it has freed what it puts on no free list. */
static unsigned long pretend(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	(void)cpu, (void)order, (void)arg;
	return target;
}

static uint64_t some_of_cpu_0(struct pcpmm_machine *machine)
{
	struct pcpmm_psi_cpu times = {0};

	pcpmm_psi_cpu_read(pcpmm_cpu_get(machine, 0), &times);
	return times.some;
}

/* Keep the CPU until a drain waits for it, and a moment longer. */
static void hold_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	struct scene *scene = arg;
	int64_t end;

	(void)cpu;
	word_write(&scene->holds, 1);
	while (!stats_of(scene->machine).works)
		sched_yield();
	scene->before = some_of_cpu_0(scene->machine);
	for (end = now_ms() + 2; now_ms() < end;)
		sched_yield();
	scene->after = some_of_cpu_0(scene->machine);
}

static void scene_init(struct scene *scene, enum pcpmm_psi_kind psi)
{
	static struct pcpmm_node_config node;
	struct pcpmm_config config;

	*scene = (struct scene){.nr = 0};
	node.zones[NORMAL] = (struct pcpmm_zone_config){
		SHAPE_START_PFN, PAGES, PAGES, PAGES};
	config = config_of(&node, 1, 2);
	config.drain = PCPMM_DRAIN_WORKQUEUE;
	config.psi = psi;
	config.sysctl.min_free_kbytes = 1024;
	scene->machine = create_or_fail(&config);
	pcpmm_reclaim_set(scene->machine, pretend, NULL);
}

/* Total `some` of CPU 0 in ms, after a request that has to reclaim and drain. */
static double stalled_ms(struct scene *scene)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene->machine, 0);
	struct pcpmm_psi_cpu times = {0};
	struct pcpmm_work *work;

	assert_non_null(cpu);
	while ((scene->held[scene->nr] =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_NOWAIT, 0)))
		scene->nr++;
	assert_true(fill_idle(scene->machine, 1, PCPMM_GFP_ATOMIC) > 0);
	work = pcpmm_work_create(
		scene->machine, 1, PCPMM_SYSTEM_WQ, hold_cpu, scene);
	assert_int_equal(pcpmm_work_queue(work), 1);
	while (!word_read(&scene->holds))
		sched_yield();
	assert_null(pcpmm_alloc_pages(
		cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, 3));
	assert_int_equal(stats_of(scene->machine).pcp_global_drain, 1);
	assert_int_equal(pcpmm_work_destroy(work), 0);
	pcpmm_psi_cpu_read(cpu, &times);
	while (scene->nr)
		pcpmm_free_pages(cpu, scene->held[--scene->nr], 0);
	assert_true(times.full <= times.some && times.some <= times.nonidle);
	return (double)times.some / MS;
}

static void scene_end(struct scene *scene)
{
	assert_int_equal(pcpmm_cpu_leave(pcpmm_cpu_get(scene->machine, 0)), 0);
	expect_all_free(scene->machine);
	pcpmm_machine_destroy(scene->machine);
}

/* 5.18: the wait for the drain is in the section; before it was hidden. */
static void test_wait_for_the_drain(void **state)
{
	struct scene scene;
	struct pcpmm_drain_stats drains;
	struct pcpmm_psi psi;
	double ms;

	(void)state;
	scene_init(&scene, PCPMM_PSI_WHOLE);
	ms = stalled_ms(&scene);
	drains = stats_of(scene.machine);
	assert_true(ms >= (double)drains.time_ns / MS);
	assert_int_equal(pcpmm_psi_read(scene.machine, &psi), 0);
	assert_true(psi.some.total > 0 && psi.full.total <= psi.some.total);
	assert_true(scene.after > scene.before);
	scene_end(&scene);

	scene_init(&scene, PCPMM_PSI_RECLAIM);
	assert_true(stalled_ms(&scene) > 0);
	assert_true(scene.after == scene.before);
	scene_end(&scene);
}

static void test_off(void **state)
{
	struct scene scene;
	struct pcpmm_psi psi;

	(void)state;
	scene_init(&scene, PCPMM_PSI_OFF);
	assert_true(stalled_ms(&scene) == 0);
	assert_int_equal(pcpmm_psi_read(scene.machine, &psi), -EOPNOTSUPP);
	assert_int_equal(
		pcpmm_proc_print(scene.machine, "pressure/memory", stdout),
		-EOPNOTSUPP);
	scene_end(&scene);
}

/* --- text ------------------------------------------------------------------------------ */

static void test_text(void **state)
{
	struct scene scene;
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(out);
	scene_init(&scene, PCPMM_PSI_WHOLE);
	assert_int_equal(
		pcpmm_proc_print(scene.machine, "pressure/memory", out), 0);
	fclose(out);
	assert_string_equal(text,
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
	pcpmm_machine_destroy(scene.machine);
}

static void read_in_an_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_psi psi;

	*(int *)arg = pcpmm_psi_read(pcpmm_cpu_machine(cpu), &psi);
}

static void test_not_in_an_interrupt(void **state)
{
	struct scene scene;
	struct pcpmm_cpu *cpu;
	int ret = 0;

	(void)state;
	scene_init(&scene, PCPMM_PSI_WHOLE);
	cpu = pcpmm_cpu_enter(scene.machine, 0);
	assert_int_equal(pcpmm_irq_raise(cpu, read_in_an_interrupt, &ret), 0);
	assert_int_equal(ret, -EINVAL);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_sums_are_weighted),
		cmocka_unit_test(test_averages),
		cmocka_unit_test(test_wait_for_the_drain),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_not_in_an_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
