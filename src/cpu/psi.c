/* SPDX-License-Identifier: MIT */
/* Stall times of CPUs, summed up and averaged; see psi.h. */
#include "cpu/psi.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "arch/clock.h"
#include "cpu/entry.h"
#include "cpu/runq.h"

#define PERIODS_MAX 2000 /* older ones do not show in any average */

/* exp(-2 s / 10 s), exp(-2 s / 60 s), exp(-2 s / 300 s) */
static const double keeps[NR_PSI_AVERAGES] = {
	0.8187307531, 0.9672161005, 0.9933555063};

int psi_init(struct psi *psi, const struct smp *smp, uint64_t now)
{
	psi->cpus = calloc(smp->nr, sizeof(psi->cpus[0]));
	psi->seen = calloc(smp->nr, sizeof(psi->seen[0]));
	mutex_init(&psi->mutex);
	psi->smp = smp;
	if (!psi->cpus || !psi->seen)
		return -ENOMEM;
	psi->updated_ns = now;
	for (unsigned int id = 0; id < smp->nr; id++) {
		psi->cpus[id].since_ns = now;
		smp->cpu[id]->psi = &psi->cpus[id];
	}
	return 0;
}

void psi_fini(struct psi *psi)
{
	if (!psi->smp)
		return;
	free(psi->cpus);
	free(psi->seen);
	mutex_fini(&psi->mutex);
}

/* --- a CPU, under its run lock ------------------------------------------------ */

/* Tasks wait only where one runs. */
static void find_states(const struct cpu *cpu, bool states[NR_PSI_STATES])
{
	bool stalled = cpu->psi->nr_stalled != 0;

	states[PSI_NONIDLE] = stalled || cpu->curr;
	states[PSI_SOME] = stalled;
	states[PSI_FULL] = stalled && (!cpu->curr || cpu->curr->stalled);
}

static void add_times(
	const struct psi_cpu *psi, uint64_t now, uint64_t ns[NR_PSI_STATES])
{
	for (int i = 0; i < NR_PSI_STATES; i++)
		ns[i] = psi->ns[i] + (psi->states[i] && now > psi->since_ns
						     ? now - psi->since_ns
						     : 0);
}

void psi_change(struct cpu *cpu, uint64_t now)
{
	struct psi_cpu *psi = cpu->psi;

	add_times(psi, now, psi->ns);
	psi->since_ns = now;
	find_states(cpu, psi->states);
}

/* --- stall sections ------------------------------------------------------------- */

static void set_stalled(struct cpu *cpu, bool stalled)
{
	struct thread *self = cpu->thread;

	runq_set_stalled(cpu, stalled);
	entry_missed(self);
}

bool psi_memstall_enter(struct cpu *cpu)
{
	if (!cpu->psi || cpu->curr->stalled)
		return false;
	set_stalled(cpu, true);
	return true;
}

static bool period_is_over(const struct psi *psi, uint64_t now)
{
	uint64_t updated = atomic_load_relaxed_u64(&psi->updated_ns);

	return now > updated && now - updated >= PSI_PERIOD_NS;
}

void psi_memstall_leave(struct psi *psi, struct cpu *cpu)
{
	uint64_t now = clock_now_ns();

	set_stalled(cpu, false);
	if (!period_is_over(psi, now) || !mutex_trylock(&psi->mutex))
		return;
	psi_update(psi, now);
	mutex_unlock(&psi->mutex);
}

/* --- sums and averages ------------------------------------------------------------ */

void psi_cpu_times(struct cpu *cpu, uint64_t now, uint64_t ns[NR_PSI_STATES])
{
	struct thread *self = thread_current();
	struct psi_cpu copy;

	runq_copy_psi(cpu, &copy);
	if (self)
		entry_missed(self);
	add_times(&copy, now, ns);
}

/* Each CPU's share weighs as much as the CPU was not idle. */
static void collect(struct psi *psi, uint64_t now)
{
	double weights = 0, sums[PSI_NONIDLE] = {0};

	for (unsigned int id = 0; id < psi->smp->nr; id++) {
		uint64_t ns[NR_PSI_STATES], *seen = psi->seen[id];
		double weight;

		psi_cpu_times(psi->smp->cpu[id], now, ns);
		weight = (double)(ns[PSI_NONIDLE] - seen[PSI_NONIDLE]);
		weights += weight;
		for (int i = 0; i < PSI_NONIDLE; i++)
			sums[i] += weight * (double)(ns[i] - seen[i]);
		for (int i = 0; i < NR_PSI_STATES; i++)
			seen[i] = ns[i];
	}
	for (int i = 0; i < PSI_NONIDLE && weights > 0; i++)
		psi->total_ns[i] += (uint64_t)(sums[i] / weights);
}

/* @periods of 2 s in which @percent of the time was stalled. */
static void average(
	double avg[NR_PSI_AVERAGES], double percent, uint64_t periods)
{
	for (; periods; periods--)
		for (int i = 0; i < NR_PSI_AVERAGES; i++)
			avg[i] = avg[i] * keeps[i] + percent * (1 - keeps[i]);
}

void psi_update(struct psi *psi, uint64_t now)
{
	uint64_t since = now > psi->updated_ns ? now - psi->updated_ns : 0;
	uint64_t periods = since / PSI_PERIOD_NS;

	collect(psi, now);
	if (!periods)
		return;
	for (int i = 0; i < PSI_NONIDLE; i++) {
		uint64_t grown = psi->total_ns[i] - psi->averaged_ns[i];
		double part = (double)MIN(grown, since) / (double)since;

		average(psi->avg[i], 100 * part, MIN(periods, PERIODS_MAX));
		psi->averaged_ns[i] += (uint64_t)(part * (double)periods *
						  (double)PSI_PERIOD_NS);
	}
	atomic_store_relaxed_u64(
		&psi->updated_ns, psi->updated_ns + periods * PSI_PERIOD_NS);
}
