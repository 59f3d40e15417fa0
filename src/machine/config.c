/* SPDX-License-Identifier: MIT */
/* Configurations: defaults, and checks with their error texts. */
#include "machine/config.h"

#include <errno.h>
#include <inttypes.h>
#include <pcpmm/strategy.h>

#include "arch/bits.h"
#include "machine/axes.h"
#include "machine/error.h"
#include "machine/kernel_arch.h"
#include "machine/sysctl_table.h"
#include "pcplist/pcp.h"
#include "zone/node.h"

int pcpmm_config_init(
	struct pcpmm_config *config, size_t size, enum pcpmm_preset preset)
{
	if (size != sizeof(*config) || !pcpmm_preset_name(preset))
		return -EINVAL;
	*config = (struct pcpmm_config){
		.size = size,
		.nr_cpus = 1,
		.zone_instances = 1,
		.cpu_cache_kbytes = 1024,
	};
	sysctl_init(&config->sysctl);
	axes_choose(config, preset, true);
	return 0;
}

/* --- sysctls ---------------------------------------------------------- */

static int sysctl_error(const struct sysctl_row *row, unsigned int i,
	int64_t value, struct pcpmm_error *error)
{
	const char *name = row->name + 3; /* "vm." */

	if (row->count > 1)
		return error_set(error, -EINVAL, "%s of %s is negative", name,
			pcpmm_zone_name(i));
	if (row->zero_or)
		return error_set(error, -EINVAL,
			"%s %" PRId64 " is neither 0 nor at least %d", name,
			value, row->zero_or);
	if (row->max == 1)
		return error_set(error, -EINVAL,
			"%s %" PRId64 " is neither 0 nor 1", name, value);
	if (row->max < INT32_MAX)
		return error_set(error, -EINVAL,
			"%s %" PRId64 " is not within %d..%d", name, value,
			row->min, row->max);
	return error_set(error, -EINVAL, "%s %" PRId64 " is %s", name, value,
		value > row->max ? "too large"
		: row->min	 ? "not positive"
				 : "negative");
}

int config_check_sysctls(
	const struct pcpmm_sysctls *sysctl, struct pcpmm_error *error)
{
	for (unsigned int id = 0; id < NR_SYSCTLS; id++) {
		const struct sysctl_row *row = &sysctl_rows[id];

		for (unsigned int i = 0; i < row->count; i++) {
			int64_t value = sysctl_load(sysctl, row, i);

			if (sysctl_in_range(row, value) ||
				(value < 0 && (row->flags & SYSCTL_COMPUTED)))
				continue;
			return sysctl_error(row, i, value, error);
		}
	}
	return 0;
}

/* Of a sysctl that the kernel does not have only the value at boot is right. */
static int check_foreign_sysctls(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	for (unsigned int id = 0; id < NR_SYSCTLS; id++) {
		const struct sysctl_row *row = &sysctl_rows[id];
		char text[128];

		if (sysctl_is_of(row, config->layout) ||
			sysctl_load(&config->sysctl, row, 0) == row->initial[0])
			continue;
		sysctl_say_foreign(row, config->layout, text, sizeof(text));
		return error_set(error, -EINVAL, "%s", text);
	}
	return 0;
}

/* --- zones and CPUs --------------------------------------------------- */

static int check_zone(const struct pcpmm_zone_config *zone, unsigned int nid,
	unsigned int type, struct pcpmm_error *error)
{
	const char *name = pcpmm_zone_name(type);

	if (zone->managed_pages > zone->present_pages ||
		zone->present_pages > zone->spanned_pages)
		return error_set(error, -EINVAL,
			"node %u zone %s: managed %" PRIu64
			" <= present %" PRIu64 " <= spanned %" PRIu64
			" does not hold",
			nid, name, zone->managed_pages, zone->present_pages,
			zone->spanned_pages);
	if (!zone->spanned_pages)
		return 0;
	if (type == PCPMM_ZONE_DEVICE)
		return error_set(error, -EINVAL,
			"node %u zone Device: device memory is not simulated",
			nid);
	if (!zone->start_pfn)
		return error_set(error, -EINVAL,
			"node %u zone %s: start_pfn 0; frame 0 is never "
			"managed, start at 1",
			nid, name);
	if (zone->start_pfn > PCPMM_PFN_MAX ||
		zone->spanned_pages > PCPMM_PFN_MAX - zone->start_pfn)
		return error_set(error, -EINVAL,
			"node %u zone %s ends beyond frame %lu (16 TiB)", nid,
			name, PCPMM_PFN_MAX);
	return 0;
}

static uint64_t zone_end(const struct pcpmm_zone_config *zone)
{
	return zone->start_pfn + zone->spanned_pages;
}

