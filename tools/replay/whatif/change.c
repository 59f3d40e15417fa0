/* SPDX-License-Identifier: MIT */
/* KEY=VALUE of --what-if: which of axis, sysctl, high or batch a key is. */
#include "whatif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The longest list of changes. */
#define TEXT_MAX 1024

typedef int take_fn(const char *key, const char *value, void *arg,
	struct replay_error *err);

static bool is_named(const char *key, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, key))
			return true;
	return false;
}

static bool is_size(const char *key)
{
	return !strcmp(key, "high") || !strcmp(key, "batch");
}

static bool is_sysctl(const char *key)
{
	char name[128];

	snprintf(name, sizeof(name), "vm.%s", key);
	return is_named(key, pcpmm_sysctl_names()) ||
	       is_named(name, pcpmm_sysctl_names());
}

/* Each "key=value" of the list, until @take returns an error. */
static int each(
	const char *list, take_fn *take, void *arg, struct replay_error *err)
{
	char text[TEXT_MAX], *save = NULL;

	if (snprintf(text, sizeof(text), "%s", list) >= TEXT_MAX)
		return replay_fail(err, -E2BIG,
			"--what-if: more than %d characters", TEXT_MAX - 1);
	for (char *item = strtok_r(text, ",", &save); item;
		item = strtok_r(NULL, ",", &save)) {
		char *value = strchr(item, '=');
		int ret;

		if (!value || value == item)
			return replay_fail(err, -EINVAL,
				"--what-if: '%s' is no KEY=VALUE", item);
		*value++ = '\0';
		ret = take(item, value, arg, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int unknown(const char *key, struct replay_error *err)
{
	const char *near = pcpmm_nearest_name(key, pcpmm_axis_keys());

	if (!near)
		near = pcpmm_nearest_name(key, pcpmm_sysctl_names());
	if (near)
		return replay_fail(err, -ENOENT,
			"--what-if: there is no axis, sysctl, high or batch "
			"named '%s'; did you mean '%s'?",
			key, near);
	return replay_fail(err, -ENOENT,
		"--what-if: there is no axis, sysctl, high or batch named '%s'",
		key);
}

static int take_axis(
	const char *key, const char *value, void *arg, struct replay_error *err)
{
	struct pcpmm_error error = {""};

	if (is_size(key) || is_sysctl(key))
		return 0;
	if (!is_named(key, pcpmm_axis_keys()))
		return unknown(key, err);
	if (pcpmm_config_set(arg, key, value, &error))
		return replay_fail(err, -EINVAL, "--what-if: %s", error.text);
	return 0;
}

static int take_preset(
	const char *key, const char *value, void *arg, struct replay_error *err)
{
	return strcmp(key, "preset") ? 0 : take_axis(key, value, arg, err);
}

static int take_other(
	const char *key, const char *value, void *arg, struct replay_error *err)
{
	return strcmp(key, "preset") ? take_axis(key, value, arg, err) : 0;
}

/* A preset sets all axes, so it comes first, wherever it stands. */
int whatif_change_config(const struct whatif_change *change,
	struct pcpmm_config *config, struct replay_error *err)
{
	int ret = each(change->text, take_preset, config, err);

	return ret ? ret : each(change->text, take_other, config, err);
}

/* --- sizes and sysctls ------------------------------------------------------- */

struct sizes {
	struct pcpmm_machine *machine;
	long high, batch; /* -1: as they are */
};

static int take_number(const char *key, const char *value, long *number,
	struct replay_error *err)
{
	char *end;

	errno = 0;
	*number = strtol(value, &end, 10);
	if (errno || end == value || *end || *number < 0 ||
		*number > PCPMM_PCP_BATCH_MAX)
		return replay_fail(err, -EINVAL,
			"--what-if: %s=%s is no number of pages within 0..%d",
			key, value, PCPMM_PCP_BATCH_MAX);
	return 0;
}

static int take_size(
	const char *key, const char *value, void *arg, struct replay_error *err)
{
	struct sizes *sizes = arg;
	char name[128];

	if (!strcmp(key, "high"))
		return take_number(key, value, &sizes->high, err);
	if (!strcmp(key, "batch"))
		return take_number(key, value, &sizes->batch, err);
	if (!is_sysctl(key))
		return 0;
	snprintf(name, sizeof(name), "%s%s",
		strncmp(key, "vm.", 3) ? "vm." : "", key);
	if (pcpmm_sysctl_set(sizes->machine, name, value))
		return replay_fail(err, -EINVAL,
			"--what-if: %s does not take '%s'", name, value);
	return 0;
}

static int set_pageset(const struct sizes *sizes, struct pcpmm_cpu *cpu,
	unsigned int id, unsigned int nid, unsigned int zone_type)
{
	struct pcpmm_pcp_state state = {0};
	struct pcpmm_pcp_info info;

	if (pcpmm_pcp_read(cpu, nid, zone_type, &info))
		return 0;
	state.batch = sizes->batch >= 0 ? (int)sizes->batch : info.batch;
	state.high = sizes->high >= 0 ? (int)sizes->high : info.high;
	/* A high that is given is not tuned. */
	state.high_min = sizes->high >= 0 ? state.high : info.high_min;
	state.high_max = sizes->high >= 0 ? state.high : info.high_max;
	return pcpmm_restore_pcp_state(
		sizes->machine, id, nid, zone_type, &state);
}

static int set_pagesets(const struct sizes *sizes, struct replay_error *err)
{
	struct pcpmm_machine *machine = sizes->machine;

	for (unsigned int id = 0; id < pcpmm_nr_cpus(machine); id++)
		for (unsigned int nid = 0; nid < pcpmm_nr_nodes(machine); nid++)
			for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++)
				if (set_pageset(sizes,
					    pcpmm_cpu_get(machine, id), id, nid,
					    i))
					return replay_fail(err, -EINVAL,
						"--what-if: high and batch "
						"can not be that");
	return 0;
}

int whatif_change_machine(const struct whatif_change *change,
	struct pcpmm_machine *machine, struct replay_error *err)
{
	struct sizes sizes = {machine, -1, -1};
	int ret = each(change->text, take_size, &sizes, err);

	if (ret || (sizes.high < 0 && sizes.batch < 0))
		return ret;
	return set_pagesets(&sizes, err);
}
