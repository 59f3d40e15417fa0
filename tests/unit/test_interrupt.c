/* SPDX-License-Identifier: MIT */
/*
 * How an interrupt reaches its CPU: by signal, also in a thread that never
 * calls the library, or polled, at the next call.
 */
#include "support/by_ipi.h"
#include "support/drains.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static struct pcpmm_machine *machine_by(enum pcpmm_ipi ipi, int ipi_signal)
{
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_IPI_ALL);
	stage.config.ipi = ipi;
	stage.config.ipi_signal = ipi_signal;
	return stage_create(&stage);
}

/* Calls in the order in which they ran. */
struct log {
	int nr;
	int order[16];
};

struct entry {
	struct log *log;
	int id;
};

static void note(struct pcpmm_cpu *cpu, void *arg)
{
	const struct entry *entry = arg;
	int nr = entry->log->nr;

	(void)cpu;
	if (nr < (int)HARNESS_COUNT(entry->log->order))
		entry->log->order[nr] = entry->id;
	word_write(&entry->log->nr, nr + 1);
}

/* --- to a loop that never calls the library --------------------------- */

static void test_signal_reaches_a_loop(void **state)
{
	static const int signals[] = {0, SIGURG, SIGUSR2, -1};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(signals); i++) {
		int number = signals[i] < 0 ? SIGRTMIN + 3 : signals[i];
		struct pcpmm_machine *machine =
			machine_by(PCPMM_IPI_SIGNAL, number);
		struct log log = {0};
		struct entry entry = {&log, 7};
		struct actor actor;

		actor_start(&actor, machine, 1, PART_SPINS);
		for (int n = 1; n <= 20; n++) {
			assert_int_equal(
				pcpmm_irq_raise(pcpmm_cpu_get(machine, 1), note,
					&entry),
				0);
			WAIT_FOR(&log.nr, n);
		}
		assert_int_equal(log.order[15], 7);
		actor_end(&actor);
		pcpmm_machine_destroy(machine);
	}
}

static void test_mailbox_waits_for_a_poll(void **state)
{
	struct pcpmm_machine *machine = machine_by(PCPMM_IPI_POLLED, 0);
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(machine, 1);
	struct pcpmm_cpu_state cpu_state;
	struct log log = {0};
	struct entry entry = {&log, 1};
	struct actor actor;

	(void)state;
	actor_start(&actor, machine, 1, PART_SPINS);
	assert_int_equal(pcpmm_irq_raise(cpu, note, &entry), 0);
	assert_false(word_comes(&log.nr, 1, STARVED_MS / 2));
	pcpmm_cpu_state_read(cpu, &cpu_state);
	assert_true(cpu_state.calls_pending);
	assert_false(cpu_state.idle);
	actor_end(&actor); /* pcpmm_cpu_leave() takes calls */
	assert_int_equal(log.nr, 1);
	pcpmm_cpu_state_read(cpu, &cpu_state);
	assert_false(cpu_state.calls_pending);
	assert_true(cpu_state.idle);
	pcpmm_machine_destroy(machine);
}

/* --- masked ----------------------------------------------------------- */

struct masked {
	struct log log;
	int ready, go, before, after, after_outer, failed;
};

static void mask_and_spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct masked *masked = arg;

	masked->failed |= pcpmm_irq_disable(cpu);
	masked->failed |= pcpmm_irq_disable(cpu);
	word_write(&masked->ready, 1);
	while (!word_read(&masked->go))
		;
	masked->before = word_read(&masked->log.nr);
	masked->failed |= pcpmm_irq_enable(cpu);
	masked->after = word_read(&masked->log.nr);
	masked->failed |= pcpmm_irq_enable(cpu);
	masked->after_outer = word_read(&masked->log.nr);
}