static bool overlap(
	const struct pcpmm_zone_config *a, const struct pcpmm_zone_config *b)
{
	return a->spanned_pages && b->spanned_pages &&
	       a->start_pfn < zone_end(b) && b->start_pfn < zone_end(a);
}

/* @in lies inside @out: for example memory onlined as Movable. */
static bool nested(
	const struct pcpmm_zone_config *in, const struct pcpmm_zone_config *out)
{
	return overlap(in, out) && in->start_pfn >= out->start_pfn &&
	       zone_end(in) <= zone_end(out) &&
	       in->spanned_pages < out->spanned_pages;
}

static const struct pcpmm_zone_config *nth_zone(
	const struct pcpmm_config *config, unsigned int n)
{
	return &config->nodes[n / PCPMM_NR_ZONES].zones[n % PCPMM_NR_ZONES];
}

/* Frames of a zone that belong to no zone inside it. */
static uint64_t own_frames(const struct pcpmm_config *config, unsigned int n)
{
	const struct pcpmm_zone_config *zone = nth_zone(config, n);
	uint64_t frames = zone->spanned_pages;

	for (unsigned int i = 0; i < config->nr_nodes * PCPMM_NR_ZONES; i++)
		if (nested(nth_zone(config, i), zone))
			frames -=
				MIN(frames, nth_zone(config, i)->spanned_pages);
	return frames;
}

#define NTH_FORMAT "node %u zone %s"
#define NTH_ARGS(n) (n) / PCPMM_NR_ZONES, pcpmm_zone_name((n) % PCPMM_NR_ZONES)

/*
 * One zone may lie inside another, which then has the frames around it. If two
 * zones overlap in any other way, the zone of the common frames is unknown.
 */
static int check_overlap(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	unsigned int nr = config->nr_nodes * PCPMM_NR_ZONES;

	for (unsigned int i = 0; i < nr; i++) {
		const struct pcpmm_zone_config *a = nth_zone(config, i);

		for (unsigned int j = i + 1; j < nr; j++) {
			const struct pcpmm_zone_config *b = nth_zone(config, j);

			if (overlap(a, b) && !nested(a, b) && !nested(b, a))
				return error_set(error, -EINVAL,
					NTH_FORMAT " and " NTH_FORMAT
						   " overlap",
					NTH_ARGS(i), NTH_ARGS(j));
		}
		if (a->managed_pages > own_frames(config, i))
			return error_set(error, -EINVAL,
				NTH_FORMAT ": no room for its managed pages "
					   "beside the zones inside it",
				NTH_ARGS(i));
	}
	return 0;
}

static int check_zones(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	unsigned int managed = 0;
	int ret;

	for (unsigned int i = 0; i < config->nr_nodes * PCPMM_NR_ZONES; i++) {
		const struct pcpmm_zone_config *zone = nth_zone(config, i);

		ret = check_zone(
			zone, i / PCPMM_NR_ZONES, i % PCPMM_NR_ZONES, error);
		if (ret)
			return ret;
		if (config->late_pages &&
			config->late_pages[i] > zone->managed_pages)
			return error_set(error, -EINVAL,
				"node %u zone %s: late pages exceed managed",
				i / PCPMM_NR_ZONES,
				pcpmm_zone_name(i % PCPMM_NR_ZONES));
		managed += zone->managed_pages != 0;
	}
	if (!managed)
		return error_set(error, -EINVAL, "no zone has managed pages");
	return check_overlap(config, error);
}

/* Whether some zone lies inside the @n-th. */
static bool has_inner(const struct pcpmm_config *config, unsigned int n)
{
	for (unsigned int i = 0; i < config->nr_nodes * PCPMM_NR_ZONES; i++)
		if (nested(nth_zone(config, i), nth_zone(config, n)))
			return true;
	return false;
}

/* Whether the @n-th zone can be split into @nr. */
static int check_split(const struct pcpmm_config *config, unsigned int n,
	unsigned int nr, struct pcpmm_error *error)
{
	uint64_t most = instances_max(nth_zone(config, n));

	if (most < nr)
		return error_set(error, -EINVAL,
			"zone_instances %u: " NTH_FORMAT " has %" PRIu64
			" whole blocks of order %d; each instance needs one",
			nr, NTH_ARGS(n), most, PCPMM_ORDER_MAX);
	if (has_inner(config, n))
		return error_set(error, -EINVAL,
			"zone_instances %u: " NTH_FORMAT
			" is not split, as another zone lies inside it",
			nr, NTH_ARGS(n));
	return 0;
}

