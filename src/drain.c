/* SPDX-License-Identifier: MIT */
/*
 * Who is drained, and when: the rules that all strategies share (KF E.4, E.5).
 *
 *   drain_all, all zones   trylock; busy: return, nothing drained
 *   drain_all, one zone    lock
 *   mask                   online CPUs seen to hold pages, or all if forced
 *   each CPU in the mask   the strategy's drain, zone by zone
 */
#include <errno.h>
#include <pcpmm/drain.h>

#include "arch/clock.h"
#include "machine.h"

unsigned int drain_cpu(
	struct pcpmm_cpu *by, struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct pcpmm_machine *machine = by->machine;
	unsigned int pages = 0;

	for (unsigned int i = 0; i < machine->nr_zones; i++)
		if (!zone || zone == machine->zones[i])
			pages += machine->drain->drain(
				&by->arch, &cpu->zones[i].slot, 0);
	return pages;
}

int pcpmm_drain_pages_zone(struct pcpmm_cpu *on, unsigned int id,
	unsigned int nid, unsigned int zone_type, unsigned int pages)
{
	struct pcpmm_machine *machine = on->machine;
	struct zone *zone = machine_zone(machine, nid, zone_type);

	if (!arch_cpu_is_mine(&on->arch))
		return -EPERM;
	if (id >= machine->nr_cpus || !zone || !zone_populated(zone))
		return -EINVAL;
	machine->drain->drain(
		&on->arch, &machine->cpus[id].zones[zone->id].slot, pages);
	return 0;
}

/* --- whom ------------------------------------------------------------- */

/* Racy: a CPU that gets its first page after the look is missed. */
static bool holds_pages(const struct pcpmm_cpu *cpu, const struct zone *zone)
{
	const struct pcpmm_machine *machine = cpu->machine;

	if (zone)
		return pcp_count(&cpu->zones[zone->id].slot) != 0;
	for (unsigned int i = 0; i < machine->nr_zones; i++)
		if (pcp_count(&cpu->zones[i].slot))
			return true;
	return false;
}

/* What one look at all online CPUs saw. */
struct look {
	unsigned int online;
	unsigned int with_pages;
};

/* Bits of online CPUs are set or cleared, others left as they are. */
static struct look mark_cpus(
	struct pcpmm_machine *machine, const struct zone *zone, bool force)
{
	struct look look = {0};

	for (unsigned int id = 0; id < machine->nr_cpus; id++) {
		uint64_t *word = &machine->drain_mask[id / 64];
		uint64_t bit = 1ULL << id % 64;
		bool holds;

		if (!cpu_is_online(machine, id))
			continue;
		holds = holds_pages(&machine->cpus[id], zone);
		look.online++;
		look.with_pages += holds;
		*word = holds || force ? *word | bit : *word & ~bit;
	}
	return look;
}

/* --- one drain, inside the mutex -------------------------------------- */

static void count_drain(struct pcpmm_drain_stats *stats,
	const struct look *look, unsigned int visited, uint64_t pages,
	uint64_t time_ns)
{
	count_add(&stats->pcp_global_drain, 1);
	count_add(&stats->pcp_global_ipi_saved,
		look->with_pages * 2 < look->online);
	count_add(&stats->cpus_visited, visited);
	count_add(&stats->pages, pages);
	count_add(&stats->time_ns, time_ns);
	if (time_ns > stats->time_max_ns)
		atomic_store_relaxed_u64(&stats->time_max_ns, time_ns);
}

static void __drain_all(struct pcpmm_cpu *by, struct zone *zone, bool force)
{
	struct pcpmm_machine *machine = by->machine;
	uint64_t start = clock_now_ns(), pages = 0;
	struct look look = mark_cpus(machine, zone, force);
	unsigned int visited = 0;

	for (unsigned int id = 0; id < machine->nr_cpus; id++)
		if (machine->drain_mask[id / 64] >> id % 64 & 1) {
			pages += drain_cpu(by, &machine->cpus[id], zone);
			visited++;
		}
	count_drain(&machine->drain_stats, &look, visited, pages,
		clock_now_ns() - start);
}

static int drain_all(struct pcpmm_cpu *by, struct zone *zone, bool force)
{
	struct pcpmm_machine *machine = by->machine;

	if (zone) {
		mutex_lock(&machine->drain_mutex);
	} else if (!mutex_trylock(&machine->drain_mutex)) {
		atomic_add_relaxed_s64(
			(int64_t *)&machine->drain_stats.busy, 1);
		return -EBUSY;
	}
	lock_rank_push(&by->arch, LOCK_RANK_DRAIN, !zone);
	__drain_all(by, zone, force);
	lock_rank_pop(&by->arch, LOCK_RANK_DRAIN);
	mutex_unlock(&machine->drain_mutex);
	return 0;
}

