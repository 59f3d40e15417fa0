/* SPDX-License-Identifier: MIT */
/*
 * Random programs of a few operations on a few words: every schedule, and one of each
 * class of equal ones, come to the same outcomes; and no two of the latter are equal.
 */
#include "scene.h"

#include <pcpmm/pcpmm.h>

#define PROGRAMS 300
#define OPS_MAX 4
#define TASKS_MAX 3

enum op { LOAD, STORE, ADD, CMPXCHG, LOCKED_ADD, SECTION, PASS, NR_OPS };

static struct {
	unsigned int tasks, ops[TASKS_MAX];
	struct {
		enum op op;
		unsigned int word;
	} op[TASKS_MAX][OPS_MAX];
} program;

static uint64_t state_of_draw;

static unsigned int draw(unsigned int n)
{
	state_of_draw =
		state_of_draw * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(state_of_draw >> 33) % n;
}

static void write_program(unsigned int seed)
{
	state_of_draw = seed;
	program.tasks = 2 + draw(2);
	for (unsigned int task = 0; task < program.tasks; task++) {
		program.ops[task] = 1 + draw(program.tasks == 2 ? OPS_MAX : 2);
		for (unsigned int i = 0; i < program.ops[task]; i++) {
			program.op[task][i].op = (enum op)draw(NR_OPS);
			program.op[task][i].word = draw(2);
		}
	}
}

static void locked_add(uint64_t *it)
{
	while (pcpmm_model_cmpxchg(&word[3], 0, 1))
		pcpmm_model_await(&word[3], 0);
	pcpmm_model_store(it, pcpmm_model_load(it) + 1);
	pcpmm_model_store(&word[3], 0);
}

/* As an owner that can not be interrupted, for which a grace period waits. */
static void section(uint64_t *it, uint64_t *into)
{
	pcpmm_model_store(&word[2], 1);
	*into = 1 + pcpmm_model_add(it, 1);
	pcpmm_model_store(&word[2], 0);
}

static void run_program(void *state, unsigned int task)
{
	(void)state;
	for (unsigned int i = 0; i < program.ops[task]; i++) {
		uint64_t *it = &word[program.op[task][i].word];
		uint64_t *into = &seen[task * OPS_MAX + i];

		switch (program.op[task][i].op) {
		case LOAD:
			*into = 1 + pcpmm_model_load(it);
			break;
		case STORE:
			pcpmm_model_store(it, 10 * task + i);
			break;
		case ADD:
			*into = 1 + pcpmm_model_add(it, 1);
			break;
		case CMPXCHG:
			*into = 1 + pcpmm_model_cmpxchg(it, 0, 100 + task);
			break;
		case SECTION:
			section(it, into);
			break;
		case PASS:
			pcpmm_model_await(&word[2], 0);
			break;
		default:
			locked_add(it);
			break;
		}
	}
}

static void test_random_programs(void **state)
{
	struct pcpmm_scene scene = scene_of(2, run_program);
	uint64_t whole = 0, reduced = 0;
	unsigned int compared = 0;

	(void)state;
	for (unsigned int seed = 1; seed <= PROGRAMS; seed++) {
		struct pcpmm_model_result all, one;

		write_program(seed);
		scene.tasks = program.tasks;
		all = explore(&scene, PCPMM_MODEL_DFS, 50000);
		one = explore(&scene, PCPMM_MODEL_DPOR, 0);
		assert_int_equal(one.verdict, PCPMM_MODEL_EXHAUSTED);
		if (all.verdict == PCPMM_MODEL_EXHAUSTED) {
			if (all.outcomes_hash != one.outcomes_hash)
				fail_msg("program %u: %d outcomes, but %d",
					seed, (int)all.outcomes,
					(int)one.outcomes);
			assert_true(one.executions <= all.executions);
			assert_true(one.executions >= one.outcomes);
			compared++;
		}
		whole += all.executions;
		reduced += one.executions;
		pcpmm_model_result_free(&all);
		pcpmm_model_result_free(&one);
	}
	/* That the reduction reduces, and that the comparison compares. */
	assert_true(compared > PROGRAMS * 3 / 4);
	assert_true(reduced < whole / 10);
}

/* --- the library's own scenes, where every schedule can be run up to a bound ----------- */

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu[2];

static void *begin_machine(const struct pcpmm_scene *scene)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 1024, 1024, 1024}}};
	struct pcpmm_config config;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nodes = &node;
	config.nr_nodes = 1;
	config.nr_cpus = 2;
	config.drain = *(const enum pcpmm_drain *)scene->arg;
	config.ipi = PCPMM_IPI_SIGNAL;
	machine = pcpmm_machine_create(&config, NULL);
	return machine;
}

static void enter_cpu(void *state, unsigned int task)
{
	struct pcpmm_page *page;

	cpu[task] = pcpmm_cpu_enter(state, task);
	page = pcpmm_alloc_pages(cpu[task], PCPMM_GFP_KERNEL, 0);
	pcpmm_free_pages(cpu[task], page, 0);
}