static int check_instances(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	unsigned int zones = 0;

	if (!config->zone_instances ||
		config->zone_instances > PCPMM_ZONE_INSTANCES_MAX)
		return error_set(error, -EINVAL,
			"zone_instances %u is not within 1..%d",
			config->zone_instances, PCPMM_ZONE_INSTANCES_MAX);
	if (config->zone_instances > 1 && config->boot == PCPMM_BOOT_HELD)
		return error_set(error, -EINVAL,
			"zone_instances %u with boot held: a recorded state "
			"has one zone of each type",
			config->zone_instances);
	for (unsigned int i = 0; i < config->nr_nodes * PCPMM_NR_ZONES; i++) {
		unsigned int nr = instances_of(
			config, i / PCPMM_NR_ZONES, i % PCPMM_NR_ZONES);
		int ret = nr > 1 ? check_split(config, i, nr, error) : 0;

		if (ret)
			return ret;
		if (nth_zone(config, i)->present_pages)
			zones += nr;
	}
	if (zones > ZONES_MAX)
		return error_set(error, -EINVAL,
			"zone_instances %u: %u zones; at most %u",
			config->zone_instances, zones, ZONES_MAX);
	return 0;
}

static int check_cpus(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	unsigned int online = 0;

	if (!config->nr_cpus)
		return error_set(error, -EINVAL, "a machine without CPUs");
	if (config->up != PCPMM_UP_NO && config->nr_cpus != 1)
		return error_set(error, -EINVAL,
			"up %s: a kernel without CONFIG_SMP has one CPU, not "
			"%u",
			axis_value_name(AXIS_up, config->up), config->nr_cpus);
	if (config->nr_cpus > PCPMM_CPUS_MAX)
		return error_set(error, -EINVAL, "%u CPUs; at most %u",
			config->nr_cpus, PCPMM_CPUS_MAX);
	for (unsigned int i = 0; i < config->nr_cpus; i++) {
		online += !(config->cpu_offline && config->cpu_offline[i]);
		if (config->cpu_node && config->cpu_node[i] >= config->nr_nodes)
			return error_set(error, -EINVAL,
				"CPU %u is on node %u of %u", i,
				config->cpu_node[i], config->nr_nodes);
	}
	return online ? 0 : error_set(error, -EINVAL, "no CPU is online");
}

/* --- axes ------------------------------------------------------------- */

static int check_strategy(
	const struct pcpmm_strategy *strategy, struct pcpmm_error *error)
{
	if (!strategy)
		return error_set(
			error, -EINVAL, "drain external: no strategy is given");
	if (strategy->size != sizeof(*strategy))
		return error_set(error, -EINVAL,
			"strategy size %zu, expected %zu: built against "
			"another version?",
			strategy->size, sizeof(*strategy));
	if (!strategy->name || !strategy->enter || !strategy->leave ||
		!strategy->drain)
		return error_set(error, -EINVAL,
			"a strategy needs a name, enter, leave and drain");
	if (strategy->private_size > PCPMM_SLOT_PRIVATE_MAX)
		return error_set(error, -EINVAL,
			"strategy %s: %zu bytes a slot; at most %d",
			strategy->name, strategy->private_size,
			PCPMM_SLOT_PRIVATE_MAX);
	return 0;
}

static int check_known(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	for (unsigned int i = 0; i < NR_AXES; i++) {
		unsigned int value = axis_load(config, &axes[i]);

		if (value >= axes[i].nr_values)
			return error_set(error, -EINVAL, "unknown %s %d",
				axes[i].key, (int)value);
	}
	return 0;
}

/* Why a posted strategy is refused. */
static const char *unsound_why(enum pcpmm_drain drain)
{
	return drain == PCPMM_DRAIN_IPI_MASK_POSTED
		       ? "the last zone alone decides whether a CPU is asked"
		       : "worker creation drains under the drain mutex, and a "
			 "CPU without worker has the caller's lists drained";
}

/*
 * Checks the accounts and drains that go with a remote fold. The reviews of
 * "fold per-CPU vmstats remotely", v1 (linux-mm, February 2023), found that an
 * unlocked update loses counts under one.
 */
static int check_fold(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	const char *account = pcpmm_account_name(config->account);

	if (config->fold == PCPMM_FOLD_LOCAL)
		return 0;
	if (config->fold_expire != PCPMM_EXPIRE_NO &&
		!pcp_drain_ops_of(config->drain)->reaches_others)
		return error_set(error, -EINVAL,
			"fold remote drains remote nodes' lists from afar, "
			"which drain %s can not: drain pcp_lock, "
			"pcp_spinlock_2021 or pcp_buddy, or fold_expire no",
			pcpmm_drain_name(config->drain));
	if (config->allow_unsound)
		return 0;
	if (config->account != PCPMM_ACCOUNT_LOCK_CMPXCHG)
		return error_set(error, -EINVAL,
			"fold %s with account %s is unsound: an update whose "
			"store is not one with its load overwrites what was "
			"folded in between; account lock_cmpxchg is, and "
			"allow_unsound permits it",
			pcpmm_fold_name(config->fold), account);
	if (config->fold == PCPMM_FOLD_BOTH)
		return error_set(error, -EINVAL,
			"fold both is unsound: the local fold's unlocked "
			"exchange and a remote one take the same diff twice; "
			"allow_unsound permits it");
	return 0;
}

