/* SPDX-License-Identifier: MIT */
/* Whole texts, for comparison: those of tests/data, and printed reports. */
#ifndef TESTS_SUPPORT_TEXTS_H
#define TESTS_SUPPORT_TEXTS_H

#include "support/harness.h"

/* File @name of tests/data; the caller frees it. */
static inline char *data_text(const char *name)
{
	const char *folder = getenv("PCPMM_TESTS");
	char path[4096], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/data/%s", folder ? folder : "tests",
		name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: %s", path, strerror(errno));
	/* No file has a NUL, so this reads to the end. */
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

/* What pcpmm_alloc_report_print() prints; the caller frees it. */
static inline char *report_text(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure,
	enum pcpmm_report_layout layout)
{
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(
		pcpmm_alloc_report_print(cpu, failure, layout, out), 0);
	fclose(out);
	return text;
}

#endif
