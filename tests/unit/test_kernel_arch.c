/* SPDX-License-Identifier: MIT */
/*
 * test_kernel_arch.c - machine/kernel_arch.h: what an architecture's kernel has
 * of accounts and folds, as a function of its properties
 *
 * Each architecture's properties are written out here, independently of the
 * table; the rules run on the table's rows, on an architecture that has neither
 * property, and through the public calls. The host plays no part but in the note
 * about its own emulation.
 */
#include "support/harness.h"

#include <pcpmm/machinefile.h>
#include <unistd.h>

#include "arch/atomic.h"
#include "machine/kernel_arch.h"

static const struct {
	enum pcpmm_arch arch;
	const char *name;
	bool cmpxchg_local;
	bool cmpxchg8;
} facts[] = {
	{PCPMM_ARCH_X86_64, "x86_64", true, true},
	{PCPMM_ARCH_ARM64, "arm64", true, true},
	{PCPMM_ARCH_S390X, "s390x", true, false},
	{PCPMM_ARCH_RISCV64, "riscv64", false, false},
	{PCPMM_ARCH_LOONGARCH64, "loongarch64", false, false},
};

static const struct kernel_arch with_both = {"both", true, true};
static const struct kernel_arch with_neither = {"neither", false, false};
static const struct kernel_arch bytes_only = {"bytes", false, true};

static struct pcpmm_config config_with(
	unsigned int account, unsigned int fold, unsigned int diff)
{
	struct pcpmm_config config;

	assert_int_equal(pcpmm_config_init(&config, sizeof(config),
				 PCPMM_PRESET_LINUX_6_1),
		0);
	config.account = (enum pcpmm_account)account;
	config.fold = (enum pcpmm_fold)fold;
	config.diff = (enum pcpmm_diff)diff;
	return config;
}

/* Calls @check for each account, fold and width. */
static void each_config(const struct kernel_arch *arch,
	void (*check)(const struct kernel_arch *arch,
		const struct pcpmm_config *config))
{
	for (unsigned int a = 0; a < PCPMM_NR_ACCOUNTS; a++)
		for (unsigned int f = 0; f < PCPMM_NR_FOLDS; f++)
			for (unsigned int d = 0; d < PCPMM_NR_DIFFS; d++) {
				struct pcpmm_config config =
					config_with(a, f, d);

				check(arch, &config);
			}
}

static void each_arch(void (*check)(
	const struct kernel_arch *arch, const struct pcpmm_config *config))
{
	for (unsigned int i = 0; i < PCPMM_NR_ARCHS; i++)
		each_config(kernel_arch_of(i), check);
	each_config(&with_both, check);
	each_config(&with_neither, check);
	each_config(&bytes_only, check);
}

static void test_properties(void **state)
{
	(void)state;
	assert_int_equal(HARNESS_COUNT(facts), PCPMM_NR_ARCHS);
	for (size_t i = 0; i < HARNESS_COUNT(facts); i++) {
		const struct kernel_arch *arch = kernel_arch_of(facts[i].arch);

		assert_string_equal(arch->name, facts[i].name);
		assert_string_equal(
			pcpmm_arch_name(facts[i].arch), facts[i].name);
		assert_int_equal(arch->cmpxchg_local, facts[i].cmpxchg_local);
		assert_int_equal(arch->cmpxchg8, facts[i].cmpxchg8);
	}
	assert_null(kernel_arch_of(PCPMM_NR_ARCHS));
}

/* The backend of this build agrees with its architecture about 8 bit. */
static void test_host(void **state)
{
	unsigned int found = 0;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ARCHS; i++)
		if (!strcmp(kernel_arch_of(i)->name, ARCH_NAME)) {
			assert_int_equal(
				kernel_arch_of(i)->cmpxchg8, ARCH_HAS_CMPXCHG8);
			found++;
		}
	assert_int_equal(found, strcmp(ARCH_NAME, "generic") ? 1 : 0);
}

