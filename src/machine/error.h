/* SPDX-License-Identifier: MIT */
/* Why a call failed, as text, and its -errno in one expression. */
#ifndef ERROR_H
#define ERROR_H

#include <pcpmm/machine.h>

/* Write the text; returns @code. @error may be NULL. */
int error_set(struct pcpmm_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4), nonnull(3)));

#endif
