/* SPDX-License-Identifier: MIT */
/*
 * Type information of kernels, made by libbpf from short tables: the offsets and
 * prototypes that recorded traces of these kernels were made with.
 */
#ifndef TEST_KERNEL_BTF_H
#define TEST_KERNEL_BTF_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>

struct test_member {
	const char *structure, *type, *name;
	unsigned int offset;
};

struct test_function {
	const char *result, *name;
	const char *arguments; /* "zone* zone, int count" */
};

struct test_kernel {
	const struct test_member *members; /* grouped by structure */
	const struct test_function *functions;
};

/* Type of that name; "X*" is a pointer. Made where it is not there. */
static inline int test_type(struct btf *btf, const char *name)
{
	static const struct {
		const char *name;
		int bytes, encoding;
	} ints[] = {{"int", 4, BTF_INT_SIGNED}, {"short", 2, BTF_INT_SIGNED},
		{"unsigned int", 4, 0}, {"unsigned long", 8, 0}, {"u8", 1, 0},
		{"bool", 1, BTF_INT_BOOL}};
	size_t length = strlen(name);
	int id;

	if (!strcmp(name, "void"))
		return 0;
	if (name[length - 1] == '*')
		return btf__add_ptr(btf, 0);
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		if (strcmp(ints[i].name, name) != 0)
			continue;
		id = btf__find_by_name_kind(btf, name, BTF_KIND_INT);
		return id > 0 ? id
			      : btf__add_int(btf, name, (size_t)ints[i].bytes,
					ints[i].encoding);
	}
	if (!strcmp(name, "gfp_t"))
		return btf__add_typedef(
			btf, name, test_type(btf, "unsigned int"));
	if (!strcmp(name, "array"))
		return btf__add_array(
			btf, test_type(btf, "int"), test_type(btf, "int"), 4);
	fail_msg("no type %s", name);
	return -1;
}

static inline void test_add_structs(
	struct btf *btf, const struct test_member *member)
{
	const char *current = "";
	int types[64];
	int nr = 0;

	/* Types first: a struct's members follow it at once. */
	for (nr = 0; member[nr].name; nr++)
		types[nr] = test_type(btf, member[nr].type);
	for (int i = 0; i < nr; i++) {
		if (strcmp(current, member[i].structure) != 0) {
			current = member[i].structure;
			assert_true(btf__add_struct(btf, current, 4096) > 0);
		}
		assert_int_equal(btf__add_field(btf, member[i].name, types[i],
					 member[i].offset * 8, 0),
			0);
	}
}

static inline void test_add_function(
	struct btf *btf, const struct test_function *function)
{
	char copy[256], *rest = copy, *argument;
	int types[8], nr = 0, proto;
	const char *names[8];

	snprintf(copy, sizeof(copy), "%s", function->arguments);
	while ((argument = strsep(&rest, ","))) {
		char *name = strrchr(argument, ' ');

		*name = '\0';
		names[nr] = name + 1;
		types[nr++] = test_type(btf, argument + strspn(argument, " "));
	}
	proto = test_type(btf, function->result);
	proto = btf__add_func_proto(btf, proto);
	for (int i = 0; i < nr; i++)
		assert_int_equal(
			btf__add_func_param(btf, names[i], types[i]), 0);
	assert_true(
		btf__add_func(btf, function->name, BTF_FUNC_STATIC, proto) > 0);
}

static inline struct btf *test_btf(const struct test_kernel *kernel)
{
	struct btf *btf = btf__new_empty();

	assert_non_null(btf);
	test_add_structs(btf, kernel->members);
	for (int i = 0; kernel->functions[i].name; i++)
		test_add_function(btf, &kernel->functions[i]);
	return btf;
}

#endif
