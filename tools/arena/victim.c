/* SPDX-License-Identifier: MIT */
/*
 * The task on a victim. Between rounds the victim is idle, so that an act of
 * the last round can still drain or fold that CPU.
 */
#include <pcpmm/cpu.h>

#include <ck_pr.h>

#include "arena.h"

#define FIFO_PRIORITY 50

void arena_fail(struct arena *arena, int ret)
{
	if (!ret)
		return;
	pthread_mutex_lock(&arena->lock);
	if (!arena->reason)
		arena->reason = ret;
	pthread_mutex_unlock(&arena->lock);
}

static void go_idle(struct arena_victim *victim, struct pcpmm_cpu *cpu)
{
	arena_fail(victim->arena, pcpmm_cpu_idle_enter(cpu, true));
}

/* Wait for the round after @round; 0: there is none. */
static unsigned int next_round(struct arena *arena, unsigned int round)
{
	pthread_mutex_lock(&arena->lock);
	while (arena->round == round && !arena->quit)
		pthread_cond_wait(&arena->turn, &arena->lock);
	round = arena->quit ? 0 : arena->round;
	pthread_mutex_unlock(&arena->lock);
	return round;
}

static void say(struct arena *arena, unsigned int *counter)
{
	pthread_mutex_lock(&arena->lock);
	if (++*counter == arena->nr_victims)
		pthread_cond_signal(&arena->met);
	pthread_mutex_unlock(&arena->lock);
}

static bool is_over(const struct arena *arena, unsigned int round)
{
	return atomic_load_explicit(&arena->over, memory_order_acquire) >=
	       round;
}

static void sleep_until_over(struct arena *arena, unsigned int round)
{
	pthread_mutex_lock(&arena->lock);
	while (!is_over(arena, round))
		pthread_cond_wait(&arena->turn, &arena->lock);
	pthread_mutex_unlock(&arena->lock);
}

/* User mode: calls neither the library nor the host. */
static void spin_until_over(struct arena *arena, unsigned int round)
{
	while (!is_over(arena, round))
		ck_pr_stall();
}

static void work_until_over(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	while (!is_over(victim->arena, round))
		victim->arena->game->work(victim, cpu, round);
}

/* Take the role, report ready, keep the role until the round ends, go idle. */
static void play(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	struct arena *arena = victim->arena;
	enum arena_role role = arena->settings->victim;

	if (role == ARENA_ROLE_IDLE)
		go_idle(victim, cpu);
	if (role == ARENA_ROLE_FIFO)
		arena_fail(arena, pcpmm_cpu_set_fifo(cpu, FIFO_PRIORITY));
	say(arena, &arena->ready);
	if (role == ARENA_ROLE_IDLE) {
		sleep_until_over(arena, round);
		return;
	}
	if (role == ARENA_ROLE_NORMAL)
		work_until_over(victim, cpu, round);
	else
		spin_until_over(arena, round);
	if (role == ARENA_ROLE_FIFO)
		arena_fail(arena, pcpmm_cpu_set_fifo(cpu, 0));
	pcpmm_cpu_poll(cpu);
	go_idle(victim, cpu);
}

void victim_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct arena_victim *victim = arg;
	struct arena *arena = victim->arena;
	unsigned int round = 0;

	go_idle(victim, cpu);
	while ((round = next_round(arena, round))) {
		arena_fail(arena, pcpmm_cpu_idle_exit(cpu));
		arena->game->prepare(victim, cpu, round);
		play(victim, cpu, round);
		say(arena, &arena->done);
	}
	arena_fail(arena, pcpmm_cpu_idle_exit(cpu));
}
