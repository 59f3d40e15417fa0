/* SPDX-License-Identifier: MIT */
/*
 * Rounds. CPU 0 leads them; the caller's thread is the watchdog, since only a
 * thread that does not wait for a starved act can end it.
 *
 * The machine has one node and one zone, Normal, with 256 MiB for each CPU:
 * a drain visits one list a CPU.
 */
#include "arena.h"

#include <pcpmm/cpu.h>
#include <pcpmm/tick.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "host.h"

#define START_PFN 0x100000
#define PAGES_PER_CPU 65536
/* An act that does not end within this time after the release never will. */
#define PATIENCE_NS (60 * NS_PER_S)

/* Drains waited for FIFO tasks on isolated CPUs in 2021. */
static bool isolates(enum arena_role role)
{
	return role == ARENA_ROLE_FIFO || role == ARENA_ROLE_NOHZ_FULL;
}

/* @victims: those of the CPUs from 1 on, or all (NULL). */
static struct pcpmm_machine *create_machine(const struct arena *arena,
	const bool *victims, struct pcpmm_error *error)
{
	unsigned char nohz_full[ARENA_CPUS_MAX] = {0};
	const struct arena_settings *settings = arena->settings;
	const uint64_t pages = (uint64_t)settings->cpus * PAGES_PER_CPU;
	const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {START_PFN, pages, pages, pages},
	};
	struct pcpmm_config config;
	int ret = pcpmm_config_init(
		&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);

	if (ret) {
		errno = -ret;
		return NULL;
	}
	config.nr_cpus = settings->cpus;
	config.nr_nodes = 1;
	config.nodes = &node;
	config.ipi = settings->ipi;
	config.rcu = settings->rcu;
	config.grace = settings->grace;
	config.ipi_mask_lock = settings->ipi_mask_lock;
	config.starvation = settings->starvation;
	config.spill_hold = settings->spill_hold;
	for (unsigned int id = 1; id < settings->cpus; id++)
		nohz_full[id] =
			isolates(settings->victim) && (!victims || victims[id]);
	config.cpu_nohz_full = nohz_full;
	config.allow_unsound = settings->allow_unsound;
	arena->game->configure(&config, arena->choice);
	return pcpmm_machine_create(&config, error);
}

static int add_victim(struct arena *arena, unsigned int id)
{
	struct arena_victim *victim = &arena->victims[arena->nr_victims++];

	victim->arena = arena;
	victim->id = id;
	victim->pages =
		calloc(arena->settings->fill_pages + 1, sizeof(*victim->pages));
	return victim->pages ? 0 : -ENOMEM;
}

static void init_waiting(struct arena *arena)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&arena->lock, NULL);
	pthread_cond_init(&arena->turn, NULL);
	pthread_cond_init(&arena->met, NULL);
	pthread_cond_init(&arena->watch, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

struct arena *arena_create(const struct arena_settings *settings,
	const struct arena_game *game, unsigned int choice, void *data,
	const bool *victims, struct pcpmm_error *error)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	int ret = 0;

	if (!arena)
		return NULL;
	arena->settings = settings;
	arena->game = game;
	arena->choice = choice;
	arena->data = data;
	init_waiting(arena);
	arena->machine = create_machine(arena, victims, error);
	if (!arena->machine)
		ret = -errno;
	else if (settings->starvation != PCPMM_STARVATION_NONE)
		ret = pcpmm_tick_start(arena->machine, 1000000 / PCPMM_HZ);
	for (unsigned int id = 1; !ret && id < settings->cpus; id++)
		if (!victims || victims[id])
			ret = add_victim(arena, id);
	if (!ret && game->start)
		ret = game->start(arena);
	if (!ret)
		return arena;
	arena_destroy(arena);
	errno = -ret;
	return NULL;
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	if (arena->game->stop)
		arena->game->stop(arena);
	pcpmm_machine_destroy(arena->machine);
	for (unsigned int i = 0; i < arena->nr_victims; i++)
		free(arena->victims[i].pages);
	pthread_cond_destroy(&arena->watch);
	pthread_cond_destroy(&arena->met);
	pthread_cond_destroy(&arena->turn);
	pthread_mutex_destroy(&arena->lock);
	free(arena);
}

const char *arena_name(const struct arena *arena)
{
	return arena->game->name(arena->choice);
}

/* --- CPU 0 ----------------------------------------------------------------- */

/* Victims leave their roles. */
static void __end_round(struct arena *arena)
{
	atomic_store_explicit(&arena->over, arena->round, memory_order_release);
	pthread_cond_broadcast(&arena->turn);
}

/* Returns when all victims are in their roles. */
static void begin_round(struct arena *arena)
{
	pthread_mutex_lock(&arena->lock);
	arena->round++;
	arena->ready = arena->done = 0;
	pthread_cond_broadcast(&arena->turn);
	while (arena->ready < arena->nr_victims)
		pthread_cond_wait(&arena->met, &arena->lock);
	pthread_mutex_unlock(&arena->lock);
}

/* Starts the watchdog's bound. */
static uint64_t begin_act(struct arena *arena)
{
	uint64_t now;

	pthread_mutex_lock(&arena->lock);
	now = arena->since_ns = clock_ns();
	pthread_mutex_unlock(&arena->lock);
	return now;
}