static void test_masked_means_later(void **state)
{
	enum pcpmm_ipi ipi = *(enum pcpmm_ipi *)*state;
	struct pcpmm_machine *machine = machine_by(ipi, 0);
	struct masked masked = {.log = {0}};
	struct pcpmm_cpu_thread *thread;
	struct entry entry[10];

	thread = pcpmm_cpu_run(machine, 1, -1, mask_and_spin, &masked);
	assert_non_null(thread);
	WAIT_FOR(&masked.ready, 1);
	for (int i = 0; i < 10; i++) {
		entry[i] = (struct entry){&masked.log, i};
		assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(machine, 1),
					 note, &entry[i]),
			0);
	}
	pause_us(2000);
	word_write(&masked.go, 1);
	pcpmm_cpu_join(thread);
	assert_int_equal(masked.failed, 0);
	assert_int_equal(masked.before, 0);
	assert_int_equal(masked.after, 0); /* still masked once */
	assert_int_equal(masked.after_outer, 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(masked.log.order[i], i);
	pcpmm_machine_destroy(machine);
}

/* --- coalescing ------------------------------------------------------- */

/* A raiser that finds calls pending sends no signal: one signal takes all. */
static void test_one_interrupt_for_many_calls(void **state)
{
	enum pcpmm_ipi ipi = *(enum pcpmm_ipi *)*state;
	struct pcpmm_machine *machine = machine_by(ipi, 0);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct log log = {0};
	struct entry entry = {&log, 1};

	assert_int_equal(
		pcpmm_irq_raise(pcpmm_cpu_get(machine, 1), note, &entry), 0);
	assert_int_equal(log.nr, 0); /* idle: no thread to run it */
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(log.nr, 1);
	assert_int_equal(stats_of(machine).cpus_visited, STAGE_CPUS);
	assert_int_equal(stats_of(machine).ipis, STAGE_CPUS - 2);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(stats_of(machine).ipis, 2 * STAGE_CPUS - 3);
	assert_int_equal(stats_of(machine).cpus_interrupted, 0);
	pcpmm_machine_destroy(machine);
}

/* --- what an interrupt may do ----------------------------------------- */

struct storm {
	int arrived, failed;
};

static void alloc_and_free(struct pcpmm_cpu *cpu, void *arg)
{
	struct storm *storm = arg;
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, storm->arrived % 4);

	if (!page ||
		pcpmm_free_pages(cpu, page, (unsigned int)storm->arrived % 4))
		storm->failed = 1;
	word_write(&storm->arrived, storm->arrived + 1);
}

/* Interrupts at any moment of an owner's operations, with each strategy. */
static void test_interrupts_allocate(void **state)
{
	int rounds = is_slow_run() ? 200 : 2000;

	(void)state;
	for (size_t i = 0; i < NR_SOUND; i++) {
		struct pcpmm_machine *machine =
			combo_create(&sound_combos[i], PCPMM_IPI_SIGNAL);
		struct storm storm = {0};
		struct actor actor;

		actor_start(&actor, machine, 1, PART_CALLS);
		for (int n = 1; n <= rounds; n++) {
			assert_int_equal(
				pcpmm_irq_raise(pcpmm_cpu_get(machine, 1),
					alloc_and_free, &storm),
				0);
			if (n % 16 == 0)
				WAIT_FOR(&storm.arrived, n);
		}
		actor_end(&actor);
		assert_int_equal(storm.arrived, rounds);
		assert_int_equal(storm.failed, 0);
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

static void raise_to_itself(struct pcpmm_cpu *cpu, void *arg)
{
	(void)pcpmm_irq_raise(cpu, note, arg);
}

/*
 * A call that arrives during an interrupt inside the guard runs when interrupts
 * are on again, not only at the next call of the library.
 */
static void test_raised_inside_the_guard(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_SOUND; i++) {
		struct pcpmm_machine *machine =
			combo_create(&sound_combos[i], PCPMM_IPI_SIGNAL);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
		struct log log = {0};
		struct entry entry = {&log, 1};
		struct pcpmm_page *page;

		assert_true(fill(cpu, PCPMM_GFP_KERNEL, NORMAL) > 1);
		assert_int_equal(
			pcpmm_irq_inject(cpu, raise_to_itself, &entry), 0);
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (word_read(&log.nr) != 1)
			fail_msg("%s: forgotten", sound_combos[i].name);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
		pcpmm_machine_destroy(machine);
	}
}

struct folding {
	int folds, returned, done, failed;
};

static void fold_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	struct folding *folding = arg;

	folding->folds++;
	(void)pcpmm_vmstat_fold(cpu, 1);
	folding->returned++;
}

