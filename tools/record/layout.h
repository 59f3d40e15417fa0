/* SPDX-License-Identifier: MIT */
/*
 * Where the running kernel keeps what a probe reads: members of structs and
 * arguments of functions, from the kernel's own type information (BTF).
 */
#ifndef RECORD_LAYOUT_H
#define RECORD_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct btf;

/* A member at @place bytes, or argument number @place (from 1). */
struct record_value {
	uint32_t place;
	uint8_t bytes; /* 1, 2, 4 or 8 */
	bool is_signed;
};

/* NULL with errno set. Free with btf__free(). */
struct btf *record_layout_open(const char *path);

/*
 * Each: 0; -ENOENT: the kernel has no such thing; -EINVAL: not of a size that
 * a probe can read (an array, a bit field).
 */
int record_layout_member(const struct btf *btf, const char *structure,
	const char *member, struct record_value *value);

/* @names: what kernels call the argument, "count|n". */
int record_layout_argument(const struct btf *btf, const char *function,
	const char *names, struct record_value *value);

/* value->place is 0. */
int record_layout_return(const struct btf *btf, const char *function,
	struct record_value *value);

/* Whether the kernel describes @function at all. */
bool record_layout_knows(const struct btf *btf, const char *function);

#endif
