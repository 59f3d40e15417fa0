/* SPDX-License-Identifier: MIT */
/*
 * CPUs: which thread has entered one, when its interrupts run, and what they
 * may do.
 */
#include "support/by_ipi.h"
#include "support/drains.h"

#include <pthread.h>
#include <sched.h>

static const struct shape two_cpus = {
	.cpus = 2, .pages = {[PCPMM_ZONE_NORMAL] = 262144}, /* a batch of 63 */
};

/* Calls in the order in which they ran. */
struct log {
	int order[64];
	int nr;
	int depth, depth_max;
};

struct entry {
	struct log *log;
	int id;
};

static void note(struct pcpmm_cpu *cpu, void *arg)
{
	struct entry *entry = arg;

	(void)cpu;
	assert_in_range(entry->log->nr, 0, 63);
	entry->log->order[entry->log->nr++] = entry->id;
}

static int enter_elsewhere_errno;

static void *enter_elsewhere(void *arg)
{
	errno = 0;
	assert_null(pcpmm_cpu_enter(arg, 0));
	enter_elsewhere_errno = errno;
	return NULL;
}

static void *leave_elsewhere(void *arg)
{
	assert_int_equal(pcpmm_cpu_leave(arg), -EPERM);
	assert_int_equal(pcpmm_irq_disable(arg), -EPERM);
	assert_int_equal(pcpmm_irq_enable(arg), -EPERM);
	assert_int_equal(pcpmm_cpu_poll(arg), -EPERM);
	assert_int_equal(pcpmm_irq_inject(arg, note, NULL), -EPERM);
	return NULL;
}

static void run_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, arg), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_one_thread_at_a_time(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_misuse misuse;

	(void)state;
	assert_non_null(cpu);
	assert_ptr_equal(cpu, pcpmm_cpu_get(machine, 0));
	assert_ptr_equal(pcpmm_cpu_machine(cpu), machine);
	run_thread(enter_elsewhere, machine);
	assert_int_equal(enter_elsewhere_errno, EBUSY);
	assert_null(pcpmm_cpu_enter(machine, 0)); /* not twice */
	assert_int_equal(errno, EBUSY);
	run_thread(leave_elsewhere, cpu);
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.wrong_thread, 5);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), -EPERM);
	assert_ptr_equal(pcpmm_cpu_enter(machine, 0), cpu);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_null(pcpmm_cpu_enter(machine, 2));
	assert_int_equal(errno, EINVAL);
	assert_null(pcpmm_cpu_get(machine, 2));
	pcpmm_machine_destroy(machine);
}

static void test_one_thread_may_be_on_two_cpus(void **state)
{
	struct pcpmm_machine *a = shape_create(&two_cpus);
	struct pcpmm_machine *b = shape_create(&two_cpus);
	struct pcpmm_cpu *on_a = pcpmm_cpu_enter(a, 1);
	struct pcpmm_cpu *on_b = pcpmm_cpu_enter(b, 1);

	(void)state;
	assert_non_null(on_a);
	assert_non_null(on_b);
	assert_ptr_not_equal(on_a, on_b);
	assert_int_equal(pcpmm_cpu_leave(on_a), 0);
	assert_int_equal(pcpmm_cpu_leave(on_b), 0);
	pcpmm_machine_destroy(a);
	pcpmm_machine_destroy(b);
}