/* Node 1's list of CPU 0 is about to expire when its guard is interrupted. */
static void fold_inside_the_guard(struct pcpmm_cpu *cpu, void *arg)
{
	struct folding *folding = arg;
	struct pcpmm_page *page;

	page = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	folding->failed |= pcpmm_free_pages(cpu, page, 0);
	folding->failed |= pcpmm_stat_mod(cpu, 1, NORMAL, "nr_mlock", 1);
	(void)pcpmm_vmstat_fold(cpu, 1); /* two more */
	(void)pcpmm_vmstat_fold(cpu, 1); /* one more */
	folding->failed |= !pcp_of(cpu, 1, NORMAL).count;
	folding->failed |= pcpmm_irq_inject(cpu, fold_in_irq, folding);
	page = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	folding->failed |= pcpmm_free_pages(cpu, page, 0);
	word_write(&folding->done, 1);
}

/* The call must end. Static: the data must stay valid if it hangs. */
static void test_fold_inside_the_guard(void **state)
{
	static const struct shape two_nodes = {
		.cpus = 2, .nodes = 2, .pages = {[NORMAL] = STAGE_PAGES}};
	struct pcpmm_machine *machine = shape_create(&two_nodes);
	static struct folding folding;
	struct pcpmm_cpu_thread *thread;

	(void)state;
	thread = pcpmm_cpu_run(machine, 0, -1, fold_inside_the_guard, &folding);
	assert_non_null(thread);
	if (!word_comes(&folding.done, 1, 5000))
		fail_msg("it waits for itself");
	pcpmm_cpu_join(thread);
	assert_int_equal(folding.failed, 0);
	assert_int_equal(folding.folds, 1);
	assert_int_equal(folding.returned, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- beside the program's system calls and signals -------------------- */

struct reader {
	int pipe[2];
	int ready;
	ssize_t got;
	int error;
};

static void read_pipe(struct pcpmm_cpu *cpu, void *arg)
{
	struct reader *reader = arg;
	char byte;

	(void)cpu;
	errno = 0;
	word_write(&reader->ready, 1);
	reader->got = read(reader->pipe[0], &byte, 1);
	reader->error = errno;
}

/* ThreadSanitizer delays signals until the system call has returned. */
#ifdef __SANITIZE_THREAD__
#define SIGNALS_WAIT 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIGNALS_WAIT 1
#endif
#endif
#ifndef SIGNALS_WAIT
#define SIGNALS_WAIT 0
#endif

/* A system call continues, and errno is unchanged. */
static void test_system_calls_go_on(void **state)
{
	struct pcpmm_machine *machine = machine_by(PCPMM_IPI_SIGNAL, 0);
	struct pcpmm_cpu_thread *thread;
	struct reader reader = {.got = 0};
	struct log log = {0};
	struct entry entry = {&log, 1};

	(void)state;
	if (SIGNALS_WAIT)
		return; /* cmocka's TAP reports a skip as a failure */
	assert_int_equal(pipe(reader.pipe), 0);
	thread = pcpmm_cpu_run(machine, 1, -1, read_pipe, &reader);
	assert_non_null(thread);
	WAIT_FOR(&reader.ready, 1);
	for (int n = 1; n <= 10; n++) {
		pause_us(1000);
		assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(machine, 1),
					 note, &entry),
			0);
		WAIT_FOR(&log.nr, n);
	}
	assert_int_equal(write(reader.pipe[1], "x", 1), 1);
	pcpmm_cpu_join(thread);
	assert_int_equal(reader.got, 1);
	assert_int_equal(reader.error, 0);
	close(reader.pipe[0]);
	close(reader.pipe[1]);
	pcpmm_machine_destroy(machine);
}

static void own_handler(int number)
{
	(void)number;
}

static void expect_refused(int ipi_signal, int error, const char *words)
{
	struct pcpmm_error why = {""};
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.ipi_signal = ipi_signal;
	errno = 0;
	assert_null(pcpmm_machine_create(&stage.config, &why));
	assert_int_equal(errno, error);
	if (!strstr(why.text, words))
		fail_msg("signal %d: \"%s\"", ipi_signal, why.text);
}

