/* SPDX-License-Identifier: MIT */
/*
 * test_load LIBRARY: the library is loaded late, by dlopen().
 *
 * The library needs no memory that is reserved at program start (no static
 * TLS), so it can be loaded while threads run, twice, as a copy of itself, and
 * be closed while machines exist.
 */
#include "support/harness.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pcpmm/pcpmm.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS 16
#define ROUNDS 2000

static const char *library; /* path */

struct api {
	void *handle;
	__typeof__(&pcpmm_config_init) config_init;
	__typeof__(&pcpmm_machine_create) create;
	__typeof__(&pcpmm_machine_destroy) destroy;
	__typeof__(&pcpmm_cpu_enter) enter;
	__typeof__(&pcpmm_cpu_leave) leave;
	__typeof__(&pcpmm_alloc_pages) alloc;
	__typeof__(&pcpmm_free_pages) free;
	__typeof__(&pcpmm_drain_all_pages) drain;
	__typeof__(&pcpmm_validate) validate;
};

static void load(struct api *api, const char *path)
{
	api->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!api->handle)
		fail_msg("%s", dlerror());
#define SYMBOL(field, name) *(void **)&api->field = dlsym(api->handle, name)
	SYMBOL(config_init, "pcpmm_config_init");
	SYMBOL(create, "pcpmm_machine_create");
	SYMBOL(destroy, "pcpmm_machine_destroy");
	SYMBOL(enter, "pcpmm_cpu_enter");
	SYMBOL(leave, "pcpmm_cpu_leave");
	SYMBOL(alloc, "pcpmm_alloc_pages");
	SYMBOL(free, "pcpmm_free_pages");
	SYMBOL(drain, "pcpmm_drain_all_pages");
	SYMBOL(validate, "pcpmm_validate");
#undef SYMBOL
	assert_non_null(api->create);
	assert_non_null(api->validate);
}

static struct pcpmm_machine *machine_of(const struct api *api,
	enum pcpmm_drain drain, enum pcpmm_rcu rcu, enum pcpmm_ipi ipi,
	struct pcpmm_error *error)
{
	static const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {1, 1 << 16, 1 << 16, 1 << 16}};
	struct pcpmm_config config;

	assert_int_equal(api->config_init(&config, sizeof(config),
				 PCPMM_PRESET_LINUX_6_1),
		0);
	config.nr_cpus = THREADS;
	config.nr_nodes = 1;
	config.nodes = &node;
	config.drain = drain;
	config.rcu = rcu;
	config.ipi = ipi;
	return api->create(&config, error);
}

static void use(const struct api *api, struct pcpmm_machine *machine,
	unsigned int id, int rounds)
{
	struct pcpmm_cpu *cpu = api->enter(machine, id);

	assert_non_null(cpu);
	for (int i = 0; i < rounds; i++) {
		struct pcpmm_page *page = api->alloc(cpu, PCPMM_GFP_KERNEL, 0);

		assert_non_null(page);
		assert_int_equal(api->free(cpu, page, 0), 0);
		if (i % 100 == 0)
			api->drain(cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
	}
	assert_int_equal(api->leave(cpu), 0);
}

static void end(const struct api *api, struct pcpmm_machine *machine)
{
	struct pcpmm_error error = {""};

	if (api->validate(machine, &error))
		fail_msg("%s", error.text);
	api->destroy(machine);
}

/* --- while threads run ---------------------------------------------------- */

static pthread_barrier_t loaded;
static struct api shared_api;
static struct pcpmm_machine *shared_machine;

static void *waits_for_it(void *arg)
{
	pthread_barrier_wait(
		&loaded); /* this thread is older than the library */
	pthread_barrier_wait(&loaded);
	use(&shared_api, shared_machine, (unsigned int)(uintptr_t)arg, ROUNDS);
	return NULL;
}

static void test_threads_are_older(void **state)
{
	static const struct {
		enum pcpmm_drain drain;
		enum pcpmm_rcu rcu;
	} kinds[] = {{PCPMM_DRAIN_PCP_LOCK, PCPMM_RCU_SCHED},
		{PCPMM_DRAIN_IPI_ALL, PCPMM_RCU_SCHED},
		{PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_SCHED},
		{PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_MEMB},
		{PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_QSBR},
		{PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_EPOCH}};

	(void)state;
	for (size_t k = 0; k < HARNESS_COUNT(kinds); k++) {
		pthread_t thread[THREADS];

		assert_int_equal(
			pthread_barrier_init(&loaded, NULL, THREADS + 1), 0);
		for (uintptr_t i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&thread[i], NULL,
						 waits_for_it, (void *)i),
				0);
		pthread_barrier_wait(&loaded);
		load(&shared_api, library);
		shared_machine = machine_of(&shared_api, kinds[k].drain,
			kinds[k].rcu, PCPMM_IPI_SIGNAL, NULL);
		assert_non_null(shared_machine);
		pthread_barrier_wait(&loaded);
		for (int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_join(thread[i], NULL), 0);
		end(&shared_api, shared_machine);
		pthread_barrier_destroy(&loaded);
	}
}

