/* SPDX-License-Identifier: MIT */
/* Members and arguments from BTF, read by libbpf; see layout.h. */
#include "layout.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Structs without a name that are open at one time. */
#define NESTED_MAX 16

struct btf *record_layout_open(const char *path)
{
	struct btf *btf;

	libbpf_set_print(NULL);
	btf = btf__parse(path, NULL);
	if (libbpf_get_error(btf))
		return NULL;
	return btf;
}

/* The size and sign of @type, if a probe can read it. */
static int read_type(
	const struct btf *btf, uint32_t type_id, struct record_value *value)
{
	int resolved = btf__resolve_type(btf, type_id);
	const struct btf_type *type =
		resolved < 0 ? NULL : btf__type_by_id(btf, (uint32_t)resolved);
	int64_t bytes;

	if (!type)
		return -EINVAL;
	if (!btf_is_int(type) && !btf_is_ptr(type) && !btf_is_any_enum(type))
		return -EINVAL;
	bytes = btf__resolve_size(btf, type_id);
	if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
		return -EINVAL;
	value->bytes = (uint8_t)bytes;
	value->is_signed =
		btf_is_int(type) && btf_int_encoding(type) & BTF_INT_SIGNED;
	return 0;
}

/* Structs without a name inside, and their offset in bytes. */
struct nested {
	const struct btf_type *type;
	uint32_t offset;
};

static bool push_nested(const struct btf *btf, const struct btf_member *member,
	uint32_t offset, struct nested *stack, int *depth)
{
	const struct btf_type *type = btf__type_by_id(btf, member->type);

	if (!type || !btf_is_composite(type) || *depth == NESTED_MAX)
		return false;
	stack[(*depth)++] = (struct nested){type, offset};
	return true;
}

int record_layout_member(const struct btf *btf, const char *structure,
	const char *member, struct record_value *value)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	struct nested stack[NESTED_MAX];
	int depth = 0;

	if (id < 0)
		return -ENOENT;
	stack[depth++] = (struct nested){btf__type_by_id(btf, (uint32_t)id), 0};
	while (depth) {
		const struct nested at = stack[--depth];
		const struct btf_member *m = btf_members(at.type);

		for (uint32_t i = 0; i < btf_vlen(at.type); i++) {
			const char *name =
				btf__name_by_offset(btf, m[i].name_off);
			uint32_t bits = btf_member_bit_offset(at.type, i);
			uint32_t offset = at.offset + bits / 8;

			if (!name || !*name) {
				push_nested(btf, &m[i], offset, stack, &depth);
				continue;
			}
			if (strcmp(name, member) != 0)
				continue;
			if (btf_member_bitfield_size(at.type, i) || bits % 8)
				return -EINVAL;
			value->place = offset;
			return read_type(btf, m[i].type, value);
		}
	}
	return -ENOENT;
}

static const struct btf_type *prototype(
	const struct btf *btf, const char *function)
{
	int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);

	if (id < 0)
		return NULL;
	return btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type);
}

bool record_layout_knows(const struct btf *btf, const char *function)
{
	return prototype(btf, function) != NULL;
}

/* Whether @name is one of "a|b". */
static bool is_one_of(const char *name, const char *names)
{
	size_t length = strlen(name);
	const char *at = names;

	while (length && at) {
		if (!strncmp(at, name, length) &&
			(at[length] == '|' || !at[length]))
			return true;
		at = strchr(at, '|');
		if (at)
			at++;
	}
	return false;
}

int record_layout_argument(const struct btf *btf, const char *function,
	const char *names, struct record_value *value)
{
	const struct btf_type *proto = prototype(btf, function);
	const struct btf_param *param;

	if (!proto)
		return -ENOENT;
	param = btf_params(proto);
	for (uint32_t i = 0; i < btf_vlen(proto); i++) {
		const char *name = btf__name_by_offset(btf, param[i].name_off);

		if (!name || !is_one_of(name, names))
			continue;
		value->place = i + 1;
		return read_type(btf, param[i].type, value);
	}
	return -ENOENT;
}

int record_layout_return(
	const struct btf *btf, const char *function, struct record_value *value)
{
	const struct btf_type *proto = prototype(btf, function);

	if (!proto || !proto->type)
		return -ENOENT;
	value->place = 0;
	return read_type(btf, proto->type, value);
}