/* Without HAVE_CMPXCHG_LOCAL: interrupts off, and work items. */
static void check_refusal(
	const struct kernel_arch *arch, const struct pcpmm_config *config)
{
	bool fits = config->account == PCPMM_ACCOUNT_IRQOFF &&
		    config->fold == PCPMM_FOLD_LOCAL;
	struct pcpmm_error error = {""};
	int ret = kernel_arch_check(arch, config, &error);

	if (arch->cmpxchg_local || fits) {
		assert_int_equal(ret, 0);
		assert_string_equal(error.text, "");
		return;
	}
	assert_int_equal(ret, -EINVAL);
	assert_non_null(strstr(error.text, arch->name));
	assert_non_null(strstr(error.text, "HAVE_CMPXCHG_LOCAL"));
	assert_non_null(strstr(error.text, config->fold == PCPMM_FOLD_LOCAL
						   ? "account irqoff"
						   : "fold local"));
}

static void test_refusals(void **state)
{
	(void)state;
	each_arch(check_refusal);
}

/* What is chosen is never refused, and is what was asked for if that fits. */
static void check_choice(
	const struct kernel_arch *arch, const struct pcpmm_config *config)
{
	struct pcpmm_config chosen = *config, rest;

	kernel_arch_limit(arch, &chosen);
	assert_int_equal(kernel_arch_check(arch, &chosen, NULL), 0);
	if (arch->cmpxchg_local) {
		assert_memory_equal(&chosen, config, sizeof(chosen));
		return;
	}
	assert_int_equal(chosen.account, PCPMM_ACCOUNT_IRQOFF);
	assert_int_equal(chosen.fold, PCPMM_FOLD_LOCAL);
	rest = *config;
	rest.account = chosen.account;
	rest.fold = chosen.fold;
	assert_memory_equal(&chosen, &rest, sizeof(chosen));
}

static void test_choice(void **state)
{
	(void)state;
	each_arch(check_choice);
}

static void check_emulation(
	const struct kernel_arch *arch, const struct pcpmm_config *config)
{
	bool emulates = config->diff == PCPMM_DIFF_S8 && !arch->cmpxchg8 &&
			config->account != PCPMM_ACCOUNT_IRQOFF;

	assert_int_equal(kernel_arch_emulates(arch, config), emulates);
}

static void test_emulation(void **state)
{
	(void)state;
	each_arch(check_emulation);
}

/* --- notes -------------------------------------------------------------- */

/* Each that is due once, in this order, and then an empty text for ever. */
static void expect_notes(const struct kernel_arch *arch,
	const struct kernel_arch *host, const struct pcpmm_config *config,
	const char *const *parts)
{
	char text[256];

	for (unsigned int n = 0; n < 6; n++) {
		bool more = kernel_arch_note(
			arch, host, config, n, text, sizeof(text));

		assert_int_equal(more, *parts != NULL);
		if (!more) {
			assert_string_equal(text, "");
			continue;
		}
		if (!strstr(text, *parts))
			fail_msg("'%s' is not in '%s'", *parts, text);
		parts++;
	}
}

static void test_notes(void **state)
{
	const struct kernel_arch *x86_64 = kernel_arch_of(PCPMM_ARCH_X86_64);
	const struct kernel_arch *s390x = kernel_arch_of(PCPMM_ARCH_S390X);
	const struct kernel_arch *riscv64 = kernel_arch_of(PCPMM_ARCH_RISCV64);
	struct pcpmm_config bytes = config_with(
		PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_FOLD_LOCAL, PCPMM_DIFF_S8);
	struct pcpmm_config words = config_with(
		PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_REMOTE, PCPMM_DIFF_S32);
	struct pcpmm_config irqoff = config_with(
		PCPMM_ACCOUNT_IRQOFF, PCPMM_FOLD_LOCAL, PCPMM_DIFF_S8);
	static const char *const none[] = {NULL};
	static const char *const kernel[] = {"arch s390x has no cmpxchg", NULL};
	static const char *const host[] = {"this host, riscv64,", NULL};
	static const char *const both[] = {
		"arch s390x", "this host, s390x,", NULL};
	static const char *const local[] = {
		"arch riscv64 has no HAVE_CMPXCHG_LOCAL", NULL};

	(void)state;
	expect_notes(x86_64, x86_64, &bytes, none);
	expect_notes(x86_64, x86_64, &words, none);
	expect_notes(s390x, x86_64, &bytes, kernel);
	expect_notes(s390x, x86_64, &words, none);
	expect_notes(x86_64, riscv64, &bytes, host);
	expect_notes(x86_64, riscv64, &words, none);
	expect_notes(s390x, s390x, &bytes, both);
	expect_notes(riscv64, x86_64, &irqoff, local);
	expect_notes(riscv64, riscv64, &irqoff, local);
}

