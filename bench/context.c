/* SPDX-License-Identifier: MIT */
/* The facts that explain a figure later: the host, the build, the options. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "bench.h"
#include "build_info.h"

#define COMPILER_VERSION __VERSION__
#ifdef __clang__
#define COMPILER COMPILER_VERSION
#else
#define COMPILER "gcc " COMPILER_VERSION
#endif

/* "model name" on x86; elsewhere there may be none. */
static void cpu_model(char *value, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(value, size, "unknown");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !colon)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(value, size, "%s", colon + 1 + (colon[1] == ' '));
		break;
	}
	fclose(file);
}

static void kernel_release(char *value, size_t size)
{
	struct utsname name;

	if (uname(&name))
		snprintf(value, size, "unknown");
	else
		snprintf(value, size, "%s %s %s", name.sysname, name.release,
			name.machine);
}

static void date_now(char *value, size_t size)
{
	time_t now = time(NULL);
	struct tm parts;

	if (!gmtime_r(&now, &parts) ||
		!strftime(value, size, "%Y-%m-%dT%H:%M:%SZ", &parts))
		snprintf(value, size, "unknown");
}

static void pageset(
	const struct pcpmm_machine *machine, char *value, size_t size)
{
	struct pcpmm_pcp_info info = {0};

	pcpmm_pcp_read(pcpmm_cpu_get((struct pcpmm_machine *)machine, 0), 0,
		PCPMM_ZONE_NORMAL, &info);
	snprintf(value, size,
		"%s, 1 node, %u CPUs, 8 GiB; Normal: batch %" PRId32
		", high %" PRId32,
		pcpmm_preset_name(PCPMM_PRESET_LINUX_6_1), CPUS_MAX, info.batch,
		info.high);
}

unsigned int context_facts(const struct bench *bench, struct fact *facts)
{
	const struct options *options = &bench->options;
	unsigned int n = 0;

#define FACT(name, ...)                                                        \
	do {                                                                   \
		facts[n].key = name;                                           \
		snprintf(facts[n].value, sizeof(facts[n].value), __VA_ARGS__); \
		n++;                                                           \
	} while (0)
	facts[n].key = "date";
	date_now(facts[n].value, sizeof(facts[n].value));
	n++;
	facts[n].key = "cpu_model";
	cpu_model(facts[n].value, sizeof(facts[n].value));
	n++;
	facts[n].key = "kernel";
	kernel_release(facts[n].value, sizeof(facts[n].value));
	n++;
	facts[n].key = "machine";
	pageset(bench->machine, facts[n].value, sizeof(facts[n].value));
	n++;
	FACT("compiler", "%s", COMPILER);
	FACT("flags", "%s", BUILD_FLAGS);
	FACT("atomics", "%s", BUILD_ATOMICS);
	FACT("version", "%s", BUILD_VERSION);
	FACT("commit", "%s", BUILD_COMMIT);
	FACT("host_cpus", "%u%s", bench->nr_host_cpus,
		bench->nr_host_cpus < CPUS_MAX
			? ": two CPUs share one, their figures say nothing"
			: "");
	FACT("clock_ns", "%" PRIu64, bench->team.clock_ns);
	FACT("repetitions", "%u", options->repetitions);
	FACT("min_time_ms", "%.3g", (double)options->min_time_ns / 1e6);
	FACT("seed", "%" PRIu64, options->seed);
#undef FACT
	return n;
}
