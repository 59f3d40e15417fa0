/* SPDX-License-Identifier: MIT */
/*
 * Counter updates and folds.
 *
 * One rule for all of mod, inc and dec (kernel: the mode argument of
 * mod_zone_state, 7c83912062c8): with n = diff + delta,
 *
 *   |n| <= t   diff = n
 *   |n| >  t   value += n + os, diff = -os, os = mode * (t >> 1)
 *
 * where mode is 0 for mod, +1 for inc, -1 for dec. The kernel's interrupts-off
 * inc checks n > t only, its dec n < -t only. That differs only for a diff that
 * a larger threshold has left beyond the other limit: here it moves up at once.
 */
#include "vmstat/counter.h"

#include "arch/bits.h"
#include "vmstat/diff.h"
#include "cpu/entry.h"

/* What stays in the diff, and what moves up. */
struct step {
	int diff;
	int64_t up;
};

static force_inline struct step next_step(
	int diff, long delta, int threshold, int mode)
{
	int64_t n = (int64_t)diff + delta;
	int64_t overstep = mode * (threshold >> 1);

	if (likely(n <= threshold && n >= -threshold))
		return (struct step){(int)n, 0};
	return (struct step){(int)-overstep, n + overstep};
}

/* @n times @delta, one after the other; n > 1 only with mode 0. */
struct change {
	long delta;
	int mode;
	unsigned int n;
};

/*
 * After the first step |diff| <= t, whatever a larger threshold had left there.
 * A round is the steps up to the one past the threshold, which moves up all of
 * them; the next round begins with diff 0. @delta > 0.
 */
static struct step rounds_up(
	int diff, long delta, int threshold, unsigned int n)
{
	struct step step = next_step(diff, delta, threshold, 0);
	unsigned int left = n - 1;
	unsigned int round =
		(unsigned int)((threshold - step.diff) / delta) + 1;

	if (left >= round) {
		step.up += step.diff + round * delta;
		step.diff = 0;
		left -= round;
		round = (unsigned int)(threshold / delta) + 1;
		step.up += left / round * round * delta;
		left %= round;
	}
	step.diff += (int)(left * delta);
	return step;
}

/* Downwards it is the same with the other sign. */
static struct step next_rounds(
	int diff, long delta, int threshold, unsigned int n)
{
	struct step step;

	if (delta > 0)
		return rounds_up(diff, delta, threshold, n);
	step = rounds_up(-diff, -delta, threshold, n);
	return (struct step){-step.diff, -step.up};
}

static force_inline struct step next_diff(
	int diff, int threshold, struct change by)
{
	if (by.n == 1)
		return next_step(diff, by.delta, threshold, by.mode);
	return next_rounds(diff, by.delta, threshold, by.n);
}

static void add_value(struct vmstat *stat, int item, int64_t amount)
{
	atomic_add_relaxed_s64(&stat->value[item], amount);
	if (stat->follower && item == stat->followed)
		atomic_add_relaxed_s64(stat->follower, amount);
}

void vmstat_add_shared(struct vmstat *stat, int item, int64_t amount)
{
	for (; stat; stat = stat->parent)
		add_value(stat, item, amount);
}

/* --- three accounts; width, mode and an n of 1 are constants ------------- */

/* Retry if an interrupt on this CPU (@locked: any CPU) changed the diff. */
static force_inline int64_t update_cmpxchg(struct cpu *cpu, bool locked,
	void *diffs, unsigned int width, int item, struct change by)
{
	struct step step;
	bool done;
	int old;

	do {
		old = locked ? diff_peek(diffs, width, item)
			     : diff_load(diffs, width, item);
		step = next_diff(old, diff_threshold(diffs, width), by);
		done = locked ? diff_cmpxchg_full(
					diffs, width, item, old, step.diff)
			      : diff_cmpxchg_local(cpu, diffs, width, item, old,
					step.diff);
	} while (unlikely(!done));
	return step.up;
}