static void free_or_drain(void *state, unsigned int task)
{
	struct pcpmm_page *page;

	(void)state;
	if (task) {
		pcpmm_drain_all_pages(cpu[1], 0, PCPMM_DRAIN_ALL_ZONES, false);
		return;
	}
	page = pcpmm_alloc_pages(cpu[0], PCPMM_GFP_KERNEL, 0);
	pcpmm_free_pages(cpu[0], page, 0);
}

static void leave_cpu(void *state, unsigned int task)
{
	(void)state;
	pcpmm_cpu_leave(cpu[task]);
}

static uint64_t outcome_machine(void *state)
{
	struct pcpmm_pcp_info info;
	uint64_t outcome = 0;

	for (unsigned int id = 0; id < 2; id++) {
		pcpmm_pcp_read(
			pcpmm_cpu_get(state, id), 0, PCPMM_ZONE_NORMAL, &info);
		outcome = outcome << 8 | (uint8_t)info.count;
	}
	return outcome;
}

static void end_machine(void *state)
{
	assert_int_equal(pcpmm_validate(state, NULL), 0);
	pcpmm_machine_destroy(state);
}

/* --- interrupts ------------------------------------------------------------------------ */

#define TURNS 4

static void on_interrupt(struct pcpmm_cpu *by, void *arg)
{
	(void)by, (void)arg;
	seen[0] = 1 + pcpmm_model_load(&word[0]);
}

/* Each turn allocates, with interrupts off in between, and is then counted. */
static void alloc_or_interrupt(void *state, unsigned int task)
{
	struct pcpmm_page *page;

	(void)state;
	if (task) {
		pcpmm_irq_raise(cpu[0], on_interrupt, NULL);
		return;
	}
	for (unsigned int i = 0; i < TURNS; i++) {
		page = pcpmm_alloc_pages(cpu[0], PCPMM_GFP_KERNEL, 0);
		pcpmm_free_pages(cpu[0], page, 0);
		pcpmm_model_add(&word[0], 1);
	}
}

static void *begin_both(const struct pcpmm_scene *scene)
{
	begin_words(scene);
	return begin_machine(scene);
}

/* An interrupt may come after any number of turns, and inside of each. */
static void test_interrupts(void **state)
{
	static const enum pcpmm_drain drains[] = {PCPMM_DRAIN_PCP_LOCK,
		PCPMM_DRAIN_IPI_ALL, PCPMM_DRAIN_RCU_SWAP};

	(void)state;
	for (size_t i = 0; i < sizeof(drains) / sizeof(drains[0]); i++) {
		struct pcpmm_scene scene = {.name = "interrupt",
			.tasks = 2,
			.arg = &drains[i],
			.begin = begin_both,
			.enter = enter_cpu,
			.run = alloc_or_interrupt,
			.leave = leave_cpu,
			.outcome = outcome_words,
			.end = end_machine};
		const struct pcpmm_model_options options = {
			.driver = PCPMM_MODEL_DFS, .preemptions_max = 1};
		struct pcpmm_model_result one, all;

		one = explore(&scene, PCPMM_MODEL_DPOR, 0);
		all = explore_with(&scene, &options);
		assert_int_equal(one.verdict, PCPMM_MODEL_EXHAUSTED);
		assert_int_equal(one.outcomes, TURNS + 1);
		assert_int_equal(one.outcomes_hash, all.outcomes_hash);
		assert_true(one.executions > 4 * TURNS);
		pcpmm_model_result_free(&one);
		pcpmm_model_result_free(&all);
	}
}

/* A bounded search of all orders, and draws, see nothing that the reduced one misses. */
static void test_drains(void **state)
{
	static const enum pcpmm_drain drains[] = {PCPMM_DRAIN_PCP_LOCK,
		PCPMM_DRAIN_IPI_ALL, PCPMM_DRAIN_IPI_MASK, PCPMM_DRAIN_RCU_SWAP,
		PCPMM_DRAIN_PCP_SPINLOCK_2021};

	(void)state;
	for (size_t i = 0; i < sizeof(drains) / sizeof(drains[0]); i++) {
		const struct pcpmm_scene scene = {.name = "drain",
			.tasks = 2,
			.arg = &drains[i],
			.begin = begin_machine,
			.enter = enter_cpu,
			.run = free_or_drain,
			.leave = leave_cpu,
			.outcome = outcome_machine,
			.end = end_machine};
		struct pcpmm_model_options options = {
			.driver = PCPMM_MODEL_DFS, .preemptions_max = 1};
		struct pcpmm_model_result all, drawn, one;

		all = explore_with(&scene, &options);
		drawn = explore(&scene, PCPMM_MODEL_RANDOM, 2000);
		one = explore(&scene, PCPMM_MODEL_DPOR, 0);
		assert_int_equal(one.verdict, PCPMM_MODEL_EXHAUSTED);
		assert_int_equal(all.verdict, PCPMM_MODEL_CLEAN);
		assert_int_equal(one.outcomes_hash, all.outcomes_hash);
		assert_int_equal(one.outcomes_hash, drawn.outcomes_hash);
		assert_true(one.outcomes >= 2);
		pcpmm_model_result_free(&all);
		pcpmm_model_result_free(&drawn);
		pcpmm_model_result_free(&one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_drains),
		cmocka_unit_test(test_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