/* --- by name -------------------------------------------------------------- */

static void set(struct pcpmm_config *config, const char *key, const char *value)
{
	assert_int_equal(pcpmm_config_set(config, key, value, NULL), 0);
}

static void test_config_set(void **state)
{
	struct pcpmm_config config = config_with(0, 0, 0);
	char text[256];

	(void)state;
	set(&config, "arch", "riscv64");
	set(&config, "preset", "remote-fold-v8-2023");
	assert_string_equal(pcpmm_config_get(&config, "arch"), "riscv64");
	assert_string_equal(pcpmm_config_get(&config, "account"), "irqoff");
	assert_string_equal(pcpmm_config_get(&config, "fold"), "local");
	assert_string_equal(pcpmm_config_get(&config, "diff"), "s32");
	assert_true(pcpmm_config_note(&config, 0, text, sizeof(text)));
	assert_non_null(strstr(text, "riscv64"));
	assert_false(pcpmm_config_note(&config, 1, text, sizeof(text)));

	/* The preset's values come back on an architecture that has them. */
	set(&config, "arch", "arm64");
	assert_string_equal(
		pcpmm_config_get(&config, "account"), "lock_cmpxchg");
	assert_string_equal(pcpmm_config_get(&config, "fold"), "remote");
	config.arch = PCPMM_NR_ARCHS;
	assert_false(pcpmm_config_note(&config, 0, text, sizeof(text)));
}

/* A machine is refused if what was asked for does not fit its architecture. */
static void test_create(void **state)
{
	static const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {1024, 8192, 8192, 8192}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_error error = {""};

	(void)state;
	set(&config, "arch", "loongarch64");
	pcpmm_machine_destroy(create_or_fail(&config));
	set(&config, "account", "local_cmpxchg");
	config.allow_unsound = true; /* it is sound, and no kernel's */
	assert_null(pcpmm_machine_create(&config, &error));
	assert_string_equal(error.text,
		"account local_cmpxchg: arch loongarch64 has no "
		"HAVE_CMPXCHG_LOCAL; its kernel counts with interrupts off: "
		"account irqoff");
	set(&config, "arch", "loongarch64");
	set(&config, "fold", "remote");
	assert_null(pcpmm_machine_create(&config, &error));
	assert_string_equal(error.text,
		"fold remote: arch loongarch64 has no HAVE_CMPXCHG_LOCAL; "
		"there the shepherd queues work items, also in the series of "
		"2023: fold local");
}

/* In a file the order of the keys does not count. */
static void test_machine_file(void **state)
{
	static const struct {
		const char *keys;
		enum pcpmm_account account;
		enum pcpmm_fold fold;
	} files[] = {
		{"arch = riscv64\npreset = remote-fold-v4-2023\n",
			PCPMM_ACCOUNT_IRQOFF, PCPMM_FOLD_LOCAL},
		{"preset = remote-fold-v4-2023\narch = riscv64\n",
			PCPMM_ACCOUNT_IRQOFF, PCPMM_FOLD_LOCAL},
		{"preset = remote-fold-v4-2023\narch = s390x\n",
			PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_REMOTE},
		{"account = lock_cmpxchg\narch = riscv64\n",
			PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_LOCAL},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(files); i++) {
		char path[] = "/tmp/test_kernel_arch.XXXXXX";
		struct pcpmm_error error = {""};
		struct pcpmm_machinefile *file;
		const struct pcpmm_config *config;
		FILE *out = fdopen(mkstemp(path), "w");

		assert_non_null(out);
		fprintf(out, "[machine]\ncpus = 1\n%s[node 0]\nmemory = 64M\n",
			files[i].keys);
		assert_int_equal(fclose(out), 0);
		file = pcpmm_machinefile_read(path, &error);
		if (!file)
			fail_msg("%s", error.text);
		config = pcpmm_machinefile_config(file);
		assert_int_equal(config->account, files[i].account);
		assert_int_equal(config->fold, files[i].fold);
		pcpmm_machinefile_free(file);
		assert_int_equal(unlink(path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_emulation),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_config_set),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_machine_file),
	};

	return cmocka_run_group_tests_name("kernel_arch", tests, NULL, NULL);
}
