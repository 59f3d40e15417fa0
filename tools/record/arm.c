/* SPDX-License-Identifier: MIT */
/* Makes the probes one by one; see arm.h. */
#include "arm.h"
#include "probe_text.h"
#include "probes.h"
#include "say.h"
#include "stats.h"
#include "symbols.h"
#include "tracing.h"

#include <bpf/btf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#define BTF_PATH "/sys/kernel/btf/vmlinux"
#define SYMBOLS_PATH "/proc/kallsyms"
#define TEXT_MAX 1024

/* What is known of the kernel. */
struct arm {
	struct record_tracing *tracing;
	struct btf *btf;
	struct record_symbol (*symbols)[RECORD_FUNCTIONS_MAX]; /* by probe */
	bool hashed; /* addresses in events, by the kernel's command line */
	FILE *log;
};

/* --- what the kernel has ------------------------------------------------ */

static int find_symbols(struct arm *arm)
{
	FILE *kallsyms = fopen(SYMBOLS_PATH, "re");
	size_t nr = record_nr_probes * RECORD_FUNCTIONS_MAX;
	const char **names = calloc(nr, sizeof(*names));
	int ret = -ENOMEM;

	arm->symbols = calloc(record_nr_probes, sizeof(*arm->symbols));
	if (!kallsyms)
		ret = -errno;
	else if (names && arm->symbols) {
		/* A name that is no function's, where there are fewer. */
		for (size_t i = 0; i < nr; i++) {
			const struct record_probe *probe =
				&record_probes[i / RECORD_FUNCTIONS_MAX];
			const char *name =
				probe->functions[i % RECORD_FUNCTIONS_MAX];

			names[i] = name ? name : "-";
		}
		ret = record_symbols_find(kallsyms, names, nr, arm->symbols[0]);
	}
	if (kallsyms)
		fclose(kallsyms);
	free(names);
	return ret;
}

static bool are_hashed(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096] = "";
	bool hashed;

	hashed = !file || !fgets(line, sizeof(line), file) ||
		 !(strstr(line, "no_hash_pointers") ||
			 strstr(line, "hash_pointers=never"));
	if (file)
		fclose(file);
	return hashed;
}

/* Why no probe can be made at all; NULL: they may be. */
static const char *refused(struct arm *arm)
{
	if (!tracefs_file_exists(NULL, "kprobe_events"))
		return "the kernel has no probes (CONFIG_KPROBE_EVENTS)";
	arm->btf = record_layout_open(BTF_PATH);
	if (!arm->btf)
		return "the kernel does not describe its structs "
		       "(" BTF_PATH ", CONFIG_DEBUG_INFO_BTF)";
	if (find_symbols(arm))
		return "no symbols in " SYMBOLS_PATH;
	arm->hashed = are_hashed();
	return NULL;
}

/* --- one probe ---------------------------------------------------------- */

static bool enable(const struct arm *arm, const struct record_probe *probe)
{
	struct tracefs_instance *instance = arm->tracing->instance;
	const char *group = arm->tracing->group;

	if (probe->filter && tracefs_event_file_write(instance, group,
				     probe->event, "filter", probe->filter) < 0)
		return false;
	return !tracefs_event_enable(instance, group, probe->event);
}

/* The kernel may refuse a probe when it is made, or when it is enabled. */
static bool try_text(const struct arm *arm, const struct record_probe *probe,
	const char *text)
{
	char removal[RECORD_GROUP_MAX + 64];

	arm->tracing->probed = true;
	if (tracefs_instance_file_append(NULL, "dynamic_events", text) < 0)
		return false;
	if (enable(arm, probe))
		return true;
	snprintf(removal, sizeof(removal), "-:%s/%s", arm->tracing->group,
		probe->event);
	tracefs_event_disable(
		arm->tracing->instance, arm->tracing->group, probe->event);
	tracefs_instance_file_append(NULL, "dynamic_events", removal);
	return false;
}

/* Reason into @why (@size) if no style is taken. */
static bool make(const struct arm *arm, const struct record_probe *probe,
	const char *function, const struct record_symbol *symbol, char *why,
	size_t size)
{
	static const enum record_probe_style styles[] = {
		RECORD_FPROBE, RECORD_KPROBE};
	const char *missing;
	char text[TEXT_MAX];

	if (symbol->kind == RECORD_SYMBOL_AMBIGUOUS) {
		snprintf(why, size, "several functions are named %s",
			symbol->name);
		return false;
	}
	for (int i = 0; i < 2; i++) {
		const struct record_target target = {
			arm->btf, arm->tracing->group, styles[i], arm->hashed};

		if (record_probe_text(probe, &target, function, symbol, text,
			    sizeof(text), &missing)) {
			snprintf(why, size, "%s: no '%s' to be read",
				symbol->name, missing ? missing : "line");
			return false;
		}
		if (try_text(arm, probe, text)) {
			fprintf(arm->log, "probe: %s\n", text);
			return true;
		}
		snprintf(why, size, "%s: %s", symbol->name, strerror(errno));
	}
	return false;
}

static void make_one(struct arm *arm, size_t index)
{
	const struct record_probe *probe = &record_probes[index];
	char why[160] = "";
	bool found = false;

	for (int i = 0; i < RECORD_FUNCTIONS_MAX; i++) {
		const struct record_symbol *symbol = &arm->symbols[index][i];

		if (!probe->functions[i])
			break;
		if (symbol->kind == RECORD_SYMBOL_NONE)
			continue;
		found = true;
		if (make(arm, probe, probe->functions[i], symbol, why,
			    sizeof(why)))
			return;
	}
	if (!found && probe->some)
		return;
	if (!found)
		snprintf(why, sizeof(why), "no function %s",
			probe->functions[0]);
	record_note("no probe %s (%s): %s", probe->event, why, probe->lost);
	fprintf(arm->log, "no probe: %s (%s): %s\n", probe->event, why,
		probe->lost);
}

/* --- all ---------------------------------------------------------------- */

void record_arm(struct record_tracing *tracing, bool often, FILE *log)
{
	struct arm arm = {.tracing = tracing, .log = log};
	const char *why = refused(&arm);

	if (why) {
		record_note("events alone, without probes: %s", why);
		fprintf(log, "no probes: %s\n", why);
		for (size_t i = 0; i < record_nr_probes; i++) {
			const struct record_probe *probe = &record_probes[i];

			if (!probe->often || often)
				fprintf(log, "no probe: %s: %s\n", probe->event,
					probe->lost);
		}
	} else {
		for (size_t i = 0; i < record_nr_probes; i++) {
			if (!record_probes[i].often || often)
				make_one(&arm, i);
		}
	}
	free(arm.symbols);
	btf__free(arm.btf);
}

int record_arm_missed(const struct record_tracing *tracing)
{
	char *profile =
		tracefs_instance_file_read(NULL, "kprobe_profile", NULL);
	int missed = 0;

	for (size_t i = 0; tracing->probed && i < record_nr_probes; i++) {
		uint64_t hits =
			record_stats_missed(profile, record_probes[i].event);

		if (!hits)
			continue;
		record_note("probe %s missed %" PRIu64 " of its hits",
			record_probes[i].event, hits);
		missed++;
	}
	free(profile);
	return missed;
}
