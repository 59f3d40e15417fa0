/* SPDX-License-Identifier: MIT */
/*
 * The zoneinfo of each recorded machine, printed by a machine of this library that was
 * made from its sizes and put into its state: the same names in the same order, the
 * same columns, and the same values, but for what only a moment decides. Texts are
 * compared by their digests, see scripts/layout-pack; unit test proc compares whole
 * ones.
 */
#include "topology.h"

#include <inttypes.h>
#include <pcpmm/machine.h>
#include <pcpmm/proc.h>

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static bool starts(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* Does a moment decide the last number of this line? */
static bool is_momentary(const char *line)
{
	if (starts(line, "      ") && line[6] >= 'a' && line[6] <= 'z')
		return true;
	return starts(line, "  pages free ") ||
	       starts(line, "              count:");
}

struct digest {
	uint64_t value;
	unsigned int lines;
};

static void add(struct digest *digest, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		digest->value =
			(digest->value ^ (unsigned char)text[i]) * FNV_PRIME;
}

static struct digest digest_of(const char *text)
{
	struct digest digest = {FNV_BASIS, 0};

	while (*text) {
		size_t length = strcspn(text, "\n"), kept = length;

		if (is_momentary(text))
			while (text[kept - 1] >= '0' && text[kept - 1] <= '9')
				kept--;
		add(&digest, text, kept);
		if (kept < length)
			add(&digest, "#", 1);
		add(&digest, "\n", 1);
		digest.lines++;
		text += length + 1;
	}
	return digest;
}

/* What a machine of the dump prints; the caller frees it. */
static char *print(struct topology *topology)
{
	struct pcpmm_dump *dump = parse(topology);
	struct pcpmm_error error = {""};
	struct pcpmm_dump_restored restored;
	const struct pcpmm_config *config;
	struct pcpmm_config copy;
	struct pcpmm_machine *machine;
	enum pcpmm_preset preset;
	char name[16], *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	snprintf(name, sizeof(name), "linux-%s", topology->kernel);
	assert_int_equal(pcpmm_preset_by_name(name, &preset), 0);
	config = pcpmm_dump_config(dump, preset, &error);
	if (!config)
		fail_msg("%s: %s", topology->name, error.text);
	copy = *config;
	copy.boot = PCPMM_BOOT_HELD;
	machine = pcpmm_machine_create(&copy, &error);
	if (!machine)
		fail_msg("%s: %s", topology->name, error.text);
	assert_int_equal(pcpmm_dump_restore(dump, machine,
				 PCPMM_DUMP_RESTORE_VALUES, NULL, &restored),
		0);
	assert_int_equal(pcpmm_proc_print(machine, "zoneinfo", out), 0);
	fclose(out);
	pcpmm_machine_destroy(machine);
	pcpmm_dump_free(dump);
	return text;
}

static bool finish_topology(struct topology *topology, struct tsv *layouts)
{
	struct digest digest;
	char *text;

	if (!topology->any)
		return false;
	fclose(topology->out);
	assert_true(tsv_next(layouts));
	assert_string_equal(layouts->field[0], topology->kernel);
	assert_string_equal(layouts->field[1], topology->name);
	text = print(topology);
	digest = digest_of(text);
	if (digest.lines != tsv_number(layouts, 2) ||
		digest.value != strtoull(layouts->field[3], NULL, 16))
		fail_msg("%s %s: another text, of %u lines:\n%s",
			topology->kernel, topology->name, digest.lines, text);
	free(text);
	free_topology(topology);
	return true;
}

static void test_layouts(void **state)
{
	static struct topology topology;
	static struct tsv tsv, layouts;
	unsigned int machines = 0;

	(void)state;
	assert_true(tsv_open(&tsv, "golden/topologies.tsv"));
	assert_true(tsv_open(&layouts, "golden/layouts.tsv"));
	while (tsv_next(&tsv)) {
		if (tsv.field[0][0] == 'T') {
			machines += finish_topology(&topology, &layouts);
			start_topology(&topology, &tsv);
		} else {
			add_zone(&topology, &tsv);
		}
	}
	machines += finish_topology(&topology, &layouts);
	assert_false(tsv_next(&layouts));
	fclose(tsv.file);
	fclose(layouts.file);
	print_message("# %u zoneinfos are the recorded texts\n", machines);
	assert_true(machines >= 290);
}

/* A name, a blank or a value more, and the digest is another one. */
static void test_digest(void **state)
{
	const char *text = "      nr_mlock 5\n        min      7\n";
	struct digest digest = digest_of(text);

	(void)state;
	assert_int_equal(digest.lines, 2);
	assert_true(digest.value ==
		    digest_of("      nr_mlock 66\n        min      7\n").value);
	assert_true(digest.value !=
		    digest_of("      nr_mlock 5\n        min      8\n").value);
	assert_true(digest.value !=
		    digest_of("      nr_mlock  5\n        min      7\n").value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