static force_inline int64_t update_irqoff(struct cpu *cpu, void *diffs,
	unsigned int width, int item, struct change by)
{
	struct step step;

	irq_save(cpu);
	step = next_diff(diff_load(diffs, width, item),
		diff_threshold(diffs, width), by);
	diff_store(diffs, width, item, step.diff);
	irq_restore(cpu);
	return step.up;
}

/*
 * What an unlocked cmpxchg is on the bus: a load and a comparison, then a
 * store. Another CPU can write between them.
 */
static cold int64_t update_through_window(struct cpu *cpu, struct vmstat *stat,
	void *diffs, int item, struct change by)
{
	int old = diff_peek(diffs, stat->width, item);
	struct step step =
		next_diff(old, diff_threshold(diffs, stat->width), by);

	stat->window(cpu_public(cpu), stat->window_arg);
	diff_store(diffs, stat->width, item, step.diff);
	return step.up;
}

/* As posted: the flag of the CPU comes after the update (service/quiet.c). */
static cold int64_t update_marked(struct cpu *cpu, struct vmstat *stat,
	void *diffs, int item, struct change by)
{
	bool locked = stat->marked_account == PCPMM_ACCOUNT_LOCK_CMPXCHG;
	int64_t up = stat->marked_account == PCPMM_ACCOUNT_IRQOFF
			     ? update_irqoff(cpu, diffs, stat->width, item, by)
			     : update_cmpxchg(cpu, locked, diffs, stat->width,
				       item, by);

	stat->mark(cpu);
	return up;
}

static force_inline int64_t update_by(struct cpu *cpu, struct vmstat *stat,
	unsigned int width, int item, struct change by)
{
	void *diffs = stat->diffs[cpu->id];

	if (likely(stat->account == PCPMM_ACCOUNT_LOCAL_CMPXCHG))
		return update_cmpxchg(cpu, false, diffs, width, item, by);
	if (stat->account == PCPMM_ACCOUNT_LOCK_CMPXCHG)
		return update_cmpxchg(cpu, true, diffs, width, item, by);
	if (stat->account == PCPMM_ACCOUNT_IRQOFF)
		return update_irqoff(cpu, diffs, width, item, by);
	if (stat->account == ACCOUNT_MARKED)
		return update_marked(cpu, stat, diffs, item, by);
	return update_through_window(cpu, stat, diffs, item, by);
}

static force_inline void update(
	struct cpu *cpu, struct vmstat *stat, int item, struct change by)
{
	int64_t up;

	if (likely(stat->width == WIDTH_S8))
		up = update_by(cpu, stat, WIDTH_S8, item, by);
	else
		up = update_by(cpu, stat, WIDTH_S32, item, by);
	if (up)
		vmstat_add_shared(stat, item, up);
}

void vmstat_mod(struct cpu *cpu, struct vmstat *stat, int item, long delta)
{
	update(cpu, stat, item, (struct change){delta, 0, 1});
}

/* The window is for each of them. */
void vmstat_mod_many(struct cpu *cpu, struct vmstat *stat, int item, long delta,
	unsigned int n)
{
	if (unlikely(vmstat_has_window(stat)))
		for (; n; n--)
			vmstat_mod(cpu, stat, item, delta);
	else if (likely(n))
		update(cpu, stat, item, (struct change){delta, 0, n});
}

void vmstat_inc(struct cpu *cpu, struct vmstat *stat, int item)
{
	update(cpu, stat, item, (struct change){1, 1, 1});
}

void vmstat_dec(struct cpu *cpu, struct vmstat *stat, int item)
{
	update(cpu, stat, item, (struct change){-1, -1, 1});
}

int64_t vmstat_snapshot_raw(const struct vmstat *stat, int item)
{
	int64_t sum = vmstat_read_raw(stat, item);

	for (unsigned int word = 0; word * 64 < stat->smp->nr; word++) {
		uint64_t bits =
			atomic_load_relaxed_u64(&stat->smp->online[word]);

		for (; bits; bits &= bits - 1) {
			unsigned int cpu = word * 64 + lowest_bit(bits);

			sum += vmstat_diff(stat, cpu, item);
		}
	}
	return sum;
}