static void test_signals_that_can_not_be_had(void **state)
{
	struct sigaction mine = {.sa_handler = own_handler}, after;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &mine, NULL), 0);
	expect_refused(SIGUSR1, EBUSY, "signal");
	assert_int_equal(sigaction(SIGUSR1, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, own_handler);
	signal(SIGUSR1, SIG_DFL);
	expect_refused(SIGKILL, EINVAL, "signal");
	expect_refused(SIGSTOP, EINVAL, "signal");
	expect_refused(12345, EINVAL, "signal");
	expect_refused(-3, EINVAL, "ipi_signal -3");
	/* An ignored signal is free; polled interrupts need no signal. */
	signal(SIGUSR1, SIG_IGN);
	pcpmm_machine_destroy(machine_by(PCPMM_IPI_SIGNAL, SIGUSR1));
	assert_int_equal(sigaction(SIGUSR2, &mine, NULL), 0);
	pcpmm_machine_destroy(machine_by(PCPMM_IPI_POLLED, SIGUSR2));
	signal(SIGUSR2, SIG_DFL);
}

struct pair {
	struct pcpmm_cpu *second;
	struct pcpmm_machine *other;
	int ready, stop;
};

static void be_on_both(struct pcpmm_cpu *cpu, void *arg)
{
	struct pair *pair = arg;

	(void)cpu;
	pair->second = pcpmm_cpu_enter(pair->other, 2);
	word_write(&pair->ready, 1);
	while (!word_read(&pair->stop))
		;
	if (pair->second && pcpmm_cpu_leave(pair->second))
		pair->second = NULL;
}

/* One thread has a CPU of each; the same signal, or two. */
static void test_two_machines(void **state)
{
	(void)state;
	for (int second = 0; second < 2; second++) {
		struct pcpmm_machine *a = machine_by(PCPMM_IPI_SIGNAL, 0);
		struct pcpmm_machine *b =
			machine_by(PCPMM_IPI_SIGNAL, second ? SIGUSR2 : 0);
		struct log log[2] = {{0}, {0}};
		struct entry entry[2] = {{&log[0], 0}, {&log[1], 1}};
		struct pair pair = {.other = b};
		struct pcpmm_cpu_thread *thread;

		thread = pcpmm_cpu_run(a, 1, -1, be_on_both, &pair);
		assert_non_null(thread);
		WAIT_FOR(&pair.ready, 1);
		for (int n = 1; n <= 50; n++) {
			assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(a, 1),
						 note, &entry[0]),
				0);
			assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(b, 2),
						 note, &entry[1]),
				0);
			WAIT_FOR(&log[0].nr, n);
			WAIT_FOR(&log[1].nr, n);
		}
		word_write(&pair.stop, 1);
		pcpmm_cpu_join(thread);
		assert_non_null(pair.second);
		pcpmm_machine_destroy(a);
		pcpmm_machine_destroy(b);
	}
}

static void *nothing(void *arg)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(arg, 1);

	return cpu && !pcpmm_cpu_leave(cpu) ? arg : NULL;
}

/* A call raised while the thread leaves and ends runs exactly once. */
static void test_threads_that_come_and_go(void **state)
{
	struct pcpmm_machine *machine = machine_by(PCPMM_IPI_SIGNAL, 0);
	int rounds = is_slow_run() ? 100 : 1000;
	struct log log = {0};
	struct entry entry = {&log, 1};
	struct pcpmm_cpu *cpu;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		pthread_t thread;
		void *entered;

		assert_int_equal(
			pthread_create(&thread, NULL, nothing, machine), 0);
		assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(machine, 1),
					 note, &entry),
			0);
		assert_int_equal(pthread_join(thread, &entered), 0);
		assert_ptr_equal(entered, machine);
	}
	cpu = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(log.nr, rounds);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal_reaches_a_loop),
		cmocka_unit_test(test_mailbox_waits_for_a_poll),
		BY_EACH_IPI(test_masked_means_later),
		BY_EACH_IPI(test_one_interrupt_for_many_calls),
		cmocka_unit_test(test_interrupts_allocate),
		cmocka_unit_test(test_raised_inside_the_guard),
		cmocka_unit_test(test_system_calls_go_on),
		cmocka_unit_test(test_signals_that_can_not_be_had),
		cmocka_unit_test(test_two_machines),
		cmocka_unit_test(test_threads_that_come_and_go),
		cmocka_unit_test(test_fold_inside_the_guard),
	};

	return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
