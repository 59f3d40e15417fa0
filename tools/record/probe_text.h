/* SPDX-License-Identifier: MIT */
/* The definition of one probe, as the kernel takes it in dynamic_events. */
#ifndef RECORD_PROBE_TEXT_H
#define RECORD_PROBE_TEXT_H

#include "layout.h"
#include "probes.h"
#include "symbols.h"

#include <stddef.h>

enum record_probe_style {
	RECORD_FPROBE, /* f: from 6.5; loses no hits */
	RECORD_KPROBE, /* p: and r: */
};

/* What a probe is made for. */
struct record_target {
	const struct btf *btf;
	const char *group;
	enum record_probe_style style;
	bool hashed; /* page= of the events is no address */
};

/*
 * Into @text (@size bytes): "f:GROUP/EVENT FUNCTION zone=... n=...". A value
 * that the kernel does not have is left out. 0; -ENOENT: a value is missing
 * that the reader needs, and *missing names it; -E2BIG: @size is too small.
 */
int record_probe_text(const struct record_probe *probe,
	const struct record_target *target, const char *function,
	const struct record_symbol *symbol, char *text, size_t size,
	const char **missing);

#endif
