/* SPDX-License-Identifier: MIT */
/* See json.h. */
#include "json.h"

#include <errno.h>
#include <string.h>

double json_latency_us(const struct arena *arena, double quantile)
{
	return (double)pcpmm_histogram_quantile(&arena->latency, quantile) /
	       1e3;
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