/* A trylock that succeeds whatever was interrupted. */
static int check_up(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	if (config->up == PCPMM_UP_NO || config->allow_unsound)
		return 0;
	if (config->up == PCPMM_UP_TRYLOCK_SUCCEEDS &&
		config->drain == PCPMM_DRAIN_PCP_LOCK)
		return error_set(error, -EINVAL,
			"up trylock_succeeds is unsound: an interrupt enters "
			"the list that it has interrupted; up irqs_off is "
			"not, and allow_unsound permits it");
	if (config->nolock_refuses == PCPMM_NOLOCK_REFUSES_NOTHING)
		return error_set(error, -EINVAL,
			"nolock_refuses nothing with up %s is unsound: an NMI "
			"enters the zone that it has interrupted; "
			"nolock_refuses up_nmi is not, and allow_unsound "
			"permits it",
			axis_value_name(AXIS_up, config->up));
	return 0;
}

static int check_axes(
	const struct pcpmm_config *config, struct pcpmm_error *error)
{
	int ret = check_known(config, error);

	if (ret)
		return ret;
	if (pcpmm_drain_is_unsound(config->drain) && !config->allow_unsound)
		return error_set(error, -EINVAL,
			"drain %s is unsound: %s; allow_unsound permits it",
			pcpmm_drain_name(config->drain),
			unsound_why(config->drain));
	if (config->drain == PCPMM_DRAIN_PCP_BUDDY &&
		config->list_rules != PCPMM_LIST_RULES_6_1)
		return error_set(error, -EINVAL,
			"drain pcp_buddy with list_rules %s: its lists follow "
			"rules of their own, on those of 6.1",
			pcpmm_list_rules_name(config->list_rules));
	if (config->drain == PCPMM_DRAIN_WORKQUEUE && !config->wq_mem_reclaim &&
		!config->allow_unsound)
		return error_set(error, -EINVAL,
			"drain workqueue without wq_mem_reclaim is unsound: a "
			"new worker's memory may need a drain, which then has "
			"no rescuer; allow_unsound permits it");
	if (config->drain == PCPMM_DRAIN_IPI_MASK_LOCKED &&
		config->ipi_mask_lock == PCPMM_IPI_MASK_LOCK_RAW_SPIN &&
		!config->allow_unsound)
		return error_set(error, -EINVAL,
			"ipi_mask_lock raw_spin is unsound: a drainer that "
			"waits "
			"with interrupts off can not answer the IPI that the "
			"holder of the lock waits for; allow_unsound permits "
			"it");
	ret = kernel_arch_check(kernel_arch_of(config->arch), config, error);
	if (!ret)
		ret = check_fold(config, error);
	if (!ret)
		ret = check_up(config, error);
	if (ret)
		return ret;
	if (config->grace == PCPMM_GRACE_NORMAL &&
		config->rcu != PCPMM_RCU_SCHED)
		return error_set(error, -EINVAL,
			"grace normal: rcu %s has one kind of grace period "
			"only; rcu sched has both",
			pcpmm_rcu_name(config->rcu));
	if (config->ipi_signal < 0)
		return error_set(error, -EINVAL, "ipi_signal %d: no signal",
			config->ipi_signal);
	return config->drain == PCPMM_DRAIN_EXTERNAL
		       ? check_strategy(config->strategy, error)
		       : 0;
}

int config_check(const struct pcpmm_config *config, struct pcpmm_error *error)
{
	int ret;

	if (config->size != sizeof(*config))
		return error_set(error, -EINVAL,
			"config size %zu, expected %zu: built against another "
			"version?",
			config->size, sizeof(*config));
	ret = check_axes(config, error);
	if (ret)
		return ret;
	if (!config->nr_nodes || !config->nodes)
		return error_set(error, -EINVAL, "a machine without nodes");
	if (config->nr_nodes > PCPMM_NODES_MAX)
		return error_set(error, -EINVAL, "%u nodes; at most %u",
			config->nr_nodes, PCPMM_NODES_MAX);
	ret = check_cpus(config, error);
	if (!ret)
		ret = check_zones(config, error);
	if (!ret)
		ret = check_instances(config, error);
	if (!ret)
		ret = check_foreign_sysctls(config, error);
	return ret ? ret : config_check_sysctls(&config->sysctl, error);
}