void vmstat_set_window(struct vmstat *stat,
	void (*window)(struct pcpmm_cpu *cpu, void *arg), void *arg)
{
	stat->window = window;
	stat->window_arg = arg;
	stat->account = window ? ACCOUNT_WINDOW : PCPMM_ACCOUNT_LOCAL_CMPXCHG;
}

void vmstat_set_mark(struct vmstat *stat, void (*mark)(struct cpu *cpu))
{
	stat->mark = mark;
	stat->marked_account = stat->account;
	stat->account = ACCOUNT_MARKED;
}

/* --- folds ------------------------------------------------------------ */

/* The caller adds @sums to the parent later, as the kernel's fold_diff(). */
static bool fold_item(struct vmstat *stat, int item, int amount, int64_t *sums)
{
	if (!amount)
		return false;
	add_value(stat, item, amount);
	sums[item] += amount;
	return true;
}

/*
 * The kernel's local exchange is unlocked on x86. Where other CPUs fold the
 * same diffs, it would count some of them twice. In "fold per-CPU vmstats
 * remotely" (v8, 15 May 2023) the local fold is never reached; here both may
 * run, so lock_cmpxchg locks the exchange.
 */
static int take(struct cpu *cpu, const struct vmstat *stat, int item)
{
	void *diffs = stat->diffs[cpu->id];

	if (stat->account == PCPMM_ACCOUNT_LOCK_CMPXCHG ||
		(stat->account == ACCOUNT_MARKED &&
			stat->marked_account == PCPMM_ACCOUNT_LOCK_CMPXCHG))
		return diff_take_full(diffs, stat->width, item);
	return diff_take_local(cpu, diffs, stat->width, item);
}

unsigned int vmstat_fold(struct cpu *cpu, struct vmstat *stat, int64_t *sums)
{
	unsigned int changes = 0;

	for (int i = 0; i < stat->nr_items; i++)
		if (vmstat_diff(stat, cpu->id, i))
			changes += fold_item(stat, i, take(cpu, stat, i), sums);
	return changes;
}

unsigned int vmstat_fold_remote(
	unsigned int cpu, struct vmstat *stat, int64_t *sums)
{
	void *diffs = stat->diffs[cpu];
	unsigned int changes = 0;

	for (int i = 0; i < stat->nr_items; i++)
		if (diff_peek(diffs, stat->width, i))
			changes += fold_item(stat, i,
				diff_take_full(diffs, stat->width, i), sums);
	return changes;
}

unsigned int vmstat_fold_sums(struct vmstat *global, const int64_t *sums)
{
	unsigned int changes = 0;

	for (int i = 0; i < global->nr_items; i++)
		if (sums[i]) {
			atomic_add_relaxed_s64(&global->value[i], sums[i]);
			changes++;
		}
	return changes;
}

/* --- by any thread ---------------------------------------------------- */

void vmstat_set_threshold(struct vmstat *stat, unsigned int cpu, int threshold)
{
	diff_set_threshold(stat->diffs[cpu], stat->width, threshold);
}

void vmstat_set_thresholds(struct vmstat *stat, int threshold)
{
	for (unsigned int cpu = 0; cpu < stat->smp->nr; cpu++)
		if (smp_is_online(stat->smp, cpu))
			vmstat_set_threshold(stat, cpu, threshold);
}

int vmstat_threshold(const struct vmstat *stat, unsigned int cpu)
{
	return diff_threshold(stat->diffs[cpu], stat->width);
}

racy_reader int vmstat_diff(
	const struct vmstat *stat, unsigned int cpu, int item)
{
	void *diffs = stat->diffs[cpu];

	return stat->width == WIDTH_S8 ? RACY_READ(*diff_s8(diffs, item))
				       : RACY_READ(*diff_s32(diffs, item));
}

bool vmstat_needs_fold(const struct vmstat *stat, unsigned int cpu)
{
	for (int i = 0; i < stat->nr_items; i++)
		if (vmstat_diff(stat, cpu, i))
			return true;
	return false;
}