/* false: this was the last round. */
static bool end_round(struct arena *arena, uint64_t ns)
{
	bool more;

	pthread_mutex_lock(&arena->lock);
	if (arena->starved) {
		ns = arena->released_ns - arena->since_ns;
	} else {
		arena->acts++;
		__end_round(arena);
	}
	arena->since_ns = 0;
	pcpmm_histogram_add(&arena->latency, ns);
	while (arena->done < arena->nr_victims)
		pthread_cond_wait(&arena->met, &arena->lock);
	more = !arena->starved && !arena->reason && clock_ns() < arena->end_ns;
	pthread_mutex_unlock(&arena->lock);
	return more;
}

static void end_all(struct arena *arena)
{
	pthread_mutex_lock(&arena->lock);
	arena->quit = true;
	pthread_cond_broadcast(&arena->turn);
	pthread_cond_signal(&arena->watch);
	pthread_mutex_unlock(&arena->lock);
}

/* Returns the act's ns. */
static uint64_t act(struct arena *arena, struct pcpmm_cpu *cpu)
{
	const struct arena_game *game = arena->game;
	uint64_t ns;
	int ret;

	if (game->before)
		game->before(arena, cpu);
	ns = begin_act(arena);
	ret = game->act(arena, cpu);
	ns = clock_ns() - ns;
	arena_fail(arena, ret);
	if (game->after)
		game->after(arena, cpu);
	return ns;
}

static void leader_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct arena *arena = arg;
	double rate = arena->settings->rate_hz;
	uint64_t period = rate > 0 ? (uint64_t)((double)NS_PER_S / rate) : 0;
	uint64_t due = clock_ns();

	do {
		/* A late round delays all later ones: no bursts. */
		if (clock_ns() > due)
			due = clock_ns();
		else
			clock_wait(due);
		due += period;
		begin_round(arena);
	} while (end_round(arena, act(arena, cpu)));
	end_all(arena);
}

/* --- the watchdog ---------------------------------------------------------- */

/* Record the drain statistics and each victim's interruptions. */
static void look(struct arena *arena)
{
	pcpmm_drain_stats_read(arena->machine, &arena->stats);
	for (unsigned int i = 0; i < arena->nr_victims; i++) {
		struct arena_victim *victim = &arena->victims[i];
		const struct pcpmm_cpu *cpu =
			pcpmm_cpu_get(arena->machine, victim->id);

		pcpmm_noise_read(cpu, &victim->noise);
		pcpmm_noise_histogram(cpu, &victim->histogram);
	}
}

static void give_up(const struct arena *arena)
{
	fprintf(stderr,
		"pcpmm: %s: %s does not end even after its victims called "
		"in\n",
		arena_name(arena), arena->game->what);
	fflush(stdout);
	_exit(EXIT_INPUT);
}

/* Looks first: what the act does after the release does not count. */
static void __release_starved(struct arena *arena, uint64_t now)
{
	look(arena);
	arena->starved = true;
	arena->released_ns = now;
	__end_round(arena);
}

static void watch(struct arena *arena)
{
	const uint64_t bound = arena->settings->bound_ns;

	pthread_mutex_lock(&arena->lock);
	while (!arena->quit) {
		uint64_t now = clock_ns();
		uint64_t since = arena->since_ns ? arena->since_ns : now;
		struct timespec until;

		if (!arena->starved && now - since >= bound)
			__release_starved(arena, now);
		if (arena->starved && now - arena->released_ns > PATIENCE_NS)
			give_up(arena);
		until = clock_time((arena->starved ? now : since) + bound);
		pthread_cond_timedwait(&arena->watch, &arena->lock, &until);
	}
	pthread_mutex_unlock(&arena->lock);
}

/* --- a run ----------------------------------------------------------------- */

static int start_victims(struct arena *arena)
{
	for (unsigned int i = 0; i < arena->nr_victims; i++) {
		struct arena_victim *victim = &arena->victims[i];

		victim->thread = pcpmm_cpu_run(arena->machine, victim->id,
			arena_host_cpu(i + 1), victim_main, victim);
		if (!victim->thread)
			return -errno;
	}
	return 0;
}

static void join_victims(struct arena *arena)
{
	for (unsigned int i = 0; i < arena->nr_victims; i++)
		if (arena->victims[i].thread)
			pcpmm_cpu_join(arena->victims[i].thread);
}

int arena_run(struct arena *arena, double seconds, struct pcpmm_error *error)
{
	struct pcpmm_cpu_thread *leader = NULL;
	struct pcpmm_error broken = {""};
	uint64_t start = clock_ns();
	int ret;

	pcpmm_noise_reset(arena->machine);
	arena->end_ns = start + (uint64_t)(seconds * (double)NS_PER_S);
	ret = start_victims(arena);
	if (!ret) {
		leader = pcpmm_cpu_run(arena->machine, 0, arena_host_cpu(0),
			leader_main, arena);
		ret = leader ? 0 : -errno;
	}
	arena_fail(arena, ret);
	if (leader) {
		watch(arena);
		pcpmm_cpu_join(leader);
	} else {
		end_all(arena);
	}
	join_victims(arena);
	arena->seconds = (double)(clock_ns() - start) / (double)NS_PER_S;
	if (!arena->starved)
		look(arena);
	if (arena->reason) {
		snprintf(error->text, sizeof(error->text), "%s: %s",
			arena_name(arena), strerror(-arena->reason));
		return arena->reason;
	}
	ret = pcpmm_validate(arena->machine, &broken);
	if (ret)
		snprintf(error->text, sizeof(error->text),
			"%s: the machine does not add up: %.200s",
			arena_name(arena), broken.text);
	return ret;
}