/* --- twice ------------------------------------------------------------------ */

static void test_twice_is_once(void **state)
{
	struct pcpmm_machine *machine;
	struct api first, second;

	(void)state;
	load(&first, library);
	load(&second, library);
	assert_ptr_equal(first.create, second.create);
	machine = machine_of(&first, PCPMM_DRAIN_IPI_ALL, PCPMM_RCU_SCHED,
		PCPMM_IPI_SIGNAL, NULL);
	assert_non_null(machine);
	use(&second, machine, 0, ROUNDS);
	end(&second, machine);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	char block[1 << 16];
	ssize_t nr;

	assert_true(in >= 0 && out >= 0);
	while ((nr = read(in, block, sizeof(block))) > 0)
		assert_int_equal(write(out, block, (size_t)nr), nr);
	assert_int_equal(nr, 0);
	close(in);
	close(out);
}

/*
 * A copy is another library in the same process. One of the two has the signal;
 * the other refuses to use it, and works without.
 */
static void test_a_copy_beside_it(void **state)
{
	char path[] = "/tmp/pcpmm-load-XXXXXX";
	char copy[sizeof(path) + 16];
	struct pcpmm_machine *machine, *other;
	struct pcpmm_error error = {""};
	struct api first, second;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(copy, sizeof(copy), "%s/copy.so", path);
	copy_file(library, copy);
	load(&first, library);
	load(&second, copy);
	assert_true(first.create != second.create);
	machine = machine_of(&first, PCPMM_DRAIN_IPI_ALL, PCPMM_RCU_SCHED,
		PCPMM_IPI_SIGNAL, NULL);
	assert_non_null(machine);
	assert_null(machine_of(&second, PCPMM_DRAIN_IPI_ALL, PCPMM_RCU_SCHED,
		PCPMM_IPI_SIGNAL, &error));
	assert_int_equal(errno, EBUSY);
	assert_non_null(strstr(error.text, "IPI signal"));
	other = machine_of(&second, PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_MEMB,
		PCPMM_IPI_POLLED, &error);
	assert_non_null(other);
	use(&first, machine, 0, ROUNDS);
	use(&second, other, 0, ROUNDS);
	end(&first, machine);
	end(&second, other);
	unlink(copy);
	rmdir(path);
}

/* --- and closed ---------------------------------------------------------------- */

/*
 * The library stays mapped when its only handle is closed, as its signal
 * handler may still be called and its machines used. This test is the first,
 * while there is only one handle.
 */
static void test_closed_while_a_machine_exists(void **state)
{
	struct pcpmm_machine *machine;
	struct api api;

	(void)state;
	load(&api, library);
	machine = machine_of(&api, PCPMM_DRAIN_IPI_ALL, PCPMM_RCU_SCHED,
		PCPMM_IPI_SIGNAL, NULL);
	assert_non_null(machine);
	assert_int_equal(dlclose(api.handle), 0);
	use(&api, machine, 0, ROUNDS);
	assert_int_equal(raise(SIGURG), 0);
	end(&api, machine);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_while_a_machine_exists),
		cmocka_unit_test(test_threads_are_older),
		cmocka_unit_test(test_twice_is_once),
		cmocka_unit_test(test_a_copy_beside_it),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: test_load LIBRARY\n");
		return 2;
	}
	library = argv[1];
	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