/* --- the door --------------------------------------------------------- */

/* May @cpu drain, and what? *@zone NULL: all. */
static int check(struct pcpmm_cpu *cpu, unsigned int nid, int zone_type,
	struct zone **zone)
{
	struct pcpmm_machine *machine = cpu->machine;

	*zone = NULL;
	if (!arch_cpu_is_mine(&cpu->arch)) {
		machine_refuse(machine, &machine->misuse.wrong_thread,
			"CPU %u drains on a thread that is not on it",
			cpu->arch.id);
		return -EPERM;
	}
	if (cpu->arch.irq_off) {
		machine_refuse(machine, &machine->misuse.bad_argument,
			"CPU %u drains with interrupts off", cpu->arch.id);
		return -EINVAL;
	}
	if (zone_type == PCPMM_DRAIN_ALL_ZONES)
		return 0;
	*zone = machine_zone(machine, nid, (unsigned int)zone_type);
	if (*zone && zone_populated(*zone))
		return 0;
	machine_refuse(machine, &machine->misuse.bad_argument,
		"node %u has no zone %d to drain", nid, zone_type);
	return -EINVAL;
}

/* The same where "all zones" is no answer. */
static int check_one(struct pcpmm_cpu *cpu, unsigned int nid,
	unsigned int zone_type, struct zone **zone)
{
	if (zone_type >= NODE_ZONES)
		zone_type = NODE_ZONES;
	return check(cpu, nid, (int)zone_type, zone);
}

int pcpmm_drain_all_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, bool force)
{
	struct zone *zone;
	int ret = check(cpu, nid, zone_type, &zone);

	return ret ? ret : drain_all(cpu, zone, force);
}

int pcpmm_drain_local_pages(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type)
{
	struct zone *zone;
	int ret = check(cpu, nid, zone_type, &zone);

	if (!ret)
		drain_cpu(cpu, cpu, zone);
	return ret;
}

static void resize_all(
	struct pcpmm_machine *machine, struct zone *zone, int high, int batch)
{
	for (unsigned int id = 0; id < machine->nr_cpus; id++)
		pcp_resize(
			&machine->cpus[id].zones[zone->id].slot, high, batch);
}

/* Lists of the zone off or on; what they were. */
static bool set_disabled(
	struct pcpmm_machine *machine, struct zone *zone, bool disabled)
{
	bool was_disabled;

	mutex_lock(&machine->config);
	was_disabled = zone->pcp_disabled;
	zone->pcp_disabled = disabled;
	if (was_disabled != disabled)
		resize_all(machine, zone, disabled ? 0 : zone->pageset_high,
			disabled ? 1 : zone->pageset_batch);
	mutex_unlock(&machine->config);
	return was_disabled;
}

/*
 * high = 0 first, the forced drain second: what is freed in between spills by
 * itself, what was there before is drained, and a page that meets a held lock
 * goes to the buddy. The kernel holds its pageset mutex until enable; here a
 * flag keeps others from resizing, so that no thread can wait for itself.
 */
int pcpmm_pcp_disable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type)
{
	struct zone *zone;
	int ret = check_one(cpu, nid, zone_type, &zone);

	if (ret)
		return ret;
	if (set_disabled(cpu->machine, zone, true))
		return -EBUSY;
	return drain_all(cpu, zone, true);
}

int pcpmm_pcp_enable(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int zone_type)
{
	struct zone *zone;
	int ret = check_one(cpu, nid, zone_type, &zone);

	if (ret)
		return ret;
	return set_disabled(cpu->machine, zone, false) ? 0 : -EINVAL;
}

void pcpmm_drain_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_drain_stats *stats)
{
	const struct pcpmm_drain_stats *from = &machine->drain_stats;

	*stats = (struct pcpmm_drain_stats){
		.pcp_global_drain =
			atomic_load_relaxed_u64(&from->pcp_global_drain),
		.pcp_global_ipi_saved =
			atomic_load_relaxed_u64(&from->pcp_global_ipi_saved),
		.busy = atomic_load_relaxed_u64(&from->busy),
		.cpus_visited = atomic_load_relaxed_u64(&from->cpus_visited),
		.pages = atomic_load_relaxed_u64(&from->pages),
		.time_ns = atomic_load_relaxed_u64(&from->time_ns),
		.time_max_ns = atomic_load_relaxed_u64(&from->time_max_ns),
	};
}
