/* SPDX-License-Identifier: MIT */
/* Formats error messages; see error.h. */
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

int replay_fail(struct replay_error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}
