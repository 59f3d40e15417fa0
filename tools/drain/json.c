/* SPDX-License-Identifier: MIT */
/* See json.h. */
#include "json.h"

#include <errno.h>
#include <string.h>

json_t *json_scene(const struct drain_settings *settings)
{
	return json_pack("{s:s,s:i,s:i,s:s,s:i,s:f,s:f,s:I,s:s,s:s,s:s}",
		"version", PCPMM_VERSION, "cpus", (int)settings->cpus,
		"host_cpus", (int)arena_host_cpus(), "victim",
		drain_victim_name(settings->victim), "fill_pages",
		(int)settings->fill_pages, "rate", settings->rate_hz, "seconds",
		settings->seconds, "bound_ms",
		(json_int_t)(settings->bound_ns / 1000000), "ipi",
		pcpmm_ipi_name(settings->ipi), "rcu",
		pcpmm_rcu_name(settings->rcu), "grace",
		pcpmm_grace_name(settings->grace));
}

static json_t *sums(uint64_t count, uint64_t time_ns)
{
	return json_pack("{s:I,s:f}", "count", (json_int_t)count, "us",
		(double)time_ns / 1e3);
}

json_t *json_causes(const struct pcpmm_noise *noise)
{
	json_t *causes = json_object();

	for (unsigned int i = 0; i < PCPMM_NR_NOISE_CAUSES; i++) {
		json_t *cause = sums(noise->count[i], noise->time_ns[i]);

		json_object_set_new(cause, "max_us",
			json_real((double)noise->max_ns[i] / 1e3));
		json_object_set_new(causes, pcpmm_noise_cause_name(i), cause);
	}
	json_object_set_new(
		causes, "idle", sums(noise->idle_count, noise->idle_ns));
	return causes;
}

int json_write(json_t *root, const char *path)
{
	bool to_stdout = !strcmp(path, "-");
	FILE *out;
	int ret = 0;

	if (!root)
		return -ENOMEM;
	errno = 0;
	out = to_stdout ? stdout : fopen(path, "we");
	if (!out || json_dumpf(root, out, JSON_INDENT(2)) ||
		fputc('\n', out) == EOF)
		ret = errno ? -errno : -EIO;
	if (out && !to_stdout && fclose(out) && !ret)
		ret = -errno;
	json_decref(root);
	return ret;
}