static void test_masking_nests_and_replays_in_order(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct log log = {0};
	struct entry entry[3] = {{&log, 1}, {&log, 2}, {&log, 3}};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pcpmm_irq_disable(cpu), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pcpmm_irq_raise(cpu, note, &entry[i]), 0);
	assert_int_equal(pcpmm_cpu_poll(cpu), 0); /* masked: not now */
	assert_int_equal(pcpmm_cpu_leave(cpu), -EBUSY);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(log.nr, 0);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(log.nr, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(log.order[i], i + 1);
	assert_int_equal(pcpmm_irq_enable(cpu), -EINVAL);
	assert_int_equal(pcpmm_irq_raise(cpu, note, &entry[0]), 0);
	assert_int_equal(log.nr, 4); /* taken when enabled */
	assert_int_equal(pcpmm_irq_raise(cpu, NULL, NULL), -EINVAL);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

static void raise_again(struct pcpmm_cpu *cpu, void *arg)
{
	struct entry *entry = arg;
	struct log *log = entry->log;

	if (++log->depth > log->depth_max)
		log->depth_max = log->depth;
	note(cpu, arg);
	if (entry->id < 5) {
		entry->id++;
		assert_int_equal(pcpmm_irq_raise(cpu, raise_again, entry), 0);
	}
	/* A handler can not lift its own mask; it may mask in pairs. */
	assert_int_equal(pcpmm_irq_enable(cpu), -EINVAL);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	log->depth--;
}

static void test_interrupts_do_not_nest(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct log log = {0};
	struct entry entry = {&log, 1};

	(void)state;
	assert_int_equal(pcpmm_irq_raise(cpu, raise_again, &entry), 0);
	assert_int_equal(log.nr, 5);
	assert_int_equal(log.depth_max, 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(log.order[i], i + 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

/* --- from other threads ----------------------------------------------- */

#define RAISERS 3
#define RAISES 2000

struct raiser {
	struct pcpmm_cpu *cpu;
	int next, wrong; /* written by the interrupts only */
	int refused;
	struct message {
		struct raiser *from;
		int id;
	} message[RAISES];
};

static void arrive(struct pcpmm_cpu *cpu, void *arg)
{
	struct message *message = arg;

	(void)cpu;
	message->from->wrong += message->from->next != message->id;
	word_write(&message->from->next, message->from->next + 1);
}

static void *raise_many(void *arg)
{
	struct raiser *raiser = arg;

	for (int i = 0; i < RAISES; i++) {
		raiser->message[i] = (struct message){raiser, i};
		if (pcpmm_irq_raise(raiser->cpu, arrive, &raiser->message[i]))
			raiser->refused++;
	}
	return NULL;
}

static struct pcpmm_machine *machine_by(enum pcpmm_ipi ipi)
{
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.ipi = ipi;
	return stage_create(&stage);
}

static int arrived(struct raiser *raiser)
{
	int sum = 0;

	for (int i = 0; i < RAISERS; i++)
		sum += word_read(&raiser[i].next);
	return sum;
}

/* Each raiser's calls keep their order. Polled: one poll takes all of them. */
static void test_raise_from_other_threads(void **state)
{
	static struct raiser raiser[RAISERS];
	enum pcpmm_ipi ipi = *(enum pcpmm_ipi *)*state;
	struct pcpmm_machine *machine = machine_by(ipi);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int64_t end = now_ms() + LIMIT_MS;
	pthread_t thread[RAISERS];
	int polled = 0;

	memset(raiser, 0, sizeof(raiser));
	for (int i = 0; i < RAISERS; i++) {
		raiser[i].cpu = cpu;
		assert_int_equal(pthread_create(&thread[i], NULL, raise_many,
					 &raiser[i]),
			0);
	}
	while (arrived(raiser) < RAISERS * RAISES) {
		int nr = pcpmm_cpu_poll(cpu);

		assert_true(nr >= 0 && now_ms() < end);
		polled += nr;
		if (!nr)
			sched_yield();
	}
	for (int i = 0; i < RAISERS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(raiser[i].next, RAISES);
		assert_int_equal(raiser[i].wrong, 0);
		assert_int_equal(raiser[i].refused, 0);
	}
	if (ipi == PCPMM_IPI_POLLED)
		assert_int_equal(polled, RAISERS * RAISES);
	assert_int_equal(pcpmm_cpu_poll(cpu), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

static void test_leaving_takes_what_waits(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu *other = pcpmm_cpu_get(machine, 1);
	struct log log = {0};
	struct entry entry = {&log, 9};

	(void)state;
	assert_int_equal(pcpmm_irq_raise(other, note, &entry), 0);
	assert_int_equal(log.nr, 0); /* no thread has entered it */
	assert_ptr_equal(pcpmm_cpu_enter(machine, 1), other);
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	assert_int_equal(log.nr, 1);
	/* A call that is never taken is freed with the machine. */
	assert_int_equal(pcpmm_irq_raise(other, note, &entry), 0);
	pcpmm_machine_destroy(machine);
	assert_int_equal(log.nr, 1);
}

/* --- inside the guard ------------------------------------------------- */

struct intruder {
	int calls;
	int count_before, count_after;
	struct pcpmm_page *page;
};

static void intrude(struct pcpmm_cpu *cpu, void *arg)
{
	struct intruder *intruder = arg;

	intruder->calls++;
	intruder->count_before = pcp_of(cpu, 0, PCPMM_ZONE_NORMAL).count;
	intruder->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, 0);
	assert_non_null(intruder->page);
	intruder->count_after = pcp_of(cpu, 0, PCPMM_ZONE_NORMAL).count;
	if (intruder->calls == 2)
		assert_int_equal(pcpmm_free_pages(cpu, intruder->page, 0), 0);
}

/* An interrupt inside the section can not enter it and uses the buddy. */
static void test_interrupt_inside_the_guard(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *first, *second;
	struct intruder intruder = {0};

	(void)state;
	first = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(pcpmm_irq_inject(cpu, intrude, &intruder), 0);
	assert_int_equal(intruder.calls, 0);
	second = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(intruder.calls, 1);
	assert_true(intruder.count_before > 0);
	assert_int_equal(intruder.count_after, intruder.count_before);
	assert_int_equal(pcpmm_free_pages(cpu, intruder.page, 0), 0);
	assert_int_equal(intruder.calls, 1); /* one shot */
	assert_int_equal(pcpmm_irq_inject(cpu, intrude, &intruder), 0);
	assert_int_equal(pcpmm_free_pages(cpu, first, 0), 0);
	assert_int_equal(intruder.calls, 2);
	assert_int_equal(intruder.count_after, intruder.count_before);
	assert_int_equal(pcpmm_free_pages(cpu, second, 0), 0);
	assert_int_equal(pcpmm_irq_inject(cpu, NULL, NULL), -EINVAL);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- threads that are CPUs -------------------------------------------- */

struct visit {
	unsigned int id;
	int host_cpus;
	int host_cpu;
	pthread_t thread;
};

static void visit(struct pcpmm_cpu *cpu, void *arg)
{
	struct visit *visit = arg;
	cpu_set_t set;

	visit->id = pcpmm_cpu_id(cpu);
	visit->thread = pthread_self();
	CPU_ZERO(&set);
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	visit->host_cpus = CPU_COUNT(&set);
	visit->host_cpu = sched_getcpu();
	/* The thread ends masked: pcpmm_cpu_join() must clean up. */
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
}

static void test_run_pins_and_leaves(void **state)
{
	struct pcpmm_machine *machine = shape_create(&two_cpus);
	struct pcpmm_cpu_thread *thread;
	int host_cpu = sched_getcpu();
	struct visit seen = {0};
	struct pcpmm_cpu *cpu;

	(void)state;
	thread = pcpmm_cpu_run(machine, 1, host_cpu, visit, &seen);
	assert_non_null(thread);
	pcpmm_cpu_join(thread);
	assert_int_equal(seen.id, 1);
	assert_int_equal(seen.host_cpus, 1);
	assert_int_equal(seen.host_cpu, host_cpu);
	assert_false(pthread_equal(seen.thread, pthread_self()));
	cpu = pcpmm_cpu_enter(machine, 1);
	assert_non_null(cpu);
	assert_null(pcpmm_cpu_run(machine, 1, -1, visit, &seen));
	assert_int_equal(errno, EBUSY);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_null(pcpmm_cpu_run(machine, 7, -1, visit, &seen));
	assert_int_equal(errno, EINVAL);
	assert_null(pcpmm_cpu_run(machine, 1, 1 << 20, visit, &seen));
	assert_int_equal(errno, EINVAL);
	/* A failed start leaves the CPU free. */
	thread = pcpmm_cpu_run(machine, 1, -1, visit, &seen);
	assert_non_null(thread);
	pcpmm_cpu_join(thread);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_thread_at_a_time),
		cmocka_unit_test(test_one_thread_may_be_on_two_cpus),
		cmocka_unit_test(test_masking_nests_and_replays_in_order),
		cmocka_unit_test(test_interrupts_do_not_nest),
		BY_EACH_IPI(test_raise_from_other_threads),
		cmocka_unit_test(test_leaving_takes_what_waits),
		cmocka_unit_test(test_interrupt_inside_the_guard),
		cmocka_unit_test(test_run_pins_and_leaves),
	};

	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
